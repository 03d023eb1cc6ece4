"""What a row is, and the one error of reading and writing them."""

from __future__ import annotations

from typing import Any, NamedTuple


class InputError(ValueError):
    """The input, or the place for the output, is not there or cannot be what it is said to be."""


class Row(NamedTuple):
    """A row of the input, or why there is none in its place."""

    values: dict[str, Any]
    error: str | None = None
