"""/chat/completions: whole answers and streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service import filters, logprobs
from ceyx.service.answers import Answer, ToolCall
from ceyx.service.bodies import Chat
from ceyx.service.clock import time
from ceyx.service.context import check_chat_length
from ceyx.service.engines import local
from ceyx.service.gate import Ask, Operation
from ceyx.service.routes.stored_chats import keep
from ceyx.service.routes.usage import FINGERPRINT, identifier, usage
from ceyx.service.rules import check_chat
from ceyx.service.streams import Chunks, EventStream, padding

Delta = dict[str, Any]


async def handle(ask: Ask) -> Response:
    body: Chat = ask.body
    check_chat(body)
    tokens = ask.tokens
    read = tokens.prompt(body)
    check_chat_length(body, ask.model, read, tokens)
    answers = ask.held(ask.replied(body.n) or local.chat(body, tokens))
    counted = ask.counted(usage(read, answers, tokens))
    common = head(ask)
    if body.store:
        keep(ask.service.store, body, completed(ask, body, common, answers, counted))
    if body.stream:
        provider = ask.surface.provider
        return EventStream(chunks(ask, body, common, answers, counted), provider, ask.answer_headers(counted["total_tokens"]))
    return ask.whole(completed(ask, body, common, answers, counted), counted["total_tokens"])


def head(ask: Ask) -> dict[str, Any]:
    """The fields that an answer and each of its chunks begin with."""
    common: dict[str, Any] = {"id": identifier("chatcmpl-"), "object": "chat.completion", "created": int(time())}
    common["model"] = ask.model.snapshot
    if ask.surface.provider == "openai" or ask.body.service_tier is not None:
        common["service_tier"] = ask.tier
    return {**common, "system_fingerprint": FINGERPRINT}


def completed(ask: Ask, body: Chat, common: dict[str, Any], answers: list[Answer], counted: dict[str, Any]) -> dict[str, Any]:
    """The whole answer."""
    choices = [choice(ask, body, i, answer) for i, answer in enumerate(answers)]
    whole = {**common, "choices": choices, "usage": counted}
    return {**whole, "prompt_filter_results": filters.of_prompts()} if ask.filtered else whole


def choice(ask: Ask, body: Chat, index: int, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": answer.refusal, "annotations": []}
    if answer.calls and _calls_functions(body):
        message["function_call"] = {"name": answer.calls[0].name, "arguments": answer.calls[0].text}
    elif answer.calls:
        message["tool_calls"] = [call_made(call) for call in answer.calls]
    made: dict[str, Any] = {"index": index, "message": message, "logprobs": None, "finish_reason": answer.finish}
    if body.logprobs and answer.text is not None:
        made["logprobs"] = logprobs.of_chat(ask.tokens.pieces(answer.text), body.top_logprobs)
    if ask.filtered:
        made["content_filter_results"] = {} if answer.calls else answer.found or filters.of_text()
    return made


def _calls_functions(body: Chat) -> bool:
    """Whether calls go under `function_call`, as they did before there were tools."""
    return body.tools is None and body.functions is not None


def call_made(call: ToolCall) -> dict[str, Any]:
    if call.kind == "custom":
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.text}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text}}


def chunks(ask: Ask, body: Chat, common: dict[str, Any], answers: list[Answer], counted: dict[str, Any]) -> Chunks:
    """The answer in parts: of several choices, a part of each in turn."""
    common = {**common, "object": "chat.completion.chunk"}
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    if with_usage:
        common["usage"] = None
    if ask.filtered:
        nothing = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
        yield {**nothing, "prompt_filter_results": filters.of_prompts()}
    padded, filter = ask.padded, ask.filter
    later = ask.filtered and filter is not None and filter.asynchronous
    for turn in zip_longest(*(_parts(body, answer, ask.tokens.pieces) for answer in answers)):
        for index, part in enumerate(turn):
            if part is None:
                continue
            delta, probabilities, finish = part
            if finish and later:
                found, length = answers[index].found, len(answers[index].text or "")
                yield filters.later(index, length, found)
                if found:
                    continue
            made: dict[str, Any] = {"index": index, "delta": delta, "logprobs": probabilities, "finish_reason": finish}
            if ask.filtered and not later:
                made["content_filter_results"] = _findings(delta, finish, answers[index])
            chunk = {**common, "choices": [made]}
            if padded and delta:
                chunk["obfuscation"] = padding(delta.get("content") or "")
            yield chunk
    if with_usage:
        yield {**common, "choices": [], "usage": counted}


def _findings(delta: Delta, finish: str | None, answer: Answer) -> filters.Findings:
    """What the content filter says of a part."""
    return answer.found or {} if finish else filters.of_text() if delta.get("content") else {}


def _parts(
    body: Chat, answer: Answer, pieces: Callable[[str], list[str]]
) -> Iterator[tuple[Delta, dict[str, Any] | None, str | None]]:
    """The deltas of one choice, each with its log probabilities and, at last, why it ended."""
    yield {"role": "assistant", "content": None if answer.text is None else "", "refusal": None}, None, None
    for place, piece in enumerate(pieces(answer.text or "")):
        yield {"content": piece}, logprobs.of_chat([piece], body.top_logprobs, place) if body.logprobs else None, None
    if answer.refusal is not None:
        for piece in pieces(answer.refusal):
            yield {"refusal": piece}, None, None
    for index, call in enumerate(answer.calls):
        if _calls_functions(body):
            yield {"function_call": {"name": call.name, "arguments": ""}}, None, None
            for piece in pieces(call.text):
                yield {"function_call": {"arguments": piece}}, None, None
            continue
        name, text = ("custom", "input") if call.kind == "custom" else ("function", "arguments")
        begun = {"index": index, "id": call.id, "type": call.kind, name: {"name": call.name, text: ""}}
        yield {"tool_calls": [begun]}, None, None
        for piece in pieces(call.text):
            yield {"tool_calls": [{"index": index, name: {text: piece}}]}, None, None
    yield {}, None, answer.finish


operation = Operation("chat/completions", "chat", msgspec.json.Decoder(Chat), handle)
