"""What type checkers infer of fine-tuning, vector stores, containers, evaluations and webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, assert_type

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, omit
from ceyx.pagination import AsyncCursorPage, AsyncPaginator, SyncCursorPage
from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
from ceyx.types import (
    ContainerCreateResponse,
    EvalCreateResponse,
    EvalUpdateResponse,
    VectorStore,
    VectorStoreSearchResponse,
)
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.containers import FileListResponse
from ceyx.types.evals import RunCreateResponse
from ceyx.types.evals.runs import OutputItemListResponse
from ceyx.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from ceyx.types.fine_tuning.checkpoints import PermissionCreateResponse, PermissionRetrieveResponse
from ceyx.types.fine_tuning.jobs import FineTuningJobCheckpoint
from ceyx.types.vector_stores import VectorStoreFile, VectorStoreFileBatch
from ceyx.types.webhooks import (
    BatchCompletedWebhookEvent,
    RealtimeCallIncomingWebhookEvent,
    UnwrapWebhookEvent,
    WebhookEndpointWithSecret,
)
from ceyx.wire.call import Call, Flow, Pages


def fine_tuning(c: OpenAI, a: AsyncOpenAI, azure: AzureOpenAI) -> None:
    jobs = c.fine_tuning.jobs
    job = jobs.create(model="gpt-4o-mini", training_file="file-1", seed=None, metadata=omit, timeout=5)
    assert_type(job, FineTuningJob)
    assert_type(job.finished_at, int | None)
    assert_type(job.hyperparameters.n_epochs, Literal["auto"] | int | None)
    assert_type(azure.fine_tuning.jobs.pause("j"), FineTuningJob)
    assert_type(jobs.list(metadata={"a": "b"}), SyncCursorPage[FineTuningJob])
    assert_type(a.fine_tuning.jobs.list_events("j"), AsyncPaginator[FineTuningJobEvent, AsyncCursorPage[FineTuningJobEvent]])
    assert_type(jobs.checkpoints.list("j", limit=1), SyncCursorPage[FineTuningJobCheckpoint])
    permissions = c.fine_tuning.checkpoints.permissions
    assert_type(permissions.create("ft:m", project_ids=["p"]), SyncCursorPage[PermissionCreateResponse])
    assert_type(permissions.retrieve("ft:m"), PermissionRetrieveResponse)
    assert_type(c.fine_tuning.with_raw_response.jobs.cancel("j"), RawResponse[FineTuningJob])
    assert_type(c.plan.fine_tuning.jobs.list(), Pages[FineTuningJob])
    jobs.create(
        model="m",
        training_file="f",
        method={
            "type": "reinforcement",
            "reinforcement": {
                "grader": {"type": "score_model", "name": "n", "model": "m", "input": [{"role": "user", "content": "Good?"}]},
                "hyperparameters": {"n_epochs": "auto"},
            },
        },
    )
    jobs.create(model="m")  # E
    jobs.create(model="m", training_file="f", method={"type": "magic"})  # E
    jobs.create(model="m", training_file="f", method={"type": "dpo", "dpo": {"hyperparameters": {"betta": 1}}})  # E
    jobs.retrieve()  # E
    jobs.list(order="asc")  # E
    permissions.list("ft:m", order="asc")  # E


async def vector_stores(c: OpenAI, a: AsyncOpenAI) -> None:
    assert_type(c.vector_stores.create(name="n", expires_after={"anchor": "last_active_at", "days": 7}), VectorStore)
    assert_type(c.vector_stores.search("v", query="q"), SyncCursorPage[VectorStoreSearchResponse])
    for found in c.vector_stores.search("v", query=["q"], filters={"type": "eq", "key": "k", "value": 1}):
        assert_type(found.score, float)
    files, batches = c.vector_stores.files, c.vector_stores.file_batches
    assert_type(files.retrieve("f", vector_store_id="v"), VectorStoreFile)
    assert_type(files.create_and_poll("f", vector_store_id="v", attributes={"a": 1}, poll_interval_ms=5), VectorStoreFile)
    assert_type(files.upload_and_poll(vector_store_id="v", file=Path("x"), max_wait_seconds=5), VectorStoreFile)
    assert_type(await a.vector_stores.files.poll("f", vector_store_id="v"), VectorStoreFile)
    assert_type(batches.upload_and_poll("v", files=[b"x", ("a.txt", b"y")], max_concurrency=2), VectorStoreFileBatch)
    assert_type(batches.list_files("b", vector_store_id="v", filter="failed"), SyncCursorPage[VectorStoreFile])
    assert_type(c.plan.vector_stores.files.poll("f", vector_store_id="v"), Flow[VectorStoreFile])
    c.vector_stores.create(expires_after={"anchor": "last_active_at"})  # E
    c.vector_stores.search("v")  # E
    c.vector_stores.search("v", query="q", filters={"type": "about", "key": "k", "value": 1})  # E
    files.retrieve("f")  # E
    files.retrieve("f", "v")  # E
    files.create("v", file_id="f", chunking_strategy={"type": "static"})  # E
    files.upload(vector_store_id="v", file="path.txt")  # E
    batches.list_files("b", vector_store_id="v", filter="done")  # E


async def containers(c: OpenAI, a: AsyncOpenAI) -> None:
    assert_type(await a.containers.create(name="n", memory_limit="4g"), ContainerCreateResponse)
    assert_type(c.containers.files.content.retrieve("f", container_id="c"), HttpxBinaryResponseContent)
    assert_type(c.containers.with_raw_response.delete("c"), RawResponse[None])
    async for file in a.containers.files.list("c"):
        assert_type(file, FileListResponse)
        assert_type(file.bytes, int)
    async with a.with_streaming_response.containers.files.content.retrieve("f", container_id="c") as response:
        assert_type(response, AsyncAPIResponse[HttpxBinaryResponseContent])
    c.containers.create(name="n", memory_limit="3g")  # E
    c.containers.files.create("c", file="path.txt")  # E


def evals(c: OpenAI) -> None:
    made = c.evals.create(
        data_source_config={"type": "custom", "item_schema": {"type": "object"}},
        testing_criteria=[{"type": "python", "name": "n", "source": "s", "pass_threshold": 0.5}],
    )
    assert_type(made, EvalCreateResponse)
    assert_type(c.evals.update(made.id, name="m"), EvalUpdateResponse)
    run = c.evals.runs.create(made.id, data_source={"type": "jsonl", "source": {"type": "file_id", "id": "f"}})
    assert_type(run, RunCreateResponse)
    assert_type(run.result_counts.passed, int)
    if run.data_source.type == "responses" and run.data_source.source.type == "responses":
        assert_type(run.data_source.source.users, list[str] | None)
    rows = c.evals.runs.output_items.list(run.id, eval_id=made.id, status="fail")
    assert_type(rows, SyncCursorPage[OutputItemListResponse])
    assert_type(rows.data[0].results[0].whatever, object)
    with c.evals.with_streaming_response.retrieve("e") as response:
        assert_type(response, APIResponse[EvalCreateResponse])
    c.evals.create(data_source_config={"type": "custom"}, testing_criteria=[])  # E
    c.evals.runs.create("e", data_source={"type": "jsonl", "source": {"type": "stored_completions"}})  # E
    c.evals.runs.retrieve("r")  # E


def webhooks(c: OpenAI, a: AsyncOpenAI, headers: dict[str, str]) -> None:
    event = c.webhooks.unwrap(b"{}", headers)
    assert_type(event, UnwrapWebhookEvent)
    if event.type == "batch.completed":
        assert_type(event, BatchCompletedWebhookEvent)
        assert_type(event.data.id, str)
    if isinstance(event, RealtimeCallIncomingWebhookEvent):
        assert_type(event.data.call_id, str)
    assert_type(a.webhooks.unwrap("{}", headers, secret="s"), UnwrapWebhookEvent)
    a.webhooks.verify_signature("{}", headers, tolerance=60)
    new = c.webhooks.create(name="n", url="https://x", event_types=["batch.completed"])
    assert_type(new, WebhookEndpointWithSecret)
    assert_type(c.plan.webhooks.delete("w").path, str)
    plan: Call[Any] = c.plan.webhooks.test("w", event_type="batch.failed")
    assert_type(plan.method, str)
    c.webhooks.create(name="n", url="https://x", event_types=["batch.done"])  # E
    c.webhooks.unwrap({}, headers)  # E
    c.webhooks.unwrap(b"{}")  # E
