"""`ceyx run` ended by kill -9, again and again: what was answered is kept, and what the service counted is accounted for."""

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
from typing import Any
from urllib.request import urlopen

from ceyx.bulk import Job, Ledger
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

ROWS, WORKERS, KILLS = 240, 12, 3
JOB = Job(model="gpt-4o-mini", prompt="Say {text}")


def asked(service: LocalService, path: str) -> dict[str, Any]:
    with urlopen(f"{service.url.removesuffix('/v1')}/_ceyx/{path}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def started(service: LocalService, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ceyx", "run", "in.jsonl", "-p", JOB.prompt or "", "--out", "out.jsonl", "--quiet"]
    environment = {name: os.environ[name] for name in ("PATH", "CEYX_STATE")}
    environment |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key"}
    return subprocess.Popen([*command, "--workers", str(WORKERS)], cwd=folder, env=environment)


def test_kill_9_loses_no_answer_and_repeats_only_what_was_on_its_way(tmp_path):
    texts = [f"row {n}" for n in range(1, ROWS + 1)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    chance = Random(7)
    interrupted: Counter[str] = Counter()  # how often each row was named as sent and not answered
    answers: dict[int, bytes] = {}
    with LocalService(Settings(latency={"*": Latency(0.02)})) as service:
        for kill in range(1, KILLS + 1):
            running = started(service, tmp_path)
            until = time.monotonic() + 20
            while asked(service, "counters")["requests"] < kill * ROWS // (KILLS + 1):
                assert running.poll() is None and time.monotonic() < until
                time.sleep(0.01)
            time.sleep(chance.random() * 0.02)
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            assert not (tmp_path / "out.jsonl").exists()
            with Ledger(tmp_path / "out.jsonl.ledger", JOB) as ledger:
                kept = {item.position: item for item in ledger.items()}
            sent = [position for position, item in kept.items() if item.state == "sent"]
            assert 1 <= len(sent) <= WORKERS
            interrupted.update(texts[position - 1] for position in sent)
            now = {position: item.result for position, item in kept.items() if item.state == "done"}
            assert answers.items() <= now.items()  # none that was there is lost or asked for again
            answers = now
        assert started(service, tmp_path).wait(30) == 0
        counted = asked(service, "counters")
        seen = asked(service, "requests?limit=500")["requests"]

    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["text"] for row in out] == texts
    assert all(row["ceyx_status"] == "done" and f"“Say {row['text']}”" in row["answer"] for row in out)
    arrived = Counter(each["body"]["messages"][0]["content"].removeprefix("Say ") for each in seen)
    assert sum(arrived.values()) == counted["requests"] == len(seen)
    for row in out:
        text = row["text"]
        assert row["ceyx_attempts"] == 1 + interrupted[text]
        assert 1 <= arrived[text] <= row["ceyx_attempts"]  # one that was named may have been killed before it went out
    assert counted["requests"] <= ROWS + interrupted.total() <= ROWS + KILLS * WORKERS
