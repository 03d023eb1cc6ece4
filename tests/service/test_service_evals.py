"""Evaluations and their runs as objects: made, listed, changed, cancelled, deleted, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import sleep
from typing import Any

import openai
import pytest
from evaluations import ALIKE, CHECK, CUSTOM, SCHEMA, answered, asking, begun, content, ended, items, made
from plain_http import Wire

from ceyx import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from ceyx.service import LocalService
from ceyx.service.store import Store


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[Any]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client


def test_an_evaluation_is_kept(client: Any) -> None:
    evaluation = made(client, CHECK, ALIKE, name="Birds", metadata={"a": "b"})
    assert evaluation.id.startswith("eval_") and evaluation.object == "eval" and evaluation.created_at
    assert (evaluation.name, evaluation.metadata) == ("Birds", {"a": "b"})
    assert evaluation.data_source_config.type == "custom"
    assert evaluation.data_source_config.schema["properties"]["item"] == SCHEMA
    assert evaluation.data_source_config.schema["required"] == ["item", "sample"]
    assert [each.name for each in evaluation.testing_criteria] == ["check", "alike"]
    assert evaluation.testing_criteria[1].pass_threshold == 0.5
    assert client.evals.retrieve(evaluation.id) == evaluation
    changed = client.evals.update(evaluation.id, name="Fish")
    assert (changed.name, changed.metadata) == ("Fish", {"a": "b"})
    assert client.evals.update(evaluation.id, metadata={"c": "d"}).metadata == {"c": "d"}
    gone = client.evals.delete(evaluation.id)
    assert (gone.object, gone.deleted, gone.eval_id) == ("eval.deleted", True, evaluation.id)
    with pytest.raises(NotFoundError, match=f"No eval found with id '{evaluation.id}'"):
        client.evals.retrieve(evaluation.id)


@pytest.mark.parametrize("kind", ["logs", "stored_completions"])
def test_evaluations_of_what_is_stored(client: Any, kind: str) -> None:
    config = made(client, config={"type": kind, "metadata": {"use": "birds"}}).data_source_config
    assert (config.type, config.metadata) == (kind, {"use": "birds"})
    assert config.schema["required"] == ["item", "sample"]


def test_without_a_sample_there_is_none_in_the_schema(client: Any) -> None:
    config = made(client, config={"type": "custom", "item_schema": SCHEMA}).data_source_config
    assert config.schema["required"] == ["item"]


@pytest.mark.parametrize(
    ("config", "criterion", "param"),
    [
        ({}, CHECK, "data_source_config.type"),
        ({"type": "all"}, CHECK, "data_source_config.type"),
        ({"type": "custom"}, CHECK, "data_source_config.item_schema"),
        (CUSTOM, {}, "testing_criteria[0]"),
        (CUSTOM, {**CHECK, "operation": "is"}, "testing_criteria[0]"),
        (CUSTOM, {**CHECK, "input": "{{ answer }}"}, "testing_criteria[0]"),
        (CUSTOM, {name: ALIKE[name] for name in ALIKE if name != "pass_threshold"}, "testing_criteria[0].pass_threshold"),
        (CUSTOM, {**ALIKE, "pass_threshold": "much"}, "testing_criteria[0].pass_threshold"),
        (CUSTOM, {"type": "multi", "name": "m", "graders": {}, "calculate_output": "1"}, "testing_criteria[0].type"),
        (
            CUSTOM,
            {"type": "label_model", "name": "l", "model": "gpt-4o", "input": [], "labels": ["a"], "passing_labels": ["b"]},
            "testing_criteria[0].passing_labels",
        ),
    ],
)
def test_what_is_no_evaluation(client: Any, config: Any, criterion: Any, param: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        made(client, criterion, config=config)
    assert refused.value.param == param and param in refused.value.message


def test_evaluations_are_listed_by_either_time(own: tuple[OpenAI, Store]) -> None:
    client: Any = own[0]
    first, second, third = (made(client, name=str(number)).id for number in range(3))
    client.evals.update(first, name="changed")
    assert [each.id for each in client.evals.list(limit=2)] == [first, second, third]
    assert [each.id for each in client.evals.list(order="desc")] == [third, second, first]
    assert [each.id for each in client.evals.list(order_by="updated_at", limit=1)] == [second, third, first]
    assert [each.id for each in client.evals.list(after=second).data] == [third]
    with pytest.raises(BadRequestError, match="order_by"):
        client.evals.list(order_by="name").data  # noqa: B018  the page is asked for when it is read


# -- runs


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({}, "data_source.type"),
        ({"type": "jsonl", "source": {"type": "responses"}}, "data_source.source.type"),
        ({"type": "jsonl", "source": content()}, "data_source.source.content"),
        ({"type": "jsonl", "source": content({"q": "?"})}, "data_source.source.content[0].item.a"),
        (asking({"q": "", "a": ""}, model=None), "data_source.model"),
        (asking({"q": "", "a": ""}, input_messages=None), "data_source.input_messages"),
        (asking({"q": "", "a": ""}, sampling_params={"temperature": 3}), "data_source.sampling_params.temperature"),
        (
            asking({"q": "", "a": ""}, input_messages={"type": "template", "template": [{"role": "user", "content": "{{q}}"}]}),
            "data_source.input_messages.template[0].content",
        ),
    ],
)
def test_what_is_no_run(client: Any, data: Any, param: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        begun(client, data)
    assert refused.value.param == param and param in refused.value.message


def test_what_is_not_there(client: Any) -> None:
    run, other = begun(client, answered(("a", "a"))), made(client)
    with pytest.raises(NotFoundError, match="The model `gpt-none` does not exist"):
        begun(client, asking({"q": "", "a": ""}, model="gpt-none"))
    with pytest.raises(NotFoundError, match="not a chat model"):
        begun(client, asking({"q": "", "a": ""}, model="whisper-1"))
    with pytest.raises(NotFoundError, match="No file found with id 'file-1'"):
        begun(client, {"type": "jsonl", "source": {"type": "file_id", "id": "file-1"}})
    with pytest.raises(NotFoundError, match="No eval found"):
        client.evals.runs.create("eval_1", data_source=answered(("a", "a")))
    with pytest.raises(NotFoundError, match="No run found with id 'evalrun_1'"):
        client.evals.runs.retrieve("evalrun_1", eval_id=other.id)
    with pytest.raises(NotFoundError, match=f"Run {run.id} is none of eval {other.id}"):
        client.evals.runs.retrieve(run.id, eval_id=other.id)
    (row,) = items(client, ended(client, run))
    again = client.evals.runs.create(run.eval_id, data_source=answered(("a", "a")))
    with pytest.raises(NotFoundError, match=f"is none of run {again.id}"):
        client.evals.runs.output_items.retrieve(row.id, run_id=again.id, eval_id=run.eval_id)


def test_runs_are_listed_cancelled_and_deleted(client: Any) -> None:
    evaluation = made(client)
    rows = [{"q": "?", "a": ""}] * 2000
    slow = client.evals.runs.create(evaluation.id, data_source=asking(*rows))
    quick = ended(client, client.evals.runs.create(evaluation.id, data_source=answered(("a", "a"))))
    assert [each.id for each in client.evals.runs.list(evaluation.id)] == [slow.id, quick.id]
    assert [each.id for each in client.evals.runs.list(evaluation.id, status="completed")] == [quick.id]
    with pytest.raises(BadRequestError, match="'canceled'"):
        client.evals.runs.list(evaluation.id, status="cancelled").data  # noqa: B018  the page is asked for when it is read
    stopped = client.evals.runs.cancel(slow.id, eval_id=evaluation.id)
    assert stopped.status == "canceled" and stopped.result_counts.total < 2000
    sleep(0.2)
    assert client.evals.runs.retrieve(slow.id, eval_id=evaluation.id) == stopped
    assert len(items(client, stopped, limit=100)) == stopped.result_counts.total
    with pytest.raises(BadRequestError, match="Cannot cancel a run with status 'canceled'"):
        client.evals.runs.cancel(slow.id, eval_id=evaluation.id)
    gone = client.evals.runs.delete(quick.id, eval_id=evaluation.id)
    assert (gone.object, gone.deleted, gone.run_id) == ("eval.run.deleted", True, quick.id)
    assert [each.id for each in client.evals.runs.list(evaluation.id)] == [slow.id]


def test_nothing_is_left_of_an_evaluation(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    run = ended(client, begun(client, answered(("a", "a"))))
    client.evals.runs.create(run.eval_id, data_source=answered(("a", "a")))
    client.evals.delete(run.eval_id)
    sleep(0.2)
    for kind, parent in (
        ("eval", ""),
        ("eval.run", run.eval_id),
        ("eval.run.data_source", run.eval_id),
        ("eval.run.output_item", run.id),
    ):
        assert store.page(kind, parent=parent)[0] == []


def test_azure_async_and_the_openai_package(service: LocalService) -> None:
    data = asking({"q": "Hello", "a": "Hello"})
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2025-04-01-preview") as azure:
        assert ended(azure, begun(azure, data)).result_counts.passed == 1
        with pytest.raises(NotFoundError, match="gpt-none"):
            begun(azure, asking({"q": "", "a": ""}, model="gpt-none"))
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        run = ended(client, begun(client, data))
        (row,) = items(client, run)
        assert (run.status, row.status, row.results[0].passed) == ("completed", "pass", True)
        assert run.per_model_usage[0].run_model_name == "gpt-4o"

    async def asked() -> int:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            fields: Any = {"data_source_config": CUSTOM, "testing_criteria": [CHECK]}
            evaluation = await client.evals.create(**fields)
            run = await client.evals.runs.create(evaluation.id, data_source=data)
            while run.status in ("queued", "in_progress"):
                await asyncio.sleep(0.02)
                run = await client.evals.runs.retrieve(run.id, eval_id=evaluation.id)
            return len([row async for row in client.evals.runs.output_items.list(run.id, eval_id=evaluation.id)])

    assert asyncio.run(asked()) == 1


def test_the_wire(wire: Wire, client: Any) -> None:
    made_here = wire.post("/v1/evals", {"data_source_config": CUSTOM, "testing_criteria": [CHECK]})
    assert made_here.status == 201 and "_updated" not in made_here.json()
    path = f"/v1/evals/{made_here.json()['id']}/runs"
    begun_here = wire.post(path, {"data_source": asking(*[{"q": "?", "a": ""}] * 500)})
    run = begun_here.json()
    assert begun_here.status == 201 and not [name for name in run if name.startswith("_")]
    assert wire.pool.request("GET", run["report_url"]).json()["id"] == run["id"]
    assert wire.post(f"{path}/{run['id']}", {}).json()["status"] == "canceled"  # as the documents have it
