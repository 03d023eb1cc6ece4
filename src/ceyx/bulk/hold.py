"""One run at a time on a ledger: a lock on a small file beside it, which the system lets go of however the process ends.

The ledger itself stays open to readers. The file says which process it is.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ENDING = "-lock"
PATIENCE = 0.2  # seconds: who only looks holds it for an instant
_FAR = 1 << 30  # on Windows a locked byte cannot be read, so it is one that nobody reads


class HeldError(Exception):
    """Another process holds it; `pid` is its number, or 0 where that is not known."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


class Hold:
    """Held from when it is made until it is let go. Raises HeldError, and OSError where there can be no such file."""

    def __init__(self, path: Path) -> None:
        self.path = lock_of(path)
        until = time.monotonic() + PATIENCE
        while True:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
            if _locked(self._file, shared=False):
                if _is(self._file, self.path):  # and not one that was removed since
                    break
            elif time.monotonic() > until:
                os.close(self._file)
                raise HeldError(_pid_in(self.path))
            os.close(self._file)
            time.sleep(0.01)
        try:
            os.ftruncate(self._file, 0)
            os.write(self._file, b"%d\n" % os.getpid())
        except OSError:  # the disk is full
            self.let_go()
            raise

    def let_go(self) -> None:
        """Others may have it now."""
        if sys.platform == "win32":  # where a file that is open cannot be removed
            os.close(self._file)
            _remove(self.path)
        else:
            _remove(self.path)
            os.close(self._file)


def holder(path: Path) -> int | None:
    """The process that holds it (0 where that cannot be told), or None if none does."""
    lock = lock_of(path)
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError:
        return 0
    try:
        return None if _locked(file, shared=True) else _pid_in(lock)
    finally:
        os.close(file)


def lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{ENDING}")


def _locked(file: int, *, shared: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, _FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except PermissionError:  # how Windows says it
        return False
    return True


def _is(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _pid_in(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:  # somebody looks at it, or the folder is gone: the next run takes the file as it is
        pass
