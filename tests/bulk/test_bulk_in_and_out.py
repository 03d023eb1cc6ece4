"""A job from its input to its output, through the local service, in each format and at a URL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceyx.bulk import EmbeddingJob, Job, rows, run
from ceyx.bulk.rows import InputError
from ceyx.client import AsyncOpenAI
from ceyx.service import LocalService

WHEN = dt.datetime(2026, 11, 21, 8, 30)


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Parquet file of three rows; the current folder is its."""
    monkeypatch.chdir(tmp_path)
    schema = pa.schema([("id", pa.int32()), ("text", pa.string()), ("at", pa.timestamp("us")), ("tags", pa.list_(pa.string()))])
    values = [{"id": n, "text": text, "at": WHEN, "tags": ["a"]} for n, text in ((1, "one"), (2, None), (3, "three"))]
    pq.write_table(pa.Table.from_pylist(values, schema), "in.parquet")
    yield tmp_path / "in.parquet"
    fsspec.filesystem("memory").store.clear()


def job() -> Job:
    return Job(model="gpt-4o-mini", prompt="Say {text} at {at}")


def asked(service: LocalService, of: Any, given: Any, out: str, **more: Any) -> Any:
    return run(of, given, out, client=AsyncOpenAI(base_url=service.url, api_key="any"), **more)


def test_from_parquet_to_parquet(service, given):
    summary = asked(service, job(), given, "out.parquet")
    assert (summary.done, summary.failed) == (2, 1)
    before, after = pq.read_table(given), pq.read_table("out.parquet")
    assert after.select(before.schema.names).equals(before)
    assert {name: str(after.schema.field(name).type) for name in after.schema.names[4:]} == {
        "answer": "string",
        "ceyx_status": "string",
        "ceyx_error": "string",
        "ceyx_attempts": "int64",
        "ceyx_input_tokens": "int64",
        "ceyx_output_tokens": "int64",
        "ceyx_cost": "double",
        "ceyx_model": "string",
        "ceyx_finish_reason": "string",
        "ceyx_request_id": "string",
        "ceyx_seconds": "double",
    }
    assert after.column("ceyx_status").to_pylist() == ["done", "error", "done"]
    assert "“Say one at 2026-11-21 08:30:00.000000”" in after.column("answer")[0].as_py()
    again = asked(service, job(), given, "out.parquet")
    assert (again.done, pq.read_table("out.parquet").equals(after)) == (0, True)


def test_vectors_are_lists_of_floats(service, given):
    of = EmbeddingJob(model="text-embedding-3-small", text="{text}", dimensions=8)
    asked(service, of, given, "vectors.parquet")
    table = pq.read_table("vectors.parquet")
    assert pa.types.is_list(table.schema.field("embedding").type) and pa.types.is_float32(
        table.schema.field("embedding").type.value_type
    )
    assert [vector and len(vector) for vector in table.column("embedding").to_pylist()] == [8, None, 8]


def test_a_url_for_both(service, given):
    rows.write("memory://jobs/1.jsonl.gz", lambda: [{"text": "one", "at": "noon"}])
    rows.write("memory://jobs/2.csv", lambda: [{"text": "two", "at": "noon", "more": "x"}])
    summary = asked(service, job(), "memory://jobs/*", "memory://jobs/out/answers.jsonl")
    assert summary.done == 2 and summary.ledger == Path("answers.jsonl.ledger") and Path("answers.jsonl.ledger").exists()
    found = [row.values for row in rows.read(["memory://jobs/out/answers.jsonl"])]
    assert [(row["text"], row.get("more"), row["ceyx_status"]) for row in found] == [("one", None, "done"), ("two", "x", "done")]


def test_an_output_that_cannot_be_costs_nothing(service, given):
    for out, said in (
        ("no/out.parquet", "no folder"),
        ("out.parquet.gz", "compressed inside"),
        ("nosuch://x/o.csv", "cannot reach"),
    ):
        with pytest.raises(InputError, match=said):
            asked(service, job(), given, out)
    assert not list(given.parent.glob("*.ledger"))


def test_a_store_that_is_gone_at_the_end_leaves_the_answers_in_the_ledger(service, given, monkeypatch):
    def gone(*_: Any, **__: Any) -> None:
        raise ConnectionError("the store does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(fsspec.get_filesystem_class("memory"), "put_file", gone)
        with pytest.raises(OSError, match="the store does not answer; all answers are in"):
            asked(service, job(), given, "memory://jobs/out.jsonl")
    summary = asked(service, job(), given, "memory://jobs/out.jsonl")
    assert summary.done == 0 and len(list(rows.read(["memory://jobs/out.jsonl"]))) == 3
