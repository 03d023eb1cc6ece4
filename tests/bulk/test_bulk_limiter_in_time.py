"""The limiter against servers that count as providers do, in simulated time: what is refused, and what is left unused."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ceyx.bulk.limiter import Limiter, Limits, Ticket
from ceyx.service.headers import of_limits
from ceyx.service.limits import Limit, Meter


@dataclass
class Server:
    """A deployment with limits, as the local service plays it; without `tells`, one that has no headers."""

    limit: Limit
    provider: Any = "openai"
    tells: bool = True
    meter: Meter = field(init=False)
    taken: list[float] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.meter = Meter(self.limit, self.provider, 0.0)

    def asked(self, tokens: int, now: float) -> tuple[float | None, dict[str, str]]:
        """The seconds after which to come again, or None for an answer; and the headers."""
        exceeded = self.meter.admit(tokens, now)
        headers = of_limits(self.provider, self.meter.left(now)) if self.tells else {}
        if exceeded is None:
            self.taken.append(now)
            return None, headers
        self.refused += 1
        return exceeded.seconds or 60.0, headers


def simulated(
    limiter: Limits, server: Server, sizes: Callable[[], tuple[int, int]], until: float, latency: float = 0.5, seed: int = 1
) -> list[tuple[float, int]]:
    """Calls as a gate lets them through, one after another: when each went out, and for how many tokens. `sizes` gives what a
    call is admitted for and what it takes."""
    jitter = Random(seed).random
    now, sent = 0.0, []
    waiting: tuple[int, int] | None = None
    back: list[tuple[float, int, Ticket, int, float | None, dict[str, str]]] = []
    while now < until:
        while back and back[0][0] <= now:
            _, _, ticket, used, asked, headers = heapq.heappop(back)
            if asked is None:
                server.meter.settle(int(ticket.tokens), used)
                limiter.answered(ticket, used, headers, now)
            else:
                limiter.limited(ticket, asked, headers, now, jitter())
        waiting = waiting or sizes()
        said = limiter.admit(waiting[0], now)
        if isinstance(said, Ticket):
            asked, headers = server.asked(waiting[0], now)
            heapq.heappush(back, (now + latency, len(sent), said, waiting[1], asked, headers))
            sent.append((now, waiting[0]))
            waiting = None if asked is None else waiting
        else:
            now = min(now + max(said, 1e-6), back[0][0] if back else inf)
            assert now < inf, "nothing is on its way, and nothing may go out"
    return sent


def even(tokens: int) -> Callable[[], tuple[int, int]]:
    return lambda: (tokens, tokens)


rates = st.sampled_from([60, 300, 1200])


@given(rates, rates, st.sampled_from(["openai", "azure"]), st.integers(1, 2000))
@settings(max_examples=12, deadline=None)
def test_what_a_server_tells_is_kept_to_and_used(rpm, share, provider, tokens):
    server = Server(Limit(rpm, rpm * share), provider)
    limiter = Limiter(in_flight=2000, azure=provider == "azure")
    tokens = min(tokens, rpm * share // 2)
    sent = simulated(limiter, server, even(tokens), 240.0)
    possible = min(rpm, rpm * share // tokens) * 4  # in four minutes
    assert len(server.taken) >= (0.9 if provider == "openai" else 0.75) * possible - 10
    assert server.refused <= 0.02 * len(sent) + 40  # those that went out before the first answer


@given(st.sampled_from(["openai", "azure"]), rates, st.integers(0, 9))
@settings(max_examples=12, deadline=None)
def test_a_cap_that_is_given_is_kept_to_without_any_refusal(provider, rpm, seed):
    server = Server(Limit(rpm, window=10.0), provider, tells=False)
    limiter = Limiter(rpm, None, 500, azure=provider == "azure")
    if provider == "azure":  # windows of ten seconds, and a burst of one
        limiter = Limiter(rpm * 0.9, None, 500, azure=True)
    simulated(limiter, server, even(10), 120.0, seed=seed)
    assert server.refused == 0
    assert len(server.taken) >= 0.85 * 2 * rpm - 5


@pytest.mark.parametrize("provider", ["openai", "azure"])
def test_a_server_without_headers_is_found_out(provider):
    server = Server(Limit(1200), provider, tells=False)
    sent = simulated(Limiter(in_flight=400, azure=provider == "azure"), server, even(10), 300.0)
    assert len(server.taken) > 0.7 * 6_000
    assert server.refused < 0.15 * len(sent)


def test_others_who_use_the_same_quota_are_noticed():
    taken_by_others = 0

    class Shared(Server):
        def asked(self, tokens: int, now: float) -> tuple[float | None, dict[str, str]]:
            nonlocal taken_by_others
            while taken_by_others < now * 50:  # half of it
                taken_by_others += 1
                self.meter.admit(100, now)
            return super().asked(tokens, now)

    server = Shared(Limit(6000, 600_000))
    sent = simulated(Limiter(in_flight=500), server, even(100), 120.0)
    assert len(server.taken) > 0.95 * (6000 + 50 * 120)  # all that was left by them
    assert server.refused < 0.2 * len(sent)


@given(st.lists(st.sampled_from([10, 50, 200, 4000]), min_size=5, max_size=20), st.integers(0, 9))
@settings(max_examples=12, deadline=None)
def test_large_calls_go_out_in_their_turn(costs, seed):
    limiter = Limiter(None, 12_000, 100)  # 200 a second, a thousand at once: less than the large ones take
    server = Server(Limit(None, 10**9))
    left = chain(costs, repeat(1))
    sent = simulated(limiter, server, lambda: ((cost := next(left)), cost), sum(costs) / 200 + 30, seed=seed)
    assert [tokens for _, tokens in sent[: len(costs)]] == costs
    booked = sum(costs)
    assert sent[len(costs) - 1][0] <= booked / 200 + 20.0 * (4000 in costs) + 1


def test_an_azure_window_that_is_used_up_is_waited_for_once():
    limiter = Limiter(in_flight=10, azure=True)
    ticket = limiter.admit(10, 0.0)
    assert isinstance(ticket, Ticket)
    headers = {"x-ratelimit-limit-tokens": "6000", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "37"}
    limiter.answered(ticket, 10, headers, 1.0)
    assert limiter.wait(10, 1.0) == pytest.approx(37.1)  # and until as much has come in


def test_so_many_share_the_limits():
    alone, part = Limiter(600, 60_000), Limiter(600, 60_000, share=0.25)
    headers = {"x-ratelimit-limit-requests": "1200", "x-ratelimit-limit-tokens": "30000", "x-ratelimit-remaining-tokens": "400"}
    for limiter in (alone, part):
        ticket = limiter.admit(10, 0.0)
        assert isinstance(ticket, Ticket)
        limiter.answered(ticket, 10, headers, 0.0)
    assert [each.rates["requests"].per_second for each in (alone, part)] == [10, 2.5]
    assert [each.rates["tokens"].per_second for each in (alone, part)] == [500, 125]
    assert [each.rates["tokens"].left(0.0) for each in (alone, part)] == pytest.approx([400, 100])
    with pytest.raises(ValueError, match="share is 0"):
        Limiter(share=0)


def test_what_is_not_sent_counts_for_nothing_and_who_waits_is_told():
    from asyncio import Event

    limiter, changed = Limiter(60, 6000), Event()
    limiter.listen(changed)
    before = [rate.left(0.0) for rate in limiter.rates.values()]
    ticket = limiter.admit(300, 0.0)
    assert isinstance(ticket, Ticket) and not changed.is_set()
    limiter.unused(ticket)
    assert changed.is_set() and limiter.in_flight == 0
    assert [rate.left(0.0) for rate in limiter.rates.values()] == pytest.approx(before)
