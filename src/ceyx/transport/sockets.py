"""Sockets, below the libraries that use them: what is set on them, and how a thread that waits for one is woken, but never a
parent process.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

Option = tuple[int, int, int]

forks = 0  # how often this process was forked from another that had imported this


def _forked() -> None:
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def options(given: Sequence[Option] | None) -> Sequence[Option]:
    """What to set on a socket: what was given, or else what keeps its connection alive."""
    return kept_alive() if given is None else given


def kept_alive(idle: int = 60, interval: int = 10, probes: int = 3, unanswered: int = 120_000) -> tuple[Option, ...]:
    """Has the system ask a silent peer whether it is there: after so many seconds, each so many, so many times.

    `unanswered` is how many milliseconds what was sent may go without an acknowledgement. A connection that a router has
    forgotten while a model was thinking ends so in minutes, and the first probes keep routers from forgetting it.
    """
    tcp = {"TCP_KEEPIDLE": idle, "TCP_KEEPALIVE": idle, "TCP_KEEPINTVL": interval, "TCP_KEEPCNT": probes}
    tcp["TCP_USER_TIMEOUT"] = unanswered
    wanted = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    wanted += [(socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in tcp.items() if hasattr(socket, name)]
    return tuple(option for option in wanted if _is_known(option))


@cache
def _is_known(option: Option) -> bool:
    """Whether the system takes this; some kernels lack one or the other that Python has a name for."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(*option)
    except OSError:
        return False
    return True


def opened(options: Sequence[Option], address: tuple[Any, ...]) -> socket.socket:
    """A socket for an address, as `getaddrinfo` has it, with these options."""
    made = socket.socket(*address[:3])
    try:
        for option in options:
            made.setsockopt(*option)
    except OSError:
        made.close()
        raise
    return made


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
