"""What engines call in their workers: rows and tables in and out, in any process, with nothing secret on the way."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow
import pytest

from ceyx import AsyncOpenAI
from ceyx.bulk import EmbeddingJob, Job, LimitsError
from ceyx.bulk.caller import Caller, client_with
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency

MODEL = "gpt-4o-mini"


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(Settings(latency={"slow": Latency(0.05)}, deployments={"slow": MODEL})) as running:
        yield running


@pytest.fixture
def configured(service: LocalService, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_BASE_URL", service.url)
    environment.setenv("OPENAI_API_KEY", "sk-s3cret")


@pytest.fixture
def made(configured: None) -> Iterator[Any]:
    callers: list[Caller] = []

    def make(*arguments: Any, **options: Any) -> Caller:
        callers.append(Caller(*arguments, **options))
        return callers[-1]

    yield make
    for caller in callers:
        caller.close()


def job(fault: str = "", **more: Any) -> Job:
    params = {"extra_headers": {"x-ceyx-fault": fault}} if fault else {}
    return Job(**{"model": MODEL, "prompt": "Say {text}", "params": params, **more})


def test_rows_come_back_in_their_order_and_none_raises(made):
    found = made(job(), key="id").rows([{"id": 1, "text": "one"}, {"id": 2}, {"id": 3, "text": "three"}])
    assert [row["id"] for row in found] == [1, 2, 3] and [row["ceyx_key"] for row in found] == ["1", "2", "3"]
    assert [row["ceyx_status"] for row in found] == ["done", "error", "done"]
    assert "“Say one”" in found[0]["answer"] and found[0]["ceyx_cost"] > 0 and found[0]["ceyx_output_tokens"] > 0
    assert "no 'text'" in found[1]["ceyx_error"] and found[1]["ceyx_attempts"] == 0


@pytest.mark.parametrize("fault", ["status;code=400;message=no", "status;code=401", "status;code=500;retry-after-ms=1"])
def test_whatever_the_server_says_is_in_the_rows(made, fault):
    caller = made(job(fault))
    found = caller.rows({"text": str(n)} for n in range(70 if "401" in fault else 10))
    assert {row["ceyx_status"] for row in found} == {"error"}
    assert all(fault[12:15] in row["ceyx_error"] for row in found)
    if "401" in fault:  # of every row alike: most were not asked, and none is any more
        assert sum(row["ceyx_attempts"] for row in found) < 70
        assert [row["ceyx_attempts"] for row in caller.rows([{"text": "more"}])] == [0]


class Odd(Job):
    """A job that fails where none should."""

    def guess(self, request: dict[str, Any]) -> int:
        raise RuntimeError("nobody foresaw this")


def test_what_nobody_foresaw_is_in_the_rows_as_well(made):
    found = made(Odd(model=MODEL, prompt="Say {text}")).rows([{"text": "a"}, {"text": "b"}])
    assert [row["ceyx_error"] for row in found] == ["RuntimeError: nobody foresaw this"] * 2


def test_copies_in_a_process_share_client_and_limits(made, service):
    caller = made(job(), requests_per_minute=600)  # ten a second, fifty at once
    began = time.monotonic()
    copies = [pickle.loads(pickle.dumps(caller)) for _ in range(2)]
    assert all(len(copy.rows([{"text": str(n)} for n in range(28)])) == 28 for copy in copies)
    assert time.monotonic() - began > 0.4  # six had to wait


async def test_batches_at_once_share_the_calls_that_may_be_on_their_way(made, service):
    caller = made(job(model="slow"), calls=4)
    caller.open()
    began = time.monotonic()
    found = await asyncio.gather(*(caller.arows([{"text": str(n)} for n in range(4)]) for _ in range(4)))
    assert [len(each) for each in found] == [4] * 4
    assert time.monotonic() - began > 0.2  # 16 calls, 4 at once


def test_without_redis_each_worker_has_its_part(made):
    caller = made(job(), requests_per_minute=2400, workers=4)  # ten a second of these, so fifty at once
    began = time.monotonic()
    caller.rows({"text": str(n)} for n in range(54))
    assert time.monotonic() - began > 0.3


def test_tables_keep_their_columns_and_their_types(made):
    caller = made(
        job(schema={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {}}}})
    )
    given = pyarrow.table({
        "id": pyarrow.array([1, 2], pyarrow.int16()),
        "at": pyarrow.array([1, None], pyarrow.timestamp("us")),
        "text": pyarrow.array(["a", "b"], pyarrow.large_string()),
    })  # fmt: skip
    found = caller.table(given)
    assert found.schema == caller.schema(given.schema)
    assert found.select(["id", "at", "text"]).equals(given)
    assert all(isinstance(answer, str) and answer.startswith("{") for answer in found.column("answer").to_pylist())
    assert caller.table(found.slice(0, 1)).schema == found.schema  # what an earlier run added is replaced
    none = caller.table(given.slice(0, 0))
    assert none.num_rows == 0 and none.schema == found.schema


def test_vectors_are_lists_of_numbers(made):
    found = made(EmbeddingJob("text-embedding-3-small", "{text}", dimensions=8)).table(pyarrow.table({"text": ["a", "b", "c"]}))
    assert found.column("embedding").type == pyarrow.list_(pyarrow.float32())
    assert [len(vector) for vector in found.column("embedding").to_pylist()] == [8, 8, 8]


def test_rows_without_a_key_are_known_by_what_they_hold(made):
    caller = made(job())
    rows = [{"text": "a"}, {"text": "b"}, {"text": "a", "ceyx_status": "done"}]
    one, other, again = caller.keys(rows)
    assert one == again != other
    assert pickle.loads(pickle.dumps(caller)).keys(rows) == [one, other, again]


def test_nothing_secret_is_sent_along(made, service):
    caller = made(
        job(), limits="redis://me@127.0.0.1:6379/0?scope=team", client=partial(client_with, False, {"base_url": service.url})
    )
    caller2 = made(job())
    caller2.rows([{"text": "a"}])  # and it has a client by now
    for one in (caller, caller2):
        sent = pickle.dumps(one)
        assert b"s3cret" not in sent and b"s3cret" not in repr(one).encode()
    with pytest.raises(ValueError, match=r"password for 127.0.0.1:6379/0; put it into CEYX_REDIS_PASSWORD") as failure:
        Caller(job(), limits="redis://:s3cret@127.0.0.1:6379/0")
    assert "s3cret" not in str(failure.value)
    with pytest.raises(ValueError, match="'Authorization', which looks like a key") as failure:
        Caller(job(params={"extra_headers": {"Authorization": "Bearer s3cret"}}))
    assert "s3cret" not in str(failure.value)


def test_what_is_wrong_with_the_client_is_told_before_any_row(made, environment):
    environment.delenv("OPENAI_API_KEY")
    caller = made(job())
    with pytest.raises(Exception, match="OPENAI_API_KEY"):
        caller.open()
    environment.setenv("OPENAI_API_KEY", "any")  # and may be mended
    caller.open()
    assert caller.rows([{"text": "a"}])[0]["ceyx_status"] == "done"


def test_a_client_of_ones_own(made, service):
    def make() -> AsyncOpenAI:
        return AsyncOpenAI(base_url=service.url, api_key="own", default_headers={"x-ceyx-fault": "status;code=400"})

    assert "400" in made(job(), client=make).rows([{"text": "a"}])[0]["ceyx_error"]


def test_limits_that_cannot_be_are_refused_where_they_are_given():
    for wrong in ({"requests_per_minute": 0}, {"limits": "http://host"}, {"calls": 0}, {"workers": 0}):
        with pytest.raises(ValueError):
            Caller(job(), **wrong)


def test_without_redis_from_the_beginning_only_those_who_know_their_part_go_on(made, caplog):
    nowhere = "redis://127.0.0.1:1/0"
    with pytest.raises(LimitsError, match=r"127\.0\.0\.1:1/0"):
        made(job(), limits=nowhere).rows([{"text": "a"}])
    assert made(job(), limits=nowhere, workers=4).rows([{"text": "a"}])[0]["ceyx_status"] == "done"
    assert "goes on with 1/4 of the limits" in caplog.text
