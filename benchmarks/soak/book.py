"""What the client did, call by call: how often each was sent, how it ended, and whether that is what the service has seen."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.soak import calls
from benchmarks.soak.calls import Call, Ended
from ceyx import APIConnectionError
from ceyx.logs import HTTPLogging

SHOWN: Final = 20  # failures; the first ones tell the most


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at."""

    title: str
    found: str
    must: str
    holds: bool | None
    """None where it is not judged."""


class Book(HTTPLogging):
    """The record of one run, by the number of the call. It is made at its full size, so that it takes no part in what grows.

    As the client's logging it hears of every request before that is sent.
    """

    def __init__(self, seed: int, faults: float, requests: int, cancels: bool) -> None:
        super().__init__("basic")
        self.seed, self.faults, self.requests, self.cancels = seed, faults, requests, cancels
        self.tries = array("B", bytes(requests))
        self.broken = array("B", bytes(requests))
        """Tries whose connection broke before an answer, as the client saw it."""
        self.ended = array("B", bytes(requests))
        """How often the call ended."""
        self.ends = Counter[str]()
        self.cut_short = set[int]()
        """Calls that say that they lost their last try."""
        self.failed = set[int]()
        self.failures: list[str] = []
        self.aside: list[str] = []
        """What Python complained of beside the calls: resources not closed, errors that nobody took."""

    def call(self, number: int) -> Call:
        return calls.call(self.seed, number, self.faults, self.cancels)

    # -- as HTTPLogging

    def request(self, request: Any) -> None:
        self.tries[_number(request)] += 1

    def response(self, request: Any, status: int, headers: Any, content: bytes | None, seconds: float) -> None:
        pass

    def retry(self, request: Any, retries: int, wait: float, error: Exception) -> None:
        self._broke(_number(request), error)

    def _broke(self, number: int, error: object) -> None:
        if isinstance(error, APIConnectionError) and not error.answered:
            self.broken[number] += 1

    # -- as the record

    def close(self, call: Call, ended: Ended) -> None:
        """Enter how a call ended."""
        self.ended[call.number] += 1
        self.ends[ended.how] += 1
        self._broke(call.number, ended.error)
        if ended.how == calls.LOST != call.ends[0]:
            self.cut_short.add(call.number)
        if (wrong := calls.complaint(call, ended)) is not None:
            self.fail(call, wrong)

    def fail(self, call: Call, wrong: str) -> None:
        self.failed.add(call.number)
        if len(self.failures) < SHOWN:
            client = "async" if self.cancels else "sync"
            how = f"--client {client} --seed {self.seed} --faults {self.faults:g} --only {call.number}"
            self.failures.append(f"{call}: {wrong}\n  to repeat it: python -m benchmarks.soak {how}")

    def once(self) -> None:
        """Fails the calls that did not end, or not just once."""
        for number, times in enumerate(self.ended):
            if times != 1:
                self.fail(self.call(number), f"ended {times} times" if times else "did not end")


def _number(request: Any) -> int:
    return int(request.headers["x-ceyx-request"].rpartition("-")[2])


def reconciled(book: Book, counted: dict[str, Any]) -> list[Row]:
    """The book against the service's counters. Fails the calls that do not match.

    Two things cannot be exact. Of a caller who leaves it is chance what the service still sees. And a connection that a
    `keep-alive` fault closes may just then carry somebody's next request, which the service never reads; the client sees the
    connection break before an answer, and sends it again.
    """
    arrived: dict[str, int] = counted["calls"]["arrived"]
    surely, perhaps = Counter[str](), Counter[str]()  # faults by name
    sent = seen = lost = left = leavers = clean = perhaps_clean = 0
    for number in range(book.requests):
        call = book.call(number)
        tries, came = book.tries[number], arrived.get(call.id, 0)
        planned = call.fault.requests if call.fault else 1
        faulty = int(min(call.fault.times, came)) if call.fault else 0
        sent, seen = sent + tries, seen + came
        if came > tries:
            book.fail(call, f"was sent {tries} times, and arrived {came} times")
        elif tries == came and number in book.cut_short:
            book.fail(call, f"ended in {calls.LOST}, though all its {tries} tries arrived")
        elif not call.settled:
            left += tries - came
        elif tries - came > book.broken[number]:
            book.fail(call, f"was sent {tries} times and broke off {book.broken[number]} times, but arrived {came} times")
        elif tries == came != planned:
            book.fail(call, f"should have arrived {planned} times, and arrived {came} times")
        else:
            lost += tries - came
        if call.fault is not None:
            (surely if call.settled else perhaps)[call.fault.name] += faulty
        if call.leaves or not call.settled:
            leavers, perhaps_clean = leavers + 1, perhaps_clean + came - faulty
        else:
            clean += came - faulty
    faults: dict[str, int] = counted["faults"]
    wrong = sorted(
        name for name in {*faults, *surely, *perhaps} if not surely[name] <= faults.get(name, 0) <= surely[name] + perhaps[name]
    )
    answers, whole = sum(counted["answers"].values()), counted["clean"].get("200", 0)
    again, closing = len(counted["calls"]["answered_again"]), faults.get("keep-alive", 0)
    as_ordered = f"not as ordered: {', '.join(wrong)}" if wrong else "each as often as ordered"
    return [
        Row(
            "requests that the service counted",
            f"{counted['requests']:,}",
            f"{seen:,} of these calls",
            counted["requests"] == seen,
        ),
        Row(
            "requests that the client sent",
            f"{sent:,}",
            f"{seen + lost + left:,}: those and the next two",
            sent == seen + lost + left,
        ),
        Row("lost with a connection that was closed", f"{lost:,}", f"at most {closing:,} `keep-alive`", lost <= closing),
        Row("not seen of callers who left", f"{left:,}", f"among {leavers:,} such calls", None),
        Row("the service's answers of any status", f"{answers:,}", f"{seen:,}", answers == seen),
        Row(
            "200, whole, without a fault",
            f"{whole:,}",
            f"{clean:,}, and up to {perhaps_clean:,} of callers who left",
            clean <= whole <= clean + perhaps_clean,
        ),
        Row("calls answered again", f"{again:,}", "0", not again),
        Row("faults that happened", f"{sum(faults.values()):,}", as_ordered, not wrong),
    ]
