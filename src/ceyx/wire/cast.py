"""Calls by hand: any path, its answer read as any type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from ceyx.wire.call import Call, Options


def reading(
    cast_to: Any, method: str, path: str, body: object = None, options: Options | None = None, stream: bool = False
) -> Call[Any]:
    """The call for `path` whose answer is read as `cast_to`: a view, a model of pydantic, `dict`, `str`, `bytes`, None, or any
    type that msgspec can convert to. With `stream`, each event is."""
    if "://" in path:
        raise ValueError(f"path is {path!r}; give what follows the base_url, such as '/models'")
    whole: dict[Any, Callable[[bytes], Any]] = {
        bytes: lambda content: content,
        str: lambda content: content.decode("utf-8", "replace"),
        None: lambda content: None,
        type(None): lambda content: None,
    }
    if not method.isalpha():
        raise ValueError(f"method is {method!r}; it is a word such as 'GET'")
    path = quote(path if path.startswith("/") or not path else f"/{path}", safe="/%?&=:@!$'()*+,;~[]")
    if not stream and _hashable(cast_to) and cast_to in whole:
        call: Call[Any] = Call(method, path, whole[cast_to], dict(options or {}), reads="bytes")
    else:
        call = Call(method, path, _converter(cast_to), dict(options or {}))
    call.query = dict(call.query or {}) if method in ("GET", "DELETE") else None
    sent: Any = dict(body) if isinstance(body, Mapping) else body
    call.body = sent
    if stream:
        call.reads = "events"
    return call


def _hashable(value: Any) -> bool:
    return isinstance(value, type) or value is None


def _converter(cast_to: Any) -> Callable[[Any], Any]:
    convert = getattr(cast_to, "wrap", None) or getattr(cast_to, "model_validate", None)
    if convert is not None:
        return convert  # type: ignore[no-any-return]
    if cast_to in (object, Any, dict, list):
        return lambda data: data
    import msgspec

    return lambda data: msgspec.convert(data, cast_to)
