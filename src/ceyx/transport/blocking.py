"""The network of the blocking clients: urllib3's connection pools, one for each server."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    EmptyPoolError,
    HTTPError,
    IncompleteRead,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout as PoolTimeout

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures
from ceyx.transport.base import PATIENCE, BlockingReply, Connecting
from ceyx.transport.proxies import proxy_for
from ceyx.wire.message import Request

KEPT_CONNECTIONS = 100  # idle ones kept for each server; more may be open at once

_forks = 0


def _forked() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Pools:
    """Connections for the threads of one process; a forked child makes its own."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._making = threading.Lock()
        self._pools: dict[str, tuple[Any, str]] = {}
        self._forks = _forks
        self.closed = False

    def send(self, request: Request) -> BlockingReply:
        if self._forks != _forks:
            # The parent goes on using its sockets, and one of its threads may have held our lock: start afresh.
            self._pools, self._making, self._forks = {}, threading.Lock(), _forks
        pool, prefix = self._pools.get(request.origin) or self._pool(request.origin)
        connect, read = request.timeout.connect, request.timeout.read
        if request.until is not None:
            left = max(request.until - time.monotonic(), 0.001)
            connect, read = min(connect or left, left), min(read or left, left)
        try:
            response = pool.urlopen(
                request.method,
                prefix + request.target,
                body=request.content,
                headers=request.headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=PoolTimeout(connect=connect, read=read),
                pool_timeout=request.timeout.pool,
                preload_content=False,
            )
        except (HTTPError, OSError) as error:
            raise failure(request, error, self._connecting.proxy) from error
        return Reply(response, request)

    def _pool(self, origin: str) -> tuple[Any, str]:
        if self.closed:
            raise OpenAIError("this client was closed, so it cannot send; make another one")
        with self._making:
            if origin not in self._pools:
                parts = urlsplit(origin)
                proxy = proxy_for(origin, self._connecting.proxy)
                options: dict[str, Any] = {"maxsize": KEPT_CONNECTIONS}
                if parts.scheme == "https":
                    from ceyx.transport import tls

                    options["ssl_context"] = tls.context(self._connecting.verify, self._connecting.cert)
                manager = _manager(proxy, options)
                try:
                    pool = manager.connection_from_host(parts.hostname, parts.port, parts.scheme)
                except LocationParseError as error:
                    raise OpenAIError(f"{origin!r} is no address of a server") from error
                # A plain proxy is asked for the whole URL; everything else for path and query.
                self._pools[origin] = pool, origin if proxy and parts.scheme == "http" else ""
            return self._pools[origin]

    def close(self) -> None:
        self.closed = True
        for pool, _ in self._pools.values():
            pool.close()
        self._pools = {}


def _manager(proxy: str | None, options: dict[str, Any]) -> Any:
    if proxy is None:
        return urllib3.PoolManager(**options)
    parts = urlsplit(proxy)
    if parts.scheme.startswith("socks"):
        try:
            from urllib3.contrib.socks import SOCKSProxyManager
        except ImportError:
            raise OpenAIError("a SOCKS proxy needs the package PySocks: pip install 'urllib3[socks]'") from None
        return SOCKSProxyManager(proxy, **options)
    headers = None
    if parts.username is not None:
        from urllib.parse import unquote

        headers = urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


class Reply(BlockingReply):
    """A urllib3 response, its body unread."""

    __slots__ = ("_request", "_response")

    def __init__(self, response: Any, request: Request) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = None
        self._response, self._request = response, request

    def read(self) -> bytes:
        response = self._response
        try:
            if self._request.until is None:
                content: bytes = response.read()
            else:
                content = b"".join(iter(self._next, b""))
        except (HTTPError, OSError) as error:
            self.close()
            raise failure(self._request, error, received=response.tell()) from error
        except BaseException:  # Ctrl-C: the rest of the body must not become the next call's answer
            self.close()
            raise
        response.release_conn()
        return content

    def _next(self) -> bytes:
        """What has come, waiting until something has, or until the deadline; empty at the end of the body."""
        request, connection = self._request, self._response.connection
        if request.until is not None and connection is not None and connection.sock is not None:
            left = request.until - time.monotonic()
            if left <= 0:
                raise failures.timed_out(request, "read")
            connection.sock.settimeout(min(request.timeout.read or left, left))
        piece: bytes = self._response.read1()
        return piece

    def chunks(self) -> Iterator[bytes]:
        response = self._response
        if self._request.until is None and response.chunked and response.supports_chunked_reads():
            pieces: Iterator[bytes] = response.read_chunked(decode_content=True)
        else:
            pieces = iter(self._next, b"")
        try:
            yield from pieces
        except (HTTPError, OSError) as error:
            raise failure(self._request, error, received=response.tell()) from error
        finally:
            self.close()

    def finish(self, rest: Iterator[bytes]) -> None:
        connection = self._response.connection
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(PATIENCE)
            with suppress(APIConnectionError):
                for _ in zip(rest, range(8), strict=False):
                    pass
        self.close()

    def close(self) -> None:
        response = self._response
        original = response._original_response  # urllib3 has no public way to ask whether the body was read to its end
        if original is None or not original.isclosed():
            response.close()
        response.release_conn()


def failure(request: Request, error: Exception, proxy: str | None = None, received: int | None = None) -> APIConnectionError:
    """Our error for one of urllib3's."""
    if isinstance(error, APIConnectionError):
        return error
    timed_out, cause = partial(failures.timed_out, request), failures.root(error)
    if isinstance(error, ProxyError):
        return failures.proxy_failed(request, proxy, error)
    if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):  # which is a kind of it
        return timed_out("connect")
    if isinstance(error, EmptyPoolError):
        return timed_out("pool")
    if isinstance(error, ReadTimeoutError | TimeoutError) or isinstance(cause, TimeoutError):
        return timed_out("read")
    if isinstance(error, NewConnectionError | NameResolutionError | SSLError) and received is None:
        return failures.could_not_connect(request, error)
    if isinstance(error, IncompleteRead):
        return failures.broken(request, error, received)
    if isinstance(error, DecodeError) or (isinstance(error, ProtocolError) and not isinstance(cause, OSError)):
        import http.client

        if isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead):
            return failures.broken(request, error, received)
        return failures.malformed(request, error)
    return failures.broken(request, error, received)
