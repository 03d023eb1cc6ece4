"""Connections to hosts with several addresses: whichever answers first (RFC 8305, "happy eyeballs"), for those who block.

A host often has an IPv6 address that a network cannot reach, and silence takes as long as the timeout to be noticed.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any

HEAD_START = 0.25  # seconds that an address has before the next is tried beside it (RFC 8305, 8)
UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}
Address = tuple[Any, Any, int, str, Any]


def connected(host: str, port: int, seconds: float | None, options: Iterable[tuple[Any, ...]] = ()) -> socket.socket:
    """A socket that is connected, blocking. Raises TimeoutError after so many seconds, else the last OSError of the addresses."""
    left = in_turns(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
    until = None if seconds is None else time.monotonic() + seconds
    failure = OSError(f"{host} has no address")
    with selectors.DefaultSelector() as trying:
        try:
            while left or trying.get_map():
                if left:
                    attempt = _begun(left.pop(0), options)
                    if isinstance(attempt, OSError):
                        failure = attempt
                        continue
                    trying.register(attempt, selectors.EVENT_WRITE)
                remaining = None if until is None else until - time.monotonic()
                if remaining is not None and remaining <= 0:
                    raise TimeoutError(f"no address of {host} answered")
                for key, _ in trying.select(HEAD_START if left and (remaining is None or remaining > HEAD_START) else remaining):
                    found: Any = key.fileobj
                    trying.unregister(found)
                    code = found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code == 0:
                        found.setblocking(True)
                        return found  # type: ignore[no-any-return]
                    found.close()
                    failure = OSError(code, os.strerror(code))
            raise failure
        finally:
            del failure  # which would be a cycle with its traceback
            for key in list(trying.get_map().values()):
                other: Any = key.fileobj
                other.close()


def in_turns(addresses: list[Address]) -> list[Address]:
    """The families in turns, that of the first address first; within a family, the order stays."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address is not None]


def _begun(address: Address, options: Iterable[tuple[Any, ...]]) -> socket.socket | OSError:
    """A socket that is being connected; or why it cannot be."""
    family, kind, protocol, _, where = address
    made: socket.socket | None = None
    try:
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        for option in options:
            made.setsockopt(*option)
        code = made.connect_ex(where)
        if code in UNDER_WAY:
            return made
        error = OSError(code, os.strerror(code))
    except OSError as failure:  # such as a family that this machine does not have
        error = failure.with_traceback(None)  # it would be a cycle with this frame
    if made is not None:
        made.close()
    return error
