"""What Azure's content filter says beside an answer. Here it finds everything safe."""

from __future__ import annotations

from typing import Any

_CATEGORIES = ("hate", "self_harm", "sexual", "violence")
FIRST_VERSION = "2023-06-01"
"""The api-version from which answers carry the filter's results."""


def of_text() -> dict[str, Any]:
    """The results for a piece of an answer."""
    return {name: {"filtered": False, "severity": "safe"} for name in _CATEGORIES}


def of_prompts(count: int = 1) -> list[dict[str, Any]]:
    """The results for each prompt."""
    results = {**of_text(), "jailbreak": {"filtered": False, "detected": False}}
    return [{"prompt_index": i, "content_filter_results": results} for i in range(count)]
