"""What Azure's content filter says beside an answer. Here it finds everything safe, but where a fault says otherwise."""

from __future__ import annotations

from typing import Any

_DEGREES = ("hate", "self_harm", "sexual", "violence")
Findings = dict[str, Any]
CATEGORIES = (
    *("violence", "hate", "self_harm", "sexual"),
    *("jailbreak", "indirect_attack"),
    *("profanity", "protected_material_text", "protected_material_code", "ungrounded_material", "custom_blocklists"),
)
"""All that it looks for: in both, in prompts, and the rest in answers (or in both, if so configured)."""


def of_text() -> Findings:
    """The results for a piece of an answer."""
    return {name: {"filtered": False, "severity": "safe"} for name in _DEGREES}


def of_prompts(count: int = 1) -> list[Findings]:
    """The results for each prompt."""
    results = {**of_text(), "jailbreak": {"filtered": False, "detected": False}}
    return [{"prompt_index": i, "content_filter_results": results} for i in range(count)]


def holding(category: str, severity: str) -> Findings:
    """The results for a text that was withheld because of this category; of the severity, where it has degrees."""
    found: Findings = {"filtered": True}
    if category in _DEGREES:
        found["severity"] = severity
    elif category == "custom_blocklists":
        found["details"] = [{"filtered": True, "id": "blocklist-1"}]
    else:
        found["detected"] = True
    if category == "protected_material_code":
        found["citation"] = {"URL": "https://github.com/example/repository", "license": "MIT"}
    if category == "ungrounded_material":
        found["details"] = [{"completion_start_offset": 0, "completion_end_offset": 4}]
    return {**of_text(), category: found}


def of_response(source: str, results: Findings, *, blocked: bool = False) -> Findings:
    """An entry of `content_filters`, in which responses have what chats have in two places. `source`: prompt or completion."""
    offsets = {"start_offset": 0, "end_offset": 0, "check_offset": 0}
    told = {"blocked": blocked, "source_type": source, "content_filter_raw": [], "content_filter_results": results}
    return {**told, "content_filter_offsets": offsets}


def later(index: int, length: int, found: Findings | None) -> dict[str, Any]:
    """The chunk in which an asynchronous filter says what it found in a choice, and ends that where it should not have come."""
    results = {"finish_reason": "content_filter" if found else None, "content_filter_results": found or of_text()}
    offsets = {"check_offset": length, "start_offset": 0, "end_offset": length}
    choice: dict[str, Any] = {"index": index, **results, "content_filter_raw": [], "content_filter_offsets": offsets}
    return {"id": "", "object": "", "created": 0, "model": "", "choices": [choice], "usage": None}
