"""JSON from servers, as plain data. What is none, or would break those who go through it, is one of `UNREADABLE`."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
MAX_DEPTH = 200
"""Levels of nesting: pickle, copy and repr of what is some 400 deep end in a RecursionError far from here."""
LONG = 1 << 16

_decode = msgspec.json.decode
_others = bytes(set(range(256)) - set(b"[]{}"))
_steps = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # one level down or up, as signed bytes
_surrogate = re.compile(rb"\\u[dD][89a-fA-F]").search


def decoded(content: bytes) -> Any:
    """The value of `content`. Raises one of `UNREADABLE`: for no JSON, no UTF-8, or more than `MAX_DEPTH` levels."""
    try:
        value = _decode(content)
    except msgspec.DecodeError:
        if _surrogate(content) is None:
            raise
        value = _with_halves(content)
    if len(content) > 2 * MAX_DEPTH and _may_be_deep(content) and _is_deep(content, value):
        raise RecursionError(f"JSON of more than {MAX_DEPTH} levels")
    return value


def _with_halves(content: bytes) -> Any:
    """For text with half of a surrogate pair, as servers send that cut text between the two; the stricter decoder refuses it."""
    import json

    def no_constant(name: str) -> None:
        raise msgspec.DecodeError(f"JSON has no {name}")

    try:
        return json.loads(content, parse_constant=no_constant)
    except ValueError as error:
        raise msgspec.DecodeError(str(error)) from None


def _may_be_deep(content: bytes) -> bool:
    """Whether `content` has enough brackets for it."""
    if len(content) < LONG:
        return content.count(b"[") + content.count(b"{") > MAX_DEPTH
    left = MAX_DEPTH
    for bracket in b"[", b"{":  # in long content, such as that of vectors, brackets are far apart: found faster than counted
        at = content.find(bracket)
        while at >= 0:
            if not left:
                return True
            left -= 1
            at = content.find(bracket, at + 1)
    return False


def _is_deep(content: bytes, value: Any) -> bool:
    """Whether `value` has too many levels. Its brackets tell quickly where it cannot have them; those within text blur that."""
    steps = memoryview(content.translate(_steps, _others)).cast("b")
    if max(accumulate(steps)) <= MAX_DEPTH and -min(accumulate(steps)) < MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = [held for each in level for held in (each.values() if type(each) is dict else each)]
        level = [held for held in inner if type(held) is dict or type(held) is list]
        if not level:
            return False
    return True
