"""The same programs that chat, with `langchain_openai` and with ceyx: `langchain_differences.py` says where they may differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import pytest
from langchain_core.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_differences import Case, added, unexplained
from langchain_server import PROMPT_SAFE, SAFE, USAGE, Recorder, choice, chunk, completion
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city."""

    name: str
    people: int = Field(description="how many live there")


class Place(TypedDict):
    """A place."""

    name: str


def get_weather(place: str, days: int = 1) -> str:
    """Tell the weather.

    Args:
        place: where
        days: for how many days
    """
    return place


def called(name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{arguments}", "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    return completion(choice({"content": None, "tool_calls": list(calls)}, "tool_calls"))


IN_JSON = '{"name":"Rome","people":3}'
CALLING = calling(called("get_weather", '{"place":"Rome"}'), called("get_weather", '{"place":'))
CALLING_STREAM = [
    chunk({"tool_calls": [{"index": 0, **called("get_weather", "")}]}),
    *(chunk({"tool_calls": [{"index": 0, "function": {"arguments": text}}]}) for text in ('{"pla', 'ce":"Rome"}')),
    chunk({}, "tool_calls"),
    chunk(usage=USAGE, service_tier="priority"),
]
ROME = completion(choice({"content": IN_JSON}))
ROME_STREAM = [
    chunk({"role": "assistant", "content": ""}),
    *(chunk({"content": text}) for text in (IN_JSON[:9], IN_JSON[9:])),
    chunk({}, "stop"),
    chunk(usage=USAGE),
]
FILTERED_STREAM = [
    chunk(prompt_filter_results=PROMPT_SAFE),
    chunk({"role": "assistant", "content": "hi"}, choice={"content_filter_results": SAFE}),
    chunk({}, "stop", choice={"content_filter_results": {}}),
]
TALK = [
    SystemMessage("s"),
    HumanMessage(
        [
            {"type": "text", "text": "t"},
            {"type": "image", "url": "https://x/y.png"},
            {"type": "image", "base64": "aGk=", "mime_type": "image/png"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
            {"type": "image_url", "image_url": {"url": "https://x"}},
            {"type": "audio", "base64": "aGk=", "mime_type": "audio/wav"},
            {"type": "file", "base64": "aGk=", "mime_type": "application/pdf", "filename": "a.pdf"},
            {"type": "file", "file_id": "f1"},
        ],
        name="joe",
    ),
    AIMessage(
        [{"type": "text", "text": "x", "annotations": []}, {"type": "reasoning", "reasoning": "r"}, {"type": "tool_use"}],
        tool_calls=[{"name": "f", "args": {"a": "é"}, "id": "c1"}],
    ),
    ToolMessage([{"type": "text", "text": "r", "id": "z"}], tool_call_id="c1"),
    FunctionMessage(name="f", content="x"),
    ChatMessage(role="custom", content="z"),
    SystemMessage("dev", additional_kwargs={"__openai_role__": "developer"}),
    AIMessage("plain", name="bot"),
    AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": "{}"}}),
    AIMessage("", invalid_tool_calls=[{"name": "f", "args": "{", "id": "c2", "error": "e", "type": "invalid_tool_call"}]),
    AIMessage("", additional_kwargs={"audio": {"id": "au1", "data": "x"}}),
]
PARAMETERS: dict[str, Any] = {
    "temperature": 0.5,
    "max_tokens": 7,
    "top_p": 0.3,
    "seed": 1,
    "n": 1,
    "stop": ["x"],
    "presence_penalty": 0.1,
    "frequency_penalty": 0.2,
    "logprobs": True,
    "top_logprobs": 2,
    "logit_bias": {5: 1},
    "reasoning_effort": "low",
    "verbosity": "low",
    "service_tier": "flex",
    "store": True,
    "extra_body": {"top_k": 1},
    "model_kwargs": {"user": "me"},
    "default_headers": {"x-own": "b"},
    "default_query": {"q": "1"},
    "organization": "org",
}
TOOLS = [get_weather, City, Place, {"type": "function", "function": {"name": "q", "parameters": {}}}]
USED = {"stream_usage": True}
CASES: dict[str, tuple[Any, dict[str, Any], Callable[[Any], Any]]] = {
    "text": (None, {}, lambda model: model.invoke("hi")),
    "tuples": (None, {}, lambda model: model.invoke([("system", "s"), ("human", "h"), ("ai", "a")])),
    "every message": (None, {}, lambda model: model.invoke(TALK)),
    "every parameter": (None, PARAMETERS, lambda model: model.invoke("hi", stop=["y"])),
    "several prompts": (
        None,
        {},
        lambda model: {"llm_output": model.generate([[HumanMessage("a")], [HumanMessage("b")]]).llm_output},
    ),
    "several answers": (
        completion(choice(), choice({"content": "b"}, "length")),
        {"n": 2},
        lambda model: [one.message for one in model.generate([[HumanMessage("a")]]).generations[0]],
    ),
    "tier": (completion(service_tier="flex"), {}, lambda model: model.invoke("x")),
    "headers": (None, {"include_response_headers": True}, lambda model: sorted(model.invoke("x").response_metadata)),
    "tools": (CALLING, {}, lambda model: model.bind_tools(TOOLS, tool_choice="any", parallel_tool_calls=False).invoke("x")),
    "a tool by name": (CALLING, {}, lambda model: model.bind_tools([get_weather], tool_choice="get_weather").invoke("x")),
    "strict tools": (CALLING, {}, lambda model: model.bind_tools([get_weather, City], strict=True).invoke("x")),
    "v1": (CALLING, {"output_version": "v1"}, lambda model: model.invoke("x")),
    "stream": (None, USED, lambda model: added(model.stream("x"))),
    "stream of tools": (CALLING_STREAM, USED, lambda model: added(model.bind_tools([get_weather]).stream("x"))),
    "stream of v1": (None, {**USED, "output_version": "v1"}, lambda model: added(model.stream("x"))),
    "stream with a filter": (FILTERED_STREAM, USED, lambda model: added(model.stream("x"))),
    "streamed by invoke": (None, {**USED, "streaming": True}, lambda model: model.invoke("x")),
    "a type": (ROME, {}, lambda model: model.with_structured_output(City, include_raw=True).invoke("x")),
    "a TypedDict": (ROME, {}, lambda model: model.with_structured_output(Place, include_raw=True).invoke("x")),
    "a strict TypedDict": (ROME, {}, lambda model: model.with_structured_output(Place, strict=True).invoke("x")),
    "a type by a tool": (
        calling(called("City", IN_JSON)),
        {},
        lambda model: model.with_structured_output(City, method="function_calling", include_raw=True).invoke("x"),
    ),
    "a type by JSON": (ROME, {}, lambda model: model.with_structured_output(City, method="json_mode").invoke("x")),
    "a type beside tools": (ROME, {}, lambda model: model.bind_tools([get_weather], response_format=City).invoke("x")),
    "streams of a type": (ROME_STREAM, USED, lambda model: list(model.with_structured_output(City).stream("x"))),
    "streams of a TypedDict": (ROME_STREAM, USED, lambda model: list(model.with_structured_output(Place).stream("x"))),
    "chunks of a type": (ROME_STREAM, USED, lambda model: added(model.bind(response_format=City).stream("x"))),
    "o1": (None, {"model": "o1-mini"}, lambda model: model.invoke([SystemMessage("s"), HumanMessage("h")])),
    "gpt-5": (None, {"model": "gpt-5", "temperature": 0.3, "max_tokens": 4}, lambda model: model.invoke("x")),
    "what identifies it": (
        None,
        {"max_tokens": 3, "temperature": 0},
        lambda model: [
            model._identifying_params,
            model._get_invocation_params(stop=["q"]),
            model._get_ls_params(stop=["q"]),
            model._llm_type,
            model.lc_attributes,
            model.lc_secrets,
            model.lc_id(),
        ],
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.mark.parametrize("kind", ["ChatOpenAI", "AzureChatOpenAI"])
@pytest.mark.parametrize("name", CASES)
def test_the_same(server: Recorder, name: str, kind: str) -> None:
    assert unexplained(kind, server, Case(*CASES[name])) == [], "these differ, and DIFFERENCES does not say why"
