"""The targets: each takes bytes as they might come off the network, and raises AssertionError for what ceyx must not do.

Clients are used as their users do, down to a transport in memory; an error of any other kind comes out by itself.
"""

from __future__ import annotations

import pickle
import random
import re
import zlib
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

from ceyx import OpenAI
from ceyx.errors import APIConnectionError, OpenAIError, ProtocolError
from ceyx.transport import connections
from ceyx.transport.memory import Memory
from ceyx.wire import sse
from ceyx.wire.message import Headers, Request
from ceyx.wire.retry import wait_asked_for
from ceyx.wire.view import View
from fuzz.engine import LONGEST, Target

KEY = "sk-fuzz-0123456789"  # in no corpus: where it is shown, it came from the client
MESSAGES: Any = [{"role": "user", "content": "hi"}]
LIMIT = 64  # for whatever is bounded, so that a short input reaches it
uncontrolled = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]*").fullmatch


def corpus(name: str) -> list[bytes]:
    """The committed inputs of a target."""
    return [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus" / name).iterdir())]


_client = OpenAI(api_key=KEY, base_url="https://host.example/v1", max_retries=0, content_filter="raise")


def client(answer: Any) -> OpenAI:
    """The client, whose network now gives this answer."""
    _client._transport = Memory(lambda _: answer)
    return _client


def cut(data: bytes) -> list[bytes]:
    """`data` in pieces, the same for the same data."""
    choose, pieces = random.Random(zlib.crc32(data)), []
    while data:
        size = choose.choice([1, 2, 7, 20, 100, 500])
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def but_for_depth(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """`run`, which may fail at JSON that is nested deeper than Python's own pickle and repr can go."""

    def checked(data: bytes) -> None:
        try:
            run(data)
        except RecursionError:
            assert data.count(b"{") + data.count(b"[") > 150, "flat JSON ran into the recursion limit"

    return checked


def check_error(error: OpenAIError) -> None:
    """An error is fit to be shown, logged and sent to another process."""
    said = str(error)
    assert said, "the error says nothing"
    assert uncontrolled(said), f"the message would control a terminal: {said!r}"
    assert len(said) < 2 * LONGEST + 1000, "the message is much longer than the answer"
    kept = pickle.dumps(error)
    assert str(pickle.loads(kept)) == said
    for shown in (said, repr(error), repr(vars(error))):
        assert KEY not in shown, "the key is shown"
    assert KEY.encode() not in kept, "the key is pickled"


def check_answer(answer: Any) -> None:
    """An answer can be read, written and sent to another process."""
    if isinstance(answer, View):
        assert pickle.loads(pickle.dumps(answer)) == answer
        answer.to_dict()
        answer.to_json()
        repr(answer)


# ---- streams of events


def events(data: bytes) -> None:
    """`data` is the body of a stream of chat."""
    whole, pieces = [data], cut(data)
    assert decoded(pieces) == decoded(whole), "the events depend on where the stream is cut"
    decoder = sse.Decoder(LIMIT)
    try:
        for piece in pieces:
            decoder.feed(piece)
            assert sum(map(len, decoder._parts)) <= LIMIT, "more is kept than the limit allows"
    except ProtocolError:
        pass
    assert streamed(pieces) == streamed(whole), "the items depend on where the stream is cut"


def decoded(pieces: list[bytes]) -> list[sse.Event | None]:
    decoder = sse.Decoder()
    found: list[sse.Event | None] = [event for piece in pieces for event in decoder.feed(piece)]
    return [*found, decoder.finish()]


def streamed(pieces: list[bytes]) -> tuple[list[Any], type | None]:
    """The items that came, and the kind of error that followed."""
    items: list[Any] = []
    headers = {"content-type": "text/event-stream", "x-request-id": "req-1"}
    try:
        for item in client((200, headers, pieces)).chat.completions.create(model="m", messages=MESSAGES, stream=True):
            if len(pieces) == 1:
                check_answer(item)
            items.append(item)
    except OpenAIError as error:
        check_error(error)
        return items, type(error)
    return items, None


# ---- whole answers

OPERATIONS: dict[str, Callable[[OpenAI], Any]] = {
    "chat": lambda client: client.chat.completions.create(model="m", messages=MESSAGES),
    "completions": lambda client: client.completions.create(model="m", prompt="x"),
    "embeddings": lambda client: client.embeddings.create(model="m", input="x"),
    "model": lambda client: client.models.retrieve("m"),
    "models": lambda client: [item for item, _ in zip(client.models.list(), range(20), strict=False)],
    "report": lambda client: client.with_options(content_filter="report").chat.completions.create(model="m", messages=MESSAGES),
    "raw": lambda client: client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES).parse(),
}


def answers(data: bytes) -> None:
    """`data` is an operation and a status, lines of headers, an empty line, and a body."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    operation, _, number = first.partition(" ")
    status = int(number) if re.fullmatch("[2-5][0-9][0-9]", number) else 200
    named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    wait = wait_asked_for(Headers(named.items()), lambda: 1.7e9, body.decode("latin-1"))
    assert wait is None or (wait > 0 and isfinite(wait)), f"a wait of {wait} s"
    try:
        check_answer(OPERATIONS.get(operation, OPERATIONS["chat"])(client((status, named, body))))
    except OpenAIError as error:
        check_error(error)
    except ValueError as error:  # as `openai` has it, for an answer without vectors, or with one that is none
        assert operation == "embeddings"
        assert "embedding" in str(error)


# ---- HTTP/1.1


class Wire:
    """A socket that gives these pieces, and is closed then."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    def recv(self, _size: int) -> bytes:
        return next(self._pieces, b"")

    def settimeout(self, _seconds: float | None) -> None: ...


def http1(data: bytes) -> None:
    """`data` is what a server sends on a connection that was asked for one thing: its head, after a first line that says HEAD."""
    method, data = ("HEAD", data[5:]) if data.startswith(b"HEAD\n") else ("GET", data)
    pieces = cut(data)
    assert received(method, pieces) == received(method, [data] if data else []), "the answer depends on where it is cut"


def received(method: str, pieces: list[bytes]) -> Any:
    """Status, headers and body, or the kind of error."""
    request = Request(method, "https://host.example", "/v1/models", {"authorization": f"Bearer {KEY}"}, None, limit=20 * LONGEST)
    reply = connections.Reply(Wire(pieces), request)
    reply.asked = True
    try:
        reply.receive_head()
        body = reply.read()
    except APIConnectionError as error:
        check_error(error)
        return type(error)
    assert 200 <= reply.status < 1000
    assert len(body) <= request.limit, "the body is larger than the limit"
    headers = dict(reply.headers)
    repr(reply.headers)
    assert all(reply.headers[name.upper()] == value for name, value in headers.items())
    assert not any(set(value) & set("\r\n\0") for pair in headers.items() for value in pair), "a header holds a line end"
    return reply.status, headers, body


WORDS_OF_JSON = rb"""
{ } [ ] " : , null true 1 429 "\ud83d" "\u001b[2J" "error" "code" "message" "type" "choices" "delta" "content" "index"
"finish_reason" "stop" "content_filter" "content_filter_results" "prompt_filter_results" "filtered" "severity" "tool_calls"
"function" "arguments" "usage" "data" "embedding" "id" "has_more" "last_id"
""".split()
WORDS_OF_EVENTS = [b"\n", b"\r", b"\r\n", b"\n\n", b"data:", b"data: ", b"event: error\n", b": ", b"[DONE]", sse.BYTE_ORDER_MARK]
WORDS_OF_ANSWERS = (
    b"200|302|400|429|500|\n\n|retry-after: |retry-after-ms: |x-should-retry: true|x-ratelimit-reset-tokens: |1m0s|location: /"
    b"|x-request-id: |content-type: text/html|Mon, 01 Jan 2035 00:00:00 GMT|date: |retry after 5 s"
).split(b"|")
WORDS_OF_HTTP = (
    b"\r\n|\n|\r\n\r\n|HTTP/1.1 |HTTP/1.0 |200 OK|100 Continue|101 Switching|204 |304 |0\r\n|content-length: |; x=1|\t|HEAD\n"
    b"|transfer-encoding: chunked|content-encoding: gzip|content-encoding: deflate|identity|connection: close"
    b"|connection: keep-alive|upgrade: h2c|\x1f\x8b\x08|\x78\x9c"
).split(b"|")

FILES_OF_EVENTS = ["wire/sse", "wire/collecting", "wire/filtered", "wire/status", "streaming", "streams/choices"]
FILES_OF_ANSWERS = ["exchange", "errors", "pagination", "wire/status", "wire/filtered", "wire/message", "wire/retry", "wire/view"]
FILES_OF_EMBEDDINGS = ["types/create_embedding_response", "types/embedding"]
FILES_OF_HTTP = [f"transport/{name}" for name in ("base", "connections", "compressed", "failures", "http1")]


def files(names: list[str]) -> tuple[str, ...]:
    return tuple(f"ceyx/{name}.py" for name in names)


TARGETS = {
    target.name: target
    for target in [
        Target("sse", but_for_depth(events), WORDS_OF_EVENTS + WORDS_OF_JSON, files(FILES_OF_EVENTS)),
        Target(
            "answers",
            but_for_depth(answers),
            [f"{name} ".encode() for name in OPERATIONS] + WORDS_OF_ANSWERS + WORDS_OF_JSON,
            files(FILES_OF_ANSWERS + FILES_OF_EMBEDDINGS),
        ),
        Target("http1", http1, WORDS_OF_HTTP, files(FILES_OF_HTTP)),
    ]
}
