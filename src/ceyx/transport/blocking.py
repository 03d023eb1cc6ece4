"""The network of the blocking clients: urllib3's connection pools, one for each server.

urllib3 opens, secures, tunnels, keeps and replaces connections; what goes over them is written and read by `connections`.
"""

from __future__ import annotations

import socket
import threading
import traceback
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Retry, Timeout as PoolTimeout

from ceyx.errors import APIConnectionError, OpenAIError
from ceyx.transport import failures, sockets
from ceyx.transport.base import BlockingReply, Connecting
from ceyx.transport.connections import POOLS
from ceyx.transport.proxies import proxy_for
from ceyx.transport.spoken import limit
from ceyx.wire.message import Request

KEPT_CONNECTIONS = 100  # idle ones kept for each server; more may be open at once


class Pools:
    """Connections for the threads of one process; a forked child makes its own."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting
        self._making = threading.Lock()
        self._pools: dict[str, tuple[Any, str]] = {}
        self._forks = sockets.forks
        self._timeout: tuple[Any, Any] = (None, None)  # that of the last call, which most calls share, as urllib3 has it
        self.closed = False

    def send(self, request: Request) -> BlockingReply:
        if self._forks != sockets.forks:
            # The parent goes on using its sockets, and one of its threads may have held our lock: start afresh.
            self._pools, self._making, self._forks = {}, threading.Lock(), sockets.forks
        pool, prefix = self._pools.get(request.origin) or self._pool(request.origin)
        known, timeout = self._timeout
        if known is not request.timeout or request.until is not None:
            timeout = PoolTimeout(connect=limit(request, request.timeout.connect), read=limit(request, request.timeout.read))
            if request.until is None:
                self._timeout = request.timeout, timeout
        try:
            return pool.urlopen(  # type: ignore[no-any-return]
                request.method,
                prefix + request.target.partition("?")[0],
                body=request,
                headers=NO_HEADERS,
                retries=NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                timeout=timeout,
                pool_timeout=request.timeout.pool,
                preload_content=False,
            )
        except (HTTPError, OSError) as error:
            # urllib3 has variables for its errors: cycles, which would keep those of our callers until garbage is collected.
            traceback.clear_frames(error.__traceback__)
            raise failure(request, error, self._connecting.proxy) from error

    def _pool(self, origin: str) -> tuple[Any, str]:
        if self.closed:
            raise OpenAIError("this client was closed, so it cannot send; make another one")
        with self._making:
            if origin not in self._pools:
                parts = urlsplit(origin)
                proxy = proxy_for(origin, self._connecting.proxy)
                set_there = [NO_DELAY, *sockets.options(self._connecting.socket_options)]
                options: dict[str, Any] = {"maxsize": KEPT_CONNECTIONS, "socket_options": set_there}
                if parts.scheme == "https":
                    from ceyx.transport import tls

                    options["ssl_context"] = tls.context(self._connecting.verify, self._connecting.cert)
                manager = _manager(proxy, options)
                manager.pool_classes_by_scheme = POOLS
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


NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as urllib3 has it by default
NO_RETRIES = Retry.from_int(False, redirect=False)  # those are ours to make
NO_HEADERS: dict[str, str] = {}  # those of the request are in the request; a plain proxy's are added to a copy


def _manager(proxy: str | None, options: dict[str, Any]) -> Any:
    if proxy is None:
        return urllib3.PoolManager(**options)
    parts = urlsplit(proxy)
    if parts.scheme.startswith("socks"):
        raise OpenAIError(
            "the blocking clients use SOCKS proxies through http_client=httpx2.Client(proxy=...) only "
            "(pip install 'ceyx[httpx]' socksio)"
        )
    headers = None
    if parts.username is not None:
        from urllib.parse import unquote

        headers = urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


def failure(request: Request, error: Exception, proxy: str | None) -> APIConnectionError:
    """Our error for one of urllib3's, or of the system's, before the request went out."""
    cause = failures.root(error)
    if isinstance(error, ProxyError):
        return failures.proxy_failed(request, proxy, error)
    if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):  # which is a kind of it
        return failures.timed_out(request, "connect")
    if isinstance(error, EmptyPoolError):
        return failures.timed_out(request, "pool")
    if isinstance(error, ReadTimeoutError | TimeoutError) or isinstance(cause, TimeoutError):
        return failures.timed_out(request, "read")
    if isinstance(error, NewConnectionError | NameResolutionError | SSLError):
        return failures.could_not_connect(request, error)
    return failures.broken(request, error)
