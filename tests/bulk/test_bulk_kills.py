"""One job, ended by kill -9 twenty times at random: ledger, output and the service's own log agree on every row."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from request_log import RequestLog

from ceyx.bulk.history import History
from ceyx.bulk.ledger import LedgerReader
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

ROWS, WORKERS, KILLS = 3000, 24, 20
PROMPT = "Say {text}"


def started(service: LocalService, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ceyx", "run", "in.jsonl", "-p", PROMPT, "--out", "out.jsonl", "--quiet"]
    environment = {name: os.environ[name] for name in ("PATH", "CEYX_STATE")}
    environment |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key"}
    return subprocess.Popen([*command, "--workers", str(WORKERS)], cwd=folder, env=environment)


def killed(running: subprocess.Popen[bytes], log: RequestLog, chance: Random, kill: int) -> None:
    """Kills it: every fourth at any moment, its start included, and the others once some rows more were asked."""
    if kill % 4 == 0:
        until, most = time.monotonic() + 2 * chance.random(), (kill + 1) * ROWS // (KILLS + 1)
        while time.monotonic() < until and log.count < most:  # on a fast machine, all could be done within that
            time.sleep(0.005)
    else:
        enough, until = kill * ROWS // (KILLS + 1), time.monotonic() + 30
        while log.count < enough:
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()


@pytest.mark.slow
def test_twenty_kills_lose_no_answer_and_every_repeat_is_named(tmp_path, capsys):
    texts = [f"row {n}" for n in range(1, ROWS + 1)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    ledger, chance = tmp_path / "out.jsonl.ledger", Random(20)
    named: set[tuple[str, int]] = set()  # rows that were left as sent and not answered, and at which attempt
    answers: dict[int, bytes] = {}
    repeats, before = [], 0
    began = time.monotonic()
    with LocalService(Settings(latency={"*": Latency(0.02)})) as service, RequestLog(service) as log:
        for kill in range(1, KILLS + 1):
            killed(started(service, tmp_path), log, chance, kill)
            assert not (tmp_path / "out.jsonl").exists()
            if not ledger.exists():
                continue
            with LedgerReader(ledger) as reader:
                kept = {item.position: item for item in reader.items()}
            sent = {(texts[position - 1], item.attempts) for position, item in kept.items() if item.state == "sent"}
            assert len(sent - named) <= WORKERS  # the others were left by the run before, and this one did not come to them
            now = {position: item.result for position, item in kept.items() if item.state == "done"}
            assert answers.items() <= now.items()  # none that was there is lost or asked for again
            answers = now
            repeats.append(len(sent - named))
            named |= sent
            assert History().find(str(ledger)).state == "interrupted"
        before = len(answers)
        assert started(service, tmp_path).wait(60) == 0
    took = time.monotonic() - began

    assert log.missed == 0 and len(answers) < ROWS and before > ROWS // 2
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["text"] for row in out] == texts
    assert all(row["ceyx_status"] == "done" and f"“Say {row['text']}”" in row["answer"] for row in out)
    with LedgerReader(ledger) as reader:
        assert reader.counts() == {"done": ROWS}
    asked = log.prompts()
    assert set(asked) == {f"Say {text}" for text in texts}
    times = Counter(text for text, _ in named)
    for row in out:
        assert row["ceyx_attempts"] == 1 + times[row["text"]]
        # Of one that was named, the service may have seen nothing: it was killed on the way.
        assert 1 <= asked[f"Say {row['text']}"] <= row["ceyx_attempts"]
    again = sum(asked.values()) - ROWS
    assert again <= len(named) <= KILLS * WORKERS
    job = History().find(str(ledger))
    assert (job.state, job.done, job.rows) == ("finished", ROWS, ROWS)
    assert KILLS // 2 < job.runs <= KILLS + 1  # some were killed before they began
    with capsys.disabled():
        said = f"{KILLS} kills of {ROWS:,} rows with {WORKERS} workers: {len(named)} rows named, {again} asked again"
        sys.stdout.write(f"\n{said} ({again / KILLS:.1f} a kill), {took:.0f} s; named by kill: {repeats}\n")
