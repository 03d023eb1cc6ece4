"""A batch job that is killed at every step it takes: each row is in one batch, and each file is uploaded once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ceyx import OpenAI
from ceyx.bulk import Job, Ledger
from ceyx.bulk.batch import BatchRun, Limits
from ceyx.bulk.batch.parts import Part, Parts
from ceyx.bulk.outcome import as_output
from ceyx.bulk.rows import Row
from ceyx.service import LocalService, Settings

ROWS, PER_PART = 7, 3
JOB = Job(model="gpt-4o-mini", prompt="Say {text}")
MOST_RUNS = 50

PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import test_bulk_batch_kills as test

def end():
    os.kill(os.getpid(), signal.SIGKILL)

test.interrupt(sys.argv[4], int(sys.argv[5]), end)
with test.OpenAI(base_url=sys.argv[2], api_key="any") as client:
    test.run(client, Path(sys.argv[3]))
"""


class Killed(BaseException):
    """Stands in for a kill: nothing of the program catches it."""


def run(client: OpenAI, folder: Path) -> None:
    how: Any = {"limits": Limits(rows=PER_PART), "poll": (0.01, 0.02), "settle": 0}
    with Ledger(folder / "x.ledger", JOB) as ledger, BatchRun(client, JOB, ledger, **how) as work:
        work.submit(Row({"text": f"row {n}"}) for n in range(1, ROWS + 1))
        work.wait()


def interrupt(when: str, attempt: int, end: Any, patch: Any = setattr) -> None:
    """Has the program end around a step that it writes down: before the second, or after the first or second in turn, so that
    it comes further every few attempts. As cutting rows into parts begins anew each time, it is then one step later in each."""
    real, steps = Parts.keep, list[str | None]()

    def keep(self: Parts, part: Part, step: Any = None) -> None:
        steps.append(step)
        place = attempt if steps[0] == "writing" else 1 if when == "before" else 1 + attempt % 2
        if when == "before" and len(steps) == place + 1:
            end()
        real(self, part, step)
        if when == "after" and len(steps) == place:
            end()

    patch(Parts, "keep", keep)


def accounted_for(client: OpenAI, folder: Path) -> None:
    """Each row is in the output, answered, and in one batch; each batch is of a file of its own, and no file is of none."""
    with Ledger(folder / "x.ledger", JOB) as ledger:
        found = [as_output(item, JOB) for item in ledger.items()]
        assert ledger.spent() == pytest.approx(sum(row["ceyx_cost"] for row in found) * 1e9)
    assert [(row["text"], row["ceyx_status"], row["ceyx_attempts"]) for row in found] == [
        (f"row {n}", "done", 1) for n in range(1, ROWS + 1)
    ]
    batches, files = list(client.batches.list()), list(client.files.list(purpose="batch"))
    assert sorted(batch.input_file_id for batch in batches) == sorted(file.id for file in files)
    asked = Counter(
        json.loads(line)["body"]["messages"][0]["content"]
        for file in files
        for line in client.files.content(file.id).iter_lines()
    )
    assert asked == Counter(f"Say row {n}" for n in range(1, ROWS + 1))
    assert [path.name for path in folder.iterdir()] == ["x.ledger"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_job_that_is_interrupted_at_every_step_sends_no_row_twice(when, tmp_path):
    def end() -> None:
        raise Killed

    with LocalService(Settings(batch_seconds=0.03)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        for attempt in range(1, MOST_RUNS):
            with pytest.MonkeyPatch.context() as patched:
                interrupt(when, attempt, end, patched.setattr)
                try:
                    run(client, tmp_path)
                except Killed:
                    continue
            break
        assert 15 < attempt < MOST_RUNS - 1
        accounted_for(client, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_9_at_every_step_sends_no_row_twice(when, tmp_path):
    with LocalService(Settings(batch_seconds=0.5)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        clean = {"PATH": os.environ["PATH"]}
        command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), service.url, str(tmp_path), when]
        for attempt in range(1, MOST_RUNS):
            done = subprocess.run([*command, str(attempt)], env=clean, capture_output=True, check=False, timeout=60)
            assert done.returncode in (0, -9), done.stderr.decode()
            if done.returncode == 0:
                break
        assert 15 < attempt < MOST_RUNS - 1
        accounted_for(client, tmp_path)
