"""The parts that a job is cut into for the Batch API, and how far each is: a table of its own in the file of the ledger.

A step is written down before it is taken and again when it is done, so that whoever goes on after a killed process knows what
may have happened, and asks the provider.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from ceyx.bulk.ledger import PATIENCE, Item, Ledger, LedgerError

Step = Literal["writing", "written", "uploading", "uploaded", "creating", "created", "collected"]
"""`…ing` is a step that was begun: a process that was killed may have taken it, or not."""
AT_REST = ("completed", "failed", "expired", "cancelled")
"""How batches end."""
_TABLE = """
CREATE TABLE IF NOT EXISTS part (job TEXT NOT NULL, number INTEGER NOT NULL, about BLOB NOT NULL, PRIMARY KEY (job, number))
"""
_BATCHED = "SELECT * FROM item WHERE position > ? AND state = 'batched' ORDER BY position LIMIT 500"


class Part(msgspec.Struct, kw_only=True):
    """Some of the rows, which are one batch."""

    number: int
    step: Step = "writing"
    rows: int = 0
    size: int = 0
    """Of its file, in bytes."""
    tokens: int = 0
    """Of its requests, about."""
    file: str | None = None
    """The id of its file at the provider."""
    batch: str | None = None
    """The id of its batch."""
    refused: list[str] = []
    """Batches of this file that the provider did not take, as it had too much in its queue."""
    status: str = ""
    """Of its batch, as the provider last said."""
    completed: int = 0
    failed: int = 0
    """Lines of its batch, as the provider last counted them."""
    answers: str | None = None
    errors: str | None = None
    """The ids of the files that its batch left."""
    fetched: int = 0
    """How often these lacked answers that they should have."""
    marked: float = 0.0
    """When it came to its step, as `time.time()` has it."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to do about it yet."""
        return self.step != "collected"

    @property
    def is_enqueued(self) -> bool:
        """Whether its tokens count at the provider."""
        return self.step in ("creating", "created") and self.status not in AT_REST


class Mark(msgspec.Struct):
    """What the ledger keeps as the result of a row that is `batched`."""

    part: int
    reserved: int
    """Nanodollars, counted among those of the row until it is answered."""
    round: int = 0
    """How often it was in a batch before, in this run of the job."""


class Parts:
    """The parts of one job."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        try:
            self._connection = sqlite3.connect(ledger.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA synchronous = FULL")  # it is little, and to lose it would be to pay twice
            self._connection.execute(_TABLE)
            found = self._connection.execute("SELECT job = ?, about FROM part ORDER BY number", (ledger.id,)).fetchall()
            self._connection.execute("DELETE FROM part WHERE job != ?", (ledger.id,))
        except sqlite3.Error as error:
            raise LedgerError(f"cannot use the ledger {ledger.path}: {error}") from error
        known = [(ours, msgspec.json.decode(about, type=Part)) for ours, about in found]
        self._all = {part.number: part for ours, part in known if ours}
        self.forgotten = [part.batch for ours, part in known if not ours and part.is_enqueued and part.batch is not None]
        """Batches that go on, of a run whose answers are not wanted any more."""
        for ours, part in known:
            if not (ours and part.is_open):
                self.remove_files(part)

    def __iter__(self) -> Iterator[Part]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def open(self) -> list[Part]:
        return [part for part in self if part.is_open]

    def new(self) -> Part:
        """A part that is kept from now on, with a number that none had before."""
        part = Part(number=max(self._all, default=0) + 1)
        self.keep(part, "writing")
        return part

    def keep(self, part: Part, step: Step | None = None) -> None:
        """Has it kept as it is now, at this step."""
        if step is not None:
            part.step, part.marked = step, time.time()
        self._write("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", self._ledger.id, part.number, msgspec.json.encode(part))
        self._all[part.number] = part

    def drop(self, part: Part) -> None:
        """Forget a part, and its files here."""
        self.remove_files(part)
        self._write("DELETE FROM part WHERE job = ? AND number = ?", self._ledger.id, part.number)
        self._all.pop(part.number, None)

    def _write(self, statement: str, *values: Any) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise LedgerError(f"cannot write the ledger {self._ledger.path}: {error}; what was committed is safe") from error

    def rows(self, part: int | None = None) -> Iterator[tuple[Item, Mark]]:
        """The rows that are in a part, or in any, and not answered."""
        after = 0
        while found := self._connection.execute(_BATCHED, (after,)).fetchall():
            for fields in found:
                item = Item(*fields)
                mark = msgspec.json.decode(item.result, type=Mark)
                if part is None or mark.part == part:
                    yield item, mark
            after = found[-1][0]

    # -- files beside the ledger

    def requests_file(self, part: Part) -> Path:
        return self._beside(part, "requests")

    def answers_file(self, part: Part) -> Path:
        return self._beside(part, "answers")

    def errors_file(self, part: Part) -> Path:
        return self._beside(part, "errors")

    def remove_files(self, part: Part) -> None:
        for kind in ("requests", "answers", "errors"):
            self._beside(part, kind).unlink(missing_ok=True)

    def _beside(self, part: Part, kind: str) -> Path:
        return self._ledger.path.with_name(f"{self._ledger.path.name}.part-{part.number}.{kind}.jsonl")
