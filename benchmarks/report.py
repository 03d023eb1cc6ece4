"""The table: medians side by side, what they say of ceyx, and which promises hold. Pure text; `__main__.py` measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import sub, truediv
from typing import Final

from benchmarks import replies
from benchmarks.cases import SHORT, Case, Row, Suite
from benchmarks.tables import Results, machine, markdown, version

NUMBERS: Final = range(2, 7)
"""The columns of numbers, aligned to the right."""


def table(suite: Suite, cases: Sequence[Case], results: Results) -> str:
    """The rows of these cases as a Markdown table with aligned columns, then what failed."""
    head = ("", "unit", *suite.subjects, f"{suite.reference} / ceyx", "ceyx - floor", "promised")
    lines = [head, *(_cells(suite, case, row, results) for case in cases for row in case.rows)]
    failed = [f"{case}, {subject}: not measured: {reason}" for (case, subject), reason in results.failures.items()]
    return "\n".join([markdown(lines, NUMBERS), *(["", *failed] if failed else [])]) + "\n"


def _cells(suite: Suite, case: Case, row: Row, results: Results) -> tuple[str, ...]:
    reference, ceyx, floor = suite.subjects.values()
    medians = [results.median(case.name, name, row.figure) for name in suite.subjects.values()]
    ratio = results.between(case.name, reference, ceyx, row.figure, truediv)
    added = results.between(case.name, ceyx, floor, row.figure, sub)
    shown_ratio = "" if ratio is None else f"{_number(ratio)}x"
    promised = "; ".join(_promises(row, ratio, medians[1], added))
    return (row.title, row.unit, *map(_number, medians), shown_ratio, _number(added), promised)


def _promises(row: Row, ratio: float | None, ceyx: float | None, added: float | None) -> Iterator[str]:
    if row.ratio is not None:
        yield f"{row.ratio:g}x less: {_verdict(None if ratio is None else ratio >= row.ratio)}"
    if row.most is not None:
        yield f"at most {row.most:g} {row.unit}: {_verdict(None if ceyx is None else ceyx <= row.most)}"
    if row.added is not None:
        yield f"at most {row.added:g} over the floor: {_verdict(None if added is None else added <= row.added)}"


def _verdict(holds: bool | None) -> str:
    return "not measured" if holds is None else "met" if holds else "**missed**"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def document(suite: Suite, table: str, *, rounds: int, settled: bool) -> str:
    """The page that a full run leaves behind."""
    versions = ", ".join(f"{name} {version(name)}" for name in suite.packages)
    cores = (
        "The client keeps to one core and the server to another."
        if settled
        else "Client and server share the cores: this system does not let a process choose, or has one core."
    )
    return f"""# {suite.title}

Written by `make bench`: all figures come from one run on one machine. Other machines give other figures; ratios travel better.

- Machine: {machine()}.
- Versions: {versions}.
{suite.compared}
- Figures: CPU time, user and system, of all threads of the client's process, for one unit, after warming up, with the garbage
  collector on. Each measurement is a process of its own; the subjects take turns in each of {rounds} rounds. Shown are medians;
  ratios and differences are the medians of those within a round, whose measurements follow one another. Imports, first requests
  and peak memory (1 MB is a million bytes) are of a fresh process from start to end, Python itself included, in
  {rounds * SHORT} rounds, as a process is short. What is kept is what `tracemalloc` counts over 2,000 of them, once.
- Server: one asyncio process on loopback, HTTP/1.1 with keep-alive, replies rendered beforehand: a completion of a kilobyte
  with 23 headers; streams of chunks of about 325 bytes, each an HTTP chunk of its own, {replies.BURST:,} in one go
  or {replies.PACED:,} with at least a millisecond after each; embeddings as base64, which all subjects ask for.
  {cores}
- Every subject looks at what it got: the text of a completion or a chunk, the first number of every vector.

{table}"""
