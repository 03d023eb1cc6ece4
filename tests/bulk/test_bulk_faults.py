"""A large job against a service that fails at every tenth request: each row is accounted for, in output, ledger and the counts of
the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from request_log import told

from ceyx.bulk.digest import Digest
from ceyx.bulk.ledger import LedgerReader
from ceyx.service import LocalService, Settings
from ceyx.service.limits import Limit

ROWS = 100_000
WORKERS = 64
# Of 1,000 requests, 100 meet one of these.
SCENARIO = """
seed = 11
[[rule]]
fault = "status;code=429;retry-after-ms=10"
probability = 0.01
[[rule]]
fault = "status;code=500;retry-after-ms=20"
probability = 0.035
[[rule]]
fault = "reset;at=head;seconds=0"
probability = 0.01
[[rule]]
fault = "hang-up"
probability = 0.01
[[rule]]
fault = "stall;seconds=0.2"
probability = 0.02
[[rule]]
fault = "cut"
probability = 0.005
[[rule]]
fault = "cut-json"
probability = 0.005
[[rule]]
fault = "html"
probability = 0.005
[[rule]]
fault = "choices;be=missing"
probability = 0.005
"""


def run(service: LocalService, folder: Path) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "ceyx", "run", "in.jsonl", "-p", "Say {text}", "--out", "out.jsonl", "--json"]
    environment = {name: os.environ[name] for name in ("PATH", "CEYX_STATE")}
    environment |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key"}
    done = subprocess.run([*command, "-w", str(WORKERS)], cwd=folder, env=environment, stdout=subprocess.PIPE, check=False)
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_of_many_rows_under_faults_each_is_accounted_for(tmp_path, capsys):
    (tmp_path / "faults.toml").write_text(SCENARIO)
    (tmp_path / "in.jsonl").write_text("".join(f'{{"id": {n}, "text": "row {n}"}}\n' for n in range(1, ROWS + 1)))
    began, requests, lines = time.monotonic(), 0, []
    wide = {"*": Limit(requests_per_minute=10**8, tokens_per_minute=10**10)}
    with LocalService(Settings(scenario=tmp_path / "faults.toml", limits=wide)) as service:
        for _ in range(6):  # what is not asked again within a run, as it may have been paid, is asked by the next
            code, said = run(service, tmp_path)
            counted = told(service, "counters")
            out = Counter()
            with (tmp_path / "out.jsonl").open() as file:
                for n, line in enumerate(file, 1):
                    row = json.loads(line)
                    assert row["id"] == n
                    out[row["ceyx_status"]] += 1
                    if row["ceyx_status"] == "done":
                        assert f"“Say row {n}”" in row["answer"] and row["ceyx_error"] is None
                    else:
                        assert row["answer"] is None and row["ceyx_error"]
            with LedgerReader(tmp_path / "out.jsonl.ledger") as reader:
                digest = Digest.of(reader.items())
            assert out.total() == digest.rows == said["rows"] == ROWS
            assert out["done"] == digest.counts["done"] == said["before"] - said["failed_before"] + said["done"]
            assert out["error"] == digest.unanswered == said["failed"] + said["failed_before"]
            assert said["in_flight"] == said["skipped"] == said["possibly_paid"] == 0
            assert digest.kinds.total() == digest.unanswered
            assert digest.attempts == counted["requests"]  # each call that the service saw is known, and no other
            requests = counted["requests"]
            lines.append("{done:,} answered, {failed:,} failed, {retries:,} retries, {seconds:.0f} s".format_map(said))
            if code == 0:
                break
        counted = told(service, "counters")
    assert code == 0 and out == {"done": ROWS}
    # Each row has the one good answer that the service gave for it: none was thrown away, and none asked for twice.
    assert counted["clean"]["200"] + counted["faults"]["stall"] == ROWS
    faults, took = sum(counted["faults"].values()), time.monotonic() - began
    assert 0.08 < faults / requests < 0.12
    with capsys.disabled():
        sys.stdout.write(f"\n{ROWS:,} rows, {requests:,} requests, {faults:,} faults, {took:.0f} s in all\n")
        sys.stdout.write(f"runs: {'; '.join(lines)}\n")
