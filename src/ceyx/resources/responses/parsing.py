"""Responses that are to be read as what the caller asks for: what is sent, and how what comes is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from types import MethodType
from typing import Any

from ceyx.resources.required import complete
from ceyx.streams.reading import Reading
from ceyx.streams.reading_responses import read_response
from ceyx.structured import formats
from ceyx.types.responses.parsed_response import ParsedResponse
from ceyx.types.responses.response import Response
from ceyx.wire.call import OPTIONS, Call, Omit, segment


def asked(params: Any, text_format: Any, parse_as: Any, strict: bool) -> Callable[[Any], ParsedResponse[Any]]:
    """How to read the answer to `params`, in which the format and the tools are put as they are sent.

    Raises ValueError for a type that cannot be strict, TypeError for a second format and for a stream.
    """
    if params.get("stream"):
        raise TypeError("parse() reads whole responses; leave stream= out, or use stream()")
    kind = format_in(params, text_format, strict)
    reading = Reading(kind if isinstance(parse_as, Omit) else parse_as, tools_in(params))

    def read(view: type[ParsedResponse[Any]], data: Any) -> ParsedResponse[Any]:
        return read_response(view.wrap(data), reading)

    return MethodType(read, ParsedResponse)  # bound as a view's own `wrap` is, so that it is given objects only


def format_in(params: Any, text_format: Any, strict: bool) -> Any:
    """The type to read the text as, whose format is put into `params`; None where nothing is to be read."""
    if text_format is None or isinstance(text_format, Omit):
        return None
    text = params.get("text") or {}
    if "format" in text:
        raise TypeError("text_format and text['format'] both say what the text shall be; give one of them")
    params["text"] = {**text, "format": formats.text_format_of(text_format, strict=strict)}
    return text_format


def tools_in(params: Any) -> Any:
    """The tools of `params`, in which those in the shape of chat completions are put in that of responses."""
    if params.get("tools"):
        params["tools"] = list(map(_flat, formats.listed(params["tools"])))
    return params.get("tools")


def _flat(tool: Any) -> Any:
    """A tool as responses have it: what chat completions have below `function` lies beside `type`."""
    function = tool.get("function")
    if function is None:
        return {**tool, "tools": list(tool["tools"])} if tool.get("type") == "namespace" else tool
    flat = {"type": "function", **function}
    return formats.ModelFunction(flat, function.model) if hasattr(function, "model") else flat


def streamed(params: Any, text_format: Any, strict: bool, fixed_model: bool) -> tuple[Any, Call[Any], Callable[..., Any]]:
    """The context managers of a stream of events, the call that they send, and the maker of its state."""
    from ceyx.streams import responses
    from ceyx.streams.collected import ResponseCollector

    id_, after = params.pop("response_id", None), params.pop("starting_after", None)
    if isinstance(after, Omit):
        after = None
    state = partial(responses.ResponseStreamState, starting_after=after)
    if id_ and not isinstance(id_, Omit):
        return responses.MANAGERS, *_again(params, id_, text_format, state)
    if after is not None:
        raise TypeError("starting_after goes with response_id: it says where in the events of that response to begin")
    if "prompt" not in params and ("model" not in params or "input" not in params):
        complete(params, "input", "model", fixed_model=fixed_model)
    params["stream"] = True
    kind = format_in(params, text_format, strict)
    state = partial(state, text_format=kind, input_tools=tools_in(params))
    return responses.MANAGERS, Call("POST", "/responses", Response.wrap, params, ResponseCollector), state


def _again(params: Any, id_: str, kind: Any, state: Any) -> tuple[Call[Any], Callable[..., Any]]:
    """The call for a response that there is. All its events are asked for: snapshots need those that were seen, too."""
    from ceyx.streams.collected import ResponseCollector

    state = partial(state, text_format=kind, input_tools=tools_in(params))
    params.pop("tools", None)
    given: Iterable[str] = [name for name in params if name not in (*OPTIONS, "include", "include_obfuscation")]
    if wrong := sorted(name for name in given if not isinstance(params[name], Omit)):
        raise TypeError(
            f"response_id names a response that there is, and {', '.join(wrong)} would make a new one; leave out either"
        )
    own = {name: value for name, value in params.items() if name not in given}
    return Call("GET", f"/responses/{segment(id_)}", Response.wrap, {**own, "stream": True}, ResponseCollector), state
