"""The benchmark: `python -m benchmarks` measures every case for every subject and prints a table for each suite.

`python -m benchmarks langchain` measures that suite alone.

Each measurement is a process of its own. Subjects take turns within a round, so that what else the machine does falls on
all of them, and the figure is the median of the rounds. A suite that was measured in full
also writes its page beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processors, report
from benchmarks.cases import BY_NAME, SHORT, SUITES, Case, Suite
from benchmarks.snippets import snippet
from benchmarks.tables import Results

# A proxy would sit between client and server, keys and options of the user would change what is measured, and without
# cached bytecode an import would measure the compiler.
UNWANTED = ("OPENAI_", "AZURE_", "CEYX_", "LANGCHAIN_", "LANGSMITH_", "PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME")


def environment() -> dict[str, str]:
    """The environment of every process started here."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(UNWANTED) and not name.lower().endswith("_proxy")
    }


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """Where the server listens: `plain` and `tls` base URLs, and the file of the `authority` behind the second."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdin and process.stdout
        line = process.stdout.readline()
        if not line:
            raise SystemExit("the benchmark's server did not start; what it said is above")
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()


def measured(subject: str, case: Case, where: dict[str, str], seconds: float) -> dict[str, float]:
    """The figures of one measurement. Raises RuntimeError, with what the process said, if it failed."""
    url = where["tls" if case.secure else "plain"]
    if case.does == "snippet":
        return whole_process([sys.executable, "-c", snippet(subject, case.name, f"{url}/{case.replies}/v1")])
    command = [sys.executable, "-m", "benchmarks.client", subject, case.name, url]
    command += ["--authority", where["authority"], "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2] or f"ended with status {done.returncode}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def whole_process(command: list[str]) -> dict[str, float]:
    """CPU time of a process from start to end, and its peak memory.

    The system counts a process's peak from the fork, so it is never below that of this process, which therefore imports little.
    """
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr
    with process.stderr:
        said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(said.strip().rpartition("\n")[2] or f"ended with status {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return {"cpu_ms": (used.ru_utime + used.ru_stime) * 1e3, "peak_mb": used.ru_maxrss * unit / 1e6}


def run(suite: Suite, cases: list[Case], rounds: int, seconds: float, where: dict[str, str]) -> Results:
    """All figures of all rounds; of a subject that failed a case, the reason."""
    results = Results()
    for case in cases:
        subjects = [subject for column, subject in suite.subjects.items() if case.of is None or column in case.of]
        # The first run of a program may write bytecode that the others read, so it does not count.
        first, turns = (-1, rounds * SHORT) if case.does == "snippet" else (0, rounds if case.repeats else 1)
        for turn in range(first, turns):
            sys.stderr.write(f"\r\033[K{case.name} {max(turn + 1, 0)}/{turns}" if sys.stderr.isatty() else "")
            for subject in subjects if turn % 2 else reversed(subjects):
                if (case.name, subject) in results.failures:
                    continue
                try:
                    figures = measured(subject, case, where, seconds)
                except RuntimeError as error:
                    results.fail(case.name, subject, str(error))
                    continue
                if turn >= 0:
                    results.add(case.name, subject, figures)
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What a call costs the process that makes it.")
    names = [suite.name for suite in SUITES]
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"what to measure: {' or '.join(names)} (default: both)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is measured (default: %(default)s)")
    parser.add_argument("--only", metavar="CASE", action="append", choices=list(BY_NAME), help=f"one of {', '.join(BY_NAME)}")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that everything runs, not to quote")
    asked = parser.parse_args()
    if unknown := set(asked.suites).difference(names):
        parser.error(f"there is no suite {unknown.pop()!r}: the suites are {' and '.join(names)}")
    if not hasattr(os, "wait4"):
        sys.stderr.write("this system does not tell what a whole process used: imports, first requests and memory are left out\n")
    rounds, seconds = (1, 0.3) if asked.quick else (asked.rounds, 0.8)
    settled = processors.choosable()
    with server() as where:
        processors.take(0)
        complete = True
        for suite in SUITES:
            cases = chosen(suite, asked.suites, asked.only)
            if not cases:
                continue
            results = run(suite, cases, rounds, seconds, where)
            table = report.table(suite, cases, results)
            sys.stdout.write(f"{table}\n")
            if results.failures:
                complete = False
            elif not asked.only and not asked.quick:
                path = Path(__file__).with_name(suite.page)
                path.write_text(report.document(suite, table, rounds=rounds, settled=settled), encoding="utf-8")
                sys.stdout.write(f"written to {path}\n\n")
    if not complete:
        raise SystemExit("not everything was measured: no page was written of a table that has gaps")


def chosen(suite: Suite, suites: list[str], names: list[str] | None) -> list[Case]:
    """The cases of a suite that are asked for, less what this system cannot measure."""
    if suites and suite.name not in suites:
        return []
    cases = [case for case in suite.cases if not names or case.name in names]
    return cases if hasattr(os, "wait4") else [case for case in cases if case.does != "snippet"]


if __name__ == "__main__":
    main()
