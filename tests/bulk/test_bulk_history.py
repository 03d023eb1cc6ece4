"""What is remembered of jobs: as much as a list needs, nothing that is a secret, and right whatever became of run and ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from ceyx.bulk import Job, JobStoppedError, Ledger, LedgerError, Progress
from ceyx.bulk.history import MOST_KEPT, History, PastJob, UnknownJobError, state_folder
from ceyx.bulk.ledger import Item
from ceyx.bulk.progress import BUDGET
from ceyx.errors import AuthenticationError, OpenAIError

JOB = Job(model="gpt-4o-mini", prompt="A secret question: {text}")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "state")


def keep(ledger: Ledger, *states: str) -> None:
    for position, state in enumerate(states, 1):
        ledger.put(Item(position, b"i", state, 1, 1000, b'{"text":"a private row"}')).result(5)  # type: ignore[arg-type]


def finished(history: History, path: Path, out: str = "out.jsonl") -> PastJob:
    with Ledger(path, JOB) as ledger, history.begin(ledger, ["in.jsonl"], out, 3) as record:
        keep(ledger, "done", "poison", "done")
        record.progress = Progress(read=3, whole=True, retries=2, nanodollars=1200)
    return record.job


def test_a_job_that_ends_is_there_with_its_counts(history, tmp_path):
    finished(history, tmp_path / "x.ledger")
    [job] = history.jobs()
    assert (job.model, job.kind, job.name, job.state, job.runs) == ("gpt-4o-mini", "chat", "out.jsonl", "finished", 1)
    assert (job.done, job.failed, job.rows, job.left, job.retries) == (2, 1, 3, 0, 2)
    assert job.inputs == [str(Path.cwd() / "in.jsonl")] and job.ledger_is_there and job.pid == 0
    told = job.as_dict()
    assert (told["cost"], told["cost_at_most"]) == (1.2e-6, 3e-6)


def test_nothing_private_is_written_and_nobody_else_may_read_it(history, tmp_path):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        urls = ["s3://key:hunter2@bucket/in.parquet?X-Amz-Signature=hunter3#hunter4", "-"]
        with history.begin(ledger, urls, "https://store/out.jsonl?sig=hunter5") as record:
            keep(ledger, "done")
        assert record.job.inputs == ["s3://bucket/in.parquet", "-"] and record.job.out == "https://store/out.jsonl"
    [file] = history.folder.iterdir()
    text = file.read_text()
    for secret in ("hunter", "secret question", "private row", "Signature"):
        assert secret not in text
    assert history.folder.stat().st_mode & 0o077 == 0


def test_each_further_run_adds_to_the_job(history, tmp_path):
    finished(history, tmp_path / "x.ledger")
    began = history.jobs()[0].began
    finished(history, tmp_path / "x.ledger")
    [job] = history.jobs()
    assert (job.runs, job.retries, job.began, job.done, job.nanodollars) == (2, 4, began, 2, 2400)
    assert job.touched >= began and job.seconds >= 0


@pytest.mark.parametrize(
    ("stopped", "state"),
    [("", "finished"), (BUDGET, "finished"), ("interrupted", "interrupted")],
    ids=["whole", "budget", "ctrl-c"],
)
def test_how_a_run_ended_is_said(history, tmp_path, stopped, state):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger, history.begin(ledger, [], "-", 9) as record:
        record.progress = Progress(stopped=stopped)
    assert (record.job.state, record.job.why, record.job.rows) == (state, stopped, 9)


def test_an_error_is_told_by_its_kind_as_its_message_may_quote_a_key(history, tmp_path):
    def stopped(cause: Exception) -> PastJob:
        with (
            pytest.raises(JobStoppedError),
            Ledger(tmp_path / "x.ledger", JOB) as ledger,
            history.begin(ledger, [], "-") as record,
        ):
            raise JobStoppedError("Incorrect API key provided: sk-hunter2") from cause
        return record.job

    job = stopped(OpenAIError("sk-hunter2"))
    assert (job.state, job.why) == ("stopped", "OpenAIError")
    assert stopped(ValueError()).why == "JobStoppedError"
    assert issubclass(AuthenticationError, OpenAIError)


def test_a_run_says_now_and_then_that_it_is_at_work(history, tmp_path, monkeypatch):
    monkeypatch.setattr("ceyx.bulk.history.BEAT", 0.005)
    with Ledger(tmp_path / "x.ledger", JOB) as ledger, history.begin(ledger, [], "out.jsonl") as record:
        keep(ledger, "done")
        record.progress = Progress(nanodollars=700)
        until = time.monotonic() + 5
        while not (job := history.jobs()[0]).nanodollars and time.monotonic() < until:
            time.sleep(0.005)
        assert (job.state, job.nanodollars, job.at_most) == ("running", 700, 1000)


def test_a_run_that_lasts_is_counted_while_it_does(history, tmp_path):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger, history.begin(ledger, [], "out.jsonl", 10):
        keep(ledger, "done", "sent")
        [job] = history.jobs()
        assert (job.state, job.done, job.possibly_paid, job.left, job.pid) == ("running", 1, 1, 9, os.getpid())
    assert history.jobs()[0].state == "finished"


KILLED = """
import os, signal, sys
from pathlib import Path
from ceyx.bulk import Job, Ledger
from ceyx.bulk.history import History
from ceyx.bulk.ledger import Item
with Ledger(sys.argv[1], Job(model="m", prompt="{text}")) as ledger:
    History(Path(sys.argv[2])).begin(ledger, [], "out.jsonl", 7)
    ledger.put(Item(1, b"i", "done")).result()
    ledger.put(Item(2, b"i", "sent")).result()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_is_known_for_one_by_what_its_ledger_has(history, tmp_path):
    ledger = tmp_path / "x.ledger"
    command = [sys.executable, "-c", KILLED, str(ledger), str(tmp_path / "state")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    [job] = history.jobs()
    assert (job.state, job.done, job.possibly_paid, job.left, job.pid) == ("interrupted", 1, 1, 6, 0)
    # A later job at its place is at work: that is another one.
    with Ledger(ledger, JOB, restart=True) as later, history.begin(later, [], "out.jsonl"):
        states = {each.id: each.state for each in history.jobs()}
        assert states == {job.id: "interrupted", later.id: "running"}


def test_it_outlives_its_ledger(history, tmp_path):
    job = finished(history, tmp_path / "x.ledger")
    (tmp_path / "x.ledger").unlink()
    [found] = history.jobs()
    assert (found.done, found.ledger_is_there, found.id) == (2, False, job.id)


def test_jobs_are_found_by_what_people_have(history, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = finished(history, tmp_path / "x.ledger")
    for what in (job.id, job.id[:6], job.id[:6].upper(), "out.jsonl", "x.ledger", str(tmp_path / "x.ledger")):
        assert history.find(what).id == job.id
    for wrong in ("", "zzz", "in.csv"):
        with pytest.raises(UnknownJobError, match="there is no job"):
            history.find(wrong)
    other = msgspec.structs.replace(job, id=job.id[:4] + "ffff", touched=job.touched + 1)
    history.keep(other)
    with pytest.raises(UnknownJobError, match="the beginning of 2 ids"):
        history.find(job.id[:4])
    assert history.find("out.jsonl").id == other.id  # the latest
    history.forget(job.id)
    history.forget(other.id)
    assert history.jobs() == []
    assert history.find("x.ledger").done == 2  # the ledger alone tells as much
    (tmp_path / "notes.txt").write_text("Buy milk.")
    with pytest.raises(UnknownJobError, match=r"notes.txt"):
        history.find("notes.txt")


def test_a_folder_that_cannot_be_written_or_read_stops_nothing(tmp_path):
    (tmp_path / "state").write_text("a file")
    history = History(tmp_path / "state")
    assert finished(history, tmp_path / "x.ledger").state == "finished"
    assert history.jobs() == []


def test_what_is_no_such_file_is_passed_over_and_the_oldest_are_forgotten(history, tmp_path):
    history.folder.mkdir(parents=True)
    (history.folder / "bad.json").write_text("{")
    for n in range(MOST_KEPT + 5):
        file = history.folder / f"{n:016x}.json"
        file.write_bytes(msgspec.json.encode(PastJob(id=f"{n:016x}", model="m", state="finished")))
        os.utime(file, (n + 1, n + 1))
    job = finished(history, tmp_path / "x.ledger")
    kept = {each.id for each in history.jobs()}
    assert len(kept) < MOST_KEPT + 1 and job.id in kept and f"{0:016x}" not in kept


def test_an_id_never_leads_out_of_the_folder(history):
    history.keep(PastJob(id="../../escape", model="m"))
    assert [file.name for file in history.folder.iterdir()] == ["escape.json"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the places of other systems")
def test_where_state_is_kept(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert state_folder({}) == Path("/home/me/.local/state/ceyx")
    assert state_folder({"XDG_STATE_HOME": "/s"}) == Path("/s/ceyx")
    assert state_folder({"XDG_STATE_HOME": "relative"}) == Path("/home/me/.local/state/ceyx")  # as its specification says
    assert state_folder({"CEYX_STATE": "~/c", "XDG_STATE_HOME": "/s"}) == Path("/home/me/c")


def test_a_user_without_a_home_runs_jobs_all_the_same(tmp_path, monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("CEYX_STATE")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    history = History()
    assert finished(history, tmp_path / "x.ledger").state == "finished" and history.jobs() == []


def test_a_ledger_that_breaks_at_the_end_leaves_what_was_known(history, tmp_path, monkeypatch):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger, history.begin(ledger, [], "out.jsonl") as record:
        keep(ledger, "done")

        def broken() -> None:
            raise LedgerError("disk I/O error")

        monkeypatch.setattr(ledger, "counts", broken)
    assert record.job.state == "finished" and history.jobs()[0].done == 0
