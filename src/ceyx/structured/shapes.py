"""Types of the caller's as JSON: the schema of one, and the reading of text as one.

Models of pydantic (of either generation), dataclasses, TypedDicts, Structs of msgspec, and whatever msgspec or pydantic can
convert to: enums, lists, unions. pydantic is never imported here: it does what it does only where a type is of its making.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from ceyx.structured.strict import DEFINITIONS, Schema, strict
from ceyx.wire.view import View, plain

T = TypeVar("T")


class Shape(Generic[T]):
    """A type, as the API is told of it."""

    def __init__(self, of: Any) -> None:
        self.of = of
        schema, self._read = _known(of)
        schema = rooted(schema)
        self.wrapped = schema.get("type") != "object"
        """Whether the API is asked for an object that has the value in a field, since it gives nothing but objects."""
        self.schema = in_a_field(schema) if self.wrapped else schema
        self._strict: Schema | None = None

    @property
    def name(self) -> str:
        """Up to 64 letters, digits, underscores and dashes."""
        plain_class = isinstance(self.of, type) and not get_origin(self.of)
        name = self.of.__name__ if plain_class else re.sub(r"(?:[\w<>]+\.)+", "", str(self.of))  # less the modules
        return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64] or "answer"

    def told(self, strictly: bool) -> Schema:
        """The schema for the API, the caller's own. Raises ValueError where it shall be strict and cannot."""
        if not strictly:
            return plain(self.schema)  # type: ignore[no-any-return]
        if self._strict is None:
            self._strict = strict(self.schema)
        return plain(self._strict)  # type: ignore[no-any-return]

    def read(self, text: str | bytes) -> T:
        """The value of JSON text. Raises what the type's own library raises, always a ValueError, for text that does not fit."""
        return self._read(bytes(msgspec.json.decode(text, type=_Field).value) if self.wrapped else text)  # type: ignore[no-any-return]


class _Field(msgspec.Struct):
    value: msgspec.Raw


_made: Callable[[Any], Shape[Any]] = lru_cache(maxsize=512)(Shape)


def shape(of: Any) -> Shape[Any]:
    """The shape of a type, worked out once. Raises TypeError for what is no type that JSON can be read as."""
    if not _is_a_type(of):
        raise TypeError(f"expected a type to read the answer as, got {of!r:.80}; give a model, dataclass, TypedDict or Struct")
    return _made(of)


def schema_of(type: Any) -> Schema:
    """The JSON Schema of a type. One that is no object is put in an object, in a field `value`: the API gives nothing else."""
    return shape(type).told(False)


def _known(of: Any) -> tuple[Schema, Callable[[Any], Any]]:
    """The schema of a type as its library has it, and the library's reader."""
    if isinstance(of, type) and issubclass(of, View):
        raise TypeError(f"{of.__name__} is what the API answers; give a type of your own, to read its text as")
    if hasattr(of, "model_json_schema") and hasattr(of, "model_validate_json"):
        return of.model_json_schema(), of.model_validate_json
    if hasattr(of, "__fields__") and hasattr(of, "parse_raw"):  # pydantic 1
        return of.schema(), of.parse_raw
    if "pydantic" in sys.modules and any(_is_of_pydantic(part) for part in parts(of)):
        adapter: Any = sys.modules["pydantic"].TypeAdapter(of)
        return adapter.json_schema(), adapter.validate_json
    try:
        return msgspec.json.schema(of), msgspec.json.Decoder(of).decode
    except TypeError as error:
        raise TypeError(f"{of!r:.80} cannot be read from JSON: {str(error).splitlines()[-1]}") from error


def _is_a_type(of: Any) -> bool:
    if isinstance(of, type) or get_origin(of) is not None:
        return True
    return hasattr(of, "__supertype__") or hasattr(of, "__value__")  # a NewType, a `type` statement's alias


def _is_of_pydantic(part: Any) -> bool:
    module = getattr(part if isinstance(part, type) else type(part), "__module__", "")
    return module.partition(".")[0] in ("pydantic", "annotated_types") or hasattr(part, "__pydantic_core_schema__")


def parts(of: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """`of`, the types it is made of, and what annotates them."""
    seen = set() if seen is None else seen
    if id(of) in seen:
        return
    seen.add(id(of))
    yield of
    if get_origin(of) is Annotated:
        yield from of.__metadata__
    for part in get_args(of):
        yield from parts(part, seen)
    if is_dataclass(of) or hasattr(of, "__total__"):  # a TypedDict, of `typing` or its extensions
        for part in get_type_hints(of, include_extras=True).values():
            yield from parts(part, seen)


def rooted(schema: Schema) -> Schema:
    """`schema` with what its root refers to in the root's place; a definition that nothing refers to any more is left out."""
    for key in DEFINITIONS:
        name = schema.get("$ref", "").removeprefix(f"#/{key}/")
        if name in schema.get(key, {}):
            defined = {other: one for other, one in schema[key].items() if other != name}
            if schema["$ref"] in _references([schema[key][name], *defined.values()]):
                defined = schema[key]
            beside = {k: v for k, v in schema.items() if k not in ("$ref", key)}
            return {**schema[key][name], **beside, **({key: defined} if defined else {})}
    return schema


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def in_a_field(schema: Schema) -> Schema:
    """An object with a field `value` of this schema."""
    value = {name: one for name, one in schema.items() if name not in DEFINITIONS}
    defined = {key: schema[key] for key in DEFINITIONS if key in schema}
    return {"type": "object", "properties": {"value": value}, "required": ["value"], "additionalProperties": False, **defined}
