"""Bodies as JSON."""

from __future__ import annotations

import datetime
import enum
import json
import uuid
from collections import OrderedDict
from types import MappingProxyType
from typing import NamedTuple

import numpy
import pydantic
import pytest
from hypothesis import given, strategies as some

from ceyx import omit
from ceyx.wire.body import encoded
from ceyx.wire.decoding import decoded
from ceyx.wire.view import View


class Model(pydantic.BaseModel):
    name: str = pydantic.Field(alias="Name")
    unset: int = 0


class Colour(enum.StrEnum):
    RED = "red"


value = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=20,
).filter(lambda made: "\ud800" not in repr(made))


@given(value)
def test_json_goes_through_unchanged(data):
    assert decoded(encoded(data)) == data
    assert json.loads(encoded(data)) == data


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"a": None}, {"a": None}),
        ({"a": omit, "b": 1}, {"b": 1}),
        ({"a": [{"b": omit, "c": omit}]}, {"a": [{}]}),
        ({"a": View(b=View(c=1))}, {"a": {"b": {"c": 1}}}),
        ({"a": Model(Name="x")}, {"a": {"Name": "x"}}),
        ({"a": numpy.array([1, 2], "int32")}, {"a": [1, 2]}),
        ({"a": numpy.float32(0.5)}, {"a": 0.5}),
        ({"a": MappingProxyType({"b": 1})}, {"a": {"b": 1}}),
        ({"a": OrderedDict(b=1)}, {"a": {"b": 1}}),
        ({"a": (i for i in (1, 2))}, {"a": [1, 2]}),
        ({"a": range(2)}, {"a": [0, 1]}),
        ({"a": {"b": 1}.keys()}, {"a": ["b"]}),
        ({"a": {1}}, {"a": [1]}),
        ({"a": Colour.RED}, {"a": "red"}),
        ({"a": uuid.UUID(int=0)}, {"a": "00000000-0000-0000-0000-000000000000"}),
        ({"a": datetime.date(2024, 1, 2)}, {"a": "2024-01-02"}),
        ({1: "a"}, {"1": "a"}),
        ({"a": "é\u2028\0"}, {"a": "é\u2028\0"}),
    ],
)
def test_what_users_put_into_bodies(given, wanted):
    assert json.loads(encoded(given)) == wanted


def test_a_generator_beside_an_omit_is_not_lost():
    assert json.loads(encoded({"a": (i for i in (1, 2)), "b": omit})) == {"a": [1, 2]}


@pytest.mark.parametrize("holder", [list, tuple, MappingProxyType, View.wrap])
def test_an_omit_is_left_out_of_anything(holder):
    inner = {"x": omit, "y": 1}
    held = [holder([inner])] if holder in (list, tuple) else holder(inner)
    assert b"y" in encoded({"a": held})
    assert b"x" not in encoded({"a": held})


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="a object cannot be sent as JSON"):
        encoded({"a": object()})


class Reads(NamedTuple):
    a: int


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"response_format": Model}, r"response_format is the type Model; parse\(\) .* pydantic_function_tool\(Model\)"),
        ({"tools": [{"type": "function"}, Model]}, r"tools\[1\] is the type Model"),
        ({"a": omit, "text_format": list[Model]}, r"is the type .*list\[.*Model\]"),
        ({"text_format": Model | None}, r"text_format is the type .*Model"),
        ({"a": Colour}, "a is the type Colour"),
        ({"a": Colour, "b": omit}, "a is the type Colour"),
        ({"a": View(b=Model)}, r"a\.b is the type Model"),
        ({"tools": [print]}, r"tools\[0\] is a builtin_function_or_method"),
        ({"messages": ({"content": [{"data": b"x"}]},)}, r"messages\[0\]\.content\[0\]\.data is bytes, .* base64"),
        ({"a": ["text", 1, None, {}, bytearray(b"x")]}, r"a\[4\] is bytearray"),
        ({"a": memoryview(b"x"), "b": omit}, "a is memoryview"),
        ({"a": (i for i in [b"x"]), "b": omit}, r"is bytes"),
        (b"x", "a value in the request is bytes"),
    ],
)
def test_what_json_would_take_for_something_else_is_named(body, what):
    with pytest.raises(TypeError, match=what):
        encoded(body)


@pytest.mark.parametrize("key", [(1, 2), (), Reads(1), frozenset("a"), None])
def test_a_key_that_json_does_not_have_is_named(key):
    with pytest.raises(TypeError, match="is the key of a field"):
        encoded({"logit_bias": {key: 1}})


@pytest.mark.parametrize("value", [(1, 2), Reads(1), frozenset([1]), [[0.5], []], {"a": [1, "b"]}])
def test_its_like_as_a_value_is_fine(value):
    assert encoded({"a": value})


def test_a_lone_surrogate_is_named():
    with pytest.raises(ValueError, match="lone surrogate"):
        encoded({"a": "\ud800"})


def test_a_body_that_holds_itself_is_refused():
    body: list[object] = []
    body.append(body)
    with pytest.raises(ValueError, match="holds itself"):
        encoded(body)
