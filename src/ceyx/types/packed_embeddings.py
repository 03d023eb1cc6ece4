"""Answers with embeddings as they mostly are, read in one go: each vector from base64 to bytes, without its text in between.

An answer with anything else in it is read as any other, so that nothing of it is lost.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from ceyx.wire.call import Call, R
from ceyx.wire.decoding import decoded


class _Vector(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    object: str
    index: int
    embedding: bytes


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    object: str
    data: list[_Vector]
    model: str
    usage: dict[str, int]


@cache
def _decoder() -> msgspec.json.Decoder[_Answer]:
    return msgspec.json.Decoder(_Answer)


class PackedCall(Call[R]):
    """A call whose answer has vectors in base64."""

    __slots__ = ()

    def parsed(self, content: bytes) -> Any:
        try:
            answer = _decoder().decode(content)
        except msgspec.DecodeError:  # which a value of another type is, too
            return decoded(content)
        vectors = [{"object": each.object, "index": each.index, "embedding": each.embedding} for each in answer.data]
        return {"object": answer.object, "data": vectors, "model": answer.model, "usage": answer.usage}
