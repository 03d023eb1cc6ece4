"""Trying again: whatever the server says, waits are sane, and neither the deadline nor the number of tries is passed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import formatdate
from math import isfinite
from typing import Any

from hypothesis import example, given, strategies as some
from shapes import quick, thorough

from ceyx.errors import APIConnectionError, APIError, APITimeoutError, DeadlineExceededError, ProtocolError
from ceyx.wire.call import Pause
from ceyx.wire.message import Headers, Request
from ceyx.wire.retry import LONGEST_WAIT, RetryBudget, attempts, backoff, wait_asked_for

NOW = 1_700_000_000.0
IN_ORDER = ["retry-after-ms", "x-ms-retry-after-ms", "retry-after", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"]
NAMES = [*IN_ORDER, "date", "x-should-retry", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-request-id"]

seconds = some.integers(-100_000, 100_000).map(lambda away: NOW + away)
edges = [
    "0",
    "-1",
    "0.5",
    "7",
    "120",
    "nan",
    "inf",
    "1e400",
    "-0",
    "0x10",
    "1_0",
    "\u0663",
    "",
    "true",
    "false",
    "6m0s",
    "0s",
    "1ms",
]
malformed_date = some.builds(
    "{}, {} {} {} {}:00:00 {}".format,
    some.sampled_from(["Mon", ""]),
    some.integers(-1, 40),
    some.sampled_from(["Jan", "Feb", "13", ""]),
    some.sampled_from([-1, 0, 70, 1969, 2030, 9999, 10_000, 10**20]),
    some.sampled_from([-1, 0, 23, 24, 10**20]),
    some.sampled_from(["GMT", "-0000", "+9999", "+99999999999999999999", "EST", ""]),
)
span = some.lists(some.sampled_from(["1", "0", ".", "9" * 12, "ms", "s", "m", "h", "d", " ", "-", "e9", "_"]), max_size=5).map(
    "".join
)
value = some.one_of(
    some.sampled_from(edges),
    seconds.map(lambda at: formatdate(at, usegmt=True)),
    some.integers(-5, 5000).map(str),
    some.floats().map(str),
    malformed_date,
    span,
    some.text(some.characters(max_codepoint=255), max_size=12),
)
headers = some.dictionaries(some.sampled_from(IN_ORDER), value, min_size=1, max_size=3) | some.dictionaries(
    some.sampled_from(NAMES), value, max_size=5
)
said = some.builds(
    "Please {} {}{}.".format,
    some.sampled_from(["retry after", "try again in"]),
    some.sampled_from(["7", "0", "1.5", "0.001", "9" * 400]) | value,
    some.sampled_from([" seconds", "s", " s", ""]),
) | some.text(max_size=30)


def asked(headers: dict[str, str], text: str = "") -> float | None:
    return wait_asked_for(Headers(headers.items()), lambda: NOW, text)


@thorough
@given(headers, said)
@example({"retry-after": "0"}, "")
@example({"retry-after": "Mon, 01 Jan 99999999999999 00:00:00 GMT"}, "")
@example({"retry-after": "Mon, 01 Jan 2030 00:00:00 +99999999999999999999"}, "")
@example({"retry-after": formatdate(NOW + 5), "date": "Mon, 01 Jan 2030 99999999999999999999:00:00 GMT"}, "")
def test_a_wait_is_a_positive_number_or_none(headers: dict[str, str], text: str) -> None:
    wait = asked(headers, text)
    assert wait is None or (wait > 0 and isfinite(wait))


@thorough
@given(headers, said)
def test_the_first_way_that_says_something_sensible_counts(headers: dict[str, str], text: str) -> None:
    """The ways, each alone: the wait is the first one's that gives any. The limits of a 429 are one way, and so is its text."""
    of_limits = {name: given for name, given in headers.items() if name.startswith("x-ratelimit-")}
    ways = [{name: headers[name]} for name in IN_ORDER[:2] if name in headers]
    ways += [{name: headers[name] for name in ("retry-after", "date") if name in headers}]
    waits = [asked(way) for way in ways] + ([asked(of_limits, text)] if text else [])
    assert asked(headers, text) == next((wait for wait in waits if wait is not None), None)


@quick
@given(some.integers(0, 10_000), some.floats(0, 1, exclude_max=True))
def test_backoff_is_between_its_bounds(retries: int, jitter: float) -> None:
    wait = backoff(retries, lambda: jitter)
    assert 0.375 <= wait <= 8
    assert wait <= backoff(retries + 1, lambda: jitter)


# ---- the flow


class Answer:
    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status, self.headers, self.content = status, Headers(headers.items()), content


bodies = some.binary(max_size=20) | some.sampled_from(
    [
        b'{"error": {"code": "insufficient_quota", "message": "quota"}}',
        b'{"error": {"message": "Please retry after 7 seconds."}}',
        b'{"error": {"message": "Please retry after 0.001s"}}',
        b"[]",
        b'{"error": [1]}',
        b'{"error": "text"}',
        b"null",
    ]
)
retried = some.sampled_from([408, 409, 429, 429, 500, 503, 529])
asking = some.fixed_dictionaries({}, optional={"retry-after": some.integers(0, 130).map(str), "x-should-retry": value})
answers = some.builds(Answer, retried | some.integers(200, 599), asking | headers, bodies) | some.builds(
    Answer, retried, asking, bodies
)
failures = some.sampled_from([APIConnectionError, APITimeoutError, APITimeoutError, DeadlineExceededError]).map(
    lambda kind: kind()
) | some.builds(ProtocolError, some.just("garbage"))
steps = some.lists(some.tuples(answers | failures, some.sampled_from([0, 0.1, 1, 30])), min_size=1, max_size=8)


class Run:
    """A flow that is told these answers, each after some seconds, the last of them again and again."""

    def __init__(self, steps: list[tuple[Any, float]], max_retries: int, until: float | None, budget: RetryBudget | None) -> None:
        self.clock, self.pauses, self.asked_at, self.told = 100.0, list[float](), list[float](), list[Any]()
        request = Request("POST", "https://host", "/v1/x", {}, b"{}", until=until)
        flow = attempts(
            request,
            max_retries,
            budget=budget,
            now=lambda: self.clock,
            wall=lambda: NOW,
            jitter=lambda: 0.5,
            on_retry=lambda *what: self.told.append(what),
        )
        self.end = self._end(flow, iter(steps), steps[-1])

    def _end(self, flow: Any, left: Iterator[tuple[Any, float]], last: tuple[Any, float]) -> Any:
        try:
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    self.pauses.append(step.seconds)
                    self.clock += step.seconds
                    step = next(flow)
                    continue
                self.asked_at.append(self.clock)
                answer, took = next(left, last)
                self.clock += took
                step = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration as end:
            return end.value
        except APIError as error:
            return error


@thorough
@given(
    steps,
    some.integers(0, 6),
    some.none() | some.sampled_from([0.001, 0.4, 1, 3, 10, 60, 200]),
    some.none() | some.integers(1, 100),
)
def test_neither_the_deadline_nor_the_number_of_tries_is_passed(
    steps: list[tuple[Any, float]], max_retries: int, seconds: float | None, capacity: int | None
) -> None:
    until = None if seconds is None else 100.0 + seconds
    budget = None if capacity is None else RetryBudget(capacity)
    run = Run(steps, max_retries, until, budget)
    assert 1 <= len(run.asked_at) == len(run.pauses) + 1 <= max_retries + 1
    assert len(run.told) == len(run.pauses)
    assert all(0 < pause <= LONGEST_WAIT for pause in run.pauses)
    if until is not None and seconds is not None:
        assert all(at < until for at in run.asked_at[1:])  # a try after the deadline is never begun
        assert sum(run.pauses) < seconds
    if budget is not None:
        assert 0 <= budget.left <= budget.capacity
    if isinstance(run.end, APIError):
        tries = re.search(r"\[tried (\d+) times", run.end.message)
        assert (int(tries[1]) if tries else 1) == len(run.asked_at)
        assert str(run.end) == run.end.message
    else:
        answer, retries = run.end
        assert answer.status < 300
        assert retries == len(run.pauses)


@quick
@given(steps, some.integers(0, 6))
def test_the_same_answers_give_the_same_pauses(steps: list[tuple[Any, float]], max_retries: int) -> None:
    steps = [(answer, took) for answer, took in steps if not isinstance(answer, Exception)] or steps[:1]
    first, second = Run(steps, max_retries, None, None), Run(steps, max_retries, None, None)
    assert first.pauses == second.pauses
    assert type(first.end) is type(second.end)
