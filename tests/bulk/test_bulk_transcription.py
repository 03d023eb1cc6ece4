"""Transcriptions of files: where they are looked for, what they are as answers, what they may cost."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ceyx.bulk import Pricing, TranscriptionJob, dry_run, run
from ceyx.client import AsyncOpenAI
from ceyx.service import LocalService


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with recordings of one, two and three seconds, and an empty one."""
    monkeypatch.chdir(tmp_path)
    for seconds in (1, 2, 3):
        with wave.open(f"talk{seconds}.wav", "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8_000)
            file.writeframes(b"\0\0" * 8_000 * seconds)
    Path("empty.wav").touch()
    return tmp_path


def asked(service: LocalService, job: TranscriptionJob, input: Any, **how: Any) -> tuple[Any, list[dict[str, Any]]]:
    summary = run(job, input, "out.jsonl", client=AsyncOpenAI(base_url=service.url, api_key="any"), **how)
    return summary, [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]


def test_the_recordings_are_the_input(service, folder):
    summary, found = asked(service, TranscriptionJob("whisper-1"), "talk*.wav", budget=1)
    assert summary.ok and [row["path"] for row in found] == ["talk1.wav", "talk2.wav", "talk3.wav"]
    assert "talk2.wav" in found[1]["transcript"]
    assert [row["ceyx_cost"] for row in found] == pytest.approx([0.0001, 0.0002, 0.0003])  # 0.6 cents a minute


def test_rows_name_their_recordings(service, folder):
    Path("list.csv").write_text("id,name\n1,talk1\n2,nowhere\n3,empty\n")
    summary, found = asked(service, TranscriptionJob("gpt-4o-transcribe", "{name}.wav", answer="said"), "list.csv", budget=1)
    assert (summary.done, summary.failed) == (1, 2)
    assert "talk1.wav" in found[0]["said"] and found[0]["ceyx_output_tokens"] > 0 and found[0]["ceyx_cost"] > 0
    assert found[1]["ceyx_error"] == f"there is no file nowhere.wav (looked for from {folder} on)"
    assert found[2]["ceyx_error"] == "the file empty.wav is empty"
    assert asked(service, TranscriptionJob("gpt-4o-transcribe", "{name}.wav", answer="said"), "list.csv")[0].done == 0


@pytest.mark.parametrize(
    ("format", "kind"), [("json", str), ("text", str), ("srt", str), ("verbose_json", dict), ("diarized_json", dict)]
)
def test_formats(service, folder, format, kind):
    model = "gpt-4o-transcribe-diarize" if format == "diarized_json" else "whisper-1"
    job = TranscriptionJob(model, params={"response_format": format})
    summary, (row,) = asked(service, job, "talk1.wav")
    assert summary.ok and type(row["transcript"]) is kind and job.answers == ("json" if kind is dict else "text")
    if kind is dict:
        assert "talk1.wav" in row["transcript"]["text"] and "segments" in row["transcript"] and "usage" not in row["transcript"]


def test_a_recording_that_vanishes_is_an_error_row(service, folder):
    def rows() -> Iterator[dict[str, str]]:
        yield {"path": "talk1.wav"}
        yield {"path": "talk2.wav"}

    class Vanishing(TranscriptionJob):
        def tokens(self, request: dict[str, Any]) -> int:  # the last that is done before it is sent
            if request["file"] == "talk2.wav":
                Path("talk2.wav").unlink()
            return 1

    summary, found = asked(service, Vanishing("whisper-1"), rows())
    assert (summary.done, summary.failed) == (1, 1) and "cannot read talk2.wav" in found[1]["ceyx_error"]


def test_what_it_may_cost_is_reserved_by_its_size(folder):
    job = TranscriptionJob("whisper-1")
    ways = job.most(job.request({"path": "talk3.wav"}), 0, 0)
    assert Pricing("whisper-1").most(ways) == 4_804_400  # 48,044 bytes, as if it took 1,000 of them for a second
    assert Pricing("gpt-4o-transcribe").most(ways) > 4_804_400
    assert Pricing("house-model").most(ways) == 0
    with pytest.raises(ValueError, match="no price for the model 'house-model'"):
        run(TranscriptionJob("house-model"), "talk1.wav", "out.jsonl", budget=1)


def test_a_dry_run_does_not_say_what_it_does_not_know(folder):
    found = dry_run(TranscriptionJob("whisper-1"), ["talk1.wav", "empty.wav"])
    assert (found.rows, found.bad_rows, found.least, found.most, found.hundred_tokens) == (2, 1, None, None, None)
