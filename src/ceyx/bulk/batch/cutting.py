"""Rows cut into parts: their requests in files, none larger than a batch may be, and the rows marked as being in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future

import msgspec

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.batch.lines import Limits, Requests, id_of, line_of
from ceyx.bulk.batch.parts import Mark, Part, Parts
from ceyx.bulk.budget import AT_MOST, Pricing, longest_answer
from ceyx.bulk.ledger import Item, Ledger, LedgerError
from ceyx.bulk.pending import Task
from ceyx.bulk.progress import Progress

UNWRITTEN = 1000  # rows that may wait to be committed


class Cutter:
    """Cuts the rows of a job into parts, as the limits are; `url` is where their requests go."""

    def __init__(
        self, job: AnyJob, ledger: Ledger, parts: Parts, pricing: Pricing, progress: Progress, url: str, limits: Limits
    ) -> None:
        self.limits = limits
        self._job, self._ledger, self._parts, self._pricing, self._progress, self._url = (
            job,
            ledger,
            parts,
            pricing,
            progress,
            url,
        )
        longest = longest_answer(job, pricing)
        self._longest = AT_MOST if longest is None else longest

    def cut(self, tasks: Iterable[Task]) -> None:
        """Write the requests of these rows to as few files as will do."""
        writing: _Writing | None = None
        try:
            for task in tasks:
                line = line_of(id_of(self._ledger.id, task.item.position), self._url, task.request)
                if len(line) > self.limits.size:
                    self._too_large(task.item, len(line))
                    continue
                if writing is None or not writing.file.has_room(len(line), task.tokens, self.limits):
                    if writing is not None:
                        writing.end()
                    writing = _Writing(self._ledger, self._parts)
                writing.add(task, line, self.most(task))
            if writing is not None:
                writing.end()
        except BaseException as error:
            if writing is not None:
                writing.file.abandon()
            if isinstance(error, OSError):
                why = f"cannot write the requests beside {self._ledger.path}: {error.strerror}; they were not sent"
                raise LedgerError(why) from error
            raise

    def most(self, task: Task) -> int:
        """What a row costs in a batch, at most."""
        return self._pricing.most(self._job.most(task.request, task.tokens, self._longest))

    def again(self) -> Iterator[Task]:
        """The rows that failed in a way that another batch may mend."""
        for item in self._ledger.items():
            if item.state == "failed" and msgspec.json.decode(item.result).get("again"):
                request = self._job.request(msgspec.json.decode(item.row))
                yield Task(item, request, self._job.tokens(request))

    def release(self, part: Part) -> None:
        """Give the rows of a part that is not begun back, to be in another."""
        kept: Future[None] | None = None
        for item, mark in self._parts.rows(part.number):
            result = {"error": "it was not sent", "kind": "not sent", "again": True, "round": mark.round}
            paid = item.nanodollars - mark.reserved
            kept = self._ledger.put(item._replace(state="failed", nanodollars=paid, result=msgspec.json.encode(result)))
        if kept is not None:
            kept.result()
        self._parts.drop(part)

    def _too_large(self, item: Item, size: int) -> None:
        error = f"the request is {size:,} bytes long, and a batch may have {self.limits.size:,}"
        self._ledger.put(item._replace(state="failed", result=msgspec.json.encode({"error": error, "kind": "too large"})))
        self._progress.fail(item.position, error, "too large")


class _Writing:
    """A part while its file is written."""

    def __init__(self, ledger: Ledger, parts: Parts) -> None:
        self._ledger, self._parts = ledger, parts
        self.part = parts.new()
        self.file = Requests(parts.requests_file(self.part))
        self._kept: Future[None] | None = None

    def add(self, task: Task, line: bytes, most: int) -> None:
        self.file.add(line, task.tokens)
        mark = msgspec.json.encode(Mark(self.part.number, most, round_of(task.item)))
        self._kept = self._ledger.put(task.item._replace(state="batched", nanodollars=task.item.nanodollars + most, result=mark))
        if self.file.rows % UNWRITTEN == 0:
            self._kept.result()  # so that what waits does not grow

    def end(self) -> None:
        self.file.close()
        if self._kept is not None:
            self._kept.result()
        self.part.rows, self.part.size, self.part.tokens = self.file.rows, self.file.size, self.file.tokens
        self._parts.keep(self.part, "written")


def round_of(item: Item) -> int:
    """How many batches a row was in before, in this run of the job."""
    found = msgspec.json.decode(item.result).get("round")
    return found if isinstance(found, int) else 0
