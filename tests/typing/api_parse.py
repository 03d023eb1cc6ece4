"""What type checkers infer of answers that are read. A line that ends in `# E` must be an error, and no other line may be one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypedDict, assert_type

import msgspec
from pydantic import BaseModel

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, omit, pydantic_function_tool, structured
from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
from ceyx.types.chat import ChatCompletionMessageParam, ParsedChatCompletion, ParsedFunctionToolCall
from ceyx.types.shared_params import ResponseFormatJSONSchema
from ceyx.wire.call import Call

ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hi"}]


class City(BaseModel):
    name: str


@dataclass
class Town:
    name: str


class Village(TypedDict):
    name: str


class Hamlet(msgspec.Struct):
    name: str


def parse(c: OpenAI, azure: AzureOpenAI) -> None:
    city = c.chat.completions.parse(model="m", messages=ask, response_format=City)
    assert_type(city, ParsedChatCompletion[City])
    assert_type(city.choices[0].message.parsed, City | None)
    assert_type(city.choices[0].message.tool_calls, list[ParsedFunctionToolCall] | None)
    assert_type(city.choices[0].message.refusal, str | None)
    assert_type(city.id, str)
    town = azure.chat.completions.parse(model="m", messages=ask, response_format=Town)
    assert_type(town.choices[0].message.parsed, Town | None)
    village = c.chat.completions.parse(model="m", messages=ask, response_format=Village, temperature=0.5, timeout=3)
    assert_type(village.choices[0].message.parsed, Village | None)
    hamlet = c.chat.completions.parse(model="m", messages=ask, response_format=Hamlet, strict=False)
    assert_type(hamlet.choices[0].message.parsed, Hamlet | None)
    cities = c.chat.completions.parse(model="m", messages=ask, response_format=list[City])
    assert_type(cities.choices[0].message.parsed, list[City] | None)
    nothing = c.chat.completions.parse(model="m", messages=ask, tools=[pydantic_function_tool(City, name="look_up")])
    assert_type(nothing, ParsedChatCompletion[None])
    assert_type(c.chat.completions.parse(model="m", messages=ask, response_format=omit), ParsedChatCompletion[None])
    plain = c.chat.completions.parse(model="m", messages=ask, response_format={"type": "json_object"})
    assert_type(plain, ParsedChatCompletion[None])
    assert_type(c.plan.chat.completions.parse(model="m", messages=ask, response_format=City), Call[ParsedChatCompletion[City]])
    c.chat.completions.parse(model="m", response_format=City)  # E
    c.chat.completions.parse(model="m", messages=ask, response_format=City(name="Oslo"))  # E
    c.chat.completions.parse(model="m", messages=ask, response_format=City, stream=True)  # E
    c.chat.completions.parse(model="m", messages=ask, response_format=City, temprature=1)  # E


def modes(c: OpenAI) -> None:
    raw = c.chat.completions.with_raw_response.parse(model="m", messages=ask, response_format=City)
    assert_type(raw, RawResponse[ParsedChatCompletion[City]])
    assert_type(raw.parse().choices[0].message.parsed, City | None)
    with c.chat.completions.with_streaming_response.parse(model="m", messages=ask, response_format=City) as opened:
        assert_type(opened, APIResponse[ParsedChatCompletion[City]])


async def awaited(a: AsyncOpenAI) -> None:
    city = await a.chat.completions.parse(model="m", messages=ask, response_format=City)
    assert_type(city, ParsedChatCompletion[City])
    assert_type(city.choices[0].message.parsed, City | None)
    one, other = await asyncio.gather(
        a.chat.completions.parse(model="m", messages=ask, response_format=City),
        a.chat.completions.parse(model="m", messages=ask, response_format=Town),
    )
    assert_type(one, ParsedChatCompletion[City])
    assert_type(other.choices[0].message.parsed, Town | None)
    raw = await a.chat.completions.with_raw_response.parse(model="m", messages=ask, response_format=City)
    assert_type(raw, RawResponse[ParsedChatCompletion[City]])
    async with a.chat.completions.with_streaming_response.parse(model="m", messages=ask, response_format=City) as opened:
        assert_type(opened, AsyncAPIResponse[ParsedChatCompletion[City]])


def by_hand(c: OpenAI) -> None:
    wanted = structured.response_format_of(City)
    assert_type(wanted, ResponseFormatJSONSchema)
    c.chat.completions.create(model="m", messages=ask, response_format=wanted)
    assert_type(structured.parsed("{}", City), City)
    assert_type(structured.parsed(b"{}", Village), Village)
    structured.parsed({}, City)  # E
    pydantic_function_tool(City, nmae="look_up")  # E
    pydantic_function_tool(City(name="Oslo"))  # E
