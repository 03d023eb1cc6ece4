"""Responses: whole, in events, in the background; with tools, formats and limits; with what came before; and refused."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from plain_http import Wire
from pydantic import BaseModel

import ceyx
from ceyx.service import LocalService, Settings

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather at a place",
    "parameters": {"type": "object", "required": ["location"], "properties": {"location": {"type": "string"}}},
}


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[ceyx.OpenAI]:
    with ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        yield client


def refused(wire: Wire, **fields: Any) -> tuple[int, Any, Any]:
    answer = wire.post("/v1/responses", {"model": "gpt-4o", "input": "Hello", **fields})
    error = answer.json()["error"]
    return answer.status, error["param"], error["code"]


class TestWhole:
    def test_text(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(model="gpt-4o", input="Why?", metadata={"a": "b"}, user="me")
        assert "You asked: “Why?”" in response.output_text
        assert (response.status, response.metadata, response.model) == ("completed", {"a": "b"}, "gpt-4o-2024-08-06")
        assert response.id.startswith("resp_") and response.output[0].id.startswith("msg_")  # type: ignore[union-attr]
        usage = response.usage
        assert usage is not None and usage.total_tokens == usage.input_tokens + usage.output_tokens

    def test_items_and_parts(self, client: ceyx.OpenAI) -> None:
        image: Any = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"}
        said: Any = [
            {"role": "user", "content": "First"},
            {"role": "assistant", "content": "Yes?"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is this?"}, image]},
        ]
        response = client.responses.create(model="gpt-4o", input=said, instructions="Be kind")
        assert "“What is this?” (with 1 image and a system prompt)" in response.output_text
        assert response.instructions == "Be kind"

    def test_a_limit(self, client: ceyx.OpenAI) -> None:
        for model in ("gpt-4o", "gpt-5"):
            response = client.responses.create(model=model, input="Hello", max_output_tokens=16)
            assert response.status == "incomplete"
            assert response.incomplete_details is not None and response.incomplete_details.reason == "max_output_tokens"
            assert response.usage is not None and response.usage.output_tokens == 16

    def test_json_by_schema(self, client: ceyx.OpenAI) -> None:
        class City(BaseModel):
            name: str
            population: int

        schema: Any = {"type": "json_schema", "name": "city", "schema": City.model_json_schema(), "strict": True}
        response = client.responses.create(model="gpt-4o", input="How many people live in Oslo?", text={"format": schema})
        assert City.model_validate_json(response.output_text).name == "Oslo"
        assert response.text is not None and response.text.format is not None and response.text.format.type == "json_schema"
        loose = client.responses.create(model="gpt-4o", input="Answer in JSON", text={"format": {"type": "json_object"}})
        assert json.loads(loose.output_text)["asked"] == "Answer in JSON"

    def test_thoughts(self, client: ceyx.OpenAI) -> None:
        thought, message = client.responses.create(model="o4-mini", input="Hello", reasoning={"summary": "auto"}).output
        assert (thought.type, message.type) == ("reasoning", "message")
        assert thought.summary[0].text  # type: ignore[union-attr]
        response = client.responses.create(model="gpt-5", input="Hello", include=["reasoning.encrypted_content"])
        assert response.output[0].encrypted_content and not response.output[0].summary  # type: ignore[union-attr]
        assert response.usage is not None and response.usage.output_tokens_details.reasoning_tokens > 0
        assert len(client.responses.create(model="gpt-5.1", input="Hello", reasoning={"effort": "none"}).output) == 1

    def test_log_probabilities(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(
            model="gpt-4o", input="Hello", include=["message.output_text.logprobs"], top_logprobs=2
        )
        text = response.output[0].content[0]  # type: ignore[union-attr, index]
        assert "".join(entry.token for entry in text.logprobs) == text.text  # type: ignore[union-attr]
        assert all(len(entry.top_logprobs) == 2 for entry in text.logprobs)  # type: ignore[union-attr]


class TestTools:
    def test_a_call_and_its_output(self, client: ceyx.OpenAI) -> None:
        question: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
        response = client.responses.create(model="gpt-4o", input=question, tools=[WEATHER])
        call: Any = response.output[0]
        assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "get_weather", {"location": "Paris"})
        output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "22 degrees"}
        sent_again = client.responses.create(model="gpt-4o", input=[*question, call.to_dict(), output], tools=[WEATHER])
        continued = client.responses.create(model="gpt-4o", input=[output], previous_response_id=response.id, tools=[WEATHER])
        assert sent_again.output_text == continued.output_text
        assert "get_weather returned “22 degrees”" in continued.output_text

    def test_choices(self, client: ceyx.OpenAI) -> None:
        def kinds(choice: Any) -> list[str]:
            response = client.responses.create(model="gpt-4o", input="Tell me a joke", tools=[WEATHER], tool_choice=choice)
            return [item.type for item in response.output]

        assert kinds("auto") == kinds("none") == ["message"]
        assert kinds("required") == kinds({"type": "function", "name": "get_weather"}) == ["function_call"]
        allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "get_weather"}]}
        assert kinds(allowed) == ["function_call"]

    def test_custom_tools_and_those_of_the_provider(self, client: ceyx.OpenAI) -> None:
        custom: Any = {"type": "custom", "name": "run_code", "description": "Runs code"}
        response = client.responses.create(model="gpt-4o", input="Run this code: 1+1", tools=[custom, {"type": "web_search"}])
        (call,) = response.output
        assert (call.type, call.input) == ("custom_tool_call", "Run this code: 1+1")  # type: ignore[union-attr]
        assert [tool.type for tool in response.tools] == ["custom", "web_search"]

    def test_calls_without_outputs(self, wire: Wire) -> None:
        call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
        output = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
        assert refused(wire, input=[call])[:2] == (400, "input")
        assert refused(wire, input=[output])[:2] == (400, "input")
        assert refused(wire, input=[output, call])[:2] == (400, "input")
        assert wire.post("/v1/responses", {"model": "gpt-4o", "input": [call, output]}).status == 200


class TestEvents:
    def test_text(self, client: ceyx.OpenAI, wire: Wire) -> None:
        raw = wire.post("/v1/responses", {"model": "gpt-4o", "input": "Hello", "stream": True}).data.decode()
        blocks = [block.split("\n") for block in raw.removesuffix("\n\n").split("\n\n")]
        events = [json.loads(data.removeprefix("data: ")) for _, data in blocks]
        assert [name for name, _ in blocks] == [f"event: {event['type']}" for event in events]
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        kinds = [event["type"].removeprefix("response.") for event in events]
        assert kinds[:4] == ["created", "in_progress", "output_item.added", "content_part.added"]
        assert set(kinds[4:-4]) == {"output_text.delta"}
        assert kinds[-4:] == ["output_text.done", "content_part.done", "output_item.done", "completed"]
        text = "".join(event["delta"] for event in events if event["type"].endswith("delta"))
        assert text == events[-1]["response"]["output"][0]["content"][0]["text"] == events[-4]["text"]
        assert events[0]["response"]["output"] == [] and events[0]["response"]["status"] == "in_progress"
        assert client.responses.retrieve(events[-1]["response"]["id"]).output_text == text

    def test_what_a_stream_builds_is_the_response(self, client: ceyx.OpenAI) -> None:
        tools: Any = [WEATHER, {"type": "custom", "name": "paris"}]
        for model, more in (
            ("gpt-5", {"reasoning": {"summary": "auto"}}),
            ("gpt-4o", {"tools": tools, "tool_choice": "required"}),
            ("gpt-4o", {"tools": tools[1:], "tool_choice": "required"}),
            ("gpt-4o", {"max_output_tokens": 16}),
            ("gpt-4o", {"top_logprobs": 2}),
        ):
            given: Any = {"model": model, "input": "Weather in Paris?", **more}
            with client.responses.create(**given, stream=True) as stream:
                events: list[Any] = list(stream)
            last = events[-1].response
            assert events[-1].type == f"response.{last.status}"
            assert client.responses.retrieve(last.id) == last
            done = [event.item for event in events if event.type == "response.output_item.done"]
            assert done == last.output
            for event in events:
                if event.type.endswith(("arguments.done", "input.done")):
                    pieces = [each.delta for each in events if each.type == event.type.replace(".done", ".delta")]
                    assert "".join(pieces) == getattr(event, "arguments", None) or event.input

    def test_both_packages_accumulate_it(self, service: LocalService) -> None:
        class City(BaseModel):
            name: str

        for package in (openai, ceyx):
            other: Any = package
            with other.OpenAI(base_url=service.url, api_key="any") as client:
                with client.responses.stream(model="gpt-4o", input="Oslo", text_format=City) as stream:
                    final = stream.get_final_response()
                assert final.output_parsed.name == "Oslo"
                parsed = client.responses.parse(model="gpt-4o", input="Oslo", text_format=City)
                assert parsed.output_parsed == final.output_parsed

    def test_going_on_after_a_break(self, client: ceyx.OpenAI) -> None:
        with client.responses.create(model="gpt-4o", input="Hello", stream=True) as stream:
            events: list[Any] = list(stream)
        id = events[0].response.id
        assert list(client.responses.retrieve(id, stream=True)) == events
        assert list(client.responses.retrieve(id, stream=True, starting_after=5)) == events[6:]

    def test_async(self, service: LocalService) -> None:
        async def text() -> str:
            async with ceyx.AsyncOpenAI(base_url=service.url, api_key="any") as client:
                stream = await client.responses.create(model="gpt-4o", input="Hello", stream=True)
                return "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])

        assert "You asked: “Hello”" in asyncio.run(text())


class TestWhatCameBefore:
    def test_responses_go_on(self, client: ceyx.OpenAI) -> None:
        first = client.responses.create(model="gpt-4o", input="I am Ann")
        second = client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=first.id)
        assert second.previous_response_id == first.id
        assert second.usage is not None and first.usage is not None
        assert second.usage.input_tokens > first.usage.input_tokens + first.usage.output_tokens - 5
        items = list(client.responses.input_items.list(second.id, order="asc"))
        assert [(item.role, item.content[0].text) for item in items] == [  # type: ignore[union-attr, index]
            ("user", "I am Ann"),
            ("assistant", first.output_text),
            ("user", "Who am I?"),
        ]
        assert [item.id for item in client.responses.input_items.list(second.id, limit=1)] == [item.id for item in items][::-1]

    def test_references(self, client: ceyx.OpenAI) -> None:
        first = client.responses.create(model="gpt-4o", input="Hello")
        reference: Any = [{"type": "item_reference", "id": first.output[0].id}, {"role": "user", "content": "Again"}]
        second = client.responses.create(model="gpt-4o", input=reference)
        assert [item.type for item in client.responses.input_items.list(second.id)] == ["message", "message"]
        with pytest.raises(ceyx.NotFoundError):
            client.responses.create(model="gpt-4o", input=[{"type": "item_reference", "id": "msg_none"}])

    def test_what_is_not_stored(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(model="gpt-4o", input="Hello", store=False)
        with pytest.raises(ceyx.NotFoundError, match=response.id):
            client.responses.retrieve(response.id)
        with pytest.raises(ceyx.BadRequestError) as unknown:
            client.responses.create(model="gpt-4o", input="Hello", previous_response_id=response.id)
        assert (unknown.value.param, unknown.value.code) == ("previous_response_id", "previous_response_not_found")

    def test_deleting(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(model="gpt-4o", input="Hello")
        client.responses.delete(response.id)
        for gone in (client.responses.retrieve, client.responses.delete, client.responses.cancel):
            with pytest.raises(ceyx.NotFoundError):
                gone(response.id)

    def test_counting_and_compacting(self, client: ceyx.OpenAI) -> None:
        first = client.responses.create(model="gpt-4o", input="I am Ann")
        asked: Any = {"model": "gpt-4o", "input": "Who am I?", "previous_response_id": first.id}
        second = client.responses.create(**asked)
        assert second.usage is not None
        assert client.responses.input_tokens.count(**asked).input_tokens == second.usage.input_tokens
        compacted = client.responses.compact(model="gpt-4o", previous_response_id=second.id)
        assert [item.type for item in compacted.output] == ["message", "message", "compaction"]
        more: Any = [*(item.to_dict() for item in compacted.output), {"role": "user", "content": "And now?"}]
        assert "“And now?”" in client.responses.create(model="gpt-4o", input=more).output_text


class TestBackground:
    def test_it_is_done_after_a_while(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(model="gpt-4o", input="Hello", background=True)
        states = [response.status]
        assert (response.output, response.usage) == ([], None)
        end = time.monotonic() + 10
        while response.status not in ("completed", "failed") and time.monotonic() < end:
            time.sleep(0.02)
            response = client.responses.retrieve(response.id)
            if response.status != states[-1]:
                states.append(response.status)
        assert states == ["queued", "in_progress", "completed"]
        assert "“Hello”" in response.output_text
        assert client.responses.cancel(response.id).status == "completed"

    def test_cancelling(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(model="gpt-4o", input="Hello", background=True)
        assert client.responses.cancel(response.id).status == "cancelled"
        time.sleep(0.7)
        assert client.responses.retrieve(response.id).status == "cancelled"
        whole = client.responses.create(model="gpt-4o", input="Hello")
        with pytest.raises(ceyx.BadRequestError):
            client.responses.cancel(whole.id)

    def test_a_window_to_complete_in(self, client: ceyx.OpenAI) -> None:
        response = client.responses.create(
            model="gpt-4o", input="Hello", background=True, background_options={"completion_window": "2h", "continuation_id": "c"}
        )
        assert response.status == "queued"

    def test_events(self, client: ceyx.OpenAI) -> None:
        with client.responses.create(model="gpt-4o", input="Hello", background=True, stream=True) as stream:
            events: list[Any] = list(stream)
        assert [event.type for event in events[:3]] == ["response.created", "response.queued", "response.in_progress"]
        assert client.responses.retrieve(events[0].response.id).status == "completed"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"input": None}, (400, "input", "missing_required_parameter")),
        ({"input": []}, (400, "input", "empty_array")),
        ({"input": 3}, (400, "input", "invalid_type")),
        ({"input": [{"type": "nonsense"}]}, (400, "input[0].type", "invalid_value")),
        ({"input": [{"role": "robot", "content": "a"}]}, (400, "input[0].role", "invalid_value")),
        ({"input": [{"role": "user"}]}, (400, "input[0].content", "missing_required_parameter")),
        ({"input": [{"role": "user", "content": [{"type": "image_url"}]}]}, (400, "input[0].content[0].type", "invalid_value")),
        ({"input": [{"type": "function_call", "name": "f"}]}, (400, "input[0].call_id", "missing_required_parameter")),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, (400, "tools[0].name", "missing_required_parameter")),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "name": "f"}}, (400, "tool_choice", None)),
        ({"text": {"format": {"type": "json_schema", "schema": {}}}}, (400, "text.format.name", "missing_required_parameter")),
        ({"text": {"format": {"type": "json_object"}}}, (400, "input", None)),
        ({"background_options": {"completion_window": "8h"}}, (400, "background_options.completion_window", "invalid_value")),
        ({"background_options": {"completion_window": "9h"}}, (400, "background_options.completion_window", "invalid_value")),
        ({"max_output_tokens": 3}, (400, "max_output_tokens", "integer_below_min_value")),
        ({"temperature": 3}, (400, "temperature", "decimal_above_max_value")),
        ({"background": True, "store": False}, (400, "store", "invalid_value")),
        (
            {"previous_response_id": "resp_1", "conversation": "conv_1"},
            (400, "previous_response_id", "mutually_exclusive_parameters"),
        ),
        ({"conversation": "conv_none"}, (404, None, None)),
        ({"model": "gpt-9"}, (404, "model", "model_not_found")),
        ({"model": None}, (400, "model", "missing_required_parameter")),
    ],
)
def test_refusals(wire: Wire, fields: dict[str, Any], expected: tuple[int, Any, Any]) -> None:
    assert refused(wire, **fields) == expected


def test_a_model_that_does_not_talk(wire: Wire) -> None:
    answer = wire.post("/v1/responses", {"model": "tts-1", "input": "Hello"})
    assert answer.status == 404
    assert "v1/responses endpoint. Did you mean to use v1/audio/speech?" in answer.json()["error"]["message"]
    azure = wire.post("/openai/v1/responses", {"model": "tts-1", "input": "Hello"}).json()["error"]
    assert azure["code"] == "OperationNotSupported" and "The responses operation" in azure["message"]


def test_azure(service: LocalService) -> None:
    v1 = ceyx.AzureOpenAI(base_url=f"{service.azure_endpoint}/openai/v1", api_key="any")
    dated = openai.AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2025-04-01-preview")
    with v1, dated:
        first = v1.responses.create(model="gpt-4o-deployment", input="Hello")
        second = dated.responses.create(model="gpt-4o-deployment", input="Again", previous_response_id=first.id)
        assert "“Again”" in second.output_text
        assert len(dated.responses.input_items.list(second.id).data) == 3
        with pytest.raises(openai.NotFoundError):
            dated.responses.retrieve("resp_none")


def test_a_restart(tmp_path: Any) -> None:
    settings = Settings(store=tmp_path / "store")
    with LocalService(settings) as service, ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        first = client.responses.create(model="gpt-4o", input="I am Ann")
    with LocalService(settings) as service, ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        second = client.responses.create(model="gpt-4o", input="Who am I?", previous_response_id=first.id)
        assert client.responses.retrieve(first.id).output_text == first.output_text
        assert len(client.responses.input_items.list(second.id).data) == 3
