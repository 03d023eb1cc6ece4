"""Values made from a schema, with every property that it knows: for reading them, where a document has no example."""

from __future__ import annotations

from typing import Any

from documents import Document, Schema

ANY = "any key"  # the only key of an object whose keys are free
DEEPEST = 9  # items may hold items
_SCALARS: dict[str, Any] = {"string": "text", "integer": 7, "number": 0.5, "boolean": True}


def instance(document: Document, schema: Schema, turn: int = 0, depth: int = 0) -> Any:
    """A value of the alternative that `turn` chooses; a list holds one item of each."""
    shapes = [shape for shape in document.shapes(schema) if shape.get("type") != "null"]
    shape = shapes[turn % len(shapes)]
    if "enum" in shape:
        return shape["enum"][turn % len(shape["enum"])]
    if "properties" in shape:
        return {name: instance(document, inner, turn, depth + 1) for name, inner in shape["properties"].items()}
    kind = shape.get("type", "string")
    if kind == "object":
        others = shape.get("additionalProperties")
        return {ANY: instance(document, others, turn, depth + 1) if isinstance(others, dict) else "text"}
    if kind == "array":
        items = 0 if depth > DEEPEST else len(list(document.shapes(shape["items"])))
        return [instance(document, shape["items"], item, depth + 1) for item in range(items)]
    return _SCALARS[kind]
