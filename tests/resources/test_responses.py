"""Responses and conversations: the requests they make, the answers they give, and what the events of a stream amount to."""

from __future__ import annotations

import asyncio
import inspect
from copy import deepcopy
from typing import Any

import pytest
from memory_clients import KINDS, body, events, make, reply, result, sent

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI
from ceyx.errors import ProtocolError, StreamTruncatedError
from ceyx.streams.collected import ResponseCollector
from ceyx.types.conversations import Conversation, ConversationDeletedResource, ConversationItemList
from ceyx.types.responses import CompactedResponse, InputTokenCountResponse, Response
from ceyx.wire.collecting import ErrorEvent
from ceyx.wire.view import View

TEXT = {"type": "output_text", "text": "Hallo", "annotations": []}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [TEXT]}
RESPONSE = {"id": "resp_1", "object": "response", "status": "completed", "output": [MESSAGE], "model": "m"}
CONVERSATION = {"id": "conv_1", "object": "conversation", "created_at": 1, "metadata": {}}
PAGE = {"object": "list", "data": [MESSAGE], "first_id": "msg_1", "last_id": "msg_1", "has_more": False}
ITEMS: Any = [{"role": "user", "content": "hi"}]

CALLS: dict[str, tuple[Any, Any, str, str, Any, Any]] = {
    "create": (
        lambda c: c.responses.create(model="m", input="hi", store=False),
        RESPONSE,
        "POST",
        "/responses",
        {"model": "m", "input": "hi", "store": False},
        Response,
    ),
    "retrieve": (
        lambda c: c.responses.retrieve("a/b", include=["x", "y"]),
        RESPONSE,
        "GET",
        "/responses/a%2Fb?include[]=x&include[]=y",
        None,
        Response,
    ),
    "delete": (lambda c: c.responses.delete("r"), {"deleted": True}, "DELETE", "/responses/r", None, type(None)),
    "cancel": (lambda c: c.responses.cancel("r"), RESPONSE, "POST", "/responses/r/cancel", None, Response),
    "compact": (
        lambda c: c.responses.compact(model="m", input=ITEMS),
        {**RESPONSE, "object": "response.compaction"},
        "POST",
        "/responses/compact",
        {"model": "m", "input": ITEMS},
        CompactedResponse,
    ),
    "input_tokens.count": (
        lambda c: c.responses.input_tokens.count(model="m", input="hi"),
        {"object": "response.input_tokens", "input_tokens": 2},
        "POST",
        "/responses/input_tokens",
        {"model": "m", "input": "hi"},
        InputTokenCountResponse,
    ),
    "conversations.create": (
        lambda c: c.conversations.create(items=ITEMS),
        CONVERSATION,
        "POST",
        "/conversations",
        {"items": ITEMS},
        Conversation,
    ),
    "conversations.retrieve": (
        lambda c: c.conversations.retrieve("c"),
        CONVERSATION,
        "GET",
        "/conversations/c",
        None,
        Conversation,
    ),
    "conversations.update": (
        lambda c: c.conversations.update("c", metadata={"a": "b"}),
        CONVERSATION,
        "POST",
        "/conversations/c",
        {"metadata": {"a": "b"}},
        Conversation,
    ),
    "conversations.delete": (
        lambda c: c.conversations.delete("c"),
        {"id": "c", "deleted": True},
        "DELETE",
        "/conversations/c",
        None,
        ConversationDeletedResource,
    ),
    "conversations.items.create": (
        lambda c: c.conversations.items.create("c", items=ITEMS, include=["x"]),
        PAGE,
        "POST",
        "/conversations/c/items?include[]=x",
        {"items": ITEMS},
        ConversationItemList,
    ),
    "conversations.items.retrieve": (
        lambda c: c.conversations.items.retrieve("i", conversation_id="c", include=["x"]),
        MESSAGE,
        "GET",
        "/conversations/c/items/i?include[]=x",
        None,
        View,
    ),
    "conversations.items.delete": (
        lambda c: c.conversations.items.delete("i", conversation_id="c"),
        CONVERSATION,
        "DELETE",
        "/conversations/c/items/i",
        None,
        Conversation,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("call", "answer", "method", "target", "content", "gives"), CALLS.values(), ids=CALLS)
def test_what_is_asked_and_what_is_given(
    kind: Any, call: Any, answer: Any, method: str, target: str, content: Any, gives: type
) -> None:
    client = make(kind, reply(answer))
    assert isinstance(result(call(client)), gives)
    asked = sent(client)
    assert (asked.method, body(client)) == (method, content)
    if "Azure" in kind.__name__:
        assert "/deployments/" not in asked.target and asked.target.startswith(f"/openai{target.partition('?')[0]}")
    else:
        assert asked.target.replace("%5B%5D", "[]") == f"/v1{target}"


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda c: c.responses.compact(input="x"), "'model'"),
        (lambda c: c.conversations.update("c"), "'metadata'"),
        (lambda c: c.conversations.items.create("c"), "'items'"),
        (lambda c: c.conversations.items.retrieve("i"), "'conversation_id'"),
    ],
)
def test_what_is_missing_is_named(call: Any, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        call(make(OpenAI))


def test_lists() -> None:
    asked = {"id": "m", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}
    page = {**PAGE, "data": [asked, MESSAGE]}
    client = make(OpenAI, lambda _: reply(page))
    for listed in (client.responses.input_items.list("r", limit=2), client.conversations.items.list("c", limit=2)):
        assert [item.content[0].text for item in listed] == ["x", "Hallo"]
        assert all(isinstance(item.content[0], View) for item in listed)
    assert sent(client).target == "/v1/conversations/c/items?limit=2"


def test_modes() -> None:
    raw = make(OpenAI, reply(RESPONSE, x_request_id="req-1")).responses.with_raw_response.create(model="m", input="x")
    assert (raw.request_id, raw.parse().output_text) == ("req-1", "Hallo")
    planned = make(OpenAI).responses.plan.retrieve("r", stream=True, starting_after=7)
    assert (planned.method, planned.path, planned.query) == ("GET", "/responses/r", {"stream": True, "starting_after": 7})
    assert make(OpenAI).conversations.items.plan.list("c").path == "/conversations/c/items"
    assert inspect.iscoroutinefunction(make(AsyncOpenAI).responses.create)
    assert not inspect.iscoroutinefunction(make(AsyncOpenAI).responses.input_items.list)


def test_signatures_name_the_parameters() -> None:
    create = inspect.signature(make(OpenAI).responses.create).parameters
    assert {"input", "model", "previous_response_id", "stream", "timeout"} <= create.keys()
    retrieve = inspect.signature(make(OpenAI).responses.retrieve).parameters
    assert next(iter(retrieve)) == "response_id" and {"starting_after", "include_obfuscation"} <= retrieve.keys()


# ---- streams


def event(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    return deepcopy({"type": f"response.{kind}", "sequence_number": number, **fields})


def delta(kind: str, text: str, place: int = 0, **where: Any) -> dict[str, Any]:
    return event(f"{kind}.delta", 0, item_id="i", output_index=place, delta=text, **where)


BEGUN = {**RESPONSE, "status": "in_progress", "output": []}
OPEN_MESSAGE = {**MESSAGE, "status": "in_progress", "content": []}
PART = {"type": "output_text", "text": "", "annotations": []}
STREAM = [
    event("created", 0, response=BEGUN),
    event("in_progress", 1, response=BEGUN),
    event("output_item.added", 2, output_index=0, item=OPEN_MESSAGE),
    event("content_part.added", 3, item_id="msg_1", output_index=0, content_index=0, part=PART),
    delta("output_text", "Hal", content_index=0, logprobs=[]),
    delta("output_text", "lo", content_index=0, logprobs=[]),
    event("output_item.done", 6, output_index=0, item=MESSAGE),
    event("completed", 7, response=RESPONSE),
]


def test_a_stream() -> None:
    client = make(OpenAI, lambda _: events(*STREAM, done=False))
    stream = client.responses.create(model="m", input="x", stream=True)
    assert "".join(one.delta for one in stream if one.type == "response.output_text.delta") == "Hallo"
    assert body(client)["stream"] is True
    again = [*client.responses.retrieve("r", stream=True, starting_after=3)]
    assert sent(client).target == "/v1/responses/r?stream=true&starting_after=3"
    assert again[-1].response.output_text == "Hallo"


def test_an_async_stream() -> None:
    async def main() -> list[Any]:
        client = make(AsyncOpenAI, events(*STREAM, done=False))
        return [one.type async for one in await client.responses.create(model="m", input="x", stream=True)]

    assert asyncio.run(main()) == [one["type"] for one in STREAM]


def test_azure_streams_below_no_deployment() -> None:
    client = make(AzureOpenAI, events(*STREAM, done=False), azure_deployment="dep")
    assert [*client.responses.create(model="dep", input="x", stream=True)][-1].type == "response.completed"
    assert sent(client).target.startswith("/openai/responses?")


@pytest.mark.parametrize("count", range(1, len(STREAM)))
def test_a_cut_stream_has_the_response_so_far(count: int) -> None:
    client = make(OpenAI, events(*STREAM[:count], done=False))
    with pytest.raises(StreamTruncatedError, match=r"no response\.completed") as caught:
        list(client.responses.create(model="m", input="x", stream=True))
    partial: Any = caught.value.partial
    assert type(partial) is Response and partial.id == "resp_1" and partial.status == "in_progress"
    assert partial.output_text == ["", "", "", "", "Hal", "Hallo", "Hallo"][count - 1]


def test_other_ends() -> None:
    for kind in ("failed", "incomplete"):
        collector = collected([*STREAM[:2], event(kind, 2, response={**BEGUN, "status": kind})])
        assert collector.unfinished() is None and collector.partial().status == kind
    with pytest.raises(ErrorEvent):
        collected([*STREAM[:2], {"type": "error", "message": "x"}])
    assert collected(STREAM[:-1]).unfinished() is not None


# ---- what the events amount to


def collected(happened: list[dict[str, Any]]) -> ResponseCollector:
    collector = ResponseCollector()
    for one in deepcopy(happened):
        collector.read(one)
    return collector


def item(place: int, **fields: Any) -> dict[str, Any]:
    return event("output_item.added", 0, output_index=place, item={"id": f"i{place}", "status": "in_progress", **fields})


def test_every_kind_of_text_finds_its_place() -> None:
    happened = [
        STREAM[0],
        item(0, type="reasoning", summary=[]),
        event("reasoning_summary_part.added", 0, output_index=0, summary_index=0, part={"type": "summary_text", "text": ""}),
        delta("reasoning_summary_text", "Hm", summary_index=0),
        delta("reasoning_summary_text", ".", summary_index=0),
        delta("reasoning_text", "So ", content_index=0),
        item(1, type="function_call", name="f", arguments="", call_id="c"),
        delta("function_call_arguments", '{"a"', 1),
        delta("function_call_arguments", ": 1", 1),
        item(2, type="custom_tool_call", name="f", input="", call_id="c"),
        delta("custom_tool_call_input", "ls", 2),
        item(3, type="mcp_call", name="f", arguments=""),
        delta("mcp_call_arguments", "{}", 3),
        item(4, type="code_interpreter_call", code=""),
        delta("code_interpreter_call_code", "1+1", 4),
        item(5, type="message", role="assistant", content=[]),
        delta("output_text", "b", 5, content_index=1),
        delta("refusal", "No", 5, content_index=2),
        delta("output_text", "a", 5, content_index=0),
    ]
    snapshot: Any = collected(happened).snapshot()
    reasoning, function, custom, mcp, code, message = snapshot.output
    assert ([part.text for part in reasoning.summary], [part.text for part in reasoning.content]) == (["Hm."], ["So "])
    assert (function.arguments, custom.input, mcp.arguments, code.code) == ('{"a": 1', "ls", "{}", "1+1")
    assert [type(one).__name__ for one in message.content] == [
        "ResponseOutputText",
        "ResponseOutputText",
        "ResponseOutputRefusal",
    ]
    assert snapshot.output_text == "ab" and message.content[2].refusal == "No"


def test_snapshots_are_values_of_their_own() -> None:
    collector = collected(STREAM[:5])
    first = collector.partial()
    first.output.clear()
    assert collector.partial().output_text == "Hal"
    seen: Any = collector.read(deepcopy(STREAM[5]))
    seen.delta = "changed"
    assert collector.partial().output_text == "Hallo"
    assert first.output_text == ""


def test_finished_items_leave_nothing_behind() -> None:
    collector = collected(STREAM[:7])
    assert not collector.texts and not collector._parts
    assert collector.snapshot().output_text == "Hallo"


def test_events_about_what_was_never_announced() -> None:
    collector = collected([STREAM[0], delta("output_text", "x", 3, content_index=0)])
    with pytest.raises(ProtocolError, match=r"response\.output_text\.delta came for output_index 3"):
        collector.snapshot()
    assert collector.partial().output == []  # as in a stream that is taken up again in the middle
    assert collected(STREAM[4:]).snapshot().output_text == "Hallo"  # what the snapshot does not need is no error


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "x",
        [],
        {},
        {"type": None},
        {"type": []},
        {"type": "response.telepathy", "output_index": 0},
        {"type": "response.output_text.delta"},
        {"type": "response.output_text.delta", "output_index": None, "delta": "x"},
        {"type": "response.output_text.delta", "output_index": 0, "delta": None, "content_index": None},
        {"type": "response.output_item.added"},
        {"type": "response.output_item.added", "output_index": 0},
        {"type": "response.output_item.done", "output_index": 0, "item": "x"},
        {"type": "response.content_part.added", "output_index": 0},
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "part": 1},
        {"type": "response.created"},
        {"type": "response.created", "response": "x"},
    ],
)
def test_a_server_that_breaks_its_schema_does_not_break_the_reader(odd: Any) -> None:
    collector = collected([*STREAM[:3], odd])
    assert isinstance(collector.partial(), Response)
    collector.read(deepcopy(STREAM[-1]))
    assert collector.partial().output_text == "Hallo"


def test_what_a_content_filter_stopped() -> None:
    findings = {"violence": {"filtered": True, "severity": "high"}}
    stopped = {
        **BEGUN,
        "status": "incomplete",
        "incomplete_details": {"reason": "content_filter"},
        "content_filters": [{"blocked": True, "source_type": "completion", "content_filter_results": findings}],
    }
    found = collected([STREAM[0], event("incomplete", 1, response=stopped)]).filtered()
    assert found == {"content_filter_results": findings}
    assert collected(STREAM).filtered() is None
    assert collected([]).filtered() is None
