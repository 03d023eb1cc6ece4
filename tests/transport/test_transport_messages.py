"""What goes over a connection: the head of a request, and the answers that are unusual but right."""

from __future__ import annotations

import gzip
import logging
import socket
from collections.abc import Callable

import pytest
from callers import KEY, OURS, Caller
from raw_server import BODY, RawServer, always, answer

from ceyx import OpenAI

Make = Callable[..., Caller]


def sent(server: RawServer, name: bytes) -> list[bytes]:
    """The values of a header as it was sent."""
    lines = [line.partition(b":") for line in server.seen[-1][0].split(b"\r\n")]
    return [value.strip() for sent, _, value in lines if sent.lower() == name]


def test_a_host_header_replaces_ours(kind: str, call: Make) -> None:
    with RawServer(always(answer())) as server:
        call(kind, server.url).ask(extra_headers={"Host": "gateway"})
        assert sent(server, b"host") == [b"gateway"]


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding"])
def test_a_header_cannot_change_where_the_body_ends(name: str, kind: str, call: Make) -> None:
    """A proxy that believes the other one of two lengths reads a second request out of the body (RFC 9112, 11.2)."""
    with RawServer(always(answer())) as server:
        caller = call(kind, server.url)
        with pytest.raises(ValueError, match=name.lower()):
            caller.ask(extra_headers={name: "3" if name == "Content-Length" else "chunked"})
        assert server.seen == []
        assert caller.ask() == "hi"


def test_a_header_that_is_not_latin_1_is_refused_without_telling_the_key() -> None:
    made = OpenAI(api_key=KEY, base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(ValueError, match="x-user") as caught:
        made.models.list(extra_headers={"x-user": "☃"})
    assert KEY not in repr(caught.value) + repr(caught.value.__context__)


@pytest.mark.parametrize(("path", "target"), [("/a b/☃", b"/v1/a%20b/%E2%98%83"), ("/a%2Fb?c=d", b"/v1/a%2Fb?c=d")])
def test_a_path_is_sent_as_addresses_have_it(path: str, target: bytes) -> None:
    with RawServer(always(answer())) as server, OpenAI(api_key=KEY, base_url=server.url, max_retries=0) as client:
        assert client.get(path, cast_to=bytes) == BODY
        assert server.seen[-1][0].split(b"\r\n")[0] == b"GET " + target + b" HTTP/1.1"


@pytest.mark.parametrize("kind", OURS)
def test_nothing_logs_the_keys_of_a_query(kind: str, call: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(always(answer())) as server:
        call(kind, server.url, default_query={"subscription-key": "query-secret"}).ask()
        assert b"subscription-key=query-secret" in server.seen[-1][0]
    assert "query-secret" not in caplog.text


def test_white_space_after_the_value_of_a_header_is_no_part_of_it(kind: str, call: Make) -> None:
    """RFC 9110, 5.5."""
    with RawServer(always(answer(gzip.compress(BODY), b"content-encoding: gzip "))) as server:
        assert call(kind, server.url).ask() == "hi"


@pytest.mark.parametrize("kind", OURS)
def test_repeated_headers_are_joined_and_what_follows_the_body_is_none(kind: str, call: Make) -> None:
    """RFC 9110, 5.3 and 6.5.1: trailers are not to be merged into headers."""
    lines = b"transfer-encoding: chunked\r\nx-seen: a \r\nx-request-id: req_1\r\nX-Seen: b\r\n"
    body = b"%x\r\n%b\r\n0\r\nx-seen: c\r\nx-late: d\r\n\r\n" % (len(BODY), BODY)

    with RawServer(always(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + body)) as server:
        caller = call(kind, server.url)
        for _ in range(2):
            headers = caller.headers()
            assert headers["x-seen"] == "a, b" and headers["X-Request-Id"] == "req_1"
            assert "x-late" not in headers
        assert len(server._open) == 1


@pytest.mark.parametrize("kind", OURS)
def test_long_headers(kind: str, call: Make) -> None:
    with RawServer(always(answer(BODY, b"content-security-policy: " + b"a" * 20_000))) as server:
        assert call(kind, server.url).ask() == "hi"


def test_a_head_request_does_not_wait_for_a_body() -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\ncontent-encoding: gzip\r\n\r\n")
        always(answer())(server, connection)

    with RawServer(speak) as server, OpenAI(api_key=KEY, base_url=server.url, timeout=1, max_retries=0) as client:
        assert client.request("HEAD", "/models", cast_to=bytes) == b""
        assert client.get("/c", cast_to=bytes) == BODY
        assert len(server._open) == 1, "the connection is used again"
