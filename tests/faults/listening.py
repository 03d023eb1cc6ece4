"""Servers of raw bytes, for what the service, which speaks HTTP well, would not say, and to see what was sent."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from drives import ASK, Drive, Outcome
from raw_server import RawServer, answer

LIMITED = {"code": "rate_limit_exceeded", "message": "Slow down", "param": None}


def chat(client: Any, **params: Any) -> Any:
    return client.chat.completions.create(**{"model": "gpt-4o", "messages": ASK, **params})


@contextmanager
def answering(*answers: bytes) -> Iterator[RawServer]:
    """A server that gives these bytes, the last of them for ever; it keeps what it was sent."""
    left = list(answers or [answer()])

    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with RawServer(speak) as server:
        yield server


def target(server: RawServer) -> str:
    return server.seen[-1][0].split(b" ")[1].decode()


def seen(drive: Drive, work: Callable[[Any], Any], **options: Any) -> Outcome:
    """What `work` made of a request: the target, and the headers, as text; errors stay errors."""
    with answering() as server:
        at = {"azure_endpoint": server.origin} if options.get("azure") else {"base_url": server.url}
        outcome = _at(drive, work, at, options)
        outcome.requests = len(server.seen)
        outcome.value = server.seen
        if server.seen:
            outcome.note = target(server)
    return outcome


def _at(drive: Drive, work: Callable[[Any], Any], at: dict[str, Any], options: dict[str, Any]) -> Outcome:
    azure = options.pop("azure", False)
    if azure:
        return drive.run(work, azure=True, **{**options, "azure_endpoint": at["azure_endpoint"]})
    return drive.run(work, **at, **options)


def against(
    speak: Callable[[RawServer, socket.socket], None], work: Callable[[Any], Any], **options: Any
) -> Callable[[Drive], Outcome]:
    """What `work` made of a server that speaks so; the requests are those that arrived there."""

    def run(drive: Drive) -> Outcome:
        with RawServer(speak) as server:
            outcome = drive.run(work, base_url=server.url, **options)
            outcome.requests = len(server.seen)
        return outcome

    return run


def once(said: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Says this to a request, and closes the connection."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(said)

    return speak
