"""Whole answers: cut, too large, no JSON, no HTTP, not what the API promises."""

from __future__ import annotations

import json
from typing import Any

from cases import Case, Check, gives, raises, whole
from drives import OWN, Drive, Outcome
from listening import LIMITED, against, chat, once
from raw_server import answer

NO_ANSWER = raises("APIResponseValidationError", "see that base_url", retryable=True)

NO_HTTP = raises("ProtocolError", "not HTTP", retryable=True)

BESIDE = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [], "error": LIMITED}

CUT_400 = b'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"e'


def billed(kind: str, *said: str) -> Check:
    """One request, of an error that says why there is no second."""
    return raises(kind, *said, "may have been billed", retryable=True)


def status_kept(outcome: Outcome, drive: Drive) -> None:
    raises("BadRequestError", "400", retryable=False)(outcome, drive)
    error: Any = outcome.error
    assert error.status_code == 400


def without_choices(outcome: Outcome, drive: Drive) -> None:
    gives()(outcome, drive)
    assert outcome.value.choices == []


def no_http(outcome: Outcome, drive: Drive) -> None:
    if drive.name.startswith("httpx2"):  # which waits for more until the connection is closed
        raises("APIConnectionError", "closed the connection before it answered")(outcome, drive)
    else:
        raises("ProtocolError", "not HTTP")(outcome, drive)


ANSWERED = (
    Case(
        "26",
        "200 with HTML",
        "APIResponseValidationError with content type and beginning",
        whole("html", max_retries=2),
        NO_ANSWER,
    ),
    Case(
        "26b",
        "a whole answer was asked, a stream came",
        "APIResponseValidationError with content type and beginning",
        whole("stream-for-json", max_retries=2),
        raises("APIResponseValidationError", "text/event-stream", "starts 'data: "),
    ),
    Case("27", "200 with an empty body", "APIResponseValidationError, `retryable`", whole("empty", max_retries=2), NO_ANSWER),
    Case(
        "28",
        "200, JSON breaks off at the length it said",
        "APIResponseValidationError, `retryable`",
        whole("cut-json", max_retries=2),
        NO_ANSWER,
    ),
    Case(
        "29",
        "200, the body is shorter than its Content-Length",
        "APIConnectionError; not sent again, as it may be billed (`retry_answered`)",
        whole("cut;framing=length", max_retries=2),
        raises("APIConnectionError", "may have been billed"),
    ),
    Case(
        "29b",
        "the same, with `retry_answered=True`",
        "tried again",
        whole("cut;framing=length;times=1", max_retries=2, retry_answered=True),
        gives("Say hello", requests=2),
    ),
    Case(
        "29c",
        "200, the body is longer than its Content-Length",
        "an answer",
        whole("surplus", max_retries=2),
        gives("Say hello"),
    ),
    Case("30", "200 `null`", "APIResponseValidationError", whole("body;text=null", max_retries=2), NO_ANSWER),
    Case("30b", "200 `[]`", "APIResponseValidationError", whole("body;text=[]", max_retries=2), NO_ANSWER),
    Case(
        "31",
        '200 `{"error": …}`',
        "the typed error",
        whole("error-200;code=rate_limit_exceeded;message=Slow down"),
        raises("RateLimitError", "Slow down", "request id", retryable=True),
    ),
    Case(
        "31b",
        '200 `{"error": …}` beside an `id` and empty `choices`',
        "the typed error",
        against(once(answer(json.dumps(BESIDE).encode(), b"content-type: application/json")), chat, max_retries=2),
        raises("RateLimitError", "Slow down", retryable=True),
    ),
    Case(
        "32",
        "200 without `choices`",
        "APIResponseValidationError",
        whole("choices;be=missing", max_retries=2),
        raises("APIResponseValidationError", "without 'choices'"),
    ),
    Case(
        "32b",
        "200, `choices` is null",
        "APIResponseValidationError",
        whole("choices;be=null", max_retries=2),
        raises("APIResponseValidationError", "without 'choices'"),
    ),
    Case("32c", "200, `choices` is empty", "is given as it is", whole("choices;be=empty"), without_choices),
    Case("33", "200, invalid UTF-8", "APIResponseValidationError", whole("invalid-utf8", max_retries=2), NO_ANSWER),
    Case("34", "200, JSON nested 200,000 deep", "APIResponseValidationError", whole("deep-json", max_retries=2), NO_ANSWER),
    Case(
        "34b",
        "200, JSON nested 500 deep, which breaks `repr` and `pickle`",
        "APIResponseValidationError",
        whole("deep-json;depth=500", max_retries=2),
        NO_ANSWER,
    ),
    Case("35", "200 with NaN, which JSON has not", "APIResponseValidationError", whole("not-a-number", max_retries=2), NO_ANSWER),
    Case(
        "36",
        "an answer of 512 MiB in 0.5 MiB of gzip",
        "ProtocolError at 64 MiB (`response_limit`), in bounded memory",
        whole("gzip-bomb", max_retries=2),
        raises("ProtocolError", "67,108,864 bytes", within=12, grown=150),
    ),
    Case(
        "36b",
        "the same in deflate",
        "ProtocolError at 64 MiB (`response_limit`), in bounded memory",
        whole("gzip-bomb;encoding=deflate", max_retries=2),
        raises("ProtocolError", "67,108,864 bytes", within=12, grown=150),
    ),
    Case(
        "36c",
        "200, gzip breaks off",
        "ProtocolError that says so; not sent again",
        whole("gzip-cut", max_retries=2),
        raises("ProtocolError", "compressed body was cut", "may have been billed"),
    ),
    Case(
        "36d",
        "an answer of 100 MiB, not packed",
        "ProtocolError at 64 MiB (`response_limit`)",
        whole("big-body", max_retries=2),
        raises("ProtocolError", "67,108,864 bytes", within=12, grown=150),
    ),
    Case("37", "a header of 300 KB", "ProtocolError", whole("long-header"), raises("ProtocolError")),
    Case(
        "39",
        "a redirect loop",
        "APIStatusError at once: redirects are not followed",
        whole("redirect", max_retries=2),
        raises("APIStatusError", "redirects are not followed"),
    ),
    Case(
        "41",
        "a redirect to `file:///etc/passwd`",
        "APIStatusError at once: redirects are not followed",
        whole("redirect;location=file:///etc/passwd", max_retries=2),
        raises("APIStatusError", "redirects are not followed"),
    ),
    Case(
        "63",
        "`content-encoding: br`, which nobody asked for",
        "ProtocolError that names it",
        whole("content-encoding;encoding=br"),
        raises("ProtocolError", "br"),
    ),
    Case(
        "63b",
        "`content-encoding: zstd`",
        "ProtocolError that names it",
        whole("content-encoding;encoding=zstd"),
        raises("ProtocolError", "zstd"),
    ),
    Case("64", "100 times `100 Continue`", "skipped", whole("interim"), gives("Say hello")),
    Case(
        "64b",
        "`103 Early Hints` without end",
        "ProtocolError after 128 KiB",
        whole("interim;count=1000000;code=103"),
        raises("ProtocolError", within=10),
        OWN,
    ),
    Case(
        "64c",
        "the same, with an httpx2 client of yours, which reads on",
        "DeadlineExceededError at `deadline`",
        whole("interim;count=1000000;code=103", deadline=1),
        raises("DeadlineExceededError", within=5),
        ("httpx2", "httpx2 async"),
    ),
    Case("70", "nothing at all goes wrong", "an answer", whole(), gives("Say hello")),
    Case("71", "what comes is no HTTP", "ProtocolError that says so (APIConnectionError by httpx2)", whole("garbage"), no_http),
    Case("71b", "a status line that is none", "ProtocolError that says so", whole("garbage;kind=bad-status"), NO_HTTP),
    Case("71c", "a line among the headers that is none", "ProtocolError that says so", whole("garbage;kind=bad-header"), NO_HTTP),
    Case(
        "72b",
        "the connection is closed without a byte of an answer, once",
        "tried again",
        whole("hang-up;times=1", max_retries=2),
        gives("Say hello", requests=2),
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
