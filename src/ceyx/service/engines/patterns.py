"""A string that a regular expression matches, for the plain ones found in JSON schemas."""

from __future__ import annotations

import re

_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n", "r": "\r"}
_ASSERTIONS = "bBAZz"
_LONGEST = 10_000


def found(pattern: str, text: str) -> bool | None:
    """Whether `pattern` is found in `text`; None where Python cannot read it, for it is written for another dialect."""
    try:
        return re.search(pattern, text) is not None
    except (re.error, OverflowError, RecursionError, FutureWarning):  # a warning where warnings are errors
        return None


def example(pattern: str) -> str | None:
    """A string in which `pattern` is found; None where the expression is too much for this reader."""
    try:
        text, end = _alternatives(pattern, 0)
        return text if end == len(pattern) and found(pattern, text) else None
    except (IndexError, ValueError, StopIteration, re.error, RecursionError, FutureWarning):
        return None


def _alternatives(pattern: str, at: int) -> tuple[str, int]:
    """The first of several alternatives; the others are read and dropped."""
    first, at = _sequence(pattern, at)
    while pattern[at : at + 1] == "|":
        _, at = _sequence(pattern, at + 1)
    return first, at


def _sequence(pattern: str, at: int) -> tuple[str, int]:
    made: list[str] = []
    while at < len(pattern) and pattern[at] not in "|)":
        atom, at = _atom(pattern, at)
        times, at = _times(pattern, at)
        if times * len(atom) > _LONGEST:
            raise ValueError("a text too long")
        made.append(atom * times)
    return "".join(made), at


def _atom(pattern: str, at: int) -> tuple[str, int]:
    sign = pattern[at]
    if sign == "(":
        opening = re.compile(r"\((\?:|\?P?<\w+>)?").match(pattern, at)
        if opening is None or pattern[opening.end()] == "?":
            raise ValueError("a lookaround")
        text, at = _alternatives(pattern, opening.end())
        if pattern[at] != ")":
            raise ValueError("no closing parenthesis")
        return text, at + 1
    if sign == "[":
        return _set(pattern, at + 1)
    if sign == "\\":
        escaped = pattern[at + 1]
        if escaped in _ASSERTIONS:
            return "", at + 2
        if escaped.isalnum() and escaped not in _CLASSES:
            raise ValueError("an escape with a meaning of its own")
        return _CLASSES.get(escaped, escaped), at + 2
    if sign in "^$":
        return "", at + 1
    return ("a" if sign == "." else sign), at + 1


def _set(pattern: str, at: int) -> tuple[str, int]:
    """A character of the set; of a negated one, the first usual character that is not in it."""
    start, negated = at - 1, pattern[at] == "^"
    at += negated
    first = at
    while pattern[at] != "]" or at == first:
        at += 2 if pattern[at] == "\\" else 1
    if not negated:
        char = pattern[first]
        return (_CLASSES.get(pattern[first + 1], pattern[first + 1]) if char == "\\" else char), at + 1
    members = re.compile(pattern[start : at + 1])
    return next(char for char in "aA0-_ .!\n" if members.match(char)), at + 1


def _times(pattern: str, at: int) -> tuple[int, int]:
    """How often the atom before is repeated: as seldom as allowed, but once where that is allowed too."""
    sign = pattern[at : at + 1]
    if sign and sign in "*+?":
        times, at = 1, at + 1
    elif bounds := re.compile(r"\{(\d*)(,?)(\d*)\}").match(pattern, at):
        low = int(bounds[1] or 0)
        times, at = (low or (0 if bounds[3] == "0" or not bounds[2] else 1)), bounds.end()
    else:
        return 1, at
    return times, at + (pattern[at : at + 1] in ("?", "+"))
