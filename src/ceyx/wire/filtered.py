"""What content filters say, in error bodies and in answers: both providers' shapes, old and new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CODES = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})


def findings_in(body: object) -> dict[str, Any]:
    """The findings by category in the error object of a blocked prompt; empty where it names none.

    Azure puts them into `innererror` (chats) or `inner_error` (images), and into a list beside the code (responses).
    """
    if not isinstance(body, Mapping):
        return {}
    for name in ("innererror", "inner_error"):
        inner = body.get(name)
        if isinstance(inner, Mapping):
            found = inner.get("content_filter_result") or inner.get("content_filter_results")
            if isinstance(found, Mapping):
                return dict(found)
    merged: dict[str, Any] = {}
    filters = body.get("content_filters")
    for one in filters if isinstance(filters, list) else ():
        found = one.get("content_filter_results") if isinstance(one, Mapping) else None
        merged.update(found if isinstance(found, Mapping) else {})
    return merged


def stopped(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The part of an answer, not yet wrapped, that a content filter stopped; None where none did.

    For chats and legacy completions the choice, for responses the answer itself.
    """
    choices = answer.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("finish_reason") == "content_filter":
            return choice
    details = answer.get("incomplete_details")
    if isinstance(details, dict) and details.get("reason") == "content_filter":
        return {"content_filter_results": findings_in(answer)}
    return None
