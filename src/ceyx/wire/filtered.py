"""What content filters say, in error bodies and in answers: both providers' shapes, old and new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Source = Literal["prompt", "completion"]

CODES = frozenset({"content_filter", "contentFilter", "content_policy_violation", "moderation_blocked"})
_VIOLATION = "ResponsibleAIPolicyViolation"  # as the inner error calls it, whatever the outer one does
_told = re.compile(r"safety_violations=\[([^\]]*)\]").search


def blocked(body: object) -> tuple[Source, dict[str, Any]] | None:
    """Whether the error object `body` is a content filter's: what it looked at, and what it found; None for other errors."""
    if not isinstance(body, Mapping):
        return None
    inner = body.get("innererror") or body.get("inner_error")
    if str(body.get("code")) not in CODES and not (isinstance(inner, Mapping) and inner.get("code") == _VIOLATION):
        return None
    said = str(body.get("message"))
    sources = [one.get("source_type") for one in _filters(body)]
    of_answer = sources[:1] == ["completion"] or said.startswith("Generated image")  # of an image that was made and withheld
    found = findings_in(body)
    if not found and (told := _told(said)):  # as models of images say it
        found = {name.strip(): {"filtered": True} for name in told[1].split(",") if name.strip()}
    return "completion" if of_answer else "prompt", found


def findings_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """The findings by category in an error object, or in a response; empty where it names none.

    Azure puts them into `innererror` (chats) or `inner_error` (images), and into a list beside the code (responses).
    """
    for name in ("innererror", "inner_error"):
        inner = body.get(name)
        if isinstance(inner, Mapping):
            found = inner.get("content_filter_result") or inner.get("content_filter_results")
            if isinstance(found, Mapping):
                return dict(found)
    merged: dict[str, Any] = {}
    for one in _filters(body):
        found = one.get("content_filter_results")
        merged.update(found if isinstance(found, Mapping) else {})
    return merged


def _filters(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of `content_filters` that blocked something; all of them, where none says so."""
    entries = body.get("content_filters")
    entries = [one for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else []
    return [one for one in entries if one.get("blocked")] or entries


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
