"""Which files a search looks at, by their attributes, as it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = ["ComparisonFilter", "CompoundFilter"]


class ComparisonFilter(TypedDict, total=False):
    """Files whose attribute `key` compares with `value` like this."""

    key: Required[str]
    """The attribute's name."""
    type: Required[Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]]
    """How to compare; `in` and `nin` take a list."""
    value: Required[str | float | bool | Sequence[str | float]]
    """What to compare with."""


Filter = ComparisonFilter | object


class CompoundFilter(TypedDict, total=False):
    """Files that all filters let pass, or any of them."""

    filters: Required[Iterable[Filter]]
    """The filters: comparisons, or compounds again."""
    type: Required[Literal["and", "or"]]
    """Whether all must let a file pass, or any."""
