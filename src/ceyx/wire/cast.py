"""Calls by hand: any path, its answer read as any type."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_args
from urllib.parse import parse_qsl, quote

from ceyx.wire.call import OPTIONS, Call, Options
from ceyx.wire.collecting import Collector
from ceyx.wire.message import Response

AS_IT_CAME: dict[Any, Callable[[bytes], Any]] = {
    bytes: lambda content: content,
    str: lambda content: content.decode("utf-8", "replace"),
    None: lambda content: None,
    type(None): lambda content: None,
}
ALSO = {"headers": "extra_headers", "params": "extra_query", "extra_json": "extra_body"}  # what `openai` calls them here


def reading(
    cast_to: Any,
    method: str,
    path: str,
    body: object = None,
    options: Options | None = None,
    stream: bool = False,
    stream_cls: Any = None,
    files: Any = None,
) -> Call[Any]:
    """The call for `path`, whose answer is read as `cast_to`. With `stream`, each event is, or else as `stream_cls` says.

    `files` are sent in a form, with `body` as its fields: a mapping, or pairs where several have one name. `cast_to` is a view, a
    model of pydantic, `dict`, `str`, `bytes`, None, a class of HTTP responses (ours or httpx's), or any type that msgspec can
    convert to. Raises ValueError and TypeError for what is no path, method, option, file or stream.
    """
    if "://" in path:
        raise ValueError(f"path is {path!r}; give what follows the base_url, such as '/models'")
    if not (method.isascii() and method.isalpha()):
        raise ValueError(f"method is {method!r}; it is a word such as 'GET'")
    method = method.upper()
    path, _, query = path.partition("?")
    path = quote(path if path.startswith("/") or not path else f"/{path}", safe="/%:@!$'()*+,;~[]")
    if stream and stream_cls is not None:
        cast_to = _event_of(stream_cls)
    call: Call[Any]
    if not stream and (cast_to is None or isinstance(cast_to, type)) and cast_to in AS_IT_CAME:
        call = Call(method, path, AS_IT_CAME[cast_to], _known(options), reads="bytes")
    elif not stream and _is_response(cast_to):
        call = Call(method, path, _into(cast_to), _known(options), reads="response")
    else:
        call = Call(method, path, _converter(cast_to), _known(options))
    call.query = _parsed(query) if query or method in ("GET", "DELETE") else None
    sent: Any = body
    if hasattr(sent, "model_dump"):
        sent = sent.model_dump(mode="json", by_alias=True, exclude_unset=True)
    call.body = dict(sent) if isinstance(sent, Mapping) else sent
    if files:
        call.files, call.body = _with_files(call.body, files)
    if stream:
        call.reads, call.each = "events", partial(Collector, call.decode)
    return call


def _event_of(stream_cls: Any) -> Any:
    """What `Stream[X]` is a stream of."""
    (event,) = get_args(stream_cls) or (None,)
    if event is None:
        raise TypeError(
            f"stream_cls is {stream_cls!r}, which does not say of what; give Stream[ChatCompletionChunk], or the like"
        )
    return event


def _with_files(body: Any, files: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the files, and the form that holds them and the fields of `body`."""
    if body is not None and not isinstance(body, dict):
        raise TypeError(f"body is a {type(body).__name__}; beside files it is a mapping, whose items are the fields of the form")
    given: dict[str, Any] = {}
    for name, file in files.items() if isinstance(files, Mapping) else files:
        if name not in given:
            given[name] = file
        elif name.endswith("[]"):  # how a form has several of one name
            given[name] = [*(given[name] if isinstance(given[name], list) else [given[name]]), file]
        else:
            raise ValueError(f"files has {name!r} twice; where the API takes several, it calls them {name + '[]'!r}")
    form = {name.removesuffix("[]") if isinstance(file, list) else name: file for name, file in given.items()}
    if doubled := form.keys() & (body or {}).keys():
        raise ValueError(f"body and files both have {min(doubled)!r}; give it in one of them")
    return tuple(form), {**(body or {}), **form}


def _known(options: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {ALSO.get(name, name): value for name, value in (options or {}).items()}
    for name in known.keys() - set(OPTIONS):
        raise TypeError(f"{name!r} is no option of a single call; there are {', '.join(OPTIONS)}")
    return known


def _parsed(query: str) -> dict[str, Any]:
    """A query as parameters; a repeated one is a list."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found


def _is_response(cast_to: Any) -> bool:
    return isinstance(cast_to, type) and any(base.__name__ == "Response" for base in cast_to.__mro__)


def _into(response_class: Any) -> Callable[[Response], Any]:
    """How our response becomes one of httpx's, or stays as it is."""
    if issubclass(Response, response_class):
        return lambda response: response
    library: Any = sys.modules[response_class.__module__.partition(".")[0]]

    def convert(response: Response) -> Any:
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-encoding"}  # it is decoded
        request = library.Request(response.request.method, response.url)
        return response_class(response.status_code, headers=headers, content=response.content, request=request)

    return convert


def _converter(cast_to: Any) -> Callable[[Any], Any]:
    convert = getattr(cast_to, "wrap", None) or getattr(cast_to, "model_validate", None)
    if convert is not None:
        return convert  # type: ignore[no-any-return]
    if cast_to in (object, Any, dict, list):
        return lambda data: data
    import msgspec

    return lambda data: msgspec.convert(data, cast_to)
