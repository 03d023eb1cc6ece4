"""`ceyx run --batch`: from real processes, over real HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import CEYX, at_terminal, ceyx, environment as clean

from ceyx import OpenAI
from ceyx.cli import main
from ceyx.service import LocalService, Settings

JOB = ("in.jsonl", "-p", "Say {text}", "--out", "out.jsonl", "--batch")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with four rows, of which the last is bad."""
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"id": n, "text": f"row {n}"}) for n in range(1, 4)]
    Path("in.jsonl").write_text("\n".join([*lines, "nonsense"]) + "\n")
    return tmp_path


@pytest.fixture(scope="module")
def slow() -> Iterator[LocalService]:
    """A service whose batches take their time."""
    with LocalService(Settings(batch_seconds=60)) as running:
        yield running


def configured(service: LocalService, folder: Path) -> dict[str, str]:
    return {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local-key", "CEYX_STATE": str(folder / "state")}


def rows(path: str = "out.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_a_batch_is_waited_for_and_its_answers_are_in_the_output(service: LocalService, folder: Path) -> None:
    done = ceyx("run", *JOB, "--clean", **configured(service, folder))
    assert done.returncode == 1 and done.stdout == ""  # as one row is bad
    assert [row["ceyx_status"] for row in rows()] == ["done", "done", "done", "error"]
    notes = done.stderr.splitlines()
    assert (
        notes[0].startswith("1 batch: 1 ") and notes[-2].startswith("4 rows, 3 answered, 1 failed · ") and "$0.0000" in notes[-2]
    )
    again = ceyx("run", *JOB, **configured(service, folder))
    assert again.returncode == 1 and "0 answered, 4 settled before (1 without an answer)" in again.stderr


def test_it_is_begun_by_one_command_and_ended_by_another(slow: LocalService, folder: Path) -> None:
    env = configured(slow, folder)
    begun = ceyx("run", *JOB, "--no-wait", **env)
    assert begun.returncode == 0 and not Path("out.jsonl").exists()
    assert "1 batch goes on at http://127.0.0.1" in begun.stderr and "(3 rows). The same command takes over" in begun.stderr
    still = ceyx("run", *JOB, "--no-wait", "--json", **env)
    progress, summary = map(json.loads, still.stdout.splitlines())
    assert still.returncode == 0 and (progress["batches"][0]["rows"], summary["out"]) == (3, None)
    assert "waiting" in ceyx("runs", **env).stdout
    calls = ceyx("run", *JOB[:-1], **env)
    assert calls.returncode == 4 and "3 rows of out.jsonl.ledger are with the provider's Batch API" in calls.stderr
    ended = ceyx("run", *JOB, "--cancel", **env)
    assert ended.returncode == 1 and len(rows()) == 4
    assert "the batch was cancelled" in ended.stderr
    calls = ceyx("run", *JOB[:-1], **env)
    assert calls.returncode == 1 and [row["ceyx_status"] for row in rows()] == ["done", "done", "done", "error"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_wait_leaves_the_batch_running(slow: LocalService, folder: Path, how: signal.Signals) -> None:
    env = clean(**configured(slow, folder))
    running = subprocess.Popen([*CEYX, "run", *JOB], env=env, stderr=subprocess.PIPE)
    assert running.stderr is not None
    assert running.stderr.readline().startswith(b"1 batch: 1 ")
    running.send_signal(how)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130 and b"Interrupted. 1 batch goes on at" in said
    with OpenAI(base_url=slow.url, api_key="any") as client:
        batch = next(iter(client.batches.list()))
        assert batch.status in ("validating", "in_progress")
        client.batches.cancel(batch.id)


def test_at_a_terminal_it_shows_how_far_the_batches_are(slow: LocalService, folder: Path) -> None:
    with at_terminal(["run", *JOB], **configured(slow, folder)) as terminal:
        terminal.see("1 batch: 1 in_progress")
        terminal.type("\x03")
        terminal.see("Interrupted. 1 batch goes on at")
        assert terminal.ended() == 130


def test_on_azure(service: LocalService, folder: Path) -> None:
    azure = {"AZURE_OPENAI_ENDPOINT": service.azure_endpoint, "AZURE_OPENAI_API_KEY": "any", "OPENAI_API_VERSION": "2024-10-21"}
    done = ceyx("run", *JOB, "-m", "gpt-4o", "--quiet", **azure, CEYX_STATE=str(folder / "state"))
    assert (done.returncode, done.stderr) == (1, "")
    assert rows()[0]["ceyx_model"] == "gpt-4o-2024-08-06"
    old = ceyx("run", *JOB[:3], "--out", "old.jsonl", "--batch", "-m", "gpt-4o", **{**azure, "OPENAI_API_VERSION": "2024-02-01"})
    assert old.returncode == 4 and "batches" in old.stderr


def test_the_price_is_known_beforehand_and_half(
    service: LocalService, folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in configured(service, folder).items():
        environment.setenv(name, value)
    short = ("--max-tokens", "10")
    for job in (JOB, JOB[:-1]):
        assert main(["run", *job, *short, "--dry-run", "--json"]) == 0
    batched, called = map(json.loads, capsys.readouterr().out.splitlines())
    assert batched["most"] == pytest.approx(called["most"] / 2, rel=1e-3)
    assert main(["run", *JOB, *short, "--dry-run"]) == 0
    assert "at the price of batches" in capsys.readouterr().out
    assert main(["run", *JOB, *short, "--budget", "0.0000001"]) == 4
    assert "the rows that are left may cost, with those before, $0.0000" in capsys.readouterr().err
    assert main(["run", *JOB, *short, "--budget", "1", "-q"]) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--no-wait",), "--no-wait goes with --batch"),
        (("--cancel",), "--cancel goes with --batch"),
        (("--batch-tokens", "5"), "--batch-tokens goes with --batch"),
        (("--batch", "--rpm", "5"), "--rpm is for calls"),
        (("--batch", "--param", 'extra_headers={"a": "b"}'), "a line of a batch has no place for extra_headers"),
        (("--batch", "--no-wait", "--provider", "local"), "--no-wait needs a provider that stays"),
    ],
)
def test_what_does_not_go_together(
    folder: Path,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    said: str,
) -> None:
    environment.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["run", *JOB[:-1], *options]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]


def test_what_no_batch_takes(
    service: LocalService, folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in configured(service, folder).items():
        environment.setenv(name, value)
    Path("a.wav").write_bytes(b"RIFF")
    assert main(["run", "a.wav", "--transcribe", "{path}", "--out", "out.jsonl", "--batch"]) == 2
    assert "the Batch API does not take /v1/audio/transcriptions" in capsys.readouterr().err
    assert main(["run", *JOB, "-m", "gpt-9"]) == 1
    said = capsys.readouterr().err
    assert "refused the batch" in said and "`gpt-9` does not exist" in said
