"""The list of all faults: what each is called, does and takes."""

from __future__ import annotations

from ceyx.service.errors import OF_AZURE
from ceyx.service.faults import bodies, connections, fault, refusals, streams, values
from ceyx.service.faults.fault import Chosen, Fault
from ceyx.service.faults.values import Parameter
from ceyx.service.filters import CATEGORIES

_events = Parameter("events", "3", "how many events of the stream come before", values.count)
_keep = Parameter("keep", "", "how many bytes of a whole answer are sent; half, if not given", values.count)
_category = Parameter("category", "violence", f"what was found: {', '.join(CATEGORIES)}", values.one_of(*CATEGORIES))
_severity = Parameter("severity", "high", "how bad it was, where that has degrees", values.one_of("low", "medium", "high"))
_code = Parameter("code", "server_error", "the error's code", values.plain)
_type = Parameter("type", "server_error", "the error's type", values.plain)
_message = Parameter("message", "The server had an error while processing your request", "the error's message", values.plain)


def _wait(default: str, about: str = "how long, in seconds; inf: until the client leaves") -> Parameter:
    return Parameter("seconds", default, about, values.seconds)


def _size(default: str, about: str) -> Parameter:
    return Parameter("size", default, about, values.size)


def _choice(name: str, about: str, *choices: str) -> Parameter:
    """One of these; the first is the default."""
    return Parameter(name, choices[0], f"{about}: {', '.join(choices)}", values.one_of(*choices))


def _header(name: str, about: str = "") -> Parameter:
    return Parameter(name, "", about or f"the header {name}, as given", values.plain)


_CONNECTION = (
    Fault(
        "cut",
        "connection",
        "the connection is closed (FIN) before the end of the body",
        "writes",
        connections.cut,
        (
            _choice("framing", "how the body says its end", "own", "length", "chunked", "close"),
            _events,
            _keep,
            Parameter("inside", "yes", "whether a stream is cut inside an event: yes, no", values.yes_or_no),
        ),
        raw=True,
    ),
    Fault(
        "reset",
        "connection",
        "the connection is reset (TCP RST)",
        "writes",
        connections.reset,
        (
            _choice("at", "within the body, or before the head", "body", "head"),
            _events,
            _keep,
            _wait("0.05", "how long the client may read before"),
        ),
        raw=True,
    ),
    Fault(
        "hang-up",
        "connection",
        "the connection is closed (FIN) without a byte of an answer",
        "writes",
        connections.hang_up,
        (_wait("0", "how long before"),),
        raw=True,
    ),
    Fault(
        "stall",
        "connection",
        "the answer comes to a halt, then goes on",
        "writes",
        connections.stall,
        (_choice("at", "before the head, after it, or within the body", "request", "head", "body"), _wait("inf"), _events, _keep),
    ),
    Fault(
        "drip",
        "connection",
        "the answer comes a byte at a time",
        "writes",
        connections.drip,
        (
            _choice("part", "which part of it drips", "body", "head"),
            _wait("0.1", "between two pieces"),
            Parameter("size", "1", "bytes of a piece", values.some),
        ),
        raw=True,
    ),
    Fault(
        "garbage",
        "connection",
        "what comes is no HTTP",
        "writes",
        connections.garbage,
        (_choice("kind", "what it is", *connections.KINDS_OF_GARBAGE),),
        raw=True,
    ),
    Fault(
        "surplus",
        "connection",
        "the body is longer than its Content-Length, and the connection stays open",
        "writes",
        connections.surplus,
        (_size("20", "bytes too many"),),
        raw=True,
    ),
    Fault(
        "bad-chunk",
        "connection",
        "within a chunked body comes a chunk without a size",
        "writes",
        connections.bad_chunk,
        (_events, _keep),
        raw=True,
    ),
    Fault(
        "interim",
        "connection",
        "many 1xx answers come before the answer",
        "writes",
        connections.interim,
        (
            Parameter("count", "100", "how many", values.count),
            _choice("code", "which", "100", "102", "103"),
        ),
        raw=True,
    ),
    Fault(
        "keep-alive",
        "connection",
        "a connection that seemed to stay open is closed: after the answer, once idle, or when the next request arrives on it",
        "writes",
        connections.keep_alive,
        (_choice("closes", "when", "after", "idle", "next"), _wait("0.05", "how long it is idle before")),
        raw=True,
    ),
)

_BODY = (
    Fault(
        "html",
        "body",
        "a page in HTML, as of a network that wants a login",
        "replaces",
        bodies.html,
        (Parameter("status", "200", "its status", values.status),),
    ),
    Fault(
        "body",
        "body",
        "any body: null, [], or what you write",
        "replaces",
        bodies.body,
        (
            Parameter("text", "null", "the body", values.plain),
            Parameter("status", "200", "its status", values.status),
            Parameter("type", "application/json", "its content type", values.plain),
        ),
    ),
    Fault("error-200", "body", "an error object under status 200", "replaces", bodies.error_200, (_code, _type, _message)),
    Fault("empty", "body", "status 200 and no body; of a stream, no event", "damages", bodies.empty),
    Fault(
        "cut-json",
        "body",
        "JSON that breaks off, at the length it said",
        "damages",
        bodies.cut_json,
        (_keep,),
        needs="whole",
    ),
    Fault("json-for-stream", "body", "a whole answer where a stream was asked", "writes", bodies.json_for_stream, needs="stream"),
    Fault("stream-for-json", "body", "a stream where a whole answer was asked", "writes", bodies.stream_for_json, needs="whole"),
    Fault(
        "choices",
        "body",
        "the answer's choices (or output, or data) are not there",
        "damages",
        bodies.choices,
        (_choice("be", "what they are", "missing", "null", "empty"),),
    ),
    Fault("no-usage", "body", "no usage, though it was asked for", "damages", bodies.no_usage),
    Fault("invalid-utf8", "body", "text that is no UTF-8", "damages", bodies.invalid_utf8),
    Fault(
        "line-separators",
        "body",
        "text with U+2028, U+2029 and U+0085 as they are: valid, and to be kept",
        "damages",
        bodies.line_separators,
    ),
    Fault(
        "deep-json",
        "body",
        "JSON nested very deep",
        "damages",
        bodies.deep_json,
        (Parameter("depth", "200000", "how deep", values.count),),
    ),
    Fault(
        "not-a-number",
        "body",
        "a number that JSON has not",
        "damages",
        bodies.not_a_number,
        (_choice("number", "which", "NaN", "Infinity", "-Infinity", "1e999"),),
    ),
    Fault(
        "content-encoding",
        "body",
        "a content-encoding that the body has not",
        "damages",
        bodies.content_encoding,
        (Parameter("encoding", "br", "its name: br, zstd, gzip, anything", values.plain),),
    ),
    Fault(
        "gzip-bomb",
        "body",
        "an answer that is small on the wire and huge when decoded",
        "writes",
        bodies.gzip_bomb,
        (_size("512MiB", "its size when decoded"), _choice("encoding", "how it is packed", "gzip", "deflate")),
    ),
    Fault("gzip-cut", "body", "a packed body that breaks off", "damages", bodies.gzip_cut),
    Fault("big-body", "body", "an answer that is huge on the wire", "writes", bodies.big_body, (_size("100MiB", "its size"),)),
    Fault(
        "long-header",
        "body",
        "a header that is too long, or too many of them",
        "damages",
        bodies.long_header,
        (_size("300KiB", "of each"), Parameter("count", "1", "how many", values.some)),
    ),
    Fault(
        "content-filtered",
        "body",
        "the answer is stopped by the content filter, and says what was found",
        "damages",
        bodies.content_filtered,
        (_category, _severity, _events),
    ),
    Fault("tool-cut", "body", "the arguments of a tool call are cut by finish_reason length", "writes", bodies.tool_cut),
)

_STREAM = (
    Fault(
        "stream-end",
        "stream",
        "the stream ends well-formed, but without finish_reason and [DONE]",
        "damages",
        streams.ended,
        (_events,),
        needs="stream",
    ),
    Fault(
        "stream-half-event",
        "stream",
        "the stream ends well-formed, but inside an event",
        "damages",
        streams.half_event,
        (_events,),
        needs="stream",
    ),
    Fault("stream-no-done", "stream", "finish_reason comes, [DONE] does not", "damages", streams.no_done, needs="stream"),
    Fault(
        "stream-no-finish",
        "stream",
        "[DONE] comes, finish_reason (or response.completed) does not",
        "damages",
        streams.no_finish,
        needs="stream",
    ),
    Fault(
        "stream-error",
        "stream",
        "an error comes in place of an event, and the stream ends",
        "damages",
        streams.error_event,
        (
            _choice("shape", 'data: {"error": …}, or event: error with the fields alone', "data", "event"),
            _events,
            _code,
            _type,
            _message,
        ),
        needs="stream",
    ),
    Fault("stream-bad-json", "stream", "an event is no JSON", "damages", streams.bad_json, (_events,), needs="stream"),
    Fault(
        "stream-event",
        "stream",
        "an event that nobody expects comes in between",
        "damages",
        streams.any_event,
        (
            Parameter("data", "null", "its data", values.plain),
            Parameter("name", "", "its name", values.plain),
            _events,
        ),
        needs="stream",
    ),
    Fault("stream-disorder", "stream", "the first event comes late", "damages", streams.disordered, (_events,), needs="stream"),
    Fault(
        "stream-unusual",
        "stream",
        "CRLF, byte order mark, comments, id and retry fields: valid, and to be read as ever",
        "damages",
        streams.unusual,
        needs="stream",
    ),
    Fault(
        "stream-pings",
        "stream",
        "only comments come",
        "writes",
        streams.pings,
        (
            _events,
            _wait("1", "between two comments"),
            Parameter("count", "inf", "how many; then the stream goes on", values.count_or_inf),
        ),
        needs="stream",
    ),
    Fault(
        "stream-long-line",
        "stream",
        "an event is one very long line",
        "writes",
        streams.long_line,
        (_size("100MiB", "its size"), _events),
        needs="stream",
    ),
    Fault(
        "late-filter",
        "stream",
        "what Azure's asynchronous filter found comes after the text, in a chunk without a delta",
        "damages",
        streams.late_filter,
        (
            _category,
            _severity,
            Parameter("stops", "no", "whether it stops the answer for that: yes, no", values.yes_or_no),
        ),
        needs="stream",
    ),
    Fault(
        "tool-repeats",
        "stream",
        "each piece of a tool call has the id again, or a second call comes under the first one's index",
        "writes",
        bodies.tool_repeats,
        (_choice("what", "what comes again", "id", "index"),),
        needs="stream",
    ),
)

_STATUS = (
    Fault(
        "status",
        "status",
        "an error of the provider, with any header that says when to come back",
        "replaces",
        refusals.status,
        (
            Parameter("code", "500", "the status", values.status),
            Parameter("error", "", "the error's code, such as insufficient_quota", values.plain),
            Parameter("type", "", "the error's type", values.plain),
            Parameter("message", "", "the error's message", values.plain),
            Parameter("wait", "", "of a 429: how many seconds its sentence asks to wait", values.seconds),
            _choice("body", "what the body is", "json", "html", "text", "empty"),
            _header("retry-after", "the header retry-after, as given: seconds, a date, garbage"),
            _header("retry-after-ms"),
            _header("x-ms-retry-after-ms"),
            _header("x-should-retry"),
            _header("reset-requests", "the header x-ratelimit-reset-requests; none are left then"),
            _header("reset-tokens", "the header x-ratelimit-reset-tokens; none are left then"),
        ),
    ),
    Fault(
        "prompt-filtered",
        "status",
        "400: the content filter refuses the prompt, and says what was found (Azure)",
        "replaces",
        refusals.prompt_filtered,
        (_category, _severity),
    ),
    Fault(
        "azure",
        "status",
        "Azure refuses the request before a model sees it, in its own words",
        "replaces",
        refusals.azure,
        (_choice("kind", "why", *OF_AZURE),),
    ),
    Fault(
        "redirect",
        "status",
        "a redirect, to itself (a loop) or anywhere",
        "replaces",
        refusals.redirect,
        (
            Parameter("code", "307", "the status", values.status),
            Parameter("location", "", "where to; file:///… and other hosts, too", values.plain),
        ),
    ),
)

CATALOGUE: dict[str, Fault] = {each.name: each for each in (*_CONNECTION, *_BODY, *_STREAM, *_STATUS)}


def parse(text: str) -> Chosen:
    """The fault that `text` asks for. Raises FaultError for anything that is none."""
    return fault.parse(text, CATALOGUE)
