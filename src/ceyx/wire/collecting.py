"""Reading the events of one stream: each as its view, and from all of them whether the stream is whole and what it amounts to.

Knows events that are decoded already; their bytes are for `sse.py`, and the network for `streaming.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, Generic, TypeVar

from ceyx.errors import OpenAIError
from ceyx.wire.sse import MAX_EVENT_BYTES

E = TypeVar("E")


class ErrorEvent(OpenAIError):
    """Raised by a collector for an event that is an error in a shape of its own; `body` is the event."""

    def __init__(self, body: Any) -> None:
        super().__init__("the server reported an error")
        self.body = body


class Collector(Generic[E]):
    """Reads events of any kind, knowing nothing of them: such a stream is whole whenever it ends. One is made for each stream."""

    max_event_bytes = MAX_EVENT_BYTES
    filter_raises = False
    """Whether who reads the stream raises for an answer that a content filter stopped, once it has come to its end."""

    def __init__(self, decode: Callable[[Any], E]) -> None:
        self._decode = decode

    def read(self, item: Any, /) -> E:
        """The view of a decoded event."""
        return self._decode(item)

    def unfinished(self) -> str | None:
        """What is missing of a whole stream, in words; None where nothing is."""
        return None

    def partial(self) -> Any:
        """What the events so far amount to, as a whole answer would show it, or the events themselves; None if none is kept."""
        return None

    def filtered(self) -> dict[str, Any] | None:
        """The part of the answer that a content filter stopped, as plain data; None where none did."""
        return None


class TypedEvents(Collector[E]):
    """Reads events that have a `type`, of which those in `last` end the stream. Keeps them: such streams have few events."""

    def __init__(self, decode: Callable[[Any], E], last: Set[str]) -> None:
        super().__init__(decode)
        self._last = last
        self._events: list[E] = []
        self._ended = False

    def read(self, item: Any, /) -> E:
        if type(item) is dict:
            kind = item.get("type")
            if kind == "error":
                raise ErrorEvent(item)
            self._ended = self._ended or kind in self._last
        event = self._decode(item)
        self._events.append(event)
        return event

    def unfinished(self) -> str | None:
        return None if self._ended else f"no {' or '.join(sorted(self._last))} event"

    def partial(self) -> list[E]:
        return self._events
