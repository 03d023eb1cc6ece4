"""The `usage` of an answer, and the identifiers it goes under."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

from ceyx.service.answers import Answer, Counted
from ceyx.service.tokens import Tokens

_LETTERS = (string.ascii_letters + string.digits).encode()
_TO_LETTERS = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
FINGERPRINT = "fp_ceyx_local"


def identifier(prefix: str) -> str:
    return prefix + secrets.token_bytes(29).translate(_TO_LETTERS).decode()


def usage(prompt: int, answers: Iterable[Answer], tokens: Tokens, *, details: bool = True) -> dict[str, Any]:
    """Tokens of the prompt and of all choices; text completions have no details."""
    completion = sum(answer.counted(tokens) for answer in answers)
    counted: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    if details:
        counted["prompt_tokens_details"] = {"cached_tokens": 0, "audio_tokens": 0}
        counted["completion_tokens_details"] = {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        }
    return counted


def corrected(usage: dict[str, Any], given: Mapping[Counted, int]) -> dict[str, Any]:
    """`usage`, in either of its spellings, with these numbers in place of its own."""
    read, written = ("prompt", "completion") if "prompt_tokens" in usage else ("input", "output")
    if not given or f"{read}_tokens" not in usage:
        return usage
    made = dict(usage)
    for side, number, part, detail in (
        (read, given.get("input"), "cached_tokens", given.get("cached")),
        (written, given.get("output"), "reasoning_tokens", given.get("reasoning")),
    ):
        if number is not None and f"{side}_tokens" in made:
            made[f"{side}_tokens"] = number
        if detail is not None and f"{side}_tokens_details" in made:
            made[f"{side}_tokens_details"] = {**made[f"{side}_tokens_details"], part: detail}
    made["total_tokens"] = made[f"{read}_tokens"] + made.get(f"{written}_tokens", 0)
    return made
