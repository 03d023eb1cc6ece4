"""What comes of a row: an answer or an error as the ledger keeps it, and the row of the output that it becomes. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from ceyx import errors
from ceyx.bulk.job import Job
from ceyx.bulk.ledger import Item, State
from ceyx.rates import Used, first

Verdict = Literal["limited", "again", "failed", "poison", "fatal"]
COLUMNS = (
    "ceyx_status",
    "ceyx_error",
    "ceyx_attempts",
    "ceyx_input_tokens",
    "ceyx_output_tokens",
    "ceyx_cost",
    "ceyx_model",
    "ceyx_finish_reason",
    "ceyx_request_id",
    "ceyx_seconds",
)


def of_answer(completion: Any, used: Used | None, job: Job) -> tuple[State, dict[str, Any]]:
    """Whether an answer is what the job asks for, and what to keep of it."""
    kept: dict[str, Any] = {
        "model": first(completion, "model"),
        "request_id": completion._request_id,
        "input_tokens": None if used is None else used.input,
        "output_tokens": None if used is None else used.output,
    }
    try:
        return _of_choice(completion, job, kept)
    except (AttributeError, TypeError) as error:  # some servers break their own schema
        return "poison", {**kept, "answer": None, "error": f"the answer is not what the API promises: {error}"}


def _of_choice(completion: Any, job: Job, kept: dict[str, Any]) -> tuple[State, dict[str, Any]]:
    if not completion.choices:
        return "poison", {**kept, "error": "the answer has no choices"}
    choice = completion.choices[0]
    message = choice.message
    kept["finish_reason"] = choice.finish_reason
    kept["answer"] = message.content
    if message.tool_calls:
        kept["answer"] = [call.model_dump(exclude_none=True) for call in message.tool_calls]
    elif message.refusal:
        return "poison", {**kept, "answer": None, "error": f"the model refused: {message.refusal}"}
    if choice.finish_reason == "content_filter":
        return "poison", {**kept, "error": "the content filter stopped the answer"}
    if job.schema is None or message.tool_calls:
        return "done", kept
    if choice.finish_reason == "length":
        return "poison", {**kept, "error": "the answer was cut at the limit of its tokens, so it is no whole JSON"}
    try:
        kept["answer"] = _of_shape(message.content or "", job)
    except (ValueError, RecursionError) as error:
        return "poison", {**kept, "error": f"the answer does not fit the schema: {error}"}
    return "done", kept


def _of_shape(text: str, job: Job) -> Any:
    if not isinstance(job.schema, Mapping):
        from ceyx.structured import parsed

        parsed(text, job.schema)  # raises for what does not fit
    return msgspec.json.decode(text)


def verdict(error: errors.OpenAIError) -> Verdict:
    """What an error means for its row, and for the job."""
    if isinstance(error, errors.DeploymentsUnavailableError):
        return "failed" if error.retry_after is None else "limited"
    if isinstance(error, errors.AuthenticationError | errors.PermissionDeniedError | errors.NotFoundError):
        return "fatal"  # of all rows alike: to go on would make an error of each
    if not isinstance(error, errors.APIError):
        return "fatal"
    if error.code == "insufficient_quota":
        return "fatal"
    if not error.retryable:
        return "failed" if isinstance(error, errors.APIConnectionError) else "poison"
    if isinstance(error, errors.APIResponseValidationError) or getattr(error, "answered", False):
        return "failed"  # it may have been billed: another run may ask again, this one does not by itself
    return "limited" if isinstance(error, errors.RateLimitError) else "again"


def may_have_cost(error: errors.OpenAIError) -> bool:
    """Whether the server may have done the work, though there is no answer."""
    if isinstance(error, errors.APIResponseValidationError):
        return True
    return isinstance(error, errors.APIConnectionError) and (error.answered or error.received is not None)


def kind_of(error: errors.OpenAIError) -> str:
    """The kind of an error, to count by."""
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__


def of_error(error: errors.OpenAIError) -> dict[str, Any]:
    """What to keep of an error."""
    return {"error": str(error), "kind": kind_of(error), "request_id": getattr(error, "request_id", None)}


def as_output(item: Item, job: Job) -> dict[str, Any]:
    """The row of the output: that of the input, the answer, and how it came about."""
    values: dict[str, Any] = msgspec.json.decode(item.row)
    result: dict[str, Any] = msgspec.json.decode(item.result)
    error = result.get("error")
    if item.state == "skipped":
        error = "not asked: the budget was used up"
    elif item.state in ("unknown", "sent"):
        error = "sent by a run that ended before the answer came; it may have been paid"
    values.setdefault(job.answer, result.get("answer"))
    more = (
        "error" if item.state in ("poison", "failed") else item.state,
        error,
        item.attempts,
        result.get("input_tokens"),
        result.get("output_tokens"),
        item.nanodollars / 1e9 if result.get("priced") else None,
        result.get("model"),
        result.get("finish_reason"),
        result.get("request_id"),
        result.get("seconds"),
    )
    return values | dict(zip(COLUMNS, more, strict=True))


def columns_of(items: Iterable[Item], job: Job) -> list[str]:
    """The columns of all rows of the output, in the order in which they are first met."""
    found: dict[str, None] = {}
    for item in items:
        found.update(dict.fromkeys(msgspec.json.decode(item.row)))
    return list(dict.fromkeys([*found, job.answer, *COLUMNS]))
