"""Limits of several deployments behind one client: what each is asked, and where a call goes that one has no room for."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ceyx import AsyncOpenAI, Deployment, DeploymentsUnavailableError, OpenAI, Router
from ceyx.bulk import DeploymentLimits, Job, JobStoppedError, Ledger, Limiter, Progress, Runner
from ceyx.bulk.rows import Row
from ceyx.service import LocalService, Settings
from ceyx.service.limits import Limit

HELLO: Any = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
JOB = Job(model="gpt-4o-mini", prompt="Say {text}", params={"max_tokens": 20})


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


def deployments(url: str, first: dict[str, Any], second: dict[str, Any] | None = None) -> list[Deployment]:
    return [
        Deployment(name="first", base_url=url, api_key="any", **first),
        Deployment(name="second", base_url=url, api_key="any", **{"priority": 1, **(second or {})}),
    ]


def failing(fault: str) -> dict[str, Any]:
    return {"default_headers": {"x-ceyx-fault": fault}}


async def run(router: Router, path: Path, count: int, **how: Any) -> tuple[Progress, Counter[str]]:
    asked: Counter[str] = Counter()
    router.on_route = lambda event: asked.update([f"{event.deployment} {event.kind}"])
    assert isinstance(router.limiter, DeploymentLimits)
    async with AsyncOpenAI(router=router) as client:
        with Ledger(path / "x.ledger", JOB) as ledger:
            runner = Runner(client, JOB, ledger, limiter=router.limiter, **{"workers": 8, **how})
            return await runner.run(Row({"text": f"row {n}"}) for n in range(count)), asked


async def test_a_job_spills_over_before_anybody_has_to_wait(service, tmp_path):
    limits = DeploymentLimits()
    router = Router(deployments(service.url, {"requests_per_minute": 60}), limiter=limits)
    progress, asked = await run(router, tmp_path, 60)
    assert (progress.done, progress.limited) == (60, 0)
    assert 5 <= asked["first answered"] <= 5 + progress.seconds + 1  # a burst, and one a second
    assert asked["second answered"] == 60 - asked["first answered"]
    assert all(limiter.in_flight == 0 for limiter in limits.limits.values())


async def test_where_none_has_room_it_waits_for_the_first_that_has(service, tmp_path):
    rates = {"requests_per_minute": 600}  # ten a second, fifty at once
    router = Router(deployments(service.url, rates, rates), limiter=DeploymentLimits())
    progress, asked = await run(router, tmp_path, 110)
    assert (progress.done, progress.limited) == (110, 0)
    assert progress.seconds > 0.4
    assert asked["first answered"] >= 50 and asked["second answered"] >= 50


async def test_the_limits_of_servers_are_learned_for_each(tmp_path):
    limit = Settings(limits={"*": Limit(tokens_per_minute=60_000)})
    with LocalService(limit) as one, LocalService() as other:
        limits = DeploymentLimits(model=JOB.model)
        both = [
            Deployment(name="one", base_url=one.url, api_key="any"),
            Deployment(name="other", base_url=other.url, api_key="any"),
        ]
        progress, _ = await run(Router(both, policy="weighted", limiter=limits), tmp_path, 30)
    assert progress.done == 30
    assert limits.limits["one"].rates["tokens"].per_second == 1000
    assert limits.limits["other"].rates["tokens"].per_second > 1000
    assert limits.rates["tokens"].per_second == sum(each.rates["tokens"].per_second for each in limits.limits.values())


async def test_one_that_is_refused_goes_on_at_once_and_both_are_counted(service, tmp_path):
    limits = DeploymentLimits()
    router = Router(deployments(service.url, failing("status;code=429;retry-after=30")), limiter=limits)
    progress, asked = await run(router, tmp_path, 40)
    assert (progress.done, progress.limited) == (40, 0)
    assert asked["first limited"] <= 8 and asked["second answered"] == 40
    now = time.monotonic()
    assert limits.limits["first"].wait(1, now) > 20 and limits.limits["second"].wait(1, now) == 0
    assert [each.in_flight for each in limits.limits.values()] == [0, 0]


async def test_a_job_of_deployments_that_all_refuse_ends(service, tmp_path):
    router = Router(deployments(service.url, failing("status;code=401"), failing("status;code=401")), limiter=DeploymentLimits())
    async with asyncio.timeout(20):
        with pytest.raises(JobStoppedError, match=r"401.*first: 401.*second: 401"):
            await run(router, tmp_path, 3)


def test_other_clients_spill_over_as_well(service):
    limits = DeploymentLimits()
    with OpenAI(router=Router(deployments(service.url, {"requests_per_minute": 60}), limiter=limits)) as client:
        asked = [client.chat.completions.with_raw_response.create(**HELLO).deployment for _ in range(8)]
        assert asked == ["first"] * 5 + ["second"] * 3
        assert len(list(client.models.list())) > 0  # is of no model, and counts for none
    first = limits.limits["first"]
    assert isinstance(first, Limiter) and first.in_flight == 0
    assert first.rates["tokens"].left(time.monotonic()) > 0  # learned, and corrected by what the answers took


def test_where_no_deployment_has_room_a_call_waits_or_says_so(service):
    only = Deployment(name="only", base_url=service.url, api_key="any", requests_per_minute=60)
    with OpenAI(router=Router([only], limiter=DeploymentLimits()), max_retries=0) as client:
        for _ in range(5):
            client.chat.completions.create(**HELLO)
        with pytest.raises(DeploymentsUnavailableError) as failure:
            client.chat.completions.create(**HELLO)
        assert 0.5 < (failure.value.retry_after or 0) <= 1.0
        began = time.monotonic()
        client.with_options(max_retries=1).chat.completions.create(**HELLO)
        assert 0.3 < time.monotonic() - began < 3


def test_what_is_not_used_is_given_back(service):
    limits = DeploymentLimits()
    router = Router(deployments(service.url, {"requests_per_minute": 60}), limiter=limits)
    now = time.monotonic()
    left = limits.limits["first"].rates["requests"].left(now)
    ticket = limits.admit(10, now)
    assert not isinstance(ticket, float)
    limits.failed(ticket)
    assert limits.limits["first"].rates["requests"].left(now) == pytest.approx(left) and router.state()["remembered"] == 0


def test_limits_that_nobody_counts_are_refused(service):
    with pytest.raises(ValueError, match="'first' has limits, and nobody to count"):
        Router(deployments(service.url, {"tokens_per_minute": 10}))
    with pytest.raises(ValueError, match=r"requests_per_minute is a number above 0; got -1"):
        deployments(service.url, {"requests_per_minute": -1})
    limits = DeploymentLimits({"third": Limiter()})
    with pytest.raises(ValueError, match="limits names 'third', and there are first, second"):
        Router(deployments(service.url, {}), limiter=limits)
    with pytest.raises(ValueError, match="count for no router"):
        DeploymentLimits().admit(1, 0.0)
    used = DeploymentLimits()
    Router(deployments(service.url, {}), limiter=used)
    with pytest.raises(ValueError, match="count for another router"):
        Router(deployments(service.url, {}), limiter=used)


def test_a_file_has_limits_and_a_pickle_starts_anew(tmp_path):
    file = tmp_path / "deployments.toml"
    file.write_text(
        '[[deployment]]\nname = "sweden"\nazure_endpoint = "https://sweden.openai.azure.com"\nazure_deployment = "gpt-4o"\n'
        'api_key_env = "KEY"\nrequests_per_minute = 300\ntokens_per_minute = 50_000\n'
    )
    router = Router.read(file, limiter=DeploymentLimits(in_flight=5))
    again = pickle.loads(pickle.dumps(router))
    for one in (router, again):
        assert isinstance(one.limiter, DeploymentLimits)
        limiter = one.limiter.limits["sweden"]
        assert isinstance(limiter, Limiter) and limiter.most == 5 and limiter.refunds is False
        assert [limiter.rates[kind].per_second * 60 for kind in ("requests", "tokens")] == pytest.approx([300, 50_000])
