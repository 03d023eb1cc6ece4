"""/completions: text that follows a prompt, whole and in streams."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service import filters, logprobs
from ceyx.service.answers import Answer
from ceyx.service.bodies import Completion
from ceyx.service.clock import time
from ceyx.service.context import check_completion_length
from ceyx.service.engines import local
from ceyx.service.gate import Ask, Operation
from ceyx.service.routes.usage import FINGERPRINT, identifier, usage
from ceyx.service.rules import check_completion
from ceyx.service.streams import Chunks, EventStream
from ceyx.service.tokens import Tokens


async def handle(ask: Ask) -> Response:
    body: Completion = ask.body
    check_completion(body)
    prompts = texts(body.prompt if body.prompt is not None else "<|endoftext|>")
    tokens = ask.tokens
    check_completion_length(body, ask.model, prompts, tokens)
    answers = ask.held(ask.replied((body.n or 1) * len(prompts)) or local.complete(body, prompts, tokens))
    counted = ask.counted(usage(tokens.texts(prompts), answers, tokens, details=False))
    # An echoed prompt given as tokens is not spelled: a service without tables could not.
    echoed = [prompt if body.echo and isinstance(prompt, str) else "" for prompt in prompts for _ in range(body.n or 1)]
    if body.stream:
        made = chunks(ask, body, len(prompts), echoed, answers, counted)
        return EventStream(made, ask.surface.provider, ask.answer_headers(counted["total_tokens"]))
    whole = head(ask)
    whole["choices"] = [choice(ask, body, i, *pair) for i, pair in enumerate(zip(echoed, answers, strict=True))]
    whole["usage"] = counted
    if ask.filtered:
        whole["prompt_filter_results"] = filters.of_prompts(len(prompts))
    return ask.whole(whole, counted["total_tokens"])


def texts(given: str | list[Any]) -> list[str | list[int]]:
    """What may be one text, several, the tokens of one or of several, as several."""
    return [given] if isinstance(given, str) or isinstance(given[0], int) else given


def head(ask: Ask) -> dict[str, Any]:
    fixed = {"object": "text_completion", "model": ask.model.snapshot, "system_fingerprint": FINGERPRINT}
    return {"id": identifier("cmpl-"), "created": int(time()), **fixed}


def choice(ask: Ask, body: Completion, index: int, echoed: str, answer: Answer) -> dict[str, Any]:
    text = echoed + (answer.text or "")
    made: dict[str, Any] = {"text": text, "index": index, "logprobs": None, "finish_reason": answer.finish}
    if body.logprobs is not None:
        made["logprobs"] = logprobs.of_completion(ask.tokens.pieces(text), body.logprobs)
    if ask.filtered:
        made["content_filter_results"] = answer.found or filters.of_text()
    return made


def chunks(ask: Ask, body: Completion, prompts: int, echoed: list[str], answers: list[Answer], counted: dict[str, Any]) -> Chunks:
    """The answer in parts: of several choices, a part of each in turn."""
    common = head(ask)
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    if with_usage:
        common["usage"] = None
    if ask.filtered:
        yield {**common, "id": "", "model": "", "choices": [], "prompt_filter_results": filters.of_prompts(prompts)}
    for turn in zip_longest(*(_parts(body, *pair, ask.tokens) for pair in zip(echoed, answers, strict=True))):
        for index, part in enumerate(turn):
            if part is not None:
                made = {"index": index, **part}
                if ask.filtered:
                    found = answers[index].found if part["finish_reason"] else None
                    made["content_filter_results"] = found or (filters.of_text() if part["text"] else {})
                yield {**common, "choices": [made]}
    if with_usage:
        yield {**common, "choices": [], "usage": counted}


def _parts(body: Completion, echoed: str, answer: Answer, tokens: Tokens) -> Iterator[dict[str, Any]]:
    offset = 0
    for place, piece in enumerate(tokens.pieces(echoed) + tokens.pieces(answer.text or "")):
        probabilities = None if body.logprobs is None else logprobs.of_completion([piece], body.logprobs, place, offset)
        yield {"text": piece, "logprobs": probabilities, "finish_reason": None}
        offset += len(piece)
    yield {"text": "", "logprobs": None, "finish_reason": answer.finish}


operation = Operation("completions", "completion", msgspec.json.Decoder(Completion), handle)
