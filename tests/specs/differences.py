"""Types beside schemas: what a document describes that a View or a TypedDict of ours has no place for."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from documents import Document, Schema, tag

from ceyx.wire.view import Answer, View

SCALARS: dict[str, set[Any]] = {
    "string": {str},
    "integer": {int, float},
    "number": {float},
    "boolean": {bool},
    "null": {type(None)},
}


class Difference(NamedTuple):
    """A property, as `messages[].content[]<text>.text`, and what our type lacks there."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def differences(document: Document, schema: Schema, hint: Any, path: str = "") -> Iterator[Difference]:
    """Each place where `hint` cannot hold what `schema` allows. Of several arms of a union, the closest is asked."""
    arms = list(arms_of(hint))
    if any(arm in (Any, object) for arm in arms):
        return
    for shape in document.shapes(schema):
        kind = shape.get("type", "object" if "properties" in shape else None)
        if kind == "object":
            yield from of_object(document, shape, arms, path)
        elif kind == "array":
            lists = [arm for arm in arms if get_origin(arm) in (list, Iterable, Sequence)]
            found = [list(differences(document, shape["items"], get_args(arm)[0], f"{path}[]")) for arm in lists]
            yield from min(found, key=len, default=[Difference(path, "an array, which ours is not")])
        elif "enum" in shape and (literals := {value for arm in arms for value in literals_of(arm)}):
            if missing := set(shape["enum"]) - literals:
                yield Difference(path, f"may be {sorted(missing)}, which ours names not")
        elif kind == "string" and shape.get("format") == "binary" and bytes in arms:
            pass  # a file, of which a form has the bytes
        elif kind is not None and not any(SCALARS[kind] & python_types(arm) for arm in arms):
            yield Difference(path, f"may be {kind}, ours may not")


def of_object(document: Document, shape: Schema, arms: list[Any], path: str) -> Iterator[Difference]:
    mappings = [arm for arm in arms if get_origin(arm) in (dict, Mapping)]
    if "properties" not in shape:
        values = shape.get("additionalProperties")
        if not mappings:
            yield Difference(path, "any object, which ours is not")
        elif isinstance(values, dict):
            yield from differences(document, values, get_args(mappings[0])[1], f"{path}{{}}")
        return
    known = [arm for arm in arms if fields(arm)]
    label = f"{path}<{tag(shape)}>" if len(known) > 1 and tag(shape) else path
    known = [arm for arm in known if tag(shape) in tags(arm)] or known
    if known:
        yield from min((list(of_properties(document, shape, arm, label)) for arm in known), key=len)
    elif not mappings:
        yield Difference(label, "an object, which ours is not")


def of_properties(document: Document, shape: Schema, ours: Any, path: str) -> Iterator[Difference]:
    for name, schema in shape["properties"].items():
        inner = f"{path}.{name}".lstrip(".")
        if name not in fields(
            ours
        ):  # as `hate/threatening`, which is no name in Python, or `timestamp_granularities[]`, as in forms
            name = re.sub(r"\W", "_", name.removesuffix("[]"))
        if name not in fields(ours):
            yield Difference(inner, f"{ours.__name__} has no such field")
            continue
        if not is_view(ours) and name in shape.get("required", ()) and name not in required(ours):
            yield Difference(inner, f"required, which {ours.__name__} does not ask for")
        yield from differences(document, schema, fields(ours)[name], inner)


# ---- our types


def arms_of(hint: Any) -> Iterator[Any]:
    """The arms of a union, or the hint itself, without what only says how it is used."""
    origin = get_origin(hint)
    if origin in (Required, NotRequired, Annotated, ClassVar):
        yield from arms_of(get_args(hint)[0])
    elif origin in (Union, types.UnionType):
        for arm in get_args(hint):
            yield from arms_of(arm)
    else:
        yield hint


def is_view(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, View)


@cache
def fields(hint: Any) -> dict[str, Any]:
    """The fields of a View or the keys of a TypedDict, with their types; of anything else none."""
    if is_view(hint):
        own = get_type_hints(Answer)
        return {name: field for name, field in get_type_hints(hint).items() if name not in own}
    return get_type_hints(hint, include_extras=True) if hasattr(hint, "__required_keys__") else {}


def required(params: Any) -> set[str]:
    """Postponed annotations hide `Required[...]` from `__required_keys__`, which knows the class's `total` only."""
    return {key for key, hint in fields(params).items() if get_origin(hint) is Required or key in params.__required_keys__}


def tags(arm: Any) -> tuple[Any, ...]:
    """What `role` or `type` may be, where ours says."""
    hints = (fields(arm).get(name) for name in ("role", "type"))
    return tuple(value for hint in hints for inner in arms_of(hint) for value in literals_of(inner))


def literals_of(arm: Any) -> tuple[Any, ...]:
    return get_args(arm) if get_origin(arm) is Literal else ()


def python_types(arm: Any) -> set[Any]:
    return {type(value) for value in literals_of(arm)} or {arm}
