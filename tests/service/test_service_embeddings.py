"""Embeddings: sizes, forms, and that texts alike are close."""

from __future__ import annotations

import struct
from base64 import b64decode
from time import perf_counter
from typing import Any

import pytest
from plain_http import Wire


def embed(wire: Wire, given: object, model: str = "text-embedding-3-small", **fields: Any) -> list[Any]:
    answer = wire.post("/v1/embeddings", {"model": model, "input": given, **fields})
    assert answer.status == 200, answer.data
    assert [item["index"] for item in answer.json()["data"]] == list(range(len(answer.json()["data"])))
    return [item["embedding"] for item in answer.json()["data"]]


def near(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("model", "size"), [("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072), ("text-embedding-ada-002", 1536)]
)
def test_sizes(wire: Wire, model: str, size: int) -> None:
    (vector,) = embed(wire, "Hello", model)
    assert len(vector) == size
    assert near(vector, vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [1, 256, 1536])
def test_shorter_vectors(wire: Wire, size: int) -> None:
    (vector,) = embed(wire, "Hello", dimensions=size)
    assert len(vector) == size
    assert near(vector, vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("given", "count"), [("a", 1), (["a", "b"], 2), ([1, 2], 1), ([[1], [2, 3]], 2), ([" "], 1)])
def test_inputs_of_every_form(wire: Wire, given: object, count: int) -> None:
    assert len(embed(wire, given)) == count


def test_base64_holds_the_same_numbers(wire: Wire) -> None:
    (numbers,), (packed,) = embed(wire, "Hello"), embed(wire, "Hello", encoding_format="base64")
    assert list(struct.unpack("<1536f", b64decode(packed))) == numbers


@pytest.mark.parametrize(
    ("text", "alike", "unlike"),
    [
        ("How do I reset my password?", "Resetting a password", "The weather in Paris is fine"),
        ("cats and dogs", "a dog and a cat", "quarterly revenue report"),
        ("人工智能的未来", "未来的人工智能", "今天天气很好"),
    ],
)
def test_texts_alike_are_close(wire: Wire, text: str, alike: str, unlike: str) -> None:
    one, two, three = embed(wire, [text, alike, unlike])
    assert near(one, two) > near(one, three) + 0.1


def test_the_same_each_time_and_alone_or_among_others(wire: Wire) -> None:
    assert embed(wire, ["a b c", "d e f"])[1] == embed(wire, "d e f")[0]


def test_a_hundred_texts_are_quick(wire: Wire) -> None:
    texts = [f"Text number {i}, which is about subject {i * 7} and says {'some words ' * 10}" for i in range(100)]
    started = perf_counter()
    assert len(embed(wire, texts)) == 100
    assert perf_counter() - started < 1
