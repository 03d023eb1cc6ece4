"""How streams end: whole, cut, silent or filtered, and what their errors carry."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import dataclass
from typing import Any

import pytest
from memory_clients import ASK, chunk, events, joined, make

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI, errors
from ceyx.types.chat import ChatCompletion

HEAD = {"content-type": "text/event-stream", "x-request-id": "req-1"}
ELSEWHERE = {"base_url": "http://gateway.example/v1"}
UNFINISHED = events(chunk("Hel"), chunk("lo"), done=False)
ONLY_DONE = events(chunk("Hel"), chunk("lo"), ended=False)
ONLY_FINISHED = events(chunk("Hel"), chunk("lo"), done=False, ended=True)
both = pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])


def read(kind: Any, answer: Any, **arguments: Any) -> tuple[str, Any]:
    """The text of a stream, and the error that ended it."""
    client = make(kind, answer, max_retries=0, **arguments)
    items: list[Any] = []

    async def main() -> None:
        async for item in await client.chat.completions.create(model="m", messages=ASK, stream=True):
            items.append(item)  # noqa: PERF401  those before an error count

    try:
        if kind is AsyncOpenAI:
            asyncio.run(main())
        else:
            for item in client.chat.completions.create(model="m", messages=ASK, stream=True):
                items.append(item)  # noqa: PERF402
    except errors.APIError as error:
        return joined(items), error
    return joined(items), None


@both
@pytest.mark.parametrize(
    ("answer", "arguments", "whole"),
    [
        (UNFINISHED, {}, False),
        (UNFINISHED, ELSEWHERE, False),
        (UNFINISHED, {"stream_end": "lenient"}, False),
        (UNFINISHED, {"stream_end": "unchecked"}, True),
        (ONLY_DONE, {}, False),
        (ONLY_DONE, ELSEWHERE, True),
        (ONLY_DONE, {**ELSEWHERE, "stream_end": "strict"}, False),
        (ONLY_FINISHED, {}, True),
        (ONLY_FINISHED, {"stream_end": "strict"}, True),
        (events(chunk("Hel"), chunk("lo")), {}, True),
    ],
)
def test_what_counts_as_whole(kind, answer, arguments, whole):
    text, error = read(kind, answer, **arguments)
    assert text == "Hello"
    if whole:
        assert error is None
        return
    assert type(error) is errors.StreamTruncatedError
    assert isinstance(error.partial, ChatCompletion)
    assert error.partial.choices[0].message.content == "Hello"
    assert error.partial.choices[0].finish_reason is None
    assert "no finish_reason of choice 0" in error.message
    assert "stream_end=" in error.message
    assert error.answered
    assert error.retryable
    again = pickle.loads(pickle.dumps(error))
    assert again.partial == error.partial


@pytest.mark.parametrize(
    ("address", "default"),
    [
        ("https://api.openai.com/v1", "strict"),
        ("https://eu.api.openai.com/v1", "strict"),
        ("https://openai.com.evil.example/v1", "lenient"),
        ("https://notopenai.com/v1", "lenient"),
        ("http://localhost:8000/v1", "lenient"),
        ("https://contoso.openai.azure.com/openai/v1", "strict"),
        ("https://contoso.services.ai.azure.com/openai/v1", "strict"),
        ("https://contoso.openai.azure.us/openai/v1", "strict"),
    ],
)
def test_the_default_is_by_host(address, default):
    client = OpenAI(api_key="k", base_url=address)
    assert client._settings.policy.stream_end == default
    assert client.copy(stream_end="unchecked")._settings.policy.stream_end == "unchecked"
    assert client.copy(base_url="http://localhost/v1")._settings.policy.stream_end == "lenient"


def test_a_policy_that_there_is_not():
    with pytest.raises(ValueError, match="stream_end is 'loose'; there are 'strict', 'lenient', 'unchecked'"):
        OpenAI(api_key="k", stream_end="loose")  # type: ignore[typeddict-item]
    with pytest.raises(ValueError, match="content_filter is 'ignore'"):
        OpenAI(api_key="k", content_filter="ignore")  # type: ignore[typeddict-item]
    with pytest.raises(ValueError, match="response_limit is a positive number of bytes"):
        OpenAI(api_key="k", response_limit=0)


@both
def test_every_choice_must_end(kind):
    second = chunk("x")
    second["choices"] = [{**second["choices"][0], "index": 1}]
    text, error = read(kind, events(second, chunk("y"), done=False, ended=True))
    assert (text, type(error)) == ("xy", errors.StreamTruncatedError)
    assert "no finish_reason of choice 1" in error.message
    assert [choice.message.content for choice in error.partial.choices] == ["y", "x"]


@both
def test_a_stream_without_a_choice_is_no_answer(kind):
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []}
    text, error = read(kind, events(first, ended=False))
    assert (text, type(error)) == ("", errors.StreamTruncatedError)
    assert "no choice" in error.message


@both
@pytest.mark.parametrize("policy", ["strict", "lenient", "unchecked"])
def test_the_end_in_the_middle_of_an_event(kind, policy):
    text, error = read(kind, (200, HEAD, [UNFINISHED[2][0], b'data: {"id": "chat']), stream_end=policy)
    assert (text, type(error)) == ("Hel", errors.StreamTruncatedError)
    assert "(request id req-1) ended in the middle of an event" in error.message
    assert error.request_id == "req-1"
    assert error.partial.choices[0].message.content == "Hel"


@both
def test_a_connection_that_breaks(kind):
    def pieces():
        yield UNFINISHED[2][0]
        raise errors.APIConnectionError(message="the host closed the connection after 7 bytes") from ConnectionResetError(104)

    text, error = read(kind, lambda _: (200, HEAD, pieces()))
    assert (text, type(error)) == ("Hel", errors.StreamTruncatedError)
    assert "closed the connection after 7 bytes" in error.message
    assert isinstance(error.__cause__, ConnectionResetError)
    assert error.partial.choices[0].message.content == "Hel"


@both
@pytest.mark.parametrize(
    "end", [errors.APITimeoutError(), errors.DeadlineExceededError(), errors.ProtocolError("that is no HTTP")], ids=type
)
def test_other_errors_stay_what_they_are_and_carry_what_came(kind, end):
    def pieces():
        yield UNFINISHED[2][0]
        raise end

    text, error = read(kind, lambda _: (200, HEAD, pieces()))
    assert (text, error) == ("Hel", end)
    assert error.partial.choices[0].message.content == "Hel"


@both
def test_an_error_event_carries_what_came(kind):
    answer = (200, HEAD, [UNFINISHED[2][0], b'data: {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}\n\n'])
    _, error = read(kind, answer)
    assert type(error) is errors.RateLimitError
    assert (error.request_id, error.retryable) == ("req-1", True)
    assert error.partial.choices[0].message.content == "Hel"


@both
def test_comments_are_not_an_answer_for_ever(kind, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def pieces():
        yield UNFINISHED[2][0]
        while True:
            now[0] += 0.9
            yield b": ping\n\n"

    text, error = read(kind, lambda _: (200, HEAD, pieces()), timeout=2)
    assert (text, type(error)) == ("Hel", errors.APITimeoutError)
    assert "sent only comments for 2 s" in error.message
    assert error.partial.choices[0].message.content == "Hel"


@both
def test_comments_between_events_and_a_slow_event_are_fine(kind, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def pieces():
        for piece in events(chunk("Hel"), chunk("lo"))[2]:
            for part in (b": ping\n\n", *(piece[start : start + 60] for start in range(0, len(piece), 60))):
                now[0] += 0.9
                yield part  # of an event in many parts, each is a sign of life

    assert read(kind, lambda _: (200, HEAD, pieces()), timeout=1) == ("Hello", None)


# ---- the content filter

FOUND = {"violence": {"filtered": True, "severity": "high"}, "hate": {"filtered": False, "severity": "safe"}}
FILTERED = chunk("")
FILTERED["choices"] = [{"index": 0, "delta": {}, "finish_reason": "content_filter", "content_filter_results": FOUND}]
USAGE = {**chunk(""), "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}


def filtered_stream() -> Any:
    return events(chunk("Hel"), FILTERED, USAGE, ended=False, x_request_id="req-1")


def test_a_filtered_stream_is_reported_unless_asked_otherwise():
    items = list(make(OpenAI, filtered_stream()).chat.completions.create(model="m", messages=ASK, stream=True))
    assert items[1].choices[0].finish_reason == "content_filter"
    assert items[1].choices[0].content_filter_results.violence.severity == "high"


@pytest.mark.parametrize("kind", [OpenAI, AzureOpenAI, AsyncOpenAI])
def test_a_filtered_stream_is_an_error_where_that_is_asked(kind):
    client = make(kind, filtered_stream(), content_filter="raise")

    async def main() -> None:
        async for _ in await client.chat.completions.create(model="m", messages=ASK, stream=True):
            pass

    with pytest.raises(errors.ContentFilterError, match=r"stopped choice 0 of the answer for violence: high \(POST") as caught:
        asyncio.run(main()) if kind is AsyncOpenAI else list(client.chat.completions.create(model="m", messages=ASK, stream=True))
    error = caught.value
    assert (error.source, error.categories, error.status_code, error.request_id) == (
        "completion",
        {"violence": "high"},
        200,
        "req-1",
    )
    assert error.partial.choices[0].message.content == "Hel"
    assert error.partial.usage.completion_tokens == 2
    assert isinstance(error, ValueError)
    assert isinstance(error, errors.BadRequestError)
    assert pickle.loads(pickle.dumps(error)).categories == {"violence": "high"}


def whole(**choice: Any) -> Any:
    from memory_clients import COMPLETION, reply

    completion: Any = {**COMPLETION, "choices": [{**COMPLETION["choices"][0], **choice}]}
    return reply(completion, x_request_id="req-1")


@both
def test_a_filtered_answer(kind):
    answer = whole(finish_reason="content_filter", content_filter_results=FOUND)

    def ask(**arguments: Any) -> Any:
        made = make(kind, answer, **arguments).chat.completions.create(model="m", messages=ASK)
        return asyncio.run(made) if kind is AsyncOpenAI else made

    assert ask().choices[0].finish_reason == "content_filter"
    with pytest.raises(errors.ContentFilterError, match="violence: high") as caught:
        ask(content_filter="raise")
    assert caught.value.source == "completion"
    assert caught.value.partial.choices[0].message.content == "Hello"
    assert caught.value.partial._request_id == "req-1"


@dataclass
class Word:
    text: str


def test_a_filtered_answer_that_was_to_be_parsed():
    client = make(OpenAI, whole(finish_reason="content_filter", content_filter_results=FOUND))
    with pytest.raises(errors.ContentFilterFinishReasonError):
        client.chat.completions.parse(model="m", messages=ASK, response_format=Word)
    with pytest.raises(errors.ContentFilterError, match="violence: high") as caught:
        client.with_options(content_filter="raise").chat.completions.parse(model="m", messages=ASK, response_format=Word)
    assert caught.value.partial.choices[0].message.content == "Hello"
