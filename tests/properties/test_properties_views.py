"""Views over any JSON: they never fail to be made, and lose, invent and mix up nothing."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from array import array
from typing import Any, get_type_hints

import pydantic
import pytest
from hypothesis import given, strategies as some
from memory_clients import ASK, make, reply
from shapes import json_values, quick, quicker, scalar, text

from ceyx import OpenAI
from ceyx.errors import APIResponseValidationError
from ceyx.types import Completion, CreateEmbeddingResponse
from ceyx.types.chat import ChatCompletion, ChatCompletionChunk
from ceyx.wire.view import Answer, View

KINDS: list[type[Answer]] = [ChatCompletion, ChatCompletionChunk, Completion, CreateEmbeddingResponse]


def names_in(kind: type[View], seen: set[Any]) -> set[str]:
    """The fields of a view, and of all views below it: where any JSON is most likely to meet the schema."""
    if kind in seen:
        return set()
    seen.add(kind)
    names: set[str] = set()
    for name, hint in get_type_hints(kind).items():
        names.add(name)
        for view in views_in(hint):
            names |= names_in(view, seen)
    return {name for name in names if not name.startswith("_")}


def views_in(hint: Any) -> list[type[View]]:
    if isinstance(hint, type) and issubclass(hint, View):
        return [hint]
    return [view for inner in getattr(hint, "__args__", ()) for view in views_in(inner)]


def given_back(kind: type[View], data: Any) -> Any:
    """What a view of `data` dumps. Only a chunk adds something: each choice has a delta, empty where the server sent none."""
    data = copy.deepcopy(data)
    choices = data.get("choices") if kind is ChatCompletionChunk else None
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and not choice.get("delta"):
            choice["delta"] = {}
    return data


objects: dict[type[Answer], Any] = {}
for kind in KINDS:
    known = some.sampled_from(sorted(names_in(kind, set())))
    fields = known | known | text | some.sampled_from(["new_field", "", "__dict__", "__class__", "_id", "_packed", "_nested"])
    leaves = scalar | some.sampled_from(["stop", "function", "AAAAAA==", "text", "url_citation", "custom"])
    shallow = json_values(fields, leaves, 8)
    listed = some.lists(some.dictionaries(fields, shallow, max_size=4) | shallow, max_size=2) | scalar
    objects[kind] = some.builds(
        lambda first, lists: {**first, **lists},
        some.dictionaries(fields, shallow, max_size=5),
        some.fixed_dictionaries({}, optional={"choices": listed, "data": listed, "prompt_filter_results": listed}),
    )


@pytest.mark.parametrize("kind", KINDS)
@quicker
@given(some.data())
def test_any_object_can_be_viewed_and_is_given_back(kind: type[Answer], data: Any) -> None:
    sent = data.draw(objects[kind])
    wanted = given_back(kind, sent)
    view = kind.wrap(copy.deepcopy(sent))
    assert type(view) is kind
    assert view.to_dict() == view.model_dump(exclude_unset=True) == wanted
    flat = {name: inner for name, inner in wanted.items() if not isinstance(inner, dict | list)}
    assert view.model_dump().items() >= flat.items()
    assert json.loads(view.model_dump_json()) == view.model_dump()
    assert list(view.to_dict()) == list(wanted)
    assert json.loads(view.to_json()) == wanted
    assert view.model_fields_set == set(sent)
    pairs: Any = view  # to type checkers, looping over an answer is a mistake
    assert dict(pairs) == {**dict.fromkeys(view.model_dump()), **view.__dict__}
    assert view.model_extra.keys() <= wanted.keys()
    assert set(sent) - set(view.model_extra) <= set(get_type_hints(kind))
    assert repr(view).startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("kind", KINDS)
@quicker
@given(some.data())
def test_a_view_is_a_value(kind: type[Answer], data: Any) -> None:
    sent = data.draw(objects[kind])
    view = kind.wrap(copy.deepcopy(sent))
    for other in (
        pickle.loads(pickle.dumps(view)),
        copy.copy(view),
        copy.deepcopy(view),
        view.model_copy(),
        view.model_copy(deep=True),
        kind.model_construct(**sent),
        kind(**{name: inner for name, inner in sent.items() if name != "self"}) if "self" not in sent else view,
    ):
        assert type(other) is kind
        assert other == view
        assert (other != view) is False
        assert other.to_dict() == view.to_dict()
    assert view != kind.wrap({**copy.deepcopy(sent), "more": 1, "choices": 0, "data": 0})
    changed = copy.deepcopy(view)
    changed.__dict__["more"] = [1]
    assert view.to_dict() == given_back(kind, sent)


@pytest.mark.parametrize("kind", KINDS)
@quicker
@given(some.data())
def test_less_of_a_view_is_less_of_the_data(kind: type[Answer], data: Any) -> None:
    sent = data.draw(objects[kind])
    view = kind.wrap(copy.deepcopy(sent))
    wanted = given_back(kind, sent)
    names = set(data.draw(some.lists(some.sampled_from(sorted(sent)), max_size=3))) if sent else set()
    assert view.model_dump(include=names, exclude_unset=True) == {n: inner for n, inner in wanted.items() if n in names}
    assert view.model_dump(exclude=names, exclude_unset=True) == {n: inner for n, inner in wanted.items() if n not in names}


@pytest.mark.parametrize("kind", KINDS)
@quicker
@given(some.data())
def test_validation_takes_any_object_or_says_what_is_wrong_with_it(kind: type[Answer], data: Any) -> None:
    sent = data.draw(objects[kind])
    try:
        view = kind.model_validate(sent)
    except pydantic.ValidationError as error:
        assert error.errors()
    else:
        assert type(view) is kind
        assert view.to_dict() == kind.wrap(copy.deepcopy(sent)).to_dict()


@pytest.mark.parametrize("kind", KINDS)
@quick
@given(json_values(text, scalar, 4))
def test_what_is_no_object_stays_what_it_is(kind: type[Answer], data: Any) -> None:
    if not isinstance(data, dict):
        assert kind.wrap(data) is data


# ---- embeddings, which are unpacked late

floats = some.lists(some.floats(width=32, allow_nan=False, allow_infinity=False), max_size=6)


@quick
@given(some.lists(floats, min_size=1, max_size=3), some.booleans())
def test_vectors_arrive_however_they_were_sent(vectors: list[list[float]], packed: bool) -> None:
    sent = [base64.b64encode(array("f", vector).tobytes()).decode() if packed else vector for vector in vectors]
    data = {"data": [{"embedding": value, "index": place} for place, value in enumerate(sent)], "model": "m"}
    view = make(OpenAI, reply(data)).embeddings.create(model="m", input="x")
    kept, copied = pickle.loads(pickle.dumps(view)), copy.deepcopy(view)
    assert [item.embedding for item in view.data] == vectors
    assert kept == copied == view
    assert [item["embedding"] for item in kept.to_dict()["data"]] == vectors


@quicker
@given(objects[CreateEmbeddingResponse])
def test_an_answer_without_vectors_is_a_value_error_and_nothing_else(data: dict[str, Any]) -> None:
    """Also for base64 that is none, where it is read; `openai` raises it, too."""
    data.pop("error", None)
    try:
        view = make(OpenAI, reply(data)).embeddings.create(model="m", input="x")
        dumped = view.to_dict()
    except ValueError as error:
        assert str(error).startswith(("the server sent no embeddings", "an embedding is base64 of float32 values"))
    else:
        assert dumped.keys() == data.keys()


@quicker
@given(objects[ChatCompletion])
def test_the_client_gives_back_any_answer(data: dict[str, Any]) -> None:
    data.pop("error", None)
    client = make(OpenAI, reply(data))
    if data.get("choices") is None:  # no answer of this API
        with pytest.raises(APIResponseValidationError, match="without 'choices'"):
            client.chat.completions.create(model="m", messages=ASK)
    else:
        assert client.chat.completions.create(model="m", messages=ASK).to_dict() == data
