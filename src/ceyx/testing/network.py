"""Tests that stay on this machine: connecting, or asking for the address of, any other host raises."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any


class NetworkBlockedError(RuntimeError):
    """A test wanted to reach another machine. (No OSError: clients would take it for a failure, and try again.)"""


def guard() -> Callable[[], None]:
    """Blocks the network; gives what allows it again."""
    connect, connect_ex, ask = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any, /) -> None:
        _check(address[0] if isinstance(address, tuple) and address else None)
        connect(self, address)

    def connecting_ex(self: socket.socket, address: Any, /) -> int:
        _check(address[0] if isinstance(address, tuple) and address else None)
        return connect_ex(self, address)

    def asking(host: Any, *rest: Any, **more: Any) -> Any:
        _check(host)
        return ask(host, *rest, **more)

    def allow() -> None:
        for owner, name, mine, before in patches:
            if getattr(owner, name) is mine:  # else somebody has put theirs over it, and will put back ours
                setattr(owner, name, before)

    patches: list[tuple[Any, str, Any, Any]] = [
        (socket.socket, "connect", connecting, connect),
        (socket.socket, "connect_ex", connecting_ex, connect_ex),
        (socket, "getaddrinfo", asking, ask),
    ]
    for owner, name, mine, _ in patches:
        setattr(owner, name, mine)
    return allow


def _check(host: object) -> None:
    if host is None:  # a path of this machine's, or none of a network
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost") or name.endswith(".localhost"):
        return
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        pass
    else:
        if address.is_loopback or address.is_unspecified:
            return
    raise NetworkBlockedError(
        f"this test wanted to reach {name}, and --ceyx-no-network allows this machine only; "
        "use the fixture ceyx_service, or run without the option"
    )
