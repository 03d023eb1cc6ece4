"""Prices and the cap: what is reserved before a call, and what it was in the end."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ceyx.bulk import Budget, BudgetError, EmbeddingJob, Job, Limiter, Pricing
from ceyx.bulk.budget import AT_MOST, FIRST_GUESS, Lengths, check_budget, longest_answer
from ceyx.bulk.gate import BudgetReachedError, Gate
from ceyx.prices import Deployment, Prices, prices
from ceyx.rates import Used
from ceyx.tokens import Count

USED = Used(1000, 100)


def test_prices_of_the_table_and_given_ones():
    assert Pricing("gpt-4o-mini").cost(USED) == 210_000  # $0.15 and $0.60 a million
    assert Pricing("gpt-4o-mini", given=(Decimal(1), Decimal(2))).cost(USED) == 1_200_000
    assert Pricing("house", given=(Decimal("0.0001"), Decimal(0))).cost(Used(1, 0)) == 1  # rounded up


def test_an_unknown_model_has_no_price_until_an_answer_names_one():
    pricing = Pricing("house-model")
    assert "house-model" in pricing.unknown and pricing.cost(USED) is None and pricing.at_most(1, 1) == 0
    assert pricing.cost(USED, "gpt-4o-mini-2024-07-18") == 210_000  # as Azure's answers say what a deployment runs


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1), st.booleans()), max_size=80))
def test_what_is_reserved_and_spent_never_exceeds_the_cap(calls):
    budget, under_way = Budget(200), []
    for amount, used, ends in calls:
        if budget.fits(amount):
            budget.reserve(amount)
            under_way.append((amount, int(amount * used)))
        assert budget.spent + budget.reserved <= budget.cap
        if ends and under_way:
            budget.settle(*under_way.pop(0))
            assert budget.spent + budget.reserved <= budget.cap
    for reserved, cost in under_way:
        budget.settle(reserved, cost)
    assert budget.reserved == 0


async def test_who_does_not_fit_waits_for_what_is_given_back():
    gate = Gate(Limiter(), Budget(100))
    await gate.admitted(1, 80)
    second = asyncio.create_task(gate.admitted(1, 50))
    await asyncio.sleep(0.01)
    assert not second.done()
    gate.settle(80, 10)
    await asyncio.wait_for(second, 1)
    third = asyncio.create_task(gate.admitted(1, 95))
    await asyncio.sleep(0.01)
    gate.settle(50, 50)
    with pytest.raises(BudgetReachedError):
        await asyncio.wait_for(third, 1)


async def test_a_large_call_is_not_overtaken():
    limiter = Limiter(None, 60_000)  # 1,000 a second, 5,000 at once
    gate = Gate(limiter, None)
    await gate.admitted(4980, 0)
    order: list[str] = []

    async def ask(name: str, tokens: int) -> None:
        await gate.admitted(tokens, 0)
        order.append(name)

    await asyncio.gather(ask("large", 60), ask("small", 1))
    assert order == ["large", "small"]


def test_lengths_of_answers():
    limited, free = Lengths(50, 50), Lengths(None)
    assert (limited.expected, limited.at_most) == (50, 50)
    assert (free.expected, free.at_most) == (FIRST_GUESS, AT_MOST)
    for tokens in range(1, 101):
        limited.learn(tokens)
        free.learn(tokens)
    free.learn(3000)
    assert limited.expected == 50 and 85 <= free.expected <= 95 and free.at_most == 6000
    known = Lengths(None, 16_384)
    known.learn(3000)
    assert known.expected < known.at_most == 16_384  # whatever was seen, an answer may be as long as the model's get


@pytest.mark.parametrize(
    ("job", "most"),
    [
        (Job("gpt-4o-mini", "?"), 16_384),
        (Job("gpt-4o-mini", "?", params={"max_tokens": 50}), 50),
        (Job("gpt-5", "?", params={"max_completion_tokens": 70}), 70),
        (Job("house-model", "?"), None),
        (Job("prod", "?"), 32_768),
        (EmbeddingJob("text-embedding-3-small", "?"), 0),
    ],
)
def test_how_long_an_answer_may_be(job, most):
    table = Prices(deployments={"prod": Deployment("gpt-4.1")}, beneath=prices())
    assert longest_answer(job, Pricing(job.model, table=table)) == most


def test_a_cap_that_cannot_hold_is_refused():
    given = (Decimal(1), Decimal(2))
    with pytest.raises(BudgetError, match="no price for the model 'house-model'"):
        check_budget(Job("house-model", "?", params={"max_tokens": 5}), Pricing("house-model"))
    with pytest.raises(BudgetError, match="nobody knows how long answers of 'house-model' get"):
        check_budget(Job("house-model", "?"), Pricing("house-model", given=given))
    check_budget(Job("house-model", "?", params={"max_tokens": 5}), Pricing("house-model", given=given))
    check_budget(Job("gpt-4o-mini", "?"), Pricing("gpt-4o-mini"))


def test_tiers_have_their_prices():
    assert Pricing("gpt-4o-mini", tier="flex").cost(USED) == 105_000
    assert Pricing("gpt-4o-mini", tier="batch").cost(USED) == 105_000
    assert Pricing("gpt-4o-mini", tier="priority").cost(USED) == 350_000
    assert Pricing("gpt-4o-mini", tier="priority").cost(USED, "gpt-4o-mini-2024-07-18", "default") == 210_000  # as it answered
    assert Pricing("gpt-4o-mini").cost(USED, None, "flex") == 105_000
    assert Pricing("gpt-4o-mini", tier="auto").cost(USED) == 210_000
    assert "priority tier" in Pricing("text-embedding-3-small", tier="priority").unknown


def test_what_is_reserved_allows_for_an_estimate_that_is_low():
    job = Job("gpt-4o-mini", "?")
    assert job.most({}, Count(100), 5) == (Used(100, 5),)
    assert job.most({}, Count(100, exact=False), 5) == (Used(125, 5),)
    assert job.most({"modalities": ["text", "audio"]}, Count(100), 5) == (Used(100, 5, audio_output=5),)


def test_tokens_of_what_nobody_can_count_are_guessed():
    assert Job("gpt-4o", "x").tokens({"model": "gpt-4o", "messages": [{"role": "user", "content": 5}]}) > 0
