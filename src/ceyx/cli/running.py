"""A run of `ceyx run` while it lasts: signals, what is shown of it, and what it comes to."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

from ceyx.bulk import BudgetError, JobStoppedError, LedgerError, LimitsError, Run, Summary
from ceyx.bulk.ledger import OtherJobError
from ceyx.bulk.rows import InputError
from ceyx.bulk.running import OutputError
from ceyx.cli import showing, terminal
from ceyx.cli.failures import Exit, Failure, explained
from ceyx.cli.runs import write_report


def carried_out(run: Run, *, as_json: bool, quiet: bool, report: Path | None = None) -> Exit:
    """Carries out a run, closes its client, and says how it went."""

    async def go() -> Summary:
        async with run.client or nullcontext():
            return await run.go(watched)

    @asynccontextmanager
    async def watched(run: Run) -> AsyncIterator[None]:
        _heed_signals(run, quiet)
        view = showing.View(run.progress, run.about, run.limits, run.cap)
        async with showing.shown(view, as_json=as_json, quiet=quiet):
            yield

    with explained_failures(run):
        summary = asyncio.run(go())
    code = told(summary, as_json, quiet)
    if code is Exit.INTERRUPTED and not quiet:
        terminal.note(f"Interrupted: what was answered is in {summary.ledger}, and the same command goes on.")
    reported(run, report)
    return code


@contextmanager
def explained_failures(run: Run) -> Iterator[None]:
    """Makes a Failure of what ends a run."""
    try:
        yield
    except OtherJobError as error:
        raise Failure(f"{error}; give another --out, or --restart to ask everything again", Exit.USAGE) from error
    except (LedgerError, OutputError, BudgetError) as error:
        raise Failure(str(error), Exit.CONFIGURATION) from error
    except InputError as error:
        raise Failure(str(error), Exit.USAGE) from error
    except LimitsError as error:
        raise Failure(str(error), Exit.CONNECTION) from error
    except JobStoppedError as error:
        said, code = explained(error.__cause__ if isinstance(error.__cause__, Exception) else error)
        where = f"The job stopped; what was answered is in {run.ledger}, and the same command goes on."
        raise Failure(f"{said}\n{where}", code) from error


def _heed_signals(run: Run, quiet: bool) -> None:
    loop = asyncio.get_running_loop()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if interrupted:
            run.abort()
            return
        interrupted = True
        run.drain()
        if not quiet and run.progress.in_flight:
            terminal.note(f"Waiting for {run.progress.in_flight} calls on their way; Ctrl-C again does not.")

    try:
        loop.add_signal_handler(signal.SIGINT, interrupt)
        loop.add_signal_handler(signal.SIGTERM, interrupt)
    except NotImplementedError:  # Windows: Ctrl-C ends it at once, and the ledger knows
        pass


def told(summary: Summary, as_json: bool, quiet: bool) -> Exit:
    """The summary, and the exit code."""
    progress = summary.progress
    if as_json:
        showing.line("summary", showing.as_summary(progress) | {"out": summary.output, "ledger": str(summary.ledger)})
    elif not quiet:
        for said in showing.summary(progress):
            terminal.note(said)
    if not summary.whole:
        return Exit.INTERRUPTED
    return Exit.OK if summary.ok else Exit.API


def reported(run: Run, report: Path | None) -> None:
    """Writes the report, if one is wanted."""
    if report is not None and run.record is not None:
        write_report(run.record.job, report)
