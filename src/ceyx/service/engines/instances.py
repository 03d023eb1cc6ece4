"""Instances of JSON schemas: valid, small, the same each time, with values from the prompt where they fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ceyx.service.engines.clues import Clues
from ceyx.service.engines.patterns import example
from ceyx.service.engines.schema import Schema, accepts, bounds, is_of_type, item_schemas, property_schemas, resolved, same

_DEEPEST = 30
_MOST_VALUES = 2000
_MOST_ITEMS = 200

_FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uri": "https://example.com/",
    "uri-reference": "/example",
    "uuid": "00000000-0000-4000-8000-00000000000",  # and one digit: which of several
    "regex": ".*",
    "json-pointer": "/example",
}


def instance(schema: Schema, clues: Clues, otherwise: Callable[[str], str]) -> Any:
    """An instance of `schema`. `otherwise` gives the text of a string property, by name, that no clue fits."""
    maker = _Maker(schema, clues, otherwise)
    try:
        return maker.make(schema, "answer")
    except _Impossible:
        return {}


class _Impossible(Exception):
    """No instance was found: the schema has none, or none that ends."""


class _Maker:
    def __init__(self, root: Schema, clues: Clues, otherwise: Callable[[str], str]) -> None:
        self.root, self.clues, self.otherwise = root, clues, otherwise
        self.open: list[str] = ["#"]
        """References being followed: another of the same kind is avoided wherever the schema allows."""
        self.left = _MOST_VALUES
        self.used: set[str] = set()
        self.numbers = list(clues.numbers)

    def make(self, schema: Schema, name: str, which: int = 0) -> Any:
        """An instance; `which` asks for another one, where items of an array must differ."""
        if schema is False:
            raise _Impossible
        if not isinstance(schema, dict):
            return self.otherwise(name)
        self.left -= 1
        if self.left < 0 or len(self.open) > _DEEPEST:
            raise _Impossible
        if "$ref" in schema:
            reference, rest = str(schema["$ref"]), {key: value for key, value in schema.items() if key != "$ref"}
            self.open.append(reference)
            try:
                return self.make(merged(resolved(self.root, reference), rest), name, which)
            finally:
                self.open.pop()
        if "allOf" in schema:
            whole: Schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                while isinstance(part, dict) and set(part) == {"$ref"} and part["$ref"] not in self.open:
                    part = resolved(self.root, str(part["$ref"]))
                whole = merged(whole, part)
            return self.make(whole, name, which)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.member(schema, which)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.option(schema, key, name, which)
        return self.of_type(schema, name, which)

    def member(self, schema: dict[str, Any], which: int) -> Any:
        others = {key: value for key, value in schema.items() if key != "enum"}
        members = [member for member in schema["enum"] if accepts(others, member, self.root)]
        if not members:
            raise _Impossible
        members.sort(key=lambda member: not self.clues.mentions(member))
        return members[which % len(members)]

    def option(self, schema: dict[str, Any], key: str, name: str, which: int) -> Any:
        """An instance of one of several schemas: not of null, nor of one being made already, if there are others."""
        rest = {inner: value for inner, value in schema.items() if inner != key}
        for option in sorted(schema[key], key=self.reluctance):
            used, numbers = set(self.used), list(self.numbers)
            for other in range(3):  # an instance of one may be one of another, where only one may match
                try:
                    value = self.make(merged(rest, option), name, which + other)
                except _Impossible:
                    break
                if accepts(schema, value, self.root):
                    return value
            self.used, self.numbers = used, numbers
        raise _Impossible

    def reluctance(self, schema: Schema) -> int:
        if self.recurs(schema):
            return 2
        return int(isinstance(schema, dict) and schema.get("type") == "null")

    def recurs(self, schema: Schema) -> bool:
        return isinstance(schema, dict) and "$ref" in schema and schema["$ref"] in self.open

    def of_type(self, schema: dict[str, Any], name: str, which: int) -> Any:
        types = schema.get("type") or _implied(schema)
        for kind in sorted(types if isinstance(types, list) else [types], key="null".__eq__):
            try:
                value = self.of_kind(kind, schema, name, which)
            except _Impossible:
                continue
            if accepts(schema, value, self.root):
                return value
        raise _Impossible

    def of_kind(self, kind: str, schema: dict[str, Any], name: str, which: int) -> Any:
        match kind:
            case "object":
                return self.object(schema)
            case "array":
                return self.array(schema, name)
            case "string":
                return self.first(self.strings(schema, name, which), schema)
            case "integer" | "number":
                return self.first(self.number_candidates(schema, kind, which), schema)
            case "boolean":
                return self.first(iter([which % 2 == 0, which % 2 == 1]), schema)
            case _:
                return None

    def first(self, candidates: Iterator[Any], schema: dict[str, Any]) -> Any:
        for value in candidates:
            if accepts(schema, value, self.root):
                if isinstance(value, str):
                    self.used.add(value)
                elif value in self.numbers and not isinstance(value, bool):
                    self.numbers.remove(value)
                return value
        raise _Impossible

    def object(self, schema: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        required = schema.get("required", [])
        for name, part in schema.get("properties", {}).items():
            if name not in required and self.leads_back(part):
                continue
            if len(made) >= schema.get("maxProperties", math.inf) and name not in required:
                continue
            try:
                made[name] = self.make(merged(part, *property_schemas(schema, name)[1:]), name)
            except _Impossible:
                if name in required:
                    raise
        for name in required:
            if name not in made:
                made[name] = self.make(merged(True, *property_schemas(schema, name)), name)
        for i in range(schema.get("minProperties", 0) - len(made)):
            name = f"property_{i + 1}"
            made[name] = self.make(merged(True, *property_schemas(schema, name)), name)
        return made

    def leads_back(self, schema: Schema) -> bool:
        """Whether an instance would hold, at once or in a list or as the only option, one of a kind being made."""
        if not isinstance(schema, dict):
            return False
        options: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
        return self.recurs(schema) or (options != [] and all(self.recurs(option) for option in options))

    def array(self, schema: dict[str, Any], name: str) -> list[Any]:
        least = schema.get("minItems", 0)
        fixed = schema.get("prefixItems") or (schema["items"] if isinstance(schema.get("items"), list) else [])
        optional = 0 if self.leads_back(schema.get("items")) or schema.get("items") is False else 1
        count = min(max(least, len(fixed) or optional), schema.get("maxItems", math.inf))
        if count > _MOST_ITEMS:
            raise _Impossible
        items: list[Any] = []
        for i, part in enumerate(item_schemas(schema, int(count))):
            try:
                item = self.make(part, name, i)
                if schema.get("uniqueItems"):
                    item = self.unlike(items, part, name, item)
            except _Impossible:
                if i < least:
                    raise
                break
            items.append(item)
        return items

    def unlike(self, items: list[Any], schema: Schema, name: str, item: Any) -> Any:
        which = len(items)
        while any(same(item, other) for other in items):
            which += 1
            if which > 2 * len(items) + 8:
                raise _Impossible
            item = self.make(schema, name, which)
        return item

    def strings(self, schema: dict[str, Any], name: str, which: int) -> Iterator[str]:
        mark = str(which + 1) if which else ""
        if format := schema.get("format"):
            if (written := self.clues.formatted(format)) and not which:
                yield written
            if format in _FORMATS:
                yield _FORMATS[format] + (str(which % 10) if format == "uuid" else "")
        if "pattern" in schema:
            least = schema.get("minLength", 0)
            made = example(schema["pattern"]) or ""
            yield from (made, made.ljust(least, made[-1:] or "a"), made * -(-least // max(len(made), 1)))
        yield from (text for text in self.clues.strings if text not in self.used)
        if isinstance(schema.get("default"), str) and not which:
            yield schema["default"]
        text = " ".join(filter(None, (self.otherwise(name), mark)))
        least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        text = text if len(text) <= most else (mark + text)[: int(most)]
        yield text.ljust(least, ".") if least < 100_000 else text

    def number_candidates(self, schema: dict[str, Any], kind: str, which: int) -> Iterator[int | float]:
        whole = kind == "integer"
        yield from ([int(n) if whole else n for n in self.numbers if not whole or float(n).is_integer()])
        if "default" in schema and not which and is_of_type(kind, schema["default"]):
            yield schema["default"]
        low, low_out, high, _ = bounds(schema)
        step = schema.get("multipleOf") or (1 if whole else None)
        if step:
            start = math.ceil(low / step) if low is not None else min(1, math.floor(high / step)) if high is not None else 1
            if low is not None and low_out and start * step == low:
                start += 1
            direction = -1 if low is None and high is not None else 1
            for i in range(3):
                value = (start + direction * (which + i)) * step
                yield int(value) if whole and float(value).is_integer() else value
        if not whole:
            yield 1.0 + which / 2
            if low is not None and high is not None:
                yield low + (high - low) * (which + 1) / (which + 2)
            yield from (bound + way * (which + 1) for bound, way in ((low, 1), (high, -1)) if bound is not None)
            yield from (bound for bound in (low, high) if bound is not None)


def merged(*schemas: Schema) -> Schema:
    """One schema that asks for all that these ask for."""
    whole: dict[str, Any] = {}
    for schema in schemas:
        if schema is False:
            return False
        for key, value in schema.items() if isinstance(schema, dict) else ():
            if key not in whole or whole[key] == value:
                whole[key] = value
            elif key == "properties":
                whole[key] = {name: merged(whole[key].get(name, True), value.get(name, True)) for name in {**whole[key], **value}}
            elif key == "required":
                whole[key] = [*whole[key], *(name for name in value if name not in whole[key])]
            elif key == "enum":
                whole[key] = [member for member in whole[key] if any(same(member, other) for other in value)]
            elif key == "type":
                whole[key] = _common(whole[key], value)
            elif key in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
                whole[key] = max(whole[key], value)
            elif key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
                whole[key] = min(whole[key], value)
            elif key == "items":
                whole[key] = merged(whole[key], value)
            elif key == "additionalProperties" and False in (whole[key], value):
                whole[key] = False
            elif key == "allOf":
                whole[key] = [*whole[key], *value]
            # Of two of any other kind the first is used; what is made is checked against the whole afterwards.
    return whole


def _common(one: Any, other: Any) -> Any:
    kinds = one if isinstance(one, list) else [one]
    others = set(other if isinstance(other, list) else [other])
    if "number" in others and "integer" in kinds:
        others.add("integer")
    if "integer" in others and "number" in kinds:
        kinds = [*kinds, "integer"]
    return [kind for kind in kinds if kind in others]


def _implied(schema: dict[str, Any]) -> str:
    """The type a schema means that names none."""
    for kind, keys in {
        "object": ("properties", "required", "additionalProperties", "minProperties", "patternProperties"),
        "array": ("items", "prefixItems", "minItems", "uniqueItems"),
        "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
    }.items():
        if any(key in schema for key in keys):
            return kind
    return "string"
