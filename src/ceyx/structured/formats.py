"""What the API is asked for, and how what comes is read: response formats, tools made from types, their arguments.

Serves chat completions and responses alike, whole or streamed; knows neither requests nor answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ceyx.structured.shapes import Shape, shape
from ceyx.wire.call import Omit, omit

if TYPE_CHECKING:
    from ceyx.types.chat.chat_completion_tool_param import ChatCompletionFunctionToolParam
    from ceyx.types.shared_params.response_format_json_schema import ResponseFormatJSONSchema

T = TypeVar("T")


def response_format_of(type: Any, *, strict: bool = True) -> ResponseFormatJSONSchema:
    """`response_format` of chat completions for a value of this type. Raises ValueError for a type that cannot be strict."""
    made = shape(type)
    return {"type": "json_schema", "json_schema": {"schema": made.told(strict), "name": made.name, "strict": strict}}


def text_format_of(type: Any, *, strict: bool = True) -> dict[str, Any]:
    """`text.format` of responses for a value of this type. Raises ValueError for a type that cannot be strict."""
    made = shape(type)
    return {"type": "json_schema", "strict": strict, "name": made.name, "schema": made.told(strict)}


def parsed(text: str | bytes, type: type[T]) -> T:
    """JSON text, as the API gives it for the format of this type, as a value of it.

    Raises what the type's library raises for text that does not fit: pydantic's or msgspec's ValidationError, both ValueErrors.
    """
    made: Shape[T] = shape(cast("Any", type))
    return made.read(text)


# ---- tools


class ModelFunction(dict[str, Any]):
    """The definition of a function, which remembers the type of its arguments."""

    def __init__(self, definition: dict[str, Any], model: Any) -> None:
        super().__init__(definition)
        self.model = model


def _definition(model: Any, name: str | None, description: str | None, strict: bool) -> dict[str, Any]:
    made = shape(model)
    defined = {"name": name or made.name, "strict": strict, "parameters": made.told(strict)}
    if description is None:
        description = getattr(model, "__doc__", None)
        if description and description.startswith(f"{made.name}("):  # what `dataclass` writes where there is none
            description = None
    return defined if description is None else {**defined, "description": description}


def pydantic_function_tool(
    model: type[Any], *, name: str | None = None, description: str | None = None, strict: bool = True
) -> ChatCompletionFunctionToolParam:
    """A tool for chat completions whose arguments are a `model`: one of pydantic, a dataclass, TypedDict or Struct.

    Name and description are those of the type unless given. `parse()` reads the arguments of its calls as a `model`. Raises
    ValueError for a type that cannot be strict, with the field that is why.
    """
    return {"type": "function", "function": cast("Any", ModelFunction(_definition(model, name, description, strict), model))}


def pydantic_responses_function_tool(
    model: type[Any],
    *,
    name: str | None = None,
    description: str | None = None,
    defer_loading: bool | Omit = omit,
    strict: bool = True,
) -> Any:
    """As `pydantic_function_tool`, for responses. `defer_loading` leaves it to a tool search to bring the tool up."""
    tool = ModelFunction({"type": "function", **_definition(model, name, description, strict)}, model)
    if not isinstance(defer_loading, Omit):
        tool["defer_loading"] = defer_loading
    return tool


def _function(tool: Any) -> Any:
    """The definition of a function tool, of chat completions or responses; None for a tool of another kind."""
    return tool.get("function", tool) if tool.get("type") == "function" else None


def listed(tools: Iterable[Any]) -> list[Any]:
    """`tools` in a list of their own. Raises TypeError for a type among them."""
    tools = list(tools)
    for place, tool in enumerate(tools):
        if isinstance(tool, type):
            raise TypeError(f"tools[{place}] is the type {tool.__name__}; give pydantic_function_tool({tool.__name__})")
    return tools


def checked(tools: Iterable[Any]) -> list[Any]:
    """`tools`, if the arguments of each can be read. Raises ValueError for one that is no function or has no promised shape."""
    tools = listed(tools)
    for place, tool in enumerate(tools):
        if (function := _function(tool)) is None:
            what = f"tools[{place}] is of type {tool.get('type')!r}, and parse() reads the arguments of function tools only"
            raise ValueError(f"{what}; leave it out, or use create()")
        if not function.get("strict") and not hasattr(function, "model"):
            what = f"the tool {function.get('name')!r} (tools[{place}]) is not strict, so its arguments may be anything"
            raise ValueError(f"{what}; set strict to True, make it with pydantic_function_tool(), or use create()")
    return tools


def parsed_arguments(tool_call: Any, tools: Iterable[Any]) -> object | None:
    """The arguments of a call: a value of the tool's type, else what the JSON says if the tool is strict, else None.

    Takes calls of chat completions and of responses. Raises a ValueError, as `parsed` does, for arguments that do not fit.
    """
    called = getattr(tool_call, "function", tool_call)
    for function in filter(None, map(_function, tools)):
        if function.get("name") == called.name:
            if (model := getattr(function, "model", None)) is not None:
                return cast("object", shape(model).read(called.arguments))
            return json.loads(called.arguments) if function.get("strict") else None
    return None
