"""Values made from types, those of ceyx or of the `openai` package: parameters to call with, and answers to give."""

from __future__ import annotations

import os
import types
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, Required, TypeVar, Union, get_args, get_origin, get_type_hints

import openai
import pydantic
from openai import Stream

import ceyx

DEEPEST = 9  # filters hold filters
DONE = {"completed", "processed", "stop"}  # what a flow waits for, and `parse` asks for
_SCALARS: dict[Any, Any] = {int: 7, float: 0.5, bool: True, object: {"key": "any"}, bytes: b"bytes", Any: "any", datetime: 7}
_NEVER = (openai.Omit, ceyx.Omit, openai.NotGiven, type(None), os.PathLike, object)  # where there is anything else
_FILE = ("a.txt", b"hello")


def value(hint: Any, name: str = "text", turn: int = 0, depth: int = 0) -> Any:
    """A value with everything that this type may hold. Of a union, `turn` says which arm; a text is the `name` of its field."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Annotated, Required, NotRequired):
        return value(inner[0], name, turn, depth)
    if origin in (Union, types.UnionType):
        arms = arms_of(hint)
        if bytes in arms:
            return _FILE
        return value(arms[turn % len(arms)] if depth < DEEPEST else arms[0], name, turn, depth + 1)
    if origin is Literal:
        return next((one for one in inner if name in ("status", "finish_reason") and one in DONE), inner[turn % len(inner)])
    if fields := fields_of(hint):
        return {key: value(one, key, turn, depth + 1) for key, one in fields.items()}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"key": value(inner[1], name, turn, depth + 1)}
    if isinstance(origin, type) and (issubclass(origin, Iterable) or "Sequence" in origin.__name__):
        return [value(inner[0], name, number, depth + 1) for number in range(turn, turn + 2)] if depth < DEEPEST else []
    if isinstance(hint, TypeVar):
        return None
    if name == "in_progress":
        return 0  # of files, so that nobody waits for them
    return name if hint is str else _SCALARS[hint]


def arms_of(hint: Any) -> list[Any]:
    """The types of a union that can be written down: not "left out", no stream, no None where there is anything else."""
    if get_origin(hint) is Annotated:
        return arms_of(get_args(hint)[0])
    if get_origin(hint) not in (Union, types.UnionType):
        return [hint]
    arms = [arm for part in get_args(hint) for arm in arms_of(part)]
    kept = [arm for arm in arms if arm not in _NEVER and get_origin(arm) is not Stream]
    return kept or [object if object in arms else type(None)]


def fields_of(hint: Any) -> dict[str, Any]:
    """The fields of a model, as they are on the wire, or the keys of a TypedDict."""
    if isinstance(hint, type) and issubclass(hint, pydantic.BaseModel):
        return {field.alias or name: field.annotation for name, field in hint.model_fields.items()}
    return get_type_hints(hint, include_extras=True) if hasattr(hint, "__required_keys__") else {}


def streamed(hint: Any) -> Any:
    """What the events are of a method that gives this or a stream; None where it gives no stream."""
    for arm in get_args(hint):
        if get_origin(arm) is Stream:
            return get_args(arm)[0]
    return None
