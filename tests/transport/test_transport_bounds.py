"""What a server may do without end, and what the errors tell of how far a call got."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from authorities import Authority
from callers import ALL, OURS, Caller
from raw_server import BODY, RawServer, always, answer

from ceyx import APIConnectionError, APIStatusError, APITimeoutError, ProtocolError, Timeout
from ceyx.transport.http1 import Incoming

Make = Callable[..., Caller]
Speak = Callable[[RawServer, socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def after_reading(*sent: bytes) -> Speak:
    """Says this to the first request, and closes the connection."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        for each in sent:
            connection.sendall(each)

    return speak


# ---- heads


def flood(interim: bytes) -> Speak:
    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        while True:
            connection.sendall(interim * 200)

    return speak


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nlink: " + b"x" * 900 + b"\r\n\r\n"]
)
@pytest.mark.parametrize("kind", OURS)
def test_interim_responses_without_end(interim: bytes, kind: str, call: Make) -> None:
    started = time.monotonic()
    with RawServer(flood(interim)) as server, pytest.raises(ProtocolError, match="its headers are longer than 131,072 bytes"):
        call(kind, server.url).ask()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", sorted({*ALL} - {*OURS}))
def test_interim_responses_without_end_are_ended_by_the_deadline(kind: str, call: Make) -> None:
    """httpx bounds neither their number nor their time, and gives no way to the connection before there is a response."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        for _ in range(200):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.01)

    started = time.monotonic()
    with RawServer(speak) as server, pytest.raises(APITimeoutError, match="deadline"):
        call(kind, server.url).ask(deadline=0.3)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", ALL)
def test_a_hundred_interim_responses_are_fine(kind: str, call: Make) -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100 + b"HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\n" + answer())

    with RawServer(speak) as server:
        caller = call(kind, server.url)
        assert [caller.ask() for _ in range(60)] == ["hi"] * 60  # the count begins anew with each request
        assert len(server._open) == 1


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("head", [HEAD + b"x: " + b"a" * 300_000, HEAD + b"x: a\r\n" * 60_000], ids=["one", "many"])
def test_headers_that_are_too_long(head: bytes, kind: str, call: Make) -> None:
    match = "its headers are longer than 131,072 bytes" if kind in OURS else "not HTTP"
    with RawServer(after_reading(head + b"\r\n\r\n")) as server, pytest.raises(ProtocolError, match=match):
        call(kind, server.url).ask()


def test_headers_that_are_too_long_and_come_at_once() -> None:
    incoming = Incoming()
    with pytest.raises(ProtocolError, match="its headers are longer than 131,072 bytes"):
        incoming.feed(HEAD + b"x: " + b"a" * 200_000 + b"\r\n\r\n")


def test_a_long_answer_that_comes_at_once() -> None:
    incoming, body = Incoming(), b"0123456789" * 30_000
    incoming.feed(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
    assert (incoming.done, incoming.reusable, incoming.take()) == (True, True, body)


FOLDED = HEAD + b"x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}"
SPACED = HEAD + b"content-length : 2\r\n\r\n{}"
AMBIGUOUS = [
    HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
    HEAD + b"content-length: -2\r\n\r\n{}",
    HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    HEAD + b"x\0y: a\r\ncontent-length: 2\r\n\r\n{}",
]


@pytest.mark.parametrize(
    ("kind", "head"),
    [*((kind, head) for kind in OURS for head in AMBIGUOUS), ("urllib3", FOLDED), ("urllib3", SPACED)],
)
def test_heads_that_two_parsers_read_in_two_ways(head: bytes, kind: str, call: Make) -> None:
    """RFC 9112, 11: what leaves open where the answer ends is refused, so that none is taken for another's.

    aiohttp forgives servers folded lines and spaces before colons.
    """
    with RawServer(after_reading(head)) as server, pytest.raises(ProtocolError, match="not HTTP"):
        call(kind, server.url).ask()


# ---- bodies


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("deadline", [None, 5])
def test_a_body_that_is_too_short(deadline: float | None, kind: str, call: Make) -> None:
    with RawServer(after_reading(HEAD + b"content-length: 5000\r\n\r\n" + b" " * 1234)) as server:
        with pytest.raises(APIConnectionError, match="closed the connection after 1,234 of 5,000 bytes of its answer") as caught:
            call(kind, server.url).ask(deadline=deadline)
        assert type(caught.value) is APIConnectionError
        assert caught.value.received == 1234
        assert caught.value.answered


@pytest.mark.parametrize("kind", ALL)
def test_an_answer_that_broke_off_is_not_paid_for_twice(kind: str, call: Make) -> None:
    with RawServer(after_reading(HEAD + b"content-length: 5000\r\n\r\n{")) as server:
        with pytest.raises(APIConnectionError, match="may have been billed"):
            call(kind, server.url, max_retries=3).ask()
        assert len(server.seen) == 1


# ---- how far a call got


def silent(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    time.sleep(2)


def deaf(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    time.sleep(2)


@pytest.mark.parametrize("kind", ALL)
def test_nothing_was_done_where_the_request_did_not_go_out(kind: str, call: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(APIConnectionError) as caught:
        call(kind, f"http://127.0.0.1:{port}/v1").ask()
    assert caught.value.received is None
    with RawServer(deaf) as server, pytest.raises(APITimeoutError) as late:
        call(kind, server.url, timeout=Timeout(5, write=0.2)).ask("x" * 30_000_000)
    assert late.value.received is None


@pytest.mark.parametrize("kind", ALL)
def test_something_may_have_been_done_where_it_did(kind: str, call: Make) -> None:
    for speak in (silent, after_reading(), after_reading(b"HTTP/1.1 1")):
        with RawServer(speak) as server, pytest.raises(APIConnectionError) as caught:
            call(kind, server.url, timeout=0.2).ask()
        assert caught.value.received == 0
        assert not caught.value.answered


# ---- proxies


PAGE = b"<html><body>" + b"The proxy says no. " * 300 + b"</body></html>"


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize(
    ("status", "step"),
    [
        (b"407 Proxy Authentication Required", "it asks for a login: proxy=http://user:password@host:port"),
        (b"502 Bad Gateway", "check"),
    ],
)
def test_a_proxy_that_refuses_a_tunnel(status: bytes, step: str, kind: str, authority: Authority, call: Make) -> None:
    with RawServer(after_reading(answer(PAGE, b"content-type: text/html", status=status))) as proxy:
        caller = call(kind, "https://127.0.0.1:9/v1", proxy=proxy.origin, verify=authority.path)
        with pytest.raises(
            APIConnectionError, match=f"the proxy 127.0.0.1:.* does not connect to https://127.0.0.1:9: .*{step}"
        ) as caught:
            caller.ask()
        assert status.decode() in str(caught.value)
        assert len(str(caught.value)) < 300
        assert caught.value.received is None


@pytest.mark.parametrize("kind", OURS)
def test_a_reason_as_long_as_a_page(kind: str, authority: Authority, call: Make) -> None:
    with RawServer(after_reading(answer(b"", status=b"502 " + PAGE.replace(b"\n", b" ")))) as proxy:
        caller = call(kind, "https://127.0.0.1:9/v1", proxy=proxy.origin, verify=authority.path)
        with pytest.raises(APIConnectionError, match="502") as caught:
            caller.ask()
        assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"502 Bad Gateway"])
def test_a_proxy_that_answers_in_place_of_the_server(status: bytes, kind: str, call: Make) -> None:
    with RawServer(always(answer(PAGE, b"content-type: text/html", status=status))) as proxy:
        with pytest.raises(APIStatusError, match=f"Error code: {int(status[:3])}") as caught:
            call(kind, "http://127.0.0.1:9/v1", proxy=proxy.origin).ask()
        assert "The proxy says no" not in str(caught.value)


# ---- names with several addresses


@pytest.fixture
def full() -> Iterator[int]:
    """The port of an address to which nobody is connected, nor refused."""
    with socket.create_server(("127.0.0.2", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])
        for each in waiting:
            each.close()


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("first", ["refuses", "is silent"])
def test_an_address_that_cannot_be_reached_is_passed_over(
    first: str, kind: str, full: int, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such is the IPv6 address of a server, for those whose network only seems to have IPv6."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        always(answer(BODY))(server, connection)

    with RawServer(speak) as server:
        port = int(server.origin.rpartition(":")[2])
        bad = ("127.0.0.2", full if first == "is silent" else 9)

        def found(host: object, *_: object, **__: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (bad, ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", found)
        started = time.monotonic()
        assert call(kind, f"http://server.example:{port}/v1", timeout=Timeout(5, connect=0.5)).ask() == "hi"
        assert time.monotonic() - started < 1.5
