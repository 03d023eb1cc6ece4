"""Streams of chunks as OpenAI and Azure send them, in the shapes they come in."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "gpt-4o-2024-08-06"}
Chunk = dict[str, Any]


class City(BaseModel):
    name: str
    people: int


def piece(delta: Any, finish: str | None = None, index: int = 0, logprobs: Any = None, **more: Any) -> Chunk:
    choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
    return {**HEAD, "service_tier": "default", "system_fingerprint": "fp_1", "choices": [choice], **more}


def usage(**more: int) -> Chunk:
    tokens = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    return {**HEAD, "service_tier": "default", "system_fingerprint": "fp_1", "choices": [], "usage": {**tokens, **more}}


def started(index: int = 0, **said: Any) -> Chunk:
    return piece({"role": "assistant", "content": "", "refusal": None, **said}, index=index)


def text(*pieces: str, index: int = 0) -> list[Chunk]:
    return [piece({"content": one}, index=index) for one in pieces]


def call(index: int, id_: str, name: str, *arguments: str, content: Any = ...) -> list[Chunk]:
    """A call: its name first, then its arguments."""
    function = {"name": name, "arguments": ""}
    begun = {"tool_calls": [{"index": index, "id": id_, "type": "function", "function": function}]}
    more = [piece({"tool_calls": [{"index": index, "function": {"arguments": one}}]}) for one in arguments]
    return [piece(begun if content is ... else {"role": "assistant", "content": content, **begun}), *more]


def token(text: str) -> dict[str, Any]:
    other = {"token": "x", "bytes": [120], "logprob": -3.5}
    return {"token": text, "bytes": list(text.encode()), "logprob": -0.25, "top_logprobs": [other]}


def likely(name: str, *tokens: str) -> list[Chunk]:
    """Text or refusal, each piece with its probability."""
    none = {"content": None, "refusal": None}
    return [piece({name: one}, logprobs={**none, name: [token(one)]}) for one in tokens]


WEATHER: Any = {
    "type": "function",
    "function": {"name": "weather", "strict": True, "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
TIME: Any = {"type": "function", "function": {"name": "time", "parameters": {"type": "object"}}}

RECORDED: dict[str, tuple[list[Chunk], dict[str, Any]]] = {
    "text": ([started(), *text("Hel", "lo", " wörld"), piece({}, "stop"), usage()], {}),
    "nothing": ([started(), piece({}, "stop")], {}),
    "cut text": ([started(), *text("Hel"), piece({}, "length")], {}),
    "refusal": (
        [started(content=None, refusal=""), piece({"refusal": "I'm "}), piece({"refusal": "sorry"}), piece({}, "stop"), usage()],
        {},
    ),
    "refusal of a type": (
        [started(content=None, refusal=""), piece({"refusal": "I'm "}), piece({"refusal": "sorry"}), piece({}, "stop")],
        {"response_format": City},
    ),
    "call": ([*call(0, "call_1", "time", "{", '"zone"', ':"CET"}', content=None), piece({}, "tool_calls"), usage()], {}),
    "calls": (
        [
            *call(0, "call_1", "weather", '{"city"', ':"Oslo"}', content=None),
            *call(1, "call_2", "time", '{"zone":', '"CET"}'),
            *call(2, "call_3", "weather", '{"city":"Rome"}'),
            piece({}, "tool_calls"),
            usage(),
        ],
        {"input_tools": [WEATHER, TIME]},
    ),
    "text, then a call": (
        [started(), *text("Let me ", "see."), *call(0, "call_1", "weather", '{"city":"Oslo"}'), piece({}, "tool_calls")],
        {"input_tools": [WEATHER]},
    ),
    "probabilities": (
        [
            piece({"role": "assistant", "content": ""}, logprobs={"content": [], "refusal": None}),
            *(*likely("content", "Hel", "lo"), piece({}, "stop"), usage()),
        ],
        {},
    ),
    "probabilities of a refusal": (
        [started(content=None, refusal=""), *likely("refusal", "I'm", " sorry"), piece({}, "stop")],
        {},
    ),
    "two answers": (
        [
            *(started(index=0), started(index=1)),
            *(text("one")[0], text("two", index=1)[0], text("1")[0], text("2", index=1)[0]),
            *(piece({}, "stop"), piece({}, "stop", index=1), usage()),
        ],
        {},
    ),
    "a type": (
        [started(), *text('{"na', 'me":', '"Os', 'lo",', '"people":', "7", "00000}"), piece({}, "stop"), usage()],
        {"response_format": City},
    ),
    "a format in the API's words": (
        [started(), *text('{"a":', "1}"), piece({}, "stop")],
        {"response_format": {"type": "json_object"}},
    ),
    "a spoken answer": (
        [
            piece({"role": "assistant", "audio": {"id": "audio_1", "transcript": "Hel"}}),
            piece({"audio": {"data": "AAAA"}}),
            piece({"audio": {"transcript": "lo", "data": "BBBB", "expires_at": 1700000300}}),
            piece({}, "stop"),
        ],
        {},
    ),
}
