"""Instances of JSON schemas: valid by our own judge, and by pydantic's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import TypeAdapter

from ceyx.service.engines.clues import Clues
from ceyx.service.engines.instances import instance
from ceyx.service.engines.patterns import example
from ceyx.service.engines.schema import accepts


def made(schema: Any, prompt: str = "") -> Any:
    return instance(schema, Clues(prompt), "stand-in for {}".format)


NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}, "v": {"type": "integer"}}, "required": ["v"]}

SCHEMAS: list[Any] = [
    {},
    True,
    {"const": {"a": 1}},
    {"enum": [None, 3]},
    {"type": ["string", "null"]},
    {"type": ["null", "integer"], "minimum": 5},
    {"type": "integer", "minimum": 3, "maximum": 3},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "maximum": -7, "multipleOf": 5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "minimum": 0.05, "multipleOf": 0.1},
    {"type": "number", "minimum": 3, "exclusiveMinimum": True},
    {"type": "string", "minLength": 50, "maxLength": 51},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^[a-f]{2}(x|y)+\\.\\d{3,}$"},
    {"type": "string", "pattern": "^\\w+$", "minLength": 9},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "maxItems": 0},
    {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {"type": "object", "required": ["x"], "additionalProperties": {"type": "boolean"}},
    {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"]}]},
    {"allOf": [{"type": "number"}, {"type": "integer", "minimum": 4}]},
    {"anyOf": [False, {"type": "null"}, {"type": "string", "minLength": 1}]},
    {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 9}]},
    {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    {"type": "object", "properties": {"k": {"type": "string"}}, "anyOf": [{"required": ["k"]}], "additionalProperties": False},
    {"$ref": "#/$defs/N", "$defs": {"N": NODE}},
    {
        "$ref": "#/$defs/N",
        "$defs": {"N": {**NODE, "properties": {**NODE["properties"], "all": {"items": {"$ref": "#/$defs/N"}}}}},
    },
    {"type": "object", "properties": {"me": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["me"]},
    {"properties": {"a": {"$ref": "#/$defs/x~1y%20z"}}, "$defs": {"x/y z": {"type": "boolean"}}, "required": ["a"]},
    {"not": {"type": "integer"}, "type": ["integer", "string"]},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_is_an_instance(schema: Any) -> None:
    value = made(schema, 'Say "hello world" to Anna 17 times')
    assert accepts(schema, value, schema), value
    assert value == made(schema, 'Say "hello world" to Anna 17 times')


def test_what_has_no_instance_that_ends_is_empty() -> None:
    endless = {"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]}
    assert made(endless) == {}
    assert made({"$ref": "#"}) == {}
    assert made({"allOf": [{"$ref": "#"}]}) == {}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, True),
        ({"type": "integer"}, 1.5),
        ({"enum": [1]}, True),
        ({"const": 1}, 2),
        ({"minimum": 1}, 0),
        ({"exclusiveMaximum": 1}, 1),
        ({"multipleOf": 0.1}, 0.25),
        ({"minLength": 2}, "a"),
        ({"pattern": "^a$"}, "b"),
        ({"items": {"type": "null"}}, [1]),
        ({"uniqueItems": True}, [1, 1.0]),
        ({"required": ["a"]}, {}),
        ({"additionalProperties": False}, {"a": 1}),
        ({"oneOf": [True, True]}, 1),
        ({"anyOf": [False]}, 1),
        ({"not": True}, 1),
        ({"$ref": "#/$defs/no", "$defs": {"no": False}}, 1),
    ],
    ids=str,
)
def test_the_judge_refuses(schema: Any, value: Any) -> None:
    assert not accepts(schema, value, schema)


scalars = st.sampled_from([int, str, bool, float, None])
types: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        inner.map(lambda kind: list[kind]),  # type: ignore[valid-type]
        inner.map(lambda kind: dict[str, kind]),  # type: ignore[valid-type]
        st.tuples(inner, inner).map(lambda pair: tuple[pair[0], pair[1]]),  # type: ignore[name-defined]
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1] if pair[0] != pair[1] and None not in pair else list[pair[0]]),  # type: ignore[name-defined]
    ),
    max_leaves=6,
)


@given(types, st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_pydantic_agrees(kind: Any, prompt: str) -> None:
    adapter = TypeAdapter(kind)
    adapter.validate_python(made(adapter.json_schema(), prompt), strict=False)


@pytest.mark.parametrize(
    "pattern", [r"^\d{4}-\d{2}$", r"^(?:GET|POST) /\w*$", r"[^a]b?c{2,3}", r"^\+?[1-9]\d{1,14}$", r"\$\{x\}", "^[\\]x]$"]
)
def test_examples_of_patterns(pattern: str) -> None:
    text = example(pattern)
    assert text is not None and re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(?=a)b", "(", "[", r"(a)\1", "a{2", "a{99999999}"])
def test_patterns_beyond_it_have_none_or_a_true_one(pattern: str) -> None:
    text = example(pattern)
    assert text is None or re.search(pattern, text)


def test_a_pattern_of_another_dialect_is_not_judged() -> None:
    schema = {"type": "string", "pattern": r"^\p{L}+$"}
    assert accepts(schema, made(schema), schema)


@given(st.from_regex(re.compile(r"[ab.\[\](){}|*+?\\d^$-]{0,12}")))
def test_no_pattern_breaks_it(pattern: str) -> None:
    text = example(pattern)
    assert text is None or re.search(pattern, text)


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("What is the weather in New York?", ["New York"]),
        ("Compare Paris and London.", ["Paris", "London"]),
        ('Search for "blue shoes" by Nike', ["blue shoes"]),
        ("What's Anna's age?", ["Anna"]),
        ("hello there", []),
    ],
)
def test_names_in_a_prompt(prompt: str, found: list[str]) -> None:
    assert Clues(prompt).strings == found
