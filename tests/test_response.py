"""Responses before decoding, at every level of the tree."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, strategies as some
from memory_clients import ASK, CHAT, COMPLETION, chunk, events, failure, in_turn, joined, make, reply, requests, sent

from ceyx import AsyncOpenAI, AsyncStream, OpenAI, Stream, errors
from ceyx.response import APIResponse, AsyncAPIResponse, Lines, RawResponse, Sizer
from ceyx.types.chat import ChatCompletion, ChatCompletionChunk

LEVELS = {
    "client": lambda client, mode: getattr(client, mode).chat.completions,
    "group": lambda client, mode: getattr(client.chat, mode).completions,
    "resource": lambda client, mode: getattr(client.chat.completions, mode),
}
level = pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
ARGUMENTS: Any = {"model": "m", "messages": ASK}


def judge(raw: Any) -> None:
    assert type(raw) is RawResponse
    assert (raw.status_code, raw.request_id, raw.headers["X-Request-Id"], raw.method) == (200, "req-1", "req-1", "POST")
    assert raw.url == raw.http_request.url == "https://api.openai.com/v1/chat/completions"
    assert json.loads(raw.content) == json.loads(raw.text) == raw.json() == COMPLETION
    assert type(raw.parse()) is ChatCompletion
    assert raw.parse() is raw.parse()
    assert raw.parse()._request_id == "req-1"
    assert raw.parse(to=dict) == COMPLETION
    assert raw.http_response.json() == COMPLETION
    assert raw.http_request.headers["authorization"] == "REDACTED"
    assert raw.elapsed.total_seconds() >= 0
    assert raw.retries_taken == 0


@level
def test_raw(level):
    judge(level(make(OpenAI), "with_raw_response").create(**ARGUMENTS))


@level
def test_raw_async(level):
    judge(asyncio.run(level(make(AsyncOpenAI), "with_raw_response").create(**ARGUMENTS)))


def test_retries_are_counted(slept):
    client = make(OpenAI, in_turn(failure(500), failure(500), CHAT))
    assert client.chat.completions.with_raw_response.create(**ARGUMENTS).retries_taken == 2
    client = make(AsyncOpenAI, in_turn(failure(500), CHAT))
    assert asyncio.run(client.chat.completions.with_raw_response.create(**ARGUMENTS)).retries_taken == 1


def test_a_raw_stream_is_parsed_into_the_stream():
    raw = make(OpenAI, events(chunk("a"), chunk("b"))).chat.completions.with_raw_response.create(**ARGUMENTS, stream=True)
    assert raw.status_code == 200
    with pytest.raises(RuntimeError, match=r"iterating parse\(\)"):
        _ = raw.content
    assert raw.parse() is raw.parse()
    assert joined(raw.parse()) == "ab"


def test_a_raw_async_stream():
    async def main():
        raw = await make(AsyncOpenAI, events(chunk("a"))).with_raw_response.chat.completions.create(**ARGUMENTS, stream=True)
        return joined([item async for item in raw.parse()])

    assert asyncio.run(main()) == "a"


def test_raw_listings_are_pages():
    answer = reply({"data": [{"id": "m"}]})
    assert [one.id for one in make(OpenAI, answer).models.with_raw_response.list().parse()] == ["m"]

    async def main():
        page = (await make(AsyncOpenAI, answer).models.with_raw_response.list()).parse()
        return [one.id async for one in page]

    assert asyncio.run(main()) == ["m"]


def test_errors_are_raised_in_raw_mode_too():
    with pytest.raises(errors.NotFoundError):
        make(OpenAI, failure(404)).with_raw_response.chat.completions.create(**ARGUMENTS)


# ---- with_streaming_response


BODY = "first\r\nsecönd\nthird"
TEXT = (200, {"content-type": "text/plain"}, [BODY.encode()[:9], BODY.encode()[9:]])


@level
def test_streaming(level):
    client = make(OpenAI)
    opened = level(client, "with_streaming_response").create(**ARGUMENTS)
    assert requests(client) == []
    with opened as response:
        assert type(response) is APIResponse
        assert (response.status_code, response.request_id, sent(client).streamed) == (200, "req-1", True)
        assert type(response.parse()) is ChatCompletion
        assert response.json() == json.loads(response.text()) == json.loads(response.read()) == COMPLETION


@level
def test_streaming_async(level):
    async def main():
        async with level(make(AsyncOpenAI), "with_streaming_response").create(**ARGUMENTS) as response:
            assert type(response) is AsyncAPIResponse
            assert type(await response.parse()) is ChatCompletion
            assert await response.json() == json.loads(await response.text()) == json.loads(await response.read()) == COMPLETION

    asyncio.run(main())


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        (lambda r: b"".join(r.iter_bytes()), BODY.encode()),
        (lambda r: list(r.iter_bytes(8)), [BODY.encode()[:8], BODY.encode()[8:16], BODY.encode()[16:]]),
        (lambda r: "".join(r.iter_text()), BODY),
        (lambda r: "".join(r.iter_text(1)), BODY),
        (lambda r: list(r.iter_lines()), ["first", "secönd", "third"]),
        (lambda r: r.text(), BODY),
    ],
)
def test_a_body_as_it_comes(read, wanted):
    with make(OpenAI, TEXT).with_streaming_response.get("/x", cast_to=str) as response:
        assert read(response) == wanted
    with make(OpenAI, TEXT).with_streaming_response.get("/x", cast_to=str) as response:
        response.read()
        assert read(response) == wanted


def test_an_async_body_as_it_comes(tmp_path):
    async def main():
        client = make(AsyncOpenAI, TEXT)
        for read in (False, True):
            for iterate, wanted in (("iter_text", BODY), ("iter_lines", "firstsecöndthird"), ("iter_bytes", BODY.encode())):
                async with client.with_streaming_response.get("/x", cast_to=str) as response:
                    if read:
                        await response.read()
                    parts = [part async for part in getattr(response, iterate)()]
                assert type(wanted)().join(parts) == wanted

    asyncio.run(main())


def test_to_a_file(tmp_path):
    with make(OpenAI, TEXT).with_streaming_response.get("/x", cast_to=bytes) as response:
        response.stream_to_file(tmp_path / "out", chunk_size=4)
    assert (tmp_path / "out").read_bytes() == BODY.encode()


def test_to_a_file_async(tmp_path):
    async def main() -> None:
        async with make(AsyncOpenAI, TEXT).with_streaming_response.get("/x", cast_to=bytes) as response:
            await response.stream_to_file(tmp_path / "out", chunk_size=4)

    asyncio.run(main())
    assert (tmp_path / "out").read_bytes() == BODY.encode()


def test_a_streamed_stream():
    with make(OpenAI, events(chunk("a"))).chat.completions.with_streaming_response.create(**ARGUMENTS, stream=True) as response:
        assert joined(response.parse()) == "a"


def test_errors_are_raised_on_entering():
    with (
        pytest.raises(errors.NotFoundError, match="boom"),
        make(OpenAI, failure(404)).with_streaming_response.chat.completions.create(**ARGUMENTS),
    ):
        pytest.fail("entered")


def test_repr_shows_no_secret():
    raw = make(OpenAI, default_query={"api-key": "s3cret"}).chat.completions.with_raw_response.create(**ARGUMENTS)
    assert repr(raw) == "<RawResponse [200] POST https://api.openai.com/v1/chat/completions?api-key=REDACTED>"


# ---- what is not what it should be


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
@pytest.mark.parametrize(
    "content",
    [b"", b"<html>log in</html>", b'{"cut": ', b"null", b"[]", b'"text"', b"7", b'{"a": "\xff"}', b"[" * 200_000, b'{"a": NaN}'],
    ids=["empty", "html", "cut", "null", "list", "text", "number", "utf-8", "deep", "nan"],
)
def test_an_answer_that_is_none(kind, content):
    with pytest.raises(errors.APIResponseValidationError) as caught:
        call = make(kind, (200, {"content-type": "text/html"}, content)).chat.completions.create(**ARGUMENTS)
        asyncio.run(call)
    assert "api.openai.com" in str(caught.value)
    assert "text/html" in str(caught.value)
    assert caught.value.response.content == content


@pytest.mark.parametrize("path", ["chat", "models"])
def test_an_error_in_place_of_an_answer(path):
    client = make(OpenAI, reply({"error": {"message": "m", "code": "rate_limit_exceeded"}}))
    with pytest.raises(errors.RateLimitError, match="m"):
        client.models.list() if path == "models" else client.chat.completions.create(**ARGUMENTS)


@pytest.mark.parametrize("content", [b"null", b"7", b'"text"'])
def test_a_listing_that_is_none(content):
    with pytest.raises(errors.APIResponseValidationError):
        make(OpenAI, (200, {}, content)).models.list()


@pytest.mark.parametrize(
    ("cast_to", "content", "wanted"),
    [(bytes, b"\xff", b"\xff"), (str, b"x", "x"), (type(None), b"", None), (object, b"[1]", [1])],
)
def test_calls_by_hand(cast_to, content, wanted):
    client = make(OpenAI, (200, {}, content))
    for method in ("get", "post", "put", "patch", "delete"):
        assert getattr(client, method)("/custom", cast_to=cast_to) == wanted
        assert (sent(client).method, sent(client).target) == (method.upper(), "/v1/custom")


def test_calls_by_hand_have_bodies_and_options():
    client = make(OpenAI, reply([1]))
    assert client.post("/custom", cast_to=object, body={"a": 1}, options={"extra_query": {"b": 2}, "timeout": 3}) == [1]
    assert (sent(client).content, sent(client).target) == (b'{"a":1}', "/v1/custom?b=2")


def test_files_by_hand():
    client = make(OpenAI, reply({"id": "f"}))
    sent_as = {"files": {"file": ("n.txt", b"what is in it")}, "body": {"purpose": "batch"}}
    assert client.post("/files", cast_to=object, **sent_as) == {"id": "f"}
    by_hand, content = sent(client).headers["content-type"], sent(client).content
    assert by_hand.startswith("multipart/form-data; boundary=")
    for part in (b'name="purpose"\r\n\r\nbatch\r\n', b'name="file"; filename="n.txt"\r\n', b"\r\n\r\nwhat is in it\r\n"):
        assert part in content
    with pytest.raises(TypeError, match="file"):
        client.post("/files", cast_to=object, file=b"")


def test_streams_by_hand():
    client = make(OpenAI, events(chunk("a"), chunk("b")))
    how: Any = {"cast_to": ChatCompletion, "stream": True, "stream_cls": Stream[ChatCompletionChunk]}
    with client.post("/chat/completions", body={**ARGUMENTS, "stream": True}, **how) as stream:
        items = list(stream)
    assert (type(stream), {type(item) for item in items}, joined(items)) == (Stream, {ChatCompletionChunk}, "ab")
    assert joined(client.get("/x", **how)) == "ab"
    assert sent(client).streamed


def test_async_streams_by_hand():
    async def main() -> str:
        client = make(AsyncOpenAI, events(chunk("a"), chunk("b")))
        stream = await client.post("/x", cast_to=object, stream=True, stream_cls=AsyncStream[ChatCompletionChunk])
        return joined([item async for item in stream])

    assert asyncio.run(main()) == "ab"


# ---- by the names that httpx has


def test_facts_of_responses():
    answer = (200, {"content-type": "text/plain; charset=latin-1"}, "é".encode("latin-1"))
    raw = make(OpenAI, answer).with_raw_response.get("/x", cast_to=str)
    for one in (raw, raw.http_response):
        assert (one.is_success, one.is_error, one.is_client_error, one.is_server_error) == (True, False, False, False)
        assert (one.reason_phrase, one.http_version, one.encoding, one.is_closed) == ("OK", "HTTP/1.1", "latin-1", True)
        assert one.text == "é"
        assert one.request.method == "GET"
    assert raw.request.url == raw.http_request.url
    with make(OpenAI, answer).with_streaming_response.get("/x", cast_to=str) as response:
        assert (response.is_closed, response.http_response.content, list(response.iter_text())) == (False, b"", ["é"])
        assert response.is_closed
        assert response.http_response.reason_phrase == "OK"
        assert response.request.headers["authorization"] == "REDACTED"
    with make(OpenAI, answer).with_streaming_response.get("/x", cast_to=str) as response:
        assert not response.is_closed
    assert response.is_closed


@pytest.mark.parametrize("finish", [list, lambda stream: stream.close()])
def test_facts_of_streams(finish):
    stream = make(OpenAI, events(chunk("a"))).chat.completions.create(**ARGUMENTS, stream=True)
    next(stream)
    assert (stream.response.is_success, stream.response.http_version, stream.response.is_closed) == (True, "HTTP/1.1", False)
    finish(stream)
    assert stream.response.is_closed


def test_a_file_that_was_read_can_be_gone_through():
    async def main() -> list[bytes]:
        content = await make(AsyncOpenAI, (200, {}, b"12345")).files.content("f")
        assert await content.response.aread() == content.response.read() == b"12345"
        await content.response.aclose()
        return [piece async for piece in content.response.aiter_bytes(2)]

    assert asyncio.run(main()) == [b"12", b"34", b"5"]


# ---- pieces


@given(some.lists(some.binary(max_size=10)), some.integers(1, 7))
def test_pieces_of_one_size(pieces, size):
    sizer = Sizer(size)
    made = [part for piece in pieces for part in sizer.feed(piece)] + list(sizer.end())
    assert b"".join(made) == b"".join(pieces)
    assert all(len(part) == size for part in made[:-1])


@given(some.lists(some.sampled_from([b"a", "é".encode()[:1], "é".encode()[1:], b"\r\n", b"\n", b"bc"]), max_size=12))
def test_lines(pieces):
    lines = Lines()
    made = [line for piece in pieces for line in lines.feed(piece)] + list(lines.end())
    wanted = b"".join(pieces).replace(b"\r\n", b"\n").decode("utf-8", "replace").split("\n")
    assert made == (wanted if wanted[-1] else wanted[:-1])
