"""What the properties are asked of: how thoroughly, and streams, JSON and texts made to be awkward."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import settings, strategies as some

# The same examples on every run and machine: a failure is of the change, not of the day. `make fuzz` does the long search.
quick = settings(derandomize=True, deadline=None, database=None, max_examples=100)
thorough = settings(quick, max_examples=300)  # where it is small
quicker = settings(quick, max_examples=40)  # where an example is large

line_text = some.text(some.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12) | some.sampled_from(
    ["[DONE]", '{"a":1}', "\u2028", "a\u2029b", "\x85", "\x0b\x0c\x1c", "\ufeff", ": :", " lead", "tail ", "\0", "é😀"]
)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """`stream` in pieces, with a piece ending at each place."""
    ends = sorted({min(place, len(stream)) for place in places} | {0, len(stream)})
    return [stream[start:end] for start, end in itertools.pairwise(ends)]


places = some.lists(some.integers(0, 250), max_size=12)

finite = some.floats(allow_nan=False, allow_infinity=False)
text = some.text(some.characters(exclude_categories=["Cs"]), max_size=8)
scalar: Any = some.none() | some.booleans() | some.integers(-(2**63), 2**64 - 1) | finite | text


def json_values(names: Any, leaves: Any = scalar, size: int = 20) -> Any:
    """Any JSON whose objects have fields of these names."""
    return some.recursive(
        leaves,
        lambda inner: some.lists(inner, max_size=3) | some.dictionaries(names, inner, max_size=5),
        max_leaves=size,
    )


# What has a meaning in a URL, what some readers take for it, and what no person sees.
marks = [
    "/",
    "..",
    ".",
    "?",
    "#",
    "%",
    "%2e",
    "%2F",
    "\\",
    ";",
    "&",
    "=",
    "+",
    " ",
    "@",
    ":",
    "//",
    "[]",
    "'",
    '"',
    "http://evil.example",
]
lookalikes = ["\u2028", "\u202e", "\uff0e", "\uff0f", "\ud800", "\r\n", "\n", "\0", "\x7f", "é"]
awkward_text = some.text(max_size=30) | some.lists(some.sampled_from([*marks, *lookalikes, "a", "gpt-4o"]), max_size=6).map(
    "".join
)
