"""Dumps of views that have less than all, as pydantic's `include`, `exclude` and `exclude_defaults` say. Few ask for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ceyx.wire.view import View, dumped, has_default


class Pruning:
    """Dumps of parts: what `include` names, less what `exclude` names. Both may nest, by name, index or `"__all__"`."""

    def __init__(self, unset: bool, nones: bool, defaults: bool) -> None:
        self.unset, self.nones, self.defaults = unset, nones, defaults

    def of(self, value: Any, include: Any, exclude: Any) -> Any:
        """`value`, as far as it is wanted."""
        if type(value) is list:
            return [kept for _, kept in self.parts(enumerate(value), include, exclude, len(value))]
        if type(value) is dict:
            return dict(self.parts(value.items(), include, exclude))
        if not isinstance(value, View):
            return dumped(value, self.unset, self.nones)
        fields = value._fields() if self.unset else value._whole()
        if self.nones:
            fields = {name: inner for name, inner in fields.items() if inner is not None}
        if self.defaults:
            view, blank = type(value), value._unsent()
            defaults = {name: default for name, default in blank.items() if has_default(view, name)}
            fields = {name: inner for name, inner in fields.items() if name not in defaults or inner != defaults[name]}
        return dict(self.parts(fields.items(), include, exclude))

    def parts(self, items: Any, include: Any, exclude: Any, length: int = 0) -> Iterator[tuple[Any, Any]]:
        for key, inner in items:
            within = True if include is None else named(include, key, length)
            without = named(exclude, key, length)
            if within and without is not True:
                yield key, self.of(inner, None if within is True else within, without or None)


def named(names: Any, key: Any, length: int) -> Any:
    """What `names` (a set, or a mapping to more names) says of `key`: True for all of it, more names, or None for nothing."""
    keys = (key, key - length, "__all__") if length else (key, "__all__")  # places in a list may count from its end
    if isinstance(names, Mapping):
        said = next((names[each] for each in keys if each in names), None)
        return True if said is ... else said
    return True if names and any(each in names for each in keys) else None
