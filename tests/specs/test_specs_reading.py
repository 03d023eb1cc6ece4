"""The comparison itself: it reads what documents are written in, and finds what is wrong. Needs no documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Required, TypedDict

import pytest
from differences import differences
from documents import Document, payloads
from faults import faults
from instances import instance

from ceyx.wire.view import View


class Circle(View):
    type: Literal["circle"]
    radius: float


class Square(View):
    type: Literal["square"]
    side: float | None = None


class Drawing(View):
    name: str
    forms: list[Circle | Square]
    notes: dict[str, str] | None = None


class Asked(TypedDict, total=False):
    name: Required[str]
    forms: Iterable[dict[str, object]]
    size: Literal["small", "large"] | None


SCHEMAS: dict[str, Any] = {
    "Form": {
        "type": "object",
        "properties": {"type": {"type": "string"}},
        "required": ["type"],
        "discriminator": {"propertyName": "type", "mapping": {"circle": "#/s/Circle", "square": "#/s/Square"}},
    },
    "Circle": {
        "allOf": [{"$ref": "#/s/Form"}],
        "properties": {"type": {"type": "string", "enum": ["circle"]}, "radius": {"type": "number"}},
        "required": ["radius"],
    },
    "Square": {
        "allOf": [
            {"$ref": "#/s/Form"},
            {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "enum": ["square"]},
                    "side": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                },
            },
        ]
    },
    "Drawing": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "forms": {"type": "array", "items": {"$ref": "#/s/Form"}},
            "notes": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
        },
        "required": ["name", "forms"],
    },
    "Asked": {
        "properties": {
            "name": {"type": "string"},
            "forms": {"type": "array", "items": {"$ref": "#/s/Form"}},
            "size": {"type": "string", "enum": ["small", "large"], "nullable": True},
        },
        "required": ["name"],
        "additionalProperties": False,
    },
}
DRAWING = {"name": "house", "forms": [{"type": "circle", "radius": 1}, {"type": "square", "side": None}], "notes": {"a": "b"}}


def document(folder: Path, schemas: dict[str, Any]) -> Document:
    (folder / "document.json").write_text(json.dumps({"s": schemas}))
    return Document(folder / "document.json")


def changed(name: str, /, **properties: Any) -> dict[str, Any]:
    """The schemas, with other properties in one of them."""
    schema = SCHEMAS[name]
    return {**SCHEMAS, name: {**schema, "properties": {**schema["properties"], **properties}}}


@pytest.mark.parametrize(("name", "ours"), [("Drawing", Drawing), ("Asked", Asked)])
def test_types_that_fit(tmp_path: Path, name: str, ours: Any) -> None:
    assert not list(differences(document(tmp_path, SCHEMAS), {"$ref": f"#/s/{name}"}, ours))


@pytest.mark.parametrize(
    ("schemas", "name", "told"),
    [
        (changed("Drawing", colour={"type": "string"}), "Drawing", "colour: Drawing has no such field"),
        (changed("Circle", centre={}), "Drawing", "forms[]<circle>.centre: Circle has no such field"),
        (changed("Circle", type={"enum": ["oval"]}), "Drawing", "forms[]<oval>.type: may be ['oval'], which ours names not"),
        (changed("Circle", radius={"type": "string"}), "Drawing", "forms[]<circle>.radius: may be string, ours may not"),
        (changed("Drawing", name={"type": "string", "nullable": True}), "Drawing", "name: may be null, ours may not"),
        (changed("Drawing", name={"type": "array", "items": {}}), "Drawing", "name: an array, which ours is not"),
        (changed("Drawing", name={"type": "object"}), "Drawing", "name: any object, which ours is not"),
        (changed("Drawing", name={"$ref": "#/s/Form"}), "Drawing", "name: an object, which ours is not"),
        (changed("Drawing", notes={"additionalProperties": {"type": "number"}, "type": "object"}), "Drawing", "notes{}: may be"),
        (changed("Asked", size={"enum": ["small", "huge"]}), "Asked", "size: may be ['huge'], which ours names not"),
        ({**SCHEMAS, "Asked": {**SCHEMAS["Asked"], "required": ["size"]}}, "Asked", "size: required, which Asked does not"),
    ],
)
def test_types_that_lack_something(tmp_path: Path, schemas: dict[str, Any], name: str, told: str) -> None:
    ours = {"Drawing": Drawing, "Asked": Asked}[name]
    found = [str(each) for each in differences(document(tmp_path, schemas), {"$ref": f"#/s/{name}"}, ours)]
    assert found and found[0].startswith(told)


def test_values_that_fit(tmp_path: Path) -> None:
    schemas = document(tmp_path, SCHEMAS)
    for value in (DRAWING, {**DRAWING, "notes": None}, {**DRAWING, "other": 1}, instance(schemas, {"$ref": "#/s/Drawing"})):
        assert not faults(schemas, {"$ref": "#/s/Drawing"}, value)
    assert [form["type"] for form in instance(schemas, {"$ref": "#/s/Drawing"})["forms"]] == ["circle", "square"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"forms": []}, ("name", "is missing")),
        ([], ("", "is [], not object")),
        ({**DRAWING, "name": 1}, ("name", "is 1, not string")),
        ({**DRAWING, "name": None}, ("name", "is None, not string")),
        ({**DRAWING, "notes": {"a": 1}}, ("notes.a", "is 1, not string")),
        ({**DRAWING, "forms": [{"type": "circle"}]}, ("forms[].radius", "is missing")),
        ({**DRAWING, "forms": [{"type": "circle", "radius": True}]}, ("forms[].radius", "is True, not number")),
        ({**DRAWING, "forms": [{"type": "oval", "radius": 1}]}, ("forms[].type", "is 'oval', not one of ['circle']")),
    ],
)
def test_values_that_are_wrong(tmp_path: Path, value: Any, told: tuple[str, str]) -> None:
    assert faults(document(tmp_path, SCHEMAS), {"$ref": "#/s/Drawing"}, value) == [told]


def test_properties_that_are_not_known(tmp_path: Path) -> None:
    schemas = document(tmp_path, SCHEMAS)
    assert faults(schemas, {"$ref": "#/s/Asked"}, {"name": "house", "colour": 1}) == [("colour", "is not known")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('{"a": [1, 2,],\n}\n....\n{"a": 3}', [{"a": [1, 2]}, {"a": 3}]),
        ('{\n  "a": "b"\n  "c": 1\n  "d": null\n}', [{"a": "b", "c": 1, "d": None}]),
        ("[\n0.5,\n.... (1536 in all)\n-0.25,\n]", [[0.5, -0.25]]),
    ],
)
def test_examples_as_people_write_them(text: str, values: list[Any]) -> None:
    assert payloads(text) == values
