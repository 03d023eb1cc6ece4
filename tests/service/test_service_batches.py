"""Batches: executed by the routes they name, refused line by line, cancelled, expired, taken up after a restart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import openai
import pytest

from ceyx import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from ceyx.service import Limit, LocalService, Settings
from ceyx.service.store import Store

SAID = [{"role": "user", "content": "Hello"}]
AT_REST = ("completed", "failed", "cancelled", "expired")


def chat(number: int, **fields: Any) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Number {number}"}]}
    return {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": {**body, **fields}}


def jsonl(lines: list[Any]) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)


def begun(client: Any, lines: list[Any], endpoint: Any = "/v1/chat/completions", **fields: Any) -> Any:
    file = client.files.create(file=("in.jsonl", jsonl(lines)), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **fields)


def ended(client: Any, batch: Any) -> Any:
    until = monotonic() + 20
    while batch.status not in AT_REST:
        assert monotonic() < until, batch
        sleep(0.01)
        batch = client.batches.retrieve(batch.id)
    return batch


def lines_of(client: Any, id: str | None) -> list[Any]:
    return [] if id is None else [json.loads(line) for line in client.files.content(id).text.splitlines()]


def counted(batch: Any) -> tuple[int, int, int]:
    return batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed


def test_a_batch_answers_as_the_routes_do(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    batch = begun(client, [chat(1), chat(2, n=2), chat(3)], metadata={"night": "1"})
    assert batch.status == "validating" and batch.id.startswith("batch_") and batch.metadata == {"night": "1"}
    assert batch.expires_at == batch.created_at + 24 * 3600 and batch.output_file_id is None
    batch = ended(client, batch)
    assert (batch.status, batch.error_file_id, batch.errors, counted(batch)) == ("completed", None, None, (3, 3, 0))
    assert batch.model == "gpt-4o" and batch.created_at <= batch.in_progress_at <= batch.finalizing_at <= batch.completed_at
    answers = lines_of(client, batch.output_file_id)
    assert [answer["custom_id"] for answer in answers] == ["r1", "r2", "r3"]
    for number, answer in enumerate(answers, 1):
        live = client.chat.completions.create(**chat(number, n=2 if number == 2 else 1)["body"])
        assert answer["response"]["status_code"] == 200 and answer["error"] is None and answer["id"].startswith("batch_req_")
        assert answer["response"]["request_id"].startswith("req_")
        assert [each["message"]["content"] for each in answer["response"]["body"]["choices"]] == [
            choice.message.content for choice in live.choices
        ]
    totals = [answer["response"]["body"]["usage"]["total_tokens"] for answer in answers]
    assert batch.usage is not None and batch.usage.total_tokens == sum(totals) > 0
    made = client.files.retrieve(batch.output_file_id or "")
    assert (made.purpose, made.filename) == ("batch_output", f"{batch.id}_output.jsonl")
    assert made.bytes == len(client.files.content(made.id).content)


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "Hello"}),
        ("/v1/completions", {"model": "gpt-35-turbo-instruct", "prompt": "Hello"}),
        ("/v1/moderations", {"model": "omni-moderation-latest", "input": "Hello"}),
    ],
)
def test_other_endpoints(own: tuple[OpenAI, Store], url: str, body: dict[str, Any]) -> None:
    client, _ = own
    batch = ended(client, begun(client, [{"custom_id": "a", "method": "POST", "url": url, "body": body}], url))
    assert batch.status == "completed" and counted(batch) == (1, 1, 0)
    assert lines_of(client, batch.output_file_id)[0]["response"]["body"]


def test_lines_that_fail_are_in_the_error_file(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    batch = ended(client, begun(client, [chat(1), chat(2, temperature=5), chat(3, stream=True), chat(4, messages=[])]))
    assert batch.status == "completed" and counted(batch) == (4, 1, 3)
    assert [line["custom_id"] for line in lines_of(client, batch.output_file_id)] == ["r1"]
    errors = lines_of(client, batch.error_file_id)
    assert [(line["custom_id"], line["response"]["status_code"]) for line in errors] == [("r2", 400), ("r3", 400), ("r4", 400)]
    assert [line["response"]["body"]["error"]["param"] for line in errors] == ["temperature", "stream", "messages"]


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        ([chat(1), chat(1)], [("duplicate_custom_id", 2, "custom_id")]),
        ([b"", chat(1), b"{nonsense", b"[1]"], [("invalid_json_line", 2, None), ("invalid_json_line", 3, None)]),
        ([{**chat(1), "url": "/v1/embeddings"}], [("mismatched_url", 1, "url")]),
        ([chat(1), chat(2, model="gpt-4o-mini")], [("model_mismatch", 2, "body.model")]),
        ([chat(1, model="gpt-9")], [("model_not_found", 1, "body.model")]),
        ([{"custom_id": "", "method": "GET", "url": "/v1/chat/completions"}], None),
        ([b"\n"], [("empty_file", None, None)]),
    ],
)
def test_a_file_that_cannot_be_executed(own: tuple[OpenAI, Store], lines: list[Any], errors: list[Any] | None) -> None:
    client, _ = own
    batch = ended(client, begun(client, lines))
    assert batch.status == "failed" and batch.failed_at and batch.output_file_id is None
    found = [(error.code, error.line, error.param) for error in batch.errors.data]
    assert found == errors or (errors is None and {param for _, _, param in found} == {"custom_id", "method", "body"})


def test_what_is_refused_at_once(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    good = client.files.create(file=jsonl([chat(1)]), purpose="batch").id
    other = client.files.create(file=jsonl([chat(1)]), purpose="user_data").id
    usual: dict[str, Any] = {"input_file_id": good, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    for fields, param in (
        ({"input_file_id": other}, "input_file_id"),
        ({"endpoint": "/v1/videos"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": {str(i): "" for i in range(17)}}, "metadata"),
        ({"metadata": {"k" * 65: "a"}}, "metadata"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 1}}, "output_expires_after"),
    ):
        with pytest.raises(BadRequestError) as refused:
            client.batches.create(**{**usual, **fields})
        assert str(refused.value.param).startswith(param)
    with pytest.raises(NotFoundError) as missing:
        client.batches.create(**{**usual, "input_file_id": "file-none"})
    assert missing.value.param == "input_file_id"
    with pytest.raises(NotFoundError, match="No batch found"):
        client.batches.retrieve("batch_none")


def test_cancelling(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    batch = begun(client, [chat(number) for number in range(3000)])
    while counted(batch)[1] == 0:
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "in_progress"
    assert client.batches.cancel(batch.id).status == "cancelling"
    batch = ended(client, batch)
    assert batch.status == "cancelled" and batch.cancelled_at >= batch.cancelling_at
    answered = len(lines_of(client, batch.output_file_id))
    assert 0 < answered < 3000 and counted(batch) == (3000, answered, 0)
    with pytest.raises(BadRequestError, match="Cannot cancel a batch with status 'cancelled'"):
        client.batches.cancel(batch.id)


def test_the_service_goes_on_answering_meanwhile(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    batch = begun(client, [chat(number) for number in range(1500)])
    slowest = 0.0
    while (batch := client.batches.retrieve(batch.id)).status not in AT_REST:
        started = monotonic()
        client.models.retrieve("gpt-4o")
        slowest = max(slowest, monotonic() - started)
    assert batch.status == "completed" and counted(batch) == (1500, 1500, 0)
    assert slowest < 1


def test_listing(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = [begun(client, [chat(1)]).id for _ in range(3)]
    assert [batch.id for batch in client.batches.list(limit=2)] == made[::-1]
    assert [batch.id for batch in client.batches.list(after=made[1]).data] == [made[0]]


def test_azure_spells_it_otherwise(service: LocalService) -> None:
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        line = {**chat(1, model="gpt-4o-deployment"), "url": "/chat/completions"}
        batch = ended(azure, begun(azure, [line], "/chat/completions"))
        assert batch.status == "completed"
        body = lines_of(azure, batch.output_file_id)[0]["response"]["body"]
        assert body["model"] == "gpt-4o-2024-08-06" and "content_filter_results" in body["choices"][0]


def test_a_batch_is_taken_up_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "state.db", keys=frozenset({"key"}))
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="key") as client:
        batch = begun(client, [chat(number) for number in range(2000)])
        while counted(batch)[1] == 0:
            batch = client.batches.retrieve(batch.id)
        late = begun(client, [chat(number) for number in range(3)])
    store = Store(tmp_path / "state.db")
    store.update("batch", late.id, status="in_progress", expires_at=late.created_at - 1)
    store.close()
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="key") as client:
        batch, late = ended(client, batch), ended(client, late)
        assert batch.status == "completed" and counted(batch) == (2000, 2000, 0)
        assert [line["custom_id"] for line in lines_of(client, batch.output_file_id)] == [f"r{n}" for n in range(2000)]
        assert late.status == "expired" and counted(late) == (3, 0, 3)
        assert {line["error"]["code"] for line in lines_of(client, late.error_file_id)} == {"batch_expired"}


def test_faults_happen_to_lines() -> None:
    faulty = Settings(faults={"gpt-4o": "status;code=503"})
    with LocalService(faulty) as service, OpenAI(base_url=service.url, api_key="any") as client:
        batch = ended(client, begun(client, [chat(1), chat(2)]))
        assert counted(batch) == (2, 0, 2)
        assert lines_of(client, batch.error_file_id)[0]["response"]["status_code"] == 503


def test_the_openai_package(service: LocalService) -> None:
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        batch = ended(client, begun(client, [chat(1)], output_expires_after={"anchor": "created_at", "seconds": 3600}))
        assert batch.status == "completed" and len(lines_of(client, batch.output_file_id)) == 1
        file = client.files.retrieve(batch.output_file_id)
        assert file.expires_at == file.created_at + 3600


def test_async(service: LocalService) -> None:
    async def run() -> str:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            file = await client.files.create(file=jsonl([chat(1)]), purpose="batch")
            batch = await client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
            while batch.status not in AT_REST:
                await asyncio.sleep(0.01)
                batch = await client.batches.retrieve(batch.id)
            return batch.status

    assert asyncio.run(run()) == "completed"


@pytest.mark.parametrize("azure", [False, True])
def test_a_queue_that_is_full(azure: bool) -> None:
    settings = Settings(limits={"gpt-4o": Limit(enqueued_tokens=100)}, batch_seconds=60)
    with LocalService(settings) as service:
        address: Any = (
            {"azure_endpoint": service.azure_endpoint, "api_version": "2024-10-21"} if azure else {"base_url": service.url}
        )
        url = "/chat/completions" if azure else "/v1/chat/completions"
        lines = [{**chat(number), "url": url} for number in range(2)]
        made: Any = AzureOpenAI if azure else OpenAI
        with made(api_key="any", **address) as client:
            first = begun(client, lines, url)
            while first.status == "validating":
                first = client.batches.retrieve(first.id)
            second = ended(client, begun(client, lines, url))
            assert (second.status, second.errors.data[0].code) == ("failed", "token_limit_exceeded")
            assert ("configured limit of 100 for the deployment 'gpt-4o'" if azure else "Limit: 100 enqueued tokens") in str(
                second.errors.data[0].message
            )
            client.batches.cancel(first.id)
            ended(client, first)
            third = begun(client, lines, url)
            while (third := client.batches.retrieve(third.id)).status == "validating":
                pass
            assert third.status == "in_progress"


def test_azure_leaves_a_file_of_errors_that_is_empty(service: LocalService) -> None:
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        batch = ended(azure, begun(azure, [{**chat(1), "url": "/chat/completions"}], "/chat/completions"))
        assert batch.error_file_id and lines_of(azure, batch.error_file_id) == []


def test_a_batch_that_takes_its_time_can_be_cancelled_at_any_moment() -> None:
    with LocalService(Settings(batch_seconds=60)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        batch = begun(client, [chat(1), chat(2)])
        while counted(batch)[1] == 0:
            batch = client.batches.retrieve(batch.id)
        client.batches.cancel(batch.id)
        assert counted(ended(client, batch)) == (2, 1, 0)
