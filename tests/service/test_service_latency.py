"""How long answers take; tiers of service and padded events, which go with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from time import monotonic
from typing import Any

import pytest
from plain_http import Wire, said
from starlette.responses import Response

from ceyx import OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.latency import Latency, Pace
from ceyx.service.streams import EventStream

HELLO: Any = [{"role": "user", "content": "Hello"}]


def waits(latency: Latency, count: int = 5, tier: str | None = None) -> list[float]:
    """The waits between the events of one stream."""
    pace = Pace(latency)
    stream = EventStream((each for each in ()), "openai", {})
    asyncio.run(pace.wait_for(stream, tier))
    assert stream.waits is not None
    return list(islice(stream.waits, count))


def test_the_same_seed_has_the_same_waits() -> None:
    one, again, other = (waits(Latency(0, 100, 0.5, seed)) for seed in (1, 1, 2))
    assert one == again != other
    assert all(0.005 <= each <= 0.015 for each in one)
    assert len({*one}) > 1
    assert waits(Latency(0, 100)) == [0.01] * 5


def test_tiers_are_quicker_and_slower() -> None:
    usual, priority, flex = (waits(Latency(0, 100), 1, tier) for tier in (None, "priority", "flex"))
    assert (usual, priority, flex) == ([0.01], [0.005], [0.03])


def test_a_pace_begins_anew() -> None:
    pace = Pace(Latency(0, 1000, 1.0))

    def drawn() -> float:
        stream = EventStream((each for each in ()), "openai", {})
        asyncio.run(pace.wait_for(stream, None))
        assert stream.waits is not None
        return next(stream.waits)

    first, second = drawn(), drawn()
    pace.reset()
    assert drawn() == first != second


def test_a_whole_answer_takes_as_long_as_its_tokens() -> None:
    body = b'{"usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}}'
    began = monotonic()
    asyncio.run(Pace(Latency(0.02, 1000)).wait_for(Response(body), None))
    assert 0.07 <= monotonic() - began < 0.5
    asyncio.run(Pace(Latency(0, 0.001)).wait_for(Response(b"\xff\xfb sound"), None))  # which has no tokens: at once


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"first_token": -1}, "first_token is -1"),
        ({"first_token": float("nan")}, "first_token is nan"),
        ({"tokens_per_second": 0}, "tokens_per_second is 0"),
        ({"jitter": 1.5}, "jitter is 1.5"),
    ],
)
def test_what_is_no_latency(fields: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Latency(**fields)


@pytest.fixture(scope="module")
def slow() -> Iterator[LocalService]:
    settings = Settings({"slow": "gpt-4o"}, latency={"slow": Latency(0.08, 500)}, obfuscation=True)
    with LocalService(settings) as running:
        yield running


def test_over_the_wire(slow: LocalService) -> None:
    with OpenAI(base_url=slow.url, api_key="any") as client:
        list(client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))  # what is imported, once, takes time
        began = monotonic()
        times = [monotonic() - began for _ in client.chat.completions.create(model="slow", messages=HELLO, stream=True)]
        assert times[0] >= 0.08
        assert times[-1] - times[0] >= (len(times) - 3) * 0.002  # the last two may come together
        began = monotonic()
        usage = client.chat.completions.create(model="slow", messages=HELLO).usage
        assert usage is not None
        assert monotonic() - began >= 0.08 + usage.completion_tokens * 0.002
        began = monotonic()
        client.chat.completions.create(model="gpt-4o", messages=HELLO)
        assert monotonic() - began < 0.08


def test_events_are_padded_where_asked(slow: LocalService, service: LocalService) -> None:
    def padding(of: LocalService, asked: bool | None) -> list[str]:
        wire = Wire(of)
        body: dict[str, Any] = {"model": "gpt-4o", "messages": said("Hello")}
        if asked is not None:
            body["stream_options"] = {"include_obfuscation": asked}
        found = [event["obfuscation"] for event in wire.events("/v1/chat/completions", body) if "obfuscation" in event]
        wire.pool.clear()
        return found

    assert len(padding(slow, None)) > 5
    assert not padding(slow, False)
    assert not padding(service, None)
    assert {len(each) for each in padding(service, True)} <= {*range(1, 17)}
    with OpenAI(base_url=slow.url, api_key="any") as client:
        events: Any = client.responses.create(model="gpt-4o", input="Hello", stream=True)
        deltas = [event for event in events if event.type == "response.output_text.delta"]
        assert deltas
        assert all((len(event.delta) + len(event.obfuscation)) % 16 == 0 for event in deltas)


def test_tiers_are_told(service: LocalService) -> None:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        tiers: list[Any] = ["auto", "default", "flex", "priority"]
        told = [client.chat.completions.create(model="o3", messages=HELLO, service_tier=tier).service_tier for tier in tiers]
        assert told == ["default", "default", "flex", "priority"]
        assert client.responses.create(model="o3", input="Hello", service_tier="flex").service_tier == "flex"
    wire = Wire(service)
    answer = wire.post("/v1/chat/completions", {"model": "o3", "messages": said("Hi"), "service_tier": "gold"})
    assert (answer.status, answer.json()["error"]["param"]) == (400, "service_tier")
    wire.pool.clear()
