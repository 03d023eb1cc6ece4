"""The limiter: what it admits in any minute, whatever is asked and answered; what it learns from headers and refusals."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings, strategies as st

from ceyx.bulk.limiter import Limiter, Rate, Ticket

NOTHING: dict[str, str] = {}


def admitted(limiter: Limiter, tokens: float, now: float) -> Ticket:
    said = limiter.admit(tokens, now)
    assert isinstance(said, Ticket), f"{said} s to wait"
    return said


def wait(limiter: Limiter, tokens: float, now: float) -> float:
    said = limiter.admit(tokens, now)
    assert not isinstance(said, Ticket)
    return said


calls = st.lists(st.tuples(st.integers(1, 400), st.floats(0, 3), st.floats(0, 1)), min_size=1, max_size=120)


@given(calls, st.sampled_from([60, 600, 6000]), st.sampled_from([600, 6000, 60_000]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_span_of_time_sees_more_than_its_share_and_a_burst(calls, rpm, tpm, azure):
    limiter = Limiter(rpm, tpm, in_flight=1000, azure=azure)
    limiter.allowed = 1000.0
    now, sent = 100.0, []
    for tokens, pause, used in calls:
        now += pause
        while not isinstance(said := limiter.admit(tokens, now), Ticket):
            assert said != inf
            now += max(said, 1e-6)
        actual = tokens * used
        limiter.answered(said, actual, NOTHING, now)
        sent.append((now, actual if limiter.refunds else float(tokens), tokens))
    for start, (began, _, _) in enumerate(sent):
        requests = tokens = 0.0
        for at, actual, asked in sent[start:]:
            requests, tokens = requests + 1, tokens + actual
            span, most = at - began + limiter.burst, max(limiter.burst * tpm / 60, *(each[2] for each in sent))
            assert requests <= max(span * rpm / 60, 1) + 1 + 1e-3
            assert tokens <= (at - began) * tpm / 60 + most + asked + 1e-3


@given(st.lists(st.tuples(st.floats(0.1, 500), st.floats(0, 2)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_what_is_said_to_be_the_wait_is_enough_and_not_too_much(steps):
    rate, now = Rate(10.0, 5.0), 0.0
    for cost, pause in steps:
        now += pause
        if (wait := rate.wait(cost, now)) > 1e-6:
            assert rate.wait(cost, now + wait * 0.9) > 0
            now += wait
            assert rate.wait(cost, now) < 1e-6
        rate.use(cost, now)


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_what_was_reserved_too_much_is_given_back(reserved, used):
    limiter, exact = Limiter(None, 60_000), Limiter(None, 60_000)
    limiter.answered(admitted(limiter, reserved, 0.0), used, NOTHING, 0.0)
    exact.answered(admitted(exact, used, 0.0), used, NOTHING, 0.0)
    assert limiter.rates["tokens"].until == pytest.approx(exact.rates["tokens"].until)


def test_azure_gives_nothing_back_and_takes_what_came_out_more():
    limiter = Limiter(None, 60_000, azure=True)
    limiter.answered(admitted(limiter, 500, 0.0), 10, NOTHING, 0.0)
    assert limiter.rates["tokens"].left(0.0) == pytest.approx(500)
    limiter.answered(admitted(limiter, 100, 0.0), 300, NOTHING, 0.0)
    assert limiter.rates["tokens"].left(0.0) == pytest.approx(200)


def test_a_refused_call_uses_nothing_of_either_rate():
    limiter = Limiter(60, 60_000)
    for _ in range(5):
        admitted(limiter, 100, 0.0)
    left = limiter.rates["tokens"].left(0.0)
    assert wait(limiter, 100, 0.0) == pytest.approx(1.0)  # for requests; there were tokens left
    assert limiter.rates["tokens"].left(0.0) == left
    assert limiter.in_flight == 5


def test_a_call_larger_than_a_burst_goes_out_when_nothing_is_in_use():
    limiter = Limiter(None, 600)  # 10 a second, 50 at once
    admitted(limiter, 500, 0.0)
    assert wait(limiter, 500, 0.0) == pytest.approx(50.0)
    admitted(limiter, 500, 50.0)


def test_no_more_than_so_many_are_on_their_way():
    limiter = Limiter(in_flight=2)
    first, _ = admitted(limiter, 1, 0.0), admitted(limiter, 1, 0.0)
    assert wait(limiter, 1, 0.0) == inf
    limiter.failed(first)
    admitted(limiter, 1, 0.0)


def test_rates_are_learned_from_headers_and_a_cap_of_ones_own_stays():
    headers = {"x-ratelimit-limit-requests": "600", "x-ratelimit-limit-tokens": "60000", "x-ratelimit-remaining-tokens": "59000"}
    free, capped = Limiter(), Limiter(60, 6000)
    for limiter in (free, capped):
        limiter.answered(admitted(limiter, 10, 0.0), 10, headers, 1.0)
    assert [free.rates[kind].per_second for kind in ("requests", "tokens")] == [10, 1000]
    assert [capped.rates[kind].per_second for kind in ("requests", "tokens")] == [1, 100]


def test_what_others_used_counts_and_what_they_left_does_not():
    limiter = Limiter(None, 60_000)  # 5,000 at once
    ticket = admitted(limiter, 1000, 0.0)
    limiter.answered(ticket, 1000, {"x-ratelimit-remaining-tokens": "200"}, 0.0)
    assert limiter.rates["tokens"].left(0.0) == pytest.approx(200)
    assert wait(limiter, 1200, 0.0) == pytest.approx(1.0)
    limiter.answered(admitted(limiter, 100, 0.0), 100, {"x-ratelimit-remaining-tokens": "60000"}, 0.0)
    assert limiter.rates["tokens"].left(0.0) == pytest.approx(100)


def test_headers_of_nonsense_teach_nothing():
    limiter = Limiter()
    for said in ("", "nan", "inf", "-1", "many", "0"):
        limiter.answered(
            admitted(limiter, 1, 0.0), 1, {"x-ratelimit-limit-tokens": said, "x-ratelimit-remaining-tokens": said}, 0.0
        )
    assert limiter.rates == {}


def test_a_429_stops_all_for_as_long_as_it_asks_and_one_of_many_counts():
    limiter = Limiter(in_flight=40)
    limiter.allowed = 40.0
    tickets = [admitted(limiter, 1, 10.0) for _ in range(10)]
    for ticket in tickets:
        limiter.limited(ticket, 3.0, NOTHING, 11.0, jitter=0.0)
    assert limiter.allowed == pytest.approx(28)  # once 0.7, not ten times
    assert limiter.in_flight == 0
    assert wait(limiter, 1, 11.0) == pytest.approx(3.0)
    ticket = admitted(limiter, 1, 14.0)
    limiter.limited(ticket, 2.0, NOTHING, 14.5, jitter=1.0)
    assert limiter.allowed == pytest.approx(19.6)
    assert wait(limiter, 1, 14.5) == pytest.approx(2.2)  # stretched by a tenth


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ratelimit-limit-requests": "6000"}, [0.5, 1, 2, 4, 8, 8]),
        (NOTHING, [1 / 16, 1 / 8, 1 / 4, 0.5, 1, 2]),  # who counts what is on its way soon has room again
    ],
)
def test_where_a_429_does_not_say_how_long_the_wait_doubles(headers, expected):
    limiter, now, waits = Limiter(), 0.0, []
    for _ in range(6):
        waits.append(limiter.limited(admitted(limiter, 1, now), None, headers, now + 0.1, jitter=0.0))
        now += 10 + waits[-1]
    assert waits == expected
    limiter.answered(admitted(limiter, 1, now), 1, headers, now)
    assert limiter.limited(admitted(limiter, 1, now), None, headers, now + 0.1, jitter=0.0) == expected[0]


def test_without_headers_it_grows_slowly_where_it_was_refused_and_fast_before():
    limiter = Limiter(in_flight=64)
    assert limiter.allowed == 16
    for _ in range(16):
        limiter.answered(admitted(limiter, 1, 0.0), 1, NOTHING, 0.0)
    assert limiter.allowed == 32  # doubled by as many answers
    limiter.limited(admitted(limiter, 1, 1.0), 0.1, NOTHING, 1.1, jitter=0.0)
    after = limiter.allowed
    for _ in range(round(after)):
        limiter.answered(admitted(limiter, 1, 2.0), 1, NOTHING, 2.0)
    assert after < limiter.allowed < after + 1.1


@pytest.mark.parametrize(
    ("given", "named"), [({"requests_per_minute": 0}, "requests_per_minute"), ({"in_flight": 0}, "in_flight")]
)
def test_limits_that_let_nothing_through_are_refused(given, named):
    with pytest.raises(ValueError, match=named):
        Limiter(**given)
