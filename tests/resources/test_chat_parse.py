"""chat.completions.parse: what is sent, what is read, and what is said of answers that cannot be."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from dataclasses import dataclass
from typing import Any

import msgspec
import pydantic
import pytest
from memory_clients import ASK, COMPLETION, KINDS, body, make, reply, requests, result
from pydantic import BaseModel

import ceyx
from ceyx.types.chat import ParsedChatCompletion, ParsedFunctionToolCall


class City(BaseModel):
    name: str
    size: int


@dataclass
class Town:
    name: str


OSLO = '{"name": "Oslo", "size": 700000}'
TOOL = ceyx.pydantic_function_tool(City, name="look_up")


def answer(*messages: dict[str, Any], finish_reason: str = "stop") -> dict[str, Any]:
    choices = [
        {"index": i, "finish_reason": finish_reason, "message": {"role": "assistant", "content": None, **message}}
        for i, message in enumerate(messages)
    ]
    return {**COMPLETION, "choices": choices}


def calling(*arguments: str, name: str = "look_up") -> dict[str, Any]:
    return {
        "tool_calls": [
            {"id": f"c{i}", "type": "function", "function": {"name": name, "arguments": text}} for i, text in enumerate(arguments)
        ]
    }


def parse(client: Any, **params: Any) -> Any:
    return result(client.chat.completions.parse(**{"model": "m", "messages": ASK, **params}))


def made(*messages: dict[str, Any], finish_reason: str = "stop", kind: Any = ceyx.OpenAI) -> Any:
    return make(kind, reply(answer(*messages, finish_reason=finish_reason), x_request_id="req-1"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_read_as_the_type(kind):
    client = made({"content": OSLO}, {"content": OSLO}, kind=kind)
    completion = parse(client, response_format=City, n=2)
    assert isinstance(completion, ParsedChatCompletion)
    assert [choice.message.parsed for choice in completion.choices] == [City(name="Oslo", size=700000)] * 2
    assert completion._request_id == "req-1"
    assert completion.usage.total_tokens == 3
    sent = body(client)
    assert sent["response_format"] == ceyx.structured.response_format_of(City)
    assert sent["n"] == 2
    assert "strict" not in sent


def test_any_type_will_do():
    assert parse(made({"content": '{"name": "Oslo"}'}), response_format=Town).choices[0].message.parsed == Town("Oslo")
    read = parse(made({"content": f'{{"value": [{OSLO}]}}'}), response_format=list[City])
    assert read.choices[0].message.parsed == [City(name="Oslo", size=700000)]


def test_nothing_is_read_where_nothing_was_asked_for():
    for given in ({}, {"response_format": ceyx.omit}, {"response_format": None}, {"tools": ceyx.omit}):
        client = made({"content": "Hello"})
        completion = parse(client, **given)
        assert completion.choices[0].message.content == "Hello"
        assert completion.choices[0].message.parsed is None
        assert set(body(client)) == {"model", "messages", "stream"}


def test_a_format_in_the_words_of_the_api_is_sent_as_it_is():
    client = made({"content": OSLO})
    by_hand = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    assert parse(client, response_format=by_hand).choices[0].message.parsed is None
    assert body(client)["response_format"] == by_hand


def test_refusals_and_silence_are_not_read():
    refused = parse(made({"refusal": "I must not.", "content": "no"}, {"content": ""}), response_format=City)
    assert refused.choices[0].message.refusal == "I must not."
    assert [choice.message.parsed for choice in refused.choices] == [None, None]


def test_arguments_of_tools_are_read():
    client = made(calling(OSLO, OSLO), finish_reason="tool_calls")
    completion = parse(client, tools=iter([TOOL]), response_format=City)
    calls = completion.choices[0].message.tool_calls
    assert all(isinstance(call, ParsedFunctionToolCall) for call in calls)
    assert [call.function.parsed_arguments for call in calls] == [City(name="Oslo", size=700000)] * 2
    assert completion.choices[0].message.parsed is None
    assert body(client)["tools"] == [TOOL]


def test_a_call_of_a_tool_that_was_not_offered_is_left_unread():
    completion = parse(made(calling("{}", name="other")), tools=[TOOL])
    assert completion.choices[0].message.tool_calls[0].function.parsed_arguments is None


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"tools": [{"type": "function", "function": {"name": "find"}}]}, "the tool 'find' .* is not strict"),
        ({"response_format": dict[str, int]}, "the schema: a dict with free keys cannot be a strict schema"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_sent(params, said):
    client = made({"content": "{}"})
    with pytest.raises(ValueError, match=said):
        parse(client, **params)
    assert requests(client) == []


def test_not_strictly():
    client = made({"content": '{"a": 1}'})
    assert parse(client, response_format=dict[str, int], strict=False).choices[0].message.parsed == {"a": 1}
    assert body(client)["response_format"]["json_schema"]["strict"] is False


def test_no_type():
    with pytest.raises(TypeError, match="expected a type to read the answer as, got City\\(name='Oslo', size=1\\)"):
        parse(made({"content": OSLO}), response_format=City(name="Oslo", size=1))
    with pytest.raises(TypeError, match="missing required argument: 'messages'"):
        result(make().chat.completions.parse(model="m", response_format=City))
    with pytest.raises(TypeError, match="parse\\(\\) reads whole answers"):
        parse(make(), response_format=City, stream=True)


@pytest.mark.parametrize("message", [{"content": '{"name": "Os'}, calling('{"name": "Os')], ids=["content", "arguments"])
@pytest.mark.parametrize("kind", KINDS)
def test_cut_answers_are_errors_and_never_half_a_value(kind, message):
    with pytest.raises(ceyx.LengthFinishReasonError) as caught:
        parse(made(message, finish_reason="length", kind=kind), response_format=City, tools=[TOOL])
    assert caught.value.completion.usage is not None
    assert "total_tokens=3" in str(caught.value)
    assert caught.value.completion.choices[0].finish_reason == "length"
    with pytest.raises(ceyx.ContentFilterFinishReasonError) as filtered:
        parse(made(message, finish_reason="content_filter", kind=kind), response_format=City, tools=[TOOL])
    assert filtered.value.completion is not None


@pytest.mark.parametrize(
    ("message", "wanted", "error"),
    [
        ({"content": '{"name": 1}'}, City, pydantic.ValidationError),
        ({"content": "Sure! Here it is"}, City, pydantic.ValidationError),
        ({"content": '{"name": 1}'}, Town, msgspec.ValidationError),
        (calling('{"name": 1}'), City, pydantic.ValidationError),
    ],
)
def test_answers_that_do_not_fit_say_which_they_are(message, wanted, error):
    with pytest.raises(error) as caught:
        parse(made(message), response_format=wanted, tools=[TOOL])
    assert isinstance(caught.value, ValueError)
    assert "in choices[0] of completion chatcmpl-1" in caught.value.__notes__[0]


def test_the_raw_response_keeps_what_cannot_be_read():
    raw = made({"content": "no JSON"}).chat.completions.with_raw_response.parse(model="m", messages=ASK, response_format=City)
    with pytest.raises(pydantic.ValidationError):
        raw.parse()
    assert raw.json()["choices"][0]["message"]["content"] == "no JSON"
    raw = made({"content": OSLO}).chat.completions.with_raw_response.parse(model="m", messages=ASK, response_format=City)
    assert raw.parse().choices[0].message.parsed == City(name="Oslo", size=700000)
    assert raw.headers["x-request-id"] == "req-1"


def test_streaming_response():
    client = made({"content": OSLO})
    with client.chat.completions.with_streaming_response.parse(model="m", messages=ASK, response_format=City) as response:
        assert response.parse().choices[0].message.parsed.name == "Oslo"


def test_plan():
    call = make().plan.chat.completions.parse(model="m", messages=ASK, response_format=City, temperature=ceyx.omit)
    assert (call.method, call.path) == ("POST", "/chat/completions")
    assert set(call.body) == {"model", "messages", "stream", "response_format"}
    assert call.decode(answer({"content": OSLO})).choices[0].message.parsed.name == "Oslo"


def test_something_else_than_an_object_is_no_answer():
    with pytest.raises(ceyx.APIResponseValidationError):
        parse(make(answer=reply(["a list"])), response_format=City)


@pytest.mark.parametrize("choices", [[], [{"index": 0}], [{"message": {"role": "assistant"}}], [{"message": None}]], ids=str)
def test_a_server_that_breaks_its_schema_does_not_break_the_reader(choices):
    data = {**COMPLETION, "choices": choices}
    assert parse(make(answer=reply(data)), response_format=City).id == COMPLETION["id"]


def test_what_was_read_is_dumped_without_a_warning():
    @dataclass
    class Stop:
        at: Town
        city: City

    stop = Stop(Town("x"), City(name="y", size=1))
    text = json.dumps({"at": {"name": "x"}, "city": {"name": "y", "size": 1}})
    for wanted, content, plain in (
        (City, OSLO, json.loads(OSLO)),
        (Stop, text, json.loads(text)),
        (Town, '{"name":"x"}', {"name": "x"}),
    ):
        completion = parse(made({"content": content, **calling(OSLO)}), response_format=wanted, tools=[TOOL])
        dumped = completion.model_dump()
        assert dumped["choices"][0]["message"]["parsed"] == plain
        assert dumped["choices"][0]["message"]["tool_calls"][0]["function"]["parsed_arguments"] == json.loads(OSLO)
        assert json.loads(completion.model_dump_json(indent=2)) == dumped
        assert json.loads(completion.to_json()) == completion.to_dict() == completion.model_dump(exclude_unset=True)
        excluding = {"choices": {"__all__": {"message": {"parsed"}}}}
        assert "parsed" not in completion.model_dump(exclude=excluding)["choices"][0]["message"]
        assert completion.choices[0].message.model_dump(include={"parsed"}) == {"parsed": plain}
        if wanted is Stop:
            assert completion.choices[0].message.parsed == stop


def test_what_was_read_is_copied_and_pickled():
    completion = parse(made({"content": OSLO, **calling(OSLO)}), response_format=City, tools=[TOOL])
    for other in (copy.deepcopy(completion), completion.model_copy(deep=True), pickle.loads(pickle.dumps(completion))):
        assert other == completion
        assert other.choices[0].message.parsed == City(name="Oslo", size=700000)


def test_a_message_is_sent_back_without_what_was_read_of_it():
    first = parse(made({"content": OSLO, **calling(OSLO)}), response_format=City, tools=[TOOL])
    for messages in ([*ASK, first.choices[0].message], iter([*ASK, first.choices[0].message])):
        client = make()
        result(client.chat.completions.create(model="m", messages=messages, temperature=ceyx.omit))
        assert body(client)["messages"][1] == {"role": "assistant", "content": OSLO, **calling(OSLO)}


def test_signature():
    names = inspect.signature(make().chat.completions.parse).parameters
    assert {"messages", "model", "response_format", "tools", "temperature", "strict", "timeout"} <= names.keys()
    assert "stream" not in names
