"""What is worked out of a stream only when somebody asks.

An event tells of the piece that came, and of the whole up to it. Most readers want the piece; putting the whole together for
each of them takes, for a text of n pieces, time of the order of n squared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ceyx.wire.view import View, new

V = TypeVar("V", bound="LateView")


class LateView(View):
    """A view some of whose fields are worked out when they are first read, and kept from then on."""

    if TYPE_CHECKING:
        _late: dict[str, Callable[[], Any]] = {}
    else:
        __slots__ = ("_late",)

        def __getattr__(self, name):
            work = None if name == "_late" else getattr(self, "_late", {}).get(name)
            if work is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return self.__dict__.setdefault(name, work())

    def _fields(self) -> dict[str, Any]:
        for name in getattr(self, "_late", ()):  # one that was copied or unpickled has them all
            getattr(self, name)
        return self.__dict__


def late(view: type[V], fields: dict[str, Any], **late: Callable[[], Any]) -> V:
    """A view of `fields`, which it now owns, and of what `late` works out."""
    made = new(view)
    made.__dict__ = fields
    made._late = late
    return made


class Pieces:
    """A text in pieces, to which more are added at the end."""

    __slots__ = ("_joined", "_of", "_pieces")

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._joined, self._of = "", 0  # the text of the first so many, from which the next one is made

    def __len__(self) -> int:
        return len(self._pieces)

    def until(self, count: int) -> str:
        """The text of the first `count` pieces."""
        if count < self._of:
            return "".join(self._pieces[:count])
        self._joined, self._of = self._joined + "".join(self._pieces[self._of : count]), count
        return self._joined
