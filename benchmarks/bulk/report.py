"""The table of the bulk benchmark and its page: pure text; `__main__.py` measures."""

from __future__ import annotations

from typing import Final

from benchmarks.bulk.cases import CASES, KILLS, Case
from benchmarks.bulk.server import BURST
from benchmarks.bulk.subjects import SUBJECTS
from benchmarks.tables import Results, machine, markdown, version

FIGURE: Final = "figure"


def table(results: Results) -> str:
    """A Markdown table of what was measured, and what was not."""
    lines = [("", "unit", *(subject.title for subject in SUBJECTS.values()), "promised of ceyx")]
    for case in CASES:
        found = [results.median(case.name, name, FIGURE) for name in SUBJECTS]
        if any(value is not None for value in found) or any(name == case.name for name, _ in results.failures):
            lines.append((case.title, case.unit, *map(_number, found), _promise(case, found[0])))
        if case.kind == "limit" and results.median(case.name, "ceyx", FIGURE) is not None:
            lost = [results.median(case.name, name, "lost") for name in SUBJECTS]
            lines.append(("rows of these that got no answer", "rows", *map(_number, lost), "none"))
    failed = [
        f"- {SUBJECTS[name].title}, {by_name[case].title}: not measured: {why}" for (case, name), why in results.failures.items()
    ]
    numbers = range(2, 2 + len(SUBJECTS))
    return "\n".join([markdown(lines, numbers), *(["", *failed] if failed else [])]) + "\n"


by_name: Final = {case.name: case for case in CASES}


def _promise(case: Case, found: float | None) -> str:
    if found is None:
        return ""
    if case.most is not None:
        return f"at most {case.most:g}: {_verdict(found <= case.most)}"
    if case.least is not None:
        return f"at least {case.least:g}: {_verdict(found >= case.least)}"
    return ""


def _verdict(holds: bool) -> str:
    return "met" if holds else "**missed**"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def document(table: str, rounds: int, settled: bool) -> str:
    """The page that a full run leaves behind."""
    packages = dict.fromkeys(package for subject in SUBJECTS.values() for package in subject.packages)
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    cores = "The job keeps to one core and the service to another." if settled else "Job and service share the cores."
    return f"""# A question about every row of a file

Written by `python -m benchmarks.bulk`: all figures come from one run on one machine. Other machines give other figures; ratios
travel better.

- Machine: {machine()}.
- Versions: {versions}.
- Subjects: ceyx, which reads Parquet and writes Parquet and keeps its ledger; `openai` with a semaphore and a line of JSON for
  each answer, as scripts do it; `abatch` of `ChatOpenAI`; async-batch-llm with its SQLite store; Daft's `prompt` from Parquet to
  Parquet, which sends all rows at once, and is given 900 of them: with 1,200 it did not end when this was written. Each has its
  defaults, and is told nothing of the service's limits.
- CPU: user and system time of all threads, from before the input is opened until the output is there, for a row; after a job of
  100 rows that imports and connects. {"One round" if rounds == 1 else f"The median of {rounds} rounds"}, in which the
  subjects take turns, each in a process of its own.
- Share of ideal: the time that the calls alone would take, of the time that the job took, its start and the writing of the output
  included. One process can do no more than its CPU a row allows: at 250 us that is 4,000 rows a second, and 1,000 calls of 50 ms
  at once would be 20,000. Calls of 250 ms and of 1 s are 30,000 for ceyx, whose first 16 are alone until the service has said
  what it allows, and those of 1 s 10,000 for the others, which take long enough.
- Memory: the largest resident size of the whole process, Python and pyarrow included.
- Kills: the job is ended {KILLS} times by `kill -9` at random moments and started again; counted is what the service was asked
  more than once, for each kill. The others keep nothing that they could go on from.
- Refused: requests that the service answered with 429 until all rows were done. It allows 3,000 a minute, {BURST:g} seconds'
  worth of them at once, and says so in its headers.
- Service: one asyncio process on loopback that answers at once, or after so many milliseconds. {cores}

{table}"""
