"""Calls of functions, of custom tools and of the tools that look things up, as they come back."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.response_input_content import ResponseInputContent
from ceyx.types.responses.tool import Tool
from ceyx.wire.view import Promised, View

__all__ = [
    "ResponseCodeInterpreterToolCall", "ResponseCustomToolCall", "ResponseCustomToolCallItem", "ResponseCustomToolCallOutput",
    "ResponseCustomToolCallOutputItem", "ResponseFileSearchToolCall", "ResponseFunctionToolCall",
    "ResponseFunctionToolCallItem", "ResponseFunctionToolCallOutputItem", "ResponseFunctionWebSearch", "ResponseToolSearchCall",
    "ResponseToolSearchOutputItem", "ResponseToolSearchOutputItemParam",
]  # fmt: skip


class CallerDirect(View):
    """The model calls."""

    type: Literal["direct"]


class CallerProgram(View):
    """A program calls, which the model wrote."""

    caller_id: str
    """The `call_id` of the program."""
    type: Literal["program"]


Caller = CallerDirect | CallerProgram


class ResponseFunctionToolCall(View):
    """A function the model wants called."""

    arguments: str
    """JSON as the model wrote it: it may be invalid without `strict`."""
    call_id: str
    """To be repeated with the result."""
    name: str
    type: Literal["function_call"]
    id: str | None = None
    caller: Caller | None = None
    namespace: str | None = None
    status: Literal["in_progress", "completed", "incomplete"] | None = None

    @property
    def async_(self) -> bool | None:
        """Whether the model goes on before the result is there; `async`, its name on the wire, is a keyword."""
        return self.__dict__.get("async")


# Items that are stored narrow fields of those that are not: unsound where such a field is assigned to, which replies never are.


class ResponseFunctionToolCallItem(ResponseFunctionToolCall):
    """A function call, as it is stored."""

    id: str  # pyright: ignore
    status: Literal["in_progress", "completed", "incomplete"]  # pyright: ignore
    created_by: str | None = None


class ResponseFunctionToolCallOutputItem(View):
    """What a function gave, as it is stored."""

    id: Promised[str]
    output: str | list[ResponseInputContent]
    status: Promised[Literal["in_progress", "completed", "incomplete"]]
    type: Literal["function_call_output"]
    call_id: str | None = None
    caller: Caller | None = None
    created_by: str | None = None
    name: str | None = None
    namespace: str | None = None


class ResponseCustomToolCall(View):
    """A custom tool the model wants called."""

    call_id: str
    input: str
    name: str
    type: Literal["custom_tool_call"]
    id: str | None = None
    caller: Caller | None = None
    namespace: str | None = None

    @property
    def async_(self) -> bool | None:
        """Whether the model goes on before the result is there; `async`, its name on the wire, is a keyword."""
        return self.__dict__.get("async")


class ResponseCustomToolCallItem(ResponseCustomToolCall):
    """A call of a custom tool, as it is stored."""

    id: str  # pyright: ignore
    status: Literal["in_progress", "completed", "incomplete"]
    created_by: str | None = None


class ResponseCustomToolCallOutput(View):
    """What a custom tool gave."""

    call_id: str
    output: str | list[ResponseInputContent]
    type: Literal["custom_tool_call_output"]
    id: str | None = None
    caller: Caller | None = None


class ResponseCustomToolCallOutputItem(ResponseCustomToolCallOutput):
    """What a custom tool gave, as it is stored."""

    id: str  # pyright: ignore
    status: Literal["in_progress", "completed", "incomplete"]
    created_by: str | None = None


class ResponseToolSearchCall(View):
    """The model looks for tools."""

    id: Promised[str]
    arguments: object
    call_id: str | None = None
    execution: Promised[Literal["server", "client"]]
    status: Promised[Literal["in_progress", "completed", "incomplete"]]
    type: Literal["tool_search_call"]
    created_by: str | None = None


class ResponseToolSearchOutputItem(View):
    """The tools that were found."""

    id: str
    call_id: str | None = None
    execution: Literal["server", "client"]
    status: Literal["in_progress", "completed", "incomplete"]
    tools: list[Tool]
    type: Literal["tool_search_output"]
    created_by: str | None = None


class ResponseToolSearchOutputItemParam(View):
    """The tools that were found."""

    tools: list[Tool]
    type: Literal["tool_search_output"]
    id: str | None = None
    call_id: str | None = None
    execution: Literal["server", "client"] | None = None
    status: Literal["in_progress", "completed", "incomplete"] | None = None


class ActionSearchSource(View):
    type: Literal["url"]
    url: str


class ActionSearch(View):
    """Queries to a search engine."""

    type: Literal["search"]
    queries: list[str] | None = None
    query: str | None = None
    sources: list[ActionSearchSource] | None = None
    """What was found, where `include` asked for it."""


class ActionOpenPage(View):
    """A page that was opened."""

    type: Literal["open_page"]
    url: str | None = None


class ActionFind(View):
    """Words looked for in a page."""

    pattern: str
    type: Literal["find_in_page"]
    url: str


Action = ActionSearch | ActionOpenPage | ActionFind


class ResponseFunctionWebSearch(View):
    """A search in the web."""

    id: str
    action: Action
    status: Literal["in_progress", "searching", "completed", "failed", "incomplete"]
    type: Literal["web_search_call"]


class Result(View):
    """A piece of a file that was found."""

    attributes: dict[str, str | float | bool] | None = None
    file_id: str | None = None
    filename: str | None = None
    score: float | None = None
    """0 to 1."""
    text: str | None = None


class ResponseFileSearchToolCall(View):
    """A search in files."""

    id: str
    queries: list[str]
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"]
    type: Literal["file_search_call"]
    results: list[Result] | None = None
    """Where `include` asked for them."""


class OutputLogs(View):
    logs: str
    type: Literal["logs"]


class OutputImage(View):
    type: Literal["image"]
    url: str


Output = OutputLogs | OutputImage


class ResponseCodeInterpreterToolCall(View):
    """Code the model ran."""

    id: str
    code: str | None = None
    container_id: str
    outputs: list[Output] | None = None
    """Where `include` asked for them."""
    status: Literal["in_progress", "completed", "incomplete", "interpreting", "failed"]
    type: Literal["code_interpreter_call"]


LookupCall = ResponseFileSearchToolCall | ResponseFunctionWebSearch | ResponseCodeInterpreterToolCall
