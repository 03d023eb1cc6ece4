"""Tools of LangChain as the API takes them, and which of them a model is to call. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from langchain_core.tools import BaseTool, Tool, tool as function_tool
from langchain_core.utils.function_calling import convert_to_openai_tool

from ceyx.structured import strict as made_strict

AnyTool = dict[str, Any] | type | Callable[..., Any] | BaseTool
BUILT_IN = frozenset(
    {
        "apply_patch",
        "code_interpreter",
        "computer_use_preview",
        "file_search",
        "image_generation",
        "mcp",
        "tool_search",
        "web_search",
        "web_search_preview",
    }
)
PASSED_ON = ("defer_loading", "async")  # extras of a LangChain tool that the API knows


def sent_tool(tool: AnyTool, *, strict: bool | None = None) -> dict[str, Any]:
    """A tool as the API takes it; one that is in its words already stays as it is.

    With `strict`, ValueError for a tool whose arguments no strict schema can say, or that says itself that it is not strict.
    """
    made = convert_to_openai_tool(tool)
    if made is not tool and strict is not None and "function" in made:
        made = {**made, "function": strictly(made["function"], strict)}
    extras = getattr(tool, "extras", None) if isinstance(tool, BaseTool) else None
    if isinstance(extras, Mapping):
        made.update({name: extras[name] for name in PASSED_ON if name in extras})
    return made


def strictly(function: dict[str, Any], strict: bool) -> dict[str, Any]:
    """A function that says whether its arguments are enforced, and has a schema that can be. ValueError where it has none."""
    if (said := function.get("strict", strict)) != strict:
        raise ValueError(
            f"the tool {function.get('name')!r} has 'strict' {said}, and strict={strict} was given; say it in one place"
        )
    made = {**function, "strict": strict}
    if strict and "parameters" in function:
        try:
            made["parameters"] = made_strict(function["parameters"])
        except ValueError as error:
            error.add_note(
                f"in the parameters of {function.get('name')!r}; make them so that they can be strict, or leave strict= out"
            )
            raise
    return made


def names_of(tools: Sequence[Mapping[str, Any]]) -> list[str]:
    return [name for tool in tools if (name := tool.get("function", tool).get("name")) is not None]


def sent_choice(choice: Any, names: Sequence[str]) -> Any:
    """`tool_choice` as the API takes it: the name of a tool, "any", True and their like are said in its words."""
    if isinstance(choice, str):
        if choice in names:
            return {"type": "function", "function": {"name": choice}}
        if choice in BUILT_IN:
            return {"type": choice}
        return "required" if choice == "any" else choice
    if isinstance(choice, bool):
        return "required"
    if isinstance(choice, dict):
        return choice
    raise ValueError(f"tool_choice is {choice!r}; give the name of a tool, 'auto', 'none', 'required', True or a dict")


def is_built_in(tool: Any) -> bool:
    """Whether a tool is of a kind that only the Responses API has."""
    return isinstance(tool, Mapping) and tool.get("type", "function") != "function"


def without_secrets(tools: Any) -> Any:
    """Tools fit for a trace: what authenticates at MCP servers is not shown."""
    if not isinstance(tools, list):
        return tools
    return [
        {**tool, **{name: "**REDACTED**" for name in ("headers", "authorization") if name in tool}}
        if isinstance(tool, Mapping) and tool.get("type") == "mcp"
        else tool
        for tool in tools
    ]


@overload
def custom_tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def custom_tool(*, format: Mapping[str, Any] | None = None, **options: Any) -> Callable[[Callable[..., Any]], Tool]: ...
def custom_tool(function: Any = None, /, *, format: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """Decorates a function of one string to be a tool that models call with text of their own, in place of JSON.

    `format` is the grammar the text must have, as the API takes it; the other options are those of langchain-core's `tool`.
    The Responses API has such tools.
    """

    def made(function: Callable[..., Any]) -> Any:
        tool: Any = function_tool(function, infer_schema=False, **options)
        tool.metadata = {**(tool.metadata or {}), "type": "custom_tool", **({"format": format} if format is not None else {})}
        return tool

    return made if function is None else made(function)
