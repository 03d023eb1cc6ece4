"""Vector stores: what is asked, and waiting for the server: how often, how long, and what comes of failures on the way."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest
from memory_clients import KINDS, body, failure, in_turn, make, reply, requests, result, sent

from ceyx import AsyncOpenAI, BadRequestError, OpenAI
from ceyx.resources.vector_stores import files as files_module
from ceyx.types import VectorStore, VectorStoreDeleted, VectorStoreSearchResponse
from ceyx.types.vector_stores import FileContentResponse, VectorStoreFile, VectorStoreFileBatch, VectorStoreFileDeleted
from ceyx.wire.call import Pause, Together, WithHeaders

IN = {"vector_store_id": "vs_1"}
STATIC: Any = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
CALLS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "create": (lambda v: v.create(name="n", file_ids=["f"]), "POST", "", {"name": "n", "file_ids": ["f"]}, VectorStore),
    "create, bare": (lambda v: v.create(), "POST", "", {}, VectorStore),
    "retrieve": (lambda v: v.retrieve("vs_1"), "GET", "/vs_1", None, VectorStore),
    "update": (lambda v: v.update("vs_1", expires_after=None), "POST", "/vs_1", {"expires_after": None}, VectorStore),
    "delete": (lambda v: v.delete("vs_1"), "DELETE", "/vs_1", None, VectorStoreDeleted),
    "files.create": (
        lambda v: v.files.create("vs_1", file_id="f", chunking_strategy=STATIC),
        "POST",
        "/vs_1/files",
        {"file_id": "f", "chunking_strategy": STATIC},
        VectorStoreFile,
    ),
    "files.retrieve": (lambda v: v.files.retrieve("f/1", **IN), "GET", "/vs_1/files/f%2F1", None, VectorStoreFile),
    "files.update": (
        lambda v: v.files.update("f", **IN, attributes={"year": 2008}),
        "POST",
        "/vs_1/files/f",
        {"attributes": {"year": 2008}},
        VectorStoreFile,
    ),
    "files.delete": (lambda v: v.files.delete("f", **IN), "DELETE", "/vs_1/files/f", None, VectorStoreFileDeleted),
    "file_batches.create": (
        lambda v: v.file_batches.create("vs_1", files=[{"file_id": "f", "attributes": {"a": 1}}]),
        "POST",
        "/vs_1/file_batches",
        {"files": [{"file_id": "f", "attributes": {"a": 1}}]},
        VectorStoreFileBatch,
    ),
    "file_batches.retrieve": (
        lambda v: v.file_batches.retrieve("b", **IN), "GET", "/vs_1/file_batches/b", None, VectorStoreFileBatch,
    ),
    "file_batches.cancel": (
        lambda v: v.file_batches.cancel("b", **IN), "POST", "/vs_1/file_batches/b/cancel", None, VectorStoreFileBatch,
    ),
}  # fmt: skip
LISTS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "list": (lambda v: v.list(order="asc"), "GET", "?order=asc", None, VectorStore),
    "files.list": (
        lambda v: v.files.list("vs_1", filter="failed"), "GET", "/vs_1/files?filter=failed", None, VectorStoreFile,
    ),
    "file_batches.list_files": (
        lambda v: v.file_batches.list_files("b", **IN, limit=3),
        "GET",
        "/vs_1/file_batches/b/files?limit=3",
        None,
        VectorStoreFile,
    ),
    "files.content": (lambda v: v.files.content("f", **IN), "GET", "/vs_1/files/f/content", None, FileContentResponse),
    "search": (
        lambda v: v.search("vs_1", query=["a", "b"], max_num_results=2),
        "POST",
        "/vs_1/search",
        {"query": ["a", "b"], "max_num_results": 2},
        VectorStoreSearchResponse,
    ),
}  # fmt: skip


def check(client: Any, method: str, path: str, content: Any) -> None:
    assert (sent(client).method, sent(client).target, body(client)) == (method, f"/v1/vector_stores{path}", content)
    assert sent(client).headers["openai-beta"] == "assistants=v2"


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), CALLS.values(), ids=CALLS)
def test_calls(kind: Any, call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(kind, reply({"id": "x"}))
    assert type(result(call(client.vector_stores))) is gives
    check(client, method, path, content)


@pytest.mark.parametrize(("call", "method", "path", "content", "gives"), LISTS.values(), ids=LISTS)
def test_lists(call: Any, method: str, path: str, content: Any, gives: Any) -> None:
    client = make(OpenAI, reply({"object": "list", "data": [{"id": "x", "type": "text", "text": "Oslo"}], "has_more": False}))
    assert [type(one) for one in call(client.vector_stores)] == [gives]
    check(client, method, path, content)


def test_what_is_found_is_one_page() -> None:
    """Although the server may say that there is more: the API has no way to ask for it that `openai` knows."""
    client = make(OpenAI, reply({"object": "list", "data": [{"file_id": "f", "score": 1}], "has_more": True, "next_page": "p"}))
    found = client.vector_stores.search("vs_1", query="Oslo")
    assert [one.file_id for one in found] == ["f"] and not found.has_next_page() and len(requests(client)) == 1


def test_the_version_of_the_api_is_the_caller_s_to_choose() -> None:
    client = make(OpenAI, reply({"id": "x"}))
    client.vector_stores.retrieve("vs_1", extra_headers={"openai-beta": "assistants=v3", "x-own": "1"})
    assert (sent(client).headers["openai-beta"], sent(client).headers["x-own"]) == ("assistants=v3", "1")


@pytest.mark.parametrize(
    ("call", "missing"), [(lambda v: v.search("vs_1"), "'query'"), (lambda v: v.files.create("vs_1"), "'file_id'")]
)
def test_what_is_missing_is_named(call: Any, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI).vector_stores)


# ---- waiting


def file(status: str, **headers: str) -> Any:
    return reply({"id": "f", "status": status, "last_error": None}, **headers)


def batch(in_progress: int, **headers: str) -> Any:
    return reply({"id": "b", "status": "completed", "file_counts": {"in_progress": in_progress}}, **headers)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "unheard_of"])
def test_a_file_is_asked_for_until_the_server_is_done(slept: list[float], status: str) -> None:
    client = make(OpenAI, in_turn(file("in_progress"), file("in_progress", openai_poll_after_ms="250"), file(status)))
    done = client.vector_stores.files.poll("f", **IN)
    assert type(done) is VectorStoreFile and done.status == status
    assert slept == [1, 0.25]
    assert {(asked.method, asked.target) for asked in requests(client)} == {("GET", "/v1/vector_stores/vs_1/files/f")}


def test_the_caller_says_how_often(slept: list[float]) -> None:
    client = make(OpenAI, in_turn(file("in_progress", openai_poll_after_ms="9000"), file("in_progress"), file("completed")))
    client.vector_stores.files.poll("f", **IN, poll_interval_ms=20)
    assert slept == [0.02, 0.02]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_done_when_no_file_is_in_progress(kind: Any, slept: list[float]) -> None:
    client = make(kind, in_turn(batch(2), batch(1, openai_poll_after_ms="1"), batch(0)))
    done = result(client.vector_stores.file_batches.poll("b", **IN, poll_interval_ms=1))
    assert type(done) is VectorStoreFileBatch and len(requests(client)) == 3


def test_waiting_ends(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(files_module, "monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    client = make(OpenAI, file("in_progress"))
    with pytest.raises(TimeoutError, match=r"file 'f' is not ready after 2.5 seconds; wait longer with max_wait_seconds"):
        client.vector_stores.files.poll("f", **IN, max_wait_seconds=2.5)
    assert (len(requests(client)), clock[0]) == (3, 2.5)  # at 0, 1 and 2 seconds; the last pause is cut
    with pytest.raises(TimeoutError, match="after 0 seconds"):
        client.vector_stores.files.poll("f", **IN, max_wait_seconds=0)
    assert len(requests(client)) == 3


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
@pytest.mark.parametrize("call", ["poll", "create_and_poll", "upload_and_poll"])
def test_a_wait_that_is_none(call: str, seconds: float) -> None:
    client = make(OpenAI)
    given: Any = {"file": b"x"} if call == "upload_and_poll" else {"file_id": "f"}
    with pytest.raises(ValueError, match="max_wait_seconds is"):
        getattr(client.vector_stores.files, call)(**given, **IN, max_wait_seconds=seconds)
    assert not requests(client)  # nothing is put in or uploaded first


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_a_file_is_put_in_and_waited_for(kind: Any, slept: list[float]) -> None:
    client = make(kind, in_turn(file("in_progress"), file("in_progress"), file("completed")))
    done = result(
        client.vector_stores.files.create_and_poll(
            "f", **IN, attributes={"a": 1}, poll_interval_ms=1, extra_headers={"x-own": "1"}
        )
    )
    first, *others = requests(client)
    assert done.status == "completed"
    assert (first.method, first.headers["x-own"]) == ("POST", "1") and b'"attributes":{"a":1}' in first.content
    assert [(asked.method, "x-own" in asked.headers) for asked in others] == [("GET", False)] * 2


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_a_file_is_uploaded_put_in_and_waited_for(kind: Any) -> None:
    client = make(kind, in_turn(reply({"id": "file-9"}), file("in_progress"), file("completed")))
    done = result(
        client.vector_stores.files.upload_and_poll(file=("a.txt", b"A"), **IN, chunking_strategy=STATIC, poll_interval_ms=1)
    )
    upload, put, ask = requests(client)
    assert done.status == "completed" and upload.target == "/v1/files"
    assert put.target == "/v1/vector_stores/vs_1/files" and b'"file_id":"file-9"' in put.content and b"static" in put.content
    assert ask.target == "/v1/vector_stores/vs_1/files/file-9"


def test_a_file_is_uploaded_and_put_in() -> None:
    client = make(OpenAI, in_turn(reply({"id": "file-9"}), file("in_progress")))
    assert client.vector_stores.files.upload(file=b"A", **IN).status == "in_progress"
    assert body(client) == {"file_id": "file-9"}


def test_a_failure_on_the_way_is_raised() -> None:
    client = make(OpenAI, in_turn(reply({"id": "file-9"}), failure(400, "no such store")))
    with pytest.raises(BadRequestError, match="no such store"):
        client.vector_stores.files.upload_and_poll(file=b"A", **IN)
    assert len(requests(client)) == 2


class Uploads:
    """Answers each upload with an id made of its file's name, after a while; knows how many were under way at a time."""

    def __init__(self, fails: str = "none") -> None:
        self.now = self.most = 0
        self._fails, self._lock = fails, threading.Lock()

    def __call__(self, request: Any) -> Any:
        if request.target != "/v1/files":
            return batch(0)
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        content = request.content if isinstance(request.content, bytes) else b"".join(request.content)
        (name,) = re.findall(rb'filename="(\w+)', content)
        return failure(400, "too large") if name.decode() == self._fails else reply({"id": f"file-{name.decode()}"})


@pytest.mark.parametrize(("at_most", "under_way"), [(1, 1), (3, 3)])
def test_many_files_are_uploaded_at_a_time(at_most: int, under_way: int) -> None:
    server = Uploads()
    client = make(OpenAI, server)
    files = ((f"{number}.txt", b"x") for number in range(6))
    client.vector_stores.file_batches.upload_and_poll("vs_1", files=files, max_concurrency=at_most, file_ids=["file-old"])
    assert server.most == under_way
    put = next(asked for asked in requests(client) if asked.target.endswith("/file_batches"))
    assert put.content == b'{"file_ids":["file-old","file-0","file-1","file-2","file-3","file-4","file-5"]}'


def test_many_files_on_an_async_client() -> None:
    client = make(AsyncOpenAI, Uploads())
    done = result(client.vector_stores.file_batches.upload_and_poll("vs_1", files=[("a", b"x"), ("b", b"y")]))
    assert type(done) is VectorStoreFileBatch
    put = next(asked for asked in requests(client) if asked.target.endswith("/file_batches"))
    assert put.content == b'{"file_ids":["file-a","file-b"]}'


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_one_upload_that_fails_fails_all(kind: Any) -> None:
    client = make(kind, Uploads(fails="b"))
    with pytest.raises(BadRequestError, match="too large"):
        result(client.vector_stores.file_batches.upload_and_poll("vs_1", files=[(name, b"x") for name in "abc"]))
    assert {asked.target for asked in requests(client)} == {"/v1/files"}


def test_files_that_are_up_already() -> None:
    client = make(OpenAI, batch(0))
    client.vector_stores.file_batches.upload_and_poll("vs_1", files=[], file_ids=["file-1"], chunking_strategy=STATIC)
    assert requests(client)[0].content == b'{"file_ids":["file-1"],"chunking_strategy":' + (
        b'{"type":"static","static":{"max_chunk_size_tokens":800,"chunk_overlap_tokens":400}}}'
    )


def test_a_flow_is_tested_by_sending_answers_in() -> None:
    flow = make(OpenAI).plan.vector_stores.file_batches.upload_and_poll("vs_1", files=[b"x"], max_concurrency=2)
    step = next(flow)
    assert type(step) is Together and step.at_most == 2 and [call.path for call in step.calls] == ["/files"]
    step = flow.send([VectorStoreFile(id="file-1")])
    assert (step.path, step.body) == ("/vector_stores/vs_1/file_batches", {"file_ids": ["file-1"]})
    step = flow.send(VectorStoreFileBatch(id="b"))
    assert type(step) is WithHeaders and step.call.path == "/vector_stores/vs_1/file_batches/b"

    class Response:
        headers = {"openai-poll-after-ms": "40"}

        def parse(self) -> Any:
            return VectorStoreFileBatch.wrap({"file_counts": {"in_progress": 1}})

    assert flow.send(Response()) == Pause(0.04)


@pytest.mark.parametrize("mode", ["with_raw_response", "with_streaming_response"])
def test_a_flow_has_no_one_response(mode: str) -> None:
    with pytest.raises(TypeError, match="several requests"):
        getattr(make(OpenAI).vector_stores.files, mode).poll("f", **IN)
