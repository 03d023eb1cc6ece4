"""Jobs on a Ray cluster of this machine: data sets, runs, lost actors, and one quota for actors and plain processes."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis_process import RedisProcess

from ceyx.bulk import Job, JobStoppedError, Ledger, OnRay, run
from ceyx.bulk.caller import Caller
from ceyx.cli import main
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

ray: Any = None  # once it is needed: it takes a second to import
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # what Ray warns of is not ours
MODEL = "gpt-4o-mini"
JOB = Job(model=MODEL, prompt="Say {text}", params={"max_tokens": 10})


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(latency={"slow": Latency(0.1)}, deployments={"slow": MODEL})) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def cluster(service: LocalService) -> Iterator[None]:
    global ray
    ray = pytest.importorskip("ray", reason="the package ray is not installed")
    pytest.importorskip("ray.data", reason="the package ray is not installed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_BASE_URL", service.url)  # its workers have it from here
        environment.setenv("OPENAI_API_KEY", "sk-s3cret")
        environment.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        logging.getLogger("ray.data").setLevel("ERROR")
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
        ray.shutdown()


@pytest.fixture(autouse=True)
def configured(environment: pytest.MonkeyPatch, service: LocalService) -> None:
    environment.setenv("OPENAI_BASE_URL", service.url)
    environment.setenv("OPENAI_API_KEY", "sk-s3cret")


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "text": f"row {n}"} for n in range(count)]


def asked(service: LocalService) -> int:
    """How many requests the service has had."""
    return int(httpx.get(f"{service.azure_endpoint}/_ceyx/requests?limit=0").json()["count"])


def test_a_data_set_comes_back_with_its_answers_and_another_run_asks_what_is_left(service, tmp_path):
    from ceyx.bulk.ray import map_prompts

    out = str(tmp_path / "out")
    given = ray.data.from_items([*rows(150), {"id": 150, "text": None}])
    map_prompts(given.limit(100), JOB, key="id", actors=2, earlier=out).write_parquet(out)
    map_prompts(given, JOB, key="id", actors=(1, 2), earlier=out).write_parquet(out)
    found = {row["id"]: row for row in ray.data.read_parquet(out).take_all()}
    assert len(found) == 151 and ray.data.read_parquet(out).count() == 151  # none twice
    assert all(f"“Say row {n}" in found[n]["answer"] or found[n]["ceyx_finish_reason"] == "length" for n in range(150))
    assert Counter(row["ceyx_status"] for row in found.values()) == {"done": 150, "error": 1}
    third = map_prompts(given, JOB, key="id", actors=1, earlier=ray.data.read_parquet(out)).take_all()
    assert [row["id"] for row in third] == [150]  # what failed is asked again, and raises nothing


def test_a_run_on_ray_is_as_any_other(tmp_path):
    out = tmp_path / "out.jsonl"
    first = run(JOB, rows(300), out, engine=OnRay(actors=2), workers=32)
    assert (first.done, first.failed, first.progress.in_flight) == (300, 0, 0)
    assert first.cost > 0 and [row["id"] for row in first.rows()] == list(range(300))
    again = run(JOB, rows(300), out, engine=OnRay())
    assert (again.done, again.progress.before) == (0, 300)


def test_a_budget_holds_on_ray(tmp_path):
    summary = run(JOB, rows(200), tmp_path / "out.jsonl", engine=OnRay(), workers=8, budget="0.005", price=(0, 10))
    assert 0 < summary.cost <= 0.005
    assert summary.progress.done + summary.progress.skipped == 200 and summary.progress.skipped > 50


def test_what_goes_wrong_with_every_row_stops_the_job(tmp_path):
    wrong = Job(model=MODEL, prompt="Say {text}", params={"extra_headers": {"x-ceyx-fault": "status;code=401"}})
    with pytest.raises(JobStoppedError, match="401"):
        run(wrong, rows(500), tmp_path / "out.jsonl", engine=OnRay(), workers=8)
    with Ledger(tmp_path / "out.jsonl.ledger", wrong) as ledger:
        assert 0 < sum(ledger.counts().values()) < 500 and "sent" not in ledger.counts()


def actors() -> list[int]:
    """The processes of actors that ask, of the cluster that this process started."""

    def parent(process: int) -> int:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])

    each = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    named = [process for process in each if Path(f"/proc/{process}/cmdline").read_bytes().startswith(b"ray::Actor")]
    return [process for process in named if parent(parent(process)) == os.getpid()]


def test_a_lost_actor_costs_at_most_what_it_had(service, tmp_path):
    slow = Job(model="slow", prompt="Say {text}")

    def kill() -> None:
        for _ in range(200):
            time.sleep(0.05)
            if asked(service) > before + 100:
                break
        os.kill(next(actor for actor in actors() if actor not in ended), signal.SIGKILL)

    before, ended = asked(service), actors()  # those of earlier runs, which may take a while to end
    killer = threading.Thread(target=kill)
    killer.start()
    summary = run(slow, rows(600), tmp_path / "out.jsonl", engine=OnRay(actors=2), workers=16)
    killer.join()
    assert (summary.done, summary.failed) == (600, 0)
    assert 600 < asked(service) - before <= 600 + 3 * 16 + 4  # three pieces are with an actor, and a request tells how many


def test_no_key_is_in_what_is_sent_to_workers():
    from ray import cloudpickle

    from ceyx.bulk.ray import Asker
    from ceyx.bulk.ray_runner import Actor

    caller = Caller(JOB, limits="redis://127.0.0.1:1/0", key="id")
    for sent in (caller, Asker, Actor, JOB):
        assert b"s3cret" not in cloudpickle.dumps(sent)


def test_what_does_not_go_together_is_refused(tmp_path):
    from ceyx import AsyncOpenAI
    from ceyx.bulk import Limiter

    for wrong, said in (({"limits": Limiter()}, "address of a Redis"), ({"client": AsyncOpenAI()}, "OnRay\\(client")):
        with pytest.raises(ValueError, match=said):
            run(JOB, rows(1), tmp_path / "out.jsonl", engine=OnRay(), **wrong)
    with pytest.raises(ValueError, match="actors is 0"):
        OnRay(actors=0)


def test_the_command_runs_on_ray(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("text\n" + "\n".join(f"row {n}" for n in range(40)))
    assert main(["run", "in.csv", "-p", "Say {text}", "--out", "out.csv", "--engine", "ray", "--actors", "1"]) == 0
    assert "40 answered" in capsys.readouterr().err
    assert len(Path("out.csv").read_text().splitlines()) == 41


def test_three_processes_and_two_actors_keep_to_one_quota(service, tmp_path):
    from ceyx.bulk.ray import map_prompts

    rpm = 3000
    many = tmp_path / "in.jsonl"
    many.write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(3000)))
    with RedisProcess() as redis, contextlib.ExitStack() as closing:
        url = f"{redis.url}?scope=quota"
        command = [sys.executable, "-m", "ceyx", "run", str(many), "-p", "Say {text}", "--max-tokens", "5", "--quiet"]
        for n in range(3):
            options = ["--out", str(tmp_path / f"out{n}.jsonl"), "--limits", url, "--rpm", str(rpm), "--workers", "16"]
            process = closing.enter_context(subprocess.Popen([*command, *options]))
            closing.callback(process.kill)
        data = map_prompts(ray.data.from_items(rows(3000)), JOB, actors=2, calls=16, limits=url, requests_per_minute=rpm)
        reading = threading.Thread(target=lambda: sum(1 for _ in _until(data.iter_batches(batch_size=16), stop)), daemon=True)
        stop = threading.Event()
        reading.start()
        for _ in range(600):  # until all five are at work, and the burst is over
            time.sleep(0.1)
            if _workers(redis) == 5:
                break
        assert _workers(redis) == 5
        time.sleep(6)
        start, before = time.monotonic(), asked(service)
        time.sleep(12)
        count, seconds = asked(service) - before, time.monotonic() - start
        stop.set()
    reading.join(30)
    assert count / seconds == pytest.approx(rpm / 60, rel=0.03)


def _until(batches: Any, stop: threading.Event) -> Iterator[Any]:
    for batch in batches:
        if stop.is_set():
            return
        yield batch


def _workers(redis: RedisProcess) -> int:
    from redis import Redis

    with Redis.from_url(redis.url) as client:
        return sum(
            len([name for name in client.hkeys(key) if name.startswith(b"worker:")]) for key in client.scan_iter("ceyx:limits:*")
        )
