"""Large requests: files in any form, servers that take them slowly, not at all, or answer before they have them."""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from authorities import Authority
from callers import ALL, BLOCKING, KEY, OURS, Caller
from raw_server import BODY, RawServer, answer

from ceyx import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, DeadlineExceededError, OpenAIError, Timeout

Make = Callable[..., Caller]
FILE = b'{"id":"file-1","object":"file","bytes":1,"created_at":1,"filename":"f","purpose":"batch","status":"processed"}'


def takes_slowly(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    received = connection.recv(65536)
    while not received.endswith(b"}"):
        time.sleep(0.01)
        received = connection.recv(65536)
    connection.sendall(answer())


def takes_nothing(server: RawServer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    time.sleep(3)


@pytest.mark.parametrize("kind", OURS)
def test_an_upload_may_take_longer_than_connecting_and_than_each_pause(kind: str, call: Make) -> None:
    """`timeout.connect` is 5 s by default: a large image over a slow line takes longer than that."""
    with RawServer(takes_slowly) as server:
        started = time.monotonic()
        assert call(kind, server.url, timeout=Timeout(30, connect=0.3, write=0.5)).ask("x" * 10_000_000) == "hi"
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize("kind", OURS)
def test_a_server_that_takes_no_body_is_not_waited_for(kind: str, call: Make) -> None:
    with RawServer(takes_nothing) as server:
        started = time.monotonic()
        with pytest.raises(APITimeoutError, match=r"did not take the request within 0.3 s \(timeout.write\)"):
            call(kind, server.url, timeout=Timeout(30, write=0.3)).ask("x" * 30_000_000)
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", OURS)
def test_a_deadline_bounds_an_upload(kind: str, call: Make) -> None:
    with RawServer(takes_nothing) as server:
        started = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            call(kind, server.url).ask("x" * 30_000_000, deadline=0.3)
        assert time.monotonic() - started < 2


# ---- files


def received(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of a request, with a length or in chunks."""
    with connection.makefile("rb") as source:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (line := source.readline()):
                raise EOFError
            head += line
        if length := re.search(rb"(?i)\r\ncontent-length: (\d+)", head):
            assert b"chunked" not in head.lower()
            return head, source.read(int(length[1]))
        assert b"\r\ntransfer-encoding: chunked\r\n" in head.lower()
        body = b""
        while size := int(source.readline(), 16):
            body += source.read(size)
            assert source.readline() == b"\r\n"
        source.readline()
        return head, body


def takes_forms(server: RawServer, connection: socket.socket) -> None:
    while True:
        server.seen.append(received(connection))
        connection.sendall(answer(FILE))


def content_of(server: RawServer, number: int = -1) -> bytes:
    """What the file of a form held, which is its last part."""
    head, body = server.seen[number]
    boundary = re.search(rb"boundary=(\S+)", head)
    assert boundary
    assert body.endswith(b"\r\n--" + boundary[1] + b"--\r\n")
    return body[: -len(boundary[1]) - 8].split(b"\r\n\r\n", 2)[2]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.jsonl"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_a_small_file(kind: str, call: Make) -> None:
    with RawServer(takes_forms) as server:
        assert call(kind, server.url).upload(("a.jsonl", b"{}\r\n")) == "file-1"
        assert content_of(server) == b"{}\r\n"


def test_large_files_with_their_length(kind: str, large: Path, call: Make) -> None:
    with RawServer(takes_forms) as server, large.open("rb") as opened:
        caller = call(kind, server.url)
        for file in (large, opened, io.BytesIO(large.read_bytes()), large.read_bytes(), ("name", opened)):
            assert caller.upload(file) == "file-1"
            assert hashlib.sha256(content_of(server)).digest() == hashlib.sha256(large.read_bytes()).digest()
            assert b"\r\ncontent-length: " in server.seen[-1][0].lower()
        assert len(server._open) == 1, "the connection is used again"


def test_a_pipe_in_chunks(kind: str, call: Make) -> None:
    with RawServer(takes_forms) as server:
        caller = call(kind, server.url)
        for _ in range(2):
            reading, writing = os.pipe()

            def write(descriptor: int = writing) -> None:
                for _ in range(30):
                    os.write(descriptor, b"0123456789" * 1000)
                os.close(descriptor)

            feeding = threading.Thread(target=write)
            feeding.start()
            with os.fdopen(reading, "rb") as source:
                assert caller.upload(("a.txt", source)) == "file-1"
            feeding.join()
            assert content_of(server) == b"0123456789" * 30_000
        assert len(server._open) == 1


def fails_first(fail: Callable[[socket.socket], None], times: int = 1) -> Callable[[RawServer, socket.socket], None]:
    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.seen.append(received(connection))
            if len(server.seen) <= times:
                fail(connection)
            else:
                connection.sendall(answer(FILE))

    return speak


def busy(connection: socket.socket) -> None:
    connection.sendall(answer(b"{}", b"retry-after-ms: 1", status=b"503 Busy"))


def hangs_up(connection: socket.socket) -> None:
    raise EOFError


@pytest.mark.parametrize("fail", [busy, hangs_up])
def test_a_file_is_sent_again_from_its_beginning(fail: Any, kind: str, large: Path, call: Make) -> None:
    with RawServer(fails_first(fail)) as server, large.open("rb") as opened:
        opened.read(1000)
        assert call(kind, server.url, max_retries=1).upload(opened) == "file-1"
        assert content_of(server, 0) == content_of(server, 1) == large.read_bytes()


@pytest.mark.parametrize("fail", [busy, hangs_up])
def test_a_pipe_is_not_sent_again(fail: Any, kind: str, call: Make) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"abc")
    os.close(writing)
    with RawServer(fails_first(fail)) as server, os.fdopen(reading, "rb") as source:
        with pytest.raises(APIStatusError if fail is busy else APIConnectionError, match=r"not retried: .* cannot be read again"):
            call(kind, server.url, max_retries=3).upload(source)
        assert len(server.seen) == 1


@pytest.mark.parametrize("change", [-100, 100])
def test_a_file_that_changes_size_ends_the_call_at_once(change: int, kind: str, large: Path, call: Make) -> None:
    """No retry helps, and the server must not take what it got for the whole."""

    def changes(server: RawServer, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.recv(1000)
        os.truncate(large, large.stat().st_size + change)
        server.seen.append((b"", b"".join(iter(lambda: connection.recv(1 << 20), b""))))

    started = time.monotonic()
    with RawServer(changes) as server:
        with large.open("r+b") as file:
            file.truncate(40_000_000)  # more than the buffers of the connection hold
        with pytest.raises(OpenAIError, match=r"large.jsonl' changed while it was sent") as caught:
            call(kind, server.url, max_retries=2).upload(large)
        assert not isinstance(caught.value, APIConnectionError)
        assert KEY not in str(caught.value)
        assert time.monotonic() - started < 3
        with suppress(IndexError):
            assert not server.seen[0][1].endswith(b"--\r\n")


# ---- answers that come before the body was sent


TOO_LARGE = answer(b'{"error":{"message":"too large for us"}}', b"connection: close", status=b"413 Too Large")


def read_head(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1000)


def refuses(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(TOO_LARGE)


def closes(server: RawServer, connection: socket.socket) -> None:
    refuses(connection)
    time.sleep(0.05)  # as servers do, so that what they say is not overtaken by the reset
    connection.close()


def resets(server: RawServer, connection: socket.socket) -> None:
    closes_at_once(server, connection, reset=True)


def closes_at_once(server: RawServer, connection: socket.socket, reset: bool = False) -> None:
    refuses(connection)
    time.sleep(0.05 if reset else 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def takes_the_rest(server: RawServer, connection: socket.socket) -> None:
    refuses(connection)
    while connection.recv(1 << 20):
        pass


def takes_nothing_more(server: RawServer, connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(TOO_LARGE.replace(b"connection: close\r\n", b""))
    time.sleep(3)


@pytest.mark.parametrize("given", ["path", "bytes"])
@pytest.mark.parametrize("speak", [closes, resets, takes_the_rest])
@pytest.mark.parametrize("kind", (*BLOCKING, "aiohttp"))
def test_an_error_before_the_body_was_sent(speak: Any, given: str, kind: str, large: Path, call: Make) -> None:
    """asynchronous httpx reads nothing while it sends, and what came is gone with the connection: not under asyncio."""
    with large.open("r+b") as file:
        file.truncate(40_000_000)
    with RawServer(speak) as server, pytest.raises(APIStatusError, match="Error code: 413 - too large for us"):
        call(kind, server.url).upload(large if given == "path" else large.read_bytes())


@pytest.mark.parametrize("kind", BLOCKING)
def test_an_error_with_a_reset_right_behind_it(kind: str, large: Path, call: Make) -> None:
    """Under asyncio a write that fails closes the connection, with what was not read yet."""
    with RawServer(closes_at_once) as server, pytest.raises(APIStatusError, match="Error code: 413 - too large for us"):
        call(kind, server.url).upload(bytes(30_000_000))


@pytest.mark.parametrize("kind", OURS)
def test_an_error_of_a_server_that_reads_no_further_is_not_waited_for(kind: str, large: Path, call: Make) -> None:
    with large.open("r+b") as file:
        file.truncate(40_000_000)
    with RawServer(takes_nothing_more) as server:
        started = time.monotonic()
        with pytest.raises(APIStatusError, match="Error code: 413"):
            call(kind, server.url).upload(large)
        assert time.monotonic() - started < 1.5
        assert len(server._open) == 1


@pytest.mark.parametrize("kind", OURS)
def test_the_connection_of_a_body_that_was_not_sent_whole_is_not_used_again(kind: str, large: Path, call: Make) -> None:
    """The server would take the next request for the rest of the body."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        if len(server._open) == 1:
            return takes_nothing_more(server, connection)
        server.read(connection)
        connection.sendall(answer(BODY))

    with large.open("r+b") as file:
        file.truncate(40_000_000)
    with RawServer(speak) as server:
        caller = call(kind, server.url)
        with pytest.raises(APIStatusError):
            caller.upload(large)
        assert caller.ask() == "hi"
        assert len(server._open) == 2


@pytest.mark.parametrize("kind", OURS)
def test_an_interim_response_does_not_stop_an_upload(kind: str, large: Path, call: Make) -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        takes_forms(server, connection)

    with RawServer(speak) as server:
        assert call(kind, server.url).upload(large) == "file-1"
        assert content_of(server) == large.read_bytes()


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("speak", [takes_forms, takes_nothing_more])
def test_over_tls(speak: Any, kind: str, large: Path, authority: Authority, call: Make) -> None:
    """TLS itself sends something while the request is sent: the tickets for later sessions."""
    context = authority.server()

    def secured(server: RawServer, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            speak(server, secure)

    with large.open("r+b") as file:
        file.truncate(40_000_000)
    with RawServer(secured) as server:
        caller = call(kind, server.url.replace("http:", "https:"), verify=authority.path)
        if speak is takes_forms:
            assert caller.upload(large) == caller.upload(large) == "file-1"
            assert content_of(server) == large.read_bytes()
            assert len(server._open) == 1
        else:
            started = time.monotonic()
            with pytest.raises(APIStatusError, match="Error code: 413"):
                caller.upload(large)
            assert time.monotonic() - started < 2
        caller.close_client()


def test_under_trio(large: Path) -> None:
    async def main(url: str) -> None:
        async with AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0) as client:
            for _ in range(2):
                assert (await client.files.create(file=large, purpose="batch")).id == "file-1"

    async def refused(url: str) -> None:
        async with AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0) as client:
            with pytest.raises(APIStatusError, match="413"):
                await client.files.create(file=large, purpose="batch")

    with RawServer(takes_forms) as server:
        trio.run(main, server.url)
        assert content_of(server) == large.read_bytes()
    with large.open("r+b") as file:
        file.truncate(40_000_000)
    with RawServer(resets) as server:
        trio.run(refused, server.url)


@pytest.mark.parametrize("kind", ALL)
def test_a_cancelled_or_failed_upload_leaves_the_file_open_for_its_owner(kind: str, large: Path, call: Make) -> None:
    with RawServer(takes_nothing) as server, large.open("r+b") as opened:
        opened.truncate(40_000_000)
        with pytest.raises(APITimeoutError, match=r"timeout.write|timeout.read"):
            call(kind, server.url, timeout=Timeout(10, write=0.2)).upload(opened)
        assert opened.seek(0) == 0


@pytest.mark.parametrize("kind", ALL)
def test_a_large_file_takes_little_memory(kind: str, tmp_path: Path, call: Make) -> None:
    def sink(server: RawServer, connection: socket.socket) -> None:
        read_head(connection)
        buffer = bytearray(1 << 20)
        last = b""
        while size := connection.recv_into(buffer):
            last = (last + bytes(buffer[max(size - 4, 0) : size]))[-4:]
            if last == b"--\r\n":
                connection.sendall(answer(FILE))

    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with RawServer(sink) as server:
        caller = call(kind, server.url)
        tracemalloc.start()
        try:
            assert caller.upload(path) == "file-1"
            assert tracemalloc.get_traced_memory()[1] < 8_000_000
        finally:
            tracemalloc.stop()
