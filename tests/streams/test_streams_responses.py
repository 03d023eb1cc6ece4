"""Responses as events: beside those of the `openai` package, and what is said when it goes wrong."""

from __future__ import annotations

import asyncio
import json
import pickle
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from memory_clients import body, events, make, reply, requests, result, sent
from openai.lib.streaming.responses import ResponseStreamState as TheirState
from openai.types.responses import ResponseStreamEvent as TheirEvent
from pydantic import TypeAdapter
from recorded import WEATHER, City
from recorded_responses import REFUSING, RESPONSE, begun, call_item, numbered, stream, text_item

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, errors, pydantic_function_tool
from ceyx.streams.responses import (
    AsyncResponseStream,
    AsyncResponseStreamManager,
    ResponseCompletedEvent,
    ResponseStream,
    ResponseStreamManager,
    ResponseStreamState,
)
from ceyx.structured import pydantic_responses_function_tool
from ceyx.types.responses import ParsedResponse, ResponseTextDeltaEvent
from ceyx.types.responses.response_stream_event import wrap_event

both = pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
WEATHER_HERE = {"type": "function", **WEATHER["function"]}
CITY = '{"name":"Oslo","people":7}'

RECORDED: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": (stream(text_item(0, "Hel", "lo")), {}),
    "two messages": (stream(text_item(0, "a", "b"), text_item(1, "c")), {}),
    "calls": (
        stream(call_item(0, "weather", '{"city":', '"Oslo"}'), call_item(1, "time", "{", "}")),
        {"input_tools": [WEATHER_HERE, {"type": "function", "name": "time"}]},
    ),
    "refusal": (stream(REFUSING), {"text_format": City}),
    "a type": (stream(text_item(0, *CITY)), {"text_format": City}),
    "a type, after a word": (
        stream(text_item(0, "Let me see", phase="commentary"), text_item(1, CITY, phase="final_answer")),
        {"text_format": City},
    ),
}


def plain(value: Any) -> Any:
    """Without what is None: they fill in what the server did not send, we do not."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return plain(value.model_dump(warnings=False)) if hasattr(value, "model_dump") else value


@pytest.mark.parametrize("name", RECORDED)
def test_the_same_events_as_openai(name):
    recorded, asked = RECORDED[name]
    read = TypeAdapter(TheirEvent).validate_python
    theirs: Any = TheirState(
        **{"text_format": None, "input_tools": [], **asked} if "text_format" in asked else {**given_nothing(), **asked}
    )
    ours = ResponseStreamState[Any](**asked)
    for event in recorded:
        expected = [plain(one) for one in theirs.handle_event(read(deepcopy(event)))]
        assert [plain(one) for one in ours.handle_event(wrap_event(deepcopy(event)))] == expected
    assert plain(ours.final()) == plain(theirs._completed_response)
    assert ours.final().output_parsed == theirs._completed_response.output_parsed


def given_nothing() -> dict[str, Any]:
    from openai import omit

    return {"text_format": omit, "input_tools": omit}


# ---- the streams


@both
def test_events_then_the_response(kind):
    client = make(kind, events(*stream(text_item(0, *CITY)), done=False, x_request_id="req-1"))
    manager = client.responses.stream(model="m", input="Where?", text_format=City, text={"verbosity": "low"}, store=False)
    assert requests(client) == []
    assert type(manager) is (ResponseStreamManager if kind is OpenAI else AsyncResponseStreamManager)

    async def awaited() -> Any:
        async with manager as opened:
            assert type(opened) is AsyncResponseStream
            return [event async for event in opened], await opened.get_final_response(), opened.request_id

    if kind is AsyncOpenAI:
        seen, response, id_ = asyncio.run(awaited())
    else:
        with manager as opened:
            assert type(opened) is ResponseStream
            seen, response, id_ = list(opened), opened.get_final_response(), opened.request_id
    snapshots = [event.snapshot for event in seen if event.type == "response.output_text.delta"]
    assert snapshots == [CITY[: count + 1] for count in range(len(CITY))]
    assert [event.parsed for event in seen if event.type == "response.output_text.done"] == [City(name="Oslo", people=7)]
    assert isinstance(seen[-1], ResponseCompletedEvent)
    assert seen[-1].response is response
    assert type(response) is ParsedResponse
    assert response.output_parsed == City(name="Oslo", people=7)
    assert id_ == "req-1"
    asked = body(client)
    assert asked["text"].keys() == {"verbosity", "format"}
    assert (asked["text"]["format"]["name"], asked["text"]["format"]["strict"], asked["stream"]) == ("City", True, True)


def final(client: Any, **asked: Any) -> Any:
    manager = client.responses.stream(**{"model": "m", "input": "hi", **asked})

    async def awaited() -> Any:
        async with manager as opened:
            return await opened.get_final_response()

    if isinstance(client, AsyncOpenAI):
        return asyncio.run(awaited())
    with manager as opened:
        return opened.get_final_response()


@both
def test_a_response_goes_on_where_it_was_left(kind):
    recorded = stream(text_item(0, "Hel", "lo", "!"))
    client = make(kind, events(*recorded, done=False))
    manager = client.responses.stream(response_id="resp_1", starting_after=5, include=["reasoning.encrypted_content"])

    async def awaited() -> Any:
        async with manager as opened:
            return [event async for event in opened], await opened.get_final_response()

    if kind is AsyncOpenAI:
        seen, response = asyncio.run(awaited())
    else:
        with manager as opened:
            seen, response = list(opened), opened.get_final_response()
    assert [event.sequence_number for event in seen] == list(range(6, len(recorded)))
    assert seen[0].snapshot == "Hello!"  # with what came before
    assert response.output_text == "Hello!"
    assert (sent(client).method, sent(client).target) == (
        "GET",
        "/v1/responses/resp_1?include[]=reasoning.encrypted_content&stream=true",
    )


def test_what_does_not_go_together():
    client = make(OpenAI)
    for asked, what in (
        ({"response_id": "resp_1", "model": "m"}, "model would make a new one"),
        ({"input": "x", "model": "m", "starting_after": 1}, "starting_after goes with response_id"),
        ({"input": "x", "model": "m", "text": {"format": {}}, "text_format": City}, "give one of them"),
        ({"model": "m"}, "input"),
    ):
        with pytest.raises(TypeError, match=what):
            client.responses.stream(**asked)
    with pytest.raises(ValueError, match="which no URL may hold"):
        client.responses.stream(response_id="\n")
    for mode in (client.plan.responses, client.responses.with_raw_response):
        with pytest.raises(TypeError, match="call it without plan"):
            mode.stream(model="m", input="hi")
    assert make(AzureOpenAI, azure_deployment="gpt-4o").responses.stream(input="hi")
    assert client.responses.stream(prompt={"id": "pmpt_1"})


@both
def test_a_cut_stream(kind):
    cut = stream(text_item(0, "Hel", "lo"))[:6]
    with pytest.raises(errors.StreamTruncatedError, match=r"no response\.completed") as caught:
        final(make(kind, events(*cut, done=False)))
    assert caught.value.partial.output_text == "Hello"


@both
def test_a_response_that_failed_is_its_error(kind):
    failed = stream(status="failed", error={"code": "rate_limit_exceeded", "message": "slow down"})
    with pytest.raises(errors.RateLimitError, match="slow down") as caught:
        final(make(kind, events(*failed, done=False, x_request_id="req-1")))
    assert caught.value.request_id == "req-1"
    assert caught.value.partial.status == "failed"


def test_text_that_does_not_fit_is_an_error_of_the_end():
    """Not before: a text that was cut is told of as done, too, and then the end says what cut it."""
    machine = ResponseStreamState[City](text_format=City)
    *others, last = stream(text_item(0, "{}"))
    seen: list[Any] = [one for event in others for one in machine.handle_event(wrap_event(deepcopy(event)))]
    assert [event.parsed for event in seen if event.type == "response.output_text.done"] == [None]
    with pytest.raises(ValueError, match=r"validation errors for City"):
        machine.handle_event(wrap_event(deepcopy(last)))


CUT = [
    ("max_output_tokens", errors.LengthFinishReasonError),
    ("content_filter", errors.ContentFilterFinishReasonError),
]


@both
@pytest.mark.parametrize(("reason", "error"), CUT)
def test_what_was_cut_is_no_whole(kind, reason, error):
    more: dict[str, Any] = {"status": "incomplete", "incomplete_details": {"reason": reason}}
    text = events(*stream(text_item(0, '{"name":"Os', status="incomplete"), **more), done=False)
    call = events(*stream(call_item(0, "time", "{", status="incomplete"), **more), done=False)
    for answer, asked in ((text, {"text_format": City}), (call, {})):
        with pytest.raises(error) as caught:
            final(make(kind, answer), **asked)
        assert caught.value.completion.status == "incomplete"
    assert final(make(kind, text)).incomplete_details.reason == reason


@pytest.mark.parametrize(
    ("sent_events", "what"),
    [
        (
            [{"type": "response.output_text.delta", "output_index": 2, "delta": "x"}],
            r"\(output_index 2\) came before response.created",
        ),
        ([{"type": "response.in_progress", "response": RESPONSE}], "response.in_progress came before response.created"),
        (
            [*begun(), text_item(1, "x")[0][2]],
            "response.output_text.delta came for output_index 1, which no response.output_item",
        ),
        ([*begun(), text_item(1, "x")[0][1]], "response.content_part.added came for output_index 1, which no"),
        ([*begun(), call_item(3, "f", "x")[0][1]], "response.function_call_arguments.delta came for output_index 3, which no"),
        (
            [*begun(), text_item(0, "x")[0][0], call_item(0, "f", "x")[0][1]],
            "for output_index 0, which is no function_call but a message",
        ),
        ([*begun(), *[text_item(0, "x")[0][0]] * 2], "response.output_item.added came for output_index 0, which was announced"),
        ([*begun(), {"type": "response.completed", "response": {**RESPONSE, "id": "resp_2"}}], "about response 'resp_2'"),
    ],
)
@both
def test_events_out_of_order(kind, sent_events, what):
    with pytest.raises(errors.ProtocolError, match=what):
        final(make(kind, events(*numbered(*sent_events), done=False)))


def test_arguments_are_read_as_their_tools_have_it():
    tools: Any = [
        pydantic_responses_function_tool(City, name="found"),
        {"type": "namespace", "name": "crm", "tools": [{**WEATHER_HERE, "name": "found"}]},
        {"type": "web_search"},
    ]
    one, other = call_item(0, "found", CITY), call_item(1, "found", '{"city":"Oslo"}')
    other[1]["namespace"] = "crm"
    machine = ResponseStreamState[None](input_tools=tools)
    for event in stream(one, other):
        machine.handle_event(wrap_event(deepcopy(event)))
    assert [item.parsed_arguments for item in machine.final().output] == [City(name="Oslo", people=7), {"city": "Oslo"}]  # type: ignore[union-attr]


def test_a_snapshot_is_that_of_its_event_and_events_are_values():
    machine = ResponseStreamState[None]()
    seen = [one for event in stream(text_item(0, "a", "b", "c")) for one in machine.handle_event(wrap_event(deepcopy(event)))]
    deltas: Any = [event for event in seen if isinstance(event, ResponseTextDeltaEvent)]
    assert [event.snapshot for event in reversed(deltas)] == ["abc", "ab", "a"]
    assert deltas[1].model_dump()["snapshot"] == "ab"
    assert pickle.loads(pickle.dumps(deltas[1])) == deltas[1]
    assert all(json.loads(event.model_dump_json())["type"] == event.type for event in seen)


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(st.data())
def test_whatever_a_server_sends_is_events_or_an_error_of_ours(data):
    """Recorded events in any order, and with any of their fields gone or something else."""
    recorded = [event for name in ("a type", "calls", "refusal") for event in RECORDED[name][0]]
    machine = ResponseStreamState[Any](text_format=City, input_tools=[WEATHER_HERE])
    try:
        for _ in range(data.draw(st.integers(1, 6))):
            event = deepcopy(data.draw(st.sampled_from([recorded[0], *recorded])))
            for name in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
                event[name] = data.draw(st.sampled_from([None, 0, "x", [], {}, [{}], {"output": 1}]))
            for one in machine.handle_event(wrap_event(event)):
                one.model_dump()
        machine.final()
    except (errors.OpenAIError, ValueError):
        pass


# ---- parse


def whole(*items: Any, **more: Any) -> Any:
    return reply(stream(*items, **more)[-1]["response"], x_request_id="req-1")


@both
def test_parse(kind):
    client = make(kind, whole(text_item(0, "Let me see", phase="commentary"), text_item(1, CITY)))
    response = result(client.responses.parse(model="m", input="Where?", text_format=City, temperature=0.5))
    assert type(response) is ParsedResponse
    assert response.output_parsed == City(name="Oslo", people=7)
    assert response._request_id == "req-1"
    assert response.model_dump()["output"][1]["content"][0]["parsed"] == {"name": "Oslo", "people": 7}
    asked = body(client)
    assert asked["text"]["format"]["name"] == "City"
    assert asked["temperature"] == 0.5
    again = result(
        client.responses.parse(model="m", input=[*response.output, {"role": "user", "content": "And?"}], parse_as=None)
    )
    assert again.output_parsed is None
    assert body(client)["input"][1]["content"] == [{"type": "output_text", "text": CITY, "annotations": []}]
    assert "text" not in body(client)


@both
def test_parse_as_reads_without_asking(kind):
    client = make(kind, whole(text_item(0, CITY)))
    assert result(client.responses.parse(model="m", input="?", parse_as=City)).output_parsed == City(name="Oslo", people=7)
    assert "text" not in body(client)


@both
def test_parse_reads_arguments_of_tools_in_either_shape(kind):
    client = make(kind, whole(call_item(0, "found", CITY), call_item(1, "weather", "{}"), call_item(2, "other", "{}")))
    tools = [pydantic_function_tool(City, name="found"), WEATHER_HERE, {"type": "function", "name": "other"}]
    response = result(client.responses.parse(model="m", input="?", tools=tools))
    assert [item.parsed_arguments for item in response.output] == [City(name="Oslo", people=7), {}, None]
    assert [tool["name"] for tool in body(client)["tools"]] == ["found", "weather", "other"]
    assert "function" not in body(client)["tools"][0]


@both
def test_parse_of_what_does_not_fit_or_was_cut(kind):
    with pytest.raises(ValueError, match=r"validation error") as caught:
        result(make(kind, whole(text_item(0, "{}"))).responses.parse(model="m", input="?", text_format=City))
    assert caught.value.__notes__[0].startswith("in message msg_0 of response resp_1: ")
    for reason, error in CUT:
        cut = whole(text_item(0, '{"na'), status="incomplete", incomplete_details={"reason": reason})
        with pytest.raises(error):
            result(make(kind, cut).responses.parse(model="m", input="?", text_format=City))
    client = make(kind)
    with pytest.raises(ValueError, match="free keys"):
        result(client.responses.parse(model="m", input="?", text_format=dict[str, int]))
    assert requests(client) == []
    with pytest.raises(TypeError, match="use stream"):
        result(client.responses.parse(model="m", input="?", stream=True))
