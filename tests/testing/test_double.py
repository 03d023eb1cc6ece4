"""The service of a test: replies, faults, records, assertions, clients. Clients are ours unless it matters whose they are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import openai
import pytest
from langchain_openai import AzureChatOpenAI, ChatOpenAI

import ceyx
from ceyx.service import Settings
from ceyx.testing import CeyxService

MESSAGES: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOLS: list[Any] = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]


def chat(client: Any, text: str = "What is the weather in Paris?", **params: Any) -> Any:
    return client.chat.completions.create(**{"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **params})


def said(client: Any, text: str = "Hello", **params: Any) -> Any:
    return chat(client, text, **params).choices[0].message.content


def streamed(client: Any) -> str:
    parts = chat(client, stream=True)
    return "".join(choice.delta.content or "" for part in parts for choice in part.choices)


# ---- replies


def test_a_reply_is_said_whole_and_in_a_stream_by_every_client(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("It is sunny.")
    assert said(ceyx_service.client) == said(ceyx_service.azure) == "It is sunny."
    assert streamed(ceyx_service.client) == streamed(ceyx_service.azure) == "It is sunny."
    assert ceyx_service.client.responses.create(model="gpt-4o", input="Hello").output_text == "It is sunny."


def test_clients_that_the_program_makes(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("It is sunny.")
    for client in (ceyx.OpenAI(), ceyx.AzureOpenAI(), openai.OpenAI(), openai.AzureOpenAI()):
        with client:
            assert said(client) == "It is sunny."
    assert ChatOpenAI(model="gpt-4o").invoke("Hello").content == "It is sunny."
    assert AzureChatOpenAI(azure_deployment="gpt-4o").invoke("Hello").content == "It is sunny."
    assert len(ceyx_service.requests) == 6


async def test_awaited_clients(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("first").then("second")
    assert (await chat(ceyx_service.async_client)).choices[0].message.content == "first"
    assert (await chat(ceyx_service.async_azure)).choices[0].message.content == "second"
    answers = await asyncio.gather(*(chat(ceyx_service.async_client) for _ in range(20)))
    assert {answer.choices[0].message.content for answer in answers} == {"second"}
    ceyx_service.assert_called("chat/completions", times=22)


def test_replies_in_turn(ceyx_service: CeyxService) -> None:
    expected = ceyx_service.reply("one").then("two", times=2).then("three")
    client = ceyx_service.client
    assert expected.unused == 4
    assert [said(client) for _ in range(5)] == ["one", "two", "two", "three", "three"]
    assert (expected.unused, len(expected.requests)) == (0, 5)


def test_after_its_times_a_reply_is_given_no_more(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("earlier")
    ceyx_service.reply("later", times=1)
    assert [said(ceyx_service.client) for _ in range(3)] == ["later", "earlier", "earlier"]


def test_some_requests_go_before_all(ceyx_service: CeyxService) -> None:
    ceyx_service.when(contains="weather").reply("It rains.")
    ceyx_service.when(model="gpt-4o-mini", contains="weather").reply("It snows.")
    ceyx_service.reply("Pardon?")
    client = ceyx_service.client
    assert said(client, "What is the Weather?") == "It rains."
    assert said(client, "The weather?", model="gpt-4o-mini") == "It snows."
    assert said(client, "Hello") == "Pardon?"


def test_without_a_reply_the_local_service_answers(ceyx_service: CeyxService) -> None:
    ceyx_service.when(contains="weather").reply("It rains.")
    assert "You asked" in said(ceyx_service.client, "Hello")


def test_a_strict_service_refuses_what_is_not_expected(ceyx_service: CeyxService) -> None:
    ceyx_service.strict = True
    ceyx_service.when(contains="weather").reply("It rains.")
    with pytest.raises(ceyx.BadRequestError, match=r"No reply is left.*'Hello'.*contains='weather'.*ceyx_service\.reply"):
        said(ceyx_service.client, "Hello")
    assert said(ceyx_service.client, "weather") == "It rains."


def test_tools(ceyx_service: CeyxService) -> None:
    ceyx_service.when(tool="get_weather").reply(tool_calls=[("get_weather", {"city": "Paris"})])
    ceyx_service.when(result="get_weather").reply("Sunny, says the tool.")
    message = chat(ceyx_service.client, tools=TOOLS).choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Paris"})
    turns = [*MESSAGES, message, {"role": "tool", "tool_call_id": call.id, "content": "18"}]
    assert said(ceyx_service.client, messages=turns, tools=TOOLS) == "Sunny, says the tool."


def test_tools_as_the_api_has_them(ceyx_service: CeyxService) -> None:
    calls = [{"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}]
    ceyx_service.reply(tool_calls=calls)
    choice = chat(ceyx_service.client, tools=TOOLS).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert [call.model_dump(exclude_none=True) for call in choice.message.tool_calls] == calls


@dataclass
class City:
    name: str
    population: int


def test_json(ceyx_service: CeyxService) -> None:
    ceyx_service.reply(json=City("Oslo", 717_710))
    parsed = ceyx_service.client.chat.completions.parse(model="gpt-4o", messages=MESSAGES, response_format=City)
    assert parsed.choices[0].message.parsed == City("Oslo", 717_710)


def test_other_replies(ceyx_service: CeyxService) -> None:
    client = ceyx_service.client
    ceyx_service.when(endpoint="embeddings").reply(embedding=[0.5, 0.25])
    ceyx_service.when(endpoint="audio/speech").reply(file=b"RIFF", content_type="audio/wav")
    ceyx_service.when(endpoint="audio/transcriptions").reply(transcript="Hello there.")
    ceyx_service.when(contains="rude").reply(refusal="No.")
    ceyx_service.when(contains="raw").reply(status=418, body={"error": {"message": "teapot"}}, headers={"x-tea": "green"})
    assert client.embeddings.create(model="text-embedding-3-small", input="a").data[0].embedding == [0.5, 0.25]
    assert client.audio.speech.create(model="tts-1", voice="alloy", input="Hi").read() == b"RIFF"
    assert client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF")).text == "Hello there."
    assert chat(client, "a rude question").choices[0].message.refusal == "No."
    with pytest.raises(ceyx.APIStatusError, match="teapot") as failed:
        chat(client, "raw")
    assert (failed.value.status_code, failed.value.response.headers["x-tea"]) == (418, "green")


def test_a_function_replies(ceyx_service: CeyxService) -> None:
    ceyx_service.reply(lambda request: request.text.upper()).then(lambda request: {"refusal": f"not {request.model}"})
    assert said(ceyx_service.client, "Hello") == "HELLO"
    assert chat(ceyx_service.client).choices[0].message.refusal == "not gpt-4o"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"txet": "a"}, r"reply\(\): txet: there is no 'txet' here \(did you mean text"),
        ({}, "a reply says something"),
        ({"text": "a", "refusal": "b"}, "text or a refusal"),
        ({"text": "a", "body": {}}, "goes with nothing else"),
        ({"tool_calls": ["get_weather"]}, "a tool call is written|a table belongs here"),
        ({"text": "a", "times": 0}, "times is a whole number from 1 on"),
        ({"fault": "no-such-fault"}, "no-such-fault"),
    ],
)
def test_replies_that_mean_nothing(ceyx_service: CeyxService, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ceyx_service.reply(**given)
    with pytest.raises(ValueError, match=r"when\(\): contain: there is no 'contain' here \(did you mean contains"):
        ceyx_service.when(contain="a")


# ---- faults


def test_faults(ceyx_service: CeyxService, slept: list[float]) -> None:
    ceyx_service.reply("at last")
    ceyx_service.fault("status;code=429;retry-after=0", times=2)
    assert said(ceyx.OpenAI(max_retries=2)) == "at last"
    assert [each.status for each in ceyx_service.requests] == [429, 429, 200]
    assert len(slept) == 2
    assert [each.fault for each in ceyx_service.requests] == ["status", "status", None]


def test_faults_of_some_requests(ceyx_service: CeyxService) -> None:
    ceyx_service.when(contains="weather").fault("status;code=503", times=1).then("It rains.")
    client = ceyx_service.client.with_options(max_retries=0)
    with pytest.raises(ceyx.InternalServerError):
        said(client, "weather?")
    assert said(client, "weather?") == "It rains."
    assert "You asked" in said(client, "Hello")


def test_a_stream_that_is_cut(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("one two three four", fault="cut")
    with pytest.raises(ceyx.APIConnectionError):
        streamed(ceyx_service.client.with_options(max_retries=0))
    ceyx_service.assert_called(stream=True)


def test_an_unknown_fault(ceyx_service: CeyxService) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        ceyx_service.fault("nonsense")


# ---- what was asked


def test_requests_are_recorded(ceyx_service: CeyxService) -> None:
    ceyx_service.client.chat.completions.create(model="gpt-4o", messages=MESSAGES, user="u", extra_headers={"x-trace": "7"})
    streamed(ceyx_service.azure)
    first, second = ceyx_service.requests
    assert first.body["messages"] == MESSAGES
    assert (first.method, first.path, first.endpoint, first.model) == (
        "POST",
        "/v1/chat/completions",
        "chat/completions",
        "gpt-4o",
    )
    assert (first.headers["X-Trace"], first.streamed, first.status) == ("7", False, 200)
    assert first.answer["choices"][0]["message"]["content"]
    assert second.query == {"api-version": "2024-10-21"}
    assert (second.model, second.streamed, second.text) == ("gpt-4o", True, "What is the weather in Paris?")
    assert [each["object"] for each in second.answer][-1] == "chat.completion.chunk"


def test_no_key_is_recorded(ceyx_service: CeyxService) -> None:
    ceyx_service.client.models.list()
    ceyx_service.azure.models.list()
    shown = [str(dict(each.headers)) + repr(each) for each in ceyx_service.requests]
    assert ceyx_service.api_key not in "".join(shown)
    assert {ceyx_service.requests[0].headers["authorization"], ceyx_service.requests[1].headers["api-key"]} == {"REDACTED"}


def test_usage_and_cost(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("Hi", usage={"input": 1_000_000, "output": 100_000})
    said(ceyx_service.client)
    assert (ceyx_service.usage.input, ceyx_service.usage.output) == (1_000_000, 100_000)
    assert ceyx_service.cost == Decimal("3.5")  # gpt-4o: 2.50 and 10.00 dollars a million
    chat(ceyx_service.client, stream=True, stream_options={"include_usage": True}).close()
    ceyx_service.client.files.list()
    assert ceyx_service.usage.input in (1_000_000, 2_000_000)
    assert ceyx_service.requests[-1].cost is None


def test_the_usage_of_streams(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("Hi", usage={"input": 10, "output": 5})
    for _ in chat(ceyx_service.client, stream=True, stream_options={"include_usage": True}):
        pass
    for _ in ceyx_service.client.responses.create(model="gpt-4o", input="Hello", stream=True):
        pass
    assert (ceyx_service.usage.input, ceyx_service.usage.output) == (20, 10)
    assert all(each.cost for each in ceyx_service.requests)


def test_assertions(ceyx_service: CeyxService) -> None:
    ceyx_service.assert_not_called()
    with pytest.raises(AssertionError, match="expected a request, got 0\nno requests were received"):
        ceyx_service.assert_called()
    said(ceyx_service.client, "Hello")
    assert ceyx_service.assert_called(times=1, model="gpt-4o").text == "Hello"
    assert ceyx_service.assert_called_once("chat/*", contains="hello", stream=False, status=200, method="post")
    ceyx_service.assert_not_called("embeddings")
    with pytest.raises(AssertionError) as failed:
        ceyx_service.assert_called("embeddings", times=2, model="gpt-4o")
    assert str(failed.value).splitlines() == [
        "expected 2 requests to embeddings, model='gpt-4o', got 0",
        "requests received:",
        "  1. <POST /v1/chat/completions model=gpt-4o 'Hello' -> 200>",
    ]
    with pytest.raises(AssertionError, match="expected no request contains='hello', got 1"):
        ceyx_service.assert_not_called(contains="hello")


def test_replies_that_nobody_asked_for(ceyx_service: CeyxService) -> None:
    ceyx_service.assert_replies_used()
    ceyx_service.when(contains="weather").reply("one").then("two")
    said(ceyx_service.client, "weather")
    with pytest.raises(AssertionError, match="1 for contains='weather'"):
        ceyx_service.assert_replies_used()
    said(ceyx_service.client, "weather")
    ceyx_service.assert_replies_used()


# ---- one test, and the next


kept: list[Any] = []


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_nothing_is_left_for_the_next_test(ceyx_service: CeyxService, turn: int) -> None:
    if not kept:
        kept.append(openai.OpenAI(max_retries=0))  # as a program does that makes its client once
    assert "You asked" in said(kept[0])
    assert [each.status for each in ceyx_service.requests] == [200]
    assert kept[0].files.list().data == []
    kept[0].files.create(file=("a.txt", b"a"), purpose="user_data")
    ceyx_service.reply("stale")
    ceyx_service.fault("status;code=500")
    if turn == 3:
        kept.pop().close()


def test_reset(ceyx_service: CeyxService) -> None:
    ceyx_service.reply("before")
    ceyx_service.fault("status;code=500")
    ceyx_service.reset()
    assert "You asked" in said(ceyx_service.client)
    ceyx_service.assert_called_once()


def test_work_ends_with_its_test(ceyx_service: CeyxService) -> None:
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4o", "messages": MESSAGES}}
    file = ceyx_service.client.files.create(file=("a.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = ceyx_service.client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert batch.status in ("validating", "in_progress")


class TestSettings:
    @pytest.fixture
    def ceyx_settings(self) -> Settings:
        return Settings(deployments={"prod": "gpt-4o"}, keys=frozenset({"one"}))

    def test_settings_of_a_test(self, ceyx_service: CeyxService) -> None:
        ceyx_service.reply("Hi")
        assert said(openai.AzureOpenAI(), model="prod") == "Hi"
        with pytest.raises(ceyx.AuthenticationError):
            said(ceyx.OpenAI(api_key="two"))
        assert ceyx_service.api_key == "one"


def test_the_clock(ceyx_service: CeyxService) -> None:
    before = chat(ceyx_service.client).created
    ceyx_service.advance(3600)
    assert chat(ceyx_service.client).created >= before + 3600
    with pytest.raises(ValueError, match="forward"):
        ceyx_service.advance(-1)
