"""What comes of a row: an error as the ledger keeps it, and the row of the output that an answer or an error becomes. No I/O."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from ceyx import errors
from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.ledger import Item
from ceyx.bulk.rows import Kind

Verdict = Literal["limited", "again", "failed", "poison", "fatal"]
SHORTEST_KEY = 6  # a placeholder such as "local" is no secret, and a word that texts hold
KINDS: dict[str, Kind] = {
    "ceyx_status": "text",
    "ceyx_error": "text",
    "ceyx_attempts": "whole",
    "ceyx_input_tokens": "whole",
    "ceyx_output_tokens": "whole",
    "ceyx_cost": "number",
    "ceyx_model": "text",
    "ceyx_finish_reason": "text",
    "ceyx_request_id": "text",
    "ceyx_seconds": "number",
}


def verdict(error: errors.OpenAIError) -> Verdict:
    """What an error means for its row, and for the job."""
    if isinstance(error, errors.DeploymentsUnavailableError):
        return "failed" if error.retry_after is None else "limited"
    if isinstance(error, errors.AuthenticationError | errors.PermissionDeniedError | errors.NotFoundError):
        return "fatal"  # of all rows alike: to go on would make an error of each
    if not isinstance(error, errors.APIError):
        return "fatal"
    if error.code == "insufficient_quota" or _is_of_the_job(error):
        return "fatal"
    if not error.retryable:
        return "failed" if isinstance(error, errors.APIConnectionError) else "poison"
    if isinstance(error, errors.APIResponseValidationError) or getattr(error, "answered", False):
        return "failed"  # it may have been billed: another run may ask again, this one does not by itself
    return "limited" if isinstance(error, errors.RateLimitError) else "again"


def _is_of_the_job(error: errors.APIError) -> bool:
    """Whether it is about a parameter that is the same for all rows: the model does not take it, whatever it is asked."""
    return error.code in _UNSUPPORTED and re.split(r"[.\[]", error.param or "messages")[0] not in _OF_ROWS


_UNSUPPORTED = ("unknown_parameter", "unsupported_parameter", "unsupported_value")
_OF_ROWS = ("messages", "input", "file")


def may_have_cost(error: errors.OpenAIError) -> bool:
    """Whether the server may have done the work, though there is no answer."""
    if isinstance(error, errors.APIResponseValidationError):
        return True
    return isinstance(error, errors.APIConnectionError) and (error.answered or error.received is not None)


def kind_of(error: errors.OpenAIError) -> str:
    """The kind of an error, to count by."""
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__


def of_error(error: errors.OpenAIError, key: str = "") -> dict[str, Any]:
    """What to keep of an error; not the key, which some servers quote."""
    said = str(error).replace(key, "[key]") if len(key) >= SHORTEST_KEY else str(error)
    return {"error": said, "kind": kind_of(error), "request_id": getattr(error, "request_id", None)}


def as_output(item: Item, job: AnyJob) -> dict[str, Any]:
    """The row of the output: that of the input, the answer, and how it came about."""
    values: dict[str, Any] = msgspec.json.decode(item.row)
    result: dict[str, Any] = msgspec.json.decode(item.result)
    error = result.get("error")
    if item.state == "skipped":
        error = "not asked: the budget was used up"
    elif item.state in ("unknown", "sent"):
        error = "sent by a run that ended before the answer came; it may have been paid"
    values.setdefault(job.answer, job.shown(result.get("answer")))
    more = (
        "error" if item.state in ("poison", "failed") else item.state,
        error,
        item.attempts,
        result.get("input_tokens"),
        result.get("output_tokens"),
        # That of the answer. What earlier tries may have cost is in the ledger, and no price of anything.
        result.get("nanodollars", item.nanodollars) / 1e9 if result.get("priced") else None,
        result.get("model"),
        result.get("finish_reason"),
        result.get("request_id"),
        result.get("seconds"),
    )
    return values | dict(zip(KINDS, more, strict=True))


def kinds_of(job: AnyJob) -> dict[str, Kind]:
    """The columns that the output has after those of the input, and what they hold."""
    return {job.answer: "vector" if job.answers == "vector" else "text", **KINDS}
