"""Whether a value is an instance of a JSON schema (2020-12, as far as the providers take it). Formats are not judged."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ceyx.service.engines.patterns import found

Schema = Any
"""A dict, or a boolean."""

_DEEPEST = 100


def resolved(root: Schema, reference: str) -> Schema:
    """What a `$ref` such as #/$defs/Name points to; True (anything) where it points to nothing."""
    place = root
    for step in reference.partition("#")[2].split("/")[1:]:
        step = unquote(step).replace("~1", "/").replace("~0", "~")
        try:
            place = place[int(step)] if isinstance(place, list) else place[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return True
    return place


def same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def accepts(schema: Schema, value: Any, root: Schema, depth: int = 0) -> bool:
    """Whether `value` is an instance of `schema`, whose references point into `root`."""
    if not isinstance(schema, dict):
        return schema is not False
    if depth > _DEEPEST:
        return False  # references that only lead to references

    def inner(schema: Schema, value: Any = value) -> bool:
        return accepts(schema, value, root, depth + 1)

    if "$ref" in schema and not inner(resolved(root, str(schema["$ref"]))):
        return False
    if "type" in schema and not is_of_type(schema["type"], value):
        return False
    if "const" in schema and not same(schema["const"], value):
        return False
    if "enum" in schema and not any(same(member, value) for member in schema["enum"]):
        return False
    if not all(inner(part) for part in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(inner(part) for part in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(inner(part) for part in schema["oneOf"]) != 1:
        return False
    if "not" in schema and inner(schema["not"]):
        return False
    if isinstance(value, str):
        return _string(schema, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(schema, value)
    if isinstance(value, list):
        if not _size(schema, len(value), "Items"):
            return False
        if schema.get("uniqueItems") and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
            return False
        return all(inner(part, item) for part, item in zip(item_schemas(schema, len(value)), value, strict=True))
    if isinstance(value, dict):
        if not _size(schema, len(value), "Properties") or not all(name in value for name in schema.get("required", ())):
            return False
        return all(inner(part, item) for name, item in value.items() for part in property_schemas(schema, name))
    return True


def is_of_type(types: Any, value: Any) -> bool:
    """Whether `value` has the JSON type, or one of the types, named."""
    return any(_has_type(name, value) for name in (types if isinstance(types, list) else [types]))


def _has_type(name: str, value: Any) -> bool:
    match name:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return True


def bounds(schema: dict[str, Any]) -> tuple[float | None, bool, float | None, bool]:
    """The lowest and highest number, each with whether it is itself left out."""
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    low_out, high_out = above is True, below is True  # as drafts up to 4 spell it
    if isinstance(above, int | float) and not isinstance(above, bool) and (low is None or above >= low):
        low, low_out = above, True
    if isinstance(below, int | float) and not isinstance(below, bool) and (high is None or below <= high):
        high, high_out = below, True
    return low, low_out, high, high_out


def _number(schema: dict[str, Any], value: float) -> bool:
    low, low_out, high, high_out = bounds(schema)
    if low is not None and (value < low or (low_out and value == low)):
        return False
    if high is not None and (value > high or (high_out and value == high)):
        return False
    step = schema.get("multipleOf")
    return not step or abs(value / step - round(value / step)) < 1e-9


def _string(schema: dict[str, Any], value: str) -> bool:
    if not _size(schema, len(value), "Length"):
        return False
    return "pattern" not in schema or found(str(schema["pattern"]), value) is not False


def _size(schema: dict[str, Any], size: int, of: str) -> bool:
    least, most = schema.get(f"min{of}"), schema.get(f"max{of}")
    return (least is None or size >= least) and (most is None or size <= most)


def item_schemas(schema: dict[str, Any], count: int) -> list[Schema]:
    """The schema of each of `count` items."""
    items, first = schema.get("items", True), schema.get("prefixItems", [])
    if isinstance(items, list):  # as drafts up to 2019-09 spell prefixItems
        first, items = items, schema.get("additionalItems", True)
    return [first[i] if i < len(first) else items for i in range(count)]


def property_schemas(schema: dict[str, Any], name: str) -> list[Schema]:
    """The schemas a property of this name has to satisfy."""
    parts = [schema["properties"][name]] if name in schema.get("properties", ()) else []
    parts += [part for pattern, part in schema.get("patternProperties", {}).items() if found(pattern, name)]
    return parts or [schema.get("additionalProperties", True)]
