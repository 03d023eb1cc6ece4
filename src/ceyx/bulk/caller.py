"""Rows in, rows with answers out, in a worker of any engine: Ray, Dask, Spark, Daft.

A `Caller` is what such engines send to their workers: it holds no secret and no connection. In each process in which it is called
it has one client, one limiter and one event loop, in a thread of its own, however many of its copies are called. It knows no
engine, and remembers nothing: what was asked before, the files of an engine tell, by `ceyx_key`.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from ceyx.bulk import outcome
from ceyx.bulk.any_job import AnyJob, identity_of
from ceyx.bulk.budget import Pricing
from ceyx.bulk.environment import client_of_environment
from ceyx.bulk.ledger import Item, Ledger
from ceyx.bulk.limiter import Limiter, Limits
from ceyx.bulk.limits_of import scope_of
from ceyx.bulk.redis_address import PASSWORD, connectable, has_password, shown
from ceyx.bulk.rows import Row
from ceyx.bulk.runner import JobStoppedError, Runner
from ceyx.client import AsyncAzureOpenAI, AsyncOpenAI
from ceyx.wire.message import public

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")
Values = Mapping[str, Any]

KEY = "ceyx_key"
"""The column that tells a row from others, in this run and later ones."""


class Caller:
    """Asks about rows, wherever it is sent: `Caller(Job(...), requests_per_minute=600, workers=8)`.

    `client` makes the client, in the worker; by default the environment there configures it. No key is sent along: what holds one
    is refused. `calls` is how many may be on their way at once, for each process. The limits are those of all processes together:
    with `limits`, the address of a Redis, they are shared through it, as `scope` names them (by default host and model); without,
    each process keeps to its part of them: there are so many `workers`, one unless said. `key` is the column that tells rows
    apart; without one, all of a row does. `price` is of a million tokens in and out, in dollars, where no table knows the model.
    """

    def __init__(
        self,
        job: AnyJob,
        *,
        client: Callable[[], AsyncOpenAI] | None = None,
        calls: int = 64,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        limits: str | None = None,
        scope: str | None = None,
        workers: int | None = None,
        key: str | None = None,
        price: tuple[Decimal, Decimal] | None = None,
    ) -> None:
        if limits is not None:
            connectable(limits)
            if has_password(limits):
                raise ValueError(f"limits has a password for {shown(limits)}; put it into {PASSWORD} where the workers run")
        _check_no_secret(job)
        if workers is not None and workers < 1:
            raise ValueError(f"workers is {workers}; it is how many processes there are at most, 1 or more")
        Limiter(requests_per_minute, tokens_per_minute, calls)  # which refuses what cannot be
        self.job, self.key = job, key
        self._client, self._calls, self._limits, self._scope, self._workers = client, calls, limits, scope, workers
        self._rates, self._price = (requests_per_minute, tokens_per_minute), price
        self._id = os.urandom(8).hex()

    def __repr__(self) -> str:
        return f"<Caller {type(self.job).__name__} {self.job.model}>"

    # -- what engines call

    def rows(self, rows: Iterable[Values]) -> list[dict[str, Any]]:
        """The rows with their answers, in their order: as the output of a run has them, and `ceyx_key`. None raises; a row that
        has no answer has `ceyx_error`."""
        return self._opened().wait(self._answered(rows))

    async def arows(self, rows: Iterable[Values]) -> list[dict[str, Any]]:
        """As `rows`, awaited."""
        return await self._opened().awaited(self._answered(rows))

    def table(self, table: pyarrow.Table) -> pyarrow.Table:
        """An Arrow table with its answers: the columns are as they were, and those of the answers follow."""
        return self._joined(table, self.rows(table.to_pylist()))

    async def atable(self, table: pyarrow.Table) -> pyarrow.Table:
        """As `table`, awaited."""
        return self._joined(table, await self.arows(table.to_pylist()))

    def schema(self, given: pyarrow.Schema) -> pyarrow.Schema:
        """The columns of the table that comes of one with these."""
        import pyarrow

        known: dict[str, Any] = {"text": pyarrow.string(), "whole": pyarrow.int64(), "number": pyarrow.float64()}
        known["vector"] = pyarrow.list_(pyarrow.float32())
        ours = [(name, known[kind]) for name, kind in self._kinds().items()]
        return pyarrow.schema(
            [field for field in given if field.name not in self._kinds()] + [pyarrow.field(*one) for one in ours]
        )

    async def items(self, rows: Iterable[Values]) -> tuple[list[Item], str]:
        """What came of each row, as a ledger keeps it; and why no row can be asked, if that is so."""
        return await self._opened().awaited(self._asked(rows))

    def keys(self, rows: Iterable[Values]) -> list[str]:
        """What tells each row from others: as `ceyx_key` has it."""
        return [self._key_of(row) for row in self._given(rows)]

    def open(self) -> None:
        """Make the client and the limiter now: raises what is wrong with them, where `rows` would meet that later."""
        self._opened().wait(_nothing())

    def close(self) -> None:
        """Close what it has in this process."""
        if (there := _there.pop((os.getpid(), self._id), None)) is not None:
            there.close()

    # -- how

    def _kinds(self) -> dict[str, str]:
        return {**outcome.kinds_of(self.job), KEY: "text"}

    async def _answered(self, rows: Iterable[Values]) -> list[dict[str, Any]]:
        asked = self._given(rows)
        items, _ = await self._asked(asked)
        return [outcome.as_output(item, self.job) | {KEY: self._key_of(row)} for item, row in zip(items, asked, strict=True)]

    async def _asked(self, rows: Iterable[Values]) -> tuple[list[Item], str]:
        return await self._opened().ask([Row(dict(row)) for row in rows])

    def _given(self, rows: Iterable[Values]) -> list[dict[str, Any]]:
        """The rows as JSON has them, without what an earlier run had added."""
        ours = self._kinds().keys() - {self.job.answer}
        plain = [msgspec.to_builtins(dict(row), enc_hook=_plain) for row in rows]
        return [{name: value for name, value in row.items() if name not in ours} for row in plain]

    def _key_of(self, row: Values) -> str:
        if self.key is None:
            return identity_of(row).hex()
        value = row.get(self.key)
        return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=_plain).decode()

    def _joined(self, table: pyarrow.Table, rows: Sequence[Values]) -> pyarrow.Table:
        import pyarrow

        schema = self.schema(table.schema)
        kinds = self._kinds()
        arrays = [
            pyarrow.array([_cell(row.get(field.name), kinds[field.name]) for row in rows], field.type)
            if field.name in kinds
            else table.column(field.name)
            for field in schema
        ]
        return pyarrow.Table.from_arrays(arrays, schema=schema)

    def _opened(self) -> _There:
        place = os.getpid(), self._id
        with _lock:
            there = _there.get(place)
            if there is None:
                there = _there[place] = _There(self.job, self._client, self._limiter, self._pricing, self._calls)
        return there

    async def _limiter(self, client: AsyncOpenAI, closing: AsyncExitStack) -> Limits:
        azure = isinstance(client, AsyncAzureOpenAI)
        if self._limits is None:
            return Limiter(*self._rates, self._calls, azure=azure, share=1 / (self._workers or 1))
        from ceyx.bulk.redis_limits import SharedLimiter

        scope = self._scope or scope_of(client, self.job.model)
        shared = SharedLimiter(self._limits, scope, *self._rates, self._calls, azure=azure, workers=self._workers)
        return await closing.enter_async_context(shared)

    def _pricing(self, client: AsyncOpenAI) -> Pricing:
        provider = "azure" if isinstance(client, AsyncAzureOpenAI) else "openai"
        return Pricing(self.job.model, provider, self._price, tier=self.job.params.get("service_tier"))


class _There:
    """A caller in one process: its loop, client and limiter."""

    def __init__(
        self,
        job: AnyJob,
        client: Callable[[], AsyncOpenAI] | None,
        limiter: Callable[[AsyncOpenAI, AsyncExitStack], Awaitable[Limits]],
        pricing: Callable[[AsyncOpenAI], Pricing],
        calls: int,
    ) -> None:
        self._job, self._make, self._calls = job, client or client_of_environment, calls
        self._make_limiter, self._make_pricing = limiter, pricing
        self._closing = AsyncExitStack()
        self._stopped = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ceyx-caller", daemon=True)
        self._thread.start()
        self._ready: asyncio.Task[None] | None = None

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._begun(work).result()

    async def awaited(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(self._begun(work))

    def _begun(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(self._after_opening(work), self._loop)

    async def _after_opening(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            if self._ready is None or (self._ready.done() and self._ready.exception() is not None):
                self._ready = asyncio.ensure_future(self._open())
            await asyncio.shield(self._ready)
        except BaseException:
            work.close()
            raise
        return await work

    async def _open(self) -> None:
        client = await self._closing.enter_async_context(self._make())
        self._limiter = await self._make_limiter(client, self._closing)
        self._client, self._pricing = client, self._make_pricing(client)

    async def ask(self, rows: Sequence[Row]) -> tuple[list[Item], str]:
        """What comes of each row, and what would go wrong with every row: then nothing more is asked."""
        kept = Kept(self._job, rows)
        why = self._stopped
        if not why and rows:
            at_once = min(self._calls, len(rows))
            runner = Runner(
                self._client, self._job, cast("Ledger", kept), workers=at_once, limiter=self._limiter, pricing=self._pricing
            )
            try:
                await runner.run(rows)
            except JobStoppedError as error:
                why = self._stopped = str(error)
            except Exception as error:  # noqa: BLE001  a row that nobody foresaw ends no job of a thousand machines
                why = f"{type(error).__name__}: {error}"
        return kept.all(why), why

    def close(self) -> None:
        async def closed() -> None:
            if self._ready is not None:
                await asyncio.gather(self._ready, return_exceptions=True)
            await self._closing.aclose()

        try:
            asyncio.run_coroutine_threadsafe(closed(), self._loop).result(5)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            self._loop.close()


class Kept:
    """What a ledger is to a run, for rows that somebody else remembers: in memory, and forgotten with them."""

    path = "memory"

    def __init__(self, job: AnyJob, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._items: dict[int, Item] = {}
        each = [row.values for row in rows]
        self.id = identity_of({"job": job.said, "rows": each}).hex()
        """Of these rows: what is asked again by another worker, as this one was lost, has the same idempotency key."""

    def put(self, item: Item) -> Future[None]:
        self._items[item.position] = item
        kept: Future[None] = Future()
        kept.set_result(None)
        return kept

    def put_all(self, items: Iterable[Item], written: Callable[[None], object]) -> None:
        self._items.update((item.position, item) for item in items)
        written(None)

    def items(self, after: int = 0) -> Iterator[Item]:
        return iter(())

    def counts(self) -> dict[str, int]:
        return {}

    def beyond(self, position: int) -> int:
        return 0

    def all(self, why: str) -> list[Item]:
        """The rows, in order. Those that were not settled say why."""
        result = msgspec.json.encode({"error": why})
        found: list[Item] = []
        for position, row in enumerate(self._rows, 1):
            item = self._items.get(position) or Item(position, b"", "failed", row=msgspec.json.encode(row.values), result=result)
            found.append(item._replace(state="failed", result=result) if item.state == "sent" else item)
        return found


_there: dict[tuple[int, str], _There] = {}
_lock = threading.Lock()


@atexit.register
def _close_all() -> None:
    for (process, _), there in list(_there.items()):
        if process == os.getpid():
            there.close()
    _there.clear()


def client_with(azure: bool, options: Mapping[str, Any]) -> AsyncOpenAI:
    """A client with these options, of which the rest is in the environment."""
    return AsyncAzureOpenAI(**options) if azure else AsyncOpenAI(**options)


def _check_no_secret(job: AnyJob) -> None:
    for name in ("extra_headers", "extra_query"):
        given = job.params.get(name) or {}
        if secret := sorted(given.keys() - public(given).keys()):
            raise ValueError(
                f"{name} of the job has {secret[0]!r}, which looks like a key; keys are taken from the environment there"
            )


async def _nothing() -> None:
    pass


def _cell(value: Any, kind: str) -> Any:
    return value if value is None or kind != "text" or isinstance(value, str) else msgspec.json.encode(value).decode()


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else str(value)
