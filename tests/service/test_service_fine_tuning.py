"""Fine-tuning: jobs through their states, what they leave, the models that come of them; pauses, failures, restarts."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import openai
import pytest

from ceyx import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI, PermissionDeniedError
from ceyx.service import LocalService, Settings
from ceyx.service.store import Store

AT_REST = ("succeeded", "failed", "cancelled")
SAID: Any = [{"role": "user", "content": "Hello"}]


def example(number: int) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": f"Question {number}"}, {"role": "assistant", "content": "Answer"}]}


def jsonl(lines: list[Any]) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)


def upload(client: Any, lines: list[Any], purpose: str = "fine-tune") -> str:
    return str(client.files.create(file=("train.jsonl", jsonl(lines)), purpose=purpose).id)


def begun(client: Any, lines: list[Any] | None = None, model: str = "gpt-4o-mini", **fields: Any) -> Any:
    examples = [example(number) for number in range(12)] if lines is None else lines
    return client.fine_tuning.jobs.create(model=model, training_file=upload(client, examples), **fields)


def ended(client: Any, job: Any) -> Any:
    return until(client, job, *AT_REST)


def until(client: Any, job: Any, *statuses: str) -> Any:
    limit = monotonic() + 20
    while job.status not in statuses:
        assert monotonic() < limit and (job.status not in AT_REST), job
        sleep(0.005)
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def job(client: OpenAI) -> Any:
    """A job that succeeded."""
    method: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 4, "batch_size": 5}}}
    checking = upload(client, [example(1)])
    return ended(client, begun(client, suffix="birds", method=method, validation_file=checking, metadata={"a": "b"}))


def test_it_goes_through_its_states(client: OpenAI) -> None:
    job = begun(client, seed=7)
    assert job.status == "validating_files" and job.id.startswith("ftjob-") and job.seed == 7
    assert job.fine_tuned_model is None and job.trained_tokens is None and job.finished_at is None
    seen = [job.status]
    while job.status not in AT_REST:
        job = client.fine_tuning.jobs.retrieve(job.id)
        if job.status != seen[-1]:
            seen.append(job.status)
    assert seen == ["validating_files", "queued", "running", "succeeded"]
    assert job.hyperparameters.n_epochs == 3 and job.hyperparameters.batch_size == 1 and job.finished_at


def test_what_a_job_leaves(client: OpenAI, job: Any) -> None:
    assert job.status == "succeeded" and job.error is None and job.metadata == {"a": "b"}
    assert job.method.supervised.hyperparameters.n_epochs == 4 == job.hyperparameters.n_epochs
    first, model, organisation, suffix, unique = job.fine_tuned_model.split(":")
    assert (first, model, organisation, suffix, len(unique)) == ("ft", "gpt-4o-mini-2024-07-18", "ceyx-local", "birds", 8)
    assert job.trained_tokens > 0 and job.trained_tokens % 4 == 0
    table = client.files.content(job.result_files[0]).text.splitlines()
    assert table[0] == "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy" and len(table) == 13
    assert client.files.retrieve(job.result_files[0]).purpose == "fine-tune-results"


def test_events(client: OpenAI, job: Any) -> None:
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
    said = [event.message for event in events]
    assert said[0] == "The job has successfully completed" and said[-1] == f"Created fine-tuning job: {job.id}"
    assert said.index("Fine-tuning job started") < said.index("Files validated, moving job to queued state")
    assert "Checkpoint created at step 9" in said
    metrics = [event for event in events if event.type == "metrics"]
    losses: list[float] = [(event.data or {})["train_loss"] for event in metrics]
    assert len(metrics) == 12 and losses[0] < losses[-1] and metrics[0].message.startswith("Step 12/12: training loss=")
    assert len({event.id for event in events}) == len(events)


def test_checkpoints(client: OpenAI, job: Any) -> None:
    made = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    assert [each.step_number for each in made] == [12, 9, 6]
    assert [each.fine_tuned_model_checkpoint for each in made] == [
        job.fine_tuned_model,
        f"{job.fine_tuned_model}:ckpt-step-9",
        f"{job.fine_tuned_model}:ckpt-step-6",
    ]
    assert made[0].metrics.full_valid_loss == made[0].metrics.valid_loss and made[0].metrics.step == 12
    checkpoint = made[1].fine_tuned_model_checkpoint
    assert client.chat.completions.create(model=checkpoint, messages=SAID).model == checkpoint
    permissions = client.fine_tuning.checkpoints.permissions
    given = permissions.create(checkpoint, project_ids=["proj_1", "proj_2"]).data
    assert [each.project_id for each in given] == ["proj_1", "proj_2"]
    assert [each.id for each in permissions.list(checkpoint, order="ascending")] == [each.id for each in given]
    assert [each.id for each in permissions.list(checkpoint, project_id="proj_2")] == [given[1].id]
    assert permissions.delete(given[0].id, fine_tuned_model_checkpoint=checkpoint).deleted
    assert [each.id for each in permissions.list(checkpoint)] == [given[1].id]
    with pytest.raises(NotFoundError):
        permissions.delete(given[0].id, fine_tuned_model_checkpoint=checkpoint)
    with pytest.raises(NotFoundError):
        permissions.list("ft:none")


def test_the_model_can_be_used(client: OpenAI, job: Any) -> None:
    name = job.fine_tuned_model
    answer = client.chat.completions.create(model=name, messages=SAID)
    assert answer.model == name and "Hello" in (answer.choices[0].message.content or "")
    assert client.models.retrieve(name).id == name and name in [model.id for model in client.models.list()]
    again = ended(client, begun(client, model=name))
    assert again.fine_tuned_model.startswith("ft:gpt-4o-mini-2024-07-18:") and again.model == name
    assert client.models.delete(again.fine_tuned_model).deleted
    with pytest.raises(NotFoundError):
        client.chat.completions.create(model=again.fine_tuned_model, messages=SAID)
    with pytest.raises(PermissionDeniedError):
        client.models.delete("gpt-4o")
    with pytest.raises(NotFoundError):
        client.models.delete("gpt-9")


TEN = [example(number) for number in range(10)]


@pytest.mark.parametrize(
    ("lines", "fields", "said"),
    [
        (TEN[:9], {}, r"it has 9 example\(s\), but must have at least 10"),
        ([*TEN, b"{nonsense"], {}, "line 11 is not valid JSON"),
        ([*TEN, b"[]"], {}, "example 11: it is no JSON object"),
        ([*TEN, {"messages": [{"role": "user", "content": "x"}]}], {}, "example 11: it has no message of the assistant"),
        ([*TEN, {"messages": [{"role": "king", "content": "x"}]}], {}, "example 11: .*'role'"),
        ([*TEN, {"prompt": "x", "completion": "y"}], {}, "example 11: 'messages' must be a list"),
        (TEN, {"model": "davinci-002"}, "example 1: it must have a 'prompt' and a 'completion'"),
        (TEN, {"method": {"type": "dpo"}}, "example 1: 'input.messages' must be"),
    ],
)
def test_bad_files_fail_the_job(client: OpenAI, lines: list[Any], fields: Any, said: str) -> None:
    job = ended(client, begun(client, lines, **fields))
    assert job.status == "failed" and job.finished_at and job.fine_tuned_model is None
    assert (job.error.code, job.error.param) == ("invalid_training_file", "training_file")
    assert re.search(said, job.error.message), job.error.message
    assert client.fine_tuning.jobs.list_events(job.id).data[0].level == "error"


def test_bad_validation_files_too(client: OpenAI) -> None:
    job = ended(client, begun(client, validation_file=upload(client, [b"{}"])))
    assert job.error.code == "invalid_validation_file"


def test_other_methods(client: OpenAI) -> None:
    message = [{"role": "assistant", "content": "x"}]
    pair: dict[str, Any] = {
        "input": {"messages": [{"role": "user", "content": "x"}]},
        "preferred_output": message,
        "non_preferred_output": message,
    }
    method: Any = {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 1}}}
    job = ended(client, begun(client, [pair] * 10, method=method))
    assert job.status == "succeeded" and job.method.dpo.hyperparameters.beta == 0.2 and job.hyperparameters.n_epochs == 1
    grader = {"type": "string_check", "name": "a", "input": "a", "reference": "a", "operation": "eq"}
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    job = ended(client, begun(client, [{"messages": pair["input"]["messages"]}] * 10, model="o4-mini", method=method))
    assert job.status == "succeeded" and job.method.reinforcement.grader.name == "a"
    lines = [{"prompt": "a", "completion": "b"}] * 10
    job = ended(client, begun(client, lines, model="davinci-002", hyperparameters={"n_epochs": 1}))
    assert job.status == "succeeded" and job.hyperparameters.n_epochs == 1
    assert client.completions.create(model=job.fine_tuned_model, prompt="Hello").choices[0].text


def test_what_is_refused(client: OpenAI) -> None:
    other = upload(client, TEN, "batch")
    file = upload(client, TEN)
    usual: dict[str, Any] = {"model": "gpt-4o-mini", "training_file": file}
    for fields, param in (
        ({"model": "gpt-9"}, "model"),
        ({"model": "text-embedding-3-small"}, "model"),
        ({"training_file": other}, "training_file"),
        ({"validation_file": other}, "validation_file"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters"),
        ({"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "many"}}}}, "method.supervised"),
        ({"method": {"type": "reinforcement"}}, "method.reinforcement.grader"),
        ({"method": {"type": "magic"}}, "method.type"),
    ):
        with pytest.raises(BadRequestError) as refused:
            client.fine_tuning.jobs.create(**{**usual, **fields})
        assert str(refused.value.param).startswith(param), refused.value
    with pytest.raises(NotFoundError) as missing:
        client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file="file-none")
    assert missing.value.param == "training_file"
    with pytest.raises(NotFoundError, match="No fine-tuning job found"):
        client.fine_tuning.jobs.list_events("ftjob-none")


def test_pause_resume_cancel(client: OpenAI) -> None:
    jobs = client.fine_tuning.jobs
    job = until(client, begun(client), "running")
    assert jobs.pause(job.id).status == "paused"  # type: ignore[comparison-overlap]
    sleep(0.1)
    before = len(jobs.list_events(job.id, limit=100).data)
    sleep(0.1)
    assert jobs.retrieve(job.id).status == "paused" and len(jobs.list_events(job.id, limit=100).data) == before  # type: ignore[comparison-overlap]
    with pytest.raises(BadRequestError, match=r"Cannot pause job .*: it is paused"):
        jobs.pause(job.id)
    assert jobs.resume(job.id).status == "queued"
    job = ended(client, job)
    assert job.status == "succeeded"
    steps = [each.message for each in jobs.list_events(job.id, limit=100).data if each.message.startswith("Step ")]
    assert len(steps) == len(set(steps))
    with pytest.raises(BadRequestError, match=r"Cannot cancel job .*: it is succeeded"):
        jobs.cancel(job.id)
    for state in ("validating_files", "running"):
        job = jobs.cancel(until(client, begun(client), state).id)
        assert job.status == "cancelled" and job.finished_at
        sleep(0.1)
        assert jobs.retrieve(job.id) == job and job.fine_tuned_model is None


def test_listing(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = [begun(client, metadata={"n": str(number % 2)}).id for number in range(3)]
    assert [job.id for job in client.fine_tuning.jobs.list(limit=2)] == made[::-1]
    assert [job.id for job in client.fine_tuning.jobs.list(metadata={"n": "0"})] == [made[2], made[0]]
    assert [job.id for job in client.fine_tuning.jobs.list(after=made[1]).data] == [made[0]]


def test_a_job_goes_on_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "state.db")
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        job = until(client, begun(client), "running")
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        job = ended(client, job)
        assert job.status == "succeeded"
        steps = [each.message for each in client.fine_tuning.jobs.list_events(job.id, limit=100) if "Step " in each.message]
        assert len(steps) == len(set(steps)) == 13
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        assert client.chat.completions.create(model=job.fine_tuned_model, messages=SAID).model == job.fine_tuned_model


def test_azure_and_the_openai_package(service: LocalService) -> None:
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        job = ended(azure, begun(azure))
        answer = azure.chat.completions.create(model=job.fine_tuned_model, messages=SAID)
        assert answer.model == job.fine_tuned_model
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        job = ended(client, begun(client))
        assert job.status == "succeeded" and job.error is None
        assert len(list(client.fine_tuning.jobs.list_events(job.id, limit=4))) > 8
        assert client.fine_tuning.jobs.checkpoints.list(job.id).data[0].step_number == 36


def test_async(service: LocalService) -> None:
    async def run() -> str:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            file = await client.files.create(file=jsonl(TEN), purpose="fine-tune")
            job = await client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id)
            while job.status not in AT_REST:
                await asyncio.sleep(0.02)
                job = await client.fine_tuning.jobs.retrieve(job.id)
            return job.status

    assert asyncio.run(run()) == "succeeded"
