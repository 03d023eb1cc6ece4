"""Whole runs against the local service: order, faults, limits, budgets, draining."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ceyx.bulk import Budget, Job, JobStoppedError, Ledger, LedgerError, Limiter, Pricing, Progress, Runner
from ceyx.bulk.ledger import Item, LedgerReader, OtherJobError
from ceyx.bulk.outcome import as_output
from ceyx.bulk.rows import Row
from ceyx.client import AsyncOpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency
from ceyx.service.limits import Limit

MODEL = "gpt-4o-mini"


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(latency={"slow": Latency(0.05)}, deployments={"slow": MODEL})) as running:
        yield running


def job(fault: str = "", **more: Any) -> Job:
    params = {"extra_headers": {"x-ceyx-fault": fault}} if fault else {}
    return Job(**{"model": MODEL, "prompt": "Say {text}", "params": params, **more})


def rows(count: int) -> Iterator[Row]:
    return (Row({"text": f"row {n}"}) for n in range(1, count + 1))


async def run(
    url: str, path: Path, of: Job, given: Iterator[Row], then: Callable[[Runner], object] = lambda _: None, **how: Any
) -> Progress:
    with Ledger(path / "x.ledger", of) as ledger:
        async with AsyncOpenAI(base_url=url, api_key="any") as client:
            runner = Runner(client, of, ledger, **{"workers": 8, **how})
            then(runner)
            return await runner.run(given)


def output(path: Path, of: Job) -> list[dict[str, Any]]:
    with Ledger(path / "x.ledger", of) as ledger:
        return [as_output(item, of) for item in ledger.items()]


async def test_rows_come_out_in_order_each_with_its_answer(service, tmp_path):
    progress = await run(service.url, tmp_path, job(), rows(60))
    assert (progress.read, progress.done, progress.failed, progress.in_flight) == (60, 60, 0, 0)
    found = output(tmp_path, job())
    assert [row["text"] for row in found] == [f"row {n}" for n in range(1, 61)]
    assert all(f"“Say {row['text']}”" in row["answer"] and row["ceyx_status"] == "done" for row in found)
    assert sum(row["ceyx_cost"] for row in found) == pytest.approx(progress.nanodollars / 1e9)
    again = await run(service.url, tmp_path, job(), rows(60))
    assert (again.before, again.done) == (60, 0)


async def test_a_row_that_fails_is_tried_again_with_the_same_key(service, tmp_path):
    progress = await run(service.url, tmp_path, job("status;code=500;retry-after-ms=5;times=2"), rows(10))
    assert (progress.done, progress.retries) == (10, 20)
    assert {row["ceyx_attempts"] for row in output(tmp_path, job("status;code=500;retry-after-ms=5;times=2"))} == {3}


async def test_429s_wear_no_row_out(service, tmp_path):
    fault = "status;code=429;retry-after-ms=2;times=8"
    progress = await run(service.url, tmp_path, job(fault), rows(3), tries=2)
    assert (progress.done, progress.failed, progress.limited) == (3, 0, 24)


async def test_a_row_that_keeps_failing_is_an_error_row_and_another_run_tries_it(service, tmp_path):
    of = job("status;code=500;retry-after-ms=2;times=4")
    first = await run(service.url, tmp_path, of, rows(2), tries=3)
    assert (first.done, first.failed, dict(first.errors)) == (0, 2, {"InternalServerError 500": 2})
    assert {row["ceyx_status"] for row in output(tmp_path, of)} == {"error"}
    second = await run(service.url, tmp_path, of, rows(2), tries=3)
    assert (second.done, second.before) == (2, 0)
    assert {row["ceyx_attempts"] for row in output(tmp_path, of)} == {5}


async def test_a_refused_row_is_settled(service, tmp_path):
    of = job("status;code=400;message=no")
    assert (await run(service.url, tmp_path, of, rows(2))).failed == 2
    assert (await run(service.url, tmp_path, of, rows(2))).failed_before == 2


async def test_what_goes_wrong_with_every_row_stops_the_job(service, tmp_path):
    of = job("status;code=401")
    with pytest.raises(JobStoppedError, match="401"):
        await run(service.url, tmp_path, of, rows(500))
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        assert 1 <= sum(ledger.counts().values()) <= 16 and "sent" not in ledger.counts()


async def test_where_nobody_answers_the_job_stops_and_names_no_row_as_paid(tmp_path):
    with LocalService() as gone:
        url = gone.url
    with pytest.raises(JobStoppedError, match="no call was answered yet"):
        await run(url, tmp_path, job(), rows(500), tries=2)
    with Ledger(tmp_path / "x.ledger", job()) as ledger:
        assert 1 <= ledger.counts()["failed"] <= 16 and "sent" not in ledger.counts()


async def test_a_wait_that_is_too_long_stops_the_job(service, tmp_path):
    with pytest.raises(JobStoppedError, match="asks to wait 86400 s"):
        await run(service.url, tmp_path, job("status;code=429;retry-after=86400"), rows(500))


SHAPE = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"], "additionalProperties": False}
FORMAT = {"type": "json_schema", "json_schema": {"name": "label", "schema": SHAPE, "strict": True}}


async def test_answers_of_a_schema_are_objects_and_a_cut_one_is_an_error(service, tmp_path):
    of = job(schema=FORMAT)
    await run(service.url, tmp_path, of, rows(3))
    assert all(isinstance(row["answer"]["label"], str) for row in output(tmp_path, of))
    cut = job(schema=FORMAT, params={"max_tokens": 1})
    (tmp_path / "cut").mkdir()
    progress = await run(service.url, tmp_path / "cut", cut, rows(1))
    assert progress.failed == 1 and progress.nanodollars > 0  # it was paid for
    assert "cut at the limit" in output(tmp_path / "cut", cut)[0]["ceyx_error"]


async def test_bad_rows_are_rows_and_may_be_mended(service, tmp_path):
    def given(third: Row) -> Iterator[Row]:
        return iter([Row({"text": "a"}), Row({}, "the line is no JSON"), third])

    progress = await run(service.url, tmp_path, job(), given(Row({"no": 1})))
    assert (progress.done, progress.failed) == (1, 2)
    errors = [row["ceyx_error"] for row in output(tmp_path, job())]
    assert errors[0] is None and errors[1] == "the line is no JSON" and "no 'text'" in errors[2]
    again = await run(service.url, tmp_path, job(), given(Row({"text": "now"})))
    assert (again.before, again.done) == (2, 1)


async def test_another_input_is_refused(service, tmp_path):
    await run(service.url, tmp_path, job(), rows(3))
    with pytest.raises(OtherJobError, match="row 1 of the input is not the one"):
        await run(service.url, tmp_path, job(), iter([Row({"text": "other"})]))
    with pytest.raises(OtherJobError, match="ends after 2 rows, and 1 beyond"):
        await run(service.url, tmp_path, job(), rows(2))


async def test_a_budget_holds_and_names_what_it_did_not_reach(service, tmp_path):
    of = job(params={"max_tokens": 30})
    pricing = Pricing(MODEL, given=(Decimal(0), Decimal(1_000)))  # a thousandth of a dollar for each token of an answer
    cap = 200_000_000
    progress = await run(service.url, tmp_path, of, rows(40), pricing=pricing, budget=Budget(cap))
    assert progress.stopped and 0 < progress.nanodollars <= cap
    assert progress.done + progress.skipped == 40 and progress.done >= 6
    found = output(tmp_path, of)
    assert len(found) == 40 and sum(row["ceyx_status"] == "skipped" for row in found) == progress.skipped
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        spent = ledger.spent()
    assert spent == progress.nanodollars
    more = await run(service.url, tmp_path, of, rows(40), pricing=pricing, budget=Budget(10**12, spent))
    assert (more.before, more.done, more.skipped) == (progress.done, progress.skipped, 0)


async def test_what_is_known_of_a_row_outlives_a_budget_that_no_longer_reaches_it(service, tmp_path):
    of, pricing = job("cut-json", params={"max_tokens": 5, "extra_headers": {"x-ceyx-fault": "cut-json"}}), Pricing(MODEL)
    await run(service.url, tmp_path, of, rows(3), pricing=pricing)
    failed = output(tmp_path, of)
    assert {row["ceyx_status"] for row in failed} == {"error"}
    again = await run(service.url, tmp_path, of, rows(4), pricing=pricing, budget=Budget(1, 1))
    assert again.skipped == 4 and again.stopped
    found = output(tmp_path, of)
    assert found[:3] == failed and found[3]["ceyx_status"] == "skipped"


async def test_what_was_sent_by_a_killed_run_is_asked_again_unless_told_otherwise(service, tmp_path):
    of = job()
    given = list(rows(2))
    from ceyx.bulk.any_job import identity_of

    def left_behind() -> None:
        with Ledger(tmp_path / "x.ledger", of, restart=True) as ledger:
            ledger.put(Item(1, identity_of(of.request(given[0].values)), "sent", 1, 77, b'{"text":"row 1"}')).result(5)

    left_behind()
    careful = await run(service.url, tmp_path, of, iter(given), repeat=False)
    assert (careful.possibly_paid, careful.before, careful.done) == (1, 1, 1)
    assert [row["ceyx_status"] for row in output(tmp_path, of)] == ["unknown", "done"]
    left_behind()
    plain = await run(service.url, tmp_path, of, iter(given))
    assert (plain.possibly_paid, plain.done) == (1, 2)
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        first, second = ledger.items()
        assert first.attempts == 2 and first.nanodollars == 77 + second.nanodollars  # the first may have been paid


async def test_draining_waits_for_what_is_on_its_way_and_aborting_does_not(service, tmp_path):
    of = job(model="slow")

    def soon(what: str) -> Callable[[Runner], object]:
        """Once all workers have a call on its way."""

        def look(runner: Runner) -> None:
            ready = runner.progress.in_flight == 8 and runner.progress.done > 0
            asyncio.get_running_loop().call_later(0.01, getattr(runner, what) if ready else look, *(() if ready else (runner,)))

        return look

    drained = await run(service.url, tmp_path, of, rows(10_000), soon("drain"))
    assert drained.stopped == "interrupted" and drained.done >= 8
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        assert ledger.counts() == {"done": drained.done}
    aborted = await run(service.url, tmp_path, of, rows(10_000), soon("abort"))
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        assert 1 <= ledger.counts()["sent"] <= 8
        assert ledger.counts()["done"] == drained.done + aborted.done


async def test_a_ledger_that_cannot_be_written_stops_the_sending(service, tmp_path):
    def fill(runner: Runner) -> None:
        runner._ledger._connection.execute("PRAGMA max_page_count = 12")

    with pytest.raises(LedgerError, match="full"):
        await run(service.url, tmp_path, job(), rows(5_000), fill)


async def test_the_limits_of_a_server_are_learned_and_kept(tmp_path):
    limit = Limit(requests_per_minute=1200)  # 20 a second, of which it lets through all 1,200 at once
    with LocalService(Settings(limits={"*": limit})) as limited:
        limiter = Limiter(in_flight=8)
        progress = await run(limited.url, tmp_path, job(), rows(116), limiter=limiter)
    assert progress.done == 116 and progress.limited == 0
    assert limiter.rates["requests"].per_second == 20
    assert progress.seconds > 0.2  # 100 and the first 8 at once, the rest at 20 a second


async def test_a_client_with_several_deployments_spills_over(service, tmp_path):
    from ceyx import Deployment

    deployments = [
        Deployment(name="full", base_url=service.url, api_key="any", default_headers={"x-ceyx-fault": "status;code=429"}),
        Deployment(name="free", base_url=service.url, api_key="any", priority=1),
    ]
    with Ledger(tmp_path / "x.ledger", job()) as ledger:
        async with AsyncOpenAI(deployments=deployments) as client:
            progress = await Runner(client, job(), ledger, workers=4).run(rows(12))
    assert (progress.done, progress.limited) == (12, 0)


@pytest.mark.parametrize(
    "body", ['{"choices": [{}], "usage": {}}', '{"choices": [], "model": null}', '{"choices": [{"message": null}]}']
)
async def test_an_answer_that_breaks_the_schema_is_an_error_row_and_no_more(service, tmp_path, body):
    of = job(f'body;text="{body.replace(chr(34), chr(92) + chr(34))}"')
    progress = await run(service.url, tmp_path, of, rows(2))
    assert (progress.done, progress.failed) == (0, 2)


async def test_an_input_that_cannot_be_read_on_ends_the_run(service, tmp_path):
    def broken() -> Iterator[Row]:
        yield from rows(3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await run(service.url, tmp_path, job(), broken())
    with Ledger(tmp_path / "x.ledger", job()) as ledger:
        assert "sent" not in ledger.counts()


async def test_answers_that_could_not_be_committed_do_not_count(service, tmp_path, monkeypatch):
    answers = 0
    put_all = Ledger.put_all

    def full(self: Ledger, items: Any, written: Any) -> None:
        nonlocal answers
        answers += sum(item.state == "done" for item in items)
        if answers > 20:  # from here on, as a disk that has no room
            self._broken = self._broken or LedgerError("the disk is full")
        put_all(self, items, written)

    monkeypatch.setattr(Ledger, "put_all", full)
    runners: list[Runner] = []
    with pytest.raises(LedgerError, match="the disk is full"):
        await run(service.url, tmp_path, job(), rows(60), then=runners.append, workers=4)
    monkeypatch.undo()
    with Ledger(tmp_path / "x.ledger", job()) as ledger:
        assert ledger.counts()["done"] == runners[0].progress.done <= 20 < answers


async def test_the_last_answers_are_committed_when_it_ends_though_nothing_follows_them(service, tmp_path):
    of = job()
    with Ledger(tmp_path / "x.ledger", of) as ledger:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            progress = await Runner(client, of, ledger, workers=8).run(rows(8))
        with LedgerReader(ledger.path) as seen:  # by a connection of its own
            assert seen.counts() == {"done": 8} and progress.done == 8
