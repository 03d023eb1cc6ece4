"""Answers with vectors, read in one go or as any other: what the caller gets is the same."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import struct
from typing import Any

import pytest

from ceyx.types import CreateEmbeddingResponse
from ceyx.types.packed_embeddings import PackedCall
from ceyx.wire.decoding import UNREADABLE

CALL: PackedCall[Any] = PackedCall("POST", "/embeddings", CreateEmbeddingResponse.unpacking)


def packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def vector(embedding: Any, index: Any = 0, **more: Any) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": embedding, **more}


def answer(*vectors: Any, **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 8, "total_tokens": 8}
    return {"object": "list", "data": list(vectors), "model": "text-embedding-3-small", "usage": usage, **more}


def read(data: Any) -> Any:
    return CALL.decode(CALL.parsed(json.dumps(data).encode()))


USUAL = answer(vector(packed(0.5, -2)), vector(packed(1, 3), 1))
OTHERS = {
    "a field of the answer": answer(vector(packed(0.5)), id="e-1"),
    "a field of a vector": answer(vector(packed(0.5)), vector(packed(0.5), 1, flagged=True)),
    "details of usage": answer(vector(packed(0.5)), usage={"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}}),
    "no usage": answer(vector(packed(0.5)), usage=None),
    "floats": answer(vector([0.5, 1])),
    "floats after base64": answer(vector(packed(0.5)), vector([0.5, 1], 1)),
    "no index": answer({"embedding": packed(0.5)}),
    "an index of text": answer(vector(packed(0.5), "0")),
    "no model": {"data": [vector(packed(0.5))]},
}


def test_an_answer_as_they_mostly_are_has_bytes_in_it() -> None:
    (first, second) = CALL.parsed(json.dumps(USUAL).encode())["data"]
    assert (first["embedding"], second["embedding"]) == (struct.pack("<2f", 0.5, -2), struct.pack("<2f", 1, 3))


@pytest.mark.parametrize("data", [USUAL, *OTHERS.values()], ids=["as mostly", *OTHERS])
def test_what_the_caller_gets(data: Any) -> None:
    expected = CreateEmbeddingResponse.unpacking(copy.deepcopy(data))
    for got in (read(data), pickle.loads(pickle.dumps(read(data))), copy.deepcopy(read(data))):
        assert got.model_dump() == expected.model_dump()
        assert got == expected
    assert repr(read(data)) == repr(expected)


def test_as_one_array() -> None:
    assert read(USUAL).to_numpy().tolist() == [[0.5, -2], [1, 3]]


@pytest.mark.parametrize("text", ["not base64!", "AAA=", "AAAA"])
def test_text_that_is_no_vector_is_named(text: str) -> None:
    found = read(answer(vector(text))).data[0]
    with pytest.raises(ValueError, match="base64 of float32"):
        found.embedding  # noqa: B018
    with pytest.raises(ValueError, match="base64 of float32"):
        found.to_numpy()


@pytest.mark.parametrize("content", [b"", b"{", b'{"object": "list", "data": [', b'\xff{"a": 1}'])
def test_what_is_no_json_is_unreadable(content: bytes) -> None:
    with pytest.raises(UNREADABLE):
        CALL.parsed(content)
