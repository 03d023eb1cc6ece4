"""The cases: what is asked of which service, and what is told of it. Data, read by `__main__.py` and `report.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["cpu", "share", "memory", "kills", "limit"]


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    name: str
    title: str
    unit: str
    kind: Kind
    way: str
    """The first segment of the path, which says how the service answers."""
    rows: int
    at_once: int
    quick: int
    """The rows of a run that only sees whether everything works."""
    of: tuple[str, ...] | None = None
    """The subjects it is for; None is all."""
    fewer: tuple[tuple[str, int], ...] = ()
    """Subjects that are given so many rows only, as they do not end with more."""
    most: float | None = None
    least: float | None = None
    """What ceyx promises."""


FEWER: Final = (("daft", 900),)  # it sends all rows at once, and with 1,200 it did not end
AWAITED: Final = ("ceyx", "openai", "langchain", "async-batch-llm")
SOME: Final = tuple((peer, 10_000) for peer in AWAITED[1:])  # with which they take a minute each


def _memory(rows: int, title: str, quick: int) -> Case:
    return Case(f"memory-{title}", f"peak memory, {rows:,} rows", "MB", "memory", "zero", rows, 100, quick, of=("ceyx",))


CASES: Final = (
    Case("cpu", "CPU, 100 at once", "us a row", "cpu", "zero", 10_000, 100, 300, fewer=FEWER, most=250),
    Case("share-200", "calls of 50 ms, 200 at once", "% of ideal", "share", "wait-50", 6000, 200, 400, of=AWAITED),
    Case("share-1000", "calls of 50 ms, 1,000 at once", "% of ideal", "share", "wait-50", 10_000, 1000, 2000, of=AWAITED),
    Case("share-250", "calls of 250 ms, 1,000 at once", "% of ideal", "share", "wait-250", 30_000, 1000, 1000, of=("ceyx",)),
    Case(
        "share-slow",
        "calls of 1 s, 1,000 at once",
        "% of ideal",
        "share",
        "wait-1000",
        30_000,
        1000,
        1000,
        AWAITED,
        SOME,
        least=90,
    ),
    _memory(10_000, "10k", 1000),
    _memory(100_000, "100k", 2000),
    _memory(1_000_000, "1m", 4000),
    Case(
        "kills", "calls repeated per kill, 64 at once", "calls", "kills", "wait-50", 4000, 64, 600, of=("ceyx", "async-batch-llm")
    ),
    Case(
        "refused", "refused by a service of 3,000 a minute", "of 1,000 rows", "limit", "quota-3000", 1000, 100, 400, fewer=FEWER
    ),
)
KILLS: Final = 8


def patience(rows: int) -> float:
    """Seconds after which a measurement counts as one that does not end."""
    return 60 + rows / 50


def ideal(case: Case, rows: int) -> float:
    """The seconds that a job takes if nothing but the calls takes time."""
    return -(-rows // case.at_once) * int(case.way.removeprefix("wait-")) / 1000
