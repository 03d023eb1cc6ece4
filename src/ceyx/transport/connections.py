"""urllib3's connections as they speak here, and what comes back on them; pools of such are `blocking`'s."""

from __future__ import annotations

import queue
import selectors
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
)

from ceyx.errors import APIConnectionError, ProtocolError
from ceyx.transport import eyeballs, failures, http1, sockets
from ceyx.transport.base import PATIENCE, BlockingReply, whole
from ceyx.transport.spoken import Spoken, limit
from ceyx.wire.message import Request

READ_BYTES = 65536


class Idle:
    """The idle connections of a pool, the last used first.

    In place of the queue that urllib3 has: of a reply that is dropped, the garbage collector gives the connection back, in any
    thread, at any time. There it must not wait for a lock, which that very thread may hold.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._connections: deque[Any] = deque()

    def put(self, connection: Any, block: bool = True, timeout: float | None = None) -> None:
        if connection is None:  # urllib3's place for one that is still to be made
            return
        if len(self._connections) >= self._most:
            connection.close()
        else:
            self._connections.append(connection)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        try:
            return self._connections.pop()
        except IndexError:
            raise queue.Empty from None

    def qsize(self) -> int:
        return len(self._connections)


class Exchange:
    """How urllib3's connections speak here: `urlopen` hands our `Request` through as the body.

    The `url` that urllib3 has, and writes into its log, is without the query: gateways take keys there.
    """

    _reply: Reply

    def _new_conn(self: Any) -> Any:
        try:
            made = eyeballs.connected(self._dns_host.strip("[]"), self.port, self.timeout, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection to {self.host} within {self.timeout} s") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection to {self.host}: {error}") from error
        sys.audit("http.client.connect", self, self.host, self.port)
        return made

    def request(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **_: Any) -> None:
        head = http1.head(body, method, body.url if url.startswith("http") else body.target, headers)
        if self.is_closed:
            self.connect()
        content, sock = body.content, self.sock
        self._reply = reply = Reply(sock, body)
        try:
            sock.settimeout(limit(body, body.timeout.write))
            if content is None:
                sock.sendall(head)
            elif isinstance(content, bytes) and len(content) < READ_BYTES:
                sock.sendall(head + content)
            else:
                sock.sendall(head)
                _upload(sock, body, reply)
                return
            reply.asked = True
        except TimeoutError as error:
            raise failures.timed_out(body, "write") from error
        except OSError:
            pass  # the server closed the connection; it may have said why before

    def getresponse(self: Any) -> Reply:
        self.sock.settimeout(self.timeout)
        reply: Reply = self._reply
        del self._reply
        reply.receive_head()
        return reply


def _upload(sock: Any, request: Request, reply: Reply) -> None:
    """Sends a large body, unless the server answers before it has it all: then it does not want the rest.

    Each pause may take `timeout.write`; `sendall` would bound the sum of them.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        for piece in http1.framed(request.content):
            left = memoryview(piece)
            while left:
                ready = selector.select(limit(request, request.timeout.write))
                if not ready:
                    raise TimeoutError
                if ready[0][1] & selectors.EVENT_READ and reply.came_early():
                    return
                if ready[0][1] & selectors.EVENT_WRITE:
                    left = left[sock.send(left[:READ_BYTES]) :]
    reply.asked = True


def _pool_over(pool: type, connection: type) -> Any:
    """`pool` with connections that speak as above. Made at run time, since urllib3's types promise its own responses."""
    speaking = type(connection.__name__, (Exchange, connection), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": speaking, "QueueCls": Idle})


POOLS = {
    "http": _pool_over(urllib3.HTTPConnectionPool, HTTPConnection),
    "https": _pool_over(urllib3.HTTPSConnectionPool, HTTPSConnection),
}


class Reply(Spoken, BlockingReply):
    """A response on its connection. `urlopen` sets `_connection` and `_pool`, to which the connection goes back."""

    __slots__ = ("_connection", "_forks", "_pool", "_socket", "retries")
    version_string, length_remaining = "HTTP/1.1", None  # urlopen logs them

    def __init__(self, connection: Any, request: Request) -> None:
        super().__init__(request)
        self._socket = connection
        self._connection = self._pool = None
        self._forks = sockets.forks

    def came_early(self) -> bool:
        """Whether the head of the answer is there; to be asked while the request is sent, when something can be read."""
        if not isinstance(self._socket, socket.socket):
            return False  # urllib3's TLS inside TLS, which cannot be read without waiting
        seconds = self._socket.gettimeout()
        self._socket.settimeout(0)
        try:
            self._incoming.feed(self._socket.recv(READ_BYTES))
        except (BlockingIOError, ssl.SSLWantReadError):
            pass  # TLS talks about itself
        except ProtocolError as error:
            raise self._failure(error) from error
        finally:
            self._socket.settimeout(seconds)
        return self._incoming.headed

    def receive_head(self) -> None:
        incoming = self._incoming
        try:
            while not incoming.headed:
                self._receive()
        except (OSError, ProtocolError) as error:
            raise self._failure(error) from error
        self.status, self.headers = incoming.status, incoming.headers

    def _receive(self) -> None:
        request = self._request
        if request.until is not None:
            left = request.until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(min(request.timeout.read or left, left))
        data = self._socket.recv(READ_BYTES)
        if not data and self.closed:
            raise ConnectionAbortedError("closed by another thread")  # not the end of a body without a length
        self._incoming.feed(data)

    def limit_pauses(self, seconds: float) -> None:
        if self._connection is not None:
            self._socket.settimeout(seconds)

    def read(self) -> bytes:
        return whole(self, self._request)

    def chunks(self) -> Generator[bytes, None, None]:
        incoming = self._incoming
        decoder = incoming.decoder
        try:
            while True:
                if data := incoming.take():
                    if decoder is None:
                        yield data
                    else:
                        yield from decoder.feed(data)
                if incoming.done:
                    break
                self._receive()
            if decoder is not None:
                decoder.finish()
        except (OSError, ProtocolError) as error:
            raise self._failure(error) from error
        finally:
            self.close()

    def finish(self, rest: Iterator[bytes]) -> None:
        if self._connection is not None and not self._incoming.done:
            self._request.until = None  # which would set the timeout anew
            self._socket.settimeout(PATIENCE)
        with suppress(APIConnectionError):
            for _ in zip(rest, range(8), strict=False):
                pass
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        connection: Any
        pool: Any
        connection, pool, self._connection, self._pool = self._connection, self._pool, None, None
        self.closed = True
        if connection is not None:
            if not (self._incoming.done and self._incoming.reusable and self.asked):
                sockets.shut_down(self._socket, self._forks)  # another thread may be waiting for it
                connection.close()  # the pool takes it all the same, and opens it again
            pool._put_conn(connection)
