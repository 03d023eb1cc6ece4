"""What `inspect`, `help` and `mock` see of endpoints."""

from __future__ import annotations

import inspect
import pydoc
from typing import Any
from unittest import mock

import pytest
from memory_clients import ASK, make

from ceyx import AsyncOpenAI, OpenAI, omit
from ceyx.resources.chat import AsyncCompletions, Completions
from ceyx.resources.embeddings import Embeddings
from ceyx.resources.models import AsyncModels, Models
from ceyx.types import CreateEmbeddingResponse, Model
from ceyx.types.chat import ChatCompletion
from ceyx.wire.call import OPTIONS


@pytest.mark.parametrize(
    ("endpoint", "required", "some", "gives"),
    [
        (Completions.create, ["messages", "model"], ["temperature", "stream", "tools", "response_format"], ChatCompletion),
        (AsyncCompletions.create, ["messages", "model"], ["temperature", "stream"], ChatCompletion),
        (Embeddings.create, ["input", "model"], ["dimensions", "encoding_format"], CreateEmbeddingResponse),
        (Models.retrieve, ["model"], [], Model),
        (AsyncModels.retrieve, ["model"], [], Model),
        (Models.list, [], [], Model),
    ],
)
def test_parameters_are_seen_by_name(endpoint, required, some, gives):
    signature = inspect.signature(endpoint)
    parameters = dict(signature.parameters)
    assert next(iter(parameters)) == "self"
    del parameters["self"]
    assert sorted(name for name, p in parameters.items() if p.default is inspect.Parameter.empty) == required
    assert {*some, *OPTIONS} <= set(parameters)
    assert list(parameters)[-len(OPTIONS) :] == list(OPTIONS)
    assert not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    assert all(p.default is omit for name, p in parameters.items() if name not in required)
    assert signature.return_annotation is gives


def test_annotations_are_types():
    parameters = inspect.signature(make(OpenAI).chat.completions.create).parameters
    assert "self" not in parameters
    assert parameters["logprobs"].annotation == bool | type(omit) | None


def test_a_positional_parameter_stays_one():
    kinds = {name: p.kind for name, p in inspect.signature(make(OpenAI).models.retrieve).parameters.items()}
    assert kinds["model"] is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert kinds["timeout"] is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("of", [lambda: make(OpenAI), lambda: make(AsyncOpenAI), lambda: make(OpenAI).with_raw_response])
def test_bound_methods_bind_what_callers_pass(of):
    signature = inspect.signature(of().chat.completions.create)
    signature.bind(model="m", messages=ASK, temperature=0.5, timeout=3)
    for wrong in ({"model": "m"}, {"model": "m", "messages": ASK, "temperture": 1}):
        with pytest.raises(TypeError):
            signature.bind(**wrong)


def test_help_names_the_parameters():
    shown = pydoc.plain(pydoc.render_doc(Completions.create))
    assert "messages" in shown
    assert "max_completion_tokens" in shown


@pytest.mark.parametrize("spec", [Completions, lambda: make(OpenAI).chat.completions])
def test_an_autospec_rejects_what_the_endpoint_would(spec):
    of: Any = spec if isinstance(spec, type) else spec()
    double = mock.create_autospec(of, instance=isinstance(spec, type))
    double.create(model="m", messages=ASK)
    with pytest.raises(TypeError, match="temperture"):
        double.create(model="m", messages=ASK, temperture=1)
    with pytest.raises(TypeError, match="messages"):
        double.create(model="m")


def test_an_autospec_of_the_async_face_is_awaited():
    double = mock.create_autospec(AsyncCompletions, instance=True)
    assert isinstance(double.create, mock.AsyncMock)
    with pytest.raises(TypeError, match="messages"):
        double.create(model="m")


def test_a_client_can_be_autospecced():
    double = mock.create_autospec(make(OpenAI))
    double.chat.completions.create(model="m", messages=ASK)
    with pytest.raises(TypeError):
        double.chat.completions.create(model="m")
