"""What a ledger has to tell of a job, read once from first to last: counts, errors by kind, the slowest and the failed rows, and
for plots when each row was settled, how long it took, and what it used.

It takes some 40 bytes of memory for a row.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import Any, NamedTuple

import msgspec

from ceyx.bulk.ledger import Item

SHOWN = 20  # rows of each kind


@dataclass(slots=True)
class Told:
    """A row that is worth a look."""

    position: int
    row: bytes
    """As JSON."""
    attempts: int
    seconds: float | None
    kind: str
    error: str
    answer: Any


@dataclass(slots=True)
class Digest:
    """What a ledger tells; `of(items)` makes it."""

    counts: Counter[str] = field(default_factory=Counter)
    """Rows by state."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Rows that failed, by kind of error."""
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    nanodollars: int = 0
    """Of answers that there is a price for."""
    perhaps: int = 0
    """Nanodollars that may have been paid besides, at most: for calls whose answers were lost, or have no price."""
    unpriced: int = 0
    """Answers without a price."""
    models: Counter[str] = field(default_factory=Counter)
    """As answers name them."""
    endings: Counter[str] = field(default_factory=Counter)
    """Finish reasons of answers."""
    failed: list[Told] = field(default_factory=list)
    slowest: list[Told] = field(default_factory=list)
    """The slowest first."""
    latencies: array[float] = field(default_factory=lambda: array("d"))
    """Seconds of each answer, in no order."""
    moments: Moments = field(default_factory=lambda: Moments())
    """When rows were settled."""

    @property
    def rows(self) -> int:
        return self.counts.total()

    @property
    def unanswered(self) -> int:
        """Rows that failed."""
        return self.counts["failed"] + self.counts["poison"]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Digest:
        """The digest of these rows."""
        digest = cls()
        slowest: list[tuple[float, int, Item]] = []
        for item in items:
            result = msgspec.json.decode(item.result, type=_Result)
            digest._add(item, result)
            if item.state == "done" and result.seconds is not None:
                digest.latencies.append(result.seconds)
                (heappush if len(slowest) < SHOWN else heappushpop)(slowest, (result.seconds, -item.position, item))
            if result.at is not None:
                used = (result.input_tokens or 0, result.output_tokens or 0, _paid(item, result))
                digest.moments.add(Moment(result.at, item.state == "done", *used))
        digest.slowest = [_told(item) for _, _, item in sorted(slowest, reverse=True)]
        return digest

    def _add(self, item: Item, result: _Result) -> None:
        self.counts[item.state] += 1
        self.attempts += item.attempts
        self.input_tokens += result.input_tokens or 0
        self.output_tokens += result.output_tokens or 0
        paid = _paid(item, result)
        self.nanodollars += paid
        self.perhaps += item.nanodollars - paid
        if item.state == "done":
            self.unpriced += not result.priced
            self.models[result.model or "?"] += 1
            self.endings[result.finish_reason or "?"] += 1
        elif item.state in ("failed", "poison"):
            self.kinds[kind_of(item, result.kind)] += 1
            if len(self.failed) < SHOWN:
                self.failed.append(_told(item))

    def quantile(self, share: float) -> float | None:
        """Seconds that this share of the answers came within."""
        if not self.latencies:
            return None
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON, without rows and answers."""
        return {
            "rows": self.rows,
            "states": dict(self.counts),
            "attempts": self.attempts,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.nanodollars / 1e9,
            "perhaps": self.perhaps / 1e9,
            "unpriced": self.unpriced,
            "models": dict(self.models),
            "finish_reasons": dict(self.endings),
            "errors": dict(self.kinds.most_common()),
            "latency": {name: self.quantile(share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))},
            "failed": [{"row": each.position, "kind": each.kind, "error": each.error} for each in self.failed],
            "slowest": [{"row": each.position, "seconds": each.seconds, "attempts": each.attempts} for each in self.slowest],
        }


class Moment(NamedTuple):
    """A row that was settled."""

    at: float
    """Seconds since 1970."""
    done: bool
    input_tokens: int
    output_tokens: int
    nanodollars: int


class Moments:
    """When rows were settled, and what they used. (A row that could not be asked has no such moment.)"""

    def __init__(self) -> None:
        self._at, self._rest = array("d"), (array("b"), array("q"), array("q"), array("q"))

    def __len__(self) -> int:
        return len(self._at)

    def add(self, moment: Moment) -> None:
        self._at.append(moment.at)
        for column, value in zip(self._rest, moment[1:], strict=True):
            column.append(int(value))

    def ordered(self) -> Iterator[Moment]:
        """In the order of time."""
        done, inputs, outputs, nanodollars = self._rest
        for n in sorted(range(len(self._at)), key=self._at.__getitem__):
            yield Moment(self._at[n], bool(done[n]), inputs[n], outputs[n], nanodollars[n])


class _Result(msgspec.Struct):
    """Of a result, what is counted; the answer itself is not built."""

    at: float | None = None
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    priced: bool | None = None
    nanodollars: int | None = None
    model: str | None = None
    finish_reason: str | None = None
    kind: str | None = None


def _paid(item: Item, result: _Result) -> int:
    """Nanodollars that its answer cost for certain."""
    if not result.priced:
        return 0
    return item.nanodollars if result.nanodollars is None else result.nanodollars


def kind_of(item: Item, kind: str | None) -> str:
    """The kind of error of a row that failed."""
    return kind or ("unfit answer" if item.attempts else "bad row")


def _told(item: Item) -> Told:
    result: dict[str, Any] = msgspec.json.decode(item.result)
    kind = "" if item.state == "done" else kind_of(item, result.get("kind"))
    return Told(
        item.position, item.row, item.attempts, result.get("seconds"), kind, str(result.get("error") or ""), result.get("answer")
    )
