"""What type checkers infer of streams of events. A line that ends in `# E` must be an error, and no other line may be one."""

from __future__ import annotations

from typing import assert_type

from pydantic import BaseModel

from ceyx import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, pydantic_function_tool
from ceyx.response import APIResponse, AsyncAPIResponse, RawResponse
from ceyx.streams.chat import (
    AsyncChatCompletionStream,
    AsyncChatCompletionStreamManager,
    ChatCompletionStream,
    ChatCompletionStreamManager,
    ChatCompletionStreamState,
)
from ceyx.streams.responses import AsyncResponseStream, AsyncResponseStreamManager, ResponseStream, ResponseStreamManager
from ceyx.types.chat import ChatCompletionChunk, ChatCompletionMessageParam, ParsedChatCompletion
from ceyx.types.responses import ParsedResponse, ResponseInputParam
from ceyx.wire.call import Call

ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hi"}]
items: ResponseInputParam = [{"role": "user", "content": "hi"}]


class City(BaseModel):
    name: str


def chat(c: OpenAI, azure: AzureOpenAI) -> None:
    manager = c.chat.completions.stream(model="m", messages=ask, response_format=City)
    assert_type(manager, ChatCompletionStreamManager[City])
    with manager as stream:
        assert_type(stream, ChatCompletionStream[City])
        for event in stream:
            if event.type == "content.delta":
                assert_type(event.snapshot, str)
                assert_type(event.parsed, object)
            elif event.type == "content.done":
                assert_type(event.parsed, City | None)
            elif event.type == "chunk":
                assert_type(event.chunk, ChatCompletionChunk)
            elif event.type == "tool_calls.function.arguments.delta":
                assert_type(event.arguments_delta, str)
        assert_type(stream.current_completion_snapshot, ParsedChatCompletion[object])
        completion = stream.get_final_completion()
        assert_type(completion, ParsedChatCompletion[City])
        assert_type(completion.choices[0].message.parsed, City | None)
        assert_type(stream.until_done(), ChatCompletionStream[City])
    with azure.chat.completions.stream(model="m", messages=ask, tools=[pydantic_function_tool(City)], n=2) as plain:
        assert_type(plain.get_final_completion(), ParsedChatCompletion[None])
    c.chat.completions.stream(messages=ask)  # E
    c.chat.completions.stream(model="m", messages=ask, temprature=1)  # E
    c.chat.completions.stream(model="m", messages=ask, stream=True)  # E
    state = ChatCompletionStreamState(response_format=City)
    assert_type(state.get_final_completion(), ParsedChatCompletion[City])


async def awaited_chat(a: AsyncOpenAI, azure: AsyncAzureOpenAI) -> None:
    manager = a.chat.completions.stream(model="m", messages=ask, response_format=City)
    assert_type(manager, AsyncChatCompletionStreamManager[City])
    async with manager as stream:
        assert_type(stream, AsyncChatCompletionStream[City])
        async for event in stream:
            if event.type == "content.done":
                assert_type(event.parsed, City | None)
        assert_type(await stream.get_final_completion(), ParsedChatCompletion[City])
    async with azure.chat.completions.stream(model="m", messages=ask) as plain:
        assert_type(await plain.get_final_completion(), ParsedChatCompletion[None])
    with manager:  # E
        pass


def responses(c: OpenAI) -> None:
    manager = c.responses.stream(model="m", input=items, text_format=City)
    assert_type(manager, ResponseStreamManager[City])
    with manager as stream:
        assert_type(stream, ResponseStream[City])
        for event in stream:
            if event.type == "response.output_text.delta":
                assert_type(event.snapshot, str)
                assert_type(event.delta, str)
            elif event.type == "response.output_text.done":
                assert_type(event.parsed, City | None)
            elif event.type == "response.completed":
                assert_type(event.response, ParsedResponse[City])
            elif event.type == "response.refusal.delta":
                assert_type(event.delta, str)
                str(event.snapshot)  # E
        assert_type(stream.get_final_response().output_parsed, City | None)
    assert_type(c.responses.stream(response_id="resp_1", starting_after=3), ResponseStreamManager[None])
    c.responses.stream(model="m", input="hi", text_formt=City)  # E


async def awaited_responses(a: AsyncOpenAI) -> None:
    manager = a.responses.stream(model="m", input="hi", text_format=City)
    assert_type(manager, AsyncResponseStreamManager[City])
    async with manager as stream:
        assert_type(stream, AsyncResponseStream[City])
        assert_type(await stream.get_final_response(), ParsedResponse[City])
    response = await a.responses.parse(model="m", input="hi", text_format=City)
    assert_type(response.output_parsed, City | None)
    raw = await a.responses.with_raw_response.parse(model="m", input="hi", text_format=City)
    assert_type(raw, RawResponse[ParsedResponse[City]])
    async with a.responses.with_streaming_response.parse(model="m", input="hi", text_format=City) as opened:
        assert_type(opened, AsyncAPIResponse[ParsedResponse[City]])


def parse(c: OpenAI) -> None:
    response = c.responses.parse(model="m", input=items, text_format=City, verbosity="low")
    assert_type(response, ParsedResponse[City])
    assert_type(response.output_parsed, City | None)
    assert_type(response.output_text, str)
    assert_type(c.responses.parse(model="m", input="hi"), ParsedResponse[None])
    assert_type(c.responses.parse(model="m", input="hi", text_format=list[City]).output_parsed, list[City] | None)
    assert_type(c.responses.parse(model="m", input="hi", parse_as=City), ParsedResponse[City])
    assert_type(c.responses.with_raw_response.parse(model="m", input="hi", text_format=City), RawResponse[ParsedResponse[City]])
    with c.responses.with_streaming_response.parse(model="m", input="hi", text_format=City) as opened:
        assert_type(opened, APIResponse[ParsedResponse[City]])
    assert_type(c.plan.responses.parse(model="m", input="hi", text_format=City), Call[ParsedResponse[City]])
    c.responses.parse(model="m", input="hi", text_format=City(name="Oslo"))  # E
