"""What chats answer: honest text, tools, JSON by schema, limits, streams."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st
from plain_http import AZURE, Wire, said
from pydantic import BaseModel, Field

from ceyx.service.tokens import pieces


def tool(name: str, description: str = "", parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters or {}}}


PLACE = {"type": "object", "required": ["location"], "properties": {"location": {"type": "string", "description": "The city"}}}
WEATHER = tool("get_weather", "Current weather at a place", PLACE)
POPULATION = tool("get_population", "How many people live at a place", PLACE)


def calls(answer: Any) -> list[tuple[str, Any]]:
    made = answer["choices"][0]["message"].get("tool_calls") or []
    return [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in made]


class TestText:
    def test_says_what_it_is_and_what_it_was_asked(self, wire: Wire) -> None:
        image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
        content = [{"type": "text", "text": "What is this?"}, image, image, sound]
        messages = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": content}]
        text = wire.chat(messages=messages)["choices"][0]["message"]["content"]
        assert "stand-in, not a model" in text
        assert "“What is this?”" in text
        assert "2 images, 1 recording and a system prompt" in text

    def test_is_short_however_long_the_question(self, wire: Wire) -> None:
        text = wire.chat("word " * 50_000)["choices"][0]["message"]["content"]
        assert len(text.split()) < 60
        assert "word…" in text
        assert len(wire.chat("x" * 50_000)["choices"][0]["message"]["content"]) < 300

    def test_is_the_same_for_the_same_question(self, wire: Wire) -> None:
        one, other = wire.chat("Why?", seed=1), wire.chat("Why?", seed=1)
        assert one["choices"] == other["choices"]
        assert one["id"] != other["id"]
        assert one["choices"] != wire.chat("Why?", seed=2)["choices"]

    def test_n_choices_differ(self, wire: Wire) -> None:
        answer = wire.chat(n=3)
        assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
        assert len({choice["message"]["content"] for choice in answer["choices"]}) == 3

    def test_stop(self, wire: Wire) -> None:
        choice = wire.chat(stop=["zzz", ", not"])["choices"][0]
        assert choice["message"]["content"] == "This is ceyx's local stand-in"
        assert choice["finish_reason"] == "stop"

    @pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
    def test_length(self, wire: Wire, limit: str) -> None:
        answer = wire.chat(**{limit: 3})
        assert answer["choices"][0]["finish_reason"] == "length"
        assert answer["usage"]["completion_tokens"] == 3
        assert "This is ceyx's".startswith(answer["choices"][0]["message"]["content"])

    def test_logprobs(self, wire: Wire) -> None:
        choice = wire.chat(logprobs=True, top_logprobs=3)["choices"][0]
        entries = choice["logprobs"]["content"]
        assert "".join(entry["token"] for entry in entries) == choice["message"]["content"]
        for entry in entries:
            values = [other["logprob"] for other in entry["top_logprobs"]]
            assert entry["top_logprobs"][0]["token"] == entry["token"]
            assert values == sorted(values, reverse=True)
            assert len(values) == 3 and max(values) <= 0
            assert bytes(entry["bytes"]).decode() == entry["token"]

    def test_json_object(self, wire: Wire) -> None:
        answer = wire.chat("Answer in JSON", response_format={"type": "json_object"})
        assert "not a model" in json.loads(answer["choices"][0]["message"]["content"])["note"]


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))


class TestTools:
    def test_a_tool_is_called_when_its_words_are_said(self, wire: Wire) -> None:
        answer = wire.chat("What is the weather in Paris?", tools=[POPULATION, WEATHER])
        assert calls(answer) == [("get_weather", {"location": "Paris"})]
        choice = answer["choices"][0]
        assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)

    def test_no_tool_is_called_otherwise(self, wire: Wire) -> None:
        assert calls(wire.chat("Tell me a joke", tools=[WEATHER])) == []
        assert calls(wire.chat("What is the weather in Paris?", tools=[WEATHER], tool_choice="none")) == []

    def test_several_at_once_unless_forbidden(self, wire: Wire) -> None:
        question = "Which city is hotter and which is bigger: LA or NY?"
        both = calls(wire.chat(question, tools=[WEATHER, POPULATION]))
        assert both == [(name, {"location": place}) for name in ("get_weather", "get_population") for place in ("LA", "NY")]
        assert len(calls(wire.chat(question, tools=[WEATHER, POPULATION], parallel_tool_calls=False))) == 1

    def test_must(self, wire: Wire) -> None:
        required = wire.chat("Tell me a joke", tools=[WEATHER, POPULATION], tool_choice="required")
        assert len(calls(required)) == 1
        named = {"type": "function", "function": {"name": "get_population"}}
        answer = wire.chat("What is the weather in Paris?", tools=[WEATHER, POPULATION], tool_choice=named)
        assert calls(answer) == [("get_population", {"location": "Paris"})]
        allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "get_population"}}]}
        choice = {"type": "allowed_tools", "allowed_tools": allowed}
        assert calls(wire.chat("Weather?", tools=[WEATHER, POPULATION], tool_choice=choice))[0][0] == "get_population"

    def test_values_come_from_the_prompt(self, wire: Wire) -> None:
        numbers = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
        assert calls(wire.chat("Multiply 3 by 12", tools=[tool("multiply", "", numbers)])) == [("multiply", {"a": 3, "b": 12})]
        unit = {"type": "string", "enum": ["celsius", "fahrenheit"]}
        flight = {"type": "object", "properties": {"origin": {"type": "string"}, "to": {"type": "string"}, "unit": unit}}
        question = 'Book a flight from "Rome" to "Oslo", in Fahrenheit'
        found = calls(wire.chat(question, tools=[tool("book_flight", "", flight)]))
        assert found == [("book_flight", {"origin": "Rome", "to": "Oslo", "unit": "fahrenheit"})]

    def test_after_the_result_it_is_quoted(self, wire: Wire) -> None:
        asked = wire.chat("What is the weather in Paris?", tools=[WEATHER])["choices"][0]["message"]
        result = {"role": "tool", "tool_call_id": asked["tool_calls"][0]["id"], "content": "22 degrees"}
        messages = [*said("What is the weather in Paris?"), asked, result]
        answer = wire.chat(messages=messages, tools=[WEATHER])["choices"][0]
        assert "get_weather returned “22 degrees”" in answer["message"]["content"]
        assert answer["finish_reason"] == "stop"

    def test_ids_differ_from_turn_to_turn(self, wire: Wire) -> None:
        asked = wire.chat("Weather in Paris?", tools=[WEATHER])["choices"][0]["message"]
        again = wire.chat(messages=[*said("Hello"), *said("Weather in Paris?")], tools=[WEATHER])["choices"][0]["message"]
        assert asked["tool_calls"][0]["id"] != again["tool_calls"][0]["id"]

    def test_custom_tools(self, wire: Wire) -> None:
        custom = {"type": "custom", "custom": {"name": "run_code", "description": "Runs code"}}
        call = wire.chat("Run this code: 1+1", tools=[custom])["choices"][0]["message"]["tool_calls"][0]
        assert (call["type"], call["custom"]) == ("custom", {"name": "run_code", "input": "Run this code: 1+1"})

    def test_deprecated_functions(self, wire: Wire) -> None:
        choice = wire.chat("Weather in Paris?", functions=[WEATHER["function"]])["choices"][0]
        assert choice["finish_reason"] == "function_call"
        assert choice["message"]["function_call"] == {"name": "get_weather", "arguments": '{"location":"Paris"}'}

    def test_arguments_are_cut_at_the_limit(self, wire: Wire) -> None:
        answer = wire.chat("Weather in Paris?", tools=[WEATHER], max_tokens=3)
        assert answer["choices"][0]["finish_reason"] == "length"
        assert answer["usage"]["completion_tokens"] == 3


class Step(BaseModel):
    explanation: str = Field(max_length=12)
    output: Literal["yes", "no"]


class Node(BaseModel):
    value: int = Field(ge=3, multiple_of=4)
    next: Node | None
    children: list[Node]


class Everything(BaseModel):
    steps: list[Step] = Field(min_length=2, max_length=3)
    score: float = Field(gt=0, lt=1)
    code: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    tree: Node
    either: Step | int
    maybe: str | None
    flag: bool
    counts: dict[str, int]
    pair: tuple[int, str]
    names: set[str] = Field(min_length=2)


def test_json_schema(wire: Wire) -> None:
    schema = {"name": "everything", "schema": Everything.model_json_schema(), "strict": True}
    answer = wire.chat(response_format={"type": "json_schema", "json_schema": schema})
    Everything.model_validate_json(answer["choices"][0]["message"]["content"])


class TestStream:
    def test_openai(self, wire: Wire) -> None:
        whole = wire.chat("Hello")
        events = wire.events("/v1/chat/completions", {"model": "gpt-4o", "messages": said("Hello")})
        assert events[0]["choices"][0]["delta"]["role"] == "assistant"
        assert all(event["object"] == "chat.completion.chunk" and "usage" not in event for event in events)
        assert len({event["id"] for event in events}) == 1
        text = "".join(event["choices"][0]["delta"].get("content") or "" for event in events)
        assert text == whole["choices"][0]["message"]["content"]
        assert [event["choices"][0]["finish_reason"] for event in events] == [None] * (len(events) - 1) + ["stop"]

    def test_usage_counts_the_pieces(self, wire: Wire) -> None:
        body = {"model": "gpt-4o", "messages": said("Hello"), "stream_options": {"include_usage": True}}
        *events, last = wire.events("/v1/chat/completions", body)
        assert last["choices"] == []
        assert last["usage"] == wire.chat("Hello")["usage"]
        assert all(event["usage"] is None for event in events)
        assert sum(bool(event["choices"][0]["delta"].get("content")) for event in events) == last["usage"]["completion_tokens"]

    def test_azure_begins_without_a_choice(self, wire: Wire) -> None:
        first, role, *content, last = wire.events(AZURE.format("gpt-4o", "chat/completions"), {"messages": said("Hello")})
        assert first["choices"] == []
        assert first["prompt_filter_results"][0]["content_filter_results"]["hate"]["severity"] == "safe"
        assert role["choices"][0]["content_filter_results"] == last["choices"][0]["content_filter_results"] == {}
        assert all(event["choices"][0]["content_filter_results"]["violence"]["filtered"] is False for event in content)

    def test_choices_take_turns(self, wire: Wire) -> None:
        events = wire.events("/v1/chat/completions", {"model": "gpt-4o", "messages": said("Hello"), "n": 2, "max_tokens": 2})
        assert [event["choices"][0]["index"] for event in events] == [0, 1] * 4

    def test_tool_calls(self, wire: Wire) -> None:
        body = {"model": "gpt-4o", "messages": said("Weather in Paris and Rome?"), "tools": [WEATHER]}
        deltas = [event["choices"][0]["delta"] for event in wire.events("/v1/chat/completions", body)]
        made = ["", ""]
        for delta in deltas:
            for call in delta.get("tool_calls", ()):
                made[call["index"]] += call["function"]["arguments"]
        assert [json.loads(arguments) for arguments in made] == [{"location": "Paris"}, {"location": "Rome"}]

    def test_logprobs_come_with_each_piece(self, wire: Wire) -> None:
        body = {"model": "gpt-4o", "messages": said("Hello"), "logprobs": True}
        choices = [event["choices"][0] for event in wire.events("/v1/chat/completions", body)]
        entries = [entry for choice in choices if choice["logprobs"] for entry in choice["logprobs"]["content"]]
        assert entries == wire.chat("Hello", logprobs=True)["choices"][0]["logprobs"]["content"]
