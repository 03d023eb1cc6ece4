"""Answers that are files: the public names of `openai`, over bytes that have been read."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from pathlib import Path

import openai
import pytest
import trio

import ceyx
from ceyx.types.binary_content import HttpxBinaryResponseContent
from ceyx.wire.message import Request, Response

TEXT = "één\ntwo\r\nthree"


def content(body: bytes, kind: str = "audio/mpeg") -> HttpxBinaryResponseContent:
    request = Request("POST", "http://host", "/v1/audio/speech", {}, None)
    return HttpxBinaryResponseContent(Response(200, {"content-type": kind}, body, request))


def test_it_has_the_public_names_of_openai() -> None:
    assert ceyx.HttpxBinaryResponseContent is HttpxBinaryResponseContent
    theirs = openai.HttpxBinaryResponseContent
    for name, value in vars(theirs).items():
        if name.startswith("_"):
            continue
        ours = inspect.getattr_static(HttpxBinaryResponseContent, name)
        assert isinstance(ours, property) == isinstance(value, property), name
        if not isinstance(value, property):
            assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(inspect.unwrap(value)), name
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(value).parameters) or name == "json", name


def test_what_it_holds(tmp_path: Path) -> None:
    whole = content(TEXT.encode())
    assert whole.content == whole.read() == b"".join(whole.iter_bytes()) == TEXT.encode()
    assert list(whole.iter_bytes(5)) == [TEXT.encode()[start : start + 5] for start in range(0, len(TEXT.encode()), 5)]
    assert list(whole.iter_raw(100)) == [TEXT.encode()]
    assert whole.text == "".join(whole.iter_text(2)) == TEXT
    assert list(whole.iter_lines()) == ["één", "two", "three"]
    for write in (whole.write_to_file, whole.stream_to_file):
        write(tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == TEXT.encode()
    whole.close()
    assert repr(whole) == "<HttpxBinaryResponseContent of 16 bytes>"
    assert pickle.loads(pickle.dumps(whole)).content == TEXT.encode()


def test_an_empty_one() -> None:
    empty = content(b"")
    assert (list(empty.iter_bytes()), list(empty.iter_bytes(4)), empty.text) == ([], [], "")


def test_a_piece_has_a_size() -> None:
    with pytest.raises(ValueError, match="chunk_size is 0; give a positive number"):
        list(content(b"abc").iter_bytes(0))


@pytest.mark.parametrize(
    ("kind", "charset", "encoding"),
    [("text/plain; charset=latin-1", "latin-1", "iso8859-1"), ("text/plain", None, "utf-8"), ("a/b; charset=no", "no", "utf-8")],
)
def test_text_by_its_charset(kind: str, charset: str | None, encoding: str) -> None:
    made = content("é".encode(encoding), kind)
    assert (made.text, made.charset_encoding, made.encoding) == ("é", charset, encoding)


def test_json() -> None:
    assert content(b'{"a": 1.5}').json(parse_float=str) == {"a": "1.5"}


async def awaited(path: Path) -> None:
    whole = content(TEXT.encode())
    assert await whole.aread() == TEXT.encode()
    assert b"".join([piece async for piece in await whole.aiter_bytes(4)]) == TEXT.encode()
    assert b"".join([piece async for piece in await whole.aiter_raw()]) == TEXT.encode()
    assert "".join([piece async for piece in await whole.aiter_text(4)]) == TEXT
    assert [line async for line in await whole.aiter_lines()] == ["één", "two", "three"]
    await whole.astream_to_file(path)
    await whole.aclose()


def test_awaited(tmp_path: Path) -> None:
    asyncio.run(awaited(tmp_path / "one"))
    trio.run(awaited, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == TEXT.encode()
