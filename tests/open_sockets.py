"""The sockets that this process holds, to look at what is set on them."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest


def options_of(origin: str, *options: tuple[int, int]) -> list[tuple[int, ...]]:
    """What is set on our ends of the connections to a server on loopback, such as "http://127.0.0.1:8080"."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("finds open sockets in /proc")
    port = urlsplit(origin).port
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if not str(descriptor.readlink()).startswith("socket:"):
                continue
            copy = os.dup(int(descriptor.name))
        except OSError:  # it was closed in the meantime
            continue
        with socket.socket(fileno=copy) as end:
            try:
                if end.family in (socket.AF_INET, socket.AF_INET6) and end.getpeername()[1] == port:
                    found.append(tuple(end.getsockopt(*option) for option in options))
            except OSError:  # it listens
                continue
    return found
