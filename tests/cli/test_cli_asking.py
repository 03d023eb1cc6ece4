"""What `ceyx run` is told to ask, as jobs."""

from __future__ import annotations

import csv
import json
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from commands import ceyx
from pyarrow import parquet

from ceyx.bulk import EmbeddingJob, Job, TranscriptionJob
from ceyx.cli.asking import Asked
from ceyx.cli.failures import Failure
from ceyx.service import LocalService

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
LABEL = "from pydantic import BaseModel\n\nclass Label(BaseModel):\n    label: str\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with two rows, tools, and a module that has a class."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,text\n1,one\n2,two\n")
    Path("tools.json").write_text(json.dumps([TOOL]))
    Path("shapes_of_answers.py").write_text(LABEL)
    return tmp_path


def test_kinds_of_jobs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    chat = Asked("{text}", system="s", tools=Path("tools.json"), max_tokens=5, params={"seed": 1}).job("gpt-4o")
    assert chat == Job("gpt-4o", "{text}", system="s", tools=[TOOL], params={"seed": 1, "max_tokens": 5})
    assert Asked("?", max_tokens=5).job("gpt-5").params == {"max_completion_tokens": 5}
    assert Asked(messages="m", answer="a").job("m") == Job("m", messages="m", answer="a")
    assert Asked("?", image="i").job("m") == Job("m", "?", images="i")
    assert Asked(embed="{t}", dimensions=3).job("m") == EmbeddingJob("m", "{t}", dimensions=3)
    assert Asked(transcribe="{p}").job("m") == TranscriptionJob("m", "{p}")
    shaped: Any = Asked("?", schema="shapes_of_answers:Label").job("m")
    assert shaped.schema.__name__ == "Label" and shaped.response_format["json_schema"]["name"] == "Label"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(), "nothing is asked; give one of --prompt, --messages, --embed, --transcribe"),
        (Asked("a", embed="b"), "--prompt and --embed are several; give one"),
        (Asked(embed="b", system="s"), "--system goes with --prompt or --messages, not with --embed"),
        (Asked(embed="b", max_tokens=5), "--max-tokens goes with --prompt or --messages"),
        (Asked(messages="b", image="i"), "--image goes with --prompt, not with --messages"),
        (Asked("a", dimensions=5), "--dimensions goes with --embed"),
        (Asked("a", tools=Path("no.json")), "cannot read the tools no.json"),
        (Asked("a", tools=Path("in.csv")), "are not JSON"),
        (Asked("a", tools=Path("bare.json")), "which is no tool; one is"),
        (Asked("a", schema="no.json"), "cannot read the schema no.json"),
        (Asked("a", schema="no_such_module:Class"), "cannot find the class no_such_module:Class"),
        (Asked("a", schema="json:Class"), "cannot find the class json:Class"),
        (Asked("{"), "lone brace"),
    ],
)
def test_what_does_not_go_together(folder: Path, monkeypatch: pytest.MonkeyPatch, asked: Asked, said: str) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("bare.json").write_text('{"name": "weather"}')
    with pytest.raises(Failure, match="^.*" + said.replace("(", r"\(")) as failure:
        asked.job("m")
    assert failure.value.code == 2


def run(service: LocalService, *arguments: str) -> list[dict[str, Any]]:
    done = ceyx("run", *arguments, "--quiet", "--out", "out.jsonl", OPENAI_BASE_URL=service.url, OPENAI_API_KEY="k")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]


def test_embeddings(service: LocalService, folder: Path) -> None:
    found = run(service, "in.csv", "--embed", "{text}", "--dimensions", "4")
    assert [len(row["embedding"]) for row in found] == [4, 4] and {row["ceyx_model"] for row in found} == {
        "text-embedding-3-small"
    }
    done = ceyx("run", "in.csv", "--embed", "{text}", "--out", "out.csv", "--budget", "0.01", OPENAI_BASE_URL=service.url)
    assert done.returncode == 0
    with Path("out.csv").open(newline="") as file:
        assert [len(json.loads(row["embedding"])) for row in csv.DictReader(file)] == [1536, 1536]
    done = ceyx("run", "in.csv", "--embed", "{text}", "--out", "out.parquet", OPENAI_BASE_URL=service.url)
    assert done.returncode == 0
    column = parquet.read_table("out.parquet").column("embedding")
    assert (str(column.type), [len(each) for each in column.to_pylist()]) == ("list<element: float>", [1536, 1536])
    dry = ceyx("run", "in.csv", "--embed", "{text}", "--out", "o.csv", "--dry-run")
    assert dry.stdout.splitlines() == ["2 rows", "2 tokens to send", "$0.000000"]


def test_transcriptions(service: LocalService, folder: Path) -> None:
    for name in ("a", "b"):
        with wave.open(f"{name}.wav", "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\0\0" * 800)
    found = run(service, "*.wav", "--transcribe", "{path}", "--param", "language=en")
    assert [row["path"] for row in found] == ["a.wav", "b.wav"] and all(row["path"] in row["transcript"] for row in found)
    dry = ceyx("run", "*.wav", "--transcribe", "{path}", "--out", "o.csv", "--dry-run")
    assert dry.stdout.splitlines() == ["2 rows", "what recordings cost goes by how long they are"]


def test_tools_and_a_class(service: LocalService, folder: Path) -> None:
    (first, _) = run(service, "in.csv", "-p", "{text}", "--tools", "tools.json", "--param", "tool_choice=required")
    assert first["answer"][0]["function"]["name"] == "weather"
    Path("out.jsonl.ledger").unlink()
    assert all(
        row["answer"].keys() == {"label"} for row in run(service, "in.csv", "-p", "{text}", "--schema", "shapes_of_answers:Label")
    )
