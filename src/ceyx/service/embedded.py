"""The service running: in a thread of this process for programs and tests, or in the foreground for a command line."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from ceyx.service.app import create_app
from ceyx.service.connection import Connection
from ceyx.service.settings import Settings
from ceyx.service.tls import Authority

_TO_START = 10.0
_TO_FINISH = 2.0


class LocalService:
    """The service on a loopback port, answering from a thread of its own.

    with LocalService() as service:
        client = OpenAI(base_url=service.url, api_key="any")
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0, app: ASGIApp | None = None) -> None:
        """`app` is what answers in place of an app of these settings; who made it also closes what it holds."""
        self.settings = settings or Settings()
        self._app = app
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._address = ""
        self._authority: Authority | None = None

    def start(self) -> Self:
        """Listens; once this returns, requests are answered. Raises OSError where the port is taken."""
        if self._thread is not None:
            raise RuntimeError(f"this service is running already, at {self._address}; close() it first, or make another one")
        listener = listening("127.0.0.1", self._port)
        ready = threading.Event()
        authority = None
        try:
            authority = Authority(self.settings.ca_file, "127.0.0.1") if self.settings.tls else None
            server = _Server(self.settings, ready.set, authority, self._app)
        except BaseException:  # a store that cannot be opened, a file that cannot be written
            listener.close()
            if authority is not None:
                authority.close()
            raise
        address = origin(listener, self.settings.tls)

        def run() -> None:
            try:
                server.answer(listener)
            finally:
                listener.close()
                ready.set()

        thread = threading.Thread(target=run, name=f"ceyx-service {address}", daemon=True)
        thread.start()
        if not ready.wait(_TO_START) or not server.started:
            server.stop()
            thread.join(_TO_FINISH)
            if authority is not None:
                authority.close()
            raise RuntimeError(f"the local service did not start at {address}; the log (logger uvicorn.error) may say why")
        self._server, self._thread, self._address, self._authority = server, thread, address, authority
        return self

    def close(self) -> None:
        """Stops at once: answers on their way are cut. May be called again."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.stop()
            thread.join()
        if (authority := self._authority) is not None:
            self._authority = None
            authority.close()

    def __enter__(self) -> Self:
        return self if self._thread is not None else self.start()

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    @property
    def azure_endpoint(self) -> str:
        """Where the service listens: what AzureOpenAI takes as `azure_endpoint`."""
        if self._thread is None:
            raise RuntimeError("this service is not running; start() it, or use it in a with statement")
        return self._address

    @property
    def url(self) -> str:
        """What OpenAI takes as `base_url`."""
        return f"{self.azure_endpoint}/v1"

    @property
    def ca_file(self) -> str:
        """With TLS, the certificate to trust: what the clients take as `verify`. A file that is gone once the service stops."""
        if self._authority is None:
            raise RuntimeError("this service does not run with TLS; start it with Settings(tls=True)")
        return str(self._authority.ca_file)

    def __repr__(self) -> str:
        return f"<LocalService {self._address if self._thread is not None else 'not running'}>"


def serve(
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    ready: Callable[[str], None] | None = None,
    *,
    allow_remote: bool = False,
) -> None:
    """Serves until interrupted; calls `ready` with the address once it listens.

    Raises ValueError for a host that other machines can reach, unless `allow_remote` and there are keys; OSError for
    a port that is taken.
    """
    settings = settings or Settings()
    with listening(host, port, allow_remote=allow_remote and bool(settings.keys)) as listener, ExitStack() as closing:
        authority = Authority(settings.ca_file, host) if settings.tls else None
        if authority is not None:
            closing.callback(authority.close)
        address = origin(listener, settings.tls)
        server = _Server(settings, lambda: ready(address) if ready else None, authority)
        with suppress(KeyboardInterrupt):  # which uvicorn raises again, once it has stopped
            server.answer(listener)


def listening(host: str, port: int, *, allow_remote: bool = False) -> socket.socket:
    """A socket that listens; port 0 means any free one."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host!r}: {error.strerror}; give an address of this machine") from None
    if not allow_remote and not ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise ValueError(
            f"{host} can be reached by other machines, and this service may accept any key; "
            "use 127.0.0.1, or pass allow_remote=True and set keys"
        )
    # asyncio sends without delay only on sockets that say they are TCP, which socket.create_server's do not.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two services have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        return listener
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} of {host} is already in use; choose another, or 0 for any free one"
        else:
            message = f"cannot listen on port {port} of {host}: {error.strerror}"
        raise OSError(error.errno, message) from None


def origin(listener: socket.socket, tls: bool = False) -> str:
    """http://host:port of a socket, or https://."""
    host, port = listener.getsockname()[:2]
    return f"http{'s' if tls else ''}://{f'[{host}]' if ':' in host else host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn, without its log set-up, that says when it listens and stops at once."""

    def __init__(
        self, settings: Settings, ready: Callable[[], None], authority: Authority | None = None, app: ASGIApp | None = None
    ) -> None:
        quiet: Any = {"log_config": None, "access_log": False, "server_header": False}
        self._app = create_app(settings) if app is None else None
        answers: Any = self._app or app
        config = uvicorn.Config(answers, http=Connection, loop="asyncio", lifespan="off", ws="none", **quiet)
        if authority is not None:
            config.load()
            config.ssl = authority.context
        super().__init__(config)
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def answer(self, listener: socket.socket) -> None:
        """Serves until it is stopped, on a loop of its own."""
        try:
            asyncio.run(self.serve([listener]))
        finally:
            if self._app is not None:
                self._app.state.service.close()  # now that the loop has ended all tasks that might use it

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._ready()

    def stop(self) -> None:
        """Ends `serve`; from any thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # its loop has ended already
                self._loop.call_soon_threadsafe(self._wake.set)

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._wake.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn would wait for open streams, and log each that it has to cut.
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):  # on a loop that has no readers
            for listener in sockets or ():
                loop.remove_reader(listener.fileno())
        await asyncio.sleep(0.001)  # a connection being accepted would be lost, not closed, if its server closed first
        for server in self.servers:
            server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TO_FINISH):
                while self.server_state.connections or self.server_state.tasks:
                    for connection in list(self.server_state.connections):
                        connection.transport.abort()
                    await asyncio.sleep(0.001)  # in which the loop closes them, and the answers on their way notice
