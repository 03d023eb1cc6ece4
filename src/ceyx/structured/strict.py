"""JSON Schemas as strict mode takes them: what can be put in its terms is, and what cannot is named, with the field it is at.

The rules are those of OpenAI's guide "Structured model outputs" (supported schemas), and where it is silent, of what its API
and Azure's were reported to refuse. Knows schemas only; the types they come from are for `shapes.py`.
"""

from __future__ import annotations

import json
import re
from typing import Any

Schema = dict[str, Any]

KEPT = {
    *("title", "description", "type", "enum", "const", "anyOf", "properties", "items", "pattern", "format"),
    *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems"),
}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
TOLD = ("default", "examples", "uniqueItems", "minProperties", "maxProperties", "contentEncoding", "contentMediaType")
"""Refused, but only hints, or bounds that the type itself sees to when it reads the answer: they go into the description."""
REFUSED = (
    *("allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "additionalItems"),
    *("unevaluatedItems", "unevaluatedProperties", "contains", "minContains", "maxContains", "contentSchema", "$dynamicRef"),
)
"""They change what a value may be. Any other keyword says nothing of values, and is left out."""
DEFINITIONS = ("$defs", "definitions")
ANYTHING = "a value of any kind cannot be in a strict schema", "give the field a type"
FREE_KEYS = "a dict with free keys cannot be a strict schema", "use a list of key/value objects"
TUPLE = "a tuple of different kinds cannot be in a strict schema", "use an object with a field for each place"

_looks_around = re.compile(r"(?<!\\)(?:\\\\)*\(\?<?[=!]").search
_WORDS = {"title", "description", "default", "examples"}
_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", dict: "object", list: "array"}


def strict(schema: Schema) -> Schema:
    """A strict schema for the same values; `schema` stays as it is.

    Every object is closed and has all its properties required; `oneOf` becomes `anyOf`; a `$ref` stands alone, or what it
    refers to is put in its place; what strict mode does not know but need not enforce is said in the description.
    Raises ValueError, a line for each field that cannot be put so: a dict with free keys, a value of any kind.
    """
    work = _Conversion(schema)
    if work.problems:
        raise ValueError("\n".join(work.problems))
    return work.result


def problems(schema: Schema) -> list[str]:
    """What keeps `schema` from being made strict, a line for each, as `strict` says it; none if nothing does."""
    return _Conversion(schema).problems


class _Conversion:
    """One schema on its way. Definitions are converted where they are first referred to, so that problems name fields."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self.problems: list[str] = []
        self.defined: dict[str, Schema] = {}  # converted, by reference
        self.moved: dict[str, str] = {}  # definitions that are below the root, by reference: their names in its `$defs`
        self.result = self.whole()
        if not self.problems:
            self.problems += too_large(self.result)

    def whole(self) -> Schema:
        out = self.converted({name: value for name, value in self.root.items() if name not in DEFINITIONS}, "")
        out = dict(self.followed(out))
        if out.get("type") != "object" and not self.problems:
            self.refuse("", "is no object, and strict mode gives nothing else", "put it in a field of one")
        for key in DEFINITIONS:
            if key in self.root:
                out[key] = {name: self.definition(f"#/{key}/{escaped(name)}", f"{key}.{name}") for name in self.root[key]}
        for reference, name in self.moved.items():
            out.setdefault("$defs", {})[name] = self.defined[reference]
        return out

    def refuse(self, path: str, what: str, instead: str) -> None:
        line = f"{path or 'the schema'}: {what}; {instead}, or strict=False"
        if line not in self.problems:
            self.problems.append(line)

    def converted(self, schema: Any, path: str) -> Schema:
        if not isinstance(schema, dict):
            self.refuse(path, *ANYTHING)
            return {}
        schema = self.plainly(schema, path)
        for keyword in REFUSED:
            if keyword in schema:
                self.refuse(path, f"{keyword!r} cannot be in a strict schema", "say it another way")
        out = {name: value for name, value in schema.items() if name in KEPT}
        if words := said(schema, out):
            out["description"] = f"{out['description']} ({words})" if out.get("description") else f"({words})"
        if "$ref" in schema:
            return self.reference(schema["$ref"], out, path)
        if "oneOf" in schema:
            out["anyOf"] = [*out.get("anyOf", ()), *schema["oneOf"]]
        if "anyOf" in out:
            out["anyOf"] = [self.converted(arm, path) for arm in out["anyOf"]]
        elif "type" not in out and (kinds := implied(schema)):
            out["type"] = kinds[0] if len(kinds) == 1 else kinds
        kinds = [out["type"]] if isinstance(out.get("type"), str) else out.get("type", [])
        if "object" in kinds:
            self.object(schema, out, path)
        if "array" in kinds:
            out["items"] = self.converted(schema.get("items", True), f"{path}[]")
        if not kinds and "anyOf" not in out:
            self.refuse(path, *ANYTHING)
        return out

    def plainly(self, schema: Schema, path: str) -> Schema:
        """`schema` with a single `allOf` merged, and a tuple whose places are all alike as a list of that length."""
        if isinstance(arms := schema.get("allOf"), list) and len(arms) == 1 and isinstance(arms[0], dict):
            beside = {name: value for name, value in schema.items() if name != "allOf"}
            self.compare(beside, arms[0], path)
            schema = {**arms[0], **beside}
        places = schema.get("prefixItems") or (schema["items"] if isinstance(schema.get("items"), list) else None)
        if places is None:
            return schema
        if any(place != places[0] for place in places) or not schema.get("minItems") == schema.get("maxItems") == len(places):
            self.refuse(path, *TUPLE)
        return {**{name: value for name, value in schema.items() if name != "prefixItems"}, "items": places[0]}

    def object(self, schema: Schema, out: Schema, path: str) -> None:
        properties, further = schema.get("properties"), schema.get("additionalProperties")
        named_only = further is False or (
            properties is not None and not isinstance(further, dict) and (properties or not further)
        )
        if not named_only or "patternProperties" in schema:
            self.refuse(path, *FREE_KEYS)
        properties = properties or {}
        out["properties"] = {
            name: self.converted(inner, f"{path}.{name}" if path else name) for name, inner in properties.items()
        }
        out["required"] = list(properties)
        out["additionalProperties"] = False

    def reference(self, reference: str, beside: Schema, path: str) -> Schema:
        target = self.followed(self.definition(reference, path))
        alone = {"$ref": self.place(reference)}
        if not beside:
            return alone
        if not target:  # it is being converted: what holds itself cannot be put in its own place
            return {"anyOf": [alone], **beside}
        self.compare(beside, target, path)
        return {**target, **beside}

    def followed(self, schema: Schema) -> Schema:
        """What a converted schema that is a reference refers to in the end; others are that themselves."""
        while "$ref" in schema:
            schema = next(one for reference, one in self.defined.items() if self.place(reference) == schema["$ref"])
        return schema

    def definition(self, reference: str, path: str) -> Schema:
        """What `reference` refers to, converted once; nothing yet while it is."""
        if reference not in self.defined:
            self.defined[reference] = {}
            self.defined[reference] = self.converted(self.referred(reference, path), path)
        return self.defined[reference]

    def referred(self, reference: str, path: str) -> Any:
        place: Any = self.root
        try:
            for step in steps(reference):
                place = place[int(step)] if isinstance(place, list) else place[step]
        except (KeyError, IndexError, ValueError, TypeError):
            self.refuse(path, f"refers to {reference!r}, which is nothing in the schema", "define it there")
            return {"type": "null"}
        return {name: value for name, value in place.items() if name not in DEFINITIONS} if place is self.root else place

    def place(self, reference: str) -> str:
        """Where what `reference` refers to will be: definitions inside the schema move to its root."""
        at = steps(reference) if reference.startswith("#") else []
        if not at or (len(at) == 2 and at[0] in DEFINITIONS):
            return reference
        if reference not in self.moved:
            name = at[-1]
            while name in self.root.get("$defs", ()) or name in self.moved.values():
                name += "_"
            self.moved[reference] = name
        return f"#/$defs/{escaped(self.moved[reference])}"

    def compare(self, one: Schema, other: Schema, path: str) -> None:
        for name in one.keys() & other.keys() - _WORDS:
            if one[name] != other[name]:
                self.refuse(path, f"{name!r} is said twice, and differently, by a schema and what it builds on", "say it once")


def said(schema: Schema, out: Schema) -> str:
    """What of `schema` is said in words; taken out of `out`."""
    words = {name: schema[name] for name in TOLD if schema.get(name) or (name == "default" and schema.get(name) is not None)}
    if "format" in out and out["format"] not in FORMATS:
        words["format"] = out.pop("format")
    if "pattern" in out and _looks_around(out["pattern"]):
        words["pattern"] = out.pop("pattern")
    return "; ".join(
        f"{name}: {value if isinstance(value, str) and name != 'default' else json.dumps(value, ensure_ascii=False)}"
        for name, value in words.items()
    )


def implied(schema: Schema) -> list[str]:
    """The types that go without saying: of the values of an enum or const, of what has properties or items."""
    values: list[Any] = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else []
    kinds = list(dict.fromkeys(_KINDS[type(value)] for value in values))
    return kinds or [kind for keyword, kind in (("properties", "object"), ("items", "array")) if keyword in schema]


def steps(reference: str) -> list[str]:
    """The way from the root to what a reference such as `#/$defs/Name` means (RFC 6901). ValueError for one to elsewhere."""
    if not reference.startswith("#"):
        raise ValueError(reference)
    return [step.replace("~1", "/").replace("~0", "~") for step in reference.split("/")[1:]]


def escaped(name: str) -> str:
    """`name` as a step of a reference."""
    return name.replace("~", "~0").replace("/", "~1")


# ---- sizes

MOST = {
    "properties": 5000,
    "values in enums": 1000,
    "characters in names and values": 120_000,
    "levels of objects in objects": 10,
}


def too_large(schema: Schema) -> list[str]:
    """Which of the API's limits a strict schema passes."""
    definitions = {f"#/{key}/{escaped(name)}": one for key in DEFINITIONS for name, one in schema.get(key, {}).items()}
    nodes = [node for one in (schema, *definitions.values()) for node in _all(one)]
    properties = [name for node in nodes for name in node.get("properties", ())]
    values = [value for node in nodes for value in (*node.get("enum", ()), *([node["const"]] if "const" in node else ()))]
    names = [*properties, *values, *(steps(reference)[1] for reference in definitions)]
    depths: dict[str, int] = {}
    counts = (len(properties), len(values), sum(len(str(one)) for one in names), _levels(schema, definitions, depths) - 1)
    return [
        f"the schema: {count:,} {what}, where the API takes {most:,}; make it smaller, or strict=False"
        for (what, most), count in zip(MOST.items(), counts, strict=True)
        if count > most
    ]


def _inside(schema: Schema) -> list[Schema]:
    inside = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    return [*inside, schema["items"]] if "items" in schema else inside


def _all(schema: Schema) -> list[Schema]:
    return [schema, *(node for one in _inside(schema) for node in _all(one))]


def _levels(schema: Schema, definitions: dict[str, Schema], depths: dict[str, int]) -> int:
    """How deep objects are in one another; a way back to where one came from adds nothing."""
    if (reference := schema.get("$ref")) is not None:
        if reference not in depths and reference in definitions:
            depths[reference] = 0
            depths[reference] = _levels(definitions[reference], definitions, depths)
        return depths.get(reference, 0)
    return ("properties" in schema) + max((_levels(one, definitions, depths) for one in _inside(schema)), default=0)
