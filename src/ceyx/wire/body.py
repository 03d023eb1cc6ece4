"""Bodies as JSON: what is sent, less what was given as `omit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from ceyx.wire.call import Omit, without_omitted
from ceyx.wire.view import View


class _NotAsItIs(Exception):
    """The body holds an `omit`, or an iterator, which an encoder that meets an `omit` later would have used up."""


def _plain(value: Any) -> Any:
    """What JSON cannot hold as it is: views, models of pydantic, mappings, other collections, arrays."""
    if isinstance(value, Omit | Iterator):
        raise _NotAsItIs
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
    raise TypeError(f"a {type(value).__name__} cannot be sent as JSON; give plain values, lists, dicts or models")


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


_encode = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number").encode


def encoded(body: Any) -> bytes:
    """`body` as JSON. Raises TypeError or ValueError for what JSON cannot hold."""
    try:
        content = _encode(body)
        # The encoder writes them as null, and decimals by their names.
        if (b"null" in content or b"NaN" in content or b"Infinity" in content) and any(map(_not_finite, _leaves(body))):
            raise ValueError("the request holds a number that is infinite or no number (nan), which JSON does not have")
        return content
    except _NotAsItIs:
        return encoded(without_omitted(body))
    except UnicodeEncodeError as error:
        raise ValueError(f"the request holds text with a lone surrogate (at {error.start}); see how it was decoded") from None
    except RecursionError:
        raise ValueError("the request holds itself, or is nested too deep for JSON") from None
