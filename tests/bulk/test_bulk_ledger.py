"""The ledger: what was committed is there again, whatever ended the process; what cannot be kept is said before it is paid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ceyx.bulk import Job, Ledger, LedgerError
from ceyx.bulk.ledger import CHUNK, Item, LedgerReader, OtherJobError

JOB = Job(model="gpt-4o-mini", prompt="Say {text}")
states = st.sampled_from(["sent", "done", "failed", "poison", "unknown", "skipped"])
items = st.builds(
    Item,
    position=st.integers(1, 40),
    identity=st.binary(min_size=16, max_size=16),
    state=states,
    attempts=st.integers(0, 9),
    nanodollars=st.integers(0, 10**12),
    row=st.binary(max_size=40),
    result=st.binary(max_size=40),
)


@given(st.lists(st.lists(items, max_size=30), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_that_was_put_is_what_is_there(tmp_path_factory, runs):
    path = tmp_path_factory.mktemp("ledger") / "x.ledger"
    known: dict[int, Item] = {}
    for run in runs:  # each opens it anew
        with Ledger(path, JOB) as ledger:
            for future in [ledger.put(item) for item in run]:
                future.result(5)
            known |= {item.position: item for item in run}
            assert list(ledger.items()) == [known[position] for position in sorted(known)]
            assert sum(ledger.counts().values()) == len(known)
            assert ledger.spent() == sum(item.nanodollars for item in known.values())
            assert ledger.beyond(20) == sum(position > 20 for position in known)
            assert [item.position for item in ledger.items(after=20)] == sorted(position for position in known if position > 20)


def test_what_was_handed_in_is_read(tmp_path):
    """Without waiting for it to be committed: a bad row at the end of the input is in the output."""
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        for position in range(1, 200):
            ledger.put(Item(position, b"i", "poison"))
            assert [item.position for item in ledger.items(after=position - 1)] == [position]
    with pytest.raises(LedgerError, match="it is closed"):
        ledger.put(Item(1, b"i", "done")).result(5)
    with pytest.raises(LedgerError, match="it is closed"):
        ledger.items()


def test_more_rows_than_are_read_at_once_come_in_order(tmp_path):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        for position in range(2 * CHUNK, 0, -1):
            last = ledger.put(Item(position, b"i", "done"))
        last.result(5)
        assert [item.position for item in ledger.items()] == list(range(1, 2 * CHUNK + 1))


WRITER = """
import sys
from ceyx.bulk import Job, Ledger
from ceyx.bulk.ledger import Item
with Ledger(sys.argv[1], Job(model="gpt-4o-mini", prompt="Say {text}")) as ledger:
    for position in range(1, 1_000_000):
        ledger.put(Item(position, b"i", "done")).result()
        print(position, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path):
    path = tmp_path / "x.ledger"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(200):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = 200 + sum(1 for line in writer.stdout.read().splitlines() if line)
    writer.stdout.close()
    writer.wait()
    with Ledger(path, JOB) as ledger:
        kept = [item.position for item in ledger.items()]
    assert kept == list(range(1, len(kept) + 1))
    assert acknowledged <= len(kept) <= acknowledged + 1


def test_a_second_run_is_refused_while_the_first_lasts(tmp_path):
    path = tmp_path / "x.ledger"
    with Ledger(path, JOB), pytest.raises(LedgerError, match="another run is at work on it"):
        Ledger(path, JOB)
    Ledger(path, JOB).close()


@pytest.mark.parametrize(
    ("item", "forgotten"),
    [
        (Item(1, b"i", "poison"), True),  # as no row has the column that the prompt names: nothing is lost with it
        (Item(1, b"i", "skipped"), True),
        (Item(1, b"i", "batched"), False),
        (Item(1, b"i", "poison", 1), False),
    ],
)
def test_another_job_may_have_a_ledger_of_which_nothing_was_asked(tmp_path, item, forgotten):
    other = Job(JOB.model, "Sing {text}")
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        ledger.put(item).result(5)
    if not forgotten:
        with pytest.raises(OtherJobError):
            Ledger(tmp_path / "x.ledger", other)
        return
    with Ledger(tmp_path / "x.ledger", other) as ledger:
        assert not list(ledger.items()) and ledger.said == other.said


def test_another_job_is_refused_and_told_by_what_it_differs(tmp_path):
    path = tmp_path / "x.ledger"
    with Ledger(path, JOB) as ledger:
        ledger.put(Item(1, b"i", "done")).result(5)
    with pytest.raises(OtherJobError, match=r"a job with another prompt, params$"):
        Ledger(path, Job(model="gpt-4o-mini", prompt="Sing {text}", params={"seed": 1}))
    with Ledger(path, Job(model="gpt-4o-mini", prompt="Sing {text}"), restart=True) as ledger:
        assert list(ledger.items()) == []


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 200)
    with pytest.raises(LedgerError, match="file is not a database"):
        Ledger(path, JOB)
    assert path.read_text() == "Buy milk. " * 200
    with pytest.raises(LedgerError, match="cannot open the ledger"):
        Ledger(tmp_path / "no" / "folder", JOB)


def test_a_full_disk_is_said_to_everyone_from_then_on(tmp_path):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        ledger.put(Item(1, b"i", "done")).result(5)
        ledger._connection.execute("PRAGMA max_page_count = 1")  # SQLite's own way to be full
        with pytest.raises(LedgerError, match=r"full.*what was committed is safe"):
            ledger.put(Item(2, b"i", "sent", row=b"x" * 100_000)).result(5)
        with pytest.raises(LedgerError):
            ledger.put(Item(3, b"i", "sent")).result(5)
        with pytest.raises(LedgerError, match="full"):  # rather than to give what is not all
            ledger.items()
    with LedgerReader(tmp_path / "x.ledger") as reader:
        assert [item.position for item in reader.items()] == [1]


def test_it_can_be_read_while_a_run_is_at_work_and_after_a_kill(tmp_path):
    path = tmp_path / "x.ledger"
    with Ledger(path, JOB) as ledger:
        ledger.put(Item(1, b"i", "done", 1, 7)).result(5)
        with LedgerReader(path) as reader:
            assert (reader.id, reader.said, reader.counts()) == (ledger.id, JOB.said, {"done": 1})
            ledger.put(Item(2, b"i", "sent", 1, 9)).result(5)  # who reads holds nobody up
            assert (reader.counts(), reader.spent()) == ({"done": 1, "sent": 1}, 16)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "y.ledger")], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.kill()
    writer.communicate()
    with LedgerReader(tmp_path / "y.ledger") as reader:
        assert reader.counts()["done"] >= 1
    # Nothing of the reading is left.
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.ledger", "y.ledger", "y.ledger-lock"]
    with pytest.raises(LedgerError, match="cannot open the ledger"):
        LedgerReader(tmp_path / "none.ledger")
    assert not (tmp_path / "none.ledger").exists()
    (tmp_path / "notes.txt").write_text("Buy milk. " * 200)
    with pytest.raises(LedgerError, match=r"cannot read the ledger.*not a database"):
        LedgerReader(tmp_path / "notes.txt")


def test_who_still_reads_when_it_is_closed_is_told_so(tmp_path):
    """Rather than end the process."""
    said: list[BaseException] = []

    def read(ledger: Ledger) -> None:
        try:
            while True:
                list(ledger.items())
        except LedgerError as error:
            said.append(error)

    for turn in range(10):
        with Ledger(tmp_path / f"{turn}.ledger", JOB) as ledger:
            ledger.put_all([Item(n, b"i", "done", row=b"x" * 1000) for n in range(1, 400)], lambda _: None)
            reading = [threading.Thread(target=read, args=(ledger,)) for _ in range(3)]
            for thread in reading:
                thread.start()
        for thread in reading:
            thread.join(5)
    assert len(said) == 30
