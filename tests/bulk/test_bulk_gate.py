"""Who is let through first, where several ask the same limits."""

from __future__ import annotations

import asyncio
import time

import pytest

from ceyx.bulk import Budget, Limiter
from ceyx.bulk.gate import BudgetReachedError, Gate


async def test_small_calls_do_not_overtake_a_large_one_through_any_gate():
    limiter = Limiter(None, 60_000, 1000)  # a thousand a second, five thousand at once
    gates = [Gate(limiter, None), Gate(limiter, None)]
    order: list[int] = []

    async def call(gate: Gate, tokens: int) -> None:
        ticket = await gate.admitted(tokens, 0)
        order.append(tokens)
        limiter.answered(ticket, tokens, {}, time.monotonic())
        gate.settle(0, 0)

    await call(gates[0], 4990)
    waiting = [asyncio.create_task(call(gates[0], 60))]
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(call(gates[number % 2], 10)) for number in range(6)]
    await asyncio.gather(*waiting)
    assert order == [4990, 60, *[10] * 6]


async def test_an_answer_to_another_gate_lets_through_who_waits_for_it():
    limiter = Limiter(in_flight=1)
    one, other = Gate(limiter, None), Gate(limiter, None)
    ticket = await one.admitted(1, 0)
    waiting = asyncio.create_task(other.admitted(1, 0))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    limiter.answered(ticket, 1, {}, time.monotonic())
    async with asyncio.timeout(1):
        await waiting


async def test_who_gives_up_waiting_is_in_nobodys_way():
    limiter = Limiter(60, None, 10)  # one a second, five at once
    gate = Gate(limiter, None)
    for _ in range(5):
        await gate.admitted(1, 0)
    waiting = asyncio.create_task(gate.admitted(1, 0))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    before = limiter.rates["requests"].until
    assert limiter.in_flight == 5
    async with asyncio.timeout(3):
        await gate.admitted(1, 0)
    assert limiter.rates["requests"].until == pytest.approx(before + 1)


async def test_where_no_money_is_left_nobody_waits():
    budget = Budget(10)
    gate = Gate(Limiter(), budget)
    await gate.admitted(1, 6)
    waiting = asyncio.create_task(gate.admitted(1, 6))
    await asyncio.sleep(0.01)
    assert not waiting.done()  # the first may cost less
    gate.settle(6, 5)
    with pytest.raises(BudgetReachedError):
        async with asyncio.timeout(1):
            await waiting


def test_a_limiter_may_be_used_by_one_loop_after_another():
    limiter = Limiter(in_flight=1)

    async def both() -> None:
        gate = Gate(limiter, None)
        ticket = await gate.admitted(1, 0)
        waiting = asyncio.create_task(gate.admitted(1, 0))
        await asyncio.sleep(0.01)
        limiter.failed(ticket)
        limiter.failed(await waiting)

    for _ in range(2):
        asyncio.run(both())
