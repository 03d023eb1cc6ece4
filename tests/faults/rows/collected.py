"""Streams whose events are put together: the helpers for chats, tool calls, and responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cases import Case, gives, raises
from drives import ASK, Drive, Outcome
from listening import LIMITED, against, once
from raw_server import EVENTS

CALLING: Any = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                    "required": ["city", "days"],
                    "additionalProperties": False,
                },
            },
        }
    ],
    "messages": [{"role": "user", "content": "What is the weather in Bonn?"}],
}

CREATED = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "m", "output": []},
}

UNNAMED = EVENTS + b"".join(
    b"data: " + json.dumps(event).encode() + b"\n\n" for event in (CREATED, {"type": "error", "sequence_number": 1, **LIMITED})
)


def _events(drive: Drive, opened: Callable[[Any], Any], final: str, **options: Any) -> Outcome:
    """Reads `opened(client)` to its end and asks it for the whole; text is what came on the way."""
    pieces: list[str] = []

    def take(event: Any) -> None:
        if event.type in ("content.delta", "response.output_text.delta"):
            pieces.append(event.delta)

    def blocking(client: Any) -> Any:
        with opened(client) as stream:
            for event in stream:
                take(event)
            return getattr(stream, final)()

    async def awaited(client: Any) -> Any:
        async with opened(client) as stream:
            async for event in stream:
                take(event)
            return await getattr(stream, final)()

    outcome = drive.run(awaited if drive.awaits else blocking, **options)
    outcome.text = "".join(pieces)
    return outcome


# ---- chats


def collected(fault: str, **params: Any) -> Callable[[Drive], Outcome]:
    asked = {"model": "gpt-4o", "messages": ASK, **params}

    def run(drive: Drive) -> Outcome:
        outcome = _events(drive, lambda client: client.chat.completions.stream(**asked), "get_final_completion", fault=fault)
        if outcome.value is not None:
            message = outcome.value.choices[0].message
            outcome.note = ", ".join(f"{call.id[:5]}…: {call.function.arguments}" for call in message.tool_calls or ())
            if "stream_options" in asked:
                outcome.note = f"usage {outcome.value.usage and outcome.value.usage.to_dict()}"
        return outcome

    return run


def asked_again(drive: Drive) -> Outcome:
    """A stream that is cut: what its iteration raises, and after it, whenever they are asked, the accessors of the whole."""
    pieces: list[str] = []
    raised: list[Exception | None] = []

    def opened(client: Any) -> Any:
        return client.chat.completions.stream(model="gpt-4o", messages=ASK)

    def take(event: Any) -> None:
        if event.type == "content.delta":
            pieces.append(event.delta)

    def blocking(client: Any) -> None:
        with opened(client) as stream:

            def iterated() -> None:
                for event in stream:
                    take(event)

            for step in (iterated, stream.get_final_completion, stream.until_done, stream.get_final_completion):
                try:
                    step()
                except Exception as error:  # noqa: BLE001  # that is the question
                    raised.append(error)
                else:
                    raised.append(None)

    async def awaited(client: Any) -> None:
        async with opened(client) as stream:

            async def iterated() -> None:
                async for event in stream:
                    take(event)

            for step in (iterated, stream.get_final_completion, stream.until_done, stream.get_final_completion):
                try:
                    await step()
                except Exception as error:  # noqa: BLE001  # that is the question
                    raised.append(error)
                else:
                    raised.append(None)

    outcome = drive.run(awaited if drive.awaits else blocking, fault="stream-end")
    outcome.text = "".join(pieces)
    if raised:
        outcome.error, outcome.value = raised[0], raised
    return outcome


def each_time_truncated(outcome: Outcome, drive: Drive) -> None:
    assert len(outcome.value) == 4
    for error in outcome.value:
        outcome.error = error
        raises("StreamTruncatedError", "ended", partial=True, retryable=True)(outcome, drive)


def one_call(outcome: Outcome, _: Drive) -> None:
    if outcome.error is not None:
        raise AssertionError from outcome.error
    calls = outcome.value.choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["weather"]
    assert set(json.loads(calls[0].function.arguments)) == {"city", "days"}
    assert calls[0].id.count("call_") == 1


def two_calls(outcome: Outcome, _: Drive) -> None:
    if outcome.error is not None:
        raise AssertionError from outcome.error
    calls = outcome.value.choices[0].message.tool_calls
    assert [set(json.loads(call.function.arguments)) for call in calls] == [{"city", "days"}] * 2
    assert len({call.id for call in calls}) == 2


def cut_arguments(drive: Drive) -> Outcome:
    asked = {"model": "gpt-4o", **CALLING}
    return drive.run(lambda client: client.chat.completions.parse(**asked), fault="tool-cut")


def estimated(outcome: Outcome, drive: Drive) -> None:
    gives()(outcome, drive)
    usage = outcome.value.usage
    assert usage.estimated is True
    assert usage.completion_tokens > 0


# ---- responses


def response_stream(fault: str) -> Callable[[Drive], Outcome]:
    pieces: list[str] = []

    def run(drive: Drive) -> Outcome:
        pieces.clear()

        def take(event: Any) -> None:
            if event.type == "response.output_text.delta":
                pieces.append(event.delta)

        async def awaited(client: Any) -> None:
            async for event in await client.responses.create(model="gpt-4o", input="Say hello", stream=True):
                take(event)

        def blocking(client: Any) -> None:
            for event in client.responses.create(model="gpt-4o", input="Say hello", stream=True):
                take(event)

        outcome = drive.run(awaited if drive.awaits else blocking, fault=fault)
        outcome.text = "".join(pieces)
        return outcome

    return run


def response_events(fault: str) -> Callable[[Drive], Outcome]:
    def opened(client: Any) -> Any:
        return client.responses.stream(model="gpt-4o", input="Say hello")

    return lambda drive: _events(drive, opened, "get_final_response", fault=fault)


def response_so_far(outcome: Outcome, drive: Drive) -> None:
    raises("StreamTruncatedError", "no response.")(outcome, drive)
    error: Any = outcome.error
    assert outcome.text
    assert error.partial.output_text == outcome.text


def read_responses(drive: Drive) -> Outcome:
    events: list[Any] = []
    take = events.append

    async def awaited(client: Any) -> None:
        async for event in await client.responses.create(model="m", input="hi", stream=True):
            take(event)

    def blocking(client: Any) -> None:
        for event in client.responses.create(model="m", input="hi", stream=True):
            take(event)

    outcome = against(once(UNNAMED), awaited if drive.awaits else blocking)(drive)
    outcome.value = events
    return outcome


def collect_response(drive: Drive) -> Outcome:
    async def awaited(client: Any) -> None:
        async with client.responses.stream(model="m", input="hi") as stream:
            await stream.get_final_response()

    def blocking(client: Any) -> None:
        with client.responses.stream(model="m", input="hi") as stream:
            stream.get_final_response()

    return against(once(UNNAMED), awaited if drive.awaits else blocking)(drive)


def so_far(outcome: Outcome, drive: Drive) -> None:
    raises("RateLimitError", "Slow down", retryable=True)(outcome, drive)
    error: Any = outcome.error
    assert error.partial.id == "resp_1"


COLLECTED = (
    Case(
        "2",
        "`chat.completions.stream()`: ends without `finish_reason` and `[DONE]`",
        "StreamTruncatedError, with what came, from the iteration, and from `get_final_completion` and `until_done` after it",
        asked_again,
        each_time_truncated,
    ),
    Case(
        "5",
        "a stream of a response ends without `response.completed`",
        "StreamTruncatedError, with the response so far",
        response_stream("stream-end;events=7"),
        response_so_far,
    ),
    Case(
        "6",
        "`responses.stream()`: events out of order",
        "ProtocolError that names the event and its place",
        response_events("stream-disorder"),
        raises("ProtocolError", "response."),
    ),
    Case(
        "10b",
        "stream of a response: an `error` event without a line `event:`",
        "the typed error, `retryable`, with the response so far",
        read_responses,
        so_far,
    ),
    Case(
        "10c",
        "`responses.stream()`: the same",
        "the typed error, `retryable`, with the response so far",
        collect_response,
        so_far,
    ),
    Case(
        "54",
        "stream: each piece of a tool call has its id again",
        "merged by index, one id",
        collected("tool-repeats", **CALLING),
        one_call,
    ),
    Case(
        "54b",
        "stream: a second tool call comes under the index of the first",
        "two calls, each with its own arguments",
        collected("tool-repeats;what=index", **CALLING),
        two_calls,
    ),
    Case(
        "55",
        "`parse`: tool arguments cut by `finish_reason` length",
        "LengthFinishReasonError, never half of the JSON",
        cut_arguments,
        raises("LengthFinishReasonError"),
    ),
    Case(
        "55b",
        "`chat.completions.stream()`: the same",
        "LengthFinishReasonError, never half of the JSON",
        collected("tool-cut", **CALLING),
        raises("LengthFinishReasonError"),
    ),
    Case(
        "56b",
        "`chat.completions.stream()`: no usage, though asked for",
        "an estimate, marked `estimated`",
        collected("no-usage", stream_options={"include_usage": True}),
        estimated,
    ),
)
