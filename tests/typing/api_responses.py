# ruff: noqa: B018
"""What type checkers infer of responses and conversations. A line that ends in `# E` must be an error, no other."""

from __future__ import annotations

from typing import assert_type

from ceyx import AsyncOpenAI, OpenAI
from ceyx.pagination import AsyncCursorPage, AsyncPaginator, SyncCursorPage
from ceyx.response import RawResponse
from ceyx.streaming import AsyncStream, Stream
from ceyx.types.chat.content_filter import ContentFilter
from ceyx.types.conversations import Conversation, ConversationDeletedResource, ConversationItem, ConversationItemList
from ceyx.types.responses import (
    CompactedResponse,
    FunctionToolParam,
    InputTokenCountResponse,
    Response,
    ResponseInputParam,
    ResponseItem,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseStreamEvent,
    ResponseTextDeltaEvent,
)
from ceyx.wire.call import Call, Pages

ask: ResponseInputParam = [
    {"role": "user", "content": "hi"},
    {"role": "user", "content": [{"type": "input_text", "text": "What?"}, {"type": "input_image", "detail": "auto"}]},
    {"type": "function_call_output", "call_id": "c", "output": "{}"},
]
tool: FunctionToolParam = {"type": "function", "name": "f", "parameters": {}, "strict": True, "async": True}


def responses(c: OpenAI, flag: bool) -> None:
    create = c.responses.create
    answer = create(model="m", input=ask, tools=[tool, {"type": "web_search"}], text={"format": {"type": "text"}})
    assert_type(answer, Response)
    assert_type(answer.output_text, str)
    assert_type(answer._request_id, str | None)
    assert_type(answer.content_filters, list[ContentFilter] | None)
    for item in answer.output:
        if item.type == "message":
            assert_type(item, ResponseOutputMessage)
        if isinstance(item, ResponseOutputMessage):
            for part in item.content:
                if isinstance(part, ResponseOutputText):
                    assert_type(part.text, str)
    assert_type(create(model="m", input="x", stream=True), Stream[ResponseStreamEvent])
    assert_type(create(model="m", input="x", stream=flag), Response | Stream[ResponseStreamEvent])
    for event in create(model="m", input="x", stream=True):
        if event.type == "response.output_text.delta":
            assert_type(event, ResponseTextDeltaEvent)
            assert_type(event.delta, str)
    assert_type(c.responses.retrieve("r"), Response)
    assert_type(c.responses.retrieve("r", stream=True, starting_after=3), Stream[ResponseStreamEvent])
    assert_type(c.responses.cancel("r"), Response)
    assert_type(c.responses.compact(model="m", input=ask), CompactedResponse)
    assert_type(c.responses.input_items.list("r", order="asc"), SyncCursorPage[ResponseItem])
    assert_type(c.responses.input_tokens.count(model="m", input="x"), InputTokenCountResponse)
    assert_type(c.responses.with_raw_response.create(model="m", input="x"), RawResponse[Response])
    assert_type(c.responses.plan.retrieve("r"), Call[Response])
    create(model="m", input="x", temperture=1)  # E
    create(model="m", input=[{"role": "wrong", "content": "x"}])  # E
    create(model="m", input="x", tools=[{"type": "telepathy"}])  # E
    create("m", "x")  # E
    c.responses.retrieve()  # E
    c.responses.compact(input="x")  # E
    c.responses.retrieve("r", stream=True).output_text  # E
    answer.output[0].text  # E


async def awaited(a: AsyncOpenAI) -> None:
    assert_type(await a.responses.create(model="m", input="x"), Response)
    assert_type(await a.responses.create(model="m", input="x", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(a.responses.input_items.list("r"), AsyncPaginator[ResponseItem, AsyncCursorPage[ResponseItem]])
    async for item in a.conversations.items.list("c"):
        assert_type(item, ConversationItem)
    a.responses.create(model="m", input="x").output_text  # E


def conversations(c: OpenAI) -> None:
    assert_type(c.conversations.create(items=ask, metadata={"a": "b"}), Conversation)
    assert_type(c.conversations.delete("c"), ConversationDeletedResource)
    assert_type(c.conversations.items.create("c", items=ask), ConversationItemList)
    assert_type(c.conversations.items.retrieve("i", conversation_id="c"), ConversationItem)
    assert_type(c.conversations.items.plan.list("c"), Pages[ConversationItem])
    c.conversations.update("c")  # E
    c.conversations.items.delete("i")  # E
    c.conversations.items.retrieve("i")  # E
