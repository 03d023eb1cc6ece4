"""Each endpoint: the request it makes, the answer it gives."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy
import pytest
from memory_clients import ASK, CHAT, KINDS, body, chunk, events, joined, make, reply, result, sent

from ceyx import AzureOpenAI, OpenAI
from ceyx.types import Completion, CreateEmbeddingResponse, Model, ModelDeleted
from ceyx.types.chat import ChatCompletion

LEGACY = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "text": "x", "finish_reason": "stop"}],
}
VECTORS = {"object": "list", "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def vectors(*embeddings: Any) -> Any:
    return reply({**VECTORS, "data": [{"object": "embedding", "index": i, "embedding": one} for i, one in enumerate(embeddings)]})


def packed(*floats: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(floats)}f", *floats)).decode()


CALLS: dict[str, tuple[Any, Any, str, str, Any, type[Any]]] = {
    "chat.completions.create": (
        lambda c: c.chat.completions.create(model="m", messages=ASK, n=1),
        CHAT,
        "POST",
        "/v1/chat/completions",
        {"model": "m", "messages": ASK, "n": 1},
        ChatCompletion,
    ),
    "completions.create": (
        lambda c: c.completions.create(model="m", prompt="p"),
        reply(LEGACY),
        "POST",
        "/v1/completions",
        {"model": "m", "prompt": "p"},
        Completion,
    ),
    "embeddings.create": (
        lambda c: c.embeddings.create(model="m", input=["a"], dimensions=2),
        vectors(packed(0.5, 0.25)),
        "POST",
        "/v1/embeddings",
        {"model": "m", "input": ["a"], "dimensions": 2, "encoding_format": "base64"},
        CreateEmbeddingResponse,
    ),
    "models.retrieve": (
        lambda c: c.models.retrieve("ft:gpt 4/x"),
        reply({"id": "m"}),
        "GET",
        "/v1/models/ft:gpt%204%2Fx",
        None,
        Model,
    ),
    "models.delete": (
        lambda c: c.models.delete("m"),
        reply({"id": "m", "deleted": True}),
        "DELETE",
        "/v1/models/m",
        None,
        ModelDeleted,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("call", "answer", "method", "target", "content", "gives"), CALLS.values(), ids=CALLS)
def test_what_is_asked_and_what_is_given(kind, call, answer, method, target, content, gives):
    client = make(kind, answer)
    assert type(result(call(client))) is gives
    assert (sent(client).method, body(client)) == (method, content)
    if issubclass(kind, OpenAI) and not issubclass(kind, AzureOpenAI):
        assert sent(client).target == target


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda c: c.chat.completions.create(model="m"), "'messages'"),
        (lambda c: c.completions.create(prompt="p"), "'model'"),
        (lambda c: c.embeddings.create(model="m"), "'input'"),
        (lambda c: c.embeddings.create(), "'input', 'model'"),
    ],
)
def test_what_is_missing_is_named(call, missing):
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI))


@pytest.mark.parametrize("model", ["", "\0", "a\nb"])
def test_a_model_no_url_can_hold(model):
    with pytest.raises(ValueError, match="identifier in the path"):
        make(OpenAI).models.retrieve(model)


def test_engine_is_an_old_name_of_model():
    client = make(AzureOpenAI)
    with pytest.warns(DeprecationWarning, match="pass model=") as warned:
        client.chat.completions.create(engine="dep", messages=ASK)
    assert body(client) == {"model": "dep", "messages": ASK}
    assert "/deployments/dep/" in sent(client).url
    assert warned[0].filename == __file__


@pytest.mark.parametrize("kind", [OpenAI, AzureOpenAI])
def test_streams(kind):
    client = make(kind, events(chunk("Hel"), chunk("lo")))
    assert joined(client.chat.completions.create(model="m", messages=ASK, stream=True)) == "Hello"
    assert body(client)["stream"] is True
    client = make(kind, events(LEGACY, LEGACY))
    assert [part.choices[0].text for part in client.completions.create(model="m", prompt="p", stream=True)] == ["x", "x"]


def test_what_azure_adds_is_kept():
    answer = {"choices": [{"index": 0, "message": {"content": "x"}, "content_filter_results": {"hate": {"filtered": False}}}]}
    made = make(AzureOpenAI, reply({**answer, "prompt_filter_results": []})).chat.completions.create(model="m", messages=ASK)
    assert made.choices[0].content_filter_results.hate.filtered is False
    assert made.prompt_filter_results == []


# ---- embeddings


def test_vectors_travel_packed_and_are_read_as_floats():
    made = make(OpenAI, vectors(packed(0.5, 0.25), packed(1, 2))).embeddings.create(model="m", input=["a", "b"])
    assert [one.embedding for one in made.data] == [[0.5, 0.25], [1.0, 2.0]]
    assert made.to_numpy().dtype == numpy.float32


def test_a_server_that_does_not_pack_is_read_too():
    assert make(OpenAI, vectors([0.5, 0.25])).embeddings.create(model="m", input="a").data[0].embedding == [0.5, 0.25]


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_a_chosen_encoding_is_handed_over_as_it_came(encoding):
    answer = packed(0.5) if encoding == "base64" else [0.5]
    client = make(OpenAI, vectors(answer))
    assert client.embeddings.create(model="m", input="a", encoding_format=encoding).data[0].embedding == answer
    assert body(client)["encoding_format"] == encoding


def test_no_vectors_are_an_error():
    with pytest.raises(ValueError, match="no embeddings"):
        make(OpenAI, vectors()).embeddings.create(model="m", input=[])
