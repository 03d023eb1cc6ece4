"""Commands as users run them: in a process of their own, with pipes or at a terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

CEYX = [sys.executable, "-W", "error", "-m", "ceyx"]
LONGEST = 20.0  # seconds; only a test that fails waits for it


def environment(**more: str) -> dict[str, str]:
    """Nothing of what is configured here, and what the test says."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "HOME", "CEYX_STATE") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **more}


def ceyx(*arguments: str, stdin: str | bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `ceyx`, its standard input a pipe that ends after `stdin`."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*CEYX, *arguments], input=given, capture_output=True, env=environment(**variables), timeout=LONGEST, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    """A command at a terminal: what it shows, and what is typed."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid, self.master = pid, master
        self.shown = ""
        self._seen = 0

    def see(self, pattern: str) -> re.Match[str]:
        """Waits until `pattern` is shown, after what was seen before."""
        until = time.monotonic() + LONGEST
        while not (found := re.compile(pattern).search(self.shown, self._seen)):
            left = until - time.monotonic()
            assert left > 0 and self._read(left), f"{pattern!r} was not shown after:\n{self.shown[self._seen :]!r}"
        self._seen = found.end()
        return found

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def interrupt(self, pattern: str) -> None:
        """Ctrl-C, until `pattern` is shown: readline loses one that comes in the instant before it waits for a key."""
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            self.type("\x03")
            again = time.monotonic() + 2
            while (left := again - time.monotonic()) > 0:
                if re.compile(pattern).search(self.shown, self._seen):
                    self.see(pattern)
                    return
                self._read(left)
        self.see(pattern)

    def ended(self) -> int:
        """Waits for the end of the command; its exit code."""
        until = time.monotonic() + LONGEST
        while self._read(max(until - time.monotonic(), 0)):
            pass
        while (done := os.waitpid(self.pid, os.WNOHANG)) == (0, 0):
            assert time.monotonic() < until, f"the command did not end; it showed {self.shown!r}"
            time.sleep(0.01)
        self.pid = 0
        return os.waitstatus_to_exitcode(done[1])

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def at_terminal(arguments: Sequence[str], **variables: str) -> Iterator[Terminal]:
    """`ceyx` at a terminal of 80 columns."""
    import fcntl
    import struct
    import termios

    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [*CEYX, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(**{"TERM": "xterm-256color", **variables}),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that ^C typed becomes SIGINT
    )
    os.close(slave)
    terminal = Terminal(process.pid, master)
    try:
        yield terminal
    finally:
        if terminal.pid:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        process.returncode = 0  # it was waited for, behind the back of subprocess
        os.close(master)
