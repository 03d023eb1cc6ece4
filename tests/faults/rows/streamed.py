"""Streams: cut, broken, or none at all."""

from __future__ import annotations

from cases import Case, gives, raises, stream
from drives import Drive, Outcome

CUT = raises("StreamTruncatedError", "ended", text="", partial=True, retryable=True)

ERROR_EVENT = "stream-error;code=rate_limit_exceeded;message=Slow down"


def keeps_separators(outcome: Outcome, drive: Drive) -> None:
    gives("\u2028", "\u2029", "\x85")(outcome, drive)


def no_usage(outcome: Outcome, drive: Drive) -> None:
    gives()(outcome, drive)
    assert all(chunk.usage is None for chunk in outcome.value)


STREAMED = (
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
    Case(
        "3c",
        "stream: within a chunked body comes a chunk without a size",
        "ProtocolError that says so",
        stream("bad-chunk"),
        raises("ProtocolError", "not HTTP", retryable=True),
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
        "18",
        "stream: a line of 400 MB",
        "ProtocolError at 8 MiB (`response_limit`), in bounded memory",
        stream("stream-long-line;size=400MiB"),
        raises("ProtocolError", "8,388,608 bytes", partial=True, within=10, grown=60),
    ),
    Case(
        "56",
        "stream: no usage, though asked for",
        "None: nothing is made up",
        stream("no-usage", {"stream_options": {"include_usage": True}}),
        no_usage,
    ),
)
