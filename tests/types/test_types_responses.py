"""Responses and conversations: views over what is sent, and the names and fields of the `openai` package, to any depth."""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Required, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pydantic
import pytest

import ceyx.types.conversations
import ceyx.types.responses
from ceyx.types.conversations import ConversationItem
from ceyx.types.responses import ParsedResponse, Response, ResponseItem
from ceyx.types.responses.response_stream_event import VIEWS, wrap_event
from ceyx.wire.call import Omit
from ceyx.wire.view import View
from ceyx.wire.wrapping import wrapper

TEXT = {"type": "output_text", "text": "Hallo", "annotations": [], "logprobs": []}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [TEXT]}


def whole(*output: Any, **fields: Any) -> dict[str, Any]:
    """A response as OpenAI sends it; fresh, since a view owns what it views."""
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1741476777,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-4.1",
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "text": {"format": {"type": "text"}},
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 1},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 5,
        },
        **fields,
    }
    return deepcopy(response)


# ---- views


def test_a_whole_response() -> None:
    data = whole({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}, MESSAGE, MESSAGE)
    response = Response.wrap(deepcopy(data))
    assert response.output_text == "HalloHallo"
    reasoning, message, _ = cast(Any, response.output)
    assert (reasoning.summary[0].text, message.content[0].text) == ("Hm.", "Hallo")
    assert response.usage is not None and response.usage.input_tokens_details.cached_tokens == 1
    assert response.to_dict() == data
    assert Response.wrap(whole()).output_text == ""


def test_the_text_of_a_response_that_breaks_its_schema() -> None:
    for output in (None, [None], [{"type": "message"}], [{**MESSAGE, "content": None}], [{**MESSAGE, "content": ["x"]}]):
        assert Response.wrap({"id": "1", "output": deepcopy(output), "content": []}).to_dict()["output"] == output
    refusal = {"type": "refusal", "refusal": "No."}
    assert Response.wrap(whole({**MESSAGE, "content": [refusal, {**TEXT, "text": None}, TEXT]})).output_text == "Hallo"


def items() -> Iterator[Any]:
    call = {"call_id": "c", "status": "completed"}
    yield {"type": "function_call", "name": "f", "arguments": "{}", **call}, "ResponseFunctionToolCall"
    yield (
        {"type": "function_call_output", "id": "i", "output": [{"type": "input_text", "text": "x"}], **call},
        ("ResponseFunctionToolCallOutputItem"),
    )
    yield {"type": "custom_tool_call", "name": "f", "input": "x", "call_id": "c"}, "ResponseCustomToolCall"
    yield (
        {"type": "web_search_call", "id": "w", "status": "completed", "action": {"type": "search", "query": "x"}},
        ("ResponseFunctionWebSearch"),
    )
    yield {"type": "file_search_call", "id": "w", "queries": ["x"], "results": [{"score": 0.5}]}, "ResponseFileSearchToolCall"
    yield (
        {"type": "code_interpreter_call", "id": "w", "outputs": [{"type": "logs", "logs": "x"}]},
        ("ResponseCodeInterpreterToolCall"),
    )
    yield (
        {"type": "computer_call", "id": "w", "action": {"type": "click", "x": 1, "y": 2, "button": "left"}},
        ("ResponseComputerToolCall"),
    )
    yield {"type": "mcp_call", "id": "w", "error": {"type": "http_error", "code": 500, "message": "x"}}, "McpCall"
    yield {"type": "shell_call", "id": "w", "action": {"commands": ["ls"]}, **call}, "ResponseFunctionShellToolCall"
    yield {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "x"}, **call}, "ResponseApplyPatchToolCall"
    yield {"type": "image_generation_call", "id": "w", "result": "AA=="}, "ImageGenerationCall"
    yield {"type": "telepathy", "thought": {"of": "you"}}, "View"


@pytest.mark.parametrize(("item", "kind"), list(items()), ids=lambda value: value if isinstance(value, str) else "")
def test_items_are_told_apart_by_their_type(item: Any, kind: str) -> None:
    read = Response.wrap(whole(deepcopy(item))).output[0]
    assert type(read).__name__ == kind
    assert read.to_dict() == item
    nested = [value for name, value in item.items() if isinstance(value, dict) and name != "thought"]
    assert all(isinstance(getattr(read, name), View) for name in item if item[name] in nested)


def test_messages_are_told_apart_by_their_role() -> None:
    asked = {"id": "m", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}
    read = cast(Any, wrapper(ResponseItem))
    assert [type(read(deepcopy(item))).__name__ for item in (asked, MESSAGE)] == [
        "ResponseInputMessageItem",
        "ResponseOutputMessage",
    ]
    response: Any = Response.wrap(whole(instructions=[{"role": "developer", "content": "Be brief."}, deepcopy(MESSAGE)]))
    assert [type(item).__name__ for item in response.instructions] == ["EasyInputMessage", "ResponseOutputMessage"]
    assert Response.wrap(whole(instructions="Be brief.")).instructions == "Be brief."
    both = [cast(Any, wrapper(ConversationItem))(deepcopy(item)) for item in (asked, MESSAGE)]
    assert [type(item).__name__ for item in both] == ["Message", "Message"]
    assert (both[0].content[0].text, both[1].content[0].text) == ("x", "Hallo")


def test_what_python_cannot_name() -> None:
    call: Any = Response.wrap(whole({"type": "function_call", "name": "f", "arguments": "{}", "async": True})).output[0]
    assert call.async_ is True and call.model_dump()["async"] is True
    tool: Any = Response.wrap(whole(tools=[{"type": "function", "name": "f", "parameters": {}, "strict": True}])).tools[0]
    assert tool.async_ is None


def test_a_read_response() -> None:
    response: ParsedResponse[Any] = ParsedResponse.wrap(whole(deepcopy(MESSAGE)))
    assert isinstance(response, Response) and response.output_text == "Hallo" and response.output_parsed is None
    response = ParsedResponse.wrap(whole({**MESSAGE, "content": [{**TEXT, "parsed": {"name": "Oslo"}}]}))
    assert response.output_parsed == {"name": "Oslo"}


# ---- events


def test_every_event_is_known_by_its_type() -> None:
    theirs = import_module("openai.types.responses").ResponseStreamEvent
    names = {get_args(kind.model_fields["type"].annotation)[0]: kind.__name__ for kind in get_args(get_args(theirs)[0])}
    assert {tag: cast(Any, wrap).__self__.__name__ for tag, wrap in VIEWS.items()} == names
    assert len(names) > 50
    for tag, name in names.items():
        assert type(wrap_event({"type": tag})).__name__ == name


def test_events_unheard_of_are_plain_views() -> None:
    odd: list[dict[str, Any]] = [{"type": "response.telepathy", "x": 1}, {"type": None}, {"type": []}, {}]
    for data in odd:
        assert type(wrap_event(dict(data))) is View
    for nothing in (None, "x", [1]):
        assert wrap_event(nothing) == nothing


def test_events_hold_views() -> None:
    created = wrap_event({"type": "response.created", "sequence_number": 0, "response": whole()})
    assert created.response.id == "resp_1" and created.stream_id is None
    delta = {"type": "response.output_text.delta", "delta": "x", "logprobs": [{"token": "x", "logprob": -1.0}]}
    assert wrap_event(delta).logprobs[0].token == "x"
    part = wrap_event({"type": "response.content_part.added", "part": {"type": "reasoning_text", "text": "x"}})
    assert type(part.part).__name__ == "ReasoningText"


# ---- names and fields, compared with the `openai` package

GROUPS = {"responses": ceyx.types.responses, "conversations": ceyx.types.conversations}
OURS_TOO = {
    "stream_id",  # of events over a WebSocket: `openai` has a class of its own for each
    "content_filters",  # of Azure
}
# What is not compared, and why.
COARSER = {
    "ResponseInputItem": "what was asked with is read by the views of what is stored",
    "ResponseInput": "the same",
    "ResponseSteerInput": "the same",
    "ResponseSteerInputItemListFunctionCallOutput": "the same",
    "LocalShellCallAction": "no item, though `openai` has it among those of a parsed response",
    "ResponsesClientEvent": "of what only servers read, the request is not taken apart",
    "ResponsesServerEvent": "`stream_id` is a field of every event",
}
NARROWED = {"ResponseFunctionToolCallItem", "ResponseCustomToolCallItem", "ResponseCustomToolCallOutputItem"}


def exported() -> list[tuple[str, str]]:
    return [(group, name) for group in GROUPS for name in dir(import_module(f"openai.types.{group}")) if name[0].isupper()]


@pytest.mark.parametrize("group", GROUPS)
def test_every_name_is_there(group: str) -> None:
    mine: Any = GROUPS[group]
    assert set(mine.__all__) == {name for other, name in exported() if other == group}


@pytest.mark.parametrize(("group", "name"), exported())
def test_names_and_fields_are_those_of_openai(group: str, name: str) -> None:
    mine, theirs = getattr(GROUPS[group], name), getattr(import_module(f"openai.types.{group}"), name)
    if name not in COARSER:
        same(mine, theirs, name, ())


def same(mine: Any, theirs: Any, where: str, seen: tuple[Any, ...]) -> None:
    """Fails where `theirs` has a field, a literal, a kind of member or a None that `mine` has not, at any depth."""
    mine, theirs = bare(mine), bare(theirs)
    if (is_class(theirs) and theirs.__name__ in {"ResponseInputItem", "ResponseSteerInput"}) or theirs in seen:
        return
    if is_class(theirs):
        mine = next((arm for arm in arms(mine) if is_class(arm)), None)
        assert mine is not None, where
        return same_fields(mine, theirs, where, (*seen, theirs))
    mine_arms, their_arms = list(arms(mine)), list(arms(theirs))
    assert literals(mine_arms) == literals(their_arms), where
    assert type(None) not in their_arms or type(None) in mine_arms, where
    assert {str, int, float, bool} & set(their_arms) <= set(mine_arms), (where, mine_arms)
    kinds = {tags(arm): arm for arm in mine_arms if is_class(arm)}
    for arm in their_arms:
        if is_class(arm) and arm.__name__ not in COARSER:
            assert tags(arm) in kinds, (where, arm)
            same(kinds[tags(arm)], arm, f"{where}|{arm.__name__}", seen)
    their_lists = [get_args(arm)[0] for arm in their_arms if is_list(arm)]
    my_lists = [get_args(arm)[0] for arm in mine_arms if is_list(arm)]
    assert len(my_lists) >= len(their_lists) > -1, where
    for one, other in zip(my_lists, their_lists, strict=False):
        same(one, other, f"{where}[]", seen)


def same_fields(mine: Any, theirs: Any, where: str, seen: tuple[Any, ...]) -> None:
    if hasattr(theirs, "__required_keys__"):
        hints, their_hints = get_type_hints(mine, include_extras=True), get_type_hints(theirs, include_extras=True)
        assert hints.keys() == their_hints.keys(), where
        assert required(mine, hints) == required(theirs, their_hints), where
    else:
        assert issubclass(mine, View), where
        hints = get_type_hints(mine)
        fields = {field.alias or key: field for key, field in theirs.model_fields.items() if field.alias != "async"}
        assert fields.keys() - {"created_by"} <= hints.keys(), where
        assert {key for key in hints.keys() - fields.keys() if not key.startswith("_")} <= OURS_TOO, where
        assert ("async_" in theirs.model_fields) == hasattr(mine, "async_"), where
        for key, field in fields.items():
            optional = getattr(mine, key, "none") is None
            assert mine.__name__ in NARROWED or field.is_required() is not optional, (where, key)
        their_hints = {key: field.annotation for key, field in fields.items()}
    for key, hint in their_hints.items():
        if not (where in COARSER or key == "instructions"):
            same(hints[key], hint, f"{where}.{key}", seen)


def bare(hint: Any) -> Any:
    """`hint` less what only marks it."""
    while get_origin(hint) in (Annotated, Required) or type(hint).__name__ == "TypeAliasType":
        hint = hint.__value__ if type(hint).__name__ == "TypeAliasType" else get_args(hint)[0]
    origin = get_origin(hint)
    return origin if isinstance(origin, type) and issubclass(origin, View | pydantic.BaseModel) else hint


def arms(hint: Any) -> Iterator[Any]:
    hint = bare(hint)
    if get_origin(hint) in (Union, types.UnionType):
        for arm in get_args(hint):
            yield from arms(arm)
    elif not isinstance(hint, TypeVar) and hint is not Omit:
        yield hint


def is_class(hint: Any) -> bool:
    return hasattr(hint, "__required_keys__") or (isinstance(hint, type) and issubclass(hint, View | pydantic.BaseModel))


def is_list(hint: Any) -> bool:
    name = getattr(get_origin(hint), "__name__", "")
    return name in ("list", "Iterable", "Sequence", "SequenceNotStr")


def tags(kind: Any) -> Any:
    """What tells a member of a union from the others: its type, and the role where that is one, too."""
    kind = bare(kind)
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        hints: Any = {key: field.annotation for key, field in kind.model_fields.items()}
    else:
        hints = get_type_hints(kind, include_extras=True)
    marks = [frozenset(literals(list(arms(hints[name])))) for name in ("type", "role", "stream") if name in hints]
    return tuple(marks) or tuple(sorted(name for name in hints if not name.startswith("_")))


def literals(hints: list[Any]) -> set[Any]:
    return {value for hint in hints if get_origin(hint) is Literal for value in get_args(hint)}


def required(params: Any, hints: dict[str, Any]) -> set[str]:
    """Postponed annotations hide `Required[...]` from `__required_keys__`, so that tells of the class's `total` only."""
    return {key for key, hint in hints.items() if get_origin(hint) is Required or key in params.__required_keys__}


ENDPOINTS = {
    "responses.response_create_params": ["CreateWhole", "CreateStreamed", "CreateEither"],
    "responses.response_retrieve_params": ["RetrieveWhole", "RetrieveStreamed", "RetrieveEither", "ListInputItems"],
    "responses.response_compact_params": ["Compact", "CountInputTokens"],
    "conversations.conversation_create_params": ["Create", "Update"],
    "conversations.item_create_params": ["CreateItems", "ListItems", "RetrieveItem"],
}


@pytest.mark.parametrize("home", ENDPOINTS)
def test_every_optional_parameter_can_be_omitted(home: str) -> None:
    module = import_module(f"ceyx.types.{home}")
    for name in ENDPOINTS[home]:
        params = getattr(module, name)
        hints = get_type_hints(params, include_extras=True, localns={"Timeout": object})
        assert "timeout" in hints
        optional = hints.keys() - required(params, hints) - {"extra_headers", "extra_query", "extra_body", "timeout", "deadline"}
        assert all(Omit in get_args(hints[key]) for key in optional), (name, optional)


@pytest.mark.parametrize("group", GROUPS)
def test_checkers_and_the_running_program_see_one_list_of_modules(group: str) -> None:
    package = GROUPS[group]
    tree = ast.parse(Path(cast(str, package.__file__)).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    for_checkers = {node.module for node in block.body if isinstance(node, ast.ImportFrom)}
    here = Path(cast(str, package.__file__)).parent
    with_names = {path.stem for path in here.glob("*.py") if "\n__all__ = [" in path.read_text()}  # others are aliases of modules
    assert for_checkers == {f"{package.__name__}.{stem}" for stem in with_names}
    running = {node.value for node in ast.walk(block.orelse[-1]) if isinstance(node, ast.Constant)}
    assert running == {str(module).rpartition(".")[2] for module in for_checkers}


def test_no_name_has_two_homes() -> None:
    homes: dict[str, list[str]] = {}
    for package in GROUPS.values():
        for path in Path(cast(str, package.__file__)).parent.glob("*.py"):
            module = import_module(f"{package.__name__}.{path.stem}") if path.stem != "__init__" else None
            for name in getattr(module, "__all__", ()):
                homes.setdefault(f"{package.__name__}.{name}", []).append(path.stem)
    assert not {name: stems for name, stems in homes.items() if len(stems) > 1}


def test_no_field_hides_a_method() -> None:
    methods = set(dir(View))
    for package in GROUPS.values():
        for path in Path(cast(str, package.__file__)).parent.glob("*.py"):
            if path.stem == "__init__":
                continue
            for kind in vars(import_module(f"{package.__name__}.{path.stem}")).values():
                if isinstance(kind, type) and issubclass(kind, View) and kind.__module__.startswith(package.__name__):
                    assert not {name for name in get_type_hints(kind) if name in methods and name[0] != "_"}, kind


def test_importing_costs_only_what_is_used() -> None:
    program = """
import sys, ceyx.types.responses
assert not [name for name in sys.modules if name.startswith("ceyx.types.responses.")]
from ceyx.types.responses import Response
assert not [name for name in sys.modules if name.startswith("ceyx.types.responses.") and "param" in name]
assert "pydantic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
