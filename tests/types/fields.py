"""What a type of ours and the type of the same name in the `openai` package differ in."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterator
from importlib import import_module
from typing import Any, Literal, Required, get_args, get_origin, get_type_hints

import pydantic

from ceyx.wire.view import View


def names_in(package: str) -> Iterator[tuple[str, str]]:
    """Each name of a package of types, as (path, name), and those of its modules that hold several."""
    theirs = import_module(f"openai.types.{package}")
    yield from ((package, name) for name in dir(theirs) if name[0].isupper())
    for module in pkgutil.iter_modules(theirs.__path__):
        yield from deep_names_in(f"{package}.{module.name}")


def deep_names_in(module: str) -> Iterator[tuple[str, str]]:
    """The names of a module of types, if it holds several: those beside its main one are reached by its path only."""
    names = import_module(f"openai.types.{module}").__all__
    if len(names) > 1:
        yield from ((module, name) for name in names)


def differences(path: str, name: str, ours_too: Collection[str] = ()) -> Iterator[str]:
    """Field by field: whether it is there, is required, may be None, and which literals it takes. `ours_too` may be more."""
    mine, theirs = (getattr(import_module(f"{root}.{path}".rstrip(".")), name) for root in ("ceyx.types", "openai.types"))
    if hasattr(theirs, "__required_keys__"):
        yield from _of_params(mine, theirs, ours_too)
    elif isinstance(theirs, type) and issubclass(theirs, pydantic.BaseModel):
        yield from _of_views(mine, theirs)
    elif literals(theirs) != literals(mine):
        yield f"literals: {literals(theirs) ^ literals(mine)}"


def _of_params(mine: Any, theirs: Any, ours_too: Collection[str]) -> Iterator[str]:
    ours, keys = get_type_hints(mine, include_extras=True), get_type_hints(theirs, include_extras=True)
    yield from (f"{key} is missing" for key in keys.keys() - ours.keys())
    yield from (f"{key} is ours only" for key in ours.keys() - keys.keys() - set(ours_too))
    needed, needed_there = required(mine, ours), required(theirs, keys)
    for key in keys.keys() & ours.keys():
        if (key in needed) is not (key in needed_there):
            yield f"{key} is required in one of the two"
        if literals(keys[key]) != literals(ours[key]):
            yield f"{key}: {literals(keys[key]) ^ literals(ours[key])}"
        if type(None) in arms(keys[key]) and type(None) not in arms(ours[key]):
            yield f"{key} may not be None"


def _of_views(mine: Any, theirs: type[pydantic.BaseModel]) -> Iterator[str]:
    if not issubclass(mine, View):
        yield f"{mine} is no view"
    hints = get_type_hints(mine)
    for key, field in theirs.model_fields.items():
        name = key if key in hints else field.alias or key
        if name not in hints:
            yield f"{name} is missing"
        elif literals(field.annotation) != literals(hints[name]):
            yield f"{name}: {literals(field.annotation) ^ literals(hints[name])}"
        elif field.is_required() is (getattr(mine, name, "none") is None):
            yield f"{name} is required in one of the two"


def required(params: Any, hints: dict[str, Any]) -> set[str]:
    """Postponed annotations hide `Required[...]` from `__required_keys__`, so that tells of the class's `total` only."""
    return {key for key, hint in hints.items() if get_origin(hint) is Required or key in params.__required_keys__}


def arms(hint: Any) -> tuple[Any, ...]:
    return arms(get_args(hint)[0]) if get_origin(hint) is Required else get_args(hint)


def literals(hint: Any) -> set[Any]:
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {value for arm in get_args(hint) for value in literals(arm)}
