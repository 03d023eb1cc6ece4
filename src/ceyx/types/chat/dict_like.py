"""Views of what Azure adds to the API.

The `openai` package does not know these fields and gives dicts for them; programs that read them so go on working.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from ceyx.wire.view import View

__all__: list[str] = []  # a base of other modules' names


class DictLike(View):
    """A view that can be subscripted, searched and gone through like a dict, and that dumps as it was sent."""

    _whole = View._fields

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def get(self, name: str, default: Any = None) -> Any:
        return self.__dict__.get(name, default)

    def keys(self) -> KeysView[str]:
        return self.__dict__.keys()

    def values(self) -> ValuesView[Any]:
        return self.__dict__.values()

    def items(self) -> ItemsView[str, Any]:
        return self.__dict__.items()
