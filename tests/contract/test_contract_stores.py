"""Side by side with `openai`, generated from its signatures: each method of these groups, its parameters and requests."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from recorder import Recorder, Sent

import ceyx

GROUPS = ("containers", "evals", "fine_tuning", "vector_stores", "webhooks")
SEND_NOTHING = {"webhooks.unwrap", "webhooks.verify_signature"}
OPTIONS = {"extra_headers", "extra_query", "extra_body", "timeout"}
OURS_TOO = {"deadline"}
# What parameters are called with where their own name as a text would not do.
GIVEN: dict[str, Any] = {
    "attributes": {"year": 2008, "draft": False},
    "event_types": ["batch.failed"],
    "file": ("a.txt", b"hello"),
    "file_ids": ["file-1"],
    "filters": {"type": "and", "filters": [{"type": "eq", "key": "k", "value": 1}]},
    "keep_old_secret_active_for_24_hours": True,
    "limit": 3,
    "max_concurrency": 1,
    "max_wait_seconds": 5,
    "metadata": {"team": "a b"},
    "poll_interval_ms": 1,
    "project_ids": ["p"],
    "query": ["a", "b"],
    "testing_criteria": [{"type": "python", "name": "n", "source": "s"}],
    "vector_stores.file_batches.create.files": [{"file_id": "file-2"}],
    "vector_stores.file_batches.create_and_poll.files": [{"file_id": "file-2"}],
    "vector_stores.file_batches.upload_and_poll.files": [("a.txt", b"A")],  # one, as several have no order
}


def client_of(package: Any, origin: str, azure: bool = False) -> Any:
    if azure:
        return package.AzureOpenAI(azure_endpoint=origin, api_version="2024-10-21", api_key="k", max_retries=0)
    return package.OpenAI(base_url=f"{origin}/v1", api_key="k", max_retries=0)


def methods(resource: Any, path: str) -> Iterator[str]:
    for name in dir(type(resource)):
        if not name.startswith(("_", "with_")):
            if inspect.isfunction(inspect.getattr_static(type(resource), name)):
                yield f"{path}.{name}"
            else:
                yield from methods(getattr(resource, name), f"{path}.{name}")


THEIRS = client_of(openai, "http://127.0.0.1:1")
METHODS = [path for group in GROUPS for path in methods(getattr(THEIRS, group), group)]
every = pytest.mark.parametrize("path", METHODS)


def at(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def parameters(client: Any, path: str) -> dict[str, Any]:
    return dict(inspect.signature(at(client, path)).parameters)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


def test_there_are_methods() -> None:
    assert len(METHODS) > 60


@every
def test_parameters_are_those_of_openai(path: str) -> None:
    kinds = [
        {name: (one.kind, one.default is one.empty) for name, one in parameters(client, path).items() if name not in OURS_TOO}
        for client in (client_of(ceyx, "http://127.0.0.1:1"), THEIRS)
    ]
    assert kinds[0] == kinds[1]


@every
@pytest.mark.parametrize("azure", [False, True], ids=["openai", "azure"])
@pytest.mark.parametrize("all_of_them", [False, True], ids=["required", "all"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_requests_are_those_of_openai(path: str, azure: bool, all_of_them: bool, recorder: Recorder) -> None:
    if path in SEND_NOTHING:
        return
    positional, named = [], {}
    for name, parameter in parameters(THEIRS, path).items():
        if name not in OPTIONS and (all_of_them or parameter.default is parameter.empty):
            value = GIVEN.get(f"{path}.{name}", GIVEN.get(name, f"{name} 1/2"))
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                positional.append(value)
            else:
                named[name] = value
    requests: list[list[Sent]] = []
    for package in (ceyx, openai):
        recorder.sent.clear()
        with client_of(package, recorder.origin, azure) as client:
            at(client, path)(*positional, **named)
        requests.append(list(recorder.sent))
    assert requests[0] == requests[1] != []
