"""Programs that use the Responses API, with `langchain_openai` and with ceyx: what differs is in `langchain_differences.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import langchain_openai as theirs
import openai
import pytest
from canned_responses import BUILT_IN, CUSTOM, FILE, REFUSAL, THOUGHT, URL, call, events, message, response, text
from langchain_core.messages import AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_differences import OF_RESPONSES, Case, added, done, unexplained
from langchain_server import Recorder
from pydantic import BaseModel, Field

import ceyx
import ceyx.langchain as ours

USES = {"use_responses_api": True}
IN_JSON = '{"name":"Rome","people":3}'


class City(BaseModel):
    """A city."""

    name: str
    people: int = Field(description="how many live there")


@tool
def get_weather(place: str, days: int = 1) -> str:
    """Tell the weather."""
    return place


TALK = [
    SystemMessage("s"),
    SystemMessage("d", additional_kwargs={"__openai_role__": "developer"}),
    SystemMessage([{"type": "text", "text": "t", "prompt_cache_breakpoint": True}]),
    HumanMessage(
        [
            {"type": "text", "text": "t"},
            {"type": "image", "url": "https://x/y.png"},
            {"type": "image", "base64": "aGk=", "mime_type": "image/png"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
            {"type": "image_url", "image_url": {"url": "https://x", "detail": "low"}},
            {"type": "file", "base64": "aGk=", "mime_type": "application/pdf", "filename": "a.pdf"},
            {"type": "file", "file_id": "f1"},
            {"type": "file", "url": "https://x/a.pdf"},
            {"type": "file", "file": {"file_id": "f2"}},
            {"type": "input_text", "text": "i"},
            {"type": "mcp_approval_response", "approve": True, "approval_request_id": "mcpr_1"},
        ],
        name="joe",
    ),
    AIMessage("plain", name="bot"),
    AIMessage("", tool_calls=[{"name": "f", "args": {"a": "é"}, "id": "c1"}]),
    ToolMessage("told", tool_call_id="c1"),
    AIMessage("called", tool_calls=[{"name": "f", "args": {}, "id": "c2"}, {"name": "f", "args": {}, "id": "c3"}]),
    ToolMessage([{"type": "text", "text": "r", "id": "z"}, {"type": "image", "url": "https://x/y.png"}], tool_call_id="c2"),
    ToolMessage([{"type": "custom_tool_call_output", "output": "27"}], tool_call_id="c3"),
    ToolMessage("https://x/s.png", tool_call_id="c4", additional_kwargs={"type": "computer_call_output"}),
    ToolMessage(
        [{"type": "input_image", "image_url": "https://x/s.png"}],
        tool_call_id="c5",
        additional_kwargs={"type": "computer_call_output", "acknowledged_safety_checks": [{"id": "sc_1"}]},
    ),
    AIMessage("", invalid_tool_calls=[{"name": "f", "args": "{", "id": "c6", "error": "e", "type": "invalid_tool_call"}]),
    AIMessage(
        "", additional_kwargs={"tool_calls": [{"id": "c7", "type": "function", "function": {"name": "f", "arguments": ""}}]}
    ),
    ChatMessage(role="user", content="u"),
]
EVERYTHING = response(
    THOUGHT,
    *BUILT_IN,
    message(text("J'adore", URL, FILE), text(" Rome."), phase="final_answer"),
    call("get_weather", '{"place":"Rome"}', **{"namespace": "n", "async": True}),
    call("get_weather", '{"place":', 2),
    CUSTOM,
)
PARAMETERS: dict[str, Any] = {
    "temperature": 0.5,
    "max_tokens": 17,
    "top_p": 0.3,
    "stop": ["x"],
    "top_logprobs": 2,
    "reasoning": {"effort": "low", "summary": "auto"},
    "verbosity": "low",
    "service_tier": "flex",
    "store": True,
    "truncation": "auto",
    "include": ["reasoning.encrypted_content"],
    "context_management": [{"type": "compaction", "compact_threshold": 9}],
    "extra_body": {"top_k": 1},
    "model_kwargs": {"user": "me", "metadata": {"a": "b"}},
    "default_headers": {"x-own": "b"},
}
TOOLS = [
    get_weather,
    City,
    {"type": "web_search_preview"},
    {"type": "image_generation"},
    {"type": "mcp", "server_label": "s", "server_url": "https://x", "require_approval": "never"},
    {"type": "function", "name": "flat", "parameters": {}},
]
SCHEMA = City.model_json_schema()
ROME = response(message(text(IN_JSON)), text={"format": {"type": "json_schema", "name": "City", "schema": SCHEMA}})


def again(model: Any) -> Any:
    """What a model says, and what it makes of its own answer when that is sent back."""
    first = model.invoke("x")
    return [first, model.invoke([HumanMessage("x"), first, HumanMessage("y")])]


def streamed_again(model: Any) -> Any:
    first, *others = model.stream("x")
    for one in others:
        first = first + one
    return model.invoke([HumanMessage("x"), first, HumanMessage("y")])


def whole_or_streamed(answer: dict[str, Any]) -> Any:
    return lambda asked: events(answer) if asked.body.get("stream") else answer


WHOLE = whole_or_streamed(EVERYTHING)
CASES: dict[str, Case] = {
    "text": Case(response(message()), USES, lambda model: model.invoke("hi")),
    "every message": Case(response(message()), USES, lambda model: model.invoke(TALK)),
    "every parameter": Case(response(message()), PARAMETERS, lambda model: model.invoke("hi", stop=["y"])),
    "effort": Case(response(message()), {**USES, "reasoning_effort": "low"}, lambda model: model.invoke("hi")),
    "chosen by a tool": Case(response(message()), {}, lambda model: model.bind_tools([{"type": "web_search"}]).invoke("hi")),
    "chosen by a call": Case(response(message()), {}, lambda model: model.invoke("hi", previous_response_id="resp_0")),
    "chosen by the version": Case(response(message()), {"output_version": "responses/v1"}, lambda model: model.invoke("hi")),
    "chosen by the model": Case(response(message()), {"model": "gpt-5-pro"}, lambda model: model.invoke("hi", temperature=0.1)),
    "tools": Case(
        response(message()),
        USES,
        lambda model: model.bind_tools(TOOLS, tool_choice="any", parallel_tool_calls=False).invoke("x"),
    ),
    "a tool by name": Case(
        response(message()), USES, lambda model: model.bind_tools([get_weather], tool_choice="get_weather").invoke("x")
    ),
    "a built-in tool by name": Case(
        response(message()), USES, lambda model: model.bind_tools(TOOLS, tool_choice="web_search_preview").invoke("x")
    ),
    "strict tools": Case(response(message()), USES, lambda model: model.bind_tools([City], strict=True).invoke("x")),
    "everything": Case(WHOLE, USES, again),
    "everything in v0": Case(WHOLE, {**USES, "output_version": "v0"}, again),
    "everything in v1": Case(WHOLE, {**USES, "output_version": "v1"}, again),
    "everything, not stored": Case(WHOLE, {**USES, "store": False}, again),
    "refusal": Case(whole_or_streamed(response(message(REFUSAL))), USES, again),
    "refusal in v0": Case(whole_or_streamed(response(message(REFUSAL))), {**USES, "output_version": "v0"}, again),
    "stream": Case(WHOLE, USES, lambda model: added(model.stream("x"))),
    "stream in v0": Case(WHOLE, {**USES, "output_version": "v0"}, lambda model: added(model.stream("x"))),
    "stream in v1": Case(WHOLE, {**USES, "output_version": "v1"}, lambda model: added(model.stream("x"))),
    "sum of a stream": Case(WHOLE, USES, streamed_again),
    "sum of a stream in v0": Case(WHOLE, {**USES, "output_version": "v0"}, streamed_again),
    "sum of a stream in v1": Case(WHOLE, {**USES, "output_version": "v1"}, streamed_again),
    "streamed by invoke": Case(WHOLE, {**USES, "streaming": True}, lambda model: model.invoke("x")),
    "stream with a picture": Case(WHOLE, USES, lambda model: added(model.bind_tools([{"type": "image_generation"}]).stream("x"))),
    "cut": Case(response(message(), status="incomplete", incomplete_details={"reason": "max_output_tokens"}), USES, again),
    "tier": Case(response(message(), service_tier="flex"), USES, lambda model: model.invoke("x")),
    "headers": Case(
        response(message()),
        {**USES, "include_response_headers": True},
        lambda model: sorted(model.invoke("x").response_metadata),
    ),
    "several prompts": Case(
        response(message()), USES, lambda model: model.generate([[HumanMessage("a")], [HumanMessage("b")]]).llm_output
    ),
    "previous": Case(response(message()), {"use_previous_response_id": True}, again),
    "a type": Case(ROME, USES, lambda model: model.with_structured_output(City, include_raw=True).invoke("x")),
    "a schema": Case(
        ROME, USES, lambda model: model.with_structured_output({**SCHEMA, "title": "City"}, include_raw=True).invoke("x")
    ),
    "a type by JSON": Case(ROME, USES, lambda model: model.with_structured_output(City, method="json_mode").invoke("x")),
    "a type by a tool": Case(
        response(call("City", IN_JSON)),
        USES,
        lambda model: model.with_structured_output(City, method="function_calling", include_raw=True).invoke("x"),
    ),
    "a type beside tools": Case(
        ROME, USES, lambda model: model.with_structured_output(City, include_raw=True, tools=[get_weather]).invoke("x")
    ),
    "a format beside tools": Case(ROME, USES, lambda model: model.bind_tools([get_weather], response_format=City).invoke("x")),
    "a type, in short": Case(ROME, {**USES, "verbosity": "low"}, lambda model: model.with_structured_output(City).invoke("x")),
    "streams of a type": Case(events(ROME), USES, lambda model: list(model.with_structured_output(City).stream("x"))),
    "chunks of a type": Case(events(ROME), USES, lambda model: added(model.bind(response_format=City).stream("x"))),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.mark.parametrize("name", CASES)
def test_the_same(server: Recorder, name: str) -> None:
    assert not unexplained("ChatOpenAI", server, CASES[name], OF_RESPONSES, f"[{name}]")


@pytest.mark.parametrize(
    "name",
    ["text", "every parameter", "chosen by a tool", "chosen by a call", "everything", "stream in v1", "previous", "a type"],
)
def test_the_same_on_azure(server: Recorder, name: str) -> None:
    assert not unexplained("AzureChatOpenAI", server, CASES[name], OF_RESPONSES, f"[{name}]")


UNREAD = [
    {"type": "server_tool_call", "name": "of_others", "id": "x", "args": {}},
    {"type": "server_tool_result", "tool_call_id": "x", "status": "success"},
]
RIGHTED: dict[str, Case] = {
    "the API says no strings, but parts": Case(response(message()), USES, lambda model: model.invoke([HumanMessage(["a", "b"])])),
    "arguments that are no object": Case(response(call("f", "[1]")), USES, lambda model: model.invoke("x")),
    "chat's word for likelihoods": Case(response(message()), {**USES, "logprobs": True}, lambda model: model.invoke("x")),
    "one answer": Case(response(message()), {**USES, "n": 1}, lambda model: model.invoke("x")),
    "two words for effort": Case(
        response(message()), {"reasoning_effort": "low", "reasoning": {"summary": "auto"}}, lambda model: model.invoke("x")
    ),
    "asked for what is told anyway": Case(
        events(response(message())), USES, lambda model: list(model.stream("x", stream_usage=True))
    ),
    "tools of other providers": Case(response(message()), USES, lambda model: model.invoke([AIMessage(UNREAD)])),
}
"""Programs that fail with `langchain_openai`, and need not."""


@pytest.mark.parametrize("name", RIGHTED)
def test_what_need_not_fail(server: Recorder, name: str) -> None:
    with pytest.raises(Exception) as caught:
        done(theirs, "ChatOpenAI", server, RIGHTED[name])
    assert not isinstance(caught.value, openai.APIError)
    assert done(ours, "ChatOpenAI", server, RIGHTED[name])["asked"]


def test_failures_have_kinds(server: Recorder) -> None:
    """A response that failed is a bare ValueError there, so no retry or fallback can tell what it was."""
    failed = response(status="failed", error={"code": "rate_limit_exceeded", "message": "slow down"})
    case = Case(whole_or_streamed(failed), USES, lambda model: model.invoke("x"))
    streamed = Case(case.answer, USES, lambda model: list(model.stream("x")))
    for program in (case, streamed):
        with pytest.raises(ValueError, match="slow down"):
            done(theirs, "ChatOpenAI", server, program)
        with pytest.raises(ceyx.RateLimitError, match="slow down"):
            done(ours, "ChatOpenAI", server, program)
