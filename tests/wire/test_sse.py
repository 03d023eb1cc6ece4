"""Server-sent events: any stream, cut anywhere, gives the same events."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as some

from ceyx.errors import ProtocolError
from ceyx.wire import sse

text = some.text(some.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
event = some.tuples(some.sampled_from(["", "error", "response.completed"]), some.lists(text, min_size=1, max_size=3))
comment = some.builds(lambda said: [f":{said}"], text)
unknown = some.builds(lambda said: [f"id: {said}", "retry: 3"], text)


def lines_of(name: str, data: list[str]) -> list[str]:
    return ([f"event: {name}"] if name else []) + [f"data: {line}" for line in data]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(stream)) for place in places} | {0, len(stream)})
    return [stream[start:end] for start, end in itertools.pairwise(ends)]


def decoded(pieces: list[bytes]) -> list[sse.Event]:
    decoder = sse.Decoder()
    found = [event for piece in pieces for event in decoder.feed(piece)]
    last = decoder.finish()
    return found + ([last] if last else [])


@given(
    some.lists(event | comment | unknown, max_size=6),
    some.sampled_from(["\n", "\r\n", "\r"]),
    some.booleans(),
    some.booleans(),
    some.lists(some.integers(0, 300), max_size=12),
)
def test_any_split_of_any_stream_gives_the_same_events(blocks, end, marked, complete, places):
    written = [block if isinstance(block, list) else lines_of(*block) for block in blocks]
    stream = "".join("".join(line + end for line in block) + end for block in written)
    raw = (b"\xef\xbb\xbf" if marked else b"") + stream.encode()
    raw = raw if complete else raw.removesuffix(end.encode())
    wanted = [(block[0].encode(), "\n".join(block[1]).encode()) for block in blocks if isinstance(block, tuple)]
    assert decoded(cut(raw, places)) == wanted


@given(some.binary(max_size=200), some.lists(some.integers(0, 200), max_size=8))
def test_noise_is_read_alike_however_it_is_cut(noise, places):
    assert decoded(cut(noise, places)) == decoded([noise])


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_is_out_with_its_last_byte(end):
    decoder = sse.Decoder()
    assert decoder.feed(b"data: 1" + end) == []
    assert decoder.feed(end) == [(b"", b"1")]


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        (b"data:1\n\n", [(b"", b"1")]),
        (b"data:  1\n\n", [(b"", b" 1")]),
        (b"data\n\n", [(b"", b"")]),
        (b"event: e\ndata:  1 \ndata:\t2\n\n", [(b"e", b" 1 \n\t2")]),
        (b"data: a: b\n\n", [(b"", b"a: b")]),
        (b"event: error\ndata: 1\n\ndata: 2\n\n", [(b"error", b"1"), (b"", b"2")]),
        (b"event: ping\n\n", []),
        (b": keep-alive\n\n: keep-alive\n\n", []),
        (b"data: 1\ndata: 2\n\n", [(b"", b"1\n2")]),
        (b"\n\n\n\ndata: 1\n\n\n", [(b"", b"1")]),
        (b": c\ndata: 1\nid: 7\nretry: 5\nnonsense\n\n", [(b"", b"1")]),
        ("data: \u2028\u0085é\n\n".encode(), [(b"", "\u2028\u0085é".encode())]),
        (b"data: 1\n\ndata: cut", [(b"", b"1"), (b"", b"cut")]),
        (b"\xef\xbb\xbfdata: 1\n\n", [(b"", b"1")]),
        (b"data: \xef\xbb\xbf1\n\n", [(b"", b"\xef\xbb\xbf1")]),
        (b"", []),
    ],
)
def test_the_fields_of_an_event(stream, wanted):
    assert decoded([stream]) == wanted
    assert decoded([stream[i : i + 1] for i in range(len(stream))]) == wanted


def test_an_event_without_end_is_refused_at_the_limit():
    decoder = sse.Decoder(limit=1000)
    with pytest.raises(ProtocolError, match="more than 1,000 bytes"):
        for _ in range(200):
            decoder.feed(b"data: xxx")


def test_the_limit_is_of_one_event_not_of_the_stream():
    decoder = sse.Decoder(limit=1000)
    found = [event for _ in range(200) for event in decoder.feed(b"data: " + b"x" * 500 + b"\n\ndata:")]
    assert len(found) == 200


@given(some.text(some.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), some.sampled_from(["", "error"]))
def test_what_is_encoded_is_decoded(data, name):
    assert decoded([sse.encoded(data.encode(), name)]) == [(name.encode(), data.encode())]
