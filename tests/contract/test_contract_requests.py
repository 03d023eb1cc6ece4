"""Side by side with the `openai` package: every call sends the same method, path, query, body and headers."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import media_calls
import openai
import pytest
from recorder import Recorder, Sent

import ceyx

MESSAGES = [{"role": "user", "content": "Grüße, 世界 \u2028 \U0001f600"}]
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": {"type": "object"}}}
IMAGE = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
Ask = Callable[[Any, Any], Any]  # (client, package) -> what the call gives


def chat(**params: Any) -> Ask:
    return lambda client, package: client.chat.completions.create(**{"model": "m", "messages": MESSAGES, **params})


CALLS: dict[str, Ask] = {
    "chat": chat(),
    "chat, streamed": chat(stream=True),
    "chat, streamed with usage": chat(stream=True, stream_options={"include_usage": True}),
    "chat, stream=False": chat(stream=False),
    "chat, numbers": chat(
        temperature=0.0, top_p=1, n=3, seed=7, max_tokens=10, presence_penalty=-1.5, logit_bias={"50256": -100}
    ),
    "chat, stop words": chat(stop=["a", "b"]),
    "chat, logprobs": chat(logprobs=True, top_logprobs=5),
    "chat, tools": chat(tools=[TOOL], tool_choice="auto", parallel_tool_calls=False),
    "chat, schema": chat(response_format=SCHEMA),
    "chat, image": chat(messages=[{"role": "user", "content": IMAGE}]),
    "chat, empty content": chat(messages=[{"role": "assistant", "content": None, "tool_calls": []}]),
    "chat, tuple of messages": chat(messages=tuple(MESSAGES)),
    "chat, None is sent": chat(stop=None, user=None),
    "chat, metadata": chat(metadata={"a": "b"}, store=True, user="someone", service_tier="flex"),
    "chat, omit": lambda client, package: chat(temperature=package.omit, tools=package.omit, top_p=0.5)(client, package),
    "chat, not given": lambda client, package: chat(temperature=package.NOT_GIVEN, max_tokens=5)(client, package),
    "chat, extra body": chat(extra_body={"top_k": 4, "temperature": 0.9}, temperature=0.1),
    "chat, extra query": chat(extra_query={"a": "b c", "flag": True, "none": None, "list": ["x", "y"]}),
    "chat, extra headers": chat(extra_headers={"X-Own-One": "1", "content-type": "application/json; charset=utf-8"}),
    "chat, authorization removed": lambda client, package: chat(extra_headers={"Authorization": package.omit})(client, package),
    "chat, authorization replaced": chat(extra_headers={"authorization": "Bearer other"}),
    "chat, large numbers and text": chat(user='a"b\\c\n\t\u0000\u007f', seed=2**60),
    "chat, timeout": chat(timeout=30),
    "chat, raw": lambda client, package: client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES),
    "chat, raw stream": lambda client, package: client.chat.completions.with_raw_response.create(
        model="m", messages=MESSAGES, stream=True
    ),
    "completion": lambda client, package: client.completions.create(model="m", prompt="Once"),
    "completion, streamed": lambda client, package: client.completions.create(
        model="m", prompt=["a", "b"], stream=True, best_of=2
    ),
    "completion, tokens": lambda client, package: client.completions.create(
        model="m", prompt=[[1, 2], [3]], echo=True, suffix="!"
    ),
    "embedding": lambda client, package: client.embeddings.create(model="m", input="text"),
    "embedding, floats": lambda client, package: client.embeddings.create(model="m", input=["a", "b"], encoding_format="float"),
    "embedding, base64": lambda client, package: client.embeddings.create(model="m", input=[1, 2], encoding_format="base64"),
    "embedding, dimensions": lambda client, package: client.embeddings.create(model="m", input="a", dimensions=256, user="u"),
    "models": lambda client, package: client.models.list(),
    "models, extra query": lambda client, package: client.models.list(
        extra_query={"after": "x", "ids": [1, 2], "deep": {"a": 1}}
    ),
    "model": lambda client, package: client.models.retrieve("gpt-4o"),
    "model with odd name": lambda client, package: client.models.retrieve("ft:gpt-4o:org/a b?c#d"),
    "model deleted": lambda client, package: client.models.delete("ft:gpt-4o:org::id"),
    "get": lambda client, package: client.get("/models", cast_to=object),
    "post": lambda client, package: client.post("/own/path", cast_to=object, body={"a": [1, None]}),
    "with_options": lambda client, package: chat()(
        client.with_options(default_headers={"X-Own-Two": "2"}, default_query={"q": "1"}), package
    ),
    **media_calls.CALLS,
}
OPENAI: dict[str, dict[str, Any]] = {
    "plain": {},
    "organization and project": {"organization": "org-1", "project": "proj-1"},
    "headers and query": {
        "default_headers": {"X-Own": "0", "X-Own-Default": "d"},
        "default_query": {"v": "1", "list": ["a", "b"]},
    },
    "base with a slash": {"base_url": "{origin}/deep/er/v1/"},
    "key from a callable": {"api_key": lambda: "sk-called"},
}
AZURE: dict[str, dict[str, Any]] = {
    "resource": {"azure_endpoint": "{origin}"},
    "resource with a slash": {"azure_endpoint": "{origin}/"},
    "deployment": {"azure_endpoint": "{origin}", "azure_deployment": "my deployment"},
    "base URL": {"base_url": "{origin}/gateway/openai"},
    "token": {"azure_endpoint": "{origin}", "api_key": None, "azure_ad_token": "entra"},
    "token provider": {"azure_endpoint": "{origin}", "api_key": None, "azure_ad_token_provider": lambda: "entra-provided"},
    "headers and query": {"azure_endpoint": "{origin}", "default_headers": {"X-Own-A": "a"}, "default_query": {"q": "1"}},
}
EVERY_CALL, SOME = tuple(CALLS), ("chat", "chat, streamed", "embedding", "completion", "models", "model", "post", "with_options")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


def cases() -> Iterator[Any]:
    for provider, variants in (("OpenAI", OPENAI), ("AzureOpenAI", AZURE)):
        for number, variant in enumerate(variants):
            for name in EVERY_CALL if number == 0 else SOME:
                yield pytest.param(provider, variants[variant], name, id=f"{provider}-{variant}-{name}")


def made(package: Any, provider: str, options: dict[str, Any], origin: str) -> Any:
    given = {name: value.format(origin=origin) if isinstance(value, str) else value for name, value in options.items()}
    if provider.endswith("AzureOpenAI"):
        given = {"api_version": "2024-10-21", "api_key": "azure-key", **given}
    else:
        given = {"base_url": f"{origin}/v1", "api_key": "sk-key", **given}
    return getattr(package, provider)(max_retries=0, **given)


def sent(package: Any, provider: str, options: dict[str, Any], ask: Ask, recorder: Recorder) -> list[Sent]:
    """What the call sends."""
    recorder.sent.clear()
    with made(package, provider, options, recorder.origin) as client:
        given = ask(client, package)
        given = given.parse() if hasattr(given, "parse") else given
        if "Stream" in type(given).__name__:
            assert list(given) == []
    return list(recorder.sent)


def asent(package: Any, provider: str, options: dict[str, Any], ask: Ask, recorder: Recorder) -> list[Sent]:
    async def main() -> None:
        async with made(package, f"Async{provider}", options, recorder.origin) as client:
            given = ask(client, package)
            if inspect.isawaitable(given):
                given = await given
            given = given.parse() if hasattr(given, "parse") else given
            if "Stream" in type(given).__name__:
                stream: AsyncIterator[Any] = given
                assert [part async for part in stream] == []

    recorder.sent.clear()
    asyncio.run(main())
    return list(recorder.sent)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("provider", "options", "name"), list(cases()))
def test_the_same_request(provider: str, options: dict[str, Any], name: str, recorder: Recorder) -> None:
    theirs = sent(openai, provider, options, CALLS[name], recorder)
    ours = sent(ceyx, provider, options, CALLS[name], recorder)
    assert [one._asdict() for one in ours] == [one._asdict() for one in theirs] != []
    assert asent(ceyx, provider, options, CALLS[name], recorder) == ours
