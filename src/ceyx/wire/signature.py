"""What `inspect.signature`, `help` and `mock.create_autospec` see of an endpoint: its parameters by name. Runs when asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any, NotRequired, Required, get_args, get_origin, get_type_hints

from ceyx.wire.call import OPTIONS, Call, Pages, omit


def spelled_out(build: Callable[..., Any], accepts: Callable[..., Any]) -> inspect.Signature:
    """The signature of `accepts`, giving what `build` gives.

    `**params: Unpack[T]` becomes the keys of T: required ones first, options last.
    """
    # Types of parameters are imported for type checkers only; the module of the endpoint says in which modules they are.
    known: dict[str, Any] = {}
    for module in build.__globals__.get("PARAMETERS", "").split():
        known |= vars(import_module(module))
    written, hints = inspect.signature(accepts, follow_wrapped=False), get_type_hints(accepts, localns=known)
    parameters = [p.replace(annotation=hints.get(p.name, p.annotation)) for p in written.parameters.values()]
    if parameters[-1].kind is inspect.Parameter.VAR_KEYWORD:
        params = get_args(parameters.pop().annotation)[0]
        types, marked = _hints(params, False), _hints(params, True)
        required = {  # __required_keys__ alone does not see Required[] in a postponed annotation
            key
            for key in types
            if get_origin(marked[key]) is Required
            or (key in params.__required_keys__ and get_origin(marked[key]) is not NotRequired)
        }
        if accepts is not build:
            required.discard("stream")
        parameters += [
            inspect.Parameter(
                key,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=types[key],
                default=inspect.Parameter.empty if key in required else omit,
            )
            for key in sorted(types, key=lambda key: (key not in required, key in OPTIONS))
        ]
    gives = get_type_hints(build, localns=known).get("return")
    if get_origin(gives) in (Call, Pages, Generator):  # of a flow, the last of three is what it returns
        gives = get_args(gives)[-1]
    return written.replace(parameters=parameters, return_annotation=gives)


def _hints(params: Any, extras: bool) -> dict[str, Any]:
    """The types of a TypedDict's keys; as they are written where they name what only type checkers import."""
    try:
        return get_type_hints(params, include_extras=extras)
    except NameError:
        return {name: getattr(hint, "__forward_arg__", hint) for name, hint in params.__annotations__.items()}
