"""Streams: what comes in, what goes out, and what is an error on the way."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest
from memory_clients import ASK, CHAT, chunk, events, failure, joined, make, reply, requests, sent

from ceyx import AsyncOpenAI, AsyncStream, AzureOpenAI, OpenAI, Stream, errors

HEAD = {"content-type": "text/event-stream", "x-request-id": "req-1"}


def stream_of(*pieces: bytes, **headers: str) -> Any:
    return 200, {**HEAD, **headers}, list(pieces)


def read(kind: Any, answer: Any, **arguments: Any) -> list[Any]:
    """The items of a stream, up to its end or to the error it raises; `arguments` are the client's."""
    client = make(kind, answer, max_retries=0, **arguments)
    items: list[Any] = []
    if kind is OpenAI:
        items.extend(client.chat.completions.create(model="m", messages=ASK, stream=True))
        return items

    async def main() -> list[Any]:
        return [item async for item in await client.chat.completions.create(model="m", messages=ASK, stream=True)]

    return asyncio.run(main())


both = pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])


@both
@pytest.mark.parametrize("done", [True, False])
def test_the_items_of_a_stream(kind, done):
    items = read(kind, events(chunk("Hel"), chunk("lo"), done=done, ended=True))
    assert joined(items) == "Hello"
    assert [type(item).__name__ for item in items] == ["ChatCompletionChunk"] * 2


@both
def test_however_it_is_cut(kind):
    whole = b"".join(events(chunk("Hé"), chunk("llo"))[2])
    for size in (1, 2, 3, 7, 1000):
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        assert joined(read(kind, stream_of(*pieces))) == "Héllo"


@both
def test_after_done_nothing_is_read(kind):
    assert joined(read(kind, stream_of(*events(chunk("a"))[2], b"data: nonsense\n\n"))) == "a"


@both
def test_comments_nulls_and_the_last_event_without_its_blank_line(kind):
    pieces = [
        b": ping\n\n",
        b"data: null\n\n",
        b"data: " + json.dumps(chunk("a")).encode() + b"\n\n",
        events(chunk("b"))[2][0].rstrip(),
    ]
    assert joined(read(kind, stream_of(*pieces))) == "ab"


@both
def test_separators_of_unicode_stay_in_the_text(kind):
    text = "a\u2028b\u0085c"
    piece = b"data: " + json.dumps(chunk(text), ensure_ascii=False).encode() + b"\n\n"
    assert joined(read(kind, stream_of(piece, *events(chunk(""))[2]))) == text


@both
@pytest.mark.parametrize(
    ("event", "error", "said"),
    [
        (b'data: {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}\n\n', errors.RateLimitError, "slow down"),
        (b'data: {"error": {"message": "oops", "type": "server_error"}}\n\n', errors.InternalServerError, "oops"),
        (b'data: {"error": {"message": "who knows"}}\n\n', errors.APIError, "who knows"),
        (b'event: error\ndata: {"message": "flat", "code": "server_error"}\n\n', errors.InternalServerError, "flat"),
        (b'event: error\ndata: "text"\n\n', errors.APIError, "text"),
        (b"data: {broken\n\n", errors.ProtocolError, "not JSON: '{broken'"),
        (b"data: <html>\n\n", errors.ProtocolError, "api.openai.com"),
    ],
)
def test_an_error_in_the_middle(kind, event, error, said):
    first = events(chunk("a"), done=False)[2][0]
    with pytest.raises(error, match=said) as caught:
        read(kind, stream_of(first, event, first))
    if not isinstance(caught.value, errors.ProtocolError):
        assert caught.value.request_id == "req-1"
        assert "api.openai.com" in str(caught.value)


def test_what_came_before_an_error_was_given():
    client = make(OpenAI, stream_of(*events(chunk("a"), done=False)[2], b'data: {"error": "x"}\n\n'))
    stream = client.chat.completions.create(model="m", messages=ASK, stream=True)
    assert joined([next(stream)]) == "a"
    with pytest.raises(errors.APIError):
        next(stream)
    with pytest.raises(StopIteration):
        next(stream)


@both
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (200, {"content-type": "text/html"}, b"<html>log in</html>"),
            r"sent something else \(text/html\), which starts '<html>log in</html>'",
        ),
        ((200, {}, b""), "no content type"),
        (stream_of(), "text/event-stream"),
        (stream_of(b": ping\n\n"), "starts ': ping"),
    ],
)
def test_a_stream_was_asked_for_and_none_came(kind, answer, said):
    with pytest.raises(errors.ProtocolError, match=said):
        read(kind, answer)


@both
@pytest.mark.parametrize(
    ("answer", "error"), [(CHAT, errors.ProtocolError), (reply({"error": {"message": "m"}}), errors.APIError)]
)
def test_json_in_place_of_a_stream_is_an_error(kind, answer, error):
    with pytest.raises(error):
        read(kind, answer)


@both
def test_an_event_without_end_is_cut_off(kind):
    with pytest.raises(errors.ProtocolError, match="1,000 bytes"):
        read(kind, stream_of(*[b"data: xxxxxxx"] * 1000), response_limit=1000)


@pytest.mark.parametrize("last", [b'event: error\ndata: {"message": "flat"}', b'data: {"error":\ndata: {"message": "flat"}}'])
def test_the_last_event_without_its_blank_line_is_a_whole_event(last):
    with pytest.raises(errors.APIError, match=r"^flat \(POST"):
        read(OpenAI, stream_of(*events(chunk("a"), done=False)[2], last))


@both
def test_errors_before_the_stream_are_those_of_any_call(kind):
    with pytest.raises(errors.BadRequestError, match="bad"):
        read(kind, failure(400, "bad"))


def test_a_stream_is_tried_again_before_it_began(slept):
    answers = iter([failure(503), events(chunk("a"))])
    client = make(OpenAI, lambda _: next(answers))
    assert joined(client.chat.completions.create(model="m", messages=ASK, stream=True)) == "a"
    assert len(slept) == 1


def test_but_not_afterwards(slept):
    def pieces():
        yield events(chunk("a"))[2][0]
        raise errors.APIConnectionError(message="cut")

    client = make(OpenAI, lambda _: (200, HEAD, pieces()))
    with pytest.raises(errors.APIConnectionError, match="cut"):
        list(client.chat.completions.create(model="m", messages=ASK, stream=True))
    assert (len(requests(client)), slept) == (1, [])


# ---- the object


def test_a_stream_knows_its_response():
    client = make(OpenAI, events(chunk("a"), x_request_id="req-7"))
    stream = client.chat.completions.create(model="m", messages=ASK, stream=True)
    assert isinstance(stream, Stream)
    assert (stream.request_id, stream.response.status_code, stream.response.headers["X-Request-Id"]) == ("req-7", 200, "req-7")
    assert stream.response.request_id == "req-7"
    assert sent(client).streamed
    assert iter(stream) is iter(stream)
    stream.close()
    with pytest.raises(errors.APIConnectionError, match="closed before it was read"):
        list(stream)


def test_a_stream_knows_azures_request_id():
    client = make(AzureOpenAI, events(chunk("a"), apim_request_id="apim-7"))
    assert client.chat.completions.create(model="m", messages=ASK, stream=True).request_id == "apim-7"


class Watched:
    """Pieces without end, and whether their reader let them go."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self):
        try:
            while True:
                yield events(chunk("a"))[2][0]
        finally:
            self.closed = True


def test_leaving_a_stream_early_lets_it_go():
    watched = Watched()
    with make(OpenAI, lambda _: (200, HEAD, watched)).chat.completions.create(model="m", messages=ASK, stream=True) as stream:
        next(stream)
    with pytest.raises(StopIteration):
        next(stream)


def test_leaving_an_async_stream_early_lets_it_go():
    async def main():
        client = make(AsyncOpenAI, lambda _: (200, HEAD, Watched()))
        async with await client.chat.completions.create(model="m", messages=ASK, stream=True) as stream:
            assert isinstance(stream, AsyncStream)
            await anext(stream)
            assert stream.response.status_code == 200
        assert [item async for item in stream] == []
        await stream.aclose()

    asyncio.run(main())


def test_streams_of_calls_by_hand():
    client = make(OpenAI, events({"x": 1}, {"x": 2}))
    assert list(client.request("POST", "/custom", cast_to=dict, body={"a": 1}, stream=True)) == [{"x": 1}, {"x": 2}]
    assert sent(client).url == "https://api.openai.com/v1/custom"


@pytest.mark.parametrize("data", [b"5", b'"text"', b"[1]", b"true"])
def test_json_that_is_no_object_is_handed_on(data):
    client = make(OpenAI, stream_of(b"data: %b\n\ndata: [DONE]\n\n" % data))
    assert list(client.request("POST", "/x", body={}, stream=True)) == [json.loads(data)]


@both
def test_text_that_is_no_utf8_is_named(kind):
    with pytest.raises(errors.ProtocolError, match="not JSON"):
        read(kind, stream_of(b'data: {"a": "\xff"}\n\n'))


# ---- errors and habits of other servers


SAYS = {"message": "boom", "code": 502}


@both
@pytest.mark.parametrize(
    ("event", "kind_of_error"),
    [
        ({"object": "error", "message": "boom", "code": 500}, errors.InternalServerError),
        ({"text": "boom", "error_code": 50001}, errors.APIError),
        ({"id": "x", "choices": [], "error": SAYS}, errors.InternalServerError),
        ([{"error": {"message": "boom", "code": 429}}], errors.RateLimitError),
        ({"error": {"message": "boom", "code": "throttled", "type": "rate_limit_error"}}, errors.RateLimitError),
        ({"error": {"message": "boom", "type": "overloaded_error"}}, errors.InternalServerError),
    ],
)
def test_errors_in_other_shapes(kind, event, kind_of_error):
    pieces = events(chunk("a"), event, ended=False)[2]
    with pytest.raises(kind_of_error, match="boom") as caught:
        read(kind, stream_of(*pieces), base_url="http://compatible.example/v1")
    assert caught.value.partial.choices[0].message.content == "a"


@both
@pytest.mark.parametrize("whole", [{"id": "g", "choices": [], "error": SAYS}, [{"error": SAYS}], {"error": SAYS}])
def test_whole_answers_that_are_errors_in_other_shapes(kind, whole):
    client = make(kind, reply(whole), max_retries=0)

    async def main() -> Any:
        return await client.chat.completions.create(model="m", messages=ASK)

    with pytest.raises(errors.InternalServerError, match="boom"):
        asyncio.run(main()) if kind is AsyncOpenAI else client.chat.completions.create(model="m", messages=ASK)


@both
def test_signs_of_life_and_chunks_without_choices(kind):
    heartbeat = b"event: ping\ndata:\n\n"
    items = read(kind, stream_of(heartbeat, *events({"id": "x"}, {"id": "x", "choices": None}, chunk("a"))[2]))
    assert joined(items) == "a"
    assert items[0].choices == items[1].choices == []


@both
def test_a_cut_error_keeps_its_status(kind):
    def pieces():
        yield b'{"e'
        raise errors.APIConnectionError(message="cut")

    client = make(kind, lambda _: (400, {"content-type": "application/json", "x-request-id": "req-1"}, pieces()))

    async def main() -> Any:
        return await client.models.list()

    with pytest.raises(errors.BadRequestError) as caught:
        asyncio.run(main()) if kind is AsyncOpenAI else client.models.list()
    assert caught.value.request_id == "req-1"
    assert len(requests(client)) == 1


def test_findings_beside_text_are_kept():
    held = {"violence": {"filtered": True, "severity": "high"}, "hate": {"filtered": False, "severity": "safe"}}
    piece, last = chunk("!"), chunk("")
    piece["choices"] = [{"index": 0, "delta": {"content": "!"}, "content_filter_results": held, "finish_reason": None}]
    last["choices"] = [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]
    with pytest.raises(errors.ContentFilterError) as caught:
        read(OpenAI, events(chunk("a"), piece, last, ended=False), content_filter="raise")
    assert caught.value.categories == {"violence": "high"}


# ---- streams that somebody else closes


def test_a_thread_whose_stream_another_closes_hears_of_it():
    from raw_server import CHUNK, EVENTS, RawServer

    def speak(server: Any, connection: Any) -> None:
        server.read(connection)
        connection.sendall(EVENTS + CHUNK)
        for _ in range(100):
            connection.sendall(CHUNK)
            time.sleep(0.02)

    with RawServer(speak) as server, OpenAI(api_key="k", base_url=server.url) as client:
        stream = client.chat.completions.create(model="m", messages=ASK, stream=True)
        next(stream)
        closing = threading.Timer(0.1, stream.close)
        closing.start()
        with pytest.raises(errors.APIConnectionError) as caught:
            for _ in stream:
                time.sleep(0.2)  # at work when it is closed
        closing.join()
        assert caught.value.partial.choices[0].message.content.startswith("x")


def test_a_task_whose_stream_another_closes_hears_of_it():
    from raw_server import CHUNK, EVENTS, RawServer

    def speak(server: Any, connection: Any) -> None:
        server.read(connection)
        connection.sendall(EVENTS + CHUNK)
        for _ in range(100):
            connection.sendall(CHUNK)
            time.sleep(0.02)

    async def main(url: str) -> None:
        async with AsyncOpenAI(api_key="k", base_url=url) as client:
            stream = await client.chat.completions.create(model="m", messages=ASK, stream=True)

            async def close() -> None:
                await asyncio.sleep(0.1)
                await stream.close()

            closing = asyncio.create_task(close())
            with pytest.raises(errors.APIConnectionError):
                async for _ in stream:
                    await asyncio.sleep(0.2)
            await closing

    with RawServer(speak) as server:
        asyncio.run(main(server.url))
