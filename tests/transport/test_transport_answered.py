"""`answered`: whether an answer had begun before it failed. What had is not sent again, since it may have been billed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest
from callers import ALL, OURS, Caller
from raw_server import ASK, BODY, CHUNK, EVENTS, RawServer, answer

from ceyx import APIConnectionError, APIStatusError, APITimeoutError, DeadlineExceededError, ProtocolError
from ceyx.transport import failures
from ceyx.transport.memory import Memory
from ceyx.wire.message import Request, Timeout

Make = Callable[..., Caller]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
SECRET = b"set-cookie: session=never-to-be-shown\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def says(*parts: bytes, then: float = 0) -> Callable[[RawServer, socket.socket], None]:
    """Answers every request so, waits, and closes the connection."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        for part in parts:
            connection.sendall(part)
            time.sleep(0.03)
        time.sleep(then)

    return speak


def told(work: Callable[[], object], kind: type[APIConnectionError] = APIConnectionError) -> APIConnectionError:
    with pytest.raises(kind) as caught:
        work()
    return caught.value


# ---- in the head


@pytest.mark.parametrize(
    "parts", [(HEAD + SECRET + b"x-half: ",), (b"HTTP/1.1 200",), (HEAD, SECRET), (CONTINUE, HEAD), (CONTINUE + HEAD[:14],)]
)
@pytest.mark.parametrize("then", [0, 5], ids=["closed", "stalled"])
@pytest.mark.parametrize("kind", OURS)
def test_a_head_that_had_begun(parts: tuple[bytes, ...], then: float, kind: str, call: Make) -> None:
    with RawServer(says(*parts, then=then)) as server:
        error = told(lambda: call(kind, server.url, max_retries=2, timeout=Timeout(5, read=0.15)).ask())
        assert len(server.seen) == 1
    assert error.answered
    assert "not retried: the answer had begun" in str(error)
    assert isinstance(error, APITimeoutError) == bool(then)
    assert "never-to-be-shown" not in str(error)
    if not then:
        assert "(the headers were cut)" in str(error)


@pytest.mark.parametrize("parts", [(), (CONTINUE,), (CONTINUE * 3, CONTINUE), (CONTINUE[:-2], b"\r\n"), (b"HTTP/1.1 10",)])
@pytest.mark.parametrize("kind", ALL)
def test_no_answer_but_interim_ones(parts: tuple[bytes, ...], kind: str, call: Make) -> None:
    with RawServer(says(*parts)) as server:
        error = told(lambda: call(kind, server.url, max_retries=1).ask())
        assert len(server.seen) == 2
    assert not error.answered


@pytest.mark.parametrize("kind", ALL)
def test_nothing_after_an_interim_response(kind: str, call: Make) -> None:
    with RawServer(says(CONTINUE, then=5)) as server:
        caller = call(kind, server.url, timeout=Timeout(5, read=0.15))
        assert not told(caller.ask, APITimeoutError).answered


@pytest.mark.parametrize("kind", OURS)
def test_a_head_that_is_cut_on_a_connection_that_served_before(kind: str, call: Make) -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(answer())
        server.read(connection)
        if len(server.seen) == 2:
            return  # not a byte
        connection.sendall(HEAD)

    with RawServer(speak) as server:
        caller = call(kind, server.url)
        for answered in (False, True):
            assert caller.ask() == "hi"
            assert told(caller.ask).answered is answered


# ---- in the body


def raw(caller: Caller, way: str, **options: Any) -> Any:
    """Reads an answer whose body is on the wire in this way."""
    opened = caller.client.chat.completions.with_streaming_response.create(model="m", messages=ASK, **options)

    async def aread() -> Any:
        async with opened as response:
            return b"".join([piece async for piece in response.iter_bytes()]) if way == "iter_bytes" else await response.read()

    if caller.runner is not None:
        return caller.runner.run(aread())
    with opened as response:
        return b"".join(response.iter_bytes()) if way == "iter_bytes" else response.read()


READING: dict[str, Callable[..., Any]] = {
    "whole": lambda caller, **options: caller.ask(**options),
    "stream": lambda caller, **options: caller.stream(**options),
    "read": lambda caller, **options: raw(caller, "read", **options),
    "iter_bytes": lambda caller, **options: raw(caller, "iter_bytes", **options),
}
CUT = HEAD + b"content-length: 5000\r\n\r\n" + BODY
BAD_CHUNKS = HEAD + b"transfer-encoding: chunked\r\n\r\nZZ\r\n"
NO_GZIP = HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello"


@pytest.mark.parametrize("reading", READING)
@pytest.mark.parametrize(
    ("sent", "then", "expected"),
    [
        (CUT, 0, APIConnectionError),
        (CUT, 5, APITimeoutError),
        (BAD_CHUNKS, 0, ProtocolError),
        (NO_GZIP, 0, ProtocolError),
    ],
    ids=["cut", "stalled", "chunks", "gzip"],
)
def test_a_body(sent: bytes, then: float, expected: type[APIConnectionError], reading: str, kind: str, call: Make) -> None:
    with RawServer(says(sent, then=then)) as server:
        caller = call(kind, server.url, timeout=Timeout(5, read=0.15))
        assert told(lambda: READING[reading](caller), expected).answered


@pytest.mark.parametrize("reading", ["read", "iter_bytes"])
def test_a_body_of_an_error_is_no_answer(reading: str, kind: str, call: Make) -> None:
    """A server that fails has done nothing that is billed."""
    sent = b"HTTP/1.1 500 Whatever\r\ncontent-length: 5000\r\n\r\n{"
    with RawServer(says(sent)) as server, pytest.raises((APIStatusError, APIConnectionError)) as caught:
        READING[reading](call(kind, server.url))
    assert not getattr(caught.value, "answered", False)


@pytest.mark.parametrize("status", [200, 503])
def test_a_network_of_a_test(status: int) -> None:
    def body() -> Generator[bytes, None, None]:
        yield b"{"
        raise APIConnectionError(message="cut")

    request = Request("GET", "http://x", "/", {}, None, Timeout(1))
    reply = Memory(lambda _: (status, {}, body())).send(request)
    assert told(reply.read).answered is (status == 200)


# ---- bodies that end with the connection


def events_then_nothing(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    connection.sendall(EVENTS + CHUNK)
    time.sleep(5)


@pytest.mark.parametrize("reading", READING)
def test_a_deadline_is_not_the_end_of_a_body_without_a_length(reading: str, kind: str, call: Make) -> None:
    with RawServer(events_then_nothing) as server:
        caller = call(kind, server.url, timeout=5, stream_end="unchecked")
        started = time.monotonic()
        error = told(lambda: READING[reading](caller, deadline=0.3), DeadlineExceededError)
        assert time.monotonic() - started < 1
    assert error.answered
    assert error.received == len(CHUNK)


@pytest.mark.parametrize("kind", ["urllib3", "httpx2", "httpx"])
def test_to_close_is_not_the_end_of_a_body_without_a_length(kind: str, call: Make) -> None:
    with RawServer(events_then_nothing) as server:
        stream = call(kind, server.url, timeout=5, stream_end="unchecked").client.chat.completions.create(
            model="m", messages=ASK, stream=True
        )
        threading.Timer(0.1, stream.close).start()
        assert "was closed while it was read" in str(told(lambda: list(stream)))


@pytest.mark.parametrize("kind", ["httpx2", "httpx"])
def test_a_whole_body_read_slowly_past_no_deadline(kind: str, call: Make) -> None:
    """The end of the connection is the end of the body, where nobody shut it down."""
    with RawServer(says(HEAD + b"\r\n" + BODY[:50], BODY[50:])) as server:
        assert call(kind, server.url).ask(deadline=5) == "hi"


# ---- what is said of it


def test_the_cause_is_not_looked_for_behind_from_none() -> None:
    def hidden() -> None:
        try:
            raise ValueError("a library's own matter")
        except ValueError:
            raise OSError("what is said of it") from None

    with pytest.raises(OSError, match="what is said") as caught:
        hidden()
    assert failures.root(caught.value) is caught.value


def test_the_cause_is_not_looked_for_behind_our_own_words() -> None:
    ours = ProtocolError("its compressed body is broken")
    ours.__cause__ = ValueError("Error -3")
    theirs = RuntimeError("wrapped")
    theirs.__cause__ = ours
    assert failures.root(theirs) is ours
