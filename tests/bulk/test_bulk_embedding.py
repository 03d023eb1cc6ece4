"""Embeddings of many rows in a request: shares, bad texts among good ones, answers that lack some."""

from __future__ import annotations

import asyncio
import json
from array import array
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from hypothesis import given, strategies as st

from ceyx.bulk import Budget, EmbeddingJob, Ledger, Limiter, Pricing, Progress, RowError, Runner
from ceyx.bulk.any_job import shares
from ceyx.bulk.outcome import as_output, kinds_of
from ceyx.bulk.rows import Row
from ceyx.client import AsyncOpenAI, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

MODEL = "text-embedding-3-small"
JOB = EmbeddingJob(MODEL, "{text}", dimensions=8)
BAD = "what nobody may embed"


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


async def run(url: str, folder: Path, job: EmbeddingJob, texts: list[str], **how: Any) -> Progress:
    with Ledger(folder / "x.ledger", job) as ledger:
        async with AsyncOpenAI(base_url=url, api_key="any") as client:
            return await Runner(client, job, ledger, **{"workers": 2, **how}).run(Row({"text": text}) for text in texts)


def output(folder: Path, job: EmbeddingJob) -> list[dict[str, Any]]:
    with Ledger(folder / "x.ledger", job) as ledger:
        return [as_output(item, job) for item in ledger.items()]


@pytest.fixture(scope="module")
def strict() -> Iterator[LocalService]:
    """One that refuses a request in which there is a bad text."""
    with LocalService() as running:
        refused = {"fault": "status;code=400;message=no such text"}
        script = {"replies": [{"match": {"contains": BAD}, "reply": refused}]}
        urlopen(Request(f"{running.azure_endpoint}/_ceyx/script", json.dumps(script).encode())).close()
        yield running


def requests_to(service: LocalService) -> list[dict[str, Any]]:
    """What was asked since this was last called."""
    address = f"{service.azure_endpoint}/_ceyx/requests"
    with urlopen(address) as answer:
        seen: list[dict[str, Any]] = json.load(answer)["requests"]
    urlopen(Request(address, method="DELETE")).close()
    return seen


def sizes(service: LocalService) -> list[int]:
    """How many texts were in each of these requests."""
    texts = [each["body"]["input"] for each in requests_to(service)]
    return [len(each) if isinstance(each, list) else 1 for each in texts]


async def test_many_rows_go_in_one_request_and_each_has_its_vector_and_its_share(service, tmp_path):
    sizes(service)
    texts = ["a word", "and some more words than that", *(f"row {n}" for n in range(208))]
    progress = await run(service.url, tmp_path, JOB, texts)
    assert (progress.done, progress.failed) == (210, 0)
    assert sorted(sizes(service)) == [10, 100, 100]
    found = output(tmp_path, JOB)
    with OpenAI(base_url=service.url, api_key="any") as client:
        expected = client.embeddings.create(model=MODEL, input=texts, dimensions=8)
    assert [row["embedding"] for row in found] == [each.embedding for each in expected.data]
    assert sum(row["ceyx_input_tokens"] for row in found) == progress.input_tokens == expected.usage.prompt_tokens
    assert found[0]["ceyx_input_tokens"] < found[1]["ceyx_input_tokens"]
    assert sum(row["ceyx_cost"] for row in found) == pytest.approx(progress.nanodollars / 1e9)
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        assert ledger.spent() == progress.nanodollars == Pricing(MODEL).at_most(progress.input_tokens, 0)
    assert kinds_of(JOB)["embedding"] == "vector"


async def test_one_bad_text_fails_alone(strict, tmp_path):
    texts = [BAD if n in (3, 20) else f"row {n}" for n in range(32)]
    progress = await run(strict.url, tmp_path, JOB, texts)
    assert (progress.done, progress.failed) == (30, 2)
    found = output(tmp_path, JOB)
    assert [n for n, row in enumerate(found) if row["ceyx_status"] == "error"] == [3, 20]
    assert "no such text" in found[3]["ceyx_error"] and all(len(row["embedding"]) == 8 for row in found if row["embedding"])
    assert len(sizes(strict)) == 19  # halves of halves, down to the two
    again = await run(strict.url, tmp_path, JOB, texts)
    assert (again.before, again.failed_before, again.done) == (32, 2, 0)


async def test_a_run_goes_on_with_other_groups(service, tmp_path):
    await run(service.url, tmp_path, JOB, ["a", "b", "", "d"])
    assert [row["ceyx_status"] for row in output(tmp_path, JOB)] == ["done", "done", "error", "done"]
    smaller = EmbeddingJob(MODEL, "{text}", dimensions=8, rows_per_request=2)  # which makes it no other job
    progress = await run(service.url, tmp_path, smaller, ["a", "b", "mended", "d"])
    assert (progress.before, progress.done, progress.failed) == (3, 1, 0)


async def test_what_is_on_its_way_when_a_run_ends_is_known_by_row(tmp_path):
    texts = [f"row {n}" for n in range(60)]
    job = EmbeddingJob(MODEL, "{text}", rows_per_request=10)
    with LocalService(Settings(latency={"*": Latency(0.2)})) as slow, Ledger(tmp_path / "x.ledger", job) as ledger:
        async with AsyncOpenAI(base_url=slow.url, api_key="any") as client:
            runner = Runner(client, job, ledger, workers=2)
            asyncio.get_running_loop().call_later(0.1, runner.abort)
            await runner.run(Row({"text": text}) for text in texts)
        assert ledger.counts() == {"sent": 20}
        assert ledger.spent() == sum(job.tokens(job.request({"text": text})) for text in texts[:20]) * 20  # at most
    with LocalService() as service:
        progress = await run(service.url, tmp_path, job, texts)
    assert (progress.possibly_paid, progress.done) == (20, 60)
    assert [row["ceyx_attempts"] for row in output(tmp_path, job)] == [2] * 20 + [1] * 40


async def test_long_texts_make_small_requests(service, tmp_path):
    requests_to(service)
    texts = ["word " * 7_000] * 40  # 280,000 tokens
    assert (await run(service.url, tmp_path, JOB, texts)).done == 40
    assert len(requests_to(service)) == 2


async def test_a_budget_is_used_up_to_the_last_row_that_fits(service, tmp_path):
    job = EmbeddingJob(MODEL, "{text}", rows_per_request=20)
    pricing = Pricing(MODEL, given=(Decimal(1_000), Decimal(0)))  # a thousandth of a dollar for each token
    one = pricing.at_most(job.tokens(job.request({"text": "text"})), 0)
    progress = await run(service.url, tmp_path, job, ["text"] * 60, pricing=pricing, budget=Budget(33 * one), workers=1)
    assert (progress.done, progress.skipped, progress.nanodollars) == (33, 27, 33 * one)


@pytest.mark.parametrize("fault", ["status;code=500;retry-after-ms=2;times=2", "status;code=429;retry-after-ms=2;times=2"])
async def test_a_request_that_fails_is_tried_again_as_a_whole(service, tmp_path, fault):
    sizes(service)
    job = EmbeddingJob(MODEL, "{text}", params={"extra_headers": {"x-ceyx-fault": fault}})
    progress = await run(service.url, tmp_path, job, ["a", "b", "c"])
    assert (progress.done, progress.retries) == (3, 2)
    assert sizes(service) == [3, 3, 3] and {row["ceyx_attempts"] for row in output(tmp_path, job)} == {3}


async def test_a_request_that_is_more_than_a_minute_s_worth_is_cut(service, tmp_path):
    sizes(service)
    job = EmbeddingJob(MODEL, "{text}", params={"extra_headers": {"x-ceyx-fault": "status;code=429;retry-after-ms=1;times=1"}})
    with Ledger(tmp_path / "x.ledger", job) as ledger:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            runner = Runner(client, job, ledger, workers=1, limiter=Limiter(tokens_per_minute=60))

            def drain_after_one() -> None:  # the second half waits for half a minute
                later = runner.drain if runner.progress.done else drain_after_one
                asyncio.get_running_loop().call_later(0.01, later)

            drain_after_one()
            progress = await runner.run(Row({"text": "word " * 40}) for _ in range(2))
    assert (progress.done, sizes(service)) == (1, [2, 1, 1])  # the first time, each is refused


def answer(*vectors: Any, **more: Any) -> Any:
    data = [{"object": "embedding", "index": n, "embedding": each} for n, each in enumerate(vectors)]
    return JOB.read({"object": "list", "model": MODEL, "data": data, "usage": {"prompt_tokens": 7, "total_tokens": 7}, **more})


PACKED = b64encode(array("f", [0.5, -1.0]).tobytes()).decode()


def test_vectors_are_kept_packed_whatever_way_they_come():
    (packed, listed) = JOB.outcomes(answer(PACKED, [0.5, -1.0]), (1, 6))
    assert packed == ("done", {"model": MODEL, "tier": None, "input_tokens": 1, "output_tokens": 0, "answer": PACKED})
    assert listed[1]["answer"] == PACKED and listed[1]["input_tokens"] == 6
    assert JOB.shown(PACKED) == [0.5, -1.0] and JOB.shown(None) is None


def test_vectors_go_by_their_index():
    data = [{"index": 1, "embedding": "AAAAAA=="}, {"index": 0, "embedding": PACKED}]
    assert JOB.outcomes(answer(data=data), (1, 1))[0][1]["answer"] == PACKED


def test_a_row_without_a_vector_may_be_asked_again():
    assert [state for state, _ in JOB.outcomes(answer(PACKED), (1, 1))] == ["done", "failed"]


@pytest.mark.parametrize("data", [None, 5, [{"index": 0}], [{"index": 0, "embedding": "no base64!"}], [{"embedding": ["x"]}]])
def test_what_is_no_vector_is_an_error(data):
    (state, kept) = JOB.outcome(answer(data=data))
    assert state == "poison" and "not what the API promises" in kept["error"]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_shares_make_up_the_whole(total, weights):
    parts = shares(total, weights)
    assert sum(parts) == total and min(parts) >= 0
    if any(weights):
        assert all(abs(part - total * weight / sum(weights)) <= 1 for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize("row", [{"text": ""}, {}, {"text": "a", "embedding": 1}])
def test_rows_that_cannot_be_embedded(row):
    with pytest.raises(RowError):
        JOB.request(row)


@pytest.mark.parametrize(
    ("more", "named"),
    [({"text": "{"}, "lone brace"), ({"rows_per_request": 2049}, "1 to 2,048"), ({"params": {"dimensions": 3}}, "'dimensions'")],
)
def test_jobs_that_cannot_be(more, named):
    with pytest.raises(ValueError, match=named):
        EmbeddingJob(**{"model": MODEL, "text": "{text}", **more})
