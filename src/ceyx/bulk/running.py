"""A run of a job from its input to its output, as `ceyx run` does it: `run()` and `arun()`, and `Run` for who looks on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Unpack, cast

import msgspec

from ceyx.any_client import OnAzure
from ceyx.bulk import rows
from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.budget import Budget, Pricing, check_budget, in_nanodollars
from ceyx.bulk.environment import client_of_environment, is_of_azure
from ceyx.bulk.estimate import Estimate, estimated
from ceyx.bulk.history import History, Record
from ceyx.bulk.ledger import Ledger, LedgerReader
from ceyx.bulk.limiter import Limits
from ceyx.bulk.limits_of import Wanted
from ceyx.bulk.outcome import as_output, kinds_of
from ceyx.bulk.progress import BUDGET, Progress
from ceyx.bulk.ray_runner import OnRay, RayRunner
from ceyx.bulk.rows import STDIN, Format, InputError, Row
from ceyx.bulk.runner import Runner
from ceyx.bulk.transcription import TranscriptionJob, is_recording
from ceyx.client import AsyncOpenAI
from ceyx.options import refuse_unknown
from ceyx.wire.endpoint import shown
from ceyx.wire.typed_dict import TypedDict

Name = str | os.PathLike[str]
Input = Name | Iterable[Name | Mapping[str, Any]]
Dollars = Decimal | float | str


class OutputError(OSError):
    """The output cannot be written. All answers are in the ledger."""


class Options(TypedDict, total=False):
    """What a run takes beside its job, input and output."""

    client: AsyncOpenAI | None
    """Whom to ask, an async client of either kind. By default one that the environment configures."""
    provider: Literal["openai", "azure"] | None
    """Whose prices and limits these are; by default the client's."""
    ledger: Name | None
    """Where it is kept what became of each row; the output's name and `.ledger` by default."""
    workers: int
    """Calls at once, at most; 64 by default."""
    requests_per_minute: float | None
    """At most; by default what the server says."""
    tokens_per_minute: float | None
    """At most; by default what the server says."""
    limits: Limits | str | None
    """Limits of one's own, in place of these three; or the address of a Redis through which they are shared with others."""
    engine: OnRay | None
    """Where calls are made: here, unless this is a `ceyx.bulk.OnRay`."""
    budget: Dollars | None
    """What all runs of this job together may cost, in dollars."""
    price: tuple[Dollars, Dollars] | None
    """Dollars for a million tokens in and out, where no table knows the model's, or yours differ."""
    restart: bool
    """Forget what was answered before, and ask all of it again."""
    repeat: bool
    """Whether to ask again what a killed run had sent, which may have been paid; True by default."""
    input_format: Format | None
    """How the input is written; by default as its name ends."""
    history: History | None
    """Where `ceyx runs` finds past jobs; by default it is not told of this one."""
    tier: str | None
    """The service tier that is priced, such as "batch"; by default the one that the job asks for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run went."""

    job: AnyJob
    progress: Progress
    """All counts."""
    seconds: float
    output: str | None
    """Where the rows are; None where there was none to write, or the run was stopped before all rows were settled."""
    ledger: Path

    @property
    def whole(self) -> bool:
        """Whether it came to the end of its input, or of its budget."""
        return not self.progress.stopped or self.progress.stopped == BUDGET

    @property
    def ok(self) -> bool:
        """Whether all rows have their answers, those of earlier runs included."""
        counts = self.progress
        return not (counts.stopped or counts.failed or counts.failed_before or counts.skipped)

    @property
    def done(self) -> int:
        """Rows that this run got answers for."""
        return self.progress.done

    @property
    def failed(self) -> int:
        """Rows that this run got none for."""
        return self.progress.failed

    @property
    def cost(self) -> float:
        """Dollars, of the answers of this run that there is a price for."""
        return self.progress.nanodollars / 1e9

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the output, from the ledger: also those of a run that was stopped."""
        with LedgerReader(self.ledger) as ledger:
            for item in ledger.items():
                yield as_output(item, self.job)


class Run:
    """One run, which is looked on or stopped while it lasts. Raises ValueError where it cannot be as it is asked for: InputError,
    BudgetError."""

    def __init__(self, job: AnyJob, input: Input, output: Name | None = None, **options: Unpack[Options]) -> None:
        self.job = job
        self.progress = Progress()
        self.output = None if output is None else os.fspath(output)
        refuse_unknown(options, Options, "run")  # a budget that is misspelt holds nothing
        self.options = options
        self.client = options.get("client")
        if self.client is not None and not isinstance(self.client, AsyncOpenAI):
            raise TypeError(f"a run sends many calls at once and needs an async client; give AsyncOpenAI, not {self.client!r}")
        provider = options.get("provider") or _provider_of(self.client)
        self.price = _price(options.get("price"))
        self.pricing = Pricing(job.model, provider, self.price, tier=options.get("tier") or job.params.get("service_tier"))
        self.cap = None if (budget := options.get("budget")) is None else _dollars(budget)
        if self.cap is not None:
            check_budget(job, self.pricing)
        rates = options.get("requests_per_minute"), options.get("tokens_per_minute")
        self._wanted = Wanted(options.get("limits"), *rates, self._workers, provider == "azure")
        self.limits = self._wanted.before(self.client)
        if (engine := options.get("engine")) is not None:
            engine.caller(self)  # which refuses what would not work there
        self.names, self.rows, self.about = _taken(input, options.get("input_format"), isinstance(job, TranscriptionJob))
        """The files of the input, its rows, and about how many there are, if that is known."""
        self.record: Record | None = None
        """What the history has of it, once it runs."""
        self._runner: Runner | RayRunner | None = None

    @property
    def _workers(self) -> int:
        return self.options.get("workers", 64)

    def estimate(self) -> Estimate:
        """What it will take, by reading all of the input; sends nothing. Rows that can be read only once are used up by it."""
        return estimated(self.rows(), self.job, self.pricing)

    @property
    def restart(self) -> bool:
        return self.options.get("restart", False)

    @property
    def repeat(self) -> bool:
        return self.options.get("repeat", True)

    @property
    def ledger(self) -> Path:
        """Where the ledger is."""
        if given := self.options.get("ledger"):
            return Path(given)
        if self.output in (None, STDIN):
            raise InputError("without a file for the output, a run needs a place for its ledger; give one of them")
        return rows.ledger_beside(str(self.output))

    def check_output(self) -> None:
        """Raises InputError where the output cannot be written."""
        if self.output is not None:
            if any(rows.same(name, self.output) for name in self.names):
                raise InputError(f"{self.output} is the input; give the output another name")
            rows.writable(self.output)

    async def go(self, watch: Callable[[Run], AbstractAsyncContextManager[Any]] | None = None) -> Summary:
        """Ask about all rows that are not settled, and write the output if then all are; `watch` is entered meanwhile.

        Raises JobStoppedError, LedgerError, InputError, BudgetError and OutputError.
        """
        self.check_output()
        where = self.ledger
        with ExitStack() as closing:
            ledger = closing.enter_context(Ledger(where, self.job, self.restart))
            budget = None if self.cap is None else Budget(in_nanodollars(self.cap), ledger.spent())
            if (record := self.began(ledger)) is not None:
                closing.enter_context(record)
            async with self._runs(ledger, budget) as self._runner:
                self.progress = self._runner.progress
                if self.record is not None:
                    self.record.progress = self.progress
                async with watch(self) if watch else nullcontext():
                    await self._runner.run(self.rows())
            summary = Summary(self.job, self.progress, self.progress.seconds, None, where)
            if self.output is None or not summary.whole:
                return summary
            await asyncio.to_thread(self.write, ledger)
            return Summary(self.job, self.progress, summary.seconds, self.output, where)

    def drain(self) -> None:
        """Send nothing more, and end when what is on its way is answered."""
        if self._runner is not None:
            self._runner.drain()

    def abort(self) -> None:
        """End at once. What is on its way may be paid for, and the ledger says so."""
        if self._runner is not None:
            self._runner.abort()

    @asynccontextmanager
    async def _runs(self, ledger: Ledger, budget: Budget | None) -> AsyncIterator[Runner | RayRunner]:
        """What makes the calls, with all that it needs open."""
        if (engine := self.options.get("engine")) is not None:
            yield engine.runner(self, ledger, budget)
            return
        async with self._asked() as client, self._wanted.opened(client, self.job.model) as self.limits:
            yield Runner(
                client,
                self.job,
                ledger,
                workers=self._workers,
                limiter=self.limits,
                pricing=self.pricing,
                budget=budget,
                repeat=self.repeat,
            )

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[AsyncOpenAI]:
        """The client, which is closed again where it is not the caller's."""
        if self.client is not None:
            yield self.client
        else:
            async with client_of_environment() as client:
                yield client

    def began(self, ledger: Ledger, engine: str = "") -> Record | None:
        """What the history, if there is one, has of this run from now on."""
        if (history := self.options.get("history")) is not None:
            self.record = history.begin(ledger, self.names, self.output or "", self.about, engine)
        return self.record

    def write(self, ledger: Ledger) -> None:
        """Write the output, from what the ledger knows. Raises OutputError."""

        def written() -> Iterator[dict[str, Any]]:
            return (as_output(item, self.job) for item in ledger.items())

        try:
            rows.write(str(self.output), written, kinds=kinds_of(self.job), like=self.names)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write {self.output}: {error.strerror}; all answers are in {ledger.path}") from error


@shown
def run(job: AnyJob, input: Input, output: Name | None = None, **options: Unpack[Options]) -> Summary:
    """Ask about each row of the input, and write them with their answers to the output: what `ceyx run` does.

    The input is a file, a pattern for several, a URL, a list of these, or rows: mappings from any iterable. Run again, it goes on
    where it was. Raises JobStoppedError where every row would meet the same error, LedgerError, OutputError, and ValueError for
    what cannot be as it is asked for.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(Run(job, input, output, **options).go())
    raise RuntimeError("an event loop is running, as in a notebook; use `await arun(...)` there")


@shown
async def arun(job: AnyJob, input: Input, output: Name | None = None, **options: Unpack[Options]) -> Summary:
    """As `run`, awaited."""
    return await Run(job, input, output, **options).go()


@shown
def dry_run(job: AnyJob, input: Input, **options: Unpack[Options]) -> Estimate:
    """Rows, tokens and dollars of a run over this input, of which nothing is sent: what `ceyx run --dry-run` says."""
    return Run(job, input, **options).estimate()


def _taken(input: Input, format: Format | None, recordings: bool) -> tuple[list[str], Callable[[], Iterable[Row]], int | None]:
    """The files of an input, its rows, and about how many there are. With `recordings`, these may be the input themselves."""
    if isinstance(input, str | os.PathLike):
        input = [input]
    elif not isinstance(input, list | tuple) or not all(isinstance(each, str | os.PathLike) for each in cast("Any", input)):
        given = _table_rows(input)
        return [], lambda: _plain(given), len(given) if hasattr(given, "__len__") else None
    names = rows.files([os.fspath(cast("Name", each)) for each in input])
    if recordings and format is None and all(map(is_recording, names)):
        return names, lambda: (Row({"path": name}) for name in names), len(names)
    for name in names:
        rows.format_of(name, format)
    return names, lambda: rows.read(names, format), rows.about(names, format)


def _table_rows(input: Any) -> Any:
    """The rows of a table of pandas, Polars or Arrow; anything else as it is."""
    for method, arguments in (("to_pylist", ()), ("to_dicts", ()), ("to_dict", ("records",))):
        if callable(made := getattr(input, method, None)) and not isinstance(input, Mapping):
            return made(*arguments)
    return input


def _plain(given: Iterable[Any]) -> Iterator[Row]:
    """Rows as JSON has them: dates and the like as text."""
    for number, values in enumerate(given, 1):
        if not isinstance(values, Mapping):
            raise InputError(f"row {number} of the input is {values!r:.60}; a row is a mapping of columns to values")
        try:
            plain = msgspec.json.decode(msgspec.json.encode(dict(cast("Mapping[str, Any]", values)), enc_hook=_as_json))
        except (TypeError, ValueError, RecursionError) as error:  # half a character, a list in itself, a key that is no text
            yield Row({}, f"the row cannot be JSON: {error}")
        else:
            yield Row(plain)


def _as_json(value: Any) -> Any:
    if type(value).__name__ in ("NaTType", "NAType"):  # what pandas has for nothing
        return None
    return value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else str(value)


def _price(given: Any) -> tuple[Decimal, Decimal] | None:
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(cast("Any", given)) != 2:
        raise ValueError(f"price is {given!r}; it is two numbers, dollars for a million tokens in and out: (0.15, 0.60)")
    input, output = cast("Any", given)
    return _dollars(input), _dollars(output)


def _dollars(given: Dollars) -> Decimal:
    try:
        amount = Decimal(str(given).strip().removeprefix("$"))
    except ArithmeticError:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{given!r} is no number of dollars, such as 5 or 0.15")
    return amount


def _provider_of(client: AsyncOpenAI | None) -> Literal["openai", "azure"]:
    azure = is_of_azure() if client is None else isinstance(client, OnAzure)
    return "azure" if azure else "openai"
