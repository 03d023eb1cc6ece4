"""The same programs with `langchain_openai` and with ceyx: what they send, and what comes of it, differs only as is said here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import langchain_openai as theirs
import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_server import PROMPT_SAFE, SAFE, USAGE, Recorder, choice, chunk, completion
from pydantic import BaseModel, Field

import ceyx.langchain as ours

DIFFERENCES = {
    r"_tokens_details\.(text|image)_tokens$": "a field that the server did not send is not invented",
    r"\.body\.stream$": "false is the default, so it is not sent",
    r"\.body\.model$": "null is not sent where the path has the deployment",
    r"\.(max_tokens|max_completion_tokens)$": "servers other than the providers' know the old name",
    r"\.additional_kwargs\.tool_calls$": "raw calls are kept, as programs from before 2025 read them",
    r"\.additional_kwargs\.refusal$": "told of every choice, and of streams only where there is one",
    r"\.additional_kwargs\.parsed$": "None says nothing where no type was asked for",
    r"\.llm_output\.model_name$": "the model that answered, which on Azure is known by nothing else",
    r"\.parameters\.properties\.\w+\.(default|description)$": "strict mode refuses defaults, so they are said in words",
    r"\.invalid_tool_calls\[0\]\.error$": "no address of a page in the text",
    r"\.whole\.response_metadata\.(token_usage|id)$": "a stream of a type tells no more than another stream",
    r"\.whole\.response_metadata\.\w+_filter_results$": "streams, too, tell what the filter found",
    r"\.response_metadata\.model_name$": "streams, too, have the version of the model in its name",
    r"\.streamed$": "a stream of a type ends with what it was read as, and not with all of it again",
}


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


def seen(value: Any) -> Any:
    """`value` as plain data, less the ids that LangChain makes up."""
    if isinstance(value, BaseMessage):
        return {name: seen(inner) for name, inner in vars(value).items() if name != "id"}
    if isinstance(value, BaseModel):
        return {name: seen(inner) for name, inner in vars(value).items()}
    if isinstance(value, dict):
        return {name: seen(inner) for name, inner in value.items()}
    return [seen(inner) for inner in value] if isinstance(value, list | tuple) else value


def added(chunks: Iterator[Any]) -> Any:
    first, *others = chunks
    whole = first
    for one in others:
        whole = whole + one
    return {"streamed": len(others) + 1, "whole": seen(whole)}


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
Case = tuple[Any, dict[str, Any], Callable[[Any], Any]]
CASES: dict[str, Case] = {
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
HEADERS = ("authorization", "api-key", "x-own", "openai-organization")


def made(library: Any, azure: bool, server: Recorder, fields: dict[str, Any]) -> Any:
    shared = {"api_key": "k", "max_retries": 0}
    if not azure:
        return library.ChatOpenAI(**{**shared, "base_url": server.url, "model": "gpt-4o", **fields})
    where = {"azure_endpoint": server.origin, "azure_deployment": "gpt", "api_version": "2024-10-21", "model_version": "0301"}
    return library.AzureChatOpenAI(**{**shared, **where, **{name: value for name, value in fields.items() if name != "model"}})


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**one, **other}:
            if name in one and name in other:
                yield from differences(one[name], other[name], f"{at}.{name}")
            else:
                yield f"{at}.{name}"
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{at}[{place}]")
    elif one != other:
        yield at


def done(library: Any, azure: bool, server: Recorder, case: Case) -> Any:
    """What a program sends with this library, and what comes of it."""
    server.answer, fields, act = case
    server.asked.clear()
    result = seen(act(made(library, azure, server, fields)))
    asked = [
        {
            "path": one.path.partition("?")[0],
            "query": sorted(one.path.partition("?")[2].split("&")),
            "headers": {header: one.headers.get(header) for header in HEADERS},
            "body": one.body,
        }
        for one in server.asked
    ]
    return {"result": result, "asked": asked}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with Recorder() as running:
        yield running


@pytest.mark.parametrize("azure", [False, True], ids=["openai", "azure"])
@pytest.mark.parametrize("name", CASES)
def test_the_same(server: Recorder, name: str, azure: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the usage that it adds up, and of what it serialises
        expected = done(theirs, azure, server, CASES[name])
    found = done(ours, azure, server, CASES[name])
    unexplained = [at for at in differences(expected, found) if not any(re.search(one, at) for one in DIFFERENCES)]
    assert not unexplained, "these differ, and DIFFERENCES does not say why"
