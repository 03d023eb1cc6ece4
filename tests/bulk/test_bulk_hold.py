"""One at a time: as long as it lasts, however the other ends, and without a trace afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ceyx.bulk.hold import HeldError, Hold, holder, lock_of

HOLDER = """
import sys
from pathlib import Path
from ceyx.bulk.hold import Hold
held = Hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger"
    first = Hold(path)
    assert holder(path) == os.getpid()
    with pytest.raises(HeldError) as refused:
        Hold(path)
    assert refused.value.pid == os.getpid()
    first.let_go()
    assert holder(path) is None and list(tmp_path.iterdir()) == []
    Hold(path).let_go()


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger"
    other = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None and other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert holder(path) == other.pid
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert lock_of(path).exists() and holder(path) is None
    Hold(path).let_go()
    assert not lock_of(path).exists()


def test_of_many_who_come_and_go_one_has_it_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger"
    inside, most, times, counting = 0, 0, 0, threading.Lock()

    def come_and_go() -> None:
        nonlocal inside, most, times
        for _ in range(60):
            try:
                held = Hold(path)
            except HeldError:
                continue
            with counting:
                inside, times = inside + 1, times + 1
                most = max(most, inside)
            time.sleep(0.0005)
            with counting:
                inside -= 1
            held.let_go()
            holder(path)

    threads = [threading.Thread(target=come_and_go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and times >= 60


def test_there_is_no_such_file_where_there_is_no_folder(tmp_path: Path) -> None:
    assert holder(tmp_path / "no" / "x.ledger") is None
    with pytest.raises(FileNotFoundError):
        Hold(tmp_path / "no" / "x.ledger")
