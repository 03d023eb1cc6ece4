"""Which files a search looks at, by their attributes, as it comes back; `shared_params` has it as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = ["ComparisonFilter", "CompoundFilter"]


class ComparisonFilter(View):
    """Files whose attribute `key` compares with `value` like this."""

    key: str
    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    value: str | float | bool | list[str | float]


Filter = ComparisonFilter | object


class CompoundFilter(View):
    """Files that all filters let pass, or any of them."""

    filters: list[Filter]
    type: Literal["and", "or"]
