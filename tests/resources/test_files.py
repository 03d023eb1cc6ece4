"""Files and uploads: the requests they make, and the work of several requests."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import io
import itertools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from form_data import Field, form
from memory_clients import KINDS, body, failure, in_turn, make, reply, requests, result, sent

from ceyx import AsyncOpenAI, InternalServerError, OpenAI
from ceyx.resources.uploads.section import Section
from ceyx.types import FileDeleted, FileObject, Upload
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.types.uploads import UploadPart
from ceyx.wire.call import Call, Pause
from ceyx.wire.form import encoded

LINES = b'{"custom_id": "1"}\n'


def stored(status: str = "processed") -> Any:
    return reply({"id": "file-1", "object": "file", "status": status})


# ---- files


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", ["path", "open", "bytes", "tuple"])
def test_a_file_is_stored(kind, given, tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    client = make(kind, stored())
    with path.open("rb") as opened:
        file: Any = {"path": path, "open": opened, "bytes": LINES, "tuple": ("b.txt", io.BytesIO(LINES))}[given]
        made = result(client.files.create(file=file, purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}))
    assert type(made) is FileObject and made.id == "file-1"
    *rest, content = form(sent(client))
    assert rest == [
        Field("purpose", b"batch"),
        Field("expires_after[anchor]", b"created_at"),
        Field("expires_after[seconds]", b"3600"),
    ]
    name = {"bytes": "upload", "tuple": "b.txt"}.get(given, "a.jsonl")
    assert (content.name, content.value, content.filename) == ("file", LINES, name)
    assert sent(client).target == ("/openai/files?api-version=2024-10-21" if "Azure" in kind.__name__ else "/v1/files")


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_looked_up_and_deleted(kind):
    client = make(kind, reply({"id": "file/1", "deleted": True}))
    assert type(result(client.files.retrieve("file/1"))) is FileObject
    assert (sent(client).method, "/files/file%2F1" in sent(client).target) == ("GET", True)
    assert type(result(client.files.delete("file-1"))) is FileDeleted
    assert (sent(client).method, "/files/file-1" in sent(client).target) == ("DELETE", True)


def test_files_are_listed_page_by_page():
    pages = [{"data": [{"id": "1"}, {"id": "2"}], "has_more": True}, {"data": [{"id": "3"}], "has_more": False}]
    client = make(OpenAI, in_turn(*map(reply, pages)))
    assert [file.id for file in client.files.list(purpose="batch", limit=2)] == ["1", "2", "3"]
    targets = [request.target for request in requests(client)]
    assert targets == ["/v1/files?purpose=batch&limit=2", "/v1/files?purpose=batch&limit=2&after=2"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_in_a_file(kind):
    content = b'{"error": {"message": "of a line, not of the request"}}\n\x00\xff'
    client = make(kind, (200, {"content-type": "application/octet-stream"}, content))
    made = result(client.files.content("file-1"))
    assert type(made) is HttpxBinaryResponseContent and made.content == content
    assert sent(client).headers["accept"] == "application/binary"
    assert "/files/file-1/content" in sent(client).target


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_the_old_name_for_it_is_deprecated(kind):
    client = make(kind, (200, {}, b"text"))

    async def awaited() -> Any:
        return await client.files.retrieve_content("file-1")

    with pytest.warns(DeprecationWarning, match="use content") as warned:
        made = asyncio.run(awaited()) if kind is AsyncOpenAI else client.files.retrieve_content("file-1")
    assert made == "text" and warned[0].filename == __file__


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda c: c.files.create(file=b""), "'purpose'"),
        (lambda c: c.uploads.create(bytes=1), "'filename', 'mime_type', 'purpose'"),
        (lambda c: c.uploads.complete("u"), "'part_ids'"),
        (lambda c: c.uploads.parts.create("u"), "'data'"),
        (lambda c: c.uploads.upload_file_chunked(file=b"x", mime_type="text/plain", purpose="batch"), "filename is missing"),
    ],
)
def test_what_is_missing_is_named(call, missing):
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI))


def test_a_file_that_is_not_there_is_an_error_before_anything_is_sent(tmp_path: Path):
    client = make(OpenAI)
    with pytest.raises(FileNotFoundError):
        client.files.create(file=tmp_path / "none", purpose="batch")
    with pytest.raises(FileNotFoundError):
        client.uploads.upload_file_chunked(file=tmp_path / "none", mime_type="text/plain", purpose="batch")
    assert requests(client) == []


# ---- waiting


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["processed", "error", "deleted"])
def test_waiting_ends_with_the_processing(kind, status):
    client = make(kind, in_turn(stored("uploaded"), stored("running"), stored(status)))
    file = result(client.files.wait_for_processing("file-1", poll_interval=0.001))
    assert (type(file), file.status, len(requests(client))) == (FileObject, status, 3)


def test_the_pauses_between_questions(monkeypatch: pytest.MonkeyPatch):
    clock = itertools.count(100, 6)  # each look at the clock comes 6 seconds after the one before
    monkeypatch.setattr("ceyx.resources.files.monotonic", lambda: next(clock))
    flow = make(OpenAI).plan.files.wait_for_processing("file-1", max_wait_seconds=15)
    steps: list[Any] = [next(flow)]
    with pytest.raises(RuntimeError, match=r"file 'file-1' is still 'uploaded' after 15 seconds.*max_wait_seconds"):
        while True:
            steps.append(flow.send(FileObject.wrap({"status": "uploaded"}) if type(steps[-1]) is Call else None))
    assert [step.path if type(step) is Call else step for step in steps] == [
        "/files/file-1",
        Pause(5.0),
        "/files/file-1",
        Pause(3),
        "/files/file-1",
    ]


# ---- uploads


def in_parts(*more: Any) -> Any:
    """A server that takes uploads; `more` it answers first."""
    answers, ids = iter(more), itertools.count(1)

    def answer(request: Any) -> Any:
        if request.target.split("?")[0].endswith("/parts"):
            given = next(answers, None) or reply({"id": f"part_{next(ids)}", "upload_id": "upload_1"})
            request.content = request.content if isinstance(request.content, bytes) else b"".join(request.content)
            return given
        return reply({"id": "upload_1", "status": "completed", "file": {"id": "file-1"}})

    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_by_hand(kind):
    client = make(kind, in_parts())
    made = result(client.uploads.create(bytes=3, filename="a", mime_type="text/plain", purpose="batch"))
    assert type(made) is Upload
    assert body(client) == {"bytes": 3, "filename": "a", "mime_type": "text/plain", "purpose": "batch"}
    assert type(result(client.uploads.parts.create("upload_1", data=b"abc"))) is UploadPart
    assert form(sent(client)) == [Field("data", b"abc", "upload", "application/octet-stream")]
    result(client.uploads.complete("upload_1", part_ids=["part_1"], md5="x"))
    assert body(client) == {"part_ids": ["part_1"], "md5": "x"}
    result(client.uploads.cancel("upload_1"))
    assert sent(client).target.split("?")[0].endswith("/uploads/upload_1/cancel")
    assert all(("/openai/uploads" if "Azure" in kind.__name__ else "/v1/uploads") in one.target for one in requests(client))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25])
@pytest.mark.parametrize("given", ["path", "bytes"])
def test_a_file_is_sent_in_parts(kind, size, given, tmp_path: Path):
    content = bytes(range(size))
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    client = make(kind, in_parts())
    how: Any = {"file": path} if given == "path" else {"file": content, "filename": "b.bin", "bytes": size}
    upload = result(
        client.uploads.upload_file_chunked(
            **how, mime_type="text/plain", purpose="batch", part_size=10, md5=hashlib.md5(content).hexdigest()
        )
    )
    assert type(upload) is Upload and upload.file.id == "file-1"
    begun, *parts, completed = requests(client)
    name = "a.bin" if given == "path" else "b.bin"
    assert json.loads(begun.content) == {"bytes": size, "filename": name, "mime_type": "text/plain", "purpose": "batch"}
    pieces = [content[start : start + 10] for start in range(0, size, 10)]
    assert [form(part) for part in parts] == [[Field("data", piece, "upload", "application/octet-stream")] for piece in pieces]
    assert json.loads(completed.content) == {
        "part_ids": [f"part_{number}" for number in range(1, len(pieces) + 1)],
        "md5": hashlib.md5(content).hexdigest(),
    }


def test_a_part_that_fails_is_sent_again_as_it_was():
    client = make(OpenAI, in_parts(None, failure(503, retry_after_ms="1")))
    client.uploads.upload_file_chunked(file=b"abcdef", filename="a", mime_type="text/plain", purpose="batch", part_size=3)
    assert [form(part)[0].value for part in requests(client)[1:-1]] == [b"abc", b"def", b"def"]


def test_an_error_names_the_upload_that_was_begun():
    client = make(OpenAI, in_parts(None, failure(500)), max_retries=0)
    with pytest.raises(InternalServerError) as raised:
        client.uploads.upload_file_chunked(file=b"abcdef", filename="a", mime_type="text/plain", purpose="batch", part_size=3)
    assert raised.value.__notes__ == ["upload upload_1 has 1 parts; cancel it, or let it expire within the hour"]


@pytest.mark.parametrize("part_size", [0, -1])
def test_parts_have_a_size(part_size):
    with pytest.raises(ValueError, match="positive number of bytes"):
        make(OpenAI).uploads.upload_file_chunked(
            file=b"x", filename="a", mime_type="text/plain", purpose="batch", part_size=part_size
        )


def test_a_large_file_is_never_held_whole(tmp_path: Path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    received = 0

    def answer(request: Any) -> Any:
        nonlocal received
        if request.target.endswith("/parts"):
            received += sum(map(len, request.content))
        return reply({"id": "1", "status": "completed"})

    client = make(OpenAI, answer)
    client.models.retrieve("m")  # what is imported late is not counted
    tracemalloc.start()
    client.uploads.upload_file_chunked(file=path, mime_type="text/plain", purpose="batch")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert received > 200_000_000 and len(requests(client)) == 1 + 1 + 3 + 1
    assert peak < 8_000_000


def test_several_requests_have_no_one_response():
    client = make(OpenAI)
    with pytest.raises(TypeError, match="several requests"):
        client.files.with_raw_response.wait_for_processing("f")
    assert inspect.iscoroutinefunction(make(AsyncOpenAI).files.wait_for_processing)


# ---- sections of files


def test_a_section_is_a_file():
    section = Section(io.BytesIO(b"0123456789"), 3, 4)
    assert (section.read(), section.read(), section.tell()) == (b"3456", b"", 4)
    assert (section.seek(0), section.read(3), section.read(3), section.read(1)) == (0, b"345", b"6", b"")
    assert (section.seek(-2, 2), section.read()) == (2, b"56")
    assert (section.seek(1), section.seek(1, 1), section.read(1)) == (1, 2, b"5")
    assert section.readable() and section.seekable() and not section.writable()


def test_a_section_goes_into_a_form_more_than_once():
    section = Section(io.BytesIO(b"0123456789"), 3, 4)
    whole, _ = encoded({"data": section}, ("data",), "b")
    again, _ = encoded({"data": section}, ("data",), "b")
    assert isinstance(whole, bytes) and b"\r\n\r\n3456\r\n--b--" in whole and again == whole
