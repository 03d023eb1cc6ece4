"""How raw values become views: which fields of a view hold others, and which view an object is by its `type`.

Reads annotations, once for each class and when its first answer comes. `view.py` has the views themselves.
"""

from __future__ import annotations

import sys
import types
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from ceyx.wire.view import View, Wrap


def nested_fields(view: type[View]) -> tuple[tuple[str, Wrap], ...]:
    hints = get_type_hints(view)
    return tuple((name, wrap) for name, hint in hints.items() if get_origin(hint) is not ClassVar and (wrap := wrapper(hint)))


def wrapper(hint: Any) -> Wrap | None:
    """How to wrap a raw value of this annotation; None when it holds no view."""
    origin = get_origin(hint)
    if origin is Annotated:
        return wrapper(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        arms = [arm for arm in get_args(hint) if arm is not type(None)]
        views = [arm for arm in arms if isinstance(arm, type) and issubclass(arm, View)]
        others = [wrap for arm in arms if arm not in views and (wrap := wrapper(arm))]
        if not views:
            return others[0] if others else None
        one = by_type(views) if len(views) > 1 else views[0].wrap
        return partial(one_or_many, one, others[0]) if others else one
    if origin is list and (inner := wrapper(get_args(hint)[0])):
        return partial(wrap_each, inner)
    if origin is dict and (inner := wrapper(get_args(hint)[1])):
        return partial(wrap_values, inner)
    hint = origin or hint  # ParsedMessage[M] is a ParsedMessage
    if isinstance(hint, type) and issubclass(hint, View):
        return hint.wrap
    return None


def wrap_each(wrap: Wrap, values: Any) -> Any:
    """`values` with each of them wrapped, in place: the list is the view's own, and a new one would be larger."""
    if type(values) is list:
        for place, value in enumerate(values):
            values[place] = wrap(value)
    return values


def wrap_values(wrap: Wrap, values: Any) -> Any:
    """As `wrap_each`, of an object whose keys are free."""
    if type(values) is dict:
        for name, value in values.items():
            values[name] = wrap(value)
    return values


def one_or_many(one: Wrap, many: Wrap, value: Any) -> Any:
    """A field that holds an object, or a list of them."""
    return (many if type(value) is list else one)(value)


def by_type(views: list[type[View]]) -> Wrap:
    """Choose the first view whose `type` literal matches: the first of all where none is, a plain View for an unknown one."""
    table = {tag: view for view in reversed(views) for tag in tags_of(view)}

    def wrap(data: Any) -> Any:
        if type(data) is not dict:
            return data
        tag = data.get("type")
        return (table.get(tag, View) if isinstance(tag, str) else views[0]).wrap(data)

    return wrap


def tags_of(view: type[View]) -> tuple[Any, ...]:
    """The literals that `type` may be. Of all annotations only this one is evaluated, as unions have up to thirty members."""
    home = next(base for base in view.__mro__ if "type" in vars(base).get("__annotations__", ()))
    hint = home.__annotations__["type"]
    return _literals(eval(hint, vars(sys.modules[home.__module__])) if isinstance(hint, str) else hint)


def _literals(hint: Any) -> tuple[Any, ...]:
    inner = get_args(hint)
    return inner if get_origin(hint) is Literal else tuple(tag for arm in inner for tag in _literals(arm))
