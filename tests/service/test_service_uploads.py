"""Uploads: parts in any order, put together as told, checked, given up."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path
from typing import Any

import openai
import pytest

from ceyx import APIStatusError, BadRequestError, NotFoundError, OpenAI
from ceyx.service import LocalService
from ceyx.service.routes import uploads as routes
from ceyx.service.store import Store


def begin(client: OpenAI, size: int) -> Any:
    return client.uploads.create(bytes=size, filename="long.jsonl", mime_type="text/jsonl", purpose="batch")


def pieces_held(store: Store) -> int:
    return int(store._rows("SELECT count(*) FROM pieces")[0][0])


def test_parts_in_the_order_told(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    upload = begin(client, 11)
    assert (upload.status, upload.file, upload.expires_at - upload.created_at) == ("pending", None, 3600)
    world, hello, unused = (client.uploads.parts.create(upload.id, data=data) for data in (b"world", b"Hello ", b"unused"))
    assert world.upload_id == upload.id and world.id.startswith("part_")
    done = client.uploads.complete(upload.id, part_ids=[hello.id, world.id], md5=md5(b"Hello world").hexdigest().upper())
    assert done.status == "completed" and done.file is not None
    assert client.files.content(done.file.id).text == "Hello world"
    assert (done.file.bytes, done.file.filename, done.file.purpose) == (11, "long.jsonl", "batch")
    assert client.files.retrieve(done.file.id) == done.file and unused.id not in str(store.page("upload.part", limit=None))
    assert pieces_held(store) == 2


def test_what_cannot_be_completed(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    upload, other = begin(client, 5), begin(client, 5)
    part, foreign = (client.uploads.parts.create(each.id, data=b"Hello") for each in (upload, other))
    for params, said in (
        ({"part_ids": [part.id], "md5": "0" * 32}, f"in this order, is {md5(b'Hello').hexdigest()}"),
        ({"part_ids": [part.id, part.id]}, "named twice"),
        ({"part_ids": [foreign.id]}, "no part"),
        ({"part_ids": ["part_none"]}, "no part"),
        ({"part_ids": []}, "part_ids"),
    ):
        with pytest.raises(BadRequestError, match=said):
            client.uploads.complete(upload.id, **params)
    more = client.uploads.parts.create(upload.id, data=b"!")
    with pytest.raises(BadRequestError, match="come to 6 bytes, and the upload was begun for 5"):
        client.uploads.complete(upload.id, part_ids=[part.id, more.id])
    assert client.uploads.complete(upload.id, part_ids=[part.id]).status == "completed"
    for call in (
        lambda: client.uploads.complete(upload.id, part_ids=[part.id]),
        lambda: client.uploads.cancel(upload.id),
        lambda: client.uploads.parts.create(upload.id, data=b"x"),
    ):
        with pytest.raises(BadRequestError, match="is completed; only a pending one"):
            call()


def test_giving_up(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    upload = begin(client, 5)
    client.uploads.parts.create(upload.id, data=b"Hello")
    cancelled = client.uploads.cancel(upload.id)
    assert cancelled.status == "cancelled" and pieces_held(store) == 0
    late = begin(client, 5)
    store.update("upload", late.id, expires_at=late.created_at - 1)
    with pytest.raises(BadRequestError, match="is expired"):
        client.uploads.parts.create(late.id, data=b"Hello")
    with pytest.raises(NotFoundError, match="No upload found"):
        client.uploads.cancel("upload_none")


def test_bounds(own: tuple[OpenAI, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    client, store = own
    for size, purpose, param in ((0, "batch", "bytes"), (9 * 1024**3, "batch", "bytes"), (5, "fun", "purpose")):
        with pytest.raises(BadRequestError) as refused:
            client.uploads.create(bytes=size, filename="a", mime_type="text/plain", purpose=purpose)  # type: ignore[arg-type]
        assert refused.value.param == param
    monkeypatch.setattr(routes, "LARGEST_PART", 10_000)
    with pytest.raises(APIStatusError, match="'data' is larger"):
        client.uploads.parts.create(begin(client, 5).id, data=b"x" * 10_001)
    assert pieces_held(store) == 0


def test_a_file_in_chunks(own: tuple[OpenAI, Store], tmp_path: Path) -> None:
    client, _ = own
    content = b"0123456789" * 100_000
    path = tmp_path / "long.jsonl"
    path.write_bytes(content)
    done = client.uploads.upload_file_chunked(
        file=path, mime_type="text/jsonl", purpose="batch", part_size=300_000, md5=md5(content).hexdigest()
    )
    assert done.file is not None and client.files.content(done.file.id).content == content


def test_the_openai_package(service: LocalService) -> None:
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        done = client.uploads.upload_file_chunked(
            file=b"Hello world", filename="a.txt", bytes=11, mime_type="text/plain", purpose="user_data", part_size=4
        )
        assert done.status == "completed" and done.file is not None and done.file.bytes == 11
