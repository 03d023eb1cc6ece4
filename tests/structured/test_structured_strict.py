"""Schemas on their way into strict mode: what becomes of each keyword, and what is said of those that cannot go there."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, strategies as st
from strict_schemas import faults

from ceyx.service.engines.schema import accepts
from ceyx.structured import problems, strict

FREE = "a dict with free keys cannot be a strict schema; use a list of key/value objects, or strict=False"
ANYTHING = "a value of any kind cannot be in a strict schema; give the field a type, or strict=False"


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def field(schema: Any, **root: Any) -> Any:
    """`schema` as it is when it is the one field of a strict schema."""
    made = strict({**of(a=schema), **root})
    assert not list(faults(made))
    return made["properties"]["a"]


def test_objects_are_closed_and_complete():
    made = strict({**of(a={"type": "string"}, b=of(c={"type": "null"})), "required": ["b"]})
    assert made["required"] == ["a", "b"]
    assert made["additionalProperties"] is False
    assert made["properties"]["b"] == {**of(c={"type": "null"}), "required": ["c"], "additionalProperties": False}


def test_the_order_of_fields_stays_as_models_write_them_in_it():
    assert list(strict(of(z={"type": "string"}, a={"type": "string"}))["properties"]) == ["z", "a"]


def test_the_schema_given_stays_as_it_is():
    schema = {**of(a={"$ref": "#/$defs/X", "description": "d"}), "$defs": {"X": of(b={"type": "integer", "default": 1})}}
    before = copy.deepcopy(schema)
    strict(schema)
    assert schema == before


@pytest.mark.parametrize("default", [1, 0, "", False, [], {}, {"n": 3}])
def test_defaults_are_said_instead(default):
    assert "default" not in field({"type": "integer", "default": default})
    assert "default: " in field({"type": "integer", "default": default})["description"]


def test_a_default_of_none_says_nothing():
    assert field({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}) == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


@pytest.mark.parametrize(
    ("schema", "description"),
    [
        ({"type": "string", "format": "uri", "description": "Where"}, "Where (format: uri)"),
        ({"type": "string", "pattern": "^(?!x)y"}, "(pattern: ^(?!x)y)"),
        ({"type": "string", "pattern": "a(?<=b)"}, "(pattern: a(?<=b))"),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "(uniqueItems: true)"),
        ({"type": "string", "examples": ["é"], "contentEncoding": "base64"}, '(examples: ["é"]; contentEncoding: base64)'),
        ({"type": "string", "default": "x", "format": "uri"}, '(default: "x"; format: uri)'),
    ],
)
def test_what_strict_mode_does_not_know_is_said_in_the_description(schema, description):
    assert field(schema)["description"] == description


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "date-time"},
        {"type": "string", "pattern": r"^\(?!$", "minLength": 1, "maxLength": 9},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 10, "multipleOf": 2},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        {"type": ["string", "null"], "title": "A"},
        {"const": "x", "type": "string"},
    ],
)
def test_what_strict_mode_knows_is_kept(schema):
    assert field(schema) == schema


@pytest.mark.parametrize("keyword", ["discriminator", "deprecated", "readOnly", "x-own", "$comment", "$schema", "$id"])
def test_keywords_that_say_nothing_of_values_go(keyword):
    assert field({"type": "string", keyword: "x"}) == {"type": "string"}


def test_one_of_becomes_any_of():
    arms = [{"type": "string"}, {"type": "integer"}]
    assert field({"oneOf": arms}) == {"anyOf": arms}


def test_types_that_go_without_saying_are_said():
    assert field({"enum": ["a", 1, 2, None, 1.5, True]})["type"] == ["string", "integer", "null", "number", "boolean"]
    assert field({"const": "a"})["type"] == "string"
    assert field({"properties": {}})["type"] == "object"
    assert field({"items": {"type": "string"}})["type"] == "array"


def test_a_single_all_of_is_merged():
    assert field({"allOf": [{"type": "string"}], "description": "d"}) == {"type": "string", "description": "d"}
    merged = field({"allOf": [{"$ref": "#/definitions/X"}], "title": "T"}, definitions={"X": {"type": "integer", "title": "X"}})
    assert merged == {"type": "integer", "title": "T"}


def test_a_reference_stands_alone_or_gives_way():
    defined = {"$defs": {"X": {**of(b={"type": "string"}), "description": "An X."}}}
    assert field({"$ref": "#/$defs/X"}, **defined) == {"$ref": "#/$defs/X"}
    assert field({"$ref": "#/$defs/X", "default": None}, **defined) == {"$ref": "#/$defs/X"}
    beside = field({"$ref": "#/$defs/X", "description": "Mine."}, **defined)
    assert beside == {**of(b={"type": "string"}), "description": "Mine.", "required": ["b"], "additionalProperties": False}


def test_what_holds_itself_stays_a_reference():
    node = of(next={"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]})
    made = strict({"$ref": "#/$defs/Node", "$defs": {"Node": node}})
    assert not list(faults(made))
    assert made["properties"]["next"]["anyOf"][0] == {"$ref": "#/$defs/Node"}
    told = of(next={"$ref": "#/$defs/Node", "description": "The next one."})
    made = strict({"allOf": [{"$ref": "#/$defs/Node"}], "$defs": {"Node": told}})
    assert not list(faults(made))
    assert made["properties"]["next"] == {"anyOf": [{"$ref": "#/$defs/Node"}], "description": "The next one."}
    assert not list(faults(strict(of(whole={"anyOf": [{"$ref": "#"}, {"type": "null"}]}))))


def test_definitions_below_the_root_move_there():
    inner = {**of(c={"$ref": "#/properties/a/$defs/X"}), "$defs": {"X": {"enum": ["x"]}}}
    made = strict({**of(a=inner, b={"$ref": "#/$defs/X"}), "$defs": {"X": {"type": "string"}}})
    assert not list(faults(made))
    assert made["$defs"] == {"X": {"type": "string"}, "X_": {"enum": ["x"], "type": "string"}}
    assert made["properties"]["a"]["properties"]["c"] == {"$ref": "#/$defs/X_"}


def test_names_of_definitions_may_need_escapes():
    made = strict({**of(a={"$ref": "#/$defs/x~1y~0"}), "$defs": {"x/y~": {"enum": [1]}}})
    assert not list(faults(made))
    assert made["$defs"]["x/y~"] == {"enum": [1], "type": "integer"}


def test_a_tuple_of_one_kind_is_a_list_of_its_length():
    pair = {"type": "array", "prefixItems": [{"type": "integer"}] * 2, "minItems": 2, "maxItems": 2, "items": False}
    assert field(pair) == {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "object"}, f"a: {FREE}"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, f"a: {FREE}"),
        ({"type": "object", "additionalProperties": True}, f"a: {FREE}"),
        ({"type": "object", "properties": {}, "additionalProperties": True}, f"a: {FREE}"),
        ({**of(b={"type": "null"}), "additionalProperties": {"type": "integer"}}, f"a: {FREE}"),
        ({"type": "object", "patternProperties": {"^a": {}}}, f"a: {FREE}"),
        ({"type": "array", "items": {"type": "object"}}, f"a[]: {FREE}"),
        ({"type": "array"}, f"a[]: {ANYTHING}"),
        ({"type": "array", "items": {}}, f"a[]: {ANYTHING}"),
        ({}, f"a: {ANYTHING}"),
        (True, f"a: {ANYTHING}"),
        (of(b={"anyOf": [{"type": "null"}, {"description": "any"}]}), f"a.b: {ANYTHING}"),
        ({"type": "string", "not": {"const": "x"}}, "a: 'not' cannot be in a strict schema; say it another way, or strict=False"),
        (
            {"allOf": [{"type": "string"}, {"minLength": 1}], "type": "string"},
            "a: 'allOf' cannot be in a strict schema; say it another way, or strict=False",
        ),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
            "a: a tuple of different kinds cannot be in a strict schema; use an object with a field for each place, "
            "or strict=False",
        ),
        (
            {"$ref": "#/$defs/Gone"},
            "a: refers to '#/$defs/Gone', which is nothing in the schema; define it there, or strict=False",
        ),
        (
            {"$ref": "https://example.com/x"},
            "a: refers to 'https://example.com/x', which is nothing in the schema; define it there, or strict=False",
        ),
        (
            {"allOf": [{"type": "string", "minLength": 1}], "minLength": 2},
            "a: 'minLength' is said twice, and differently, by a schema and what it builds on; say it once, or strict=False",
        ),
    ],
)
def test_what_cannot_be_strict_is_named_with_its_field(schema, problem):
    assert problems(of(a=schema)) == [problem]
    with pytest.raises(ValueError) as caught:
        strict(of(a=schema))
    assert str(caught.value) == problem


def test_all_problems_come_at_once_by_the_way_to_their_fields():
    schema = {
        **of(address={"$ref": "#/$defs/Address"}, extra={}, home={"$ref": "#/$defs/Address", "description": "d"}),
        "$defs": {"Address": of(tags={"type": "object", "additionalProperties": {"type": "string"}}), "Unused": {}},
    }
    assert problems(schema) == [f"address.tags: {FREE}", f"extra: {ANYTHING}", f"$defs.Unused: {ANYTHING}"]
    assert problems(of(a={"type": "string"})) == []


def test_the_whole_is_an_object():
    for schema in ({"type": "array", "items": {"type": "string"}}, {"anyOf": [of(), of()]}):
        assert problems(schema) == [
            "the schema: is no object, and strict mode gives nothing else; put it in a field of one, or strict=False"
        ]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (of(**{f"p{i}": {"type": "null"} for i in range(5001)}), "5,001 properties, where the API takes 5,000"),
        (of(a={"enum": list(range(1001))}), "1,001 values in enums, where the API takes 1,000"),
        (of(a={"const": "x" * 120_000}), "120,001 characters in names and values, where the API takes 120,000"),
    ],
)
def test_sizes(schema, problem):
    assert problems(schema) == [f"the schema: {problem}; make it smaller, or strict=False"]


def nested(levels: int) -> dict[str, Any]:
    return of(a=nested(levels - 1)) if levels else of(a={"type": "null"})


def test_depth():
    assert problems(nested(10)) == []
    assert problems(nested(11)) == [
        "the schema: 11 levels of objects in objects, where the API takes 10; make it smaller, or strict=False"
    ]
    chained = {f"D{i}": of(a={"$ref": f"#/$defs/D{i + 1}"}, b={"$ref": f"#/$defs/D{i + 1}"}) for i in range(40)}
    assert problems({**of(a={"$ref": "#/$defs/D0"}), "$defs": {**chained, "D40": of()}}) != []


# Any schema that types can lead to, and more.
names = st.sampled_from("abcd")
leaves = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": 3, "default": 4},
        {"enum": ["x", 2, None]},
        {"const": "y"},
        {"type": "boolean", "title": "B", "description": "whether"},
        {"type": "array", "prefixItems": [{"type": "null"}] * 2, "minItems": 2, "maxItems": 2},
        {"$ref": "#/$defs/one"},
        {"$ref": "#/$defs/two", "description": "two", "default": None},
        {"allOf": [{"$ref": "#/$defs/two"}], "title": "two"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {},
    ]
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda fields: of(**fields), st.dictionaries(names, inner, max_size=3)),
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda arms: {"anyOf": arms}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda arms: {"oneOf": arms, "discriminator": {}}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=12,
)
values = st.recursive(
    st.sampled_from(["x", "y", 2, 3, None, True, "some text"]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(names, schemas, max_size=3), schemas, schemas, st.dictionaries(names, values, max_size=3))
def test_any_schema_is_made_strict_or_refused(fields, one, two, value):
    schema = {**of(**fields), "$defs": {"one": one, "two": two}}
    if problems(schema):
        with pytest.raises(ValueError):
            strict(schema)
        return
    made = strict(schema)
    assert not list(faults(made))
    assert strict(made) == made
    if "oneOf" not in str(schema) and accepts(made, value, made):
        assert accepts(schema, value, schema)
