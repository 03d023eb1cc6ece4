"""Values beside schemas: what an answer lacks or has wrong. Required properties, JSON types and listed values are checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents import Document, Schema, tag

KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def faults(document: Document, schema: Schema, value: Any, path: str = "") -> list[tuple[str, str]]:
    """Where `value` is not what `schema` allows, as (path, what); of several alternatives, the closest is asked."""
    shapes = list(document.shapes(schema))
    if type(value) is dict:
        named = [value.get("role"), value.get("type")]
        shapes = [shape for shape in shapes if tag(shape) in named] or shapes
    return min((list(of_shape(document, shape, value, path)) for shape in shapes), key=len)


def of_shape(document: Document, shape: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    kind = shape.get("type", "object" if "properties" in shape else None)
    if shape.get("format") == "binary" and isinstance(value, tuple):
        return  # a file: its name and what is in it
    if kind is not None and (not isinstance(value, KINDS[kind]) or (type(value) is bool and kind != "boolean")):
        yield path, f"is {value!r:.60}, not {kind}"
        return
    if "enum" in shape and value not in shape["enum"]:
        yield path, f"is {value!r:.60}, not one of {shape['enum']}"
    if type(value) is list:
        for item in value:
            yield from faults(document, shape.get("items", {}), item, f"{path}[]")
    elif type(value) is dict:
        known, others = shape.get("properties", {}), shape.get("additionalProperties")
        for name in shape.get("required", ()):
            if name not in value:
                yield f"{path}.{name}".lstrip("."), "is missing"
        for name, inner in value.items():
            schema = known.get(name, others if isinstance(others, dict) else {})
            yield from faults(document, schema, inner, f"{path}.{name}".lstrip("."))
        if others is False:
            yield from ((f"{path}.{name}".lstrip("."), "is not known") for name in value.keys() - known.keys())
