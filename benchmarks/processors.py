"""Which processor a process runs on, where the system lets a process choose (Linux): clients the first, the server the last."""

from __future__ import annotations

import os


def take(which: int) -> None:
    """Keep this process, and the ones it starts, on one of the processors it may use; 0 is the first, -1 the last."""
    if choosable():
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[which]})


def choosable() -> bool:
    """True where client and server can have a processor each."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1
