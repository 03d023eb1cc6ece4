"""One measurement in a process of its own: `python -m benchmarks.bulk.client SUBJECT URL INPUT OUTPUT AT_ONCE` prints figures.

CPU time is of all threads of this process and of processes it started, from before the input is opened until the output is
there, after a short job that imports everything and connects.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks import processors
from benchmarks.bulk.subjects import SUBJECTS, answered

UNIT = 1 if sys.platform == "darwin" else 1024


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk.client", description=__doc__)
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("url")
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("at_once", type=int)
    parser.add_argument("--first", type=Path, help="the input of a job before, which does not count")
    asked = parser.parse_args()
    processors.take(0)
    figures = asyncio.run(measured(asked))
    figures["answered"] = len(answered(asked.output))
    sys.stdout.write(json.dumps(figures) + "\n")


async def measured(asked: argparse.Namespace) -> dict[str, float]:
    """What the job took; the job before it is in the same event loop, as clients keep their connections."""
    work = SUBJECTS[asked.subject].work
    if asked.first:
        await work(asked.url, asked.first, asked.output.with_name(f"first-{asked.output.name}"), asked.at_once)
    before, began = cpu(), time.perf_counter()
    await work(asked.url, asked.input, asked.output, asked.at_once)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    return {"cpu": cpu() - before, "seconds": time.perf_counter() - began, "peak_mb": peak / 1e6}


if __name__ == "__main__":
    main()
