"""A call over several deployments: answers are sent into the flow, and it says whom it would ask, and when. No clock."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from memory_clients import ASK, CHAT, COMPLETION, KINDS, chat, connected, events, failure, in_turn, reply, requests, result

import ceyx
from ceyx import (
    APIConnectionError,
    APIStatusError,
    AsyncAzureOpenAI,
    AuthenticationError,
    AzureOpenAI,
    BadRequestError,
    DeadlineExceededError,
    Deployment,
    DeploymentsUnavailableError,
    NotFoundError,
    OpenAI,
    OpenAIError,
    RateLimitError,
    RetryBudget,
    Router,
)
from ceyx.exchange import request_for
from ceyx.router import RouteEvent
from ceyx.router.flow import Clocks, Trip
from ceyx.wire.call import Pause
from ceyx.wire.message import Headers

VERSION = "2025-04-01-preview"
PTU = Deployment(
    name="ptu", azure_endpoint="https://one.openai.azure.com", azure_deployment="gpt-ptu", api_key="key-1", api_version=VERSION
)
PAYG = Deployment(
    name="payg",
    azure_endpoint="https://two.openai.azure.com",
    azure_deployment="gpt",
    api_key="key-2",
    api_version=VERSION,
    priority=1,
)
OPENAI = Deployment(name="openai", base_url="https://api.openai.com/v1", api_key="key-3", model="gpt-4o", priority=2)


class Answer:
    """As a transport gives it, read."""

    def __init__(self, status: int = 200, body: Any = None, closed: bool = True, **headers: str) -> None:
        self.status, self.closed = status, closed
        self.headers = Headers([(name.replace("_", "-"), value) for name, value in headers.items()])
        told = COMPLETION if status < 300 else {"error": {"message": "boom"}}
        self.content: bytes | None = json.dumps(told if body is None else body).encode()


def error(status: int, code: str | None = None, **headers: str) -> Answer:
    return Answer(status, {"error": {"message": "boom", "code": code}}, **headers)


OK = Answer()
BUSY = error(429, retry_after="7")


def client(*deployments: Deployment, kind: Any = AzureOpenAI, **more: Any) -> Any:
    given = {"deployments": deployments or (PTU, PAYG, OPENAI)} if "router" not in more else {}
    return kind(**{"api_version": VERSION} if kind in (AzureOpenAI, AsyncAzureOpenAI) else {}, **given, **more)


class World:
    """A clock, and what every deployment would answer at any time."""

    def __init__(self, made: Any) -> None:
        self.client, self.now = made, 1000.0
        self.asked: list[str] = []
        self.pauses: list[float] = []
        self.sent: list[Any] = []
        self.round = 0  # the first of `asked` since the call began, or last waited

    def begin(self, call: Any = None) -> Any:
        call = call or self.client.plan.chat.completions.create(model="gpt-4o", messages=ASK)
        routes = self.client._routes
        clocks = Clocks(lambda: self.now, lambda: 1_700_000_000.0, lambda: 0.0)
        return Trip(call, routes.each, routes.router, request_for, False, clocks).go()

    def run(self, answer: Callable[[Any], Any], call: Any = None, seconds: float = 0.0) -> Any:
        """The end of the call: a reply and its number of sends, or the error raised."""
        step: Any = None
        self.round = len(self.asked)
        try:
            flow = self.begin(call)
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    self.pauses.append(step.seconds)
                    self.now += step.seconds
                    self.round = len(self.asked)
                    step = next(flow)
                    continue
                self.asked.append(step.deployment)
                self.sent.append(step)
                self.now += seconds
                given = answer(step)
                step = flow.throw(given) if isinstance(given, Exception) else flow.send(given)
        except StopIteration as end:
            return end.value
        except Exception as raised:  # noqa: BLE001  # whatever it raises is what is asked about
            return raised

    def state(self, name: str) -> Any:
        health = self.client.router.health[name]
        return health.shown_state(self.now), round(max(health.until - self.now, 0), 3)


def world(*deployments: Deployment, **more: Any) -> World:
    return World(client(*deployments, **more))


def by_name(**answers: Any) -> Callable[[Any], Any]:
    """Each deployment's answers, in turn; the last of them from then on."""
    left = {name: list(given) if isinstance(given, list) else [given] for name, given in answers.items()}

    def answer(request: Any) -> Any:
        own = left[request.deployment]
        return own.pop(0) if len(own) > 1 else own[0]

    return answer


# ---- spilling over


def test_the_first_is_asked_and_others_only_if_it_cannot():
    here = world()
    assert here.run(by_name(ptu=OK)) == (OK, 0)
    assert here.asked == ["ptu"]


def test_a_429_spills_at_once_and_the_next_call_knows():
    here = world()
    answer = by_name(ptu=[BUSY, OK], payg=OK)
    assert here.run(answer) == (OK, 1)
    assert here.pauses == []
    assert here.state("ptu") == ("limited", 7.0)
    here.run(answer)
    here.now += 6.9
    here.run(answer)
    here.now += 0.2
    here.run(answer)
    assert here.asked == ["ptu", "payg", "payg", "payg", "ptu"]
    assert here.state("ptu") == ("ready", 0.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after_ms": "43"}, 0.043),
        ({"retry_after": "3"}, 3.0),
        ({"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "6m0s"}, 360.0),
        ({}, 0.5),
    ],
)
def test_a_deployment_is_left_alone_for_as_long_as_it_says(headers, seconds):
    here = world()
    here.run(by_name(ptu=error(429, **headers), payg=OK))
    assert here.state("ptu") == ("limited", seconds)


def test_one_that_does_not_say_is_left_alone_longer_each_time():
    here = world()
    for expected in (0.5, 1.0, 2.0):
        here.run(by_name(ptu=error(429), payg=OK))
        assert here.state("ptu") == ("limited", expected)
        here.now += expected
    here.run(by_name(ptu=OK))
    here.run(by_name(ptu=error(429), payg=OK))
    assert here.state("ptu") == ("limited", 0.5)


def test_the_later_end_of_two_limits_counts():
    here = world()
    one, other = here.begin(), here.begin()
    next(one), next(other)
    one.send(error(429, retry_after="30"))
    other.send(error(429, retry_after="1"))
    assert here.state("ptu") == ("limited", 30.0)


@pytest.mark.parametrize("given", [error(500), error(503), error(529), error(408), APIConnectionError(), ceyx.APITimeoutError()])
def test_failures_spill_at_once(given):
    here = world()
    assert here.run(by_name(ptu=given, payg=OK)) == (OK, 1)
    assert (here.asked, here.pauses) == (["ptu", "payg"], [])


def test_spilling_is_no_retry_but_asking_again_is():
    here = world(max_retries=0)
    assert here.run(by_name(ptu=BUSY, payg=error(500), openai=OK)) == (OK, 2)
    end = here.run(by_name(payg=error(500), openai=error(500)))
    assert isinstance(end, ceyx.InternalServerError)
    assert "max_retries is 0" in end.message
    assert here.pauses == []


def test_max_retries_counts_over_all_deployments():
    here = world(PTU, PAYG, max_retries=2)
    end = here.run(by_name(ptu=error(500), payg=error(500)))
    assert here.asked == ["ptu", "payg"] * 3
    assert here.pauses == [0.5, 1.0]
    assert isinstance(end, ceyx.InternalServerError)
    assert "sent 6 times; not waited for" in end.message


def test_the_retry_budget_is_one_for_all():
    here = world(PTU, PAYG, max_retries=9, retry_budget=RetryBudget(20))
    end = here.run(by_name(ptu=error(500), payg=error(500)))
    assert here.pauses == [0.5]  # for 14, and half a second regains 5
    assert "the retry budget of this client is spent" in end.message


def test_an_answer_gives_some_of_the_budget_back():
    budget = RetryBudget(20)
    here = world(PTU, PAYG, retry_budget=budget)
    here.run(by_name(ptu=[error(500), OK], payg=error(500)))
    assert budget.left == 20 - 14 + 1


def test_the_deadline_is_one_for_all():
    here = world(PTU, PAYG, deadline=10.0, max_retries=9)
    from time import monotonic

    here.now = monotonic()
    end = here.run(by_name(ptu=error(429, retry_after="20"), payg=error(429, retry_after="11")), seconds=1.0)
    assert isinstance(end, RateLimitError)
    assert "would pass the deadline" in end.message
    assert here.sent[0].until == here.sent[1].until
    end = here.run(by_name(ptu=DeadlineExceededError()))
    assert isinstance(end, DeploymentsUnavailableError)


def test_all_tries_have_one_idempotency_key():
    here = world()
    here.run(by_name(ptu=BUSY, payg=error(500), openai=OK))
    assert len({request.headers["idempotency-key"] for request in here.sent}) == 1


# ---- waiting


def test_where_all_are_limited_the_first_that_is_free_is_waited_for():
    here = world(PTU, PAYG)
    assert here.run(by_name(ptu=error(429, retry_after="9"), payg=[error(429, retry_after="4"), OK])) == (OK, 2)
    assert here.pauses == [4.0]
    assert here.asked == ["ptu", "payg", "payg"]


def test_a_call_that_comes_while_all_are_limited_waits_too():
    here = world(PTU, PAYG)
    here.run(by_name(ptu=error(429, retry_after="50"), payg=[error(429, retry_after="40"), OK]))
    here.now -= 39
    assert here.run(by_name(ptu=OK, payg=OK)) == (OK, 0)
    assert here.pauses[-1] == pytest.approx(11, abs=30)


def test_where_waiting_is_not_allowed_the_error_names_each_deployment_and_why():
    here = world(PTU, PAYG, max_retries=0)
    end = here.run(by_name(ptu=error(429, retry_after="9"), payg=error(503, "ServerBusy")))
    assert isinstance(end, ceyx.InternalServerError)
    assert "ptu: 429 (limited for 9 s)" in end.message
    assert "payg: 503 ServerBusy" in end.message
    here.run(by_name(payg=error(429, retry_after="5")))
    none = here.run(by_name())
    assert isinstance(none, DeploymentsUnavailableError)
    assert "ptu: 429 (limited for 9 s); payg: 429 (limited for 5 s)" in none.message
    assert "max_retries is 0" in none.message
    assert none.retryable and none.received is None and none.retry_after == 5.0


def test_a_day_is_not_waited_for():
    here = world(PTU)
    end = here.run(by_name(ptu=error(429, retry_after="86400")))
    assert isinstance(end, RateLimitError)
    assert "more than 120 s" in end.message


# ---- what is whose fault


@pytest.mark.parametrize("given", [error(400), error(400, "content_filter"), error(413), error(422), error(301)])
def test_a_call_that_is_wrong_is_wrong_everywhere(given):
    here = world()
    end = here.run(by_name(ptu=given))
    assert isinstance(end, APIStatusError)
    assert here.asked == ["ptu"]
    assert here.state("ptu") == ("ready", 0.0)
    assert "[" not in end.message


@pytest.mark.parametrize("given", [error(401), error(403), error(402), error(429, "insufficient_quota")])
def test_one_that_refuses_the_caller_is_set_aside_and_said_so_once(given, caplog):
    here = world()
    answer = by_name(ptu=given, payg=OK)
    assert here.run(answer) == (OK, 1)
    here.run(answer)
    assert here.asked == ["ptu", "payg", "payg"]
    assert here.state("ptu") == ("refused", 60.0)
    here.now += 61
    here.run(answer)  # tried out again, in vain
    assert here.asked[3:] == ["ptu", "payg"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "deployment 'ptu' is not asked for a while" in caplog.text


def test_one_that_was_mended_can_be_asked_at_once(caplog):
    here = world()
    answer = by_name(ptu=[error(401), error(404, "DeploymentNotFound"), OK], payg=OK)
    for _ in range(2):
        here.run(answer)
        here.client.router.reset("ptu")
    here.run(answer)
    assert here.asked == ["ptu", "payg", "ptu", "payg", "ptu"]
    here.client.router.reset()
    with pytest.raises(KeyError):
        here.client.router.reset("nobody")


def test_where_all_refuse_nobody_waits():
    here = world(PTU, PAYG)
    end = here.run(by_name(ptu=error(401), payg=error(403)))
    assert isinstance(end, APIStatusError)
    assert here.pauses == []
    assert "ptu: 401 (set aside for 60 s); payg: 403 (set aside for 60 s)" in end.message
    assert isinstance(here.run(by_name()), DeploymentsUnavailableError)


def test_what_may_pass_is_raised_before_what_may_not():
    here = world(PTU, PAYG, max_retries=0)
    assert isinstance(here.run(by_name(ptu=BUSY, payg=error(401))), RateLimitError)


def test_a_model_that_a_deployment_lacks_is_asked_for_elsewhere_and_others_are_not():
    here = world()
    answer = by_name(ptu=error(404, "DeploymentNotFound"), payg=OK)
    assert here.run(answer) == (OK, 1)
    here.run(answer)
    embed = here.client.plan.embeddings.create(model="other", input="x")
    here.run(by_name(ptu=OK), embed)
    assert here.asked == ["ptu", "payg", "payg", "ptu"]
    assert here.client.router.state()["deployments"]["ptu"]["lacks"] == []  # by the real clock, which is past that


def test_a_key_that_does_not_fit_a_version_of_the_api_is_no_matter_for_others():
    old = Deployment(
        name="old", azure_endpoint="https://o.openai.azure.com", azure_deployment="x", api_key="k", api_version="2023-05-15"
    )
    here = world(old, PAYG)
    call = here.client.plan.chat.completions.create(model="m", messages=ASK, response_format={"type": "json_schema"})
    end = here.run(by_name(old=OK, payg=OK), call)
    assert end == (OK, 0)


def test_a_server_that_says_not_to_try_again_has_the_last_word():
    here = world()
    assert isinstance(here.run(by_name(ptu=error(500, x_should_retry="false"))), ceyx.InternalServerError)


# ---- the circuit


def test_a_circuit_opens_after_five_failures_and_closes_by_one_that_tries_it_out():
    here = world(PTU, PAYG)
    answer = by_name(ptu=[APIConnectionError()] * 6 + [OK], payg=OK)
    for _ in range(5):
        here.run(answer)
    assert here.state("ptu") == ("open", 5.0)
    here.run(answer)
    assert here.asked == ["ptu", "payg"] * 5 + ["payg"]
    here.now += 5
    assert here.state("ptu") == ("half-open", 0.0)
    here.run(answer)  # fails again: twice as long
    assert here.state("ptu") == ("open", 10.0)
    here.now += 10
    here.run(answer)
    assert here.asked[-1] == "ptu"
    assert here.state("ptu") == ("ready", 0.0)


def test_one_call_at_a_time_tries_it_out():
    here = world(PTU, PAYG, max_retries=0)
    for _ in range(5):
        here.run(by_name(ptu=error(500), payg=OK))
    here.now += 5
    probe, other = here.begin(), here.begin()
    assert next(probe).deployment == "ptu"
    assert next(other).deployment == "payg"
    probe.close()  # cancelled: the next may try
    assert next(here.begin()).deployment == "ptu"


def test_late_failures_do_not_open_it_for_longer():
    here = world(PTU, PAYG)
    late = [here.begin() for _ in range(6)]
    for flow in late:
        next(flow)
    for flow in late:
        flow.throw(APIConnectionError())
    assert here.state("ptu") == ("open", 5.0)


def test_an_answer_in_between_starts_the_count_anew():
    here = world(PTU, PAYG)
    answer = by_name(ptu=[*[error(500)] * 4, OK, *[error(500)] * 4, OK], payg=OK)
    for _ in range(10):
        here.run(answer)
    assert here.state("ptu") == ("ready", 0.0)


def test_a_limit_while_it_is_tried_out_shows_that_it_works():
    here = world(PTU, PAYG)
    for _ in range(5):
        here.run(by_name(ptu=error(500), payg=OK))
    here.now += 5
    here.run(by_name(ptu=BUSY, payg=OK))
    assert here.state("ptu") == ("limited", 7.0)


def test_a_503_that_says_when_to_come_back_is_left_alone_until_then():
    here = world(PTU, PAYG)
    here.run(by_name(ptu=error(503, retry_after="4"), payg=OK))
    assert here.state("ptu") == ("limited", 4.0)


# ---- once a byte has come


def test_a_post_whose_answer_began_goes_nowhere_else():
    broken = APIConnectionError()
    broken.answered = True
    here = world()
    end = here.run(by_name(ptu=broken))
    assert end is broken
    assert here.asked == ["ptu"]
    assert "retry_answered=True" in end.message
    again = APIConnectionError()
    again.answered = True
    here = world(retry_answered=True)
    assert here.run(by_name(ptu=again, payg=OK)) == (OK, 1)


def test_a_file_that_cannot_be_read_again_goes_nowhere_else():
    class Pipe:
        name = "speech.wav"

        def read(self, size: int = -1) -> bytes:
            return b""

        def seekable(self) -> bool:
            return False

    here = world(PTU, PAYG)
    call = here.client.plan.audio.transcriptions.create(model="w", file=Pipe())

    def answer(request: Any) -> Any:
        assert b"".join(request.content)
        return error(500)

    end = here.run(answer, call)
    assert here.asked == ["ptu"]
    assert "cannot be read again" in end.message


# ---- which one


def test_names_of_models_are_those_of_each_deployment():
    many = Deployment(
        name="many", azure_endpoint="https://m.openai.azure.com", api_key="k", models={"gpt-4o": "d1", "mini": "d2"}
    )
    v1 = Deployment(
        name="v1", azure_endpoint="https://v.openai.azure.com/openai/v1", api_key="k", azure_deployment="d3", priority=1
    )
    here = world(many, v1, OPENAI)
    call = here.client.plan.chat.completions.create(model="mini", messages=ASK)
    here.run(by_name(many=BUSY, v1=BUSY, openai=OK), call)
    assert [request.target.partition("?")[0] for request in here.sent] == [
        "/openai/deployments/d2/chat/completions",
        "/openai/v1/chat/completions",
        "/v1/chat/completions",
    ]
    assert [json.loads(request.content)["model"] for request in here.sent] == ["d2", "d3", "gpt-4o"]
    assert call.body["model"] == "mini"
    here.now += 8
    other = here.client.plan.chat.completions.create(model="other", messages=ASK)
    here.run(by_name(v1=OK), other)  # which `many` does not serve
    assert here.asked[-1] == "v1"


def test_responses_are_sent_by_the_deployments_name_too():
    here = world(PTU)
    here.run(by_name(ptu=Answer(200, {"id": "resp_1"})), here.client.plan.responses.create(model="gpt-4o", input="x"))
    assert json.loads(here.sent[0].content)["model"] == "gpt-ptu"


def test_a_model_that_nobody_serves():
    here = world(Deployment(name="a", azure_endpoint="https://a.openai.azure.com", api_key="k", models=["x", "y"]))
    end = here.run(by_name())
    assert str(end) == "no deployment serves the model 'gpt-4o' (a: x, y); add it to models= of one"


def spread(policy: Any, weights: tuple[float, ...], calls: int) -> dict[str, int]:
    given = [
        Deployment(name=str(n), azure_endpoint=f"https://d{n}.openai.azure.com", api_key="k", weight=w)
        for n, w in enumerate(weights)
    ]
    here = world(*given, policy=policy)
    flows = [here.begin() for _ in range(calls)]
    names = [next(flow).deployment for flow in flows]
    return {name: names.count(name) for name in here.client.router.health}


def test_policies():
    assert spread("ordered", (1, 1, 1), 30) == {"0": 30, "1": 0, "2": 0}
    assert spread("least_busy", (1, 1, 1), 30) == {"0": 10, "1": 10, "2": 10}
    assert spread("least_busy", (2, 1, 0), 30) == {"0": 20, "1": 10, "2": 0}
    weighted = spread("weighted", (3, 1, 0), 2000)
    assert weighted["2"] == 0
    assert 1350 < weighted["0"] < 1650


def test_latency_prefers_who_answered_fastest_of_late():
    here = world(
        *(Deployment(name=name, azure_endpoint=f"https://{name}.openai.azure.com", api_key="k") for name in "ab"),
        policy="latency",
    )
    here.run(lambda _: OK, seconds=2.0)
    here.run(lambda _: OK, seconds=1.0)
    here.run(lambda _: OK, seconds=1.0)
    assert here.asked == ["a", "b", "b"]


def test_a_latency_of_long_ago_is_found_out_again():
    here = world(
        *(Deployment(name=name, azure_endpoint=f"https://{name}.openai.azure.com", api_key="k") for name in "ab"),
        policy="latency",
    )
    for seconds in (2.0, 1.0, 1.0):
        here.run(lambda _: OK, seconds=seconds)
    here.now += 58
    here.run(lambda _: OK, seconds=1.0)
    assert here.asked == ["a", "b", "b", "a"]


def test_priorities_come_before_policies():
    here = world(PTU, PAYG, OPENAI, policy="least_busy")
    assert {next(here.begin()).deployment for _ in range(5)} == {"ptu"}


def test_a_stream_counts_as_busy_until_it_is_read_or_dropped():
    here = world(PTU, PAYG)
    health = here.client.router.health["ptu"]
    streams = [Answer(closed=False), Answer(closed=False)]
    for stream in streams:
        stream.content = None
        here.run(lambda _, stream=stream: stream)
    del stream
    assert health.busy == 2
    streams[0].closed = True
    assert health.busy == 1
    streams.clear()
    assert health.busy == 0


def test_streams_that_are_over_are_forgotten_though_nobody_asks():
    here = world(PTU)
    open_ones = [Answer(closed=False) for _ in range(5)]
    for stream in open_ones + [Answer(closed=True) for _ in range(500)]:
        stream.content = None
        here.run(lambda _, stream=stream: stream)
    health = here.client.router.health["ptu"]
    assert len(health.streams) < 100
    assert health.busy == 5


def test_a_limiter_holds_deployments_back():
    held = {"ptu": 3.0, "payg": 0.0}
    router = Router([PTU, PAYG], limiter=lambda name, call: held[name] if call.path == "/chat/completions" else 0.0)
    here = world(router=router)
    here.run(by_name(payg=OK))
    held["payg"] = 2.0
    flow = here.begin()
    assert next(flow) == Pause(2.0)
    held["payg"] = 0.0
    assert next(flow).deployment == "payg"


# ---- what is stored


def made(id: str, **more: Any) -> Answer:
    return Answer(200, {"id": id, **more})


def test_a_response_goes_on_where_it_began():
    here = world(PTU, PAYG)
    plan = here.client.plan.responses
    here.run(
        by_name(ptu=BUSY, payg=made("resp_1", output=[{"id": "rs_1", "type": "reasoning"}])), plan.create(model="m", input="x")
    )
    here.now += 60
    here.run(by_name(payg=made("resp_2")), plan.create(model="m", input="x", previous_response_id="resp_1"))
    here.run(by_name(payg=made("resp_1")), plan.retrieve("resp_1"))
    here.run(by_name(payg=made("resp_3")), plan.create(model="m", input=[{"type": "reasoning", "id": "rs_1", "summary": []}]))
    assert here.asked == ["ptu", "payg", "payg", "payg", "payg"]
    end = here.run(by_name(payg=BUSY), plan.create(model="m", input="x", previous_response_id="resp_1"))
    assert isinstance(end, RateLimitError)  # never elsewhere
    assert set(here.asked[5:]) == {"payg"}


def test_deployments_of_one_resource_share_what_is_stored():
    other = Deployment(
        name="spare", azure_endpoint="https://one.openai.azure.com", azure_deployment="std", api_key="k", priority=1
    )
    here = world(PTU, other, PAYG)
    plan = here.client.plan.responses
    here.run(by_name(ptu=made("resp_1")), plan.create(model="m", input="x"))
    here.run(by_name(ptu=BUSY, spare=made("resp_2")), plan.create(model="m", input="x", previous_response_id="resp_1"))
    assert here.asked == ["ptu", "ptu", "spare"]


def test_a_stored_chat_is_asked_for_where_it_is():
    here = world(PTU, PAYG)
    plan = here.client.plan.chat.completions
    here.run(by_name(ptu=BUSY, payg=made("chatcmpl-9", choices=[])), plan.create(model="m", messages=ASK, store=True))
    here.run(by_name(payg=OK), plan.retrieve("chatcmpl-9"))
    assert here.asked[-1] == "payg"


def test_files_and_their_like_have_one_home():
    here = world(PTU, PAYG, policy="least_busy")
    plan = here.client.plan
    for call in (plan.files.list(), plan.batches.list(), plan.vector_stores.create(name="x"), plan.conversations.create()):
        here.run(by_name(ptu=OK), call)
    end = here.run(by_name(ptu=error(500)), plan.vector_stores.create(name="x"))
    assert isinstance(end, ceyx.InternalServerError)
    assert set(here.asked) == {"ptu"}


def test_what_nobody_remembers_is_looked_for_and_then_remembered():
    here = world(PTU, PAYG, OPENAI)
    plan = here.client.plan
    answer = by_name(ptu=error(404), payg=made("file-1"))
    assert here.run(answer, plan.files.retrieve("file-1"))[0].status == 200
    here.run(answer, plan.files.retrieve("file-1"))
    assert here.asked == ["ptu", "payg", "payg"]
    lost = error(400, "previous_response_not_found")
    call = plan.responses.create(model="m", input="x", previous_response_id="resp_of_another_program")
    here.run(by_name(ptu=lost, payg=made("resp_5")), call)
    assert here.asked[3:] == ["ptu", "payg"]
    assert here.state("ptu") == ("ready", 0.0)


def test_a_404_for_a_thing_says_nothing_of_the_deployment():
    here = world(PTU, PAYG)
    here.client.router.note(["conv_1"], "https://one.openai.azure.com")
    call = here.client.plan.responses.create(model="gpt-4o", input="x", conversation="conv_1")
    assert isinstance(here.run(by_name(ptu=error(404)), call), NotFoundError)
    here.run(by_name(ptu=OK))
    assert here.asked == ["ptu", "ptu"]


def test_what_is_nowhere_is_a_404():
    here = world(PTU, PAYG)
    end = here.run(by_name(ptu=error(404), payg=error(404)), here.client.plan.files.retrieve("file-9"))
    assert isinstance(end, NotFoundError)
    assert (here.asked, here.pauses) == (["ptu", "payg"], [])


def test_while_looking_one_that_fails_is_asked_again_not_given_up():
    here = world(PTU, PAYG)
    answer = by_name(ptu=[error(500), made("file-1")], payg=error(404))
    assert here.run(answer, here.client.plan.files.retrieve("file-1"))[1] == 2
    assert here.asked == ["ptu", "payg", "ptu"]


def test_what_is_kept_apart_cannot_go_into_one_call():
    here = world(PTU, PAYG)
    here.client.router.note(["resp_1"], "https://one.openai.azure.com")
    here.client.router.note(["file-2"], "https://two.openai.azure.com")
    tools = [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-2"]}}]
    call = here.client.plan.responses.create(model="m", input="x", previous_response_id="resp_1", tools=tools)
    end = here.run(by_name(), call)
    assert isinstance(end, OpenAIError)
    assert "resp_1 at ptu" in str(end) and "file-2 at payg" in str(end)


def test_two_accounts_at_one_address_are_two_places():
    both = [Deployment(name=name, base_url="https://api.openai.com/v1", api_key=f"key-{name}") for name in "ab"]
    here = world(*both, kind=OpenAI)
    one, other = here.client._routes.each
    assert one.place != other.place
    assert "key-a" not in one.place


def test_the_oldest_ids_are_forgotten():
    from ceyx.router.stored import Memory

    memory = Memory(2)
    for id in ("a", "b", "a", "c"):
        memory.note([id], "there")
    assert [memory.place(id) for id in "abc"] == ["there", None, "there"]


# ---- whatever the answers

OUTCOMES = st.sampled_from([
    OK, OK, BUSY, error(429), error(429, retry_after="40"), error(500), error(503, retry_after="2"), error(401), error(404, "x"),
    error(400), error(409), "lost", "late", "broken",
])  # fmt: skip


def asked_since(here: World) -> set[str]:
    """Those that this call has asked since it last waited."""
    return set(here.asked[here.round :])


@given(
    outcomes=st.lists(OUTCOMES, min_size=1, max_size=60),
    gaps=st.lists(st.floats(0, 20), min_size=1, max_size=12),
    count=st.integers(1, 4),
    policy=st.sampled_from(["ordered", "weighted", "least_busy", "latency"]),
    max_retries=st.integers(0, 3),
)
@hypothesis_settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_every_call_ends_once_and_no_deployment_is_asked_while_it_rests(outcomes, gaps, count, policy, max_retries):
    deployments = [
        Deployment(name=str(n), azure_endpoint=f"https://d{n}.openai.azure.com", api_key="k", priority=n // 2)
        for n in range(count)
    ]
    here = world(*deployments, policy=policy, max_retries=max_retries, retry_budget=None)
    health, left = here.client.router.health, list(outcomes)
    begun = []

    def answer(request: Any) -> Any:
        own = health[request.deployment]
        assert own.until <= here.now, "it rests"
        model, mine = "gpt-4o", int(request.deployment) // 2
        better = [name for name, other in health.items() if int(name) // 2 < mine and other.wait(model, here.now) == 0]
        assert set(better) <= asked_since(here), "one of a lower number is free"
        assert not begun, "nothing is sent after an answer began"
        outcome = left.pop(0) if left else OK
        if outcome in ("lost", "late"):
            return APIConnectionError() if outcome == "lost" else DeadlineExceededError()
        if outcome == "broken":
            begun.append(True)
            broken = APIConnectionError()
            broken.answered = True
            return broken
        return outcome

    for gap in gaps:
        sent_before, paused_before = len(here.asked), len(here.pauses)
        end = here.run(answer)
        assert isinstance(end, tuple | OpenAIError)
        if isinstance(end, tuple):
            assert end[0].status == 200
            assert end[1] == len(here.asked) - sent_before - 1
        pauses = here.pauses[paused_before:]
        assert len(pauses) <= max_retries
        assert len(here.asked) - sent_before <= count * (len(pauses) + 1)
        assert sum(own.in_flight for own in health.values()) == 0
        assert not any(own.probing for own in health.values())
        begun.clear()
        here.now += gap


# ---- clients


def answers(**by_host: Any) -> Callable[[Any], Any]:
    left = {
        host: in_turn(*given) if isinstance(given, list) else (lambda _, given=given: given) for host, given in by_host.items()
    }
    return lambda request: left[request.origin.partition("//")[2].partition(".")[0]](request)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_client_has_deployments(kind):
    made = connected(client(kind=kind), answers(one=failure(429, retry_after="9"), two=CHAT))
    answer = chat(made)
    assert answer.choices[0].message.content == "Hello"
    assert answer._deployment == "payg"
    assert [request.headers.get("api-key") for request in requests(made)] == ["key-1", "key-2"]
    raw = result(made.chat.completions.with_raw_response.create(model="m", messages=ASK))
    assert (raw.deployment, raw.retries_taken) == ("payg", 0)
    assert raw.http_request.deployment == "payg"
    assert "deployment" not in answer.model_dump_json()


def test_a_client_without_deployments_says_none():
    made = connected(AzureOpenAI(azure_endpoint="https://one.openai.azure.com", api_key="k", api_version=VERSION))
    assert not hasattr(made, "router")
    with pytest.raises(AttributeError, match="has no deployments="):
        made.router  # noqa: B018
    assert chat(made)._deployment is None


def test_keys_of_a_client_are_for_deployments_of_its_kind_only(environment):
    environment.setenv("OPENAI_API_KEY", "sk-openai")
    made = client(
        Deployment(name="one", azure_endpoint="https://one.openai.azure.com", azure_deployment="d"),
        Deployment(name="api", base_url="https://api.openai.com/v1", priority=1),
        api_key="azure-key",
        default_headers={"x-gateway": "s3cret"},
    )
    connected(made, answers(one=failure(500), api=CHAT))
    chat(made)
    first, second = requests(made)
    assert (first.headers["api-key"], first.headers["x-gateway"]) == ("azure-key", "s3cret")
    assert second.headers["authorization"] == "Bearer sk-openai"
    assert "api-key" not in second.headers and "x-gateway" not in second.headers


HERE = Deployment(name="here", base_url="http://127.0.0.1:8000/v1")
API = Deployment(name="api", base_url="https://api.openai.com/v1")


@pytest.mark.parametrize("given", [{"api_key": "sk-openai"}, {}], ids=["argument", "environment"])
def test_a_key_for_one_provider_is_sent_to_nobody_else(environment, given):
    environment.setenv("OPENAI_API_KEY", "sk-openai")
    for order in ((API, HERE), (HERE, API)):
        with pytest.raises(OpenAIError, match=r"'here'.*no key of their own, and are not of one provider.*api_key=''"):
            client(*order, kind=OpenAI, **given)
    free = Deployment(name="free", base_url="http://127.0.0.1:8000/v1", api_key="")
    made = connected(client(free, API, kind=OpenAI, **given), in_turn(failure(500), CHAT))
    chat(made)
    assert [request.headers.get("authorization") for request in requests(made)] == [None, "Bearer sk-openai"]
    other = Deployment(name="other", base_url="https://vllm.contoso.com/v1")
    client(HERE, other, kind=OpenAI, **given)  # as with one address that is not OpenAI's


def test_tokens_of_entra_for_azure_are_sent_to_no_gateway_unless_that_is_said():
    class Credential:
        def get_token(self, *scopes: str) -> Any:
            raise AssertionError("nothing is sent")

    direct = {"name": "direct", "azure_endpoint": "https://one.openai.azure.com"}
    gateway = {"name": "gateway", "base_url": "https://gateway.contoso.com/openai"}
    with pytest.raises(OpenAIError, match=r"'direct'.*'gateway'.*not of one provider"):
        AzureOpenAI(api_version=VERSION, deployments=[direct, gateway], credential=Credential())
    own = {**gateway, "credential": Credential()}
    AzureOpenAI(api_version=VERSION, deployments=[direct, own], credential=Credential())


def test_an_error_tells_which_deployment():
    made = connected(client(), answers(one=failure(400, "no")))
    with pytest.raises(BadRequestError) as caught:
        chat(made)
    assert caught.value.request is not None and caught.value.request.deployment == "ptu"
    assert pickle.loads(pickle.dumps(caught.value)).request.deployment == "ptu"


@pytest.mark.parametrize("awaits", [False, True])
def test_a_credential_that_gives_no_token_sends_the_call_on(awaits, caplog):
    class Broken:
        def get_token(self, *scopes: str) -> Any:
            raise RuntimeError("az login first")

    given = Deployment(name="entra", azure_endpoint="https://one.openai.azure.com", azure_deployment="d", credential=Broken())
    made = connected(client(given, PAYG, kind=AsyncAzureOpenAI if awaits else AzureOpenAI), answers(two=CHAT))
    assert chat(made)._deployment == "payg"
    assert made.router.state()["deployments"]["entra"]["state"] == "refused"
    assert "az login first" in caplog.text
    alone = connected(client(given), answers())
    with pytest.raises(OpenAIError, match="deployment 'entra': no token: RuntimeError: az login first"):
        chat(alone)


def test_what_is_told_of_a_deployment_is_told_once_and_no_names_are_kept_for_ever(caplog):
    class Broken:
        numbers = iter(range(100))

        def get_token(self, *scopes: str) -> Any:
            raise ValueError(f"trace id {next(self.numbers)}")

    broken = Deployment(name="broken", azure_endpoint="https://one.openai.azure.com", credential=Broken())
    made = connected(client(broken, PAYG), answers(two=CHAT))
    for _ in range(3):
        chat(made)
        made.router.health["broken"].until = 0.0  # a minute later
    assert len([record for record in caplog.records if "'broken'" in record.getMessage()]) == 1
    assert len(made.router.warned) == 1
    health = made.router.health["payg"]
    for number in range(100):
        health.lack(f"model-{number}", now=1000.0 * number)
    assert len(health.lacking) == 1


def test_an_error_of_the_program_is_no_matter_of_the_deployment():
    def unreadable(_: Any) -> Any:
        raise OpenAIError("the file could not be read while it was sent")

    made = connected(client(), unreadable)
    with pytest.raises(OpenAIError, match="could not be read"):
        chat(made)
    assert {one["state"] for one in made.router.state()["deployments"].values()} == {"ready"}
    assert (len(requests(made)), repr(made)) == (1, "<AzureOpenAI ptu, payg, openai>")


def test_copies_share_what_is_learned_and_differ_in_settings():
    made = connected(client(), answers(one=failure(429, retry_after="9"), two=CHAT))
    other = made.with_options(timeout=3, max_retries=0, default_headers={"x-a": "b"})
    chat(other)
    assert other.router is made.router
    assert (requests(made)[-1].timeout.read, requests(made)[-1].headers["x-a"]) == (3, "b")
    assert chat(made)._deployment == "payg"
    assert len(requests(made)) == 3
    for twin in (copy.copy(made), copy.deepcopy(made)):
        assert twin.router is made.router
    made.timeout = 4
    made.max_retries = 5
    chat(made)
    assert requests(made)[-1].timeout.read == 4 and made.max_retries == 5


def test_addresses_and_keys_are_the_deployments():
    made = client()
    for change in ({"api_key": "x"}, {"azure_endpoint": "https://x"}, {"deployments": [PTU]}, {"policy": "weighted"}):
        with pytest.raises(OpenAIError, match="with several deployments"):
            made.copy(**change)
    with pytest.raises(OpenAIError, match="each has its own"):
        made.api_key = "x"
    with pytest.raises(OpenAIError, match="with several deployments"):
        made.base_url = "https://x"
    with pytest.raises(OpenAIError, match="deployments is for making clients"):
        OpenAI(api_key="k").copy(deployments=[PTU])


def test_a_pickle_holds_no_key_and_finds_them_again(environment):
    for name in ("KEY_ONE", "KEY_TWO"):
        environment.setenv(name, f"s3cret-{name}")
    made = client(
        Deployment(name="a", azure_endpoint="https://one.openai.azure.com", azure_deployment="d", api_key_env="KEY_ONE"),
        Deployment(name="b", base_url="https://two.example/v1", api_key_env="KEY_TWO", priority=1),
    )
    pickled = pickle.dumps(made)
    assert b"s3cret" not in pickled
    other = connected(pickle.loads(pickled), answers(one=failure(500), two=CHAT))
    chat(other)
    assert [request.headers.get("api-key") or request.headers["authorization"] for request in requests(other)] == [
        "s3cret-KEY_ONE",
        "Bearer s3cret-KEY_TWO",
    ]
    environment.delenv("KEY_TWO")
    with pytest.raises(OpenAIError, match=r"deployment 'b': its key should be in the environment variable KEY_TWO"):
        pickle.loads(pickled)
    held = pickle.dumps(client(PTU, PAYG))
    assert b"key-1" not in held
    with pytest.raises(OpenAIError, match="deployment 'ptu': Missing credentials"):
        pickle.loads(held)


def test_a_copy_of_a_deployment_has_its_key():
    class Credential:
        def get_token(self, *scopes: str) -> Any: ...

    for copied in (copy.copy, copy.deepcopy):
        assert copied(PTU).options == PTU.options
        assert copied(PTU).options["api_key"] == "key-1"
        held = Deployment(azure_endpoint="https://one.openai.azure.com", credential=Credential())
        assert copied(held).options["credential"] is held.options["credential"]
        assert repr(copied(held)) == repr(held)


def test_what_reports_errors_sees_neither_keys_nor_errors_of_ours():
    """It shows the variables of all frames, of things that are half made, too."""
    with pytest.raises(TypeError, match="nonsense") as raised:
        client(Deployment(azure_endpoint="https://one.openai.azure.com", api_key="s3cret", nonsense=1))
    frames = traceback.TracebackException.from_exception(raised.value, capture_locals=True).stack
    ours = [frame for frame in frames if frame.filename.endswith("deployments.py")]
    assert ours and not any("s3cret" in str(frame.locals) for frame in ours)
    with pytest.raises(ValueError, match="policy") as raised:
        Router([PTU], policy="fastest")
    traceback.TracebackException.from_exception(raised.value, capture_locals=True)


def test_nothing_shows_a_key():
    made = client()
    for shown in (repr(PTU), repr(made.router), repr(made), json.dumps(made.router.state())):
        assert "key-1" not in shown
    held = Deployment(azure_endpoint="https://one.openai.azure.com", default_headers={"api-key": "s3cret"})
    assert "s3cret" not in repr(held)
    assert b"s3cret" not in pickle.dumps(held)


def test_events_tell_what_the_router_does():
    told: list[RouteEvent] = []
    here = world(router=Router([PTU, PAYG], on_route=told.append))
    here.run(by_name(ptu=[BUSY, error(401)], payg=[APIConnectionError(), error(429, retry_after="1"), OK]))
    kinds = [(event.kind, event.deployment, event.status) for event in told]
    assert kinds == [
        ("limited", "ptu", 429), ("failed", "payg", None), ("waiting", "payg", None), ("limited", "payg", 429),
        ("waiting", "payg", None), ("answered", "payg", 200),
    ]  # fmt: skip
    assert told[0].seconds == 7.0 and told[0].model == "gpt-4o"


def test_logs_say_where_a_call_goes_next(caplog):
    caplog.set_level("DEBUG", logger="ceyx")
    made = connected(client(http_logging="basic"), answers(one=failure(429, retry_after="9"), two=CHAT))
    chat(made)
    text = caplog.text
    assert "retry 1 in 0.00 s: POST https://two.openai.azure.com/openai/deployments/gpt/chat/completions" in text


# ---- what is given


def test_names_are_made_where_none_is_given():
    assert [one.name for one in (
        Deployment(azure_endpoint="https://contoso.openai.azure.com", azure_deployment="gpt-4o"),
        Deployment(azure_endpoint="https://contoso.openai.azure.com/openai/deployments/mini?api-version=2024-10-21"),
        Deployment(base_url="https://api.openai.com/v1", model="gpt-4o"),
        Deployment(base_url="http://127.0.0.1:8080/v1"),
        Deployment(),
    )] == ["contoso/gpt-4o", "contoso/mini", "api.openai.com/gpt-4o", "127.0.0.1:8080", "default"]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "azure"),
    [
        ({"base_url": "https://api.openai.com/v1"}, False),
        ({"base_url": "https://gateway.example/openai/v1"}, None),  # as the client is
        ({"base_url": "https://gateway.example/openai/deployments/d"}, True),
        ({"base_url": "https://api.groq.com/openai/v1", "api_type": "openai"}, False),
        ({"base_url": "https://x.openai.azure.com/openai/v1"}, True),
        ({"base_url": "http://localhost:11434/v1"}, False),
        ({"base_url": "http://localhost:11434/v1", "api_type": "azure"}, True),
        ({"azure_deployment": "d"}, True),
        ({"api_key": "k"}, None),
    ],
)
def test_whose_protocol_it_speaks(given, azure):
    assert Deployment(**given).on_azure is azure


@pytest.mark.parametrize(
    ("kind", "given", "header"),
    [
        (OpenAI, {}, "authorization"),
        (AzureOpenAI, {}, "api-key"),
        (AzureOpenAI, {"api_type": "openai"}, "authorization"),
    ],
)
def test_servers_of_openais_protocol_have_openai_in_their_paths_too(kind, given, header):
    groq = Deployment(name="groq", base_url="https://api.groq.com/openai/v1", api_key="gsk-1", **given)
    made = connected(client(groq, kind=kind), in_turn(CHAT))
    chat(made)
    assert requests(made)[0].headers[header].endswith("gsk-1")
    assert requests(made)[0].url == "https://api.groq.com/openai/v1/chat/completions"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Deployment(azur_endpoint="x"), "did you mean 'azure_endpoint'"),  # type: ignore[call-arg]
        (lambda: Deployment(weight=-1), "weight is a number of 0 or more"),
        (lambda: Deployment(priority="high"), "priority is a whole number"),  # type: ignore[arg-type]
        (lambda: Deployment(api_key="a", api_key_env="B"), "both given"),
        (lambda: Router([]), "deployments is empty"),
        (lambda: Router([PTU, PTU]), "two deployments are called 'ptu'"),
        (lambda: Router([PTU], policy="random"), "there are 'ordered', 'weighted', 'least_busy', 'latency'"),  # type: ignore[arg-type]
        (lambda: Router([PTU], trip_after=0), "trip_after"),
        (lambda: OpenAI(policy="weighted"), "give them, too"),
        (lambda: OpenAI(router=Router([PTU]), policy="weighted"), r"give deployments= and policy= to Router"),
        (lambda: AzureOpenAI(deployments=[Deployment(azure_endpoint="https://a.openai.azure.com", api_key="k", name="a")]),
         "deployment 'a': Must provide either the `api_version`"),
        (lambda: AzureOpenAI(api_version=VERSION, deployments=[{"azure_endpoint": "https://a.openai.azure.com", "name": "a"}]),
         "deployment 'a': Missing credentials"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_once(make, said):
    with pytest.raises((OpenAIError, ValueError, TypeError), match=said):
        make()


def test_a_file_of_deployments(tmp_path, environment):
    environment.setenv("KEY_OF_SWEDEN", "s3cret")
    path = tmp_path / "deployments.toml"
    path.write_text(
        'policy = "weighted"\n[[deployment]]\nname = "sweden"\nazure_endpoint = "https://one.openai.azure.com"\n'
        'api_key_env = "KEY_OF_SWEDEN"\nmodels = { gpt-4o = "gpt-ptu" }\nweight = 3\n'
    )
    router = Router.read(path, trip_after=1)
    assert (router.policy, router.trip_after, router.deployments[0].weight) == ("weighted", 1, 3)
    made = connected(client(router=router), CHAT)
    assert chat(made, model="gpt-4o")._deployment == "sweden"
    assert requests(made)[0].headers["api-key"] == "s3cret"
    path.write_text("polcy = 1\n[[deployment]]\n")
    with pytest.raises(ValueError, match="says 'polcy'"):
        Router.read(path)
    path.write_text('deployment = "x"')
    with pytest.raises(ValueError, match="names no deployments"):
        Router.read(path)


# ---- streams


def test_a_streamed_response_is_remembered_as_it_comes():
    created = {"type": "response.created", "response": {"id": "resp_7", "output": []}, "sequence_number": 0}
    item = {
        "type": "response.output_item.done",
        "item": {"id": "msg_7", "type": "message"},
        "output_index": 0,
        "sequence_number": 1,
    }
    done = {"type": "response.completed", "response": {"id": "resp_7", "output": [{"id": "msg_7"}]}, "sequence_number": 2}
    given = answers(one=failure(429, retry_after="9"), two=[events(created, item, done, done=False), reply({"id": "resp_8"})])
    made = connected(client(PTU, PAYG), given)
    stream = made.responses.create(model="m", input="x", stream=True)
    next(stream)
    assert made.router.belonging(["resp_7"]) == {"https://two.openai.azure.com": "resp_7"}
    list(stream)
    assert made.router.belonging(["msg_7"])
    assert made.responses.create(model="m", input="y", previous_response_id="resp_7")._deployment == "payg"


def test_a_stream_that_breaks_is_not_sent_again():
    def broken() -> Any:
        yield b'data: {"choices": [{"index": 0, "delta": {"content": "He"}}]}\n\n'
        raise APIConnectionError()

    made = connected(client(PTU, PAYG), answers(one=(200, {"content-type": "text/event-stream"}, broken())))
    stream = made.chat.completions.create(model="m", messages=ASK, stream=True)
    with pytest.raises(ceyx.StreamTruncatedError):
        list(stream)
    assert len(requests(made)) == 1


def test_pages_come_from_one_place():
    def page(*ids: str, more: bool = False) -> Any:
        return reply({"object": "list", "data": [{"id": id} for id in ids], "has_more": more})

    made = connected(client(PTU, PAYG, policy="least_busy"), answers(one=[page("a", "b", more=True), page("c")]))
    assert [file.id for file in made.files.list()] == ["a", "b", "c"]


def test_an_auth_error_of_the_only_deployment_is_what_it_is():
    made = connected(client(PTU), answers(one=failure(401, code="401")))
    with pytest.raises(AuthenticationError) as caught:
        chat(made)
    assert "deployments:" not in str(caught.value) or "ptu" in str(caught.value)


# ---- what else


def test_bodies_are_looked_through_only_where_they_may_name_something():
    from ceyx.router.stored import named

    plan = client().plan
    assert named(plan.embeddings.create(model="m", input=[[1, 2]] * 3, user="file-1")) == (None, [], [])
    ring: list[Any] = [{"role": "user", "content": "hi"}]
    ring.append(ring)
    with pytest.raises(ValueError, match="holds itself"):
        chat(client(PTU), messages=ring)
    call = plan.responses.create(
        model="m",
        input=[
            {"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]},
            {"type": "item_reference", "id": "msg_1"},
        ],
        tools=[{"type": "file_search", "vector_store_ids": ["vs_1"]}, {"type": "code_interpreter", "container": "cntr_1"}],
        conversation={"id": "conv_1"},
        metadata={"file_id": "no"},
    )
    path, things, items = named(call)
    assert (path, set(things)) == (None, {"file-1", "vs_1", "cntr_1", "conv_1"})
    assert "msg_1" in items
    assert named(plan.vector_stores.files.create("vs_2", file_id="file-2")) == ("vs_2", ["file-2"], [])
    assert named(plan.responses.compact(model="m", previous_response_id="resp_1"))[:2] == (None, ["resp_1"])


def test_who_looks_on_breaks_no_call(caplog):
    def broken(event: RouteEvent) -> None:
        raise RuntimeError("of theirs")

    here = world(router=Router([PTU], on_route=broken))
    assert here.run(by_name(ptu=OK)) == (OK, 0)
    assert "on_route failed" in caplog.text


def test_a_limiter_may_ask_for_the_state():
    routers: list[Router] = []
    routers.append(Router([PTU], limiter=lambda name, _: 0.0 * routers[0].state()["deployments"][name]["sent"]))
    assert world(router=routers[0]).run(by_name(ptu=OK)) == (OK, 0)


def test_a_forked_child_has_no_calls_on_their_way():
    from ceyx.router import choosing

    here = world(PTU)
    flow = here.begin()
    next(flow)
    choosing._forked()
    health = here.client.router.health["ptu"]
    assert health.in_flight == 0
    flow.close()
    assert health.in_flight == 0


def test_an_interrupted_call_is_no_longer_on_its_way():
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    made = connected(client(PTU), interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:
        chat(made)
    assert kept is not None  # which holds the traceback, and that all frames
    assert made.router.state()["deployments"]["ptu"]["in_flight"] == 0
