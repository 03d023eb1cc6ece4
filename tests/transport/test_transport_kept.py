"""A body put together of its pieces, whatever its length was said to be."""

from __future__ import annotations

import tracemalloc

import pytest

from ceyx import ProtocolError
from ceyx.transport.base import Kept, Reply
from ceyx.wire.message import Request


def kept(pieces: list[bytes], headers: dict[str, str], limit: int = 1000) -> Kept:
    made = Kept(Reply(200, headers), Request("GET", "http://127.0.0.1", "/", {}, None, limit=limit))
    for piece in pieces:
        made.add(piece)
    return made


@pytest.mark.parametrize("pieces", [[], [b"abc"], [b"abc", b"de"], [b"a"] * 9])
@pytest.mark.parametrize("more", ["", "0", "5", "900", "1001", "9" * 400, "-5", "x"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_what_is_kept(pieces: list[bytes], more: str, coding: str) -> None:
    body = kept(pieces, {"content-length": more, "content-encoding": coding})
    assert body.content == b"".join(pieces) == body.content


def test_no_more_than_the_limit() -> None:
    assert kept([b"abc", b"de"], {}, limit=5).content == b"abcde"
    with pytest.raises(ProtocolError, match="more than 4 bytes"):
        kept([b"abc", b"de"], {}, limit=4)


def test_a_long_body_is_held_once() -> None:
    pieces, length = [bytes(65536)] * 160, 160 * 65536
    tracemalloc.start()
    try:
        content = kept(pieces, {"content-length": str(length)}, limit=length).content
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(content) == length
    assert peak < 1.1 * length
