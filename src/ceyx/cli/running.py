"""A run of `ceyx run` while it lasts: signals, what is shown of it, and the output at its end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceyx.bulk import Budget, Job, JobStoppedError, Ledger, LedgerError, Limiter, Pricing, Progress, Runner
from ceyx.bulk.budget import in_nanodollars
from ceyx.bulk.ledger import OtherJobError
from ceyx.bulk.outcome import as_output, columns_of
from ceyx.bulk.rows import InputError, Row, write
from ceyx.bulk.runner import BUDGET
from ceyx.cli import terminal
from ceyx.cli.failures import Exit, Failure, explained
from ceyx.client import AsyncOpenAI

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

EVERY = 0.25  # seconds between two looks at a terminal
EVERY_LINE = 1.0  # and between two lines for programs


class Run:
    """One run, as the options of the command have it."""

    def __init__(
        self,
        job: Job,
        pricing: Pricing,
        cap: Decimal | None,
        at_once: dict[str, Any],
        *,
        restart: bool,
        repeat: bool,
        as_json: bool,
        quiet: bool,
    ) -> None:
        self._job, self._pricing, self._cap, self._at_once = job, pricing, cap, at_once
        self._restart, self._repeat, self._as_json, self._quiet = restart, repeat, as_json, quiet

    def of(self, rows: Iterable[Row], about: int | None, out: str, where: Path, client: Callable[[], AsyncOpenAI]) -> Exit:
        """Run over these rows, and write the output if all of them are settled."""
        try:
            with Ledger(where, self._job, self._restart) as ledger:
                progress = asyncio.run(self._run(rows, about, ledger, client))
                if not progress.stopped or progress.stopped == BUDGET:
                    self._write(out, ledger)
        except OtherJobError as error:
            raise Failure(f"{error}; give another --out, or --restart to ask everything again", Exit.USAGE) from error
        except LedgerError as error:
            raise Failure(str(error), Exit.CONFIGURATION) from error
        except InputError as error:
            raise Failure(str(error), Exit.USAGE) from error
        except JobStoppedError as error:
            said, code = explained(error.__cause__ if isinstance(error.__cause__, Exception) else error)
            raise Failure(
                f"{said}\nThe job stopped; what was answered is in {where}, and the same command goes on.", code
            ) from error
        return self._told(progress, out, where)

    def _write(self, out: str, ledger: Ledger) -> None:
        items = ledger.items
        try:
            write(out, (as_output(item, self._job) for item in items()), lambda: columns_of(items(), self._job))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Failure(
                f"cannot write {out}: {error.strerror}; all answers are in {ledger.path}", Exit.CONFIGURATION
            ) from error

    async def _run(self, rows: Iterable[Row], about: int | None, ledger: Ledger, client: Callable[[], AsyncOpenAI]) -> Progress:
        budget = None if self._cap is None else Budget(in_nanodollars(self._cap), ledger.spent())
        workers = self._at_once["workers"]
        limiter = Limiter(self._at_once["rpm"], self._at_once["tpm"], workers, azure=self._at_once["azure"])
        async with client() as asking:
            runner = Runner(
                asking,
                self._job,
                ledger,
                workers=workers,
                limiter=limiter,
                pricing=self._pricing,
                budget=budget,
                repeat=self._repeat,
            )
            self._heed_signals(runner)
            showing = asyncio.create_task(self._show(runner.progress, about, limiter))
            try:
                return await runner.run(rows)
            finally:
                showing.cancel()
                with suppress(asyncio.CancelledError):
                    await showing

    def _heed_signals(self, runner: Runner) -> None:
        loop = asyncio.get_running_loop()
        interrupted = False

        def interrupt() -> None:
            nonlocal interrupted
            if interrupted:
                runner.abort()
                return
            interrupted = True
            runner.drain()
            if not self._quiet and runner.progress.in_flight:
                terminal.note(f"Waiting for {runner.progress.in_flight} calls on their way; Ctrl-C again does not.")

        try:
            loop.add_signal_handler(signal.SIGINT, interrupt)
            loop.add_signal_handler(signal.SIGTERM, interrupt)
        except NotImplementedError:  # Windows: Ctrl-C ends it at once, and the ledger knows
            pass

    # -- what is seen

    async def _show(self, progress: Progress, about: int | None, limiter: Limiter) -> None:
        if self._as_json:
            while True:
                await asyncio.sleep(EVERY_LINE)
                _line({"event": "progress", **progress.as_dict()})
        if self._quiet or not terminal.is_terminal(sys.stderr):
            return
        with _bar() as bar:
            task = bar.add_task("", total=about, said="")
            try:
                while True:
                    await asyncio.sleep(EVERY)
                    total = progress.read if progress.whole else about
                    bar.update(task, completed=progress.finished, total=total, said=_said(progress, limiter))
            finally:
                bar.update(task, completed=progress.finished, said=_said(progress, limiter))

    def _told(self, progress: Progress, out: str, where: Path) -> Exit:
        """The summary, and the exit code."""
        whole = not progress.stopped or progress.stopped == BUDGET
        if self._as_json:
            slowest = [{"row": position, "seconds": round(seconds, 3)} for seconds, position in sorted(progress.slowest)[::-1]]
            failures = [{"row": position, "error": error} for position, error in progress.failures]
            _line(
                {"event": "summary", **progress.as_dict(), "out": out if whole else None, "ledger": str(where)}
                | {"slowest": slowest, "failures": failures}
            )
        elif not self._quiet:
            for line in summary(progress):
                terminal.note(line)
        if not whole:
            if not self._quiet:
                terminal.note(f"Interrupted: what was answered is in {where}, and the same command goes on.")
            return Exit.INTERRUPTED
        return Exit.API if progress.failed or progress.failed_before or progress.skipped else Exit.OK


def summary(progress: Progress) -> Iterable[str]:
    """How it went, in a few lines."""
    parts = [f"{progress.finished:,} rows", f"{progress.done:,} answered"]
    if progress.before:
        unanswered = f" ({progress.failed_before:,} without an answer)" if progress.failed_before else ""
        parts.append(f"{progress.before:,} settled before{unanswered}")
    parts += [f"{progress.failed:,} failed"] if progress.failed else []
    parts += [f"{progress.skipped:,} not asked, as {progress.stopped}"] if progress.skipped else []
    cost = f" · ${progress.nanodollars / 1e9:.6f}" if progress.done > progress.unpriced else ""
    unpriced = f" · {progress.unpriced:,} answers without a known price" if progress.unpriced else ""
    rate = progress.done / max(progress.seconds, 0.001)
    tokens = f"{progress.input_tokens:,} tokens in, {progress.output_tokens:,} out"
    yield f"{', '.join(parts)} · {tokens}{cost}{unpriced} · {progress.seconds:.1f} s, {rate:,.0f} rows/s"
    if progress.possibly_paid:
        yield f"{progress.possibly_paid:,} rows had been sent by a run that ended before the answers; they may have been paid for"
    for position, error in progress.failures:
        yield f"row {position}: {' '.join(error.split())[:200]}"
    if (more := progress.failed - len(progress.failures)) > 0:
        yield f"and {more:,} more; by kind: {', '.join(f'{kind} {count:,}' for kind, count in progress.errors.most_common())}"
    if progress.slowest and progress.done:
        yield "slowest: " + ", ".join(f"row {position} {seconds:.2f} s" for seconds, position in sorted(progress.slowest)[::-1])


def _said(progress: Progress, limiter: Limiter) -> str:
    seconds = max(progress.seconds, 0.001)
    tokens = f"{(progress.input_tokens + progress.output_tokens) / seconds * 60:,.0f} tokens/min"
    if rate := limiter.rates.get("tokens"):
        tokens += f" of {rate.per_second * 60:,.0f}"
    parts = [f"{(progress.done + progress.failed) / seconds:,.0f} rows/s", tokens, f"${progress.nanodollars / 1e9:.4f}"]
    parts += [f"{progress.retries:,} retries"] if progress.retries else []
    parts += [f"{kind} {count:,}" for kind, count in progress.errors.most_common(3)]
    return " · ".join(parts)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(), BarColumn(20), TimeRemainingColumn(), TextColumn("{task.fields[said]}", markup=False))
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _line(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
