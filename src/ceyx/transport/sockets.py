"""Sockets, below the libraries that use them: how a thread that waits for one is woken, but never a parent process."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

forks = 0  # how often this process was forked from another that had imported this


def _forked() -> None:
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def shut_down(connection: Any, since: int) -> None:
    """Ends what is sent and received on `connection`, a socket with or without TLS, opened when `forks` was `since`.

    Closing it would not wake a thread that waits for it. In a forked child nothing is done: the connection is the parent's.
    """
    if since != forks:
        return
    if not isinstance(connection, socket.socket):
        connection = getattr(connection, "socket", connection)  # urllib3's TLS inside TLS
    if connection is not None:
        # That of a plain socket is below TLS, whose own way needs an answer; those of the event loops always are.
        end = socket.socket.shutdown if isinstance(connection, socket.socket) else type(connection).shutdown
        with suppress(OSError):  # it was closed in the meantime
            end(connection, socket.SHUT_RDWR)
