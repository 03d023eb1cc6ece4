"""`ceyx runs`: what there was, from real jobs of real processes."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.request import urlopen

import pytest
from commands import CEYX, at_terminal, ceyx, environment

from ceyx.cli import main
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with ten rows of which the sixth is bad; no jobs are known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CEYX_STATE", str(tmp_path / "state"))
    lines = [json.dumps({"id": n, "text": f"row {n}"}) for n in range(1, 11)]
    lines[5] = "nonsense"
    Path("in.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def runs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`ceyx runs`, which needs no process of its own."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
        code = main(["runs", *arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), errors.getvalue())


def run(service: LocalService, *arguments: str) -> None:
    done = ceyx(
        "run", "in.jsonl", "-p", "A secret: {text}", *arguments, OPENAI_BASE_URL=service.url, OPENAI_API_KEY="hunter2-key"
    )
    assert done.returncode == 1, done.stderr


def test_a_job_is_listed_shown_reported_and_forgotten(service: LocalService, folder: Path) -> None:
    assert "No jobs yet" in runs().stderr
    run(service, "--out", "out.jsonl", "--report", "report.html", "--quiet")
    listed = runs()
    assert (listed.returncode, listed.stderr) == (0, "")
    head, line = listed.stdout.splitlines()
    assert head.split() == ["id", "when", "state", "rows", "cost", "model", "output"]
    found = re.fullmatch(
        r"([0-9a-f]{8})  today \d\d:\d\d  finished  9 of 10, 1 failed  \$0\.\d{4}  gpt-4o-mini  out\.jsonl", line
    )
    assert found, line
    [job] = json.loads(runs("--json").stdout)
    assert job["id"].startswith(found[1]) and (job["done"], job["failed"], job["left"]) == (9, 1, 0)
    assert "secret" not in json.dumps(job) and "hunter2" not in json.dumps(job)

    shown = runs("show", found[1]).stdout
    for said in (
        "9 of 10, 1 failed",
        "bad row 1",
        "row 6: the line is no JSON",
        "Slowest",
        "latency   half within",
        "out.jsonl.ledger",
    ):
        assert said in shown, said
    assert "secret" not in shown
    more = runs("show", "out.jsonl", "--rows", "--prompt").stdout
    assert '"prompt": "A secret: {text}"' in more and '{"id":10,"text":"row 10"}' in more
    told = json.loads(runs("show", "out.jsonl", "--json", "--rows").stdout)
    assert told["details"]["errors"] == {"bad row": 1}
    assert told["details"]["slowest"][0]["values"]["text"].startswith("row ")

    assert "Rows answered" in Path("report.html").read_text()
    assert runs("report", found[1], "--out", "again.html").returncode == 0
    assert "A secret: {text}" in Path("again.html").read_text()
    refused = runs("report", found[1], "--out", "no/folder.html")
    assert refused.returncode == 2 and "cannot write the report no/folder.html" in refused.stderr

    assert runs("forget", found[1]).returncode == 0
    assert json.loads(runs("--json").stdout) == [] and Path("out.jsonl.ledger").exists()
    assert "9 of 10" in runs("show", "out.jsonl.ledger").stdout


def test_a_job_whose_ledger_is_gone_is_still_listed(service: LocalService, folder: Path) -> None:
    run(service, "--out", "out.jsonl", "--quiet")
    Path("out.jsonl.ledger").unlink()
    assert "finished, ledger gone" in runs().stdout
    assert "9 of 10, 1 failed" in runs("show", "out.jsonl").stdout
    for more in (["report", "out.jsonl"], ["show", "out.jsonl", "--rows"]):
        done = runs(*more)
        assert done.returncode == 2 and "is gone" in done.stderr, done
    assert "forgotten" in runs("forget", "--gone").stderr
    assert runs().stdout == ""


def test_a_later_job_at_its_place_is_another_one(service: LocalService, folder: Path) -> None:
    run(service, "--out", "out.jsonl", "--quiet")
    run(service, "--out", "out.jsonl", "--quiet", "--restart")
    later, earlier = json.loads(runs("--json").stdout)
    assert later["id"] != earlier["id"]
    done = runs("report", earlier["id"])
    assert done.returncode == 2 and "is of a later job by now" in done.stderr
    assert json.loads(runs("show", "out.jsonl", "--json").stdout)["id"] == later["id"]


def test_a_running_job_is_listed_and_a_killed_one_is_interrupted(folder: Path) -> None:
    Path("many.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(500)))
    with LocalService(Settings(latency={"*": Latency(0.05)})) as slow:
        command = [*CEYX, "run", "many.jsonl", "-p", "{text}", "--out", "out.jsonl", "-w", "2", "--quiet"]
        running = subprocess.Popen(command, env=environment(OPENAI_BASE_URL=slow.url))
        until = time.monotonic() + 20
        while json.load(urlopen(f"{slow.url.removesuffix('/v1')}/_ceyx/counters"))["requests"] < 6:
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        [job] = json.loads(runs("--json").stdout)
        assert (job["state"], job["pid"], job["rows"]) == ("running", running.pid, 500) and 1 <= job["done"] < 500
        assert f"running (process {running.pid})" in runs("show", "out.jsonl").stdout
        assert "is at work" in runs("forget", "out.jsonl").stderr
        refused = ceyx(*command[len(CEYX) :], OPENAI_BASE_URL=slow.url)
        assert refused.returncode == 4 and f"another run is at work on it (process {running.pid})" in refused.stderr
        running.send_signal(signal.SIGKILL)
        running.wait()
    [job] = json.loads(runs("--json").stdout)
    assert job["state"] == "interrupted" and job["why"] == "its process ended without a word"
    assert job["done"] + job["possibly_paid"] + job["left"] >= 500


def test_wrong_uses_say_what_to_do(folder: Path) -> None:
    for arguments, said in (
        (["show", "abc"], "there is no job 'abc'"),
        (["forget"], "name the jobs to forget"),
        (["report", "in.jsonl"], "there is no job of in.jsonl"),
    ):
        done = runs(*arguments)
        assert done.returncode == 2 and said in done.stderr, done


@pytest.mark.parametrize("width", [60, 140])
def test_a_terminal_shows_a_line_for_each_job(service: LocalService, folder: Path, width: int) -> None:
    Path("with \x1b[31m colour.jsonl").write_text(Path("in.jsonl").read_text())
    run(service, "--out", "an output of a long name \x1b[31m.jsonl", "--quiet")
    with at_terminal(["runs"], COLUMNS=str(width)) as terminal:
        shown = terminal.see(r"finished[^\n]*\n")[0]
        assert terminal.ended() == 0
    assert "\x1b[31m.jsonl" not in terminal.shown
    assert max(len(re.sub(r"\x1b\[\d+m", "", line).rstrip()) for line in terminal.shown.splitlines()) <= width
    assert ("…" in shown) == (width == 60)
