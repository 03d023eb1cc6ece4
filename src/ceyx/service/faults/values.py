"""How the values of a fault's parameters are written, and read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan
from typing import Any

_size = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMG])i?)?B?", re.IGNORECASE).fullmatch
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a fault takes. `default` is written as a user would write it; empty, where there is none."""

    name: str
    default: str
    about: str
    read: Callable[[str], Any]
    """The value of a text. Raises ValueError that says what is allowed."""

    @property
    def keyword(self) -> str:
        return self.name.replace("-", "_")


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError("a whole number, such as 3")
    return int(text)


def some(text: str) -> int:
    number = count(text)
    if not number:
        raise ValueError("a whole number above 0")
    return number


def count_or_inf(text: str) -> float:
    return inf if text == "inf" else count(text)


def seconds(text: str) -> float:
    """A duration; inf lasts for ever."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if isnan(number) or number < 0:
        raise ValueError("a number of seconds, such as 0.5, or inf")
    return number


def size(text: str) -> int:
    form = _size(text)
    if form is None:
        raise ValueError("a number of bytes, such as 300KiB or 512MiB")
    return int(float(form[1]) * 1024 ** _POWERS[(form[2] or "").lower()])


def status(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 200 <= int(text) <= 599):
        raise ValueError("a status from 200 to 599")
    return int(text)


def plain(text: str) -> str:
    """Any text that a header can carry."""
    if not text.isprintable():
        raise ValueError("text without control characters")
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return read


def yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("yes or no")
    return text == "yes"
