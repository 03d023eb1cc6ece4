"""A Redis of a test's own, on a free port of this machine's loopback, without files."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from typing import Self

import pytest


class RedisProcess:
    """Started by `with`, unless Debian's redis-server (or another) is not installed: then the test is skipped."""

    def __init__(self, password: str = "") -> None:
        self.password = password
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
        if self.password:
            options += ["--requirepass", self.password]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.01)
        raise TimeoutError("redis-server does not listen")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(5)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)
