"""How a run of an evaluation goes: a model answers each row that wants an answer, and the graders judge what there is.

A run whose service stopped on the way begins anew when it is next asked for; its answers are the same. What rows and prompts
are is in `eval_data.py`, what graders say in `grading.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
from starlette.types import ASGIApp

from ceyx.service import grading
from ceyx.service.eval_data import MOST_TOKENS, Broken, Data, JSONLines, Row, of_chat, of_response, request, rows
from ceyx.service.gate import Service
from ceyx.service.inward import posted
from ceyx.service.store import Store, Stored
from ceyx.service.visit import now

EVAL, RUN, DATA, ITEM = "eval", "eval.run", "eval.run.data_source", "eval.run.output_item"
UNDER_WAY = ("queued", "in_progress")
_WAITING = 0.05  # seconds, so that whoever asks can see each state


async def run(app: ASGIApp, service: Service, id: str) -> None:
    """Takes a run to its end, or until it is cancelled."""
    store = service.store
    await asyncio.sleep(_WAITING)
    evaluation = store.get(EVAL, (store.get(RUN, id) or {}).get("eval_id", ""))
    if evaluation is None or not _goes_on(store, id):
        return
    store.delete_children(id)  # of a run that broke off
    data = msgspec.convert(store.get(DATA, id), Data)
    tally = Tally([each["name"] for each in evaluation["testing_criteria"]], getattr(data, "model", None))
    azure = bool((store.update(RUN, id, status="in_progress", **tally.said()) or {})["_azure"])
    await asyncio.sleep(_WAITING)
    work = _Work(app, service, azure, evaluation, data)
    try:
        for number, row in enumerate(rows(service, data.source)):
            found = await work.item(row)
            if not _goes_on(store, id):
                return
            made = f"outputitem_{uuid4().hex}"
            about = {"id": made, "object": ITEM, "run_id": id, "eval_id": evaluation["id"], "created_at": now()}
            store.put(ITEM, made, {**about, "datasource_item_id": number, "datasource_item": row.item, **found}, parent=id)
            tally.add(found)
            store.update(RUN, id, **tally.said())
        if not tally.total:
            raise Broken("no_rows", "The data source has no rows, so there is nothing to evaluate.")
    except Broken as broken:
        store.update(RUN, id, status="failed", error={"code": broken.code, "message": broken.message})
    except Exception:
        said = "The local service failed; its log (logger ceyx.service) has the reason."
        store.update(RUN, id, status="failed", error={"code": "server_error", "message": said})
        raise
    else:
        if _goes_on(store, id):
            store.update(RUN, id, status="completed")


def _goes_on(store: Store, id: str) -> bool:
    return (store.get(RUN, id) or {}).get("status") in UNDER_WAY


def forget(service: Service, id: str) -> None:
    """Deletes a run, which ends where it is."""
    service.work.stop(id)
    service.store.delete_children(id)
    for kind in (DATA, RUN):
        service.store.delete(kind, id)


def lacking(evaluation: Stored, item: Stored) -> str | None:
    """The first field that rows of an evaluation must have and this one has not."""
    config = evaluation["data_source_config"]
    schema = config["schema"]["properties"]["item"] if config["type"] == "custom" else {}
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    return next((name for name in names if name not in item), None)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done with each row."""

    app: ASGIApp
    service: Service
    azure: bool
    evaluation: Stored
    data: Data

    async def item(self, row: Row) -> Stored:
        """The status, results and sample of a row. Raises Broken for a row that is none, and a grader that is not played."""
        if name := lacking(self.evaluation, row.item):
            raise Broken("invalid_item", f"A row has no field {name!r}, which the item_schema of the evaluation requires.")
        known, sample = await self._sampled(row)
        if sample["error"]:
            return {"status": "error", "results": [], "sample": sample}
        results = [
            await asyncio.to_thread(_judged, criterion, known, row.item) for criterion in self.evaluation["testing_criteria"]
        ]
        status = "error" if any("error" in each for each in results) else "pass"
        if status == "pass" and not all(each["passed"] for each in results):
            status = "fail"
        return {"status": status, "results": results, "sample": sample}

    async def _sampled(self, row: Row) -> tuple[Stored, Stored]:
        """The answer to a row as templates find it, and as it is shown."""
        if isinstance(self.data, JSONLines) or self.data.model is None:
            known = row.sample or {}
            text = known.get("output_text")
            known = {**(grading.sampled(text) if isinstance(text, str) else {}), **known}
            return known, _sample(known, {}, None)
        try:
            path, body = request(self.data, row.item)
        except ValueError as wrong:
            return {}, _sample({}, {}, {"code": "invalid_prompt", "message": str(wrong)})
        try:
            known, usage = _read(path, *await self._posted(path, body))
        except _Unanswered as unanswered:
            return {}, _sample({}, body, {"code": unanswered.code, "message": unanswered.message})
        return known, _sample(known, body, None, usage)

    async def _posted(self, path: str, body: Stored) -> tuple[int, bytes]:
        """The status and body that the service answers itself with."""
        path = ("/openai/v1" if self.azure else "/v1") + path
        status, _, raw = await posted(self.app, path, msgspec.json.encode(body), self.service.own_credential)
        return status, raw


class _Unanswered(Exception):
    """A request that the service refused itself, or answered with something else than an answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _read(path: str, status: int, raw: bytes) -> tuple[Stored, Stored]:
    """An answer as templates find it, and its usage. Raises _Unanswered for what is none: faults are meant to do that."""
    try:
        answer = msgspec.json.decode(raw)
        if status == 200:
            known = (of_chat if path == "/chat/completions" else of_response)(answer)
            return {"model": answer["model"], **known}, answer.get("usage") or {}
        refused = answer["error"]
        said = _Unanswered(str(refused["code"] or status), str(refused["message"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        said = _Unanswered(str(status), f"What came with status {status} is no answer: {raw[:80].decode('utf-8', 'replace')!r}")
    raise said


def _judged(criterion: Stored, known: Stored, item: Stored) -> Stored:
    """What a grader says of a row."""
    about = {"name": criterion["name"], "type": criterion["type"].replace("_", "-") + "-grader"}
    try:
        reward = grading.score(grading.parsed(criterion), known, item).reward
    except grading.NotPlayed as missing:
        raise Broken("grader_not_available", f"Grader {criterion['name']!r}: {missing}") from None
    except ValueError as wrong:
        return {**about, "score": 0.0, "passed": False, "error": {"code": "invalid_template", "message": str(wrong)}}
    threshold = criterion.get("pass_threshold")
    return {**about, "score": reward, "passed": reward >= (1 if threshold is None else threshold)}


def _sample(known: Stored, asked: Stored, error: Stored | None, usage: Stored | None = None) -> Stored:
    """An answer as output items show it, with what was asked."""
    spoken = asked.get("messages") or asked.get("input") or []
    limit = asked.get("max_completion_tokens") or asked.get("max_output_tokens") or MOST_TOKENS
    return {
        "input": [{"role": each["role"], "content": _text(each["content"])} for each in spoken],
        "output": [{"role": "assistant", "content": known["output_text"]}] if "output_text" in known else [],
        "finish_reason": known.get("finish_reason") or "stop",
        "model": known.get("model") or asked.get("model") or "",
        "usage": _counted(usage or {}),
        "error": error,
        "temperature": asked.get("temperature", 1.0),
        "max_completion_tokens": limit,
        "top_p": asked.get("top_p", 1.0),
        "seed": asked.get("seed", 42),
    }


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if isinstance(part.get("text"), str))


def _counted(usage: Stored) -> dict[str, int]:
    """The tokens of an answer, of chats or of responses, by the names that evaluations have for them."""
    read: int = usage.get("prompt_tokens") or usage.get("input_tokens") or 0
    written: int = usage.get("completion_tokens") or usage.get("output_tokens") or 0
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    total = {"total_tokens": read + written, "completion_tokens": written, "prompt_tokens": read}
    return {**total, "cached_tokens": details.get("cached_tokens", 0)}


@dataclass(slots=True)
class Tally:
    """What became of the rows of a run."""

    criteria: list[str]
    model: str | None
    total: int = 0
    by_status: dict[str, int] = field(default_factory=lambda: {"pass": 0, "fail": 0, "error": 0})
    verdicts: list[list[int]] = field(init=False)
    """How often each grader failed and passed a row."""
    calls: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: _counted({}))

    def __post_init__(self) -> None:
        self.verdicts = [[0, 0] for _ in self.criteria]

    def add(self, item: Stored) -> None:
        self.total += 1
        self.by_status[item["status"]] += 1
        for verdict, result in zip(self.verdicts, item["results"], strict=False):  # a row without an answer has no results
            if "error" not in result:
                verdict[result["passed"]] += 1
        usage = item["sample"]["usage"]
        self.calls += bool(usage["total_tokens"])
        self.tokens = {name: count + usage[name] for name, count in self.tokens.items()}

    def said(self) -> Stored:
        """The fields of a run that tell it."""
        counts = {"errored": self.by_status["error"], "failed": self.by_status["fail"], "passed": self.by_status["pass"]}
        by_grader = [
            {"testing_criteria": name, "passed": passed, "failed": failed}
            for name, (failed, passed) in zip(self.criteria, self.verdicts, strict=True)
        ]
        used = [{"model_name": self.model, "invocation_count": self.calls, **self.tokens}] if self.model else []
        counted = {"result_counts": {"total": self.total, **counts}, "per_testing_criteria_results": by_grader}
        return {**counted, "per_model_usage": used}
