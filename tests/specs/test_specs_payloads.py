"""What the documents show as requests and answers, and what can be made from their schemas, goes through ceyx unchanged."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pydantic
import pytest
from differences import arms_of, fields, literals_of
from documents import ASKED, SURFACES, WRITTEN, Document, payloads
from instances import ANY, instance
from test_specs_types import CHUNKS, IN_CHUNKS, IN_REPLIES, PARAMETERS, REPLIES

from ceyx import OpenAI
from ceyx.types import CreateEmbeddingResponse
from ceyx.wire.view import View

EACH = [(*asked, how) for asked in ASKED for how in ("whole", "streamed") if how == "whole" or asked[1] in CHUNKS]


def examples(document: Document, operation: str) -> Iterator[tuple[Any, Any]]:
    """Each example of an operation, as (body of the request, answers to it); None or none where it shows no such thing."""
    described = document.operation(operation)
    shown = described.get("x-oaiMeta", {}).get("examples", [])
    for example in shown if isinstance(shown, list) else [shown]:
        body = re.search(r"-d '(.*)'", example["request"]["curl"], re.DOTALL)
        yield json.loads(body[1]) if body else None, payloads(example["response"])
    for content in described.get("requestBody", {}).get("content", {}).values():
        if "example" in content:
            yield content["example"], []
    for content in described["responses"]["200"].get("content", {}).values():
        if "example" in content:
            yield None, [content["example"]]


def view_of(name: str, answer: Any) -> Any:
    return CHUNKS[name] if answer["object"] == "chat.completion.chunk" else REPLIES[name]


def theirs_takes(view: type[View], answer: Any) -> bool:
    """Whether the type of `openai` takes an answer: documents show some that leave out what they require."""
    theirs = getattr(import_module(view.__module__.replace("ceyx", "openai")), view.__name__, None)
    try:
        theirs and theirs.model_validate(answer)
    except pydantic.ValidationError:
        return False
    return theirs is not None


def unread(value: Any, path: str = "") -> Iterator[str]:
    """The paths of objects in `value` that no view was made of, or one without fields."""
    if type(value) is list:
        for item in value:
            yield from unread(item, f"{path}[]")
    elif type(value) is dict:
        if value.keys() != {ANY}:
            yield path
    elif isinstance(value, View):
        view: Any = type(value)
        kinds = {kind for arm in arms_of(fields(view).get("type")) for kind in literals_of(arm)}
        if view is View or (kinds and vars(value).get("type") not in {*kinds, None}):
            yield f"{path} as {view.__name__}"
        for name, inner in vars(value).items():
            yield from unread(inner, f"{path}.{name}".lstrip("."))


@pytest.mark.parametrize(("surface", "name"), ASKED)
def test_answers_shown(documents: Callable[[str], Document], surface: str, name: str) -> None:
    document, operation = documents(surface), SURFACES[surface].operations[name]
    shown = [answer for _, answers in examples(document, operation) for answer in answers]
    assert shown or surface != "OpenAI"  # whose document shows every one
    for answer in shown:
        view = view_of(name, answer).wrap(copy.deepcopy(answer))
        assert view.to_dict() == answer
        assert json.loads(view.to_json()) == answer
        if theirs_takes(type(view), answer):
            assert type(view).model_validate(answer) == view
        assert not list(unread(view))


@pytest.mark.parametrize(("surface", "name"), WRITTEN)
def test_requests_shown(documents: Callable[[str], Document], surface: str, name: str) -> None:
    document, operation = documents(surface), SURFACES[surface].operations[name]
    client: Any = OpenAI(api_key="none")
    create = {"chat": client.chat.completions, "completion": client.completions, "embedding": client.embeddings}[name].plan.create
    shown = [body for body, _ in examples(document, operation) if body is not None]
    assert shown
    for body in shown:
        sent = create(**{"model": "a deployment", **body}).body
        packed = {"encoding_format": "base64"} if name == "embedding" else {}
        assert sent == {"model": "a deployment", **packed, **body}
        assert not body.keys() - fields(PARAMETERS[name]).keys()


@pytest.mark.parametrize(("surface", "name", "how"), EACH)
def test_answers_made_from_schemas(documents: Callable[[str], Document], surface: str, name: str, how: str) -> None:
    document, streamed = documents(surface), how == "streamed"
    view = (CHUNKS if streamed else REPLIES)[name]
    schema = document.reply(SURFACES[surface].operations[name], streamed=streamed)
    known = (IN_CHUNKS if streamed else IN_REPLIES).get((surface, name), {})
    for turn in range(3):
        answer = instance(document, schema, turn)
        read = view.wrap(copy.deepcopy(answer))
        assert read.to_dict() == answer
        left = [path for path in unread(read) if path not in known]
        assert not left, "\n".join(left)


def test_vectors_made_from_schemas(documents: Callable[[str], Document]) -> None:
    """Vectors are read late, by a way of their own; it takes numbers as well as text."""
    document = documents("Azure v1")
    answer = instance(document, document.reply("POST /embeddings"))
    packed = copy.deepcopy(answer)
    for vector in answer["data"]:
        vector["embedding"] = [0.5]
    packed["data"][0]["embedding"] = "AAAAPw=="
    assert CreateEmbeddingResponse.unpacking(packed).to_dict() == answer
