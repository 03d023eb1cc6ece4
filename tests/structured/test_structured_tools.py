"""Tools made from types: what is sent of them, and how the arguments of their calls are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import openai
import pydantic
import pytest
from pydantic import BaseModel, Field

import ceyx
from ceyx.structured import parsed_arguments
from ceyx.structured.formats import checked
from ceyx.types.chat import ChatCompletionMessageFunctionToolCall
from ceyx.wire.view import View


class Weather(BaseModel):
    """Looks the weather up."""

    city: str = Field(description="Where")
    days: int | None = None


class Silent(BaseModel):
    city: str


@dataclass
class Route:
    start: str
    end: str


def call(name: str, arguments: Any) -> ChatCompletionMessageFunctionToolCall:
    function = {"name": name, "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments)}
    return ChatCompletionMessageFunctionToolCall.model_validate({"id": "c", "type": "function", "function": function})


@pytest.mark.parametrize("model", [Weather, Silent])
@pytest.mark.parametrize("more", [{}, {"name": "look_up"}, {"description": "Its own"}], ids=str)
def test_tools_are_those_of_openai(model, more):
    assert ceyx.pydantic_function_tool(model, **more) == openai.pydantic_function_tool(model, **more)
    ours = ceyx.pydantic_responses_function_tool(model, **more)
    assert ours == openai.pydantic_responses_function_tool(model, **more)
    deferred = ceyx.pydantic_responses_function_tool(model, defer_loading=True, **more)
    assert deferred == openai.pydantic_responses_function_tool(model, defer_loading=True, **more)
    assert json.loads(json.dumps(ours)) == ours


def test_a_description_nobody_wrote_is_not_sent():
    assert "description" not in ceyx.pydantic_function_tool(Route)["function"]
    assert "description" not in ceyx.pydantic_function_tool(Silent)["function"]


def test_arguments_are_read_as_the_type_of_the_tool():
    tools: list[Any] = [ceyx.pydantic_function_tool(Weather), ceyx.pydantic_function_tool(Route, name="route")]
    assert parsed_arguments(call("Weather", {"city": "Oslo"}), tools) == Weather(city="Oslo")
    assert parsed_arguments(call("route", {"start": "a", "end": "b"}), tools) == Route("a", "b")
    assert parsed_arguments(call("other", {}), tools) is None
    with pytest.raises(pydantic.ValidationError):
        parsed_arguments(call("Weather", '{"ci'), tools)


def test_arguments_of_calls_in_responses():
    tools = [ceyx.pydantic_responses_function_tool(Weather)]
    called = View.model_validate({"type": "function_call", "name": "Weather", "arguments": '{"city": "Oslo"}'})
    assert parsed_arguments(called, tools) == Weather(city="Oslo")


def test_tools_by_hand_give_json_if_they_are_strict():
    tool = {"type": "function", "function": {"name": "f", "strict": True, "parameters": {}}}
    assert parsed_arguments(call("f", {"a": [1, None]}), [tool]) == {"a": [1, None]}
    assert parsed_arguments(call("f", {}), [{"type": "function", "function": {"name": "f"}}]) is None
    with pytest.raises(json.JSONDecodeError):
        parsed_arguments(call("f", ""), [tool])


def test_tools_of_openai_are_read_too():
    assert parsed_arguments(call("Weather", {"city": "Oslo"}), [openai.pydantic_function_tool(Weather)]) == Weather(city="Oslo")


def test_not_strictly():
    class Free(BaseModel):
        tags: dict[str, str]

    with pytest.raises(ValueError, match=r"^tags: a dict with free keys cannot be a strict schema; use .*, or strict=False$"):
        ceyx.pydantic_function_tool(Free)
    tool = ceyx.pydantic_function_tool(Free, strict=False)
    assert tool["function"]["strict"] is False
    assert checked([tool]) == [tool]
    assert parsed_arguments(call("Free", {"tags": {"a": "b"}}), [tool]) == Free(tags={"a": "b"})


def test_tools_whose_arguments_cannot_be_read_are_named():
    good = ceyx.pydantic_function_tool(Weather)
    with pytest.raises(ValueError) as caught:
        checked(iter([good, {"type": "function", "function": {"name": "find", "parameters": {}}}]))
    assert str(caught.value) == (
        "the tool 'find' (tools[1]) is not strict, so its arguments may be anything; "
        "set strict to True, make it with pydantic_function_tool(), or use create()"
    )
    with pytest.raises(ValueError) as caught:
        checked([{"type": "custom", "custom": {"name": "sql"}}])
    assert str(caught.value) == (
        "tools[0] is of type 'custom', and parse() reads the arguments of function tools only; leave it out, or use create()"
    )
