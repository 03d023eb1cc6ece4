"""Clients whose network is a function, and the answers it gives."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterable
from typing import Any

from ceyx import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from ceyx.transport.memory import Answer, AsyncMemory, Memory
from ceyx.wire.message import Request

ASK: Any = [{"role": "user", "content": "hi"}]
KEY = "sk-very-secret-0123456789"
ENDPOINT = "https://contoso.openai.azure.com"
VERSION = "2024-10-21"
_ARGUMENTS: dict[Any, dict[str, Any]] = {
    OpenAI: {"api_key": KEY},
    # All calls go out, whatever the version; test_azure_versions.py is about those that do not.
    AzureOpenAI: {"api_key": KEY, "azure_endpoint": ENDPOINT, "api_version": VERSION, "check_api_version": False},
}
_ARGUMENTS[AsyncOpenAI], _ARGUMENTS[AsyncAzureOpenAI] = _ARGUMENTS[OpenAI], _ARGUMENTS[AzureOpenAI]


def reply(data: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; headers in keyword spelling (`x_request_id`)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"content-type": "application/json", **named}, json.dumps(data).encode()


def failure(status: int, message: str = "boom", code: str | None = None, **headers: str) -> Answer:
    return reply({"error": {"message": message, "code": code, "type": None, "param": None}}, status, **headers)


def events(*items: Any, done: bool = True, ended: bool | None = None, **headers: str) -> Answer:
    """A stream: each item in an event of its own, each event in a piece of its own. `ended`: the last chunk says why, as
    it does by itself in a stream that is `done`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    *others, last = items or ({},)
    if "choices" in last and (done if ended is None else ended):
        items = (*others, {**last, "choices": [{**choice, "finish_reason": "stop"} for choice in last["choices"]]})
    pieces = [b"data: " + json.dumps(item).encode() + b"\n\n" for item in items]
    return 200, {"content-type": "text/event-stream", **named}, [*pieces, *([b"data: [DONE]\n\n"] if done else [])]


COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}
CHAT = reply(COMPLETION, x_request_id="req-1")


def chunk(text: str) -> dict[str, Any]:
    delta = {"role": "assistant", "content": text}
    choices = [{"index": 0, "delta": delta, "finish_reason": None}]
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o", "choices": choices}


def in_turn(*answers: Answer | Exception) -> Callable[[Request], Answer]:
    """Gives these answers, one for each request; raises those that are exceptions."""
    left = iter(answers)

    def answer(_: Request) -> Answer:
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    return answer


def connected(client: Any, answer: Answer | Callable[[Request], Any] = CHAT) -> Any:
    """`client` with a network that answers so."""
    give: Any = answer if callable(answer) else lambda _: answer
    client._transport = (AsyncMemory if isinstance(client, AsyncOpenAI) else Memory)(give)
    return client


def make(kind: Any = OpenAI, answer: Answer | Callable[[Request], Any] = CHAT, **arguments: Any) -> Any:
    """A client with the arguments it cannot do without, and a network that answers so."""
    return connected(kind(**{**_ARGUMENTS[kind], **arguments}), answer)


def requests(client: Any) -> list[Request]:
    return client._transport.requests  # type: ignore[no-any-return]


def sent(client: Any) -> Request:
    """The last request."""
    return requests(client)[-1]


def body(client: Any) -> Any:
    """The last request's body, decoded."""
    return json.loads(sent(client).content or b"null")


def joined(pieces: Iterable[Any]) -> str:
    """The text of a stream of chat."""
    return "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)


KINDS: list[Any] = [OpenAI, AsyncOpenAI, AzureOpenAI, AsyncAzureOpenAI]


def result(made: Any) -> Any:
    """What a call gives, whether its client blocks or awaits."""
    return asyncio.run(made) if inspect.iscoroutine(made) else made


def chat(client: Any, **params: Any) -> Any:
    return result(client.chat.completions.create(**{"model": "m", "messages": ASK, **params}))
