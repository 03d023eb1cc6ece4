"""Bulk, measured: `python -m benchmarks.bulk` does one job with ceyx and with what people use otherwise, and prints a table.

Each measurement is a process of its own, and subjects take turns within a round. A full run, which takes most of an hour, writes
`benchmarks/results-bulk.md`. The packages it compares with are those of the dependency group `bench`; one that is missing, or
that does not end, is named below the table.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks import processors
from benchmarks.__main__ import environment
from benchmarks.bulk import report
from benchmarks.bulk.cases import CASES, KILLS, Case, ideal, patience
from benchmarks.bulk.subjects import SUBJECTS
from benchmarks.tables import Results

TEXT = "The branch over the brown water is empty, and the light has moved a little to the left since the last one. "


@contextmanager
def service() -> Iterator[str]:
    """The address of the service."""
    command = [sys.executable, "-m", "benchmarks.bulk.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdin and process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def told(url: str, what: str = "log") -> dict[str, Any]:
    with urlopen(f"{url}/{what}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def written(folder: Path, rows: int) -> Path:
    """An input of so many rows, as Parquet and as JSONL, without a suffix."""
    import pyarrow
    import pyarrow.parquet

    path = folder / f"rows-{rows}"
    if not path.with_suffix(".parquet").exists():
        schema = pyarrow.schema([("id", pyarrow.int64()), ("text", pyarrow.string())])
        with (
            pyarrow.parquet.ParquetWriter(path.with_suffix(".parquet"), schema) as parquet,
            path.with_suffix(".jsonl").open("w", encoding="utf-8") as lines,
        ):
            for start in range(0, rows, 10_000):
                numbers = range(start, min(start + 10_000, rows))
                texts = [f"row {number}: {TEXT * 2}" for number in numbers]
                parquet.write_table(pyarrow.table({"id": list(numbers), "text": texts}, schema))
                lines.writelines(
                    json.dumps({"id": number, "text": text}) + "\n" for number, text in zip(numbers, texts, strict=True)
                )
    return path


class Failed(Exception):
    """A measurement that came to nothing, and why."""


def command(subject: str, case: Case, url: str, given: Path, out: Path) -> list[str]:
    place = [f"{url}/{case.way}/v1", str(given), str(out)]
    return [sys.executable, "-m", "benchmarks.bulk.client", subject, *place, str(case.at_once)]


def measured(subject: str, case: Case, url: str, folder: Path, rows: int) -> dict[str, float]:
    """The figures of one measurement."""
    told(url, "forget")
    with tempfile.TemporaryDirectory(dir=folder) as out:
        given, output = written(folder, rows), Path(out) / "out"
        if case.kind == "kills":
            return killed(subject, case, url, given, output, rows)
        asked = command(subject, case, url, given, output)
        if case.kind in ("cpu", "share"):
            asked += ["--first", str(written(folder, 100))]
        try:
            done = subprocess.run(asked, capture_output=True, text=True, env=environment(), check=False, timeout=patience(rows))
        except subprocess.TimeoutExpired:
            raise Failed(f"it did not end within {patience(rows):,.0f} s") from None
        if done.returncode:
            raise Failed(done.stderr.strip().rpartition("\n")[2] or f"it ended with status {done.returncode}")
    figures: dict[str, float] = json.loads(done.stdout)
    if case.kind == "limit":
        return {"figure": told(url)["refused"] * 1000 / rows, "lost": rows - figures["answered"], "seconds": figures["seconds"]}
    if figures["answered"] != rows:
        raise Failed(f"{figures['answered']:,.0f} of {rows:,} rows have an answer")
    if case.kind == "cpu":
        return {"figure": figures["cpu"] / rows * 1e6, **figures}
    if case.kind == "share":
        return {"figure": 100 * ideal(case, rows) / figures["seconds"], **figures}
    return {"figure": figures["peak_mb"], **figures}


def killed(subject: str, case: Case, url: str, given: Path, out: Path, rows: int) -> dict[str, float]:
    """Kills the job at random moments, goes on with it to its end, and counts what the service was asked again."""
    chance = random.Random(7)
    asked = command(subject, case, url, given, out)
    kills = 0
    for turn in range(1, KILLS + 1):
        enough = rows * turn // (KILLS + 1)
        process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        until = time.monotonic() + patience(rows)
        while len(told(url)["rows"]) < enough and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.1)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run(asked, capture_output=True, text=True, env=environment(), check=False, timeout=patience(rows))
    if done.returncode:
        raise Failed(done.stderr.strip().rpartition("\n")[2] or f"it ended with status {done.returncode}")
    answered = json.loads(done.stdout)["answered"]
    if answered != rows or not kills:
        raise Failed(f"{answered:,} of {rows:,} rows have an answer after {kills} kills")
    return {"figure": sum(times - 1 for times in told(url)["rows"].values()) / kills, "kills": kills}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description="A question about every row of a file.")
    parser.add_argument("--rounds", type=int, default=3, help="how often CPU and throughput are measured (default: %(default)s)")
    names = [case.name for case in CASES]
    parser.add_argument("--only", metavar="CASE", action="append", choices=names, help=f"one of {', '.join(names)}")
    parser.add_argument("--subject", action="append", choices=list(SUBJECTS), help="leave the others out")
    parser.add_argument("--quick", action="store_true", help="few rows, once: to see that everything runs, not to quote")
    asked = parser.parse_args()
    settled = processors.choosable()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="ceyx-bulk-") as place, service() as url:
        processors.take(0)
        for case in CASES:
            if asked.only and case.name not in asked.only:
                continue
            rows = case.quick if asked.quick else case.rows
            for turn in range(asked.rounds if case.kind in ("cpu", "share") and not asked.quick else 1):
                for subject in case.of or SUBJECTS:
                    given = min(rows, dict(case.fewer).get(subject, rows))
                    if (asked.subject and subject not in asked.subject) or (case.name, subject) in results.failures:
                        continue
                    sys.stderr.write(f"\r\033[K{case.name} {turn + 1} {subject}" if sys.stderr.isatty() else "")
                    try:
                        results.add(case.name, subject, measured(subject, case, url, Path(place), given))
                    except Failed as error:
                        results.fail(case.name, subject, str(error))
            if rows >= 100_000:
                for path in Path(place).glob(f"rows-{rows}.*"):
                    path.unlink()
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() else "")
    table = report.table(results)
    sys.stdout.write(f"{table}\n")
    if not asked.quick and not asked.only and not asked.subject:
        path = Path(__file__).parent.with_name("results-bulk.md")
        path.write_text(report.document(table, asked.rounds, settled), encoding="utf-8")
        sys.stdout.write(f"written to {path}\n")
    if any(subject == "ceyx" for _, subject in results.failures):
        raise SystemExit("ceyx was not measured in full")


if __name__ == "__main__":
    main()
