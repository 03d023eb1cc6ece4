"""What `langchain_openai` and ceyx may differ in, each with its reason; and how the two are compared.

A difference is a place in what a program sent and got, such as `.asked[0].body.stream`.
"""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import langchain_openai as theirs
from langchain_core.outputs import Generation, LLMResult
from langchain_server import Recorder
from pydantic import BaseModel

import ceyx.langchain as ours

DIFFERENCES = {
    # what is sent
    r"\.body\.stream$": "false is the default, so it is not sent",
    r"\.body\.model$": "null is not sent where the path has the deployment",
    r"\.body\.(max_tokens|max_completion_tokens)$": "servers other than the providers' know the old name",
    r"\.body\.(seed|logprobs)$": "null says nothing, and some servers refuse it",
    r"\.body\.stream_options$": "streams are asked for their usage, unless the server or its version does not know how",
    r"\.body\.input": "texts go out as texts, which every server takes; numbers of tokens only where one is too long",
    r"\.parameters\.properties\.\w+\.(default|description)$": "strict mode refuses defaults, so they are said in words",
    # what comes of it
    r"_tokens_details\.(text|image)_tokens$": "a field that the server did not send is not invented",
    r"\.result.*\.(max_tokens|max_completion_tokens)$": "servers other than the providers' know the old name",
    r"\.additional_kwargs\.tool_calls$": "raw calls are kept, as programs from before 2025 read them",
    r"\.additional_kwargs\.refusal$": "told of every choice, and of streams only where there is one",
    r"\.additional_kwargs\.parsed$": "None says nothing where no type was asked for",
    r"\.llm_output\.model_name$": "the model that answered, which on Azure is known by nothing else",
    r"\.llm_output\.(system_fingerprint|prompt_filter_results)$": "what the answer says of itself is kept",
    r"\.llm_output\.token_usage\.\w+$": "streamed completions tell their usage, too",
    r"\.generation_info\.content_filter_results$": "what the filter found is kept",
    r"\.invalid_tool_calls\[0\]\.error$": "no address of a page in the text",
    r"\.whole\.response_metadata\.(token_usage|id)$": "a stream of a type tells no more than another stream",
    r"\.whole\.response_metadata\.\w+_filter_results$": "streams, too, tell what the filter found",
    r"\.response_metadata\.model_name$": "streams, too, have the version of the model in its name",
    r"\.streamed$": "a stream of a type ends with what it was read as, and not with all of it again",
    r"\.whole\.generation_info\.(token_usage|model_name)$": "streamed completions tell their usage, and what it is of",
    r"\.shown$": "as the notebook shows it: no escape codes of a terminal, `logit_bias`, and no fields that are None",
    r"\.(identifying|called)\.(seed|logprobs|logit_bias)$": "as they are shown",
}

OF_RESPONSES = {
    # what is sent
    r"\.body\.stream$": "false is the default, so it is not sent",
    r"\.body\.text\.format\.(description|schema\.description|schema\.title)$": "streams ask for a type as whole answers do",
    r"\[everything, not stored\]\.asked\[1\]\.body\.input$": "the parts of one message stay one, also where its id is not known",
    r" in v0\]\.asked\[1\]\.body\.input$": "a call of a custom tool is sent as that, and not as a function's, too",
    r"\[sum of a stream( in v1)?\]\.asked\[1\]\.body\.input\[\d+\]\.status$": "as streams have it; see below",
    # what comes of it
    r"\.invalid_tool_calls\[0\]\.error$": "the words are those of chat completions",
    r"\.content\[\d+\]\.error$": "the words are those of chat completions",
    r"\.content\[\d+\]\.(annotations|phase|status|extras(\.status)?|encrypted_content)$": "chunks add up to whole answers",
    r"\.streamed$": "an event that says nothing makes no chunk",
    r"\.response_metadata\.model_name$": "on Azure, its version is added, as it is for chat completions",
}
"""As DIFFERENCES, of programs that use the Responses API."""


class Case(NamedTuple):
    """A program: what the server answers, what the model is made with, and what is done with it."""

    answer: Any
    fields: dict[str, Any]
    act: Callable[[Any], Any]


SHARED = {"api_key": "k", "max_retries": 0}
HEADERS = ("authorization", "api-key", "x-own", "openai-organization")


def made(library: Any, name: str, server: Recorder, fields: dict[str, Any]) -> Any:
    """The class of that name in a library, made to ask `server`."""
    kind = getattr(library, name)
    if not name.startswith("Azure"):
        models = {"ChatOpenAI": "gpt-4o", "OpenAI": "gpt-3.5-turbo-instruct", "OpenAIEmbeddings": "text-embedding-3-small"}
        return kind(**{**SHARED, "base_url": server.url, "model": models[name], **fields})
    where = {"azure_endpoint": server.origin, "azure_deployment": "gpt", "api_version": "2024-10-21"}
    versioned = {"model_version": "0301"} if name == "AzureChatOpenAI" else {}
    return kind(**{**SHARED, **where, **versioned, **{field: value for field, value in fields.items() if field != "model"}})


def seen(value: Any) -> Any:
    """`value` as plain data, less the ids that LangChain makes up."""
    if isinstance(value, BaseModel):
        unsaid = {"id"} if hasattr(value, "response_metadata") else {"run"} if isinstance(value, LLMResult) else set()
        return {name: seen(inner) for name, inner in vars(value).items() if name not in unsaid}
    if isinstance(value, dict):
        return {name: seen(inner) for name, inner in value.items()}
    return [seen(inner) for inner in value] if isinstance(value, list | tuple) else value


def added(chunks: Iterator[Any]) -> Any:
    """The sum of chunks, and how many there were."""
    first, *others = chunks
    whole = first
    for one in others:
        whole = whole + one
    return {"streamed": len(others) + 1, "whole": seen(whole)}


def awaited(blocking: Callable[[Any], Any], awaiting: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
    """A program that awaits with ceyx what blocks with the reference, whose connections outlive their event loop."""

    async def closed(model: Any) -> Any:
        try:
            return await awaiting(model)
        finally:
            await model.root_async_client.close()

    return lambda model: asyncio.run(closed(model)) if type(model).__module__.startswith("ceyx") else blocking(model)


def completed(model: Any, *prompts: str, **given: Any) -> Any:
    """Completions of prompts, with all that is told of them."""
    result = model.generate(list(prompts), **given)
    generations: list[list[Generation]] = result.generations
    return {"llm_output": result.llm_output, "generations": generations}


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


def done(library: Any, name: str, server: Recorder, case: Case) -> Any:
    """What a program sends with this library, and what comes of it."""
    server.answer = case.answer
    server.asked.clear()
    result = seen(case.act(made(library, name, server, case.fields)))
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


def unexplained(name: str, server: Recorder, case: Case, known: Mapping[str, str] = DIFFERENCES, title: str = "") -> list[str]:
    """Where the two libraries differ, and `known` does not say why; each place begins with the `title` of the program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the usage that it adds up, and of what it serialises
        expected = done(theirs, name, server, case)
    found = done(ours, name, server, case)
    return [at for at in differences(expected, found, title) if not any(re.search(one, at) for one in known)]
