"""What a ledger tells of a job: counted once, sorted, and laid out over time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from ceyx.bulk.digest import SHOWN, Digest, Moment, Moments
from ceyx.bulk.ledger import Item
from ceyx.bulk.timeline import LEAST_PAUSE, STRETCHES, Timeline


def item(position: int, state: Any, attempts: int = 1, paid: int = 0, **result: Any) -> Item:
    return Item(position, b"i", state, attempts, paid, b'{"text": "a"}', msgspec.json.encode(result))


def answered(position: int, seconds: float, at: float = 0.0) -> Item:
    told = {"answer": "yes", "model": "m-1", "finish_reason": "stop", "priced": True, "input_tokens": 10, "output_tokens": 2}
    return item(position, "done", 1, 500, seconds=seconds, at=at, **told)


def test_rows_are_counted_by_what_became_of_them():
    rows = [
        *(answered(n, n / 10) for n in range(1, 31)),
        item(31, "failed", 5, error="try later", kind="InternalServerError 500"),
        item(32, "poison", 1, 70, error="cut", answer="{"),
        item(33, "poison", 0, error="no text"),
        item(34, "sent"),
        item(35, "skipped", 0),
        item(36, "done", 2, 9, answer="no usage"),
        item(37, "done", 2, 100, answer="the second time", priced=True, nanodollars=40),
    ]
    digest = Digest.of(rows)
    assert dict(digest.counts) == {"done": 32, "failed": 1, "poison": 2, "sent": 1, "skipped": 1}
    assert dict(digest.kinds) == {"InternalServerError 500": 1, "unfit answer": 1, "bad row": 1}
    assert (digest.rows, digest.unanswered, digest.attempts, digest.unpriced) == (37, 3, 41, 1)
    assert (digest.input_tokens, digest.output_tokens) == (300, 60)
    assert (digest.nanodollars, digest.perhaps) == (30 * 500 + 40, 60 + 70 + 9)
    assert dict(digest.models) == {"m-1": 30, "?": 2}
    assert [each.position for each in digest.failed] == [31, 32, 33]
    assert [each.position for each in digest.slowest] == list(range(30, 30 - SHOWN, -1))
    assert digest.slowest[0].answer == "yes" and digest.slowest[0].error == ""
    assert (digest.quantile(0.5), digest.quantile(0.95), digest.quantile(1.0)) == (1.6, 2.9, 3.0)
    told = digest.as_dict()
    assert told["latency"]["max"] == 3.0 and told["failed"][1] == {"row": 32, "kind": "unfit answer", "error": "cut"}
    assert "yes" not in msgspec.json.encode(told).decode()


def test_an_empty_ledger_is_one_too():
    digest = Digest.of([])
    assert digest.quantile(0.5) is None and digest.rows == 0 and Timeline.of(digest.moments) is None


moments = st.builds(
    Moment,
    at=st.floats(1.7e9, 1.7e9 + 10_000),
    done=st.booleans(),
    input_tokens=st.integers(0, 10**6),
    output_tokens=st.integers(0, 10**6),
    nanodollars=st.integers(0, 10**12),
)


@given(st.lists(moments, min_size=1, max_size=200))
def test_nothing_is_lost_over_time(given_moments):
    kept = Moments()
    for moment in given_moments:
        kept.add(moment)
    ordered = list(kept.ordered())
    assert sorted(given_moments, key=lambda moment: moment.at) == ordered
    line = Timeline.of(kept)
    assert line is not None and 1 <= len(line.answered) <= STRETCHES
    assert sum(line.answered) == sum(moment.done for moment in ordered)
    assert sum(line.answered) + sum(line.failed) == len(ordered)
    assert sum(line.input_tokens) == sum(moment.input_tokens for moment in ordered)
    assert line.nanodollars[-1] == sum(moment.nanodollars for moment in ordered)
    assert line.nanodollars == sorted(line.nanodollars)
    whole = ordered[-1].at - ordered[0].at
    assert line.seconds + sum(long for _, long in line.pauses) >= whole - 1e-3
    assert all(long > LEAST_PAUSE and 0 <= at <= line.seconds for at, long in line.pauses)


def test_a_pause_between_runs_takes_no_room():
    kept = Moments()
    for n in range(100):
        kept.add(Moment(1000.0 + n + (86_400 if n >= 50 else 0), True, 1, 1, 1))
    line = Timeline.of(kept)
    assert line is not None
    assert line.pauses == [(49.0, 86_401.0)] and line.seconds == pytest.approx(98)


def test_rows_that_are_always_far_apart_are_no_pauses():
    kept = Moments()
    for n in range(20):
        kept.add(Moment(n * 300.0, True, 1, 1, 1))
    line = Timeline.of(kept)
    assert line is not None and line.pauses == [] and line.seconds == pytest.approx(19 * 300)
