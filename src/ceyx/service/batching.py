"""How a batch is done: its lines are checked, then each is asked of the route it names, then the answers become files.

A batch whose service stopped on the way begins anew when it is next asked for; its answers are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
from starlette.types import ASGIApp

from ceyx.service.errors import Provider
from ceyx.service.gate import Service
from ceyx.service.inward import posted
from ceyx.service.routes.usage import identifier
from ceyx.service.store import PIECE_BYTES, Store, Stored
from ceyx.service.stored_files import described, lines
from ceyx.service.visit import now

ENDPOINTS = (
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/moderations",
    "/images/generations",
    "/images/edits",
)
"""Where lines may go; OpenAI writes them with /v1 before, Azure without."""
UNDER_WAY = ("validating", "in_progress", "finalizing", "cancelling")
MOST_LINES: dict[Provider, int] = {"openai": 50_000, "azure": 100_000}
_MOST_ERRORS = 100
_STEP = 0.05  # seconds within which a batch that pauses sees that it is cancelled
_MONTH = 30 * 24 * 3600


async def run(app: ASGIApp, service: Service, id: str) -> None:
    """Does a batch, from wherever it is to its end."""
    store = service.store
    batch = store.get("batch", id)
    if batch is None or batch["status"] not in UNDER_WAY:
        return
    if batch["status"] != "cancelling":
        errors, model, total, tokens = await asyncio.to_thread(checked, service, batch)
        if not errors and model is not None:
            errors = _too_much(service, batch, model, tokens)
        if errors:
            found = {"object": "list", "data": errors}
            store.update("batch", id, status="failed", failed_at=now(), errors=found)
            return
        counts = {"total": total, "completed": 0, "failed": 0}
        if _still(store, id):
            begun = {"in_progress_at": now(), "model": model, "request_counts": counts, "_tokens": tokens}
            store.update("batch", id, status="in_progress", **begun)
    answers, refusals = _Lines(store, batch["_output"]), _Lines(store, batch["_errors"])
    expired = await _execute(app, service, id, answers, refusals)
    _finalize(store, id, expired, answers, refusals)


async def _execute(app: ASGIApp, service: Service, id: str, answers: _Lines, refusals: _Lines) -> bool:
    """Asks the lines one after another; whether some came too late."""
    store = service.store
    expired = False
    batch = store.get("batch", id) or {}
    usage = _Usage()
    pause = service.settings.batch_seconds / max(batch["request_counts"]["total"], 1)
    for line in lines(store, batch["input_file_id"]):
        if not _still(store, id):
            break
        asked = msgspec.json.decode(line)
        if batch["expires_at"] <= now():
            refusals.add({**_answered(asked), "error": _EXPIRED})
            batch["request_counts"]["failed"] += 1
            expired = True
            continue
        status, request_id, body = await _asked(app, service, batch["_azure"], asked)
        succeeded = status < 300
        response = {"status_code": status, "request_id": request_id, "body": body}
        (answers if succeeded else refusals).add({**_answered(asked), "response": response})
        batch["request_counts"]["completed" if succeeded else "failed"] += 1
        usage.add(body)
        store.update("batch", id, request_counts=batch["request_counts"], usage=usage.said())
        await _pause(store, id, pause, batch["expires_at"])
    store.update("batch", id, request_counts=batch["request_counts"], usage=usage.said())
    return expired


async def _pause(store: Store, id: str, seconds: float, expires: int) -> None:
    """Waits as long as that, or until the batch is not to go on or expires; others get their turn in any case."""
    until = monotonic() + seconds
    await asyncio.sleep(0)
    while (left := until - monotonic()) > 0 and now() < expires and _still(store, id):  # noqa: ASYNC110  the store has no events
        await asyncio.sleep(min(left, _STEP))


_EXPIRED = {
    "code": "batch_expired",
    "message": "This request could not be executed before the completion window expired.",
}


def _answered(asked: Stored) -> Stored:
    return {"id": f"batch_req_{uuid4().hex}", "custom_id": asked["custom_id"], "response": None, "error": None}


async def _asked(app: ASGIApp, service: Service, azure: bool, asked: Stored) -> tuple[int, str, Any]:
    """The status, request id and body that a line is answered with."""
    if asked["body"].get("stream"):
        message = "Requests of a batch cannot be streamed: leave 'stream' out."
        return 400, f"req_{uuid4().hex}", {"error": {"message": message, "type": "invalid_request_error", "param": "stream"}}
    path = ("/openai/v1" if azure else "/v1") + endpoint_of(asked["url"])
    status, headers, raw = await posted(app, path, msgspec.json.encode(asked["body"]), service.own_credential)
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = raw.decode("utf-8", "replace")
    return status, headers.get("x-request-id", f"req_{uuid4().hex}"), body


def _still(store: Store, id: str) -> bool:
    """Whether the batch is to go on."""
    batch = store.get("batch", id)
    return batch is not None and batch["status"] in ("validating", "in_progress")


def _finalize(store: Store, id: str, expired: bool, answers: _Lines, refusals: _Lines) -> None:
    batch = store.get("batch", id)
    if batch is None:
        return
    if batch["status"] == "in_progress":
        batch = store.update("batch", id, status="finalizing", finalizing_at=now()) or batch
    made: Stored = {}
    for name, written, kind in (("output_file_id", answers, "output"), ("error_file_id", refusals, "error")):
        if (size := written.end()) or (batch["_azure"] and kind == "error"):  # Azure's is there, and empty, if all went well
            file = described(written.id, f"{id}_{kind}.jsonl", "batch_output", size, batch.get("_kept") or _MONTH)
            store.put("file", file["id"], file)
            made[name] = file["id"]
    if batch["status"] == "cancelling":
        made |= {"status": "cancelled", "cancelled_at": now()}
    elif expired:
        made |= {"status": "expired", "expired_at": now()}
    else:
        made |= {"status": "completed", "completed_at": now()}
    store.update("batch", id, **made)


# -- what is looked at before anything is done


def checked(service: Service, batch: Stored) -> tuple[list[Stored], str | None, int, int]:
    """What is wrong with the lines of a batch, the model they ask, how many they are, and about how many tokens."""
    provider: Provider = "azure" if batch["_azure"] else "openai"
    most, tokens = MOST_LINES[provider], 0
    errors: list[Stored] = []
    seen: set[str] = set()
    models: set[str] = set()
    number = 0
    for number, line in enumerate(lines(service.store, batch["input_file_id"]), 1):
        if number > most:
            errors.append(_error("too_many_tasks", f"The file has more than {most} requests; make several batches.", None))
            break
        tokens += (len(line) + 3) // 4
        for error in _of_line(line, batch["endpoint"], seen, models, service):
            if provider == "azure" and error["code"] == "mismatched_url":
                error["code"] = "url_mismatch"
            errors.append({**error, "line": number})
        if len(errors) >= _MOST_ERRORS:
            break
    if not number:
        errors.append(_error("empty_file", "The input file has no requests; put one JSON object on each line.", None))
    return errors, next(iter(models), None), number, tokens


def _too_much(service: Service, batch: Stored, model: str, tokens: int) -> list[Stored]:
    """The error for a batch that the queue of its deployment has no room for."""
    of_all = service.limits.by_deployment
    limit = of_all.get(model) or of_all.get("*")
    most = None if limit is None else limit.enqueued_tokens
    if most is None:
        return []
    under_way = service.store.page("batch", limit=None, where=lambda other: other["status"] in ("in_progress", "finalizing"))[0]
    if sum(other.get("_tokens", 0) for other in under_way if other["model"] == model) + tokens <= most:
        return []
    if batch["_azure"]:
        message = (
            f"The number of enqueued tokens has surpassed the configured limit of {most} for the deployment '{model}'. Either "
            "increase the limit, or try again when the jobs under way have finished."
        )
    else:
        message = (
            f"Enqueued token limit reached for {model}. Limit: {most:,} enqueued tokens. Please try again when some batches that "
            "are in progress have been completed."
        )
    return [_error("token_limit_exceeded", message, None)]


def _of_line(line: bytes, endpoint: str, seen: set[str], models: set[str], service: Service) -> Iterator[Stored]:
    try:
        asked = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        yield _error("invalid_json_line", "This line is not parseable as valid JSON: each is to be one JSON object.", None)
        return
    custom_id, body = asked.get("custom_id"), asked.get("body")
    if not isinstance(custom_id, str) or not custom_id:
        yield _error("missing_required_parameter", "Missing required parameter: 'custom_id'.", "custom_id")
    elif custom_id in seen:
        message = f"The custom_id {custom_id[:80]!r} is used by an earlier line; each must be unique."
        yield _error("duplicate_custom_id", message, "custom_id")
    else:
        seen.add(custom_id)
    if asked.get("method") != "POST":
        yield _error("invalid_method", "The method of every request must be POST.", "method")
    url = asked.get("url")
    if not isinstance(url, str) or endpoint_of(url) != endpoint_of(endpoint):
        message = f"The URL of this request does not match the batch, which is for {endpoint}."
        yield _error("mismatched_url" if isinstance(url, str) else "missing_required_parameter", message, "url")
    if not isinstance(body, dict):
        yield _error("missing_required_parameter", "Missing required parameter: 'body', a JSON object.", "body")
        return
    model = body.get("model")
    if not isinstance(model, str):
        yield _error("missing_required_parameter", "Missing required parameter: 'body.model'.", "body.model")
    elif models and model not in models:
        message = f"All requests of a batch must ask the same model; those before ask {next(iter(models))!r}."
        yield _error("model_mismatch", message, "body.model")
    elif service.named(model) is None:
        yield _error("model_not_found", f"The model `{model[:80]}` does not exist or you do not have access to it.", "body.model")
    else:
        models.add(model)


def endpoint_of(url: str) -> str:
    """A URL without the version that may stand before it."""
    return url.removeprefix("/v1") or "/"


def _error(code: str, message: str, param: str | None) -> Stored:
    return {"code": code, "message": message, "param": param, "line": None}


# -- what comes of it


class _Lines:
    """A file of JSON lines that is written while a batch goes on."""

    def __init__(self, store: Store, id: str) -> None:
        self.id = id
        self._store = store
        self._held = bytearray()
        self._size = 0
        store.delete_content(id)  # of a run that broke off

    def add(self, line: Stored) -> None:
        self._held += msgspec.json.encode(line) + b"\n"
        if len(self._held) >= PIECE_BYTES:
            self.end()

    def end(self) -> int:
        """The bytes that were written."""
        self._size += self._store.add_content(self.id, bytes(self._held))
        self._held.clear()
        return self._size


class _Usage:
    """The tokens of many answers."""

    def __init__(self) -> None:
        self.input = self.cached = self.output = self.reasoning = 0

    def add(self, body: Any) -> None:
        usage = body.get("usage") if isinstance(body, dict) else None
        if not isinstance(usage, dict):
            return
        self.input += usage.get("prompt_tokens") or usage.get("input_tokens") or 0
        self.output += usage.get("completion_tokens") or usage.get("output_tokens") or 0
        self.cached += _detail(usage, ("prompt_tokens_details", "input_tokens_details"), "cached_tokens")
        self.reasoning += _detail(usage, ("completion_tokens_details", "output_tokens_details"), "reasoning_tokens")

    def said(self) -> Stored:
        return {
            "input_tokens": self.input,
            "input_tokens_details": {"cached_tokens": self.cached},
            "output_tokens": self.output,
            "output_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": self.input + self.output,
        }


def _detail(usage: Stored, names: tuple[str, str], of: str) -> int:
    return sum((usage.get(name) or {}).get(of) or 0 for name in names)


def new(body: Any, azure: bool, kept: int | None) -> Stored:
    """A batch as it begins. What begins with _ is not shown."""
    created = now()
    times = ("in_progress_at", "finalizing_at", "completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at")
    return {
        "id": identifier("batch_"),
        "object": "batch",
        "endpoint": body.endpoint,
        "model": None,
        "errors": None,
        "input_file_id": body.input_file_id,
        "completion_window": body.completion_window,
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": created,
        "expires_at": created + 24 * 3600,
        **dict.fromkeys(times),
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "usage": None,
        "metadata": body.metadata,
        "_azure": azure,
        "_kept": kept,
        "_output": identifier("file-"),
        "_errors": identifier("file-"),
    }
