"""Chat models on the Responses API: when it is used, what is sent, what comes back of it, whole and streamed, and failures."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from canned_responses import (
    BUILT_IN,
    CUSTOM,
    FILE,
    PATH,
    REFUSAL,
    THOUGHT,
    URL,
    call,
    events,
    message,
    response,
    text,
)
from langchain_core import exceptions as core
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_server import SAFE, Asked, Recorder
from pydantic import BaseModel
from raw_server import RawServer

import ceyx
from ceyx.errors import LengthFinishReasonError
from ceyx.langchain import AzureChatOpenAI, ChatOpenAI, StreamChunkTimeoutError, custom_tool, get_openai_callback
from ceyx.langchain.structured import OpenAIRefusalError
from ceyx.service import LocalService

VERSIONS = [None, "v0", "responses/v1", "v1"]
HIDDEN = {
    "type": "reasoning",
    "id": "rs_2",
    "summary": [],
    "content": [{"type": "reasoning_text", "text": "Hm."}],
    "status": "completed",
}
NEW = {"type": "shell_call", "id": "sh_1", "call_id": "call_5", "action": {"commands": ["ls"]}, "status": "completed"}
EVERYTHING = response(
    THOUGHT,
    *BUILT_IN,
    NEW,
    message(text("J'adore", URL, FILE), text(" Rome.", PATH), REFUSAL, phase="final_answer"),
    call("get_weather", '{"place":"Rome"}', **{"namespace": "n", "async": True}),
    CUSTOM,
)


class City(BaseModel):
    name: str
    people: int


def get_weather(place: str) -> str:
    """Tell the weather."""
    return place


@custom_tool
def do_math(sum: str) -> str:
    """Work out a sum."""
    return "27"


def model(server: Recorder, **more: Any) -> ChatOpenAI:
    given = {"model": "gpt-4o", "base_url": server.url, "api_key": "k", "max_retries": 0, "use_responses_api": True}
    return ChatOpenAI(**{**given, **more})


def azure(server: Recorder, **more: Any) -> AzureChatOpenAI:
    connection = {"azure_endpoint": server.origin, "azure_deployment": "gpt", "api_version": "2025-04-01-preview", "api_key": "k"}
    return AzureChatOpenAI(**{**connection, "max_retries": 0, "use_responses_api": True, **more})


def live(service: LocalService, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(**{"model": "gpt-4o", "base_url": service.url, "api_key": "any", "use_responses_api": True, **more})


def whole(chunks: list[Any]) -> AIMessageChunk:
    added = chunks[0]
    for one in chunks[1:]:
        added = added + one
    assert isinstance(added, AIMessageChunk)
    return added


def unnumbered(value: Any) -> Any:
    """`value` without the numbers by which chunks are added up."""
    if isinstance(value, dict):
        return {name: unnumbered(inner) for name, inner in value.items() if name != "index"}
    return [unnumbered(inner) for inner in value] if isinstance(value, list) else value


def told(message: AIMessage) -> dict[str, Any]:
    """All that an answer says, however it came."""
    names = ("content", "additional_kwargs", "response_metadata", "tool_calls", "invalid_tool_calls", "usage_metadata")
    return {name: unnumbered(getattr(message, name)) for name in names}


def either(answer: dict[str, Any]) -> Any:
    return lambda asked: events(answer) if asked.body.get("stream") else answer


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder(response(message())) as running:
        yield running


class TestWhenItIsUsed:
    @pytest.mark.parametrize(
        ("fields", "params", "used"),
        [
            ({}, {}, False),
            ({"use_responses_api": True}, {}, True),
            ({"output_version": "responses/v1"}, {}, True),
            ({"output_version": "v1"}, {}, False),
            ({"include": ["reasoning.encrypted_content"]}, {}, True),
            ({"reasoning": {"effort": "low"}}, {}, True),
            ({"reasoning_effort": "low"}, {}, False),
            ({"truncation": "auto"}, {}, True),
            ({"context_management": [{"type": "compaction"}]}, {}, True),
            ({"use_previous_response_id": True}, {}, True),
            ({}, {"previous_response_id": "resp_1"}, True),
            ({}, {"text": {"verbosity": "low"}}, True),
            ({}, {"tools": [{"type": "web_search"}]}, True),
            ({}, {"tools": [{"type": "function", "function": {"name": "f"}}]}, False),
            ({"use_responses_api": False, "reasoning": {"effort": "low"}}, {}, False),
            ({"model": "gpt-5-pro"}, {}, True),
            ({"model": "gpt-5.5-pro-2026"}, {}, True),
            ({"model": "gpt-5.1-codex-mini"}, {}, True),
            ({}, {"model": "gpt-5.2-pro"}, True),
            ({"model": "gpt-6"}, {}, False),
            ({"model": "gpt-6"}, {"tools": [{"type": "function", "function": {"name": "f"}}]}, True),
        ],
    )
    def test_a_model(self, fields, params, used):
        asked = ChatOpenAI(**{"model": "gpt-4o", "api_key": "k", **fields})
        assert ("input" in asked._get_request_payload("hi", **params)) is used

    def test_the_path(self, server):
        model(server).invoke("hi")
        azure(server).invoke("hi")
        paths = [one.path for one in server.asked]
        assert paths == ["/v1/responses", "/openai/responses?api-version=2025-04-01-preview"]
        assert [one.body["model"] for one in server.asked] == ["gpt-4o", "gpt"]


class TestWhatIsSent:
    def test_parameters_by_their_names(self, server):
        given = {"max_tokens": 16, "reasoning_effort": "low", "verbosity": "high", "stop": ["x"], "n": 1, "temperature": 0.5}
        model(server, **given).invoke("hi")
        assert server.body == {
            "model": "gpt-4o",
            "input": [{"type": "message", "role": "user", "content": "hi"}],
            "max_output_tokens": 16,
            "reasoning": {"effort": "low"},
            "text": {"verbosity": "high"},
            "temperature": 0.5,
        }

    def test_an_effort_beside_reasoning(self, server):
        model(server, reasoning_effort="low", reasoning={"summary": "auto"}).invoke("hi")
        assert server.body["reasoning"] == {"effort": "low", "summary": "auto"}

    @pytest.mark.parametrize(
        ("name", "effort", "sent"), [("gpt-5", None, False), ("gpt-5", "none", True), ("gpt-4o", None, True)]
    )
    def test_models_that_reason_get_no_temperature(self, server, name, effort, sent):
        model(server, model=name, reasoning={"effort": effort}).invoke("hi", temperature=0.5)
        assert ("temperature" in server.body) is sent

    def test_streams_tell_their_usage_unasked(self, server):
        server.answer = events(response(message()))
        list(model(server).stream("hi", stream_options={"include_usage": True, "include_obfuscation": False}))
        assert server.body["stream_options"] == {"include_obfuscation": False}
        list(model(server, stream_usage=True).stream("hi", stream_usage=True))
        assert "stream_options" not in server.body

    def test_tools_and_choices(self, server):
        asked = model(server)
        asked.bind_tools([do_math], tool_choice="do_math").invoke("hi")
        assert server.body["tools"] == [{"type": "custom", "name": "do_math", "description": "Work out a sum."}]
        assert server.body["tool_choice"] == {"type": "custom", "name": "do_math"}
        allowed = {"mode": "auto", "tools": [{"type": "function", "function": {"name": "get_weather"}}]}
        asked.bind_tools([get_weather], tool_choice={"type": "allowed_tools", "allowed_tools": allowed}).invoke("hi")
        flat = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "get_weather"}]}
        assert server.body["tool_choice"] == flat

    def test_unfinished_pictures_are_refused(self, server):
        with pytest.raises(NotImplementedError, match="drop the 'partial_images' key"):
            model(server).bind_tools([{"type": "image_generation", "partial_images": 2}]).invoke("hi")

    def test_a_format_joins_what_is_said_of_the_text(self, server):
        server.answer = response(message(text('{"name":"Rome","people":3}')))
        format = {"verbosity": "low"}
        model(server).with_structured_output(City, text=format).invoke("hi")
        sent = server.body["text"]
        assert (sent["verbosity"], sent["format"]["type"], sent["format"]["strict"]) == ("low", "json_schema", True)
        assert format == {"verbosity": "low"}


class TestPreviousResponses:
    def test_only_what_is_new_is_sent(self, server):
        asked = model(server, use_previous_response_id=True)
        first = asked.invoke("hi")
        asked.invoke([HumanMessage("hi"), first, HumanMessage("more")])
        assert server.body["previous_response_id"] == "resp_1"
        assert server.body["input"] == [{"type": "message", "role": "user", "content": "more"}]

    def test_answers_that_are_not_stored_are_sent_again(self, server):
        asked = model(server, use_previous_response_id=True, store=False)
        first = asked.invoke("hi")
        asked.invoke([HumanMessage("hi"), first, HumanMessage("more")])
        assert "previous_response_id" not in server.body
        assert len(server.body["input"]) == 3

    def test_what_custom_tools_gave_is_known_by_the_calls_before(self, server):
        server.answer = response(CUSTOM)
        asked = model(server, use_previous_response_id=True)
        first = asked.invoke("hi")
        asked.invoke([HumanMessage("hi"), first, ToolMessage("9", tool_call_id="call_9")])
        assert server.body["input"] == [{"type": "custom_tool_call_output", "call_id": "call_9", "output": "9"}]

    def test_a_service_that_remembers(self, service):
        asked = live(service, use_previous_response_id=True).bind_tools([get_weather])
        first = asked.invoke("What is the weather in Rome?")
        history = [HumanMessage("What is the weather in Rome?"), first]
        answer = asked.invoke([*history, ToolMessage("sunny", tool_call_id=first.tool_calls[0]["id"])])
        assert "sunny" in answer.text
        with pytest.raises(ceyx.BadRequestError, match="not found"):
            live(service).invoke("more", previous_response_id="resp_none")


class TestAnswers:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_chunks_add_up_to_the_whole(self, server, version):
        server.answer = either(EVERYTHING)
        asked = model(server, output_version=version)
        one, added = asked.invoke("hi"), whole(list(asked.stream("hi")))
        assert told(added) == told(one)
        assert added.id == one.id == ("msg_1" if version == "v0" else "resp_1")

    @pytest.mark.parametrize("version", VERSIONS)
    async def test_awaited_is_the_same(self, server, version):
        server.answer = either(EVERYTHING)
        asked = model(server, output_version=version)
        assert told(await asked.ainvoke("hi")) == told(asked.invoke("hi"))
        chunks = [chunk async for chunk in asked.astream("hi")]
        assert [told(chunk) for chunk in chunks] == [told(chunk) for chunk in asked.stream("hi")]

    def test_reasoning_in_the_open(self, server):
        server.answer = either(response(HIDDEN, message()))
        asked = model(server)
        assert told(whole(list(asked.stream("hi")))) == told(asked.invoke("hi"))

    def test_every_kind_of_item_is_kept(self, server):
        server.answer = EVERYTHING
        kinds = [block["type"] for block in model(server).invoke("hi").content]
        assert kinds == [
            "reasoning",
            *(item["type"] for item in (*BUILT_IN, NEW)),
            "text",
            "text",
            "refusal",
            "function_call",
            CUSTOM["type"],
        ]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_what_was_sent_comes_back_as_it_came(self, server, version):
        server.answer = EVERYTHING
        asked = model(server, output_version=version, store=False)
        asked.invoke([HumanMessage("hi"), asked.invoke("hi"), HumanMessage("more")])
        came = {item["id"]: item for item in EVERYTHING["output"]}
        sent = [item for item in server.body["input"] if item.get("id")]
        reworded = {"function_call"} if version == "v0" else {"image_generation_call"} if version == "v1" else set()
        assert {item["type"] for item in sent} == {item["type"] for item in came.values()} - {"message"}
        assert all(item == came[item["id"]] for item in sent if item["type"] not in reworded)
        spoken = next(item for item in server.body["input"] if item.get("role") == "assistant")
        said = [part.get("text", part.get("refusal")) for part in spoken["content"]]
        assert said == ["J'adore", " Rome.", *["I will not."][version == "v0" :]]
        assert spoken["content"][0]["annotations"] == [URL, FILE]

    def test_servers_that_send_no_deltas(self, server):
        answer = response(THOUGHT, message(), call("get_weather", '{"place":"Rome"}'))
        server.answer = [event for event in events(answer) if not event["type"].endswith(".delta")]
        added = whole(list(model(server).stream("hi")))
        assert added.text == "J'adore la programmation."
        assert added.tool_calls == [{"name": "get_weather", "args": {"place": "Rome"}, "id": "call_1", "type": "tool_call"}]

    def test_a_phase_is_told_when_its_text_begins(self, server):
        server.answer = events(response(message(phase="commentary")))
        blocks = [block for chunk in model(server).stream("hi") for block in chunk.content]
        assert [block.get("phase") for block in blocks] == ["commentary", *[None] * (len(blocks) - 1)]

    def test_an_item_that_moves(self, server):
        moved = [
            {**event, "output_index": event["output_index"] + 2} if event["type"] == "response.output_item.done" else event
            for event in events(response(BUILT_IN[0], call("get_weather", '{"place":"Rome"}'), message()))
        ]
        server.answer = moved
        assert [block["type"] for block in whole(list(model(server).stream("hi"))).content] == [
            "web_search_call",
            "function_call",
            "text",
        ]

    def test_arguments_that_are_no_object(self, server):
        server.answer = response(call("f", '{"a":', 1), call("f", "[1]", 2), call("f", "", 3))
        answer = model(server).invoke("hi")
        assert [one["id"] for one in answer.invalid_tool_calls] == ["call_1", "call_2"]
        assert answer.tool_calls == [{"name": "f", "args": {}, "id": "call_3", "type": "tool_call"}]

    def test_logprobs(self, server):
        likely = [{"token": half, "logprob": -0.1, "bytes": [], "top_logprobs": []} for half in ("J'adore", " Rome.")]
        server.answer = either(response(message({**text("J'adore Rome."), "logprobs": likely})))
        asked = model(server, logprobs=True, top_logprobs=1)
        for answer in (asked.invoke("hi"), whole(list(asked.stream("hi")))):
            assert answer.response_metadata["logprobs"] == {"content": likely}
            assert server.body["include"] == ["message.output_text.logprobs"]
            assert "logprobs" not in server.body

    def test_headers(self, server):
        server.answer = either(response(message()))
        asked = model(server, include_response_headers=True)
        assert asked.invoke("hi").response_metadata["headers"]["x-request-id"] == "req_1"
        chunks = list(asked.stream("hi"))
        assert ["headers" in chunk.response_metadata for chunk in chunks] == [True, *[False] * (len(chunks) - 1)]

    def test_azure_tells_what_its_filter_found(self, server):
        found = [{"blocked": False, "source_type": "prompt", "content_filter_results": SAFE}]
        server.answer = either(response(message(), content_filters=found))
        asked = azure(server, model_version="0301")
        for answer in (asked.invoke("hi"), whole(list(asked.stream("hi")))):
            assert answer.response_metadata["content_filters"] == found
            assert answer.response_metadata["model_name"] == "gpt-4o-2024-08-06-0301"

    def test_costs_are_counted(self, server):
        server.answer = either(response(message()))
        asked = model(server)
        with get_openai_callback() as cost:
            asked.invoke("hi")
            list(asked.stream("hi"))
        assert (cost.prompt_tokens, cost.prompt_tokens_cached, cost.completion_tokens, cost.reasoning_tokens) == (62, 32, 16, 8)
        assert (cost.successful_requests, cost.estimated_requests) == (2, 0)
        assert cost.total_cost > 0


class TestTools:
    def test_a_custom_tool_through_and_through(self, service):
        asked = live(service).bind_tools([do_math], tool_choice="do_math")
        first = asked.invoke("3 * 9")
        (made,) = first.tool_calls
        assert made["name"] == "do_math"
        result = do_math.invoke(made)
        answer = live(service).bind_tools([do_math]).invoke([HumanMessage("3 * 9"), first, result])
        assert "27" in answer.text

    def test_calls_that_a_program_changed(self, server):
        server.answer = response(call("get_weather", '{"place":"Rome"}'))
        asked = model(server)
        first = asked.invoke("hi")
        first.tool_calls[0]["args"] = {"place": "Paris"}
        asked.invoke([first, ToolMessage("rain", tool_call_id="call_1")])
        assert json.loads(server.body["input"][0]["arguments"]) == {"place": "Paris"}


class TestStructure:
    def test_a_value(self, service):
        for asked in (
            live(service),
            live(service, output_version="v1"),
            live(service, model="gpt-5", reasoning={"summary": "auto"}),
        ):
            read = asked.with_structured_output(City, include_raw=True)
            found = read.invoke("Rome has 3 people")
            assert found["parsing_error"] is None
            assert isinstance(found["parsed"], City)
            assert isinstance(list(asked.with_structured_output(City).stream("Rome has 3 people"))[-1], City)

    def test_chunks_end_with_the_value(self, server):
        server.answer = events(response(message(text('{"name":"Rome","people":3}'))))
        chunks = list(model(server).bind(response_format=City).stream("hi"))
        assert [chunk.additional_kwargs.get("parsed") for chunk in chunks if chunk.additional_kwargs] == [
            City(name="Rome", people=3)
        ]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_refusal(self, server, version):
        server.answer = either(response(message(REFUSAL)))
        asked = model(server, output_version=version)
        for schema in (City, City.model_json_schema()):
            with pytest.raises(OpenAIRefusalError, match="I will not"):
                asked.with_structured_output(schema).invoke("hi")
        with pytest.raises(OpenAIRefusalError, match="I will not"):
            list(asked.with_structured_output(City).stream("hi"))

    def test_an_answer_that_was_cut(self, server):
        cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        server.answer = response(message(text('{"name":"Ro')), **cut)
        with pytest.raises(OutputParserException, match="token limit") as caught:
            model(server).with_structured_output(City).invoke("hi")
        assert isinstance(caught.value, LengthFinishReasonError)


class TestFailures:
    FAILED = response(status="failed", error={"code": "rate_limit_exceeded", "message": "slow down"})

    async def test_a_response_that_failed(self, server):
        server.answer = either(self.FAILED)
        asked = model(server)
        for act in (asked.invoke, lambda text: list(asked.stream(text))):
            with pytest.raises(ceyx.RateLimitError, match="slow down") as caught:
                act("hi")
            assert isinstance(caught.value, core.ModelRateLimitError)
            assert caught.value.code == "rate_limit_exceeded"
            assert caught.value.partial.status == "failed"
            assert "req_1" in str(caught.value)
        with pytest.raises(ceyx.RateLimitError):
            await asked.ainvoke("hi")
        with pytest.raises(ceyx.RateLimitError):
            [one async for one in asked.astream("hi")]

    def test_one_that_does_not_say_why(self, server):
        server.answer = response(status="failed")
        with pytest.raises(ceyx.APIError, match="does not say why"):
            model(server).invoke("hi")

    async def test_an_error_among_events(self, server):
        begun = events(response(message()))[:4]
        server.answer = [
            *begun,
            {"type": "error", "code": "server_error", "message": "boom", "param": None, "sequence_number": 9},
        ]
        asked = model(server)
        with pytest.raises(core.ModelAPIError, match="boom") as caught:
            list(asked.stream("hi"))
        assert isinstance(caught.value, ceyx.InternalServerError)
        with pytest.raises(ceyx.InternalServerError):
            [one async for one in asked.astream("hi")]

    async def test_a_stream_that_is_cut(self, server):
        server.answer = events(response(message()))[:6]
        asked = model(server, client_options={"stream_end": "strict"})
        with pytest.raises(ceyx.StreamTruncatedError, match="ended with no response") as caught:
            list(asked.stream("hi"))
        assert isinstance(caught.value, core.ModelConnectionError)
        assert caught.value.partial.output_text
        with pytest.raises(ceyx.StreamTruncatedError):
            [one async for one in asked.astream("hi")]

    async def test_a_stream_that_is_silent(self):
        def pause(raw: RawServer, connection: socket.socket) -> None:
            raw.read(connection)
            event = b"data: " + json.dumps(events(response(message()))[0]).encode() + b"\n\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + event)
            with suppress(OSError):
                connection.recv(1)

        with RawServer(pause) as silent:
            asked = model(silent, stream_chunk_timeout=0.1)  # type: ignore[arg-type]
            with pytest.raises(StreamChunkTimeoutError) as caught:
                list(asked.stream("hi"))
            assert caught.value.chunks_received == 1
            with pytest.raises(StreamChunkTimeoutError):
                [one async for one in asked.astream("hi")]

    def test_what_the_filter_stopped(self, server):
        stopped = response(message(), status="incomplete", incomplete_details={"reason": "content_filter"})
        server.answer = either(stopped)
        asked = azure(server)
        for act in (asked.invoke, lambda text: list(asked.stream(text))):
            with pytest.raises(ceyx.ContentFilterError) as caught:
                act("hi")
            assert isinstance(caught.value, ValueError)
        assert azure(server, client_options={"content_filter": "report"}).invoke("hi").text

    def test_what_is_no_response(self, server):
        server.answer = {"id": "chatcmpl-1", "object": "chat.completion", "choices": []}
        with pytest.raises(ValueError, match=r"no 'output', as a response has; it has.*'choices'"):
            model(server).invoke("hi")

    def test_what_is_too_long(self, server):
        def refused(asked: Asked) -> Any:
            return 400, {"error": {"message": "too long", "code": "context_length_exceeded", "type": None, "param": None}}

        server.answer = refused
        for act in (model(server).invoke, lambda text: list(model(server).stream(text))):
            with pytest.raises(core.ContextOverflowError):
                act("hi")
