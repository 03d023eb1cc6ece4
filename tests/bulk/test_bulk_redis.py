"""Limits shared through Redis: the quota of all workers together, killed and lonely ones, and Redis itself going and coming."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis_process import RedisProcess

from ceyx import AsyncOpenAI, Deployment, Router
from ceyx.bulk import DeploymentLimits, Job, Summary, arun
from ceyx.bulk.gate import Gate
from ceyx.bulk.limiter import LimitsError, Ticket
from ceyx.bulk.redis_address import connectable, has_password, shown, without_password
from ceyx.bulk.redis_limits import SharedLimiter
from ceyx.bulk.redis_script import ABSENT, LEASE, key_of
from ceyx.service import LocalService

NOTHING: dict[str, str] = {}


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisProcess]:
    with RedisProcess(password="s3cret-word") as running:
        yield running


class Worker:
    """Calls of 20 ms, as many as are let through; the times at which they were."""

    def __init__(self, limiter: SharedLimiter, tokens: int = 10, at_once: int = 20) -> None:
        self.limiter, self.gate, self.tokens = limiter, Gate(limiter, None), tokens
        self.times: list[float] = []
        self._tasks = [asyncio.create_task(self._work()) for _ in range(at_once)]

    async def _work(self) -> None:
        while True:
            await self.call(self.tokens)

    async def call(self, tokens: int) -> None:
        ticket = await self.gate.admitted(tokens, 0)
        self.times.append(time.monotonic())
        await asyncio.sleep(0.02)
        self.limiter.answered(ticket, tokens, NOTHING, time.monotonic())
        self.gate.settle(0, 0)

    def between(self, start: float, end: float) -> int:
        return sum(start <= at < end for at in self.times)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()


@contextlib.asynccontextmanager
async def workers(redis: RedisProcess, scope: str, count: int, **limits: Any) -> AsyncIterator[list[Worker]]:
    async with AsyncExitStack() as stack:
        limiters = [await stack.enter_async_context(limiter(redis, scope, **limits)) for _ in range(count)]
        working = [Worker(each) for each in limiters]
        try:
            yield working
        finally:
            for each in working:
                each.stop()


def limiter(redis: RedisProcess, scope: str, **limits: Any) -> SharedLimiter:
    return SharedLimiter(redis.url, scope, **{"in_flight": 20, "azure": True, **limits})  # Azure: a burst of a second


async def admitted(limiter: SharedLimiter, tokens: float) -> Ticket:
    for _ in range(500):
        if isinstance(said := limiter.admit(tokens, time.monotonic()), Ticket):
            return said
        await asyncio.sleep(0.005)
    raise AssertionError(f"{said} s to wait")


@pytest.mark.slow
@pytest.mark.parametrize("limits", [{"requests_per_minute": 6000}, {"tokens_per_minute": 60_000}], ids=["requests", "tokens"])
async def test_several_workers_keep_to_one_quota(redis, limits):
    async with workers(redis, f"quota {limits}", 3, **limits) as working:
        start = time.monotonic() + 2  # after the burst
        await asyncio.sleep(6.1)
        each = [worker.between(start, start + 4) for worker in working]
        exchanges = sum(worker.limiter.exchanges for worker in working)
    assert sum(each) == pytest.approx(400, rel=0.03)
    assert min(each) > 0.2 * sum(each)  # none is left behind
    assert exchanges < 0.5 * sum(len(worker.times) for worker in working)  # most need no word with Redis


@pytest.mark.slow
async def test_one_that_could_use_more_gets_what_others_leave(redis):
    async with workers(redis, "idle", 3, requests_per_minute=6000) as working:
        for idle in working[1:]:
            idle.stop()
        await asyncio.sleep(4.1)
        now = time.monotonic()
        assert working[0].between(now - 2, now) == pytest.approx(200, rel=0.05)


@pytest.mark.slow
async def test_a_call_for_much_is_not_overtaken_for_ever(redis):
    async with workers(redis, "large", 3, tokens_per_minute=60_000) as working:
        await asyncio.sleep(1.5)  # after the burst
        began = time.monotonic()
        await asyncio.wait_for(working[0].call(800), 10)
        assert time.monotonic() - began < 3  # 0.8 s' worth, and leases before it


@pytest.mark.slow
async def test_what_one_learns_and_a_pause_reach_the_others(redis):
    async with limiter(redis, "learned") as one, limiter(redis, "learned") as other:
        headers = {"x-ratelimit-limit-tokens": "60000", "x-ratelimit-remaining-tokens": "40"}
        one.answered(await admitted(one, 10), 10, headers, time.monotonic())
        await asyncio.sleep(0.6)
        assert other.rates["tokens"].per_second == 1000
        ticket = await admitted(one, 10)
        one.limited(ticket, 1.5, NOTHING, time.monotonic(), 0.0)
        assert one.admit(10, time.monotonic()) > 1.4
        await asyncio.sleep(0.4)
        assert 0.8 < other.admit(10, time.monotonic()) < 1.2
        await asyncio.sleep(1.2)
        await admitted(other, 10)


@pytest.mark.slow
async def test_without_rates_the_calls_on_their_way_are_shared(redis):
    async def as_many_as_may_be(of: SharedLimiter) -> list[Ticket]:
        found: list[Ticket] = []
        for _ in range(40):
            while isinstance(said := of.admit(10, time.monotonic()), Ticket):
                found.append(said)
            await asyncio.sleep(0.02)
        return found

    async with limiter(redis, "calls", in_flight=64) as one, limiter(redis, "calls", in_flight=64) as other:
        first = await as_many_as_may_be(one)
        assert len(first) == 16  # to begin with, all of them for who wants them
        assert len(await as_many_as_may_be(other)) == 8  # a half, and the other one gets no more until it is below its own
        one.limited(first.pop(), 0.0, NOTHING, time.monotonic(), 0.0)
        for ticket in first:
            one.failed(ticket)
        assert len(await as_many_as_may_be(one)) == 5  # of 0.7 times 16


@pytest.mark.slow
async def test_what_is_not_used_goes_back(redis):
    rate = 1000
    async with limiter(redis, "back", tokens_per_minute=rate * 60) as one, limiter(redis, "back", in_flight=5) as other:
        for _ in range(3):
            ticket = await admitted(one, 300)
            one.answered(ticket, 300, NOTHING, time.monotonic())
        one.unused(await admitted(one, 90))
        async with limiter(redis, "back") as third:  # takes a lease, and leaves without using it
            third.admit(50, time.monotonic())
            await asyncio.sleep(0.1)
        began = time.monotonic()
        other.answered(await admitted(other, 1000), 1000, NOTHING, time.monotonic())  # a whole burst
        assert time.monotonic() - began < 1.2  # as long as 900 of it take to come back, and the ten leases do not count


@pytest.mark.slow
async def test_a_killed_worker_takes_no_more_than_its_lease_along(redis):
    limits = {"requests_per_minute": 6000, "in_flight": 20}
    program = f"""
import asyncio, sys, time
sys.path[:0] = {sys.path!r}
from ceyx.bulk.redis_limits import SharedLimiter
from test_bulk_redis import Worker

async def main():
    async with SharedLimiter({redis.url!r}, "killed", azure=True, **{limits!r}) as limiter:
        worker = Worker(limiter)
        await asyncio.sleep(2)
        print("at work", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:  # noqa: ASYNC220  it takes no time
        assert other.stdout is not None
        async with workers(redis, "killed", 1, **limits) as working:
            assert await asyncio.to_thread(other.stdout.readline) == "at work\n"
            other.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            await asyncio.sleep(3.1)
            got = working[0].between(killed, killed + 3)
            assert 300 - 100 * 2 * LEASE <= got <= 309
            await asyncio.sleep(max(ABSENT - 3, 0) + 0.5)
            assert working[0].limiter.workers == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", ["frozen", "gone"])
async def test_without_redis_each_keeps_to_its_part_and_says_so_once(caplog, how):
    with RedisProcess() as redis:
        async with workers(redis, "outage", 2, requests_per_minute=6000) as working:
            await asyncio.sleep(1.5)
            redis.freeze() if how == "frozen" else redis.stop()
            await asyncio.sleep(1.5)
            assert all(worker.limiter.alone for worker in working)
            start = time.monotonic()
            await asyncio.sleep(2)
            each = [worker.between(start, start + 2) for worker in working]
            assert each == pytest.approx([100, 100], rel=0.1)
            redis.thaw() if how == "frozen" else redis.start()
            await asyncio.sleep(1.6)
            assert not any(worker.limiter.alone for worker in working)
            start = time.monotonic()
            await asyncio.sleep(2)
            assert sum(worker.between(start, start + 2) for worker in working) == pytest.approx(200, rel=0.1)
    said = [record.getMessage() for record in caplog.records if record.name == "ceyx"]
    assert sum("goes on with 1/2" in text for text in said) == 2 and sum("is back" in text for text in said) == 2
    assert len(said) == 4


@pytest.mark.slow
async def test_an_outage_from_the_beginning_is_an_error_unless_a_part_is_known(redis, caplog):
    nobody = RedisProcess(password="s3cret-word")
    with pytest.raises(LimitsError, match=f"127.0.0.1:{nobody.port}") as failure:
        async with limiter(nobody, "x"):
            pass
    assert "s3cret" not in str(failure.value)
    async with limiter(nobody, "x", requests_per_minute=6000, workers=4) as alone:
        assert alone.alone and await admitted(alone, 1)
    assert "goes on with 1/4" in caplog.text and "s3cret" not in caplog.text
    with pytest.raises(LimitsError) as failure:
        async with SharedLimiter(redis.url.replace("s3cret", "wrong"), "x"):
            pass
    assert "wrong-word" not in str(failure.value)


@pytest.mark.slow
async def test_a_password_may_be_in_the_environment_and_is_in_no_text(redis, environment, caplog):
    caplog.set_level(logging.DEBUG)
    environment.setenv("CEYX_REDIS_PASSWORD", "s3cret-word")
    async with SharedLimiter(f"redis://127.0.0.1:{redis.port}/0", "x") as shared:
        await admitted(shared, 1)
    async with SharedLimiter(redis.url, "x") as shared:
        assert "s3cret" not in repr(shared) + shared.shown + caplog.text


@pytest.mark.slow
async def test_runs_over_the_same_deployments_share_the_limits_of_each(redis, tmp_path):
    async def some(name: str, service: LocalService) -> Summary:
        each = [
            Deployment(name="first", base_url=service.url, api_key="any", requests_per_minute=60),
            Deployment(name="second", base_url=service.url, api_key="any", priority=1),
        ]
        router = Router(each, limiter=DeploymentLimits(shared=redis.url), on_route=lambda event: asked.append(event.deployment))
        async with AsyncOpenAI(router=router) as client:
            job = Job(model="gpt-4o-mini", prompt="Say {text}", params={"max_tokens": 5})
            return await arun(job, [{"text": str(n)} for n in range(20)], tmp_path / name, client=client, workers=4)

    asked: list[str] = []
    with LocalService() as service:
        began = time.monotonic()
        each = await asyncio.gather(*(some(f"{name}.jsonl", service) for name in "abc"))
        seconds = time.monotonic() - began
    assert [summary.done for summary in each] == [20, 20, 20]
    assert 3 <= asked.count("first") <= 5 + seconds + 1  # a burst and one a second, for all of them


def test_addresses():
    assert connectable("redis://:word@host:1/0?scope=team&protocol=3") == ("redis://:word@host:1/0?protocol=3", "team")
    assert shown("rediss://me:word@host:1/2?password=word") == "host:1/2"
    assert has_password("redis://:word@host") and has_password("unix:///x?password=word") and not has_password("redis://me@host")
    assert without_password("redis://me:word@host:1/0?password=word&db=2") == "redis://me@host:1/0?db=2"
    assert without_password("redis://:word@host") == "redis://host" and without_password("unix:///x") == "unix:///x"
    assert key_of("api.openai.com/{x}") == "ceyx:limits:{api.openai.com/(x)}"  # one slot of a cluster


@pytest.mark.parametrize("url", ["http://me:s3cret@host", "redis:", "host:6379"])
def test_what_is_no_address_is_refused_and_not_repeated(url):
    with pytest.raises(ValueError, match="redis://host:6379/0") as failure:
        SharedLimiter(url, "x")
    assert "s3cret" not in str(failure.value)


def test_one_that_is_not_open_says_so():
    with pytest.raises(RuntimeError, match=r"<SharedLimiter x at host> is not open; use it by `async with`"):
        SharedLimiter("redis://me:s3cret@host", "x").admit(1, 0.0)


def test_limits_that_let_nothing_through_are_refused_here_as_well():
    with pytest.raises(ValueError, match="requests_per_minute"):
        SharedLimiter("redis://host", "x", 0)
