"""The table: each fault, what we do about it in words, how to meet it, and how to see that the words are true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Any

from drives import OWN, Drive, Outcome

Check = Callable[[Outcome, Drive], None]


@dataclass(frozen=True)
class Case:
    """A row."""

    number: str
    title: str
    expected: str
    """What ceyx does, for the page."""
    run: Callable[[Drive], Outcome]
    check: Check
    drives: tuple[str, ...] = ()
    """Only with these of ours; with all, if empty."""


def whole(fault: str = "", params: Any = None, **options: Any) -> Callable[[Drive], Outcome]:
    return lambda drive: drive.whole(fault, params, **options)


def stream(fault: str = "", params: Any = None, **options: Any) -> Callable[[Drive], Outcome]:
    return lambda drive: drive.stream(fault, params, **options)


def gives(*said: str, requests: int = 1, within: float = 5.0) -> Check:
    """An answer, in which this text is."""

    def check(outcome: Outcome, _: Drive) -> None:
        assert not outcome.hung
        if outcome.error is not None:
            raise AssertionError("an answer was expected") from outcome.error
        assert all(text in outcome.text for text in said), outcome.text
        assert outcome.requests == requests
        assert outcome.seconds < within

    return check


def raises(
    kind: str,
    *said: str,
    requests: int = 1,
    text: str | None = None,
    partial: bool = False,
    retryable: bool | None = None,
    within: float = 5.0,
    after: float = 0.0,
    grown: float | None = None,
) -> Check:
    """Just this error, `within` so many seconds, but not before `after`; `text` is what was given out before, and with
    `partial` the error has it, too."""

    def check(outcome: Outcome, _: Drive) -> None:
        assert not outcome.hung
        error: Any = outcome.error
        assert error is not None, f"no error, but {outcome.value!r}"
        if type(error).__name__ != kind:
            raise AssertionError(f"{kind} was expected") from error
        assert all(part in str(error) for part in said), str(error)
        assert outcome.requests == requests
        assert after <= outcome.seconds < within
        if text is not None:
            assert outcome.text.startswith(text)
        if partial:
            assert outcome.text
            assert error.partial.choices[0].message.content == outcome.text
        if retryable is not None:
            assert error.retryable is retryable
        if grown is not None and not isnan(outcome.grown):
            assert outcome.grown < grown, outcome.grown

    return check


CUT = raises("StreamTruncatedError", "ended", text="", partial=True, retryable=True)
NO_ANSWER = raises("APIResponseValidationError", "see that base_url", retryable=True)
ERROR_EVENT = "stream-error;code=rate_limit_exceeded;message=Slow down"


def keeps_separators(outcome: Outcome, drive: Drive) -> None:
    gives("\u2028", "\u2029", "\x85")(outcome, drive)


def waited(seconds: float, longest: float = 3.0) -> Check:
    def check(outcome: Outcome, drive: Drive) -> None:
        gives(requests=2, within=longest)(outcome, drive)
        assert outcome.seconds >= seconds

    return check


def blocked(outcome: Outcome, drive: Drive) -> None:
    raises("ContentFilterError", "violence: high", retryable=False)(outcome, drive)
    error: Any = outcome.error
    assert (error.source, error.categories, error.status_code) == ("prompt", {"violence": "high"}, 400)
    assert error.results["hate"]["filtered"] is False


def stopped(outcome: Outcome, drive: Drive) -> None:
    raises("ContentFilterError", "violence: high")(outcome, drive)
    error: Any = outcome.error
    assert (error.source, error.categories) == ("completion", {"violence": "high"})
    assert error.partial.choices[0].finish_reason == "content_filter"


def stays(outcome: Outcome, drive: Drive) -> None:
    """The answer that the filter stopped is given, its findings readable: nobody asked for an error."""
    gives("This")(outcome, drive)
    parts = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    choices = [choice for part in parts for choice in part.choices]
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["content_filter"]
    found = [choice.content_filter_results for choice in choices if choice.finish_reason]
    assert (found[0].violence.filtered, found[0].violence.severity) == (True, "high")


def no_usage(outcome: Outcome, drive: Drive) -> None:
    gives()(outcome, drive)
    assert all(chunk.usage is None for chunk in outcome.value)


def no_http(outcome: Outcome, drive: Drive) -> None:
    if drive.name.startswith("httpx2"):  # which waits for more until the connection is closed
        raises("APIConnectionError", "closed the connection before it answered")(outcome, drive)
    else:
        raises("ProtocolError", "not HTTP")(outcome, drive)


WIRE = (
    Case(
        "1",
        "stream: ends without `finish_reason` and `[DONE]`",
        "StreamTruncatedError, with what came",
        stream("stream-end"),
        CUT,
    ),
    Case(
        "3",
        "stream: a body without a length is cut",
        "StreamTruncatedError, with what came",
        stream("cut;framing=close;inside=no"),
        CUT,
    ),
    Case(
        "3b",
        "stream: a chunked body is cut",
        "StreamTruncatedError, with what came",
        stream("cut;framing=chunked;inside=no"),
        CUT,
    ),
    Case("4", "stream: ends inside an event", "StreamTruncatedError, with what came", stream("stream-half-event"), CUT),
    Case(
        "7",
        "stream: `finish_reason`, but no `[DONE]`",
        "is a whole answer",
        stream("stream-no-done"),
        gives("Say hello"),
    ),
    Case(
        "7b",
        'stream: `[DONE]`, but no `finish_reason`; `stream_end="strict"`',
        "StreamTruncatedError, with what came",
        stream("stream-no-finish", stream_end="strict"),
        raises("StreamTruncatedError", "no finish_reason of choice 0", "stream_end='lenient'", partial=True),
    ),
    Case(
        "7c",
        'the same; `stream_end="lenient"`',
        "is a whole answer",
        stream("stream-no-finish", stream_end="lenient"),
        gives("Say hello"),
    ),
    Case(
        "7d",
        "the same; without `stream_end`, from a host that is not of OpenAI or Azure",
        "is a whole answer",
        stream("stream-no-finish"),
        gives("Say hello"),
    ),
    Case(
        "8",
        "stream: the connection is reset",
        "StreamTruncatedError, with what came; not sent again",
        stream("reset", max_retries=2),
        CUT,
    ),
    Case(
        "9",
        'stream: `data: {"error": …}`',
        "the typed error, `retryable`, with the request id and what came",
        stream(ERROR_EVENT),
        raises("RateLimitError", "Slow down", "request id", partial=True, retryable=True),
    ),
    Case(
        "10",
        "stream: `event: error` with a flat body",
        "the typed error, `retryable`, with the request id and what came",
        stream(f"{ERROR_EVENT};shape=event"),
        raises("RateLimitError", "Slow down", "request id", partial=True, retryable=True),
    ),
    Case(
        "11",
        "stream: an event is no JSON",
        "ProtocolError that quotes it, with what came",
        stream("stream-bad-json"),
        raises("ProtocolError", "not JSON", partial=True),
    ),
    Case("12", "stream: `data: null`", "skipped", stream("stream-event;data=null"), gives("Say hello")),
    Case(
        "13",
        "a stream was asked, JSON came",
        "ProtocolError with content type and beginning",
        stream("json-for-stream"),
        raises("ProtocolError", "application/json", "starts"),
    ),
    Case(
        "13b",
        "a stream was asked, a JSON error came with status 200",
        "the typed error",
        stream("error-200;code=rate_limit_exceeded;message=Slow down"),
        raises("RateLimitError", "Slow down", retryable=True),
    ),
    Case(
        "14",
        "a stream was asked, HTML came",
        "ProtocolError with content type and beginning",
        stream("html"),
        raises("ProtocolError", "text/html", "starts"),
    ),
    Case("15", "stream: U+2028, U+2029, U+0085 in the text", "kept", stream("line-separators"), keeps_separators),
    Case(
        "15b",
        "stream: CRLF, a byte order mark, comments, unknown fields",
        "read as ever",
        stream("stream-unusual"),
        gives("Say hello"),
    ),
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
        "18",
        "stream: a line of 400 MB",
        "ProtocolError at 8 MiB (`response_limit`), in bounded memory",
        stream("stream-long-line;size=400MiB"),
        raises("ProtocolError", "8,388,608 bytes", partial=True, within=10, grown=60),
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
        "26",
        "200 with HTML",
        "APIResponseValidationError with content type and beginning",
        whole("html", max_retries=2),
        NO_ANSWER,
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
    Case("37", "a header of 300 KB", "ProtocolError", whole("long-header"), raises("ProtocolError")),
    Case(
        "38",
        "400, Azure's content filter blocked the prompt",
        "ContentFilterError (a BadRequestError) with categories and severities",
        whole("prompt-filtered", azure=True, max_retries=2),
        blocked,
    ),
    Case(
        "38b",
        "Azure's content filter stopped the answer",
        "given as it is, with its `finish_reason` and what was found",
        whole("content-filtered", azure=True),
        stays,
    ),
    Case(
        "38c",
        "stream: the same",
        "given as it is, with its `finish_reason` and what was found",
        stream("content-filtered", azure=True),
        stays,
    ),
    Case(
        "38d",
        'Azure\'s content filter stopped the answer; `content_filter="raise"`',
        "ContentFilterError, with the answer and what was found",
        whole("content-filtered", azure=True, content_filter="raise"),
        stopped,
    ),
    Case(
        "38e",
        "stream: the same",
        "ContentFilterError at its end, with what came and what was found",
        stream("content-filtered", azure=True, content_filter="raise"),
        stopped,
    ),
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
        "56",
        "stream: no usage, though asked for",
        "None: nothing is made up",
        stream("no-usage", {"stream_options": {"include_usage": True}}),
        no_usage,
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
    Case("71", "what comes is no HTTP", "ProtocolError that says so (APIConnectionError by httpx2)", whole("garbage"), no_http),
    Case(
        "72",
        "the connection is reset before the answer",
        "APIConnectionError, tried again",
        whole("reset;at=head;times=1", max_retries=2),
        gives("Say hello", requests=2),
    ),
)
