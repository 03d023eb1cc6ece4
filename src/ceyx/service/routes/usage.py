"""The `usage` of an answer, and the identifiers it goes under."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from typing import Any

from ceyx.service.answers import Answer

_LETTERS = string.ascii_letters + string.digits
FINGERPRINT = "fp_ceyx_local"


def identifier(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(29))


def usage(prompt: int, answers: Iterable[Answer], *, details: bool = True) -> dict[str, Any]:
    """Tokens of the prompt and of all choices; text completions have no details."""
    completion = sum(answer.tokens for answer in answers)
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
