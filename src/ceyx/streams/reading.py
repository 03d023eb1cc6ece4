"""How a streamed answer is to be read: its text as one type, the arguments of its calls as their tools have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ceyx.streams.partial_json import begun
from ceyx.structured import formats
from ceyx.structured.shapes import shape
from ceyx.wire.call import Omit
from ceyx.wire.view import View


class Reading:
    """`kind` is a type, or what says that the text is not to be read: a format in the API's own words, or nothing."""

    def __init__(self, kind: Any, tools: Any) -> None:
        self.kind = None if kind is None or isinstance(kind, Omit | Mapping) else kind
        self._functions: dict[tuple[Any, Any], Any] = {
            (None, definition.get("name")): definition for definition in _definitions(tools)
        }
        for tool in () if isinstance(tools, Omit) else tools or ():
            if tool.get("type") == "namespace":
                within = {(tool["name"], definition.get("name")): definition for definition in _definitions(tool["tools"])}
                self._functions |= within
        self.asked = self.kind is not None or any(map(_is_read, self._functions.values()))
        """Whether anything is to be read."""

    def text(self, text: str) -> Any:
        """A whole text, read. Raises a ValueError for one that does not fit."""
        return None if self.kind is None or not text else formats.parsed(text, self.kind)

    def text_begun(self, so_far: Callable[[], str]) -> Any:
        """What is whole of a text, as dicts and lists."""
        return None if self.kind is None else _begun(so_far(), self.kind)

    def arguments(self, name: str, arguments: str, namespace: str | None = None) -> Any:
        """The whole arguments of a call, read. Raises a ValueError for arguments that do not fit."""
        function = self._functions.get((namespace, name))
        if function is None and namespace == name:  # so the API names tools that were brought up late
            function = self._functions.get((None, name))
        if function is None:
            return None
        return formats.parsed_arguments(View(name=name, arguments=arguments), [{"type": "function", "function": function}])

    def arguments_begun(self, name: str, so_far: str) -> Any:
        """What is whole of the arguments of a call, as dicts and lists."""
        function = self._functions.get((None, name))
        return _begun(so_far, getattr(function, "model", None)) if function is not None and _is_read(function) else None


def _definitions(tools: Any) -> Iterator[Any]:
    """The definitions of those tools that are functions, in the shape of chat completions or of responses."""
    for tool in () if isinstance(tools, Omit) else tools or ():
        if tool.get("type") == "function":
            yield tool.get("function", tool)


def _is_read(function: Any) -> bool:
    return bool(function.get("strict")) or hasattr(function, "model")


def _begun(text: str, kind: Any) -> Any:
    value = begun(text)
    if kind is not None and shape(kind).wrapped:  # the API gives nothing but objects, so the value is in a field of one
        return value.get("value") if isinstance(value, dict) else None
    return value
