"""Files: stored in pieces, listed, given back, forgotten; on every surface, and by forms that other clients write."""

from __future__ import annotations

import asyncio
import io
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import urllib3
from hypothesis import given, strategies as st
from plain_http import Wire

from ceyx import APIStatusError, AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from ceyx.service import LocalService, Settings, stored_files
from ceyx.service.routes import files as routes
from ceyx.service.store import PIECE_BYTES, Store


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client


def test_a_file_from_beginning_to_end(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    content = bytes(range(256)) * (3 * PIECE_BYTES // 256) + b"--end"
    file = client.files.create(file=("data.bin", content), purpose="vision")
    assert (file.bytes, file.filename, file.purpose, file.status) == (len(content), "data.bin", "vision", "processed")
    assert file.id.startswith("file-") and file.expires_at is None
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).content == content
    assert [each.id for each in client.files.list()] == [file.id]
    gone = client.files.delete(file.id)
    assert gone.deleted and gone.id == file.id
    with pytest.raises(NotFoundError, match=rf"No file found with id '{file.id}'"):
        client.files.retrieve(file.id)
    with pytest.raises(NotFoundError):
        client.files.content(file.id)
    assert store.read(file.id) == b""


@pytest.mark.parametrize("name", ["plain.txt", 'a "quoted" one.txt', "日本語.txt", "back\\slash.txt", "per%20cent.txt"])
def test_names_survive(client: OpenAI, name: str) -> None:
    assert client.files.create(file=(name, b"x"), purpose="user_data").filename == name.replace('"', "%22")


@pytest.mark.parametrize(
    "content", [b"\r\n", b"--", b"\r\n--", b"a\r\n--b\r\n\r\n", b"\r\n" * 40_000, b"-" * 70_000, b"x" * 65_536, b"x" * 65_537]
)
def test_contents_that_look_like_boundaries(client: OpenAI, content: bytes) -> None:
    file = client.files.create(file=("a", content), purpose="batch")
    assert client.files.content(file.id).content == content and file.bytes == len(content)


def test_forms_by_other_hands(wire: Wire) -> None:
    pool, url = wire.pool, f"{wire.service.url}/files"
    made = pool.request("POST", url, fields={"file": ("a.txt", b"one", "text/plain"), "purpose": "user_data"})
    assert made.status == 200, made.data
    assert (made.status, made.json()["bytes"], made.json()["filename"]) == (200, 3, "a.txt")
    body = b"preamble\r\n--b\r\nContent-Disposition: form-data; name=purpose\r\n\r\nbatch\r\n--b\r\n"
    body += b'content-disposition: form-data; name="file"; filename="b"\r\n\r\n\r\n-- b\r\n--b--\r\nepilogue'
    for kind in ("multipart/form-data; boundary=b", 'Multipart/Form-Data; boundary="b"'):
        made = pool.request("POST", url, body=body, headers={"content-type": kind})
        assert made.status == 200, made.data
        assert (made.json()["bytes"], made.json()["filename"]) == (6, "b")


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b"{}", "must be a form"),
        ("multipart/form-data", b"--b\r\n", "cannot be read"),
        ("multipart/form-data; boundary=b", b"", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\n--c--\r\n", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nnameless\r\n--b--\r\n", "cannot be read"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ncut', "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b\r\nA: " + b"a" * 20_000 + b"\r\n\r\n", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b--\r\n", "Missing required parameter: 'file'"),
        ("multipart/form-data; boundary=" + "b" * 80, b"--b\r\n", "cannot be read"),
    ],
)
def test_bodies_that_are_no_forms(wire: Wire, kind: str, body: bytes, said: str) -> None:
    answer = wire.pool.request("POST", f"{wire.service.url}/files", body=body, headers={"content-type": kind})
    assert answer.status == 400 and said in answer.json()["error"]["message"], answer.data


def test_nothing_is_kept_of_what_is_refused(own: tuple[OpenAI, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    client, store = own
    for params, param in (
        ({"file": b"x", "purpose": "fun"}, "purpose"),
        ({"file": b"", "purpose": "batch"}, "file"),
        ({"file": b"x", "purpose": "batch", "expires_after": {"anchor": "created_at", "seconds": 60}}, "expires_after"),
        ({"file": b"x", "purpose": "batch", "expires_after": {"anchor": "now", "seconds": 3600}}, "expires_after"),
        ({"file": b"x", "purpose": ""}, "purpose"),
    ):
        with pytest.raises(BadRequestError) as refused:
            client.files.create(**params)
        assert refused.value.param == param
    monkeypatch.setattr(routes, "LARGEST_FILE", 100_000)
    with pytest.raises(APIStatusError, match="larger than"):
        client.files.create(file=io.BytesIO(b"x" * 100_001), purpose="batch")
    assert store._rows("SELECT count(*) FROM pieces") == [(0,)] and store.page("file") == ([], False)


def test_an_upload_that_breaks_off_leaves_nothing(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    where = urllib3.util.parse_url(str(client.base_url))
    with socket.create_connection((where.host, where.port)) as half:
        half.sendall(b"POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n")
        half.sendall(b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n")
        half.sendall(b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"x" * 3_000_000)
        for _ in range(200):
            if store._rows("SELECT count(*) FROM pieces") != [(0,)]:
                break
            time.sleep(0.01)
        assert store._rows("SELECT count(*) FROM pieces") != [(0,)]
    for _ in range(200):
        if store._rows("SELECT count(*) FROM pieces") == [(0,)]:
            break
        time.sleep(0.01)
    assert store._rows("SELECT count(*) FROM pieces") == [(0,)]


def test_listing(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    purposes: list[Any] = ["batch", "vision", "batch", "evals", "batch"]
    made = [client.files.create(file=b"x", purpose=purpose).id for purpose in purposes]
    assert [file.id for file in client.files.list()] == made[::-1]
    assert [file.id for file in client.files.list(order="asc", limit=2)] == made
    assert [file.id for file in client.files.list(purpose="batch", limit=2)] == [made[4], made[2], made[0]]
    page = client.files.list(limit=2, after=made[3])
    assert [file.id for file in page.data] == [made[2], made[1]] and page.has_next_page()
    for file in client.files.list(limit=1):
        client.files.delete(file.id)
    assert client.files.list().data == []
    for wrong in ({"limit": 0}, {"limit": 10_001}, {"order": "up"}, {"after": "file-none"}):
        with pytest.raises(BadRequestError) as refused:
            client.files.list(**wrong)
        assert refused.value.param == next(iter(wrong))


def test_expiry(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    file = client.files.create(file=b"x", purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600})
    assert file.expires_at == file.created_at + 3600
    batch = client.files.create(file=b"x", purpose="batch")
    assert batch.expires_at == batch.created_at + 30 * 24 * 3600
    store.update("file", file.id, expires_at=file.created_at - 1)
    assert [each.id for each in client.files.list()] == [batch.id]
    store.update("file", batch.id, expires_at=file.created_at - 1)
    with pytest.raises(NotFoundError):
        client.files.retrieve(batch.id)


def test_what_is_not_given_back(client: OpenAI, service: LocalService) -> None:
    file = client.files.create(file=b"x", purpose="assistants")
    with pytest.raises(BadRequestError, match="purpose: assistants"):
        client.files.content(file.id)
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        assert azure.files.content(file.id).text == "x"


def test_azure(service: LocalService) -> None:
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21") as azure:
        file = azure.files.create(file=("a.jsonl", b"{}"), purpose="batch")
        assert azure.files.wait_for_processing(file.id).id == file.id
        assert azure.files.content(file.id).text == "{}"
        assert azure.files.delete(file.id).deleted
        with pytest.raises(NotFoundError) as gone:
            azure.files.retrieve(file.id)
        assert gone.value.code == "resourceNotFound"


def test_streamed_and_async(service: LocalService, tmp_path: Path) -> None:
    content = b"0123456789" * 100_000
    (tmp_path / "in").write_bytes(content)

    async def both_ways() -> None:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            file = await client.files.create(file=tmp_path / "in", purpose="batch")
            async with client.files.with_streaming_response.content(file.id) as answer:
                (tmp_path / "out").write_bytes(b"".join([piece async for piece in answer.iter_bytes()]))

    asyncio.run(both_ways())
    assert (tmp_path / "out").read_bytes() == content


def test_the_openai_package(service: LocalService) -> None:
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        file = client.files.create(
            file=("a.jsonl", b"{}\n"), purpose="batch", expires_after={"anchor": "created_at", "seconds": 7200}
        )
        assert file.filename == "a.jsonl" and file.expires_at == file.created_at + 7200
        assert client.files.content(file.id).read() == b"{}\n"
        assert file.id in [each.id for each in client.files.list(purpose="batch")]
        assert client.files.wait_for_processing(file.id).status == "processed"
        assert client.files.delete(file.id).deleted


def test_files_survive_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "state.db")
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        file = client.files.create(file=b"still here", purpose="batch")
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        assert client.files.content(file.id).text == "still here"
        with pytest.raises(OSError, match="another service has it open"):
            LocalService(settings).start()


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_lines_are_found_however_the_content_is_cut(pieces: list[bytes]) -> None:
    store = Store()
    store.put_content("a", pieces)
    assert list(stored_files.lines(store, "a")) == [line for line in b"".join(pieces).split(b"\n") if line.strip()]
    store.close()


def test_a_line_without_end_is_not_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_files, "LONGEST_LINE", 1000)
    store = Store()
    store.put_content("a", [b"x" * 400] * 100 + [b"\nnext"])
    first, second = stored_files.lines(store, "a")
    assert first == b"x" * 1200 and second == b"next"
    store.close()
