"""Methods of several calls: what they yield, and what the drivers make of it."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from memory_clients import AsyncMemory, failure, in_turn, make, reply, requests

from ceyx import AsyncOpenAI, OpenAI, errors
from ceyx.resources.polling import polled
from ceyx.types import Model
from ceyx.wire.call import Call, Flow, Pause, Together
from ceyx.wire.endpoint import Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, flow


class Jobs(Resource[Mode]):
    plan: Jobs[Plan]
    with_raw_response: Jobs[Raw[Mode]]
    with_streaming_response: Jobs[Streaming[Mode]]

    @endpoint
    def retrieve(self, job: str) -> Call[Model]:
        return self._run(Call("GET", f"/jobs/{job}", Model.wrap, {}))

    @flow
    def finished(self, job: str, *, interval: float = 1.0) -> Flow[Model]:
        """The job, once it is done."""
        while True:
            found, wait = yield from polled(self.plan.retrieve(job))
            if found.owned_by == "done":
                return found
            yield Pause(wait or interval)

    @flow
    def each(self, *jobs: str) -> Flow[list[str]]:
        """Several at a time."""
        found = yield Together([self.plan.retrieve(job) for job in jobs], 2)
        return [job.id for job in found]

    @flow
    def second(self, *jobs: str) -> Flow[Model]:
        """The first that there is."""
        for job in jobs:
            try:
                return (yield from self.plan.retrieve(job))
            except errors.NotFoundError:
                pass
        raise LookupError(jobs)


def model(id_: str, owner: str = "x", **headers: str) -> Any:
    return reply({"id": id_, "object": "model", "created": 1, "owned_by": owner}, **headers)


def jobs(kind: Any, answer: Any) -> tuple[Any, Any]:
    client = make(kind, answer)
    made = Jobs if kind is OpenAI else asynchronous(Jobs)
    return client, made(client, client._send)


def result(made: Any) -> Any:
    return asyncio.run(made) if inspect.iscoroutine(made) else made


both = pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])


def pauses(client: Any, slept: list[float]) -> list[float]:
    return client._transport.slept if isinstance(client._transport, AsyncMemory) else slept


@both
def test_polling_waits_as_long_as_the_server_asks(kind, slept):
    answers = in_turn(
        model("a"), model("a", openai_poll_after_ms="250"), model("a", openai_poll_after_ms="soon"), model("a", "done")
    )
    client, made = jobs(kind, answers)
    found = result(made.finished("a", interval=7))
    assert (type(found), found.owned_by) == (Model, "done")
    assert pauses(client, slept) == [7, 0.25, 7]
    assert [request.target for request in requests(client)] == ["/v1/jobs/a"] * 4


@both
def test_calls_within_a_flow_are_tried_again_like_any_other(kind, slept):
    client, made = jobs(kind, in_turn(failure(503), model("a", "done")))
    assert result(made.finished("a")).id == "a"
    assert len(requests(client)) == 2


@both
def test_errors_reach_the_flow_and_then_the_caller(kind):
    _, made = jobs(kind, in_turn(failure(404), model("b")))
    assert result(made.second("a", "b")).id == "b"
    _, made = jobs(kind, failure(401, "who are you"))
    with pytest.raises(errors.AuthenticationError, match="who are you"):
        result(made.second("a"))


@both
def test_several_at_a_time_keep_their_order(kind):
    client, made = jobs(kind, lambda request: model(request.target.rpartition("/")[2]))
    assert result(made.each("a", "b", "c", "d", "e")) == ["a", "b", "c", "d", "e"]
    assert len(requests(client)) == 5


@both
def test_an_error_of_one_of_several(kind):
    _, made = jobs(kind, lambda request: failure(404) if request.target.endswith("c") else model("x"))
    with pytest.raises(errors.NotFoundError):
        result(made.each("a", "b", "c", "d"))


def test_a_planned_flow_is_told_its_answers():
    client, made = jobs(OpenAI, failure(500))
    steps = made.plan.finished("a")
    step = next(steps)
    assert step.call.path == "/jobs/a"
    assert requests(client) == []


@both
def test_there_is_no_one_response_of_several_calls(kind):
    _, made = jobs(kind, model("a"))
    for mode in (made.with_raw_response, made.with_streaming_response):
        with pytest.raises(TypeError, match="several requests"):
            result(mode.finished("a"))


def test_a_flow_shows_what_it_is():
    assert str(inspect.signature(Jobs.finished)).startswith("(self, job: str, *, interval: float = 1.0)")
    assert Jobs.finished.__doc__ == "The job, once it is done."
    assert inspect.iscoroutinefunction(asynchronous(Jobs).finished)
    assert not inspect.iscoroutinefunction(Jobs.finished)
