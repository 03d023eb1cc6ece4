"""Bodies as JSON: what is sent, less what was given as `omit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, get_origin

import msgspec

from ceyx.wire.call import Omit, without_omitted
from ceyx.wire.view import View


class _NotAsItIs(Exception):
    """The body holds an `omit`, or an iterator, which an encoder that meets an `omit` later would have used up."""


class _Refused(Exception):
    """The body holds this value, for which JSON has nothing."""

    def __init__(self, value: object) -> None:
        self.value = value


_BYTES = (bytes, bytearray, memoryview)


def _plain(value: Any) -> Any:
    """What JSON cannot hold as it is: views, models of pydantic, mappings, other collections, arrays."""
    if isinstance(value, Omit | Iterator):
        raise _NotAsItIs
    if _is_a_type(value) or isinstance(value, _BYTES):
        raise _Refused(value)
    if isinstance(value, tuple | frozenset) or value is None:  # as values, the encoder knows them: these are keys
        raise TypeError(f"{value!r:.80} is the key of a field; in JSON, keys are text")
    if isinstance(value, str | int | float):  # a subclass, which the encoder does not take for what it is
        return str.__str__(value) if isinstance(value, str) else float(value) if isinstance(value, float) else int(value)
    if isinstance(value, View):
        return value._sent()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if hasattr(value, "tolist"):  # numpy
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise _Refused(value)


def _is_a_type(value: Any) -> bool:
    """Whether it is a class, or one such as `list[City]`, some of which can be iterated."""
    return isinstance(value, type) or get_origin(value) is not None


def _leaves(value: Any) -> Iterator[Any]:
    if hasattr(value, "model_dump") or hasattr(value, "tolist"):
        value = _plain(value)
    if isinstance(value, Mapping):
        value = value.values()
    elif isinstance(value, str | bytes | bytearray | memoryview) or not isinstance(value, Iterable):
        yield value
        return
    for inner in value:
        yield from _leaves(inner)


def _not_finite(value: Any) -> bool:
    return not (isfinite(value) if isinstance(value, float) else value.is_finite() if isinstance(value, Decimal) else True)


def _bytes_in(body: Any) -> Any:
    """The first bytes in dicts and lists; None where there are none. The encoder writes them as base64, and asks nobody."""
    found: list[Iterable[Any]] = [(body,)]
    for values in found:  # which grows meanwhile
        for value in values:
            kind = type(value)
            if kind is str:
                continue
            if kind is dict:
                found.append(value.values())
            elif kind is list or kind is tuple:
                if value and type(value[0]) is not int and type(value[0]) is not float:  # tokens and vectors are long
                    found.append(value)
            elif kind in _BYTES:
                return value
    return None


def _path(body: Any, wanted: object, so_far: str = "") -> str | None:
    """Where in a body a value is, such as `messages[0].content`."""
    if body is wanted:
        return so_far
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(body, View):
        body = body._sent()
    if isinstance(body, Mapping):
        inner = ((f"{so_far}.{name}" if so_far else str(name), value) for name, value in body.items())
    elif isinstance(body, list | tuple):
        inner = ((f"{so_far}[{place}]", value) for place, value in enumerate(body))
    return next((path for name, value in inner if (path := _path(value, wanted, name)) is not None), None)


def _why(body: Any, value: Any) -> str:
    place = _path(body, value) or "a value in the request"
    kind = type(value).__name__
    if isinstance(value, _BYTES):
        return f"{place} is {kind}, which JSON does not have; send text, and files as base64 text"
    if _is_a_type(value):
        name = value.__name__ if isinstance(value, type) else str(value)
        return f"{place} is the type {name}; parse() reads answers as a type, and pydantic_function_tool({name}) makes a tool"
    return f"{place} is a {kind}, and a {kind} cannot be sent as JSON; give plain values, lists, dicts or models"


_encode = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number").encode


def encoded(body: Any) -> bytes:
    """`body` as JSON. Raises TypeError or ValueError for what JSON cannot hold."""
    try:
        content = _encode(body)
        # The encoder writes them as null, and decimals by their names.
        if (b"null" in content or b"NaN" in content or b"Infinity" in content) and any(map(_not_finite, _leaves(body))):
            raise ValueError("the request holds a number that is infinite or no number (nan), which JSON does not have")
        if (value := _bytes_in(body)) is not None:
            raise _Refused(value)
        return content
    except _Refused as error:
        raise TypeError(_why(body, error.value)) from None
    except _NotAsItIs:
        return encoded(without_omitted(body))
    except UnicodeEncodeError as error:
        raise ValueError(f"the request holds text with a lone surrogate (at {error.start}); see how it was decoded") from None
    except RecursionError:
        raise ValueError("the request holds itself, or is nested too deep for JSON") from None
