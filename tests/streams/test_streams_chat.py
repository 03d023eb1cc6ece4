"""Chat completions as events: what is asked, what comes, and what is said when it goes wrong."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import weakref
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from memory_clients import ASK, body, chunk, events, failure, make, requests
from recorded import RECORDED, TIME, WEATHER, City, call, piece, started, text, usage

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, errors, pydantic_function_tool
from ceyx.streams.chat import (
    AsyncChatCompletionStream,
    AsyncChatCompletionStreamManager,
    ChatCompletionStream,
    ChatCompletionStreamManager,
    ChatCompletionStreamState,
)
from ceyx.types.chat import ChatCompletionChunk, ParsedChatCompletion

both = pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])


def state(*chunks: Any, **asked: Any) -> tuple[ChatCompletionStreamState[Any], list[Any]]:
    """The machine after these chunks, and its events but for the chunks."""
    machine: ChatCompletionStreamState[Any] = ChatCompletionStreamState(**asked)
    seen = [event for one in chunks for event in machine.handle_chunk(ChatCompletionChunk.wrap(json.loads(json.dumps(one))))]
    return machine, [event for event in seen if event.type != "chunk"]


def opened(client: Any, use: Any, **params: Any) -> Any:
    """What `use` makes of the stream; it is written with `await` for the blocking one, too."""
    manager = client.chat.completions.stream(**{"model": "m", "messages": ASK, **params})

    async def main() -> Any:
        async with manager as stream:
            return await use(stream)

    def blocking() -> Any:
        with manager as stream:
            try:
                use(Awaited(stream)).send(None)
            except StopIteration as end:
                return end.value

    return asyncio.run(main()) if isinstance(client, AsyncOpenAI) else blocking()


class Awaited:
    """A blocking stream with the face of one that awaits."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.stream, name)

        async def method(*given: Any) -> Any:
            return value(*given)

        return method if callable(value) else value

    async def __aiter__(self) -> Any:
        for event in self.stream:
            yield event


# ---- the streams


@both
def test_events_then_the_completion(kind):
    client = make(kind, events(started(), *text("Hel", "lo"), piece({}, "stop"), usage(), ended=False, x_request_id="req-1"))

    async def use(stream: Any) -> Any:
        seen = [(event.type, getattr(event, "snapshot", None)) async for event in stream]
        assert [(name, snapshot) for name, snapshot in seen if name != "chunk"] == [
            ("content.delta", ""),
            ("content.delta", "Hel"),
            ("content.delta", "Hello"),
            ("content.done", None),
        ]
        assert stream.response.status_code == 200
        assert stream.request_id == stream.response.request_id == "req-1"
        return await stream.get_final_completion()

    completion = opened(client, use, temperature=0.5)
    assert type(completion) is ParsedChatCompletion
    assert completion.choices[0].message.content == "Hello"
    assert completion.usage.total_tokens == 12
    assert completion.usage.estimated is None
    assert body(client) == {"model": "m", "messages": ASK, "stream": True, "temperature": 0.5}


@both
def test_the_request_is_sent_on_entering_each_time(kind):
    client = make(kind, events(chunk("Hi")))
    manager = client.chat.completions.stream(model="m", messages=ASK)
    assert requests(client) == []
    assert type(manager) is (ChatCompletionStreamManager if kind is OpenAI else AsyncChatCompletionStreamManager)

    async def twice() -> list[Any]:
        found = []
        for _ in range(2):
            async with manager as stream:
                assert type(stream) is AsyncChatCompletionStream
                found.append(await stream.get_final_completion())
        return found

    if kind is AsyncOpenAI:
        one, other = asyncio.run(twice())
    else:
        with manager as stream:
            assert type(stream) is ChatCompletionStream
            one = stream.get_final_completion()
        with manager as stream:
            other = stream.get_final_completion()
    assert one == other
    assert len(requests(client)) == 2


@both
def test_final_without_a_loop_and_after_the_block(kind):
    client, kept = make(kind, events(chunk("Hel"), chunk("lo"))), []

    async def use(stream: Any) -> Any:
        kept.append(stream)
        done = await stream.until_done()
        assert done is getattr(stream, "stream", stream)
        return await stream.get_final_completion()

    completion = opened(client, use)
    assert completion.choices[0].message.content == "Hello"
    assert kept[0].current_completion_snapshot.choices[0].message.content == "Hello"


@both
def test_leaving_early_closes_and_says_what_is_missing(kind):
    client = make(kind, events(chunk("Hel"), chunk("lo")))
    kept = []

    async def use(stream: Any) -> None:
        kept.append(stream)
        async for event in stream:
            if event.type == "content.delta":
                break

    opened(client, use)

    async def final() -> Any:
        return await kept[0].get_final_completion()

    with pytest.raises(
        errors.StreamTruncatedError, match="ended early, as it was closed, with no finish_reason of choice 0"
    ) as caught:
        asyncio.run(final())
    assert caught.value.partial.choices[0].message.content == "Hel"


@both
def test_a_stream_that_is_closed_when_all_has_come_is_whole(kind):
    client, kept = make(kind, events(chunk("Hel"), chunk("lo"))), []

    async def use(stream: Any) -> None:
        kept.append(stream)
        async for event in stream:
            if event.type == "content.done":
                break

    opened(client, use)

    async def final() -> Any:
        return await kept[0].get_final_completion()

    assert asyncio.run(final()).choices[0].message.content == "Hello"


@both
def test_a_cut_stream_is_an_error_of_the_loop_and_of_the_final_accessors_as_often_as_they_are_asked(kind):
    client = make(kind, events(chunk("Hel"), chunk("lo"), done=False))

    async def use(stream: Any) -> list[Any]:
        caught = []
        try:
            async for _ in stream:
                pass
        except errors.StreamTruncatedError as error:
            caught.append(error)
        for ask in (stream.get_final_completion, stream.until_done, stream.get_final_completion):
            try:
                await ask()
            except errors.StreamTruncatedError as error:
                caught.append(error)
        return caught

    caught = opened(client, use)
    assert len(caught) == 4
    assert all(error is caught[0] for error in caught)
    assert caught[0].partial.choices[0].message.content == "Hello"
    assert "no finish_reason of choice 0" in caught[0].message


@both
def test_where_no_end_is_asked_for_a_cut_stream_is_what_came(kind):
    client = make(kind, events(chunk("Hel"), done=False), stream_end="unchecked")

    async def use(stream: Any) -> Any:
        return await stream.get_final_completion()

    assert opened(client, use).choices[0].message.content == "Hel"


@both
def test_errors_before_the_stream_are_raised_on_entering(kind):
    client = make(kind, failure(429, "slow down", "rate_limit_exceeded"), max_retries=0)

    async def use(_: Any) -> None: ...

    with pytest.raises(errors.RateLimitError, match="slow down"):
        opened(client, use)


@both
def test_an_error_event_is_typed_and_has_what_came(kind):
    client = make(kind, (200, {"content-type": "text/event-stream"}, [
        events(chunk("Hel"), done=False)[2][0], b'data: {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}\n\n',
    ]))  # fmt: skip

    async def use(stream: Any) -> None:
        await stream.get_final_completion()

    with pytest.raises(errors.RateLimitError, match="slow down") as caught:
        opened(client, use)
    assert caught.value.partial.choices[0].message.content == "Hel"


def test_a_stream_is_given_in_the_plain_modes_only():
    client = make(OpenAI)
    for mode in (client.plan.chat.completions, client.chat.completions.with_raw_response):
        with pytest.raises(TypeError, match="call it without plan, with_raw_response"):
            mode.stream(model="m", messages=ASK)
    with pytest.raises(TypeError, match="messages"):
        client.chat.completions.stream(model="m")
    assert make(AzureOpenAI, azure_deployment="gpt-4o").chat.completions.stream(messages=ASK)


def test_a_dropped_stream_is_freed_at_once():
    manager = make(OpenAI, events(chunk("Hel"), chunk("lo"))).chat.completions.stream(model="m", messages=ASK)
    stream = manager.__enter__()
    next(stream)
    manager._stream = None
    gone = weakref.ref(stream)
    gc.disable()
    try:
        del stream
        assert gone() is None
    finally:
        gc.enable()


# ---- reading


@dataclass
class Town:
    name: str


class Hamlet(msgspec.Struct):
    name: str


@both
@pytest.mark.parametrize(
    ("type_", "sent", "value", "on_the_way"),
    [
        (City, '{"name":"Oslo","people":7}', City(name="Oslo", people=7), {"name": "Oslo"}),
        (Town, '{"name":"Oslo"}', Town("Oslo"), {"name": "Oslo"}),
        (Hamlet, '{"name":"Oslo"}', Hamlet("Oslo"), {"name": "Oslo"}),
        (list[str], '{"value":["Oslo","Bergen"]}', ["Oslo", "Bergen"], ["Oslo"]),
    ],
)
def test_text_is_read_as_the_type_and_as_far_as_it_goes_on_the_way(kind, type_, sent, value, on_the_way):
    client = make(kind, events(started(), *text(*sent), piece({}, "stop"), ended=False))

    async def use(stream: Any) -> Any:
        seen = [event async for event in stream]
        return seen, await stream.get_final_completion()

    seen, completion = opened(client, use, response_format=type_)
    assert on_the_way in [event.parsed for event in seen if event.type == "content.delta"]
    assert [event.parsed for event in seen if event.type == "content.done"] == [value]
    assert completion.choices[0].message.parsed == value
    assert body(client)["response_format"]["json_schema"]["strict"] is True


@both
def test_text_that_does_not_fit_says_so(kind):
    client = make(kind, events(started(), *text('{"name":1}'), piece({}, "stop"), ended=False))

    async def use(stream: Any) -> None:
        await stream.get_final_completion()

    with pytest.raises(ValueError, match="validation errors for City") as caught:
        opened(client, use, response_format=City)
    assert caught.value.__notes__ == ["in choice 0 of a streamed completion: '{\"name\":1}'"]


@both
def test_a_type_that_cannot_be_strict_says_so_before_anything_is_sent(kind):
    client = make(kind)
    with pytest.raises(ValueError, match="free keys"):
        client.chat.completions.stream(model="m", messages=ASK, response_format=dict[str, int])
    assert requests(client) == []


@both
@pytest.mark.parametrize(
    ("finish", "error"),
    [("length", errors.LengthFinishReasonError), ("content_filter", errors.ContentFilterFinishReasonError)],
)
def test_what_is_to_be_read_and_was_cut_is_an_error(kind, finish, error):
    client = make(kind, events(started(), *text('{"name":"Os'), piece({}, finish), usage(), ended=False))

    async def use(stream: Any) -> list[Any]:
        caught = []
        for ask in (stream.until_done, stream.get_final_completion):
            try:
                await ask()
            except error as one:
                caught.append(one)
        return caught

    one, other = opened(client, use, response_format=City)
    assert one is other
    assert one.completion.choices[0].message.content == '{"name":"Os'


@pytest.mark.parametrize("tools", [[], [TIME]])
@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_arguments_that_were_cut_are_never_given_for_whole(tools, finish):
    machine, seen = state(*call(0, "call_1", "time", '{"zone":'), input_tools=tools)
    assert [event.type for event in seen] == ["tool_calls.function.arguments.delta"] * 2
    with pytest.raises((errors.LengthFinishReasonError, errors.ContentFilterFinishReasonError)):
        machine.handle_chunk(ChatCompletionChunk.wrap(piece({}, finish)))
    with pytest.raises((errors.LengthFinishReasonError, errors.ContentFilterFinishReasonError)):
        machine.get_final_completion()


@pytest.mark.parametrize(
    ("finish", "error"),
    [("length", errors.LengthFinishReasonError), ("content_filter", errors.ContentFilterFinishReasonError)],
)
def test_plain_text_that_was_cut_streams_to_its_end_and_is_no_final_completion(finish, error):
    machine, seen = state(started(), *text("Hel"), piece({}, finish))
    assert seen[-1].type == "content.done"
    with pytest.raises(error) as caught:
        machine.get_final_completion()
    assert caught.value.completion.choices[0].message.content == "Hel"
    assert machine.current_completion_snapshot.choices[0].finish_reason == finish


def test_a_state_of_its_own_says_what_is_missing():
    machine, _ = state(started(), *text("Hel"))
    with pytest.raises(errors.StreamTruncatedError, match="no whole completion: there is no finish_reason of choice 0") as caught:
        machine.get_final_completion()
    assert caught.value.partial.choices[0].message.content == "Hel"
    assert machine.current_completion_snapshot.choices[0].message.content == "Hel"
    assert ChatCompletionStreamState().current_completion_snapshot.choices == []


# ---- calls


def test_arguments_are_read_as_their_tools_have_it():
    tool: Any = pydantic_function_tool(City, name="found")
    chunks = [
        *call(0, "call_1", "found", '{"name":"Oslo",', '"people":7}', content=None),
        *call(1, "call_2", "weather", '{"city":"Rome"}'),
        *call(2, "call_3", "time", '{"zone":"CET"}'),
        piece({}, "tool_calls"),
    ]
    machine, seen = state(*chunks, input_tools=[tool, WEATHER, TIME])
    read = [City(name="Oslo", people=7), {"city": "Rome"}, None]
    assert [event.parsed_arguments for event in seen if event.type.endswith(".done")] == read
    deltas = [event.parsed_arguments for event in seen if event.type.endswith(".delta") and event.name == "found"]
    assert deltas == [None, {"name": "Oslo"}, {"name": "Oslo", "people": 7}]
    calls = machine.get_final_completion().choices[0].message.tool_calls
    assert calls
    assert [one.function.parsed_arguments for one in calls] == read
    assert [one.id for one in calls] == ["call_1", "call_2", "call_3"]


def test_a_repeated_id_and_name_stays_once():
    said = {"index": 0, "id": "call_1", "type": "function"}
    pieces = [piece({"tool_calls": [{**said, "function": {"name": "time", "arguments": one}}]}) for one in ("{", "}")]
    machine, seen = state(*pieces, piece({}, "tool_calls"))
    assert [(event.name, event.arguments) for event in seen] == [("time", "{"), ("time", "{}"), ("time", "{}")]
    (one,) = machine.get_final_completion().choices[0].message.tool_calls or ()
    assert (one.id, one.function.name, one.function.arguments) == ("call_1", "time", "{}")


def test_calls_in_turns_are_merged_by_index():
    one, other = call(0, "call_1", "weather", '{"a":', "1}"), call(1, "call_2", "weather", '{"b":', "2}")
    turns = (one[0], one[1], other[0], other[1], one[2], other[2])
    machine, seen = state(*turns, piece({}, "tool_calls"), input_tools=[WEATHER])
    calls = machine.get_final_completion().choices[0].message.tool_calls or ()
    assert [(made.id, made.function.arguments) for made in calls] == [("call_1", '{"a":1}'), ("call_2", '{"b":2}')]
    done = [(event.index, event.parsed_arguments) for event in seen if event.type.endswith(".done")]
    assert done == [(0, {"a": 1}), (1, {"b": 2})]  # each once, when it is whole


def test_calls_that_come_in_one_piece_with_the_end():
    """Servers of other makers send so; `openai` never says of such a call that it is done."""
    calls = [
        {"index": place, "id": f"call_{place}", "type": "function", "function": {"name": "time", "arguments": "{}"}}
        for place in (0, 1)
    ]
    _, seen = state(piece({"role": "assistant", "tool_calls": calls}, "tool_calls"))
    assert [(event.type.rpartition(".")[2], event.index) for event in seen] == [
        ("delta", 0),
        ("delta", 1),
        ("done", 0),
        ("done", 1),
    ]


def test_calls_without_an_index():
    calls = [{"id": id_, "type": "function", "function": {"name": id_, "arguments": "{}"}} for id_ in ("a", "b")]
    _, seen = state(piece({"tool_calls": calls[:1]}), piece({"tool_calls": calls[1:]}, "tool_calls"))
    assert [(event.name, event.index) for event in seen if event.type.endswith(".done")] == [("a", 0), ("b", 1)]


def test_custom_tools_are_in_the_completion():
    said = {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "run", "input": "ls"}}
    machine, seen = state(piece({"tool_calls": [said]}), piece({}, "tool_calls"))
    assert seen == []
    (made,) = machine.get_final_completion().choices[0].message.tool_calls or ()
    assert made.to_dict() == {name: value for name, value in said.items() if name != "index"}


# ---- answers


def test_answers_may_come_in_any_order():
    machine, seen = state(started(1), *text("b", index=1), started(0), *text("a"), piece({}, "stop", 1), piece({}, "stop"))
    assert [event.choice for event in seen] == [1, 1, 0, 0, 1, 0]
    assert [choice.message.content for choice in machine.get_final_completion().choices] == ["a", "b"]


def test_what_azures_filter_finds_is_not_lost():
    found = {"hate": {"filtered": False, "severity": "safe"}}
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    prompt = {**first, "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": found}]}
    late = {**first, "choices": [{"index": 0, "content_filter_results": found, "content_filter_offsets": {"start_offset": 0}}]}
    machine = ChatCompletionStreamState[None]()
    kinds = [
        [event.type for event in machine.handle_chunk(ChatCompletionChunk.wrap(one))]
        for one in (prompt, started(), *text("Hi"), late, piece({}, "stop"))
    ]
    assert kinds == [[], ["chunk", "content.delta"], ["chunk", "content.delta"], ["chunk"], ["chunk", "content.done"]]
    completion = machine.get_final_completion()
    assert completion.prompt_filter_results
    assert completion.prompt_filter_results[0].content_filter_results.hate.severity == "safe"  # type: ignore[union-attr]
    assert completion.choices[0].content_filter_results.hate.filtered is False  # type: ignore[union-attr]


# ---- usage


@both
def test_usage_that_was_asked_for_and_did_not_come_is_estimated(kind):
    ask = [{"role": "user", "content": "x" * 39}, {"role": "user", "content": [{"type": "text", "text": "é"}]}]
    client = make(kind, events(started(), *text("Grüezi", "!"), piece({}, "stop"), ended=False))

    async def use(stream: Any) -> Any:
        return await stream.get_final_completion()

    usage = opened(client, use, messages=iter(ask), stream_options={"include_usage": True}).usage
    assert usage.to_dict() == {"prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13, "estimated": True}
    assert body(client)["messages"] == ask
    assert opened(client, use).usage is None  # it was not asked for


def test_images_and_calls_in_an_estimate():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 4000}}
    made = {"id": "call_1", "type": "function", "function": {"name": "time", "arguments": "{}12"}}
    ask: Any = [{"role": "user", "content": [image]}, {"role": "assistant", "content": None, "tool_calls": [made]}]
    machine, _ = state(started(), *text("1234"), piece({}, "stop"), messages=ask)
    found = machine.get_final_completion().usage
    assert found
    assert (found.prompt_tokens, found.completion_tokens, found.estimated) == (2, 1, True)


# ---- events as values


def test_a_snapshot_is_that_of_its_event_however_late_it_is_read():
    _, seen = state(started(), *text("a", "b", "c"))
    assert [event.snapshot for event in reversed(seen)] == ["abc", "ab", "a", ""]
    assert [event.snapshot for event in seen] == ["", "a", "ab", "abc"]


def test_events_are_dumped_compared_and_pickled_with_what_is_worked_out_late():
    _, (_, event, *_) = state(started(), *text('{"name":"Oslo",'), response_format=City)
    whole = {
        "type": "content.delta",
        "choice": 0,
        "delta": '{"name":"Oslo",',
        "snapshot": '{"name":"Oslo",',
        "parsed": {"name": "Oslo"},
    }
    assert event.model_dump() == whole
    assert "snapshot='{" in repr(event)
    again = pickle.loads(pickle.dumps(event))
    assert again == event
    assert again.snapshot == event.snapshot
    assert event.model_copy().parsed == {"name": "Oslo"}
    with pytest.raises(AttributeError, match="'ContentDeltaEvent' object has no attribute 'snap'"):
        event.snap  # noqa: B018


@pytest.mark.parametrize("name", RECORDED)
def test_every_event_is_json(name):
    chunks, asked = RECORDED[name]
    machine = ChatCompletionStreamState[Any](**asked)
    for one in chunks:
        for event in machine.handle_chunk(ChatCompletionChunk.wrap(json.loads(json.dumps(one)))):
            assert json.loads(event.model_dump_json())["type"] == event.type


# ---- whatever a server sends

values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "stop", "length", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["index", "id", "type", "function", "name", "arguments", "content", "refusal", "token"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
delta_values = st.fixed_dictionaries({}, optional=dict.fromkeys(("role", "content", "refusal", "tool_calls"), values))
choice_values = st.fixed_dictionaries(
    {}, optional={"index": values, "delta": delta_values | values, "finish_reason": values, "logprobs": values}
)
chunk_values = st.fixed_dictionaries({}, optional={"choices": st.lists(choice_values | values, max_size=2) | values})


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(st.lists(chunk_values | values, max_size=4), st.booleans())
def test_whatever_a_server_sends_is_events_or_an_error_of_ours(sent, reads):
    machine = ChatCompletionStreamState[Any](**({"response_format": City, "input_tools": [WEATHER]} if reads else {}))
    try:
        for one in sent:
            for event in machine.handle_chunk(ChatCompletionChunk.wrap(one)):
                event.model_dump()
        machine.get_final_completion()
    except (errors.OpenAIError, ValueError):
        pass
