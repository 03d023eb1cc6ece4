"""Evaluations, their runs and rows; containers and their files."""

from __future__ import annotations

from typing import Any

import pytest
from memory_clients import body, make, reply, result, sent

from ceyx import AsyncOpenAI, OpenAI
from ceyx.types import (
    ContainerCreateResponse,
    EvalCreateResponse,
    EvalDeleteResponse,
)
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.containers import FileCreateResponse
from ceyx.types.evals import RunCreateResponse, RunDeleteResponse
from ceyx.types.evals.runs import OutputItemListResponse

NONE = type(None)
NEW: Any = {
    "data_source_config": {"type": "custom", "item_schema": {"type": "object"}},
    "testing_criteria": [{"type": "python", "name": "n", "source": "def grade(sample, item): return 1"}],
}
ROWS: Any = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"q": "2+2"}}]}}
E, R = "/evals/eval_1", "/evals/eval_1/runs/run_1"
CALLS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "evals.create": (lambda c: c.evals.create(**NEW), "POST", "/evals", NEW, EvalCreateResponse),
    "evals.retrieve": (lambda c: c.evals.retrieve("eval_1"), "GET", E, None, EvalCreateResponse),
    "evals.update": (lambda c: c.evals.update("eval_1", name="n"), "POST", E, {"name": "n"}, EvalCreateResponse),
    "evals.delete": (lambda c: c.evals.delete("eval_1"), "DELETE", E, None, EvalDeleteResponse),
    "runs.create": (
        lambda c: c.evals.runs.create("eval_1", data_source=ROWS), "POST", f"{E}/runs", {"data_source": ROWS}, RunCreateResponse,
    ),
    "runs.retrieve": (lambda c: c.evals.runs.retrieve("run_1", eval_id="eval_1"), "GET", R, None, RunCreateResponse),
    "runs.cancel": (lambda c: c.evals.runs.cancel("run_1", eval_id="eval_1"), "POST", f"{R}/cancel", None, RunCreateResponse),
    "runs.delete": (lambda c: c.evals.runs.delete("run_1", eval_id="eval_1"), "DELETE", R, None, RunDeleteResponse),
    "output_items.retrieve": (
        lambda c: c.evals.runs.output_items.retrieve("item/1", eval_id="eval_1", run_id="run_1"),
        "GET",
        f"{R}/output_items/item%2F1",
        None,
        OutputItemListResponse,
    ),
    "containers.create": (
        lambda c: c.containers.create(name="n", memory_limit="4g", expires_after={"anchor": "last_active_at", "minutes": 20}),
        "POST",
        "/containers",
        {"name": "n", "memory_limit": "4g", "expires_after": {"anchor": "last_active_at", "minutes": 20}},
        ContainerCreateResponse,
    ),
    "containers.retrieve": (lambda c: c.containers.retrieve("c"), "GET", "/containers/c", None, ContainerCreateResponse),
    "containers.delete": (lambda c: c.containers.delete("c"), "DELETE", "/containers/c", None, NONE),
    "files.create": (
        lambda c: c.containers.files.create("c", file_id="f"),
        "POST",
        "/containers/c/files",
        {"file_id": "f"},
        FileCreateResponse,
    ),
    "files.retrieve": (
        lambda c: c.containers.files.retrieve("f", container_id="c"), "GET", "/containers/c/files/f", None, FileCreateResponse,
    ),
    "files.delete": (
        lambda c: c.containers.files.delete("f", container_id="c"), "DELETE", "/containers/c/files/f", None, NONE,
    ),
}  # fmt: skip
LISTS: dict[str, tuple[Any, str, Any]] = {
    "evals": (lambda c: c.evals.list(order_by="updated_at"), "/evals?order_by=updated_at", EvalCreateResponse),
    "runs": (lambda c: c.evals.runs.list("eval_1", status="failed"), f"{E}/runs?status=failed", RunCreateResponse),
    "output_items": (
        lambda c: c.evals.runs.output_items.list("run_1", eval_id="eval_1", status="fail"),
        f"{R}/output_items?status=fail",
        OutputItemListResponse,
    ),
    "containers": (lambda c: c.containers.list(name="n"), "/containers?name=n", ContainerCreateResponse),
    "files": (lambda c: c.containers.files.list("c", limit=1), "/containers/c/files?limit=1", FileCreateResponse),
}


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), CALLS.values(), ids=CALLS)
def test_calls(kind: Any, call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(kind, reply({"id": "x"}))
    assert type(result(call(client))) is gives
    assert (sent(client).method, sent(client).target, body(client)) == (method, f"/v1{path}", content)


@pytest.mark.parametrize(("call", "path", "gives"), LISTS.values(), ids=LISTS)
def test_lists(call: Any, path: str, gives: Any) -> None:
    client = make(OpenAI, reply({"object": "list", "data": [{"id": "x"}], "has_more": False}))
    assert [type(one) for one in call(client)] == [gives]
    assert (sent(client).method, sent(client).target) == ("GET", f"/v1{path}")


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda c: c.evals.create(testing_criteria=[]), "'data_source_config'"),
        (lambda c: c.evals.runs.create("eval_1"), "'data_source'"),
        (lambda c: c.containers.create(), "'name'"),
    ],
)
def test_what_is_missing_is_named(call: Any, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI))


@pytest.mark.parametrize("content", [b"", b"gone"])
def test_what_says_nothing_is_none(content: bytes) -> None:
    client = make(OpenAI, (204, {}, content))
    assert client.containers.delete("c") is None
    assert sent(client).headers["accept"] == "*/*"


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_a_file_from_here_is_sent_as_a_form(kind: Any) -> None:
    client = make(kind, reply({"id": "cfile_1", "bytes": 1}))
    assert result(client.containers.files.create("c", file=("a.txt", b"hello"))).bytes == 1
    content = sent(client).content
    content = content if isinstance(content, bytes) else b"".join(content)
    assert sent(client).headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="a.txt"' in content and b"\r\n\r\nhello\r\n" in content


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_what_is_in_a_file(kind: Any) -> None:
    client = make(kind, (200, {"content-type": "application/octet-stream"}, b"\x00\xff"))
    content = result(client.containers.files.content.retrieve("f", container_id="c"))
    assert type(content) is HttpxBinaryResponseContent and content.content == content.read() == b"\x00\xff"
    assert (sent(client).target, sent(client).headers["accept"]) == ("/v1/containers/c/files/f/content", "application/binary")
