"""The search: inputs are changed at random, and those that reach new lines in a new order are changed further.

What AFL and libFuzzer do, in small, with nothing to install: atheris, which brings libFuzzer to Python, is for Linux and macOS,
and for some versions of Python only. Knows no target: see `targets.py`.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

LONGEST = 4096  # bytes of an input; what breaks a parser is rarely longer, and short ones run faster
MOST_LINES = 1_000_000  # run for one input: above it, something does not end
TOKEN = re.compile(rb'"[^"]*"|[\w.-]+')
NUMBERS = [b"0", b"-1", b"1", b"127", b"255", b"65536", b"2147483648", b"18446744073709551616", b"1e400", b"nan", b"\xff", b"\0"]


class TooLong(Exception):
    """An input kept the target busy for more than MOST_LINES lines."""


class Target(NamedTuple):
    """What is searched: `run` raises for a bug. `files` end in these names, and their lines guide the search."""

    name: str
    run: Callable[[bytes], None]
    words: list[bytes]
    files: tuple[str, ...]


class Found(NamedTuple):
    """An input that breaks a target, made as small as it could be, and how it breaks it."""

    data: bytes
    error: Exception


Step = tuple[int, int, int]
"""From one line to another, and how often: once, twice, some times, many."""


class Coverage:
    """Runs a target, and tells which steps it took."""

    def __init__(self, target: Target) -> None:
        self._run, self._files = target.run, target.files
        self._ours: dict[int, bool] = {}  # by the identity of code, whose hash would be worked out anew for each line
        self._times: dict[tuple[int, int], int] = {}
        self._last = self._lines = 0

    def of(self, data: bytes) -> set[Step]:
        """The steps that `data` causes. Raises what the target raises."""
        self._times, self._last, self._lines = {}, 0, 0
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            self._run(data)
        finally:
            sys.settrace(before)
        return {(*step, min(times.bit_length(), 4)) for step, times in self._times.items()}

    def _called(self, frame: FrameType, _event: str, _what: Any) -> Any:
        code = frame.f_code
        ours = self._ours.get(id(code))
        if ours is None:
            ours = self._ours[id(code)] = code.co_filename.replace("\\", "/").endswith(self._files)
        return self._stepped if ours else None

    def _stepped(self, frame: FrameType, event: str, _what: Any) -> Any:
        if event == "line":
            line = id(frame.f_code) * 10_000 + frame.f_lineno
            step = self._last, line
            self._times[step] = self._times.get(step, 0) + 1
            self._last = line
            self._lines += 1
            if self._lines > MOST_LINES:
                raise TooLong(f"more than {MOST_LINES:,} lines were run")
        return self._stepped


class Search:
    """A search that can be run for some seconds; the same `seed` makes the same inputs."""

    def __init__(self, target: Target, corpus: list[bytes], seed: int) -> None:
        self.target = target
        self.runs = 0
        self.inputs: list[bytes] = []  # those that took a step no earlier one took
        self.steps: set[Step] = set()
        self._corpus = corpus
        self._coverage = Coverage(target)
        self._random = random.Random(seed)

    def run(self, seconds: float) -> Found | None:
        """The first input that breaks the target; None if none was found in time."""
        end = time.monotonic() + seconds
        for data in self._corpus:
            if found := self._try(data):
                return found
        while time.monotonic() < end:
            if found := self._try(self._changed(self._random.choice(self.inputs or [b""]))):
                return found
        return None

    def _try(self, data: bytes) -> Found | None:
        self.runs += 1
        try:
            steps = self._coverage.of(data)
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            return self._smallest(data, error)
        if not steps <= self.steps:
            self.steps |= steps
            self.inputs.append(data)
        return None

    def _changed(self, data: bytes) -> bytes:
        choose = self._random
        for _ in range(choose.choice([1, 1, 2, 3, 5, 8])):
            if choose.random() < 0.3 and (tokens := list(TOKEN.finditer(data))):
                start, end = choose.choice(tokens).span()
            else:
                start = choose.randint(0, len(data))
                end = min(len(data), start + choose.choice([0, 1, 1, 2, 4, 8, 32, 128]))
            before, within, after = data[:start], data[start:end], data[end:]
            match choose.randrange(8):
                case 0:
                    within = b""
                case 1:
                    within *= choose.choice([2, 3, 20])
                case 2:
                    within = bytes(byte ^ (1 << choose.randrange(8)) for byte in within)
                case 3:
                    within = choose.randbytes(choose.choice([1, 2, 4]))
                case 4:
                    within = choose.choice(NUMBERS)
                case 5:
                    within += choose.choice(self.target.words)
                case 6:
                    within = choose.choice(self.target.words)
                case _:
                    other = choose.choice(self.inputs or [b""])
                    from_ = choose.randint(0, len(other))
                    within = other[from_ : from_ + choose.choice([4, 16, 64, 256])]
            data = (before + within + after)[:LONGEST]
        return data

    def _smallest(self, data: bytes, error: Exception) -> Found:
        """`data` less all that can be left out with the same kind of error at the same place."""
        size = len(data) // 2
        while size:
            for start in range(0, len(data), size):
                shorter = data[:start] + data[start + size :]
                try:
                    self._coverage.of(shorter)
                except Exception as other:  # noqa: BLE001  # the same?
                    if _place(other) == _place(error):
                        data, error = shorter, other
                        break
            else:
                size //= 2
        return Found(data, error)


def _place(error: BaseException) -> tuple[type, int]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return type(error), trace.tb_lineno if trace is not None else 0
