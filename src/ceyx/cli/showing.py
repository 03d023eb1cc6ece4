"""What is seen of a run: a few lines that stand at a terminal, a line now and then in a log, lines of JSON for programs, and the
summary at its end. Leaves counting to `ceyx.bulk.progress`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ceyx.bulk.limiter import Limits
from ceyx.bulk.progress import Pace, Progress
from ceyx.cli import terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

EVERY = 0.25  # seconds between two looks at a terminal
EVERY_LINE = 1.0  # between two lines for programs
EVERY_NOTE = 30.0  # and between two in a log
WIDEST_BAR, NARROWEST_BAR = 40, 8


class View:
    """A run as it stands, in words: whoever looks gets the same."""

    def __init__(self, progress: Progress, about: int | None, limiter: Limits | None = None, cap: Decimal | None = None) -> None:
        self.progress, self.pace = progress, Pace(progress)
        self._about, self._limiter, self._cap = about, limiter, cap

    @property
    def total(self) -> int | None:
        """Rows of the input, about; None where nobody knows yet."""
        return self.progress.read if self.progress.whole else self._about

    @property
    def share(self) -> float | None:
        """How much of the input is settled, from 0 to 1."""
        return None if not self.total else min(self.progress.finished / self.total, 1.0)

    @property
    def seconds_left(self) -> float | None:
        return None if self.total is None else self.pace.seconds_for(self.total - self.progress.finished)

    def rows(self) -> list[str]:
        """How far it is."""
        counted = f"{self.progress.finished:,}"
        if self.total is not None:
            about = "" if self.progress.whole else "about "
            counted += f" of {about}{max(self.total, self.progress.finished):,}"
        parts = [f"{counted} rows"]
        if self.share is not None:
            parts.append(f"{int(self.share * 100)} %")
        if self.progress.stopped:
            parts.append(f"ending: {self.progress.stopped}")
        elif self.seconds_left is not None:
            parts.append(f"{spoken(self.seconds_left)} left")
        return parts

    def speed(self) -> list[str]:
        """How fast it goes, what it costs, and what goes wrong."""
        progress = self.progress
        tokens = f"{self.pace.tokens_per_minute:,.0f}"
        if self.tokens_limit is not None:
            tokens += f" of {self.tokens_limit:,.0f}"
        parts = [f"{self.pace.rows_per_second:,.{0 if self.pace.rows_per_second >= 10 else 1}f} rows/s", f"{tokens} tokens/min"]
        if progress.nanodollars or self._cap is not None:
            of = "" if self._cap is None else f" of ${self._cap:,f}"
            parts.append(f"${progress.nanodollars / 1e9:.4f}{of}")
        parts.append(f"{progress.in_flight:,} on their way")
        if progress.retries:
            limited = f", {progress.limited:,} for limits" if progress.limited else ""
            parts.append(f"{progress.retries:,} retries{limited}")
        if progress.failed:
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in progress.errors.most_common(3))
            parts.append(f"{progress.failed:,} failed: {kinds}")
        return parts

    @property
    def tokens_limit(self) -> float | None:
        """Tokens a minute, at most."""
        rate = None if self._limiter is None else self._limiter.rates.get("tokens")
        return None if rate is None else rate.per_second * 60

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        left = self.seconds_left
        return {
            **self.progress.as_dict(),
            "total": self.total,
            "rows_per_second": round(self.pace.rows_per_second, 2),
            "tokens_per_minute": round(self.pace.tokens_per_minute),
            "tokens_per_minute_limit": None if self.tokens_limit is None else round(self.tokens_limit),
            "seconds_left": None if left is None else round(left, 1),
        }


@asynccontextmanager
async def shown(view: View, *, as_json: bool, quiet: bool) -> AsyncIterator[None]:
    """Shows a run while it lasts, in the way that suits whoever looks on."""
    if as_json:
        showing = _as_lines(view)
    elif quiet:
        yield
        return
    elif terminal.is_terminal(sys.stderr):
        showing = _at_terminal(view)
    else:
        showing = _as_notes(view)
    task = asyncio.create_task(showing)
    try:
        yield
    finally:
        task.cancel()
        # That nobody looks on any more ends no run; the summary will meet the same.
        with suppress(asyncio.CancelledError, BrokenPipeError):
            await task


async def _as_lines(view: View) -> None:
    while True:
        await asyncio.sleep(EVERY_LINE)
        view.pace.look()
        line("progress", view.as_dict())


async def _as_notes(view: View) -> None:
    while True:
        await asyncio.sleep(EVERY_NOTE)
        view.pace.look()
        terminal.note(" · ".join([", ".join(view.rows()), *view.speed()]))


async def _at_terminal(view: View) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            view.pace.look()
            live.update(_drawn(view, console.width), refresh=True)
            await asyncio.sleep(EVERY)


def _drawn(view: View, width: int) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    rows = ", ".join(view.rows())
    room = min(width - len(rows) - 3, WIDEST_BAR)
    lines: list[RenderableType] = []
    if room >= NARROWEST_BAR:
        first = Table.grid(padding=(0, 2))
        share = view.share
        first.add_row(ProgressBar(1.0, share or 0.0, width=room, pulse=share is None), Text(rows, no_wrap=True))
        lines.append(first)
    else:
        lines += [Text(each) for each in folded(view.rows(), ", ", width)]
    lines += [Text(each, style="dim") for each in folded(view.speed(), " · ", width)]
    return Group(*lines)


def folded(parts: Iterable[str], between: str, width: int) -> Iterator[str]:
    """The parts on as few lines as they fit on; one that is wider than a line is cut."""
    current = ""
    for part in parts:
        if current and len(current) + len(between) + len(part) >= width:
            yield current
            current = ""
        current += between * bool(current) + part
        if len(current) >= width:
            current = current[: max(width - 2, 1)] + "…"
    if current:
        yield current


def spoken(seconds: float) -> str:
    """A time that is left, as people say it: 45 s, 8 min, 2 h 5 min, 3 d 4 h."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def line(event: str, said: dict[str, Any]) -> None:
    """A line of JSON on standard output, at once."""
    sys.stdout.write(json.dumps({"event": event, **said}) + "\n")
    sys.stdout.flush()


def as_summary(progress: Progress) -> dict[str, Any]:
    """How it went, fit for JSON."""
    slowest = [{"row": position, "seconds": round(seconds, 3)} for seconds, position in sorted(progress.slowest)[::-1]]
    failures = [{"row": position, "error": error} for position, error in progress.failures]
    return {**progress.as_dict(), "slowest": slowest, "failures": failures}


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
    if progress.retries:
        limited = f", {progress.limited:,} of them as there were too many at once" if progress.limited else ""
        yield f"{progress.retries:,} calls were tried again{limited}"
    for position, error in progress.failures:
        yield f"row {position}: {' '.join(error.split())[:200]}"
    if (more := progress.failed - len(progress.failures)) > 0:
        yield f"and {more:,} more; by kind: {', '.join(f'{kind} {count:,}' for kind, count in progress.errors.most_common())}"
    if progress.slowest and progress.done:
        yield "slowest: " + ", ".join(f"row {position} {seconds:.2f} s" for seconds, position in sorted(progress.slowest)[::-1])
