"""/embeddings: vectors as numbers or as base64."""

from __future__ import annotations

import asyncio
import sys
from array import array
from base64 import b64encode
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service.bodies import Embedding
from ceyx.service.context import check_texts_length
from ceyx.service.engines.vectors import vector
from ceyx.service.gate import Ask, Operation
from ceyx.service.routes.completions import texts
from ceyx.service.rules import check_embedding

_QUICK = 20  # so many texts take no longer than handing them to a thread would be worth


async def handle(ask: Ask) -> Response:
    body: Embedding = ask.body
    check_embedding(body, ask.model)
    inputs = texts(body.input)
    check_texts_length(ask.model, inputs, ask.tokens)
    if len(inputs) <= _QUICK:
        data = embedded(ask, body, inputs)
    else:
        data = await asyncio.to_thread(embedded, ask, body, inputs)
    tokens = ask.tokens.texts(inputs)
    usage = ask.counted({"prompt_tokens": tokens, "total_tokens": tokens})
    answer = {"object": "list", "data": data, "model": ask.model.snapshot, "usage": usage}
    return ask.whole(answer, usage["total_tokens"])


def embedded(ask: Ask, body: Embedding, inputs: list[str | list[int]]) -> list[dict[str, Any]]:
    spelled = in_base64 if body.encoding_format == "base64" else as_numbers
    given = None if ask.reply is None else ask.reply.vectors
    if given is None:
        vectors = (vector(text, ask.model, body.dimensions) for text in inputs)
    else:
        vectors = (array("f", given[i if len(given) > 1 else 0]) for i in range(len(inputs)))
    return [{"object": "embedding", "index": i, "embedding": spelled(made)} for i, made in enumerate(vectors)]


def as_numbers(values: array[float]) -> list[float]:
    return values.tolist()


def in_base64(values: array[float]) -> str:
    """The numbers as little-endian float32, in base64."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return b64encode(values).decode()


operation = Operation("embeddings", "embedding", msgspec.json.Decoder(Embedding), handle)
