"""Side by side with the `openai` package: what `parse` sends for a model, and what it makes of an answer.

Where the bodies differ, a comment says what the API has against that of `openai`, and the test that ours has nothing of it.
"""

from __future__ import annotations

import asyncio
import enum
import inspect
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import openai
import pydantic
import pytest
from pydantic import BaseModel, ConfigDict, Field
from recorder import Recorder

import ceyx

X = TypeVar("X")
ASK = [{"role": "user", "content": "hi"}]


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Step(BaseModel):
    """A step."""

    explanation: str
    output: str = Field(description="What comes out")


class Reasoning(BaseModel):
    steps: list[Step]
    final: str


class Described(BaseModel):
    first: Step = Field(description="The first one")  # a reference with words beside it
    others: list[Step]


class Optionals(BaseModel):
    name: str | None = None
    step: Step | None = Field(None, description="Perhaps")
    either: int | str


class Constrained(BaseModel):
    age: int = Field(ge=0, lt=150)
    code: str = Field(pattern="^[A-Z]+$", min_length=2, max_length=9)
    some: list[int] = Field(min_length=1, max_length=3)
    half: float = Field(multiple_of=0.5)


class Chosen(BaseModel):
    colour: Colour
    again: Colour = Field(description="Another")
    size: Literal["s", "m"]
    only: Literal["x"]


class Times(BaseModel):
    at: datetime
    on: date
    took: timedelta
    id: UUID


class Node(BaseModel):
    value: str
    below: list[Node]
    next: Node | None = Field(None, description="The next")


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", title="Shut")
    n: int = Field(alias="N", title="How many")


class Box(BaseModel, Generic[X]):
    inside: X


class Deep(BaseModel):
    class Inner(BaseModel):
        class Innermost(BaseModel):
            flags: list[bool]

        innermost: Innermost

    inner: Inner


class Empty(BaseModel):
    pass


@pydantic.dataclasses.dataclass
class Checked:
    n: int


SAME = [Step, Reasoning, Described, Optionals, Constrained, Chosen, Times, Node, Closed, Deep, Empty, Checked]


class Defaults(BaseModel):
    n: int = 3
    colour: Colour = Colour.RED


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Pets(BaseModel):
    pet: Cat | Dog = Field(discriminator="kind")


class Unique(BaseModel):
    tags: set[str]


class Links(BaseModel):
    url: pydantic.AnyUrl
    shown: str = Field(examples=["x"])


class Pair(BaseModel):
    at: tuple[int, int]


class Mixed(BaseModel):
    value: Literal["a", 1]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    n: int


DIFFERENT: list[tuple[Any, str, Any, Any]] = [
    # (model, where, what openai sends there, what we send): the API's words, as users of openai reported them, follow each
    (
        Defaults,
        "n",
        {"default": 3, "title": "N", "type": "integer"},
        {"title": "N", "type": "integer", "description": "(default: 3)"},
    ),
    # "'default' is not permitted"
    (Pets, "pet", ["discriminator", "oneOf", "title"], ["anyOf", "title"]),  # "'oneOf' is not permitted"
    (Unique, "tags", ["items", "title", "type", "uniqueItems"], ["description", "items", "title", "type"]),
    # "'uniqueItems' is not permitted"
    (
        Links,
        "url",
        {"format": "uri", "minLength": 1, "title": "Url", "type": "string"},
        ["description", "minLength", "title", "type"],
    ),
    # "'uri' is not a valid format"
    (Links, "shown", ["examples", "title", "type"], ["description", "title", "type"]),  # "'examples' is not permitted"
    (Pair, "at", ["maxItems", "minItems", "prefixItems", "title", "type"], ["items", "maxItems", "minItems", "title", "type"]),
    # "array schema missing items"
    (Mixed, "value", ["enum", "title"], ["enum", "title", "type"]),  # "schema must have a 'type' key"
]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with Recorder() as server:
        server.answer = answering({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []})
        yield server


def answering(completion: dict[str, Any]) -> Any:
    return lambda method, path, streams: ("application/json", json.dumps(completion).encode())


def sent(server: Recorder, package: Any, asynchronous: bool = False, **params: Any) -> Any:
    """What the package sends, and what it makes of the answer."""

    async def awaited() -> Any:
        async with package.AsyncOpenAI(api_key="k", base_url=server.origin, max_retries=0) as client:
            return await client.chat.completions.parse(model="m", messages=ASK, **params)

    if asynchronous:
        answer = asyncio.run(awaited())
    else:
        with package.OpenAI(api_key="k", base_url=server.origin, max_retries=0) as client:
            answer = client.chat.completions.parse(model="m", messages=ASK, **params)
    request = server.sent.pop()
    assert not server.sent
    return (request.method, request.path, request.body), answer


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("model", SAME, ids=lambda model: model.__name__)
def test_models_are_asked_for_alike(server, model, asynchronous):
    (ours, _), (theirs, _) = (sent(server, package, asynchronous, response_format=model) for package in (ceyx, openai))
    assert ours == theirs
    assert ours[2]["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(("model", "where", "theirs", "ours"), DIFFERENT, ids=lambda value: getattr(value, "__name__", ""))
def test_models_that_openai_asks_for_in_vain(server, model, where, theirs, ours):
    for package, expected in ((openai, theirs), (ceyx, ours)):
        (_, _, body), _ = sent(server, package, response_format=model)
        found = body["response_format"]["json_schema"]["schema"]["properties"][where]
        assert (sorted(found) if isinstance(expected, list) else found) == expected


def test_what_openai_leaves_open_is_closed(server):
    closed = []
    for package in (openai, ceyx):
        (_, _, body), _ = sent(server, package, response_format=Open)
        closed.append(body["response_format"]["json_schema"]["schema"]["additionalProperties"])
    assert closed == [True, False]  # "'additionalProperties' is required to be supplied and to be false"


def test_names_the_api_takes(server):
    names = []
    for package in (openai, ceyx):
        (_, _, body), _ = sent(server, package, response_format=Box[int])
        names.append(body["response_format"]["json_schema"]["name"])
    assert names == ["Box[int]", "Box_int"]  # "string does not match pattern '^[a-zA-Z0-9_-]+$'"


PARAMS: dict[str, Any] = {
    "nothing": {},
    "a dict": {"response_format": {"type": "json_object"}},
    "tools": {"tools": "tools", "tool_choice": "required", "parallel_tool_calls": False},
    "no tools": {"tools": []},
    "others": {"response_format": Step, "temperature": 0.5, "n": 2, "stop": None, "metadata": {"a": "b"}},
    "extra": {"response_format": Step, "extra_body": {"top_k": 3}},
}


@pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS)
def test_parameters_are_sent_alike(server, params):
    bodies = []
    for package in (ceyx, openai):
        given = {**params, "tools": [package.pydantic_function_tool(Step)]} if params.get("tools") else params
        bodies.append(sent(server, package, **given)[0])
    assert bodies[0] == bodies[1]


def message(**fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "refusal": None, **fields}


def called(name: str, arguments: str) -> dict[str, Any]:
    return message(tool_calls=[{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}])


STEP = json.dumps({"explanation": "e", "output": "o"})
ANSWERS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "content": ("stop", [message(content=STEP)]),
    "several": ("stop", [message(content=STEP), message(content=STEP)]),
    "refusal": ("stop", [message(refusal="I must not.")]),
    "empty": ("stop", [message(content="")]),
    "call": ("tool_calls", [called("Step", STEP)]),
    "call of a strict tool": ("tool_calls", [called("by_hand", '{"a": [1, 2.5, null]}')]),
    "call of no tool": ("tool_calls", [called("unknown", "{}")]),
    "cut": ("length", [message(content=STEP[:20])]),
    "cut call": ("length", [called("Step", STEP[:20])]),
    "filtered": ("content_filter", [message(content="")]),
    "no JSON": ("stop", [message(content="Sure!")]),
    "another shape": ("stop", [message(content='{"explanation": 1}')]),
    "arguments that are no JSON": ("stop", [called("Step", "{")]),
    "strict arguments that are no JSON": ("stop", [called("by_hand", "{")]),
}


@pytest.mark.parametrize(("reason", "messages"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_answers_are_read_alike(server, monkeypatch, reason, messages, asynchronous):
    choices = [{"index": i, "finish_reason": reason, "logprobs": None, "message": one} for i, one in enumerate(messages)]
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    monkeypatch.setattr(server, "answer", answering(completion))
    read = []
    for package in (ceyx, openai):
        by_hand = {"type": "function", "function": {"name": "by_hand", "strict": True, "parameters": {}}}
        tools = [package.pydantic_function_tool(Step), by_hand]
        try:
            _, answer = sent(server, package, asynchronous, response_format=Step, tools=tools)
        except Exception as error:  # noqa: BLE001
            server.sent.clear()
            held = getattr(error, "completion", None)
            read.append((type(error).__name__, held and held.usage.total_tokens, isinstance(error, ValueError)))
        else:
            calls = [call for choice in answer.choices for call in choice.message.tool_calls or ()]
            read.append(
                (
                    type(answer).__name__.partition("[")[0],
                    [(choice.message.parsed, choice.message.content, choice.message.refusal) for choice in answer.choices],
                    [(call.function.parsed_arguments, call.function.arguments, call.id) for call in calls],
                )
            )
    assert read[0] == read[1]


def test_tools_that_cannot_be_read_are_refused_alike(server):
    loose = {"type": "function", "function": {"name": "loose", "parameters": {}}}
    for tool in (loose, {"type": "custom", "custom": {"name": "sql"}}):
        for package in (ceyx, openai):
            with pytest.raises(ValueError):
                sent(server, package, tools=[tool])
    assert not server.sent


def test_no_parameter_is_missing():
    ours, theirs = (
        inspect.signature(package.OpenAI(api_key="k").chat.completions.parse).parameters for package in (ceyx, openai)
    )
    assert theirs.keys() <= ours.keys()
