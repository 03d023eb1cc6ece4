"""Fine-tuning: jobs, their events and checkpoints, who may use those, and graders tried out."""

from __future__ import annotations

from typing import Any

import pytest
from memory_clients import body, make, reply, requests, result, sent

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI
from ceyx.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from ceyx.types.fine_tuning.alpha import GraderRunResponse, GraderValidateResponse
from ceyx.types.fine_tuning.checkpoints import (
    PermissionCreateResponse,
    PermissionDeleteResponse,
    PermissionListResponse,
)
from ceyx.types.fine_tuning.jobs import FineTuningJobCheckpoint

CHECKPOINT = "ft:gpt-4o:org::id:step-9"
NEW: Any = {
    "model": "gpt-4o-mini",
    "training_file": "file-1",
    "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}},
}
GRADER: Any = {"type": "string_check", "name": "same", "input": "a", "reference": "b", "operation": "eq"}
CALLS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "create": (lambda f: f.jobs.create(**NEW), "POST", "/jobs", NEW, FineTuningJob),
    "retrieve": (lambda f: f.jobs.retrieve("ftjob-1"), "GET", "/jobs/ftjob-1", None, FineTuningJob),
    "cancel": (lambda f: f.jobs.cancel("ftjob-1"), "POST", "/jobs/ftjob-1/cancel", None, FineTuningJob),
    "pause": (lambda f: f.jobs.pause("ftjob-1"), "POST", "/jobs/ftjob-1/pause", None, FineTuningJob),
    "resume": (lambda f: f.jobs.resume("ftjob-1"), "POST", "/jobs/ftjob-1/resume", None, FineTuningJob),
    "graders.run": (
        lambda f: f.alpha.graders.run(grader=GRADER, model_sample="a", item={"q": 1}),
        "POST",
        "/alpha/graders/run",
        {"grader": GRADER, "model_sample": "a", "item": {"q": 1}},
        GraderRunResponse,
    ),
    "graders.validate": (
        lambda f: f.alpha.graders.validate(grader=GRADER),
        "POST",
        "/alpha/graders/validate",
        {"grader": GRADER},
        GraderValidateResponse,
    ),
    "permissions.delete": (
        lambda f: f.checkpoints.permissions.delete("cp_1", fine_tuned_model_checkpoint=CHECKPOINT),
        "DELETE",
        f"/checkpoints/{CHECKPOINT}/permissions/cp_1",
        None,
        PermissionDeleteResponse,
    ),
}  # fmt: skip
LISTS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "list": (
        lambda f: f.jobs.list(limit=2, metadata={"team": "a b"}),
        "GET",
        "/jobs?limit=2&metadata[team]=a+b",
        None,
        FineTuningJob,
    ),
    "list_events": (
        lambda f: f.jobs.list_events("ftjob-1", after="e"), "GET", "/jobs/ftjob-1/events?after=e", None, FineTuningJobEvent,
    ),
    "checkpoints.list": (
        lambda f: f.jobs.checkpoints.list("ftjob-1"), "GET", "/jobs/ftjob-1/checkpoints", None, FineTuningJobCheckpoint,
    ),
    "permissions.create": (
        lambda f: f.checkpoints.permissions.create(CHECKPOINT, project_ids=["p"]),
        "POST",
        f"/checkpoints/{CHECKPOINT}/permissions",
        {"project_ids": ["p"]},
        PermissionCreateResponse,
    ),
    "permissions.list": (
        lambda f: f.checkpoints.permissions.list(CHECKPOINT, order="ascending"),
        "GET",
        f"/checkpoints/{CHECKPOINT}/permissions?order=ascending",
        None,
        PermissionListResponse,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), CALLS.values(), ids=CALLS)
def test_calls(kind: Any, call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(kind, reply({"id": "x"}))
    assert type(result(call(client.fine_tuning))) is gives
    assert (sent(client).method, sent(client).target, body(client)) == (method, f"/v1/fine_tuning{path}", content)


@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), LISTS.values(), ids=LISTS)
def test_lists(call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(OpenAI, reply({"object": "list", "data": [{"id": "x"}], "has_more": False}))
    assert [type(one) for one in call(client.fine_tuning)] == [gives]
    assert (sent(client).method, sent(client).target, body(client)) == (method, f"/v1/fine_tuning{path}", content)


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda f: f.jobs.create(model="m"), "'training_file'"),
        (lambda f: f.alpha.graders.run(grader=GRADER), "'model_sample'"),
        (lambda f: f.alpha.graders.validate(), "'grader'"),
        (lambda f: f.checkpoints.permissions.create(CHECKPOINT), "'project_ids'"),
    ],
)
def test_what_is_missing_is_named(call: Any, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI).fine_tuning)


def test_a_deployment_is_no_model_to_train() -> None:
    with pytest.raises(TypeError, match="'model'"):
        make(AzureOpenAI, azure_deployment="gpt").fine_tuning.jobs.create(training_file="file-1")


def test_pages_of_permissions_follow_the_last_id_of_the_page() -> None:
    pages = iter(
        [
            reply({"data": [{"id": "cp_1"}], "has_more": True, "last_id": "cp_1"}),
            reply({"data": [{"id": "cp_2"}], "has_more": False, "last_id": "cp_2"}),
        ]
    )
    client = make(OpenAI, lambda _: next(pages))
    found = client.fine_tuning.checkpoints.permissions.list(CHECKPOINT)
    assert [one.id for one in found] == ["cp_1", "cp_2"]
    assert requests(client)[1].target.endswith("?after=cp_1")


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_permissions_retrieve_is_an_old_way_to_list(kind: Any) -> None:
    client = make(kind, reply({"object": "list", "data": [{"id": "cp_1"}], "has_more": True}))
    with pytest.warns(DeprecationWarning, match="use list"):
        page = result(client.fine_tuning.checkpoints.permissions.retrieve(CHECKPOINT, limit=1))
    assert type(page.data[0]) is PermissionListResponse and page.has_more
    assert sent(client).target.endswith("/permissions?limit=1")
