"""Time: silence, deadlines, and the waits between one try and the next."""

from __future__ import annotations

import socket
import time
from typing import Any
from unittest import mock

from cases import Case, Check, gives, raises, stream, whole
from drives import Drive, Outcome
from listening import against, answering, chat
from raw_server import RawServer, answer


def dripping(server: RawServer, connection: socket.socket) -> None:
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{")
    while True:  # until the client has gone
        time.sleep(0.1)
        connection.sendall(b" ")


def waited(seconds: float, longest: float = 3.0) -> Check:
    def check(outcome: Outcome, drive: Drive) -> None:
        gives(requests=2, within=longest)(outcome, drive)
        assert outcome.seconds >= seconds

    return check


def clock(drive: Drive) -> Outcome:
    """The time of day leaps an hour at each look, while a call waits and tries again."""
    real, looks = time.time, iter(range(1_000_000))
    with mock.patch("time.time", lambda: real() + next(looks) * 3600):
        return drive.whole("status;code=429;retry-after=1;times=1", max_retries=2, deadline=20)


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


def without_the_page(outcome: Outcome, drive: Drive) -> None:
    raises("InternalServerError", "503", "tried 3 times", requests=3, retryable=True)(outcome, drive)
    assert "<" not in str(outcome.error)


WAITING = (
    Case(
        "16",
        "stream: no bytes after some events",
        "APITimeoutError after `timeout`, with what came",
        stream("stall;at=body", timeout=0.4),
        raises("APITimeoutError", "no bytes", partial=True, within=3),
    ),
    Case(
        "17",
        "stream: only comments, for ever",
        "APITimeoutError after `timeout` without an event, with what came",
        stream("stream-pings;seconds=0.1", timeout=0.5),
        raises("APITimeoutError", "only comments", partial=True, within=3),
    ),
    Case(
        "19",
        "the head of the answer never comes",
        "APITimeoutError, tried again; all within `deadline`",
        whole("stall", timeout=0.4, max_retries=1, deadline=10),
        raises("APITimeoutError", "no bytes", "tried 2 times", requests=2, after=1.1, within=3),
    ),
    Case(
        "19b",
        "the same, and the deadline comes during the second try",
        "DeadlineExceededError at `deadline`",
        whole("stall", timeout=0.5, max_retries=2, deadline=1.2),
        raises("DeadlineExceededError", "deadline", "tried 2 times", requests=2, after=1.1, within=3, retryable=False),
    ),
    Case(
        "20",
        "an answer that drips, a byte at a time",
        "DeadlineExceededError at `deadline`",
        whole("drip;seconds=0.2", deadline=1, timeout=2),
        raises("DeadlineExceededError", "deadline", after=0.9, within=3),
    ),
    Case(
        "20b",
        "a head that drips",
        "DeadlineExceededError at `deadline`",
        whole("drip;part=head;seconds=0.2", deadline=1, timeout=2),
        raises("DeadlineExceededError", "deadline", after=0.9, within=3),
    ),
    Case(
        "20c",
        "a body without a length that drips",
        "DeadlineExceededError at `deadline`",
        against(dripping, chat, deadline=1, timeout=2),
        raises("DeadlineExceededError", "deadline", after=0.9, within=3),
    ),
    Case(
        "21",
        "429, `retry-after: 120`, beyond the deadline",
        "RateLimitError at once, saying why it is not tried again",
        whole("status;code=429;retry-after=120", deadline=5, max_retries=2),
        raises("RateLimitError", "would pass the deadline", within=1),
    ),
    Case(
        "22",
        "429, `retry-after: 1`, once",
        "waits that long, and asks again",
        whole("status;code=429;retry-after=1;times=1", max_retries=2),
        waited(1.0),
    ),
    Case(
        "22b",
        "Azure: 429, `x-ms-retry-after-ms: 700`, once",
        "waits that long, and asks again",
        whole("status;code=429;x-ms-retry-after-ms=700;times=1", azure=True, max_retries=2),
        waited(0.7),
    ),
    Case(
        "22c",
        "Azure: 429, whose sentence says to retry after 1 seconds, once",
        "waits that long, and asks again",
        whole("azure;kind=rate;times=1", azure=True, max_retries=2),
        waited(1.0),
    ),
    Case(
        "22d",
        "429, `x-ratelimit-reset-requests: 1s`, once",
        "waits that long, and asks again",
        whole("status;code=429;reset-requests=1s;times=1", max_retries=2),
        waited(1.0),
    ),
    *(
        Case(
            f"23{letter}",
            f"429, `retry-after: {value}`, once",
            "backs off as without it",
            whole(f"status;code=429;retry-after={value};times=1", max_retries=2),
            waited(0.3),
        )
        for letter, value in zip("abcd", ("soon", "inf", "nan", "-5"), strict=True)
    ),
    Case(
        "24",
        "429 insufficient_quota",
        "RateLimitError at once, not `retryable`",
        whole("status;code=429;error=insufficient_quota", max_retries=2),
        raises("RateLimitError", "insufficient_quota", "billing", retryable=False),
    ),
    Case(
        "25",
        "500, always",
        "InternalServerError after the retries",
        whole("status;code=500;retry-after-ms=10", max_retries=2),
        raises("InternalServerError", "tried 3 times", requests=3, retryable=True),
    ),
    Case(
        "25b",
        "503 with a page of HTML, always",
        "InternalServerError after the retries, without the page",
        whole("status;code=503;body=html;retry-after-ms=10", max_retries=2),
        without_the_page,
    ),
    Case(
        "25c",
        "500, `x-should-retry: false`",
        "InternalServerError at once, not `retryable`",
        whole("status;code=500;x-should-retry=false", max_retries=2),
        raises("InternalServerError", retryable=False),
    ),
    Case(
        "25d",
        "400, `x-should-retry: true`, once",
        "tried again",
        whole("status;code=400;x-should-retry=true;retry-after-ms=10;times=1", max_retries=2),
        gives("Say hello", requests=2),
    ),
    Case(
        "59",
        "the clock leaps while a call waits",
        "nothing changes: waits and deadlines are by the monotonic clock",
        clock,
        gives("Say hello", requests=2),
    ),
    Case(
        "69",
        "503, `retry-after: 1`, once",
        "waits that long, and asks again",
        whole("status;code=503;retry-after=1;times=1", max_retries=2),
        waited(1.0),
    ),
    Case(
        "69b",
        "529, `retry-after: 1`, once",
        "waits that long, and asks again",
        whole("status;code=529;retry-after=1;times=1", max_retries=2),
        waited(1.0),
    ),
    Case(
        "72",
        "the connection is reset before the answer",
        "APIConnectionError, tried again",
        whole("reset;at=head;times=1", max_retries=2),
        gives("Say hello", requests=2),
    ),
    Case(
        "73",
        "the tries of a call, where a gateway knows repeated ones by their `Idempotency-Key`",
        "one key for all tries of a call, another one for the next call",
        keys_of_tries,
        one_each,
    ),
)
