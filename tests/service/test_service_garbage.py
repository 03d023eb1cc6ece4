"""Bytes that are no HTTP, or too much of it: an answer that says so, or a closed connection, and the service goes on."""

from __future__ import annotations

import json
import socket
import time

import pytest
from raw_wire import ASK, address, ask, received, request

from ceyx.service import LocalService, connection

BODY = json.dumps(ASK).encode()
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: local\r\nconnection: close\r\n"


def sent(service: LocalService, data: bytes, seconds: float = 5.0):
    with socket.create_connection(address(service), timeout=seconds) as to:
        to.sendall(data)
        return received(to, seconds)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),  # TLS
        b"\x00\x01\x02\r\n\r\n",
        b"GET /v1/models HTTP/9.9\r\n\r\n",
        b"GET  HTTP/1.1\r\nhost: local\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nno colon here\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nhost : local\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nhost: a\x00b\r\n\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 99999999999999999999999\r\n\r\n",
        HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_what_is_no_request(service: LocalService, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = sent(service, data)
    assert answer.end != "open"
    if answer.data:
        assert 400 <= answer.status < 500
        assert answer.complete
        assert answer.json["error"]["message"]
    assert ask(service, None).status == 200


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"5\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\n{}\r\n",
        b"-1\r\n\r\n",
        b"2;" + b"x" * 100_000 + b"\n{}",
    ],
    ids=lambda chunks: repr(chunks[:20]),
)
def test_chunks_that_are_none(service: LocalService, chunks: bytes) -> None:
    answer = sent(service, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks)
    assert answer.end != "open"
    assert not answer.data or 400 <= answer.status < 500
    assert ask(service, None).status == 200


@pytest.mark.parametrize(
    "line",
    [
        b"x-long: " + b"a" * 60_000,
        b"authorization: Bearer \xff\xfe\x80",
        b"api-key: " + "ключ".encode(),
        b"content-type: \xff",
        b"content-type: multipart/form-data; boundary=",
        b"content-type: application/json; charset=utf-7",
        b"content-encoding: gzip",
        b"x-client-request-id: " + b"\xe9" * 3000,
        b"x-ms-client-request-id: \t ;;;\x7f\x80",
        b"x-ceyx-fault: \xff",
        b"x-request-id: a\tb",
        b"\r\n".join(b"x-%d: a" % number for number in range(500)),
    ],
    ids=lambda line: repr(line[:40]),
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"])
def test_odd_headers(service: LocalService, path: str, line: bytes) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-length: {len(BODY)}\r\n".encode()
    answer = sent(service, head + line + b"\r\n\r\n" + BODY)
    assert answer.end == "closed"
    assert answer.status < 500
    assert answer.complete


@pytest.mark.parametrize(
    "target",
    [
        "/v1/models/%00", "/v1/models/%ff%fe", "/v1/models/" + "a" * 20_000, "/v1/%2e%2e/%2e%2e/etc/passwd", "//v1//models",
        "/v1/files/%F0%9F%98%80/content", "/v1/files?limit=%00&after=%ff",
        "/openai/deployments//chat/completions?api-version=%ff",
        "/openai/models?api-version=" + "9" * 5000, "/_ceyx/images/..%2f..%2fetc%2fpasswd", "/v1/responses/%0d%0aset-cookie:a",
        "*",
    ],
    ids=lambda target: target[:40],
)  # fmt: skip
def test_odd_paths(service: LocalService, target: str) -> None:
    for method in ("GET", "DELETE", "POST", "PATCH", "TRACE"):
        answer = sent(
            service, f"{method} {target} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode()
        )
        assert answer.end == "closed"
        assert answer.status < 500
        assert b"set-cookie" not in answer.data.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"1e999999", b'{"model": 1}']
)
@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/responses", "/v1/batches", "/v1/files", "/v1/audio/transcriptions"]
)
def test_odd_bodies(service: LocalService, path: str, body: bytes) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    answer = sent(service, head.encode() + body)
    assert 400 <= answer.status < 500
    assert answer.json["error"]["message"]


def test_pipelined_requests_are_answered_in_turn(service: LocalService) -> None:
    asked = request(ASK) + request(None, "/v1/models/gpt-4o") + request(None, "/v1/nothing", connection="close")
    answer = sent(service, asked)
    assert answer.end == "closed"
    assert answer.data.count(b"HTTP/1.1 200 OK") == 2
    assert answer.data.index(b"chat.completion") < answer.data.index(b'"object":"model"') < answer.data.index(b"HTTP/1.1 404")


def test_a_head_that_does_not_end_is_refused(service: LocalService) -> None:
    with socket.create_connection(address(service), timeout=5) as to:
        to.sendall(b"GET /v1/models HTTP/1.1\r\nx-long: ")
        try:
            for _ in range(64):
                to.sendall(b"a" * 65536)
        except OSError:
            pass  # it does not listen any more
        answer = received(to, 5)
    assert answer.end != "open"
    assert not answer.data or answer.status == 431


def test_a_head_that_trickles_is_not_waited_for(service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SECONDS_FOR_A_HEAD", 0.2)
    with socket.create_connection(address(service), timeout=5) as to:
        to.sendall(b"GET /v1/models HTTP/1.1\r\n")
        for _ in range(2):
            time.sleep(0.05)
            to.sendall(b"x-a: b\r\n")
        answer = received(to, 5)
    assert (answer.status, answer.end) == (408, "closed")
    assert answer.seconds < 1


def test_a_head_in_pieces_is_read(service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SECONDS_FOR_A_HEAD", 0.2)
    whole = request(ASK)
    with socket.create_connection(address(service), timeout=5) as to:
        for start in range(0, len(whole), 40):
            to.sendall(whole[start : start + 40])
            time.sleep(0.001)
        assert received(to, 0.3).status == 200
        to.sendall(request(None, "/v1/models", connection="close"))  # nothing of the first is held against the second
        assert received(to, 5).status == 200


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/files", "/v1/nothing", "/openai/v1/chat/completions"])
def test_a_body_that_trickles_is_not_waited_for(service: LocalService, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(connection, "SECONDS_FOR_A_PIECE", 0.15)
    with socket.create_connection(address(service), timeout=5) as to:
        to.sendall(f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n".encode())
        to.sendall(b"content-length: 1000\r\n\r\n{")
        for _ in range(2):
            time.sleep(0.05)
            to.sendall(b" ")
        answer = received(to, 5)
    # Where no route leads, or the body is no form, the answer came before; what trickles on is not read for ever either.
    assert answer.end == "closed"
    assert answer.status in ((408,) if path.endswith("completions") else (400, 404))
    assert answer.seconds < 1


def test_a_body_that_comes_on_is_read(service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SECONDS_FOR_A_PIECE", 0.1)
    monkeypatch.setattr(connection, "LEAST_PIECE", 20)
    whole = request(ASK)
    with socket.create_connection(address(service), timeout=5) as to:
        for _ in range(2):  # nothing of the first is held against the second
            for start in range(0, len(whole), 40):
                to.sendall(whole[start : start + 40])
                time.sleep(0.02 + 0.02 * (start > 200))
            assert received(to, 0.3).status == 200
