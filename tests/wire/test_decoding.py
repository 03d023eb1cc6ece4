"""JSON from servers: what is read, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ceyx.wire.decoding import MAX_DEPTH, UNREADABLE, decoded


@pytest.mark.parametrize("text", ["null", "[]", '{"a": [1, 2.5, "x", true, null]}', '"\\ud83d\\ude00"', '"é\u2028"'])
def test_what_is_json(text):
    assert decoded(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "content",
    [b"", b"[DONE]", b"{", b"[1,]", b"NaN", b"Infinity", b"<html>", b'"\xff"', b'{"a": "\\ud83d", "b": NaN}', b"[" * 100_000],
)
def test_what_is_none(content):
    with pytest.raises(UNREADABLE):
        decoded(content)


def test_half_of_a_surrogate_pair_is_kept():
    assert decoded(b'{"text": "a\\ud83d"}') == {"text": "a\ud83d"}
    assert decoded(b'{"text": "\\ude00b", "n": 1.5}') == {"text": "\ude00b", "n": 1.5}


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * depth + closing * depth).encode()


def test_depth_is_bounded():
    assert decoded(nested(MAX_DEPTH)) is not None
    for deep in (
        nested(MAX_DEPTH + 1),
        nested(400),
        nested(300, '{"a":', "}").replace(b":}", b":1}"),
        nested(300, '[1,{"x":', "}]").replace(b":}", b":0}"),
    ):
        with pytest.raises(RecursionError, match="more than 200 levels"):
            decoded(deep)


@pytest.mark.parametrize(
    "value",
    [
        [[0.5] * 50] * 1000,
        [{"a": [{"b": []}]}] * 500,
        {"text": "[" * 5000},
        {"text": "}{][" * 5000, "more": [[1], [2]] * 300},
        {"code": "[" * 300 + "]" * 300},
    ],
)
def test_many_brackets_are_not_many_levels(value: Any):
    assert decoded(json.dumps(value).encode()) == value
