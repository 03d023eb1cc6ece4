"""How a fine-tuning job goes: its files are checked, it waits, it trains step by step, and a model comes of it.

Nothing is learned: losses fall along a curve, and the new model answers as the one it came from. A job whose service stopped
on the way goes on from its last step when it is next asked for.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec

from ceyx.service.catalogue import model_named
from ceyx.service.gate import Service
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.stored_files import lines, make_file
from ceyx.service.tokens import estimate
from ceyx.service.visit import now

UNDER_WAY = ("validating_files", "queued", "running")
OPEN = (*UNDER_WAY, "paused")
ORGANISATION = "ceyx-local"
LEAST_EXAMPLES = 10
_CHECKPOINTS = 3  # of the last epochs
_MOST_STEPS = 10_000
# Seconds, so that whoever asks can see each state.
_WAITING = 0.05
_RUNNING = 0.5


async def run(service: Service, id: str) -> None:
    """Takes a job from wherever it is to its end, or until it is paused or cancelled."""
    store = service.store
    job = store.get("fine_tuning.job", id)
    if job is None:
        return
    if job["status"] == "validating_files":
        await asyncio.sleep(_WAITING)
        error, examples, tokens = await asyncio.to_thread(checked, store, job)
        if not _is(store, id, "validating_files"):
            return
        if error is not None:
            store.update("fine_tuning.job", id, status="failed", error=error, finished_at=now())
            event(store, id, error["message"], "error")
            return
        _plan(store, job, examples, tokens)
        event(store, id, "Files validated, moving job to queued state")
    if _is(store, id, "queued"):
        await asyncio.sleep(_WAITING)
        if _is(store, id, "queued"):
            store.update("fine_tuning.job", id, status="running", estimated_finish=now() + math.ceil(_RUNNING))
            event(store, id, "Fine-tuning job started")
    await _train(store, id)


async def _train(store: Store, id: str) -> None:
    job = store.get("fine_tuning.job", id)
    while job is not None and job["status"] == "running":
        steps: int = job["_steps"]
        step: int = job["_step"] + 1
        metrics = metrics_at(step, steps, job["validation_file"] is not None)
        if step == 1 or step % max(1, steps // 10) == 0:
            said = ", ".join(f"{name.replace('_', ' ')}={value:.2f}" for name, value in metrics.items() if name.endswith("loss"))
            event(store, id, f"Step {step}/{steps}: {said.replace('train loss', 'training loss')}", data=metrics)
        epochs = job["hyperparameters"]["n_epochs"]
        an_epoch = steps // epochs
        if step % an_epoch == 0 and step < steps and step // an_epoch > epochs - _CHECKPOINTS:
            _checkpoint(store, job, step, metrics, f"{job['_name']}:ckpt-step-{step}")
        job = store.update("fine_tuning.job", id, _step=step)
        if job is not None and step >= steps:
            _succeed(store, job, metrics)
            return
        if step % max(1, steps // 20) == 0:
            await asyncio.sleep(_RUNNING / 20)
            job = store.get("fine_tuning.job", id)


def _plan(store: Store, job: Stored, examples: int, tokens: int) -> None:
    """What `auto` comes to, and how many steps there will be."""
    given = job["hyperparameters"]
    batch = given["batch_size"] if given["batch_size"] != "auto" else max(1, min(examples // 500, 256))
    epochs = given["n_epochs"] if given["n_epochs"] != "auto" else 3
    rate = given["learning_rate_multiplier"] if given["learning_rate_multiplier"] != "auto" else 2.0
    chosen = {"batch_size": batch, "n_epochs": epochs, "learning_rate_multiplier": rate}
    method = job["method"]
    if "hyperparameters" in (method.get(method["type"]) or {}):
        method[method["type"]]["hyperparameters"] |= chosen
    steps = epochs * max(1, min(-(-examples // batch), _MOST_STEPS // epochs))
    more = {"_steps": steps, "_step": 0, "_tokens": tokens * epochs}
    store.update("fine_tuning.job", job["id"], status="queued", hyperparameters=chosen, method=method, **more)


def _succeed(store: Store, job: Stored, metrics: dict[str, float]) -> None:
    steps = job["_steps"]
    validated = job["validation_file"] is not None
    _checkpoint(store, job, steps, metrics, job["_name"], said=False)
    event(store, job["id"], "New fine-tuned model created")
    results = make_file(store, "step_metrics.csv", "fine-tune-results", _table(steps, validated))
    ended = {"fine_tuned_model": job["_name"], "result_files": [results["id"]], "trained_tokens": job["_tokens"]}
    store.update("fine_tuning.job", job["id"], status="succeeded", finished_at=now(), estimated_finish=None, **ended)
    event(store, job["id"], "The job has successfully completed")


def _checkpoint(store: Store, job: Stored, step: int, metrics: dict[str, float], name: str, said: bool = True) -> None:
    """The model as it is at a step, to be used from now on."""
    validated = {f"full_{key}": value for key, value in metrics.items() if key.startswith("valid")}
    made = {
        "id": identifier("ftckpt_"),
        "object": "fine_tuning.job.checkpoint",
        "created_at": now(),
        "fine_tuned_model_checkpoint": name,
        "step_number": step,
        "metrics": {"step": step, **metrics, **validated},
        "fine_tuning_job_id": job["id"],
    }
    store.put("fine_tuning.checkpoint", str(made["id"]), made, parent=job["id"])
    store.put("model", name, {"id": name, "base": job["_base"], "created": now()})
    if said:
        event(store, job["id"], f"Checkpoint created at step {step}")


def metrics_at(step: int, steps: int, validated: bool) -> dict[str, float]:
    """The same falling curve for every job."""
    done = step / steps
    loss = round(0.4 + 1.9 * math.exp(-3.5 * done) + 0.05 * math.sin(2.4 * step), 4)
    metrics = {"train_loss": loss, "train_mean_token_accuracy": round(1 - loss / 3, 4)}
    if validated:
        metrics |= {"valid_loss": round(loss * 1.1, 4), "valid_mean_token_accuracy": round(1 - loss * 1.1 / 3, 4)}
    return metrics


def _table(steps: int, validated: bool) -> Iterator[bytes]:
    yield (",".join(["step", *metrics_at(1, steps, validated)]) + "\n").encode()
    for step in range(1, steps + 1):
        yield (",".join(map(str, [step, *metrics_at(step, steps, validated).values()])) + "\n").encode()


def event(store: Store, job: str, message: str, level: str = "info", data: dict[str, float] | None = None) -> None:
    """Notes something that happened in a job."""
    id = f"ftevent-{uuid4().hex[:24]}"
    kind = "message" if data is None else "metrics"
    about = {"created_at": now(), "level": level, "message": message, "type": kind, "data": data or {}}
    store.put("fine_tuning.event", id, {"object": "fine_tuning.job.event", "id": id, **about}, parent=job)


def _is(store: Store, id: str, status: str) -> bool:
    return (store.get("fine_tuning.job", id) or {}).get("status") == status


# -- what is looked at before anything is done


def checked(store: Store, job: Stored) -> tuple[Stored | None, int, int]:
    """What is wrong with the files of a job, how many examples it has to learn from, and about how many tokens they are."""
    check = _CHECKS.get(job["method"]["type"], _chat)
    if job["method"]["type"] == "supervised" and model_named(job["_base"]).kind == "completion":
        check = _completion
    examples = tokens = 0
    for param in ("training_file", "validation_file"):
        if job[param] is None:
            continue
        count, size, wrong = _examples(store, job[param], check)
        least = LEAST_EXAMPLES if param == "training_file" else 1
        if wrong is None and count < least:
            wrong = f"it has {count} example(s), but must have at least {least}"
        if wrong is not None:
            noun = param.replace("_", " ")
            message = f"The job failed due to an invalid {noun}: {wrong}."
            return {"code": f"invalid_{param}", "param": param, "message": message}, 0, 0
        if param == "training_file":
            examples, tokens = count, size
    return None, examples, tokens


def _examples(store: Store, file: str, check: Callable[[Stored], str | None]) -> tuple[int, int, str | None]:
    if store.get("file", file) is None:
        return 0, 0, "it has been deleted"
    count = tokens = 0
    for count, line in enumerate(lines(store, file), 1):
        try:
            example = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return count, 0, f"line {count} is not valid JSON"
        wrong = check(example) if isinstance(example, dict) else "it is no JSON object"
        if wrong is not None:
            return count, 0, f"example {count}: {wrong}"
        tokens += estimate(line.decode("utf-8", "replace"))
    return count, tokens, None


def _conversation(messages: Any, name: str) -> str | None:
    if not isinstance(messages, list) or not messages:
        return f"{name!r} must be a list of messages that is not empty"
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            return f"each of {name!r} must be an object with a 'role', one of {', '.join(_ROLES)}"
        if message.get("content") is None and not message.get("tool_calls") and not message.get("function_call"):
            return f"a message of {name!r} has no 'content'"
    return None


_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def _chat(example: Stored) -> str | None:
    wrong = _conversation(example.get("messages"), "messages")
    if wrong is None and not any(message["role"] == "assistant" for message in example["messages"]):
        return "it has no message of the assistant to learn from"
    return wrong


def _completion(example: Stored) -> str | None:
    if not (isinstance(example.get("prompt"), str) and isinstance(example.get("completion"), str)):
        return "it must have a 'prompt' and a 'completion', both text"
    return None


def _preference(example: Stored) -> str | None:
    asked = example.get("input")
    wrong = _conversation(asked.get("messages") if isinstance(asked, dict) else None, "input.messages")
    answers = ("preferred_output", "non_preferred_output")
    return wrong or next((why for name in answers if (why := _conversation(example.get(name), name))), None)


_CHECKS: dict[str, Callable[[Stored], str | None]] = {
    "supervised": _chat,
    "dpo": _preference,
    "reinforcement": lambda example: _conversation(example.get("messages"), "messages"),
}
