"""Compressed bodies: every way to send one, in any pieces, and never more of it in memory than was asked for."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from callers import ALL, Caller
from loopback import Exchange, Loopback
from raw_server import BODY, EVENTS, RawServer, always, answer

from ceyx import APIConnectionError, ProtocolError
from ceyx.transport.compressed import PIECE_BYTES, Decoder, decoder

Make = Callable[..., Caller]


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def in_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(b"") + gzip.compress(data[half:]) + b"\0" * 20


WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZip", gzip.compress),
    ("gzip", in_members),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
]


def decode(encoding: str, pieces: list[bytes]) -> bytes:
    made = Decoder(encoding)
    whole = b"".join([part for piece in pieces for part in made.feed(piece)])
    made.finish()
    return whole


@pytest.mark.parametrize(("encoding", "compress"), WAYS)
@pytest.mark.parametrize("size", [0, 1, 1000, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_any_pieces_give_the_same(encoding: str, compress: Callable[[bytes], bytes], size: int) -> None:
    chance = random.Random(size)
    for data in (bytes(size), chance.randbytes(size)):
        sent = compress(data)
        assert decode(encoding.lower(), [sent]) == data
        cuts = sorted(chance.randrange(len(sent) + 1) for _ in range(4))
        pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
        assert decode(encoding.lower(), pieces) == data
        if size <= 1000:
            assert decode(encoding.lower(), [bytes([byte]) for byte in sent]) == data


def test_pieces_are_of_bounded_size() -> None:
    made = Decoder("gzip")
    assert {len(piece) for piece in made.feed(gzip.compress(bytes(40 * PIECE_BYTES)))} == {PIECE_BYTES}


@pytest.mark.parametrize(
    ("encoding", "sent", "message"),
    [
        ("gzip", b"no gzip at all", "broken"),
        ("gzip", gzip.compress(b"a" * 99, mtime=0)[:-3], "was cut"),
        ("gzip", gzip.compress(b"a", mtime=0) + gzip.compress(b"b" * 99)[:-3], "was cut"),
        ("gzip", gzip.compress(b"a", mtime=0) + b"\x1f", "was cut"),
        ("gzip", gzip.compress(b"a", mtime=0) + b"\x1f\x8brubbish", "broken"),
        ("deflate", zlib.compress(b"a" * 99)[:-3], "was cut"),
        ("deflate", zlib.compress(b"a")[:1], "was cut"),
        ("deflate", zlib.compress(b"a") + b"rubbish", "goes on after its end"),
        ("br", b"x", "is compressed as 'br', which was not asked for"),
        ("gzip, br", b"x", "is compressed as 'gzip, br'"),
    ],
)
def test_what_cannot_be_decoded(encoding: str, sent: bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        decode(encoding, [sent])


@pytest.mark.parametrize(
    "stray", [b"\r\n", b"\0" * 300, b"\0\0\n", b"rubbish", b"\x1fno member", b"\n" + gzip.compress(b"no more", mtime=0)]
)
def test_stray_bytes_after_gzip(stray: bytes) -> None:
    for data in (b"", b"a" * 1000):
        sent = gzip.compress(data, mtime=0) + stray
        assert decode("gzip", [sent]) == decode("gzip", [bytes([byte]) for byte in sent]) == data


NO_CODINGS = ["UTF-8", "utf8", "none", "Identity", "", '""', "identity, none", "ISO-8859-1", "us-ascii", "windows-1252"]


@pytest.mark.parametrize("encoding", NO_CODINGS)
def test_what_is_no_coding(encoding: str) -> None:
    assert decoder(encoding) is None


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "aes128gcm", "utf", "gzip, br", "gzip, gzip", "br, utf-8"])
def test_what_is_a_coding(encoding: str) -> None:
    made = decoder(encoding)
    assert made is not None
    with pytest.raises(ProtocolError, match="was not asked for"):
        list(made.feed(b"x"))


def test_no_body_needs_no_decoding() -> None:
    assert decode("br", []) == decode("gzip", []) == b""
    assert decoder(None) is decoder("") is decoder(" Identity ") is None


# ---- over the wire


@pytest.mark.parametrize(("encoding", "compress"), WAYS)
@pytest.mark.parametrize("kind", ALL)
def test_answers(encoding: str, compress: Callable[[bytes], bytes], kind: str, call: Make) -> None:
    with RawServer(always(answer(compress(BODY), b"content-encoding: " + encoding.encode()))) as server:
        caller = call(kind, server.url)
        assert caller.ask() == caller.ask() == "hi"
        assert b"accept-encoding: gzip, deflate\r\n" in server.seen[0][0].lower() + b"\r\n"
        assert len(server._open) == 1


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        *[(name, BODY) for name in ("UTF-8", "none", "", '""')],
        *[(name, gzip.compress(BODY, mtime=0)) for name in ("gzip, identity", "identity, gzip", "gzip, utf-8")],
        *[("gzip", gzip.compress(BODY, mtime=0) + stray) for stray in (b"\r\n", b"\0" * 50)],
    ],
)
@pytest.mark.parametrize("kind", ALL)
def test_answers_of_misconfigured_servers(encoding: str, sent: bytes, kind: str, call: Make) -> None:
    with RawServer(always(answer(sent, b"content-encoding: " + encoding.encode()))) as server:
        caller = call(kind, server.url)
        assert caller.ask() == caller.ask() == "hi"
        assert len(server._open) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, br"])
@pytest.mark.parametrize("kind", ALL)
def test_codings_that_were_not_asked_for(encoding: str, kind: str, call: Make) -> None:
    reply = answer(b"\x1b\x03\x00rubbish", b"content-encoding: " + encoding.encode())
    match = f"its body is compressed as '{encoding}', which was not asked for"
    with RawServer(always(reply)) as server, pytest.raises(ProtocolError, match=match):
        call(kind, server.url).ask()


@pytest.mark.parametrize("kind", ALL)
def test_a_compressed_body_that_is_cut(kind: str, call: Make) -> None:
    reply = answer(gzip.compress(BODY, mtime=0)[:-5], b"content-encoding: gzip")
    with RawServer(always(reply)) as server, pytest.raises(ProtocolError, match="its compressed body was cut"):
        call(kind, server.url).ask()


@pytest.mark.parametrize("kind", ALL)
def test_a_compressed_stream(kind: str, server: Loopback, call: Make) -> None:
    async def events(exchange: Exchange) -> None:
        packed = zlib.compressobj(wbits=31)
        await exchange.send(EVENTS.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"))
        for word in ("one ", "two"):
            event = b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n' % word.encode()
            await exchange.send(packed.compress(event) + packed.flush(zlib.Z_SYNC_FLUSH))
        await exchange.send(packed.compress(b"data: [DONE]\n\n") + packed.flush())
        exchange.keeps = False

    assert call(kind, server.route(events).url, stream_end="unchecked").stream() == "one two"


# ---- bounds


BOMB = b"".join([gzip.compress(bytes(1 << 24))] * 32)  # 512 MiB in members


@pytest.mark.parametrize("kind", ALL)
def test_a_bomb_is_not_unpacked(kind: str, call: Make) -> None:
    with RawServer(always(answer(BOMB, b"content-encoding: gzip"))) as server:
        caller = call(kind, server.url, response_limit=8 * 1024 * 1024, max_retries=2)
        with pytest.raises(APIConnectionError):  # warm
            caller.ask()
        tracemalloc.start()
        try:
            with pytest.raises(
                ProtocolError, match=r"is answered with more than 8,388,608 bytes \(decompressed\); raise response_limit="
            ):
                caller.ask()
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024 + 4_000_000
        finally:
            tracemalloc.stop()
        assert len(server.seen) == 2, "it is not asked for again"


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long(kind: str, chunked: bool, call: Make) -> None:
    body = bytes(1 << 21)
    reply = answer(body)
    if chunked:
        reply = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with RawServer(always(reply)) as server:
        caller = call(kind, server.url, response_limit=1 << 20)
        with pytest.raises(ProtocolError, match=r"more than 1,048,576 bytes") as caught:
            caller.ask()
        assert caught.value.received == 1 << 20


@pytest.mark.parametrize("kind", ALL)
def test_a_body_as_long_as_allowed(kind: str, call: Make) -> None:
    with RawServer(always(answer(BODY))) as server:
        assert call(kind, server.url, response_limit=len(BODY)).ask() == "hi"


def test_the_default_limit_of_json(call: Make) -> None:
    reply = answer(BOMB, b"content-encoding: gzip")
    with RawServer(always(reply)) as server, pytest.raises(ProtocolError, match="more than 67,108,864 bytes"):
        call("urllib3", server.url).ask()
