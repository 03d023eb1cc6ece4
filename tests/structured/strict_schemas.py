"""Says of a schema whether strict mode takes it: written apart from the converter, from the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const", "$defs", "definitions"),
    *("title", "description", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "minLength", "maxLength"),
}

FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def faults(schema: Any, root: Any = None, path: str = "#") -> Iterator[str]:
    """What the API would refuse."""
    if root is None:
        root = schema
        if schema.get("type") != "object":
            yield "the root is no object"
    if "$ref" in schema:
        if set(schema) != {"$ref"}:
            yield f"{path}: $ref cannot have keywords {set(schema) - {'$ref'}}"
        place = root
        for step in schema["$ref"].split("/")[1:]:
            place = place[step.replace("~1", "/").replace("~0", "~")]
        return
    for keyword in set(schema) - KNOWN:
        yield f"{path}: {keyword!r} is not permitted"
    if "type" not in schema and "anyOf" not in schema:
        yield f"{path}: schema must have a 'type' key"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds:
        if schema.get("additionalProperties") is not False:
            yield f"{path}: 'additionalProperties' is required to be supplied and to be false"
        if schema.get("required") != list(schema.get("properties", {})):
            yield f"{path}: 'required' is required to be an array including every key in properties"
    if "array" in kinds and "items" not in schema:
        yield f"{path}: array schema missing items"
    if schema.get("format", "date") not in FORMATS:
        yield f"{path}: {schema['format']!r} is not a valid format"
    for keyword in ("properties", "$defs", "definitions"):
        for name, inner in schema.get(keyword, {}).items():
            yield from faults(inner, root, f"{path}/{keyword}/{name}")
    for arm in schema.get("anyOf", ()):
        yield from faults(arm, root, f"{path}/anyOf")
    if "items" in schema:
        yield from faults(schema["items"], root, f"{path}/items")
