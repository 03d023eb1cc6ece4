"""A job over a data set of Ray Data, as one more step of it: `map_prompts`. (`ray_runner.py` is for `ceyx run`.)

Each actor has a `Caller`; its rules are in `caller.py`. Rows never raise, so that Ray has nothing to repeat but what a lost actor
had. What Ray remembers of a run is not used: the rows that an earlier one has answered are left out by their keys.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

from ceyx.bulk.any_job import AnyJob
from ceyx.bulk.caller import KEY, Caller
from ceyx.client import AsyncOpenAI

MOST_ROWS = 256  # in a batch: Ray waits for all of it
STATUS = "ceyx_status"


def map_prompts(
    rows: Any,
    job: AnyJob,
    *,
    key: str | None = None,
    earlier: Any = None,
    actors: int | tuple[int, int] = (1, 8),
    calls: int = 64,
    client: Callable[[], AsyncOpenAI] | None = None,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    limits: str | None = None,
    scope: str | None = None,
    num_cpus: float = 0.5,
    **options: Any,
) -> Any:
    """The rows of a Ray data set with their answers, as another one: `map_prompts(ray.data.read_parquet("in/"), Job(...))`.

    Its columns are those of the rows, then those of `ceyx run`'s output, and `ceyx_key`, which tells rows apart: by the column
    `key`, else by all of them. Rows that `earlier` has answers for are left out: an output of this function, as a data set or as
    the place of its Parquet files, which need not be there yet. `actors` is how many there are, or how few and how many; `calls`
    is how many may be on their way for each. `client`, the rates, `limits` and `scope` are as for `Caller`: without `limits`,
    each actor has its part of the limits. All else is for `map_batches`.
    """
    ray = installed()
    least, most = (actors, actors) if isinstance(actors, int) else actors
    caller = Caller(
        job,
        client=client,
        calls=calls,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        limits=limits,
        scope=scope,
        workers=most,
        key=key,
    )
    if earlier is not None and (answered := _answered(earlier)) is not None:
        rows = rows.map_batches(Left(caller, ray.put(answered)), batch_format="pyarrow", zero_copy_batch=True)
    at_once = min(calls * job.rows_per_request, MOST_ROWS)
    return rows.map_batches(
        Asker,
        fn_constructor_args=(caller,),
        batch_format="pyarrow",
        batch_size=at_once,
        compute=ray.data.ActorPoolStrategy(
            min_size=least,
            max_size=most,
            max_concurrent_calls_per_actor=ceil(calls * job.rows_per_request / at_once) + 1,  # while one is put together
        ),
        num_cpus=num_cpus,
        **options,
    )


class Asker:
    """What an actor of Ray Data calls."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        caller.open()  # what is wrong with the client is wrong for every row

    async def __call__(self, table: Any) -> AsyncIterator[Any]:
        yield await self._caller.atable(table)


class Left:
    """Leaves out the rows that were answered."""

    def __init__(self, caller: Caller, answered: Any) -> None:
        self._caller, self._answered = caller, answered

    def __call__(self, table: Any) -> Any:
        import pyarrow

        compute: Any = import_module("pyarrow.compute")
        keys = pyarrow.array(self._caller.keys(table.to_pylist()), pyarrow.string())
        return table.filter(compute.invert(compute.is_in(keys, installed().get(self._answered))))


def _answered(earlier: Any) -> Any:
    """The keys of the rows that an earlier output has answers for; None where there is no output yet."""
    import pyarrow

    ray, compute = installed(), import_module("pyarrow.compute")
    if isinstance(earlier, str | Path):
        if "://" not in str(earlier) and not (Path(earlier).is_file() or any(Path(earlier).rglob("*.parquet"))):
            return None
        try:
            earlier = ray.data.read_parquet(str(earlier), columns=[KEY, STATUS])
        except FileNotFoundError:
            return None
    found: list[Any] = []
    for batch in earlier.select_columns([KEY, STATUS]).iter_batches(batch_format="pyarrow"):
        done = batch.filter(compute.equal(batch.column(STATUS), "done"))
        found += done.column(KEY).chunks
    return pyarrow.chunked_array(found, pyarrow.string())


def installed() -> Any:
    """The package ray. Raises ModuleNotFoundError, which says how it is installed."""
    try:
        import_module("ray.data")
        return import_module("ray")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"jobs run on Ray by the package ray ({error}): pip install 'ceyx[ray]'") from None
