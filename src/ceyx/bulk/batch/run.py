"""A job by way of the provider's Batch API: its parts uploaded, begun, waited for and taken over, and what failed asked again.

Every step can be taken by another process than the one before: `parts.py` remembers how far each part is, the ledger has the
rows. Whoever goes on after a crash asks the provider what there is, and makes nothing twice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from math import inf
from pathlib import Path
from typing import Self

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.batch.collecting import CANCELLED, EXPIRED, Collector, Left
from ceyx.bulk.batch.cutting import Cutter
from ceyx.bulk.batch.lines import AZURE, OPENAI, Limits, check_job, custom_ids_at
from ceyx.bulk.batch.parts import AT_REST, Part, Parts
from ceyx.bulk.batch.provider import JOB, PART, BatchAPIError, Provider
from ceyx.bulk.budget import BudgetError, Pricing, check_budget
from ceyx.bulk.ledger import Ledger, LedgerError
from ceyx.bulk.pending import Task, pending
from ceyx.bulk.progress import Progress
from ceyx.bulk.rows import Row
from ceyx.bulk.runner import JobStoppedError
from ceyx.client import OpenAI
from ceyx.errors import APIError, APIStatusError, NotFoundError, OpenAIError, RateLimitError
from ceyx.types import Batch

ROUNDS = 3  # batches that a row may be in, in one run
SETTLE = 5.0  # seconds after which a batch that was asked for is listed, if it was made
POLL = (0.5, 60.0)  # seconds between two looks: at first, and at most
HOLD = (15.0, 900.0)  # seconds before a provider that had no room is asked again: at first, and at most
FETCHES = 3  # times that files which lack answers are fetched again, before these are taken to be missing
PATIENCE = 3  # times that a batch is refused for want of room, with none of this job under way, before it is cut
SURELY, NEVER = 0.7, 0.1  # shares of the provider's queue: of a batch that is cut at once, and of one that never is
TROUBLES = 5  # failures of one step before the job stops
OF_THE_JOB = (
    "model_not_found",
    "model_mismatch",
    "mismatched_url",
    "url_mismatch",
    "invalid_method",
    "too_many_tasks",
    "empty_file",
)
"""What is wrong with all lines of a batch alike, though it is said of each."""


class BatchRun:
    """A run of a job through the Batch API; goes on where another one was.

    `pricing` is of the tier "batch"; `cap` is what all of it may cost, in nanodollars. A row is in `rounds` batches at most.
    `settle`, `poll` and `hold` are the seconds that SETTLE, POLL and HOLD are. To be used as a context.
    """

    def __init__(
        self,
        client: OpenAI,
        job: AnyJob,
        ledger: Ledger,
        *,
        limits: Limits | None = None,
        pricing: Pricing | None = None,
        cap: int | None = None,
        rounds: int = ROUNDS,
        repeat: bool = True,
        settle: float = SETTLE,
        poll: tuple[float, float] = POLL,
        hold: tuple[float, float] = HOLD,
    ) -> None:
        check_job(job)
        self.progress = Progress()
        self.provider = Provider(client, job.endpoint)
        self.trouble = ""
        """Why a step could not be taken; it will be tried again."""
        self._job, self.ledger, self._cap, self._repeat = job, ledger, cap, repeat
        self._pricing = pricing or Pricing(job.model, "azure" if self.provider.azure else "openai", tier="batch")
        self._settle, self._poll, self._hold = settle, poll, hold
        if cap is not None:
            check_budget(job, self._pricing)
        self.parts = Parts(ledger)
        limits = limits or (AZURE if self.provider.azure else OPENAI)
        self._queue = limits.tokens
        self._cutter = Cutter(job, ledger, self.parts, self._pricing, self.progress, self.provider.url, limits)
        self.collector = Collector(job, ledger, self.parts, self._pricing, self.progress, rounds, self.provider.host)
        self._troubles = 0
        self._held, self._held_until = 0.0, 0.0
        self._cancelling = False
        self._news = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.parts.__exit__()

    # -- what others ask of it

    def submit(self, rows: Iterable[Row]) -> None:
        """Cut the rows that are not settled into parts, and have as many of them begun as the provider takes now.

        Raises BudgetError, with nothing sent, JobStoppedError, LedgerError and InputError.
        """
        for part in self.parts.open:
            # The process that wrote it was killed, or somebody removed what it wrote.
            if part.step == "writing" or (part.step in ("written", "uploading") and not self.parts.requests_file(part).exists()):
                self._cutter.release(part)
        later = bool(self.parts.open)  # what failed before is asked again once these are done with
        tasks = pending(rows, self._job, self.ledger, self.progress, self._repeat)
        self._cutter.cut(task for task in tasks if task is not None and not (later and task.item.attempts))
        if self._cap is not None and (most := self.ledger.spent()) > self._cap:
            for part in self.parts.open:
                if part.step in ("written", "uploaded"):
                    self._cutter.release(part)
            raise BudgetError(
                f"the rows that are left may cost, with those before, ${most / 1e9:.6f} at the batch rate, and the budget is "
                f"${self._cap / 1e9:.6f}; allow for that, or limit the answers (--max-tokens)"
            )
        self.advance()

    def advance(self) -> bool:
        """Do what can be done now, without waiting; whether something is left to wait for."""
        self._news = False
        for part in self.parts.open:
            self._take_step(part)
        if not self.parts.open and not self._cancelling:
            self._cutter.cut(self._affordable(self._cutter.again()))
            for part in self.parts.open:
                self._take_step(part)
        return bool(self.parts.open)

    @property
    def under_way(self) -> list[Part]:
        """The parts that the provider is at work on."""
        return [part for part in self.parts.open if part.step == "created"]

    def wait(self, look: Callable[[], object] | None = None) -> Progress:
        """Go on until all rows are settled. `look` is called after each look at the provider."""
        pause, longest = self._poll
        while self.advance():
            if look is not None:
                look()
            time.sleep(pause)
            pause = self._poll[0] if self._news else min(pause * 1.5, longest)
        return self.progress

    def cancel(self, rows: Iterable[Row]) -> None:
        """Send nothing more, and ask the provider to end what it has begun; `wait` then takes over what was answered.

        The rows are the input, of which some may not have been cut into parts yet. Raises as `submit` does.
        """
        self._cancelling, self.collector.rounds = True, 0
        for task in pending(rows, self._job, self.ledger, self.progress, self._repeat):
            if task is not None:
                self.collector.give_up(task.item)
        for part in self.parts.open:
            if part.step == "created" and part.batch is not None:
                try:
                    self.provider.cancel(part.batch)
                except OpenAIError as error:
                    raise JobStoppedError(str(error)) from error

    def clean(self) -> None:
        """Delete the files that batches were made of, and those that they left, at the provider."""
        for part in self.parts:
            files = [file for file in (part.file, part.answers, part.errors) if file is not None]
            if part.is_open or not files:
                continue
            for file in files:
                self.provider.delete(file)
            part.file = part.answers = part.errors = None
            self.parts.keep(part)

    def _affordable(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Those that the budget allows; the others stay as they are."""
        left = inf if self._cap is None else self._cap - self.ledger.spent()
        for task in tasks:
            left -= (most := self._cutter.most(task))
            if left >= 0:
                yield task
            else:
                left += most
                self.collector.give_up(task.item)

    # -- parts go on

    def _take_step(self, part: Part) -> None:
        """One step of a part, if it can be taken now."""
        try:
            if part.step == "created":
                self._look(part)
            elif self._cancelling:
                self._withdraw(part)
            elif self._has_room(part):
                self._begin(part)
            else:
                return
        except RateLimitError as error:
            if error.code == "insufficient_quota":
                raise JobStoppedError(str(error)) from error
            self._wait_for_room(str(error))
        except APIError as error:
            self._troubles += 1
            if not error.retryable or (part.step != "created" and self._troubles >= TROUBLES):
                raise JobStoppedError(str(error)) from error
            self.trouble = str(error)
        except OpenAIError as error:
            raise JobStoppedError(str(error)) from error
        else:
            self._troubles = 0

    def _begin(self, part: Part) -> None:
        """Upload the file of a part and have a batch made of it, each of which is done once."""
        provider, name = self.provider, f"ceyx-{self.ledger.id}-part-{part.number}.jsonl"
        if part.step == "uploading" and (file := provider.uploaded(name, part.size)) is not None:
            part.file = file
            self.parts.keep(part, "uploaded")
        if part.step in ("written", "uploading"):
            self.parts.keep(part, "uploading")
            try:
                part.file = provider.upload(self.parts.requests_file(part), name)
            except (APIStatusError, BatchAPIError) as error:
                if not getattr(error, "retryable", False):
                    self.parts.keep(part, "written")
                raise
            self.parts.keep(part, "uploaded")
        assert part.file is not None
        if part.step == "creating":
            if time.time() < part.marked + self._settle:
                return
            if (batch := provider.created(part.file, part.refused, part.marked)) is not None:
                return self._begun(part, batch)
        if not provider.is_ready(part.file):
            return
        self.parts.keep(part, "creating")
        about = {JOB: self.ledger.id, PART: str(part.number), "rows": str(part.rows)}
        try:
            batch = provider.create(part.file, about, f"ceyx-{self.ledger.id}-{part.number}-{len(part.refused)}")
        except (APIStatusError, BatchAPIError) as error:
            if isinstance(error, RateLimitError) or not getattr(error, "retryable", False):
                self.parts.keep(part, "uploaded")  # it says that there is none
            raise
        self._begun(part, batch)

    def _begun(self, part: Part, batch: Batch) -> None:
        part.batch, part.status = batch.id, batch.status
        self._news, self.trouble = True, ""
        self.parts.keep(part, "created")

    def _look(self, part: Part) -> None:
        assert part.batch is not None
        try:
            batch = self.provider.look(part.batch)
        except NotFoundError as error:
            if not self._cancelling:
                raise BatchAPIError(
                    f"{self.provider.host} knows no batch {part.batch}, which has {part.rows:,} rows of this job. Is it the same "
                    "account? --batch --cancel gives its rows up, so that they can be asked again"
                ) from error
            self._close(part, Left(f"the provider knows no batch {part.batch} any more", "batch lost", again=False, paid=True))
            return
        counts = batch.request_counts
        said = (batch.status, getattr(counts, "completed", 0) or 0, getattr(counts, "failed", 0) or 0)
        self.trouble = ""
        if said != (part.status, part.completed, part.failed):
            part.status, part.completed, part.failed = said
            self._news = True
            self.parts.keep(part)
        if batch.status in AT_REST:
            self._end(part, batch)

    def _end(self, part: Part, batch: Batch) -> None:
        """Take over what a batch that ended leaves."""
        wrong = [error for error in getattr(batch.errors, "data", None) or () if error is not None]
        said = "; ".join(
            dict.fromkeys(f"{error.message or 'it does not say why'} ({error.code or 'no code'})" for error in wrong)
        )
        if batch.status == "failed" and any(_is_about_room(error.code, error.message) for error in wrong):
            return self._no_room(part, batch.id, said)
        files = batch.output_file_id or None, batch.error_file_id or None
        if files != (part.answers, part.errors):
            part.answers, part.errors = files
            self.parts.keep(part)
        for file, path in ((part.answers, self.parts.answers_file(part)), (part.errors, self.parts.errors_file(part))):
            if file is not None:
                self._fetch(file, path)
        there, said_to_be = self.collector.lines(part), part.completed + part.failed
        if there < said_to_be and part.fetched < FETCHES:  # a proxy's page, or a body that broke off
            part.fetched += 1
            self.parts.keep(part)
            self.trouble = f"the files of {batch.id} have {there:,} lines, and {said_to_be:,} requests were answered"
            return None
        self.collector.take(part)
        if batch.status != "failed":
            return self._close(part, _LEFT[batch.status])
        lines = {error.line: f"{error.message} ({error.code})" for error in wrong if error.line and error.code not in OF_THE_JOB}
        ids = custom_ids_at(self.parts.requests_file(part), lines)
        if not ids:
            self._close(part, Left(f"its batch was refused: {said}", "batch refused", again=False, tried=False))
            raise APIError(f"{self.provider.host} refused the batch {batch.id}: {said[:1000]}")
        own = {id: Left(lines[line], "bad line", again=False, final=True, tried=False) for line, id in ids.items()}
        self._close(part, Left("another line of its batch was refused", "batch refused", again=True, tried=False), own)

    def _fetch(self, file: str, path: Path) -> None:
        try:
            self.provider.download(file, path)
        except NotFoundError:  # Azure names error files that there are none of
            path.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(f"cannot write {path}: {error.strerror}; the answers stay with the provider") from error

    def _close(self, part: Part, why: Left, only: dict[str, Left] | None = None) -> None:
        self.collector.leave(part, why, only)
        self.parts.keep(part, "collected")
        self.parts.remove_files(part)
        self._news, self._held, self._held_until = True, 0.0, 0.0

    # -- room in the provider's queue

    def _has_room(self, part: Part) -> bool:
        if time.monotonic() < self._held_until:
            return False
        others = sum(each.tokens for each in self.parts.open if each.is_enqueued and each is not part)
        return self._queue is None or not others or others + part.tokens <= self._queue

    def _wait_for_room(self, why: str) -> None:
        first, longest = self._hold
        self._held = min(max(self._held * 2, first), longest)
        self._held_until = time.monotonic() + self._held
        self.trouble = why

    def _no_room(self, part: Part, batch: str, said: str) -> None:
        """The provider's queue is full: of others, and it is waited for; or the part is larger than all of it, and is cut."""
        part.refused.append(batch)
        part.batch, part.status = None, ""
        self.parts.keep(part, "uploaded")
        self._wait_for_room(said)
        limit = limit_in(said)
        if limit is None or any(each.is_enqueued for each in self.parts.open):
            return
        # Counts differ, so that one which seems to be small enough may be too large; or others fill the queue, which smaller ones
        # get by more easily.
        if part.tokens < limit * (SURELY if len(part.refused) < PATIENCE else NEVER):
            return
        if part.rows == 1:
            return self._close(part, Left(f"its batch was refused: {said}", "token_limit_exceeded", again=False, tried=False))
        most = max(min(limit, part.tokens) // 2, 1)
        self._cutter.limits, self._queue = self._cutter.limits._replace(tokens=most), limit
        for each in self.parts.open:
            if each.step in ("written", "uploaded") and each.tokens > most and each.rows > 1:
                if each.file is not None:
                    self.provider.delete(each.file)
                self._cutter.release(each)
        self._held, self._held_until = 0.0, 0.0
        self._cutter.cut(self._cutter.again())

    # -- cancelling

    def _withdraw(self, part: Part) -> None:
        """A part that is not begun yet is not begun any more; one that may be is looked for."""
        if part.step == "creating" and part.file is not None:
            if time.time() < part.marked + self._settle:
                return
            if (batch := self.provider.created(part.file, part.refused, part.marked)) is not None:
                self._begun(part, batch)
                return self.provider.cancel(batch.id)
        self._close(part, Left("it was not sent: the job was cancelled", CANCELLED, again=False, tried=False))


_LEFT = {
    "completed": Left("the batch ended without a line for this row", "missing line", again=True, paid=True),
    "expired": Left("the batch expired before it came to this row", EXPIRED, again=True),
    "cancelled": Left("the batch was cancelled before it came to this row", CANCELLED, again=False),
}


def _is_about_room(code: str | None, message: str | None) -> bool:
    return code == "token_limit_exceeded" or "enqueued token" in (message or "").lower()


_LIMIT = re.compile(r"limit[^0-9]{0,20}([0-9][0-9,.]*)\s*([KMB]?)\b", re.IGNORECASE)
_FACTORS = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}


def limit_in(said: str) -> int | None:
    """The tokens that the provider says may be enqueued: `Limit: 2,000,000 enqueued tokens`, `limit of 30K`."""
    if (found := _LIMIT.search(said)) is None:
        return None
    number = found[1].rstrip(".,").replace(",", "")
    try:
        return int(float(number) * _FACTORS[found[2].upper()]) or None
    except ValueError:
        return None
