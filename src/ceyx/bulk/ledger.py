"""What became of each row, kept on disk so that a run can be killed at any moment and gone on with.

A row is `sent` before the first byte of its request goes out, and its answer is committed before it counts. What a killed run
leaves as `sent` is what may have been paid for without an answer. SQLite in WAL mode; one thread writes, and what has gathered
while it wrote goes into its next transaction.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import cache
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple, Self

import msgspec

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.hold import HeldError, Hold

State = Literal["sent", "done", "failed", "poison", "unknown", "skipped", "batched"]
"""`failed` may fare better another time, `poison` will not. `unknown` was sent by a run that ended before the answer, and
`skipped` never asked, as the budget was used up. `batched` is in a part for the Batch API (`ceyx.bulk.batch`)."""
LAYOUT = 1
MOST_AT_ONCE = 200  # hand-ins in a transaction
CHUNK = 500  # rows that are read at once
PATIENCE = 10.0  # seconds that others may have the file to themselves, such as `sqlite3` on the command line

_TABLES = """
CREATE TABLE IF NOT EXISTS job (layout INTEGER NOT NULL, id TEXT NOT NULL, said TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS item (
    position INTEGER PRIMARY KEY,
    identity BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    nanodollars INTEGER NOT NULL,
    row BLOB NOT NULL,
    result BLOB NOT NULL
);
"""
_UPDATE = """ ON CONFLICT (position) DO UPDATE SET
    identity = excluded.identity, state = excluded.state, attempts = excluded.attempts, nanodollars = excluded.nanodollars,
    row = excluded.row, result = excluded.result
"""
ROWS_AT_ONCE = 32  # in a statement: Python gives up its lock for each, and has to get it back from threads that are busy
_WORK = "SELECT 1 FROM item WHERE attempts > 0 OR state NOT IN ('poison', 'failed', 'skipped') LIMIT 1"


class LedgerError(Exception):
    """The ledger cannot be written, or is of another job or input. Nothing is sent that it could not remember."""


class OtherJobError(LedgerError):
    """The ledger is of another job, or of another input."""


class Item(NamedTuple):
    """A row as the ledger has it."""

    position: int
    identity: bytes
    state: State
    attempts: int = 0
    nanodollars: int = 0
    """What it cost, in all its attempts; of one that is `sent`, at most."""
    row: bytes = b"{}"
    """The row of the input, as JSON."""
    result: bytes = b"{}"
    """What came of it, as JSON."""

    # As `_replace` would have it, in a fraction of the time: these are for every row.

    def sent(self, most: int) -> Item:
        """It goes out once more, and may cost so much."""
        return Item(self.position, self.identity, "sent", self.attempts + 1, self.nanodollars + most, self.row, self.result)

    def settled(self, state: State, nanodollars: int, result: bytes) -> Item:
        """This came of it."""
        return Item(self.position, self.identity, state, self.attempts, nanodollars, self.row, result)


Written = Callable[[LedgerError | None], None]


class LedgerReader:
    """What a ledger knows, also while a run is at work on it; writes nothing. Raises LedgerError for what is no ledger."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self.id: str
        """Of this job, and of no other that asks the same."""
        self.said: dict[str, Any]
        """The job, as `said` of the job has it."""
        self._open_to_read("mode=rw")  # who is the last to close it tidies up, as `mode=ro` could not
        try:
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("SELECT * FROM sqlite_master LIMIT 1")
        except sqlite3.OperationalError:
            self._connection.close()
            self._open_to_read("immutable=1")  # of a folder that nobody may write to
        except sqlite3.Error:  # no database, which the next query finds as well
            pass
        try:
            self.id, self.said = self._described()
        except BaseException:
            self._connection.close()
            raise

    def _open_to_read(self, how: str) -> None:
        try:
            self._connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?{how}", uri=True, timeout=PATIENCE, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise LedgerError(f"cannot open the ledger {self.path}: {error}") from error

    def _described(self) -> tuple[str, dict[str, Any]]:
        try:
            layout, id, said = self._connection.execute("SELECT * FROM job").fetchone() or (LAYOUT, "", "{}")
        except (sqlite3.Error, ValueError) as error:
            raise LedgerError(f"cannot read the ledger {self.path}: {error}") from error
        if layout != LAYOUT:
            raise LedgerError(f"the ledger {self.path} is of another version of ceyx (layout {layout}, not {LAYOUT})")
        return id, msgspec.json.decode(said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:  # a thread that reads rows ahead may be asking, and SQLite would read freed memory
            self._connection.close()

    def items(self, after: int = 0) -> Iterator[Item]:
        """The rows beyond a position, in order."""
        while True:
            found = self._all("SELECT * FROM item WHERE position > ? ORDER BY position LIMIT ?", after, CHUNK)
            for fields in found:
                yield Item(*fields)
            if len(found) < CHUNK:
                return
            after = found[-1][0]

    def at(self, positions: Sequence[int]) -> dict[int, Item]:
        """The rows at these positions that are known; some hundred at once."""
        places = ", ".join("?" * len(positions))
        found = self._all(f"SELECT * FROM item WHERE position IN ({places})", *positions)
        return {fields[0]: Item(*fields) for fields in found}

    def counts(self) -> dict[State, int]:
        """How many rows are in each state."""
        return dict(self._all("SELECT state, count(*) FROM item GROUP BY state"))

    def spent(self) -> int:
        """Nanodollars, those of rows that may have been paid for included."""
        [(total,)] = self._all("SELECT total(nanodollars) FROM item")
        return int(total)

    def beyond(self, position: int) -> int:
        """How many rows there are beyond a position."""
        [(count,)] = self._all("SELECT count(*) FROM item WHERE position > ?", position)
        return int(count)

    def _all(self, query: str, *values: Any) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(f"cannot read the ledger {self.path}: {error}") from error


class Ledger(LedgerReader):
    """The ledger of one job, in a file of its own; a second run on it is refused as long as the first lasts.

    With `restart`, what it knew is forgotten.
    """

    def __init__(self, path: str | Path, job: AnyJob, restart: bool = False) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._queue: SimpleQueue[tuple[Sequence[Item], Written] | None] = SimpleQueue()
        self._broken: LedgerError | None = None
        self._handing = threading.Lock()
        self._closed = False
        try:
            self._hold = Hold(self.path)
        except HeldError as error:
            by = f" (process {error.pid})" if error.pid else ""
            raise LedgerError(f"cannot use the ledger {self.path}: another run is at work on it{by}") from error
        except OSError as error:
            raise LedgerError(f"cannot open the ledger {self.path}: {error.strerror}") from error
        try:
            self._connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            self._hold.let_go()
            raise LedgerError(f"cannot open the ledger {self.path}: {error}") from error
        try:
            self._open(job, restart)
        except BaseException as error:
            self._connection.close()
            self._hold.let_go()
            if isinstance(error, sqlite3.Error):
                raise LedgerError(f"cannot use the ledger {self.path}: {error}") from error
            raise
        self._writer = threading.Thread(target=self._write, name="ceyx-ledger", daemon=True)
        self._writer.start()

    def _open(self, job: AnyJob, restart: bool) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")  # a killed process loses nothing by that; a power cut loses the last commits
        self._connection.executescript(_TABLES)
        said = msgspec.json.encode(job.said, order="deterministic").decode()
        known = run("SELECT * FROM job").fetchone()
        # What was never asked, as no row had the column that the prompt names, is no work that another prompt could lose.
        idle = known is not None and known[0] == LAYOUT and known[2] != said and run(_WORK).fetchone() is None
        if restart or idle:
            self._connection.executescript("BEGIN; DELETE FROM item; DELETE FROM job; COMMIT")
            known = None
        if known is None:
            known = (LAYOUT, os.urandom(8).hex(), said)
            run("INSERT INTO job VALUES (?, ?, ?)", known)
        self.id, self.said = known[1], job.said
        if known[0] != LAYOUT:
            raise LedgerError(f"the ledger {self.path} is of another version of ceyx (layout {known[0]}, not {LAYOUT})")
        if known[2] != said:
            before, now = msgspec.json.decode(known[2]), job.said
            other = ", ".join(name for name in now if msgspec.json.encode(now[name]) != msgspec.json.encode(before.get(name)))
            raise OtherJobError(f"the ledger {self.path} is of a job with another {other or 'description'}")

    def close(self) -> None:
        """Write what is left to write, and let go of the file."""
        with self._handing:
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        super().close()
        self._hold.let_go()

    def items(self, after: int = 0) -> Iterator[Item]:
        """The rows beyond a position, in order; what was handed in before is among them. Raises the LedgerError for why not."""
        committed: Future[LedgerError | None] = Future()
        self.put_all((), committed.set_result)
        if (error := committed.result()) is not None:
            raise error
        return super().items(after)

    # -- writing

    def put(self, item: Item) -> Future[None]:
        """Has the row kept as it now is. The future is done once that is committed, or has the LedgerError for why not."""
        future: Future[None] = Future()

        def written(error: LedgerError | None) -> None:
            if future.set_running_or_notify_cancel():
                future.set_result(None) if error is None else future.set_exception(error)

        self.put_all([item], written)
        return future

    def put_all(self, items: Sequence[Item], written: Written) -> None:
        """Has these rows kept in one transaction. `written` is called on another thread once they are committed, with the
        LedgerError for why they are not, or None."""
        with self._handing:
            if not self._closed:
                self._queue.put((items, written))
                return
        written(LedgerError(f"cannot use the ledger {self.path}: it is closed"))

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._queue.get()]
            while len(batch) < MOST_AT_ONCE and not self._queue.empty():
                batch.append(self._queue.get())
            ended = batch[-1] is None
            work = [each for each in batch if each is not None]
            if work:
                self._commit(work)

    def _commit(self, work: list[tuple[Sequence[Item], Written]]) -> None:
        if self._broken is None:
            try:
                with self._lock:
                    self._connection.execute("BEGIN")
                    for rows in _batched([item for items, _ in work for item in items], ROWS_AT_ONCE):
                        self._connection.execute(_put(len(rows)), list(chain.from_iterable(rows)))
                    self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                # What was sent and is not written now is `sent` for the next run; to go on would be to pay for nothing.
                self._broken = LedgerError(f"cannot write the ledger {self.path}: {error}; what was committed is safe")
        for _, written in work:
            written(self._broken)


@cache
def _put(rows: int) -> str:
    return "INSERT INTO item VALUES " + ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * rows) + _UPDATE


def _batched(items: list[Item], size: int) -> Iterator[list[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
