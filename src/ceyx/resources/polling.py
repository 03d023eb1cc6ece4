"""Asking again until something is done: what the flows that poll share."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from ceyx.wire.call import Call, WithHeaders

R = TypeVar("R")


def polled(call: Call[R]) -> Generator[Any, Any, tuple[R, float | None]]:
    """The answer to `call`, and the seconds that the server asks to wait before the next; None where it does not say."""
    response = yield WithHeaders(call)
    said = response.headers.get("openai-poll-after-ms", "")
    return response.parse(), int(said) / 1000 if said.isdecimal() else None
