"""The SSE decoder, beside a slow reading of the WHATWG algorithm. Where the two differ on purpose, it is said here and nowhere
else:

- The last event counts although no blank line follows it. The algorithm drops it; servers forget the line, and a cut stream
  is noticed by what the events say.
- Fields `id` and `retry` are not kept: nothing here reconnects in the middle of an answer.
- Data and names stay bytes. The algorithm decodes them as UTF-8 with replacements; here a broken one must not pass as text.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as some
from shapes import cut, line_text, places, quick, thorough

from ceyx.errors import ProtocolError
from ceyx.wire import sse

Dispatched = list[tuple[str, str]]


def by_the_book(stream: bytes) -> Dispatched:
    """What the algorithm of WHATWG HTML, section 9.2.6, dispatches: pairs of event type and data."""
    characters = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    lines, line, place = [], "", 0
    while place < len(characters):
        character = characters[place]
        place += 1
        if character == "\r" or character == "\n":
            if character == "\r" and characters[place : place + 1] == "\n":
                place += 1
            lines.append(line)
            line = ""
        else:
            line += character
    dispatched, data, event_type = [], "", ""  # what is left in `line` has no end, and is no line
    for line in lines:
        if line == "":
            if data != "":
                dispatched.append((event_type, data.removesuffix("\n")))
            data, event_type = "", ""
        elif line.startswith(":"):
            continue
        else:
            field, colon, value = line.partition(":")
            value = value[1:] if colon and value.startswith(" ") else value
            if field == "event":
                event_type = value
            elif field == "data":
                data += value + "\n"
    return dispatched


def decoded(pieces: list[bytes]) -> tuple[list[sse.Event], list[sse.Event]]:
    """The events that came with the pieces, and the one, if any, that the end brought."""
    decoder = sse.Decoder()
    found = [event for piece in pieces for event in decoder.feed(piece)]
    last = decoder.finish()
    return found, [last] if last else []


def as_text(events: list[sse.Event]) -> Dispatched:
    return [(name.decode("utf-8", "replace"), data.decode("utf-8", "replace")) for name, data in events]


others = [b"event", b"id", b"retry", b"", b"Data", b"data ", b"nonsense", b"\xff"]
between = some.sampled_from([b":", b": ", b":  ", b":\t", b""])


def line_of(*fields: bytes) -> some.SearchStrategy[bytes]:
    return some.builds(lambda field, colon, value: field + colon + value.encode(), some.sampled_from(fields), between, line_text)


line = line_of(b"data") | line_of(b"data", *others) | some.sampled_from([b"", b":", b": ping", b"data"])
end_of_block = some.sampled_from([b"", b"\n", b"\r\n", b"\r", b"\n", b"\r\n\n"])


@some.composite
def written_streams(draw: some.DrawFn) -> bytes:
    """Events and more, with the line ends of one server, or of several."""
    mark = draw(some.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb"]))
    ends = draw(some.sampled_from([[b"\n"], [b"\r\n"], [b"\r"], [b"\n", b"\r\n", b"\r"]]))
    ended = some.builds(bytes.__add__, line, some.sampled_from(ends))
    block = some.builds(lambda lines, end: b"".join(lines) + end, some.lists(ended, min_size=1, max_size=4), end_of_block)
    return mark + b"".join(draw(some.lists(block, min_size=1, max_size=5))) + draw(line)


written = written_streams()
noise = some.binary(max_size=120) | some.lists(
    some.sampled_from([b"\r", b"\n", b":", b" ", b"data", b"event", b"\xef\xbb\xbf", b"\xef", b"\xe2\x80\xa8", b"\xff", b"x"]),
    max_size=40,
).map(b"".join)


@thorough
@given(written, places)
def test_it_agrees_with_the_algorithm_however_the_stream_is_cut(stream: bytes, places: list[int]) -> None:
    compare(stream, places)


@quick
@given(noise, places)
def test_it_agrees_with_the_algorithm_on_noise(stream: bytes, places: list[int]) -> None:
    compare(stream, places)


def compare(stream: bytes, places: list[int]) -> None:
    found, last = decoded(cut(stream, places))
    assert as_text(found) == by_the_book(stream)
    assert as_text(found + last) == by_the_book(stream + b"\n\n")  # the first of the differences on purpose


@quick
@given(written | noise, places)
def test_any_cut_gives_the_same_bytes(stream: bytes, places: list[int]) -> None:
    whole = decoded([stream])
    assert decoded(cut(stream, places)) == whole
    assert decoded([stream[i : i + 1] for i in range(len(stream))]) == whole


@quick
@given(some.lists(some.tuples(line_text.map(str.encode), some.sampled_from(["", "error", "response.done"])), max_size=5), places)
def test_what_is_encoded_is_decoded(events: list[tuple[bytes, str]], places: list[int]) -> None:
    stream = b"".join(sse.encoded(data, name) for data, name in events)
    assert decoded(cut(stream, places)) == ([(name.encode(), data) for data, name in events], [])


@quick
@given(written | noise, places, some.integers(1, 40))
def test_no_more_than_the_limit_is_kept(stream: bytes, places: list[int], limit: int) -> None:
    """The limit bounds what waits for its end. A piece that brings an event and its end together is in memory anyway."""
    decoder = sse.Decoder(limit)
    wanted, last = decoded([stream])
    found: list[sse.Event] = []
    try:
        for piece in cut(stream, places):
            found += decoder.feed(piece)
            assert sum(map(len, decoder._parts)) == decoder._size <= limit
    except ProtocolError as error:
        assert f"more than {limit} bytes" in str(error)
        assert found == wanted[: len(found)]
    else:
        assert found == wanted
        assert [event for event in [decoder.finish()] if event] == last


@pytest.mark.parametrize(
    ("stream", "dispatched"),
    [  # the examples of the specification, section 9.2.6
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("", "YHOO\n+2\n10")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
            [("", "first event"), ("", "second event")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [("", ""), ("", "\n")]),
        (b"data:test\n\ndata: test\n\n", [("", "test"), ("", "test")]),
    ],
)
def test_the_algorithm_is_read_right(stream: bytes, dispatched: Dispatched) -> None:
    assert by_the_book(stream) == dispatched
