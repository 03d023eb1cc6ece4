"""Rows that take a server of raw bytes: what the service, which speaks HTTP well, would not say."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from actions import answering, chat
from cases import Case, Check, raises
from drives import OWN, Drive, Outcome
from raw_server import EVENTS, RawServer, answer


def against(
    speak: Callable[[RawServer, socket.socket], None], work: Callable[[Any], Any], **options: Any
) -> Callable[[Drive], Outcome]:
    """What `work` made of a server that speaks so; the requests are those that arrived there."""

    def run(drive: Drive) -> Outcome:
        with RawServer(speak) as server:
            outcome = drive.run(work, base_url=server.url, **options)
            outcome.requests = len(server.seen)
        return outcome

    return run


def once(said: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Says this to a request, and closes the connection."""

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(said)

    return speak


def dripping(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{")
    while True:  # until the client has gone
        time.sleep(0.1)
        connection.sendall(b" ")


# ---- the key of a call


def keys_of_tries(drive: Drive) -> Outcome:
    """Two calls, each of which is answered at its third try: the keys that came with the tries."""
    busy = answer(b"", b"retry-after-ms: 10", status=b"503 Service Unavailable")

    async def awaited(client: Any) -> None:
        for _ in range(2):
            await chat(client)

    def blocking(client: Any) -> None:
        for _ in range(2):
            chat(client)

    with answering(busy, busy, answer(), busy, busy, answer()) as server:
        outcome = drive.run(awaited if drive.awaits else blocking, base_url=server.url, max_retries=2)
        outcome.value = [_header(head, b"idempotency-key") for head, _ in server.seen]
    sent = [key for key in outcome.value if key]
    outcome.note = f"{len(set(sent))} keys in {len(outcome.value)} tries of 2 calls" if sent else "no try has a key"
    return outcome


def _header(head: bytes, name: bytes) -> bytes:
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip() for field, _, value in lines if field.lower() == name), b"")


def one_each(outcome: Outcome, _: Drive) -> None:
    if outcome.error is not None:
        raise AssertionError from outcome.error
    first, second = outcome.value[:3], outcome.value[3:]
    assert len(first) == len(second) == 3
    assert len(set(first)) == len(set(second)) == 1
    assert first[0] != second[0]
    assert min(len(first[0]), len(second[0])) >= 16


# ---- errors in unusual places

LIMITED = {"code": "rate_limit_exceeded", "message": "Slow down", "param": None}
BESIDE = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [], "error": LIMITED}
CREATED = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "m", "output": []},
}
UNNAMED = EVENTS + b"".join(
    b"data: " + json.dumps(event).encode() + b"\n\n" for event in (CREATED, {"type": "error", "sequence_number": 1, **LIMITED})
)


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


def status_kept(outcome: Outcome, drive: Drive) -> None:
    raises("BadRequestError", "400", retryable=False)(outcome, drive)
    error: Any = outcome.error
    assert error.status_code == 400


def billed(kind: str, *said: str) -> Check:
    """One request, of an error that says why there is no second."""
    return raises(kind, *said, "may have been billed", retryable=True)


CUT_400 = b'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"e'

SPOKEN = (
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
        "20c",
        "a body without a length that drips",
        "DeadlineExceededError at `deadline`",
        against(dripping, chat, deadline=1, timeout=2),
        raises("DeadlineExceededError", "deadline", after=0.9, within=3),
    ),
    Case(
        "31b",
        '200 `{"error": …}` beside an `id` and empty `choices`',
        "the typed error",
        against(once(answer(json.dumps(BESIDE).encode(), b"content-type: application/json")), chat, max_retries=2),
        raises("RateLimitError", "Slow down", retryable=True),
    ),
    Case(
        "73",
        "the tries of a call, where a gateway knows repeated ones by their `Idempotency-Key`",
        "one key for all tries of a call, another one for the next call",
        keys_of_tries,
        one_each,
    ),
    Case(
        "74",
        "400, the body is shorter than its Content-Length",
        "BadRequestError at once",
        against(once(CUT_400), chat, max_retries=2),
        status_kept,
    ),
    Case(
        "75",
        "200, the head breaks off",
        "APIConnectionError; not sent again, as it may be billed",
        against(once(b"HTTP/1.1 200 OK\r\ncontent-ty"), chat, max_retries=2),
        billed("APIConnectionError", "closed the connection"),
        OWN,
    ),
)
