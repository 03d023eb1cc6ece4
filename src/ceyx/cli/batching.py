"""`ceyx run --batch`: its options, what is seen of the batches while they are waited for, and how it ends."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ceyx.cli import terminal
from ceyx.cli.endpoint import Provider, client_for
from ceyx.cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ceyx.bulk import Run
    from ceyx.bulk.batch import BatchRun

EVERY_NOTE = 300.0  # seconds between two lines in a log, if nothing but counts changes
MOST_NAMED = 3  # batches


class Batching(NamedTuple):
    """The options that go with --batch."""

    wait: bool
    cancel: bool
    tokens: int | None
    clean: bool

    @classmethod
    def of(
        cls, batch: bool, no_wait: bool, cancel: bool, tokens: int | None, clean: bool, rpm: int | None, tpm: int | None
    ) -> Self | None:
        """The options, or None without --batch. Raises Failure for what does not go together."""
        given = {"--no-wait": no_wait, "--cancel": cancel, "--batch-tokens": tokens, "--clean": clean}
        if not batch:
            for option, value in given.items():
                if value:
                    raise Failure(f"{option} goes with --batch; add that, or leave it out", Exit.USAGE)
            return None
        for option, limit in (("--rpm", rpm), ("--tpm", tpm)):
            if limit is not None:
                raise Failure(f"{option} is for calls; batches have no such limit, but --batch-tokens", Exit.USAGE)
        return cls(not no_wait, cancel, tokens, clean)

    def carried_out(
        self, run: Run, who: Provider, options: dict[str, Any], *, as_json: bool, quiet: bool, report: Path | None
    ) -> Exit:
        """Carries out a run, and says how it went."""
        from ceyx.bulk.batch.lines import AZURE, OPENAI, check_job
        from ceyx.bulk.batch.running import carry_out
        from ceyx.cli.running import explained_failures, reported, told

        if who is Provider.local and not self.wait:
            raise Failure("--no-wait needs a provider that stays; the local stand-in ends with this command", Exit.USAGE)
        try:
            check_job(run.job)
        except ValueError as error:
            raise Failure(str(error), Exit.USAGE) from error
        limits = (AZURE if who is Provider.azure else OPENAI)._replace(tokens=self.tokens)
        view: Seen | None = None

        def watch(work: BatchRun) -> Callable[[], object]:
            nonlocal view
            view = closing.enter_context(seen(work, as_json=as_json, quiet=quiet))
            return view.look

        with _signals(), explained_failures(run):
            try:
                with client_for(who, **options) as client, ExitStack() as closing:
                    summary = carry_out(
                        run, client, wait=self.wait, cancel=self.cancel, clean=self.clean, limits=limits, watch=watch
                    )
            except KeyboardInterrupt:
                if view is not None and not quiet:
                    terminal.note(f"Interrupted. {view.going_on()}")
                return Exit.INTERRUPTED
        assert view is not None
        code = told(summary, as_json, quiet or not (summary.whole or as_json or summary.progress.finished))
        reported(run, report)
        if not quiet and not as_json:
            for line in view.oddities():
                terminal.note(line)
        if summary.whole:
            return code
        if not quiet and not as_json:
            terminal.note(view.going_on())
        return Exit.OK


class Seen:
    """A run through the Batch API as it stands, in words."""

    def __init__(self, work: BatchRun, show: Callable[[Seen], object]) -> None:
        self.work, self._show = work, show

    def look(self) -> None:
        self._show(self)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows that are answered, and rows in all batches."""
        return sum(part.completed + part.failed for part in self.work.parts), sum(part.rows for part in self.work.parts)

    def statuses(self) -> str:
        """How many batches are how far: `3 batches: 1 completed, 2 in_progress`."""
        parts = list(self.work.parts)
        counts = Counter(part.status or "to be sent" for part in parts)
        how = ", ".join(f"{count:,} {status}" for status, count in counts.items())
        waits = f" · waiting, as {' '.join(self.work.trouble.split())[:200]}" if self.work.trouble else ""
        return f"{len(parts):,} batch{'es' * (len(parts) != 1)}: {how}{waits}" if parts else "no batches"

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        batches = [
            {"id": part.batch, "status": part.status or "to be sent", "rows": part.rows}
            | {"completed": part.completed, "failed": part.failed, "collected": not part.is_open}
            for part in self.work.parts
        ]
        return {**self.work.progress.as_dict(), "batches": batches, "trouble": self.work.trouble or None}

    def going_on(self) -> str:
        """What is left at the provider, and what to do about it."""
        begun = self.work.under_way
        left = len(self.work.parts.open) - len(begun)
        more = f", {left:,} more to be sent" if left else ""
        if not begun:
            return f"No batch is under way{more}; the same command goes on."
        names = ", ".join(str(part.batch) for part in begun[:MOST_NAMED]) + (", …" if len(begun) > MOST_NAMED else "")
        rows = sum(part.rows for part in begun)
        what = "1 batch goes on" if len(begun) == 1 else f"{len(begun):,} batches go on"
        where = self.work.provider.host
        return f"{what} at {where}{more}: {names} ({rows:,} rows). The same command takes over; with --cancel it ends them."

    def oddities(self) -> Iterator[str]:
        """What is not as it should be, and was left out."""
        found = self.work.collector
        if found.strangers:
            yield f"{found.strangers:,} lines of the answers were of no row of their batch"
        if found.duplicates:
            yield f"{found.duplicates:,} lines of the answers were of rows that had one already"
        if found.unreadable:
            yield f"{found.unreadable:,} lines of the answers could not be read"
        if forgotten := self.work.parts.forgotten:
            yield f"Batches of what is forgotten go on at the provider, and are paid: {', '.join(forgotten)}"


@contextmanager
def seen(work: BatchRun, *, as_json: bool, quiet: bool) -> Iterator[Seen]:
    """Shows a run while it lasts, in the way that suits whoever looks on."""
    if as_json:
        yield Seen(work, _as_line)
    elif quiet:
        yield Seen(work, lambda _: None)
    elif terminal.is_terminal(sys.stderr):
        with _at_terminal(work) as found:
            yield found
    else:
        yield Seen(work, _Notes().show)


def _as_line(found: Seen) -> None:
    from ceyx.cli import showing

    showing.line("progress", found.as_dict())


class _Notes:
    """A line whenever a batch comes to another status, and now and then."""

    def __init__(self) -> None:
        self._said, self._at = "", 0.0

    def show(self, found: Seen) -> None:
        said = found.statuses()
        if not self._said and not found.work.parts.open:  # all was done before
            return
        if said == self._said and time.monotonic() - self._at < EVERY_NOTE:
            return
        self._said, self._at = said, time.monotonic()
        answered, rows = found.rows
        terminal.note(f"{said} · {answered:,} of {rows:,} rows")


@contextmanager
def _at_terminal(work: BatchRun) -> Iterator[Seen]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    one_line = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    said = TextColumn("{task.fields[said]}", markup=False, table_column=one_line)
    columns = (MofNCompleteColumn(), BarColumn(20), TimeElapsedColumn(), said)
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4, expand=True) as bar:
        task = bar.add_task("", total=None, said="writing the requests")

        def show(found: Seen) -> None:
            answered, rows = found.rows
            bar.update(task, completed=answered, total=rows, said=found.statuses())

        yield Seen(work, show)


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM is as Ctrl-C, meanwhile."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
