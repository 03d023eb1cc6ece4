"""Bodies as JSON: what is sent, less what was given as `omit`, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ceyx.wire.call import Omit, without_omitted
from ceyx.wire.view import View

decoded = msgspec.json.decode


class _NotAsItIs(Exception):
    """The body holds an `omit`, or an iterator, which an encoder that meets an `omit` later would have used up."""


def _plain(value: Any) -> Any:
    """What JSON cannot hold as it is: views, models of pydantic, mappings, other collections, arrays."""
    if isinstance(value, Omit | Iterator):
        raise _NotAsItIs
    if isinstance(value, View):
        return value._fields()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if hasattr(value, "tolist"):  # numpy
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"a {type(value).__name__} cannot be sent as JSON; give plain values, lists, dicts or models")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def encoded(body: Any) -> bytes:
    """`body` as JSON. Raises TypeError or ValueError for what JSON cannot hold."""
    try:
        return _encode(body)
    except _NotAsItIs:
        return _encode(without_omitted(body))
    except UnicodeEncodeError as error:
        raise ValueError(f"the request holds text with a lone surrogate (at {error.start}); see how it was decoded") from None
    except RecursionError:
        raise ValueError("the request holds itself, or is nested too deep for JSON") from None
