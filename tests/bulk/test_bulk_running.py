"""`run` and `arun`: from an input to an output, as programs call them."""

from __future__ import annotations

import asyncio
import inspect
import json
import pickle
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy
import pytest
from pydantic import BaseModel

from ceyx.bulk import (
    BudgetError,
    EmbeddingJob,
    Job,
    JobStoppedError,
    LedgerError,
    Limiter,
    Run,
    TranscriptionJob,
    arun,
    dry_run,
    run,
)
from ceyx.bulk.history import History
from ceyx.bulk.ledger import OtherJobError
from ceyx.bulk.rows import InputError
from ceyx.bulk.running import OutputError
from ceyx.client import AsyncAzureOpenAI, AsyncOpenAI, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

JOB = Job("gpt-4o-mini", "Say {text}")
ROWS = [{"id": n, "text": f"row {n}"} for n in range(5)]


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(latency={"slow": Latency(0.05)}, deployments={"slow": "gpt-4o-mini"})) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, service: LocalService, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory; the service is what the environment configures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", service.url)
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    monkeypatch.delenv("OPENAI_API_TYPE", raising=False)
    return tmp_path


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_files_to_a_file(folder):
    for part in (1, 2):
        Path(f"part{part}.jsonl").write_text(f'{{"text": "of part {part}"}}\n')
    summary = run(JOB, "part*.jsonl", "out.jsonl")
    assert (summary.ok, summary.whole, summary.done, summary.failed) == (True, True, 2, 0)
    assert summary.output == "out.jsonl" and summary.ledger == Path("out.jsonl.ledger") and summary.cost > 0
    found = lines("out.jsonl")
    assert ["of part 1" in row["answer"] for row in found] == [True, False] and list(summary.rows()) == found
    again = run(JOB, [Path("part1.jsonl"), "part2.jsonl"], Path("out.jsonl"))
    assert again.ok and (again.done, again.progress.before) == (0, 2)
    with pytest.raises(OtherJobError):
        run(Job("gpt-4o-mini", "Sing {text}"), "part*.jsonl", "out.jsonl")
    assert run(Job("gpt-4o-mini", "Sing {text}"), "part*.jsonl", "out.jsonl", restart=True).done == 2


def test_rows_to_a_ledger_alone(folder):
    summary = run(JOB, iter(ROWS), ledger="x.ledger", history=History(folder / "state"))
    assert summary.ok and summary.output is None and not Path("out.jsonl").exists()
    assert [row["id"] for row in summary.rows()] == [0, 1, 2, 3, 4]
    (past,) = History(folder / "state").jobs()
    assert past.state == "finished" and past.done == 5
    with pytest.raises(InputError, match="a place for its ledger"):
        run(JOB, ROWS)


def test_values_of_rows_become_json(folder):
    row = {
        "text": "a",
        "day": date(2026, 1, 2),
        "price": Decimal("1.50"),
        "id": UUID(int=1),
        "n": numpy.int64(7),
        "f": numpy.float32(0.5),
    }
    (found,) = run(JOB, [row], ledger="x.ledger").rows()
    plain = {"text": "a", "day": "2026-01-02", "price": "1.50", "id": str(UUID(int=1)), "n": 7, "f": 0.5}
    assert {name: found[name] for name in row} == plain


def test_a_row_that_cannot_be_json_is_an_error_row(folder):
    itself: list[Any] = []
    itself.append(itself)
    summary = run(JOB, [{"text": "\ud800"}, {"text": itself}, {"text": "good"}], "out.jsonl")
    assert (summary.done, summary.failed) == (1, 2)
    assert [row["ceyx_status"] for row in lines("out.jsonl")] == ["error", "error", "done"]
    assert "cannot be JSON" in lines("out.jsonl")[0]["ceyx_error"]


@pytest.mark.parametrize(
    "nothing", [None, float("nan"), numpy.float64("nan"), type("NAType", (), {})(), type("NaTType", (), {})()]
)
def test_what_tables_have_for_nothing_is_not_asked_about(folder, nothing):
    summary = run(JOB, [{"text": nothing}], "out.jsonl")
    assert summary.failed == 1 and "nothing in 'text'" in lines("out.jsonl")[0]["ceyx_error"]


def test_tables_are_rows(folder):
    class Frame:
        def to_dict(self, orient: str) -> list[dict[str, Any]]:
            assert orient == "records"
            return ROWS

    assert run(JOB, Frame(), ledger="x.ledger").done == 5  # type: ignore[arg-type]
    assert dry_run(JOB, ROWS).rows == 5


@pytest.mark.parametrize("input", [["no row"], [1, 2]])
def test_what_is_no_row_is_named(folder, input):
    with pytest.raises(InputError, match=r"row 1 of the input is 1|there is no file no row"):
        run(JOB, input, "out.jsonl")


@pytest.mark.parametrize("input", [{"text": "a"}, 7])
def test_an_input_that_is_none(folder, input):
    with pytest.raises((InputError, TypeError), match=r"mapping|iterable"):
        run(JOB, input, "out.jsonl")


class Label(BaseModel):
    label: str
    sure: bool


def test_a_class_is_the_shape_of_answers(folder):
    job = Job("gpt-4o-mini", "Classify: {text}", schema=Label)
    assert run(job, ROWS, "out.jsonl").ok
    assert {Label(**row["answer"]).label for row in lines("out.jsonl")}


TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def test_calls_of_tools_are_answers(folder):
    job = Job("gpt-4o-mini", "Weather in {text}?", tools=[TOOL], params={"tool_choice": "required"})
    summary = run(job, [{"text": "Paris"}], "out.jsonl")
    (row,) = lines("out.jsonl")
    ((call,),) = (row["answer"],)
    assert summary.ok and row["ceyx_finish_reason"] == "tool_calls"
    assert call["function"]["name"] == "weather" and isinstance(json.loads(call["function"]["arguments"]), dict)


def test_azure_and_a_deployment(folder, service, monkeypatch):
    client = AsyncAzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21")
    made = Run(Job("gpt-4o", "{text}"), ROWS, "out.jsonl", client=client)
    assert made.pricing.provider == "azure" and not made.limits.refunds  # type: ignore[attr-defined]
    assert asyncio.run(made.go()).ok
    for name, value in {"OPENAI_API_TYPE": "azure", "AZURE_OPENAI_ENDPOINT": service.azure_endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "any")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    assert run(Job("gpt-4o", "{text}"), ROWS, "other.jsonl").ok


async def test_in_a_loop_that_runs(folder):
    with pytest.raises(RuntimeError, match="await arun"):
        run(JOB, ROWS, "out.jsonl")
    async with AsyncOpenAI() as client:
        assert (await arun(JOB, ROWS, "out.jsonl", client=client)).ok
        assert (await client.models.retrieve("gpt-4o-mini")).id == "gpt-4o-mini"  # it is the caller's to close


async def test_a_run_can_be_drained(folder):
    made = Run(Job("slow", "{text}"), ({"text": str(n)} for n in range(10_000)), "out.jsonl", workers=4)
    asyncio.get_running_loop().call_later(0.12, made.drain)
    summary = await made.go()
    assert not summary.whole and not summary.ok and summary.output is None and summary.done >= 4
    assert not [path for path in folder.iterdir() if path.name == "out.jsonl"] and len(list(summary.rows())) == summary.done


def test_limits_of_ones_own(folder):
    limiter = Limiter(in_flight=1)
    assert run(JOB, ROWS, "out.jsonl", limits=limiter).ok and limiter.allowed == 1
    capped = Run(JOB, ROWS, "o.jsonl", requests_per_minute=600, tokens_per_minute=9_000, workers=3).limits
    assert {kind: rate.per_second for kind, rate in capped.rates.items()} == {"requests": 10, "tokens": 150}


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"client": OpenAI(api_key="k")}, TypeError, "AsyncOpenAI"),
        ({"budget": "lots"}, ValueError, "no number of dollars"),
        ({"budget": 0.000001}, BudgetError, "one call may cost"),
        ({"price": ("a", 1)}, ValueError, "no number of dollars"),
        ({"price": 3}, ValueError, "price is 3; it is two numbers"),
        ({"budgett": 5}, TypeError, "'budgett'; did you mean 'budget'"),
    ],
)
def test_options_that_cannot_be(folder, options, error, said):
    with pytest.raises(error, match=said):
        run(JOB, ROWS, "out.jsonl", **options)


def test_outputs_that_cannot_be(folder):
    Path("in.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(InputError, match="is the input"):
        run(JOB, "in.jsonl", "in.jsonl")
    with pytest.raises(InputError, match="no folder"):
        run(JOB, "in.jsonl", "no/where.jsonl")
    with pytest.raises(LedgerError):
        run(JOB, "in.jsonl", "out.jsonl", ledger="no/where.ledger")


def test_an_output_that_cannot_be_written_any_more(folder, monkeypatch):
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ceyx.bulk.rows.write", full)
    with pytest.raises(
        OutputError, match=r"cannot write out.jsonl: No space left on device; all answers are in out.jsonl.ledger"
    ):
        run(JOB, ROWS, "out.jsonl")


def test_what_all_rows_would_meet(folder):
    with pytest.raises(JobStoppedError, match="401"):
        run(Job("gpt-4o-mini", "{text}", params={"extra_headers": {"x-ceyx-fault": "status;code=401"}}), ROWS, "out.jsonl")


@pytest.mark.parametrize("kind", [Job, EmbeddingJob])
def test_no_key_is_kept(folder, kind):
    client = AsyncOpenAI(api_key="sk-of-mine", default_headers={"x-ceyx-fault": "status;code=400;message=no sk-of-mine"})
    of = kind("gpt-4o-mini", "{text}", params={"extra_headers": {"X-Api-Key": "sk-of-a-gateway"}})
    assert run(of, ROWS[:1], "out.jsonl", client=client).failed == 1
    assert "400 - no [key]" in lines("out.jsonl")[0]["ceyx_error"]
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"sk-of" not in kept and b"REDACTED" in kept


def test_help_names_the_options():
    assert {"client", "workers", "budget", "price", "ledger"} <= inspect.signature(run).parameters.keys()
    assert inspect.iscoroutinefunction(arun)


@pytest.mark.parametrize(
    "job",
    [
        Job("m", "{a}", system="s", tools=[TOOL], schema=Label, params={"seed": 1}),
        EmbeddingJob("m", "{a}", dimensions=3),
        TranscriptionJob("m", "{a}"),
    ],
)
def test_jobs_travel(job):
    again = pickle.loads(pickle.dumps(job))
    assert again == job and again.said == job.said
