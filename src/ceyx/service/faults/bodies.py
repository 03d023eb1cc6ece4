"""Faults of the body: an answer of the right length that is not what was asked for, or far too much of it."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

from ceyx.service import filters
from ceyx.service.faults import answer as answers, values
from ceyx.service.faults.answer import Answer, Asked
from ceyx.service.faults.exchange import Exchange
from ceyx.service.faults.fault import Fault
from ceyx.service.faults.parameters import CATEGORY, CODE, EVENTS, KEEP, MESSAGE, SEVERITY, TYPE, among, size
from ceyx.service.faults.values import Parameter

MIB = 1024 * 1024
_text_field = re.compile(rb'"(?:content|text|delta)": ?"(?=[^"])')
_number_field = re.compile(rb'("(?:created|created_at)": ?)\d+')
_HTML = """<!doctype html>
<html><head><title>Sign in to the network</title></head>
<body><h1>Sign in to the network</h1><form action="/login" method="post"><input name="user"></form></body></html>
"""


def html(_: Asked, *, status: int) -> Answer:
    return Answer(status, (("content-type", "text/html; charset=utf-8"),), (_HTML.encode(),))


def body(_: Asked, *, text: str, status: int, type: str) -> Answer:
    return Answer(status, (("content-type", type),), (text.encode("latin-1", "replace"),))


def error_200(_: Asked, *, code: str, message: str, type: str) -> Answer:
    return answers.whole({"error": {"message": message, "type": type, "param": None, "code": code}})


def empty(answer: Answer) -> Answer:
    return answer.with_events() if answer.streams else answer.with_content(b"")


def cut_json(answer: Answer, *, keep: int | None) -> Answer:
    content = answer.content
    return answer.with_content(content[: len(content) // 2 if keep is None else min(keep, len(content) - 1)])


async def json_for_stream(x: Exchange) -> None:
    await x.send(await x.answer(streams=False))


async def stream_for_json(x: Exchange) -> None:
    await x.send(await x.answer(streams=True))


def choices(answer: Answer, *, be: str) -> Answer:
    def change(fields: dict[str, Any]) -> None:
        for name in ("choices", "output", "data"):
            if name in fields:
                if be == "missing":
                    del fields[name]
                else:
                    fields[name] = [] if be == "empty" else None

    return answer.changed(change)


def no_usage(answer: Answer) -> Answer:
    if answer.streams:
        kept = (part for part in answer.parts if not _is_usage(part))
        answer = answer.with_events(*kept)
    return answer.changed(_without_usage)


def _is_usage(part: bytes) -> bool:
    fields = answers.fields_of(part)
    return bool(fields.get("usage")) and fields.get("choices") == []


def _without_usage(fields: dict[str, Any]) -> None:
    fields.pop("usage", None)
    if isinstance(response := fields.get("response"), dict):
        response["usage"] = None


def invalid_utf8(answer: Answer) -> Answer:
    return _with_text(answer, b"\xff\xfe\xc3(")


def line_separators(answer: Answer) -> Answer:
    return _with_text(answer, "a\u2028b\u2029c\u0085d\x7f".encode())


def _with_text(answer: Answer, inserted: bytes) -> Answer:
    """`answer`, its text beginning with bytes that JSON could escape."""
    parts = list(answer.parts)
    for place, part in enumerate(parts):
        if form := _text_field.search(part):
            parts[place] = part[: form.end()] + inserted + part[form.end() :]
            return answer.with_events(*parts)
    # It has no text: a string of its own, then.
    first = parts[0].index(b"{") + 1
    parts[0] = parts[0][:first] + b'"text":"' + inserted + b'",' + parts[0][first:]
    return answer.with_events(*parts)


def deep_json(answer: Answer, *, depth: int) -> Answer:
    nested = b'{"nested":' + b"[" * depth + b"]" * depth
    if answer.streams:
        return answer.with_events(answer.parts[0], b"data: " + nested + b"}\n\n", *answer.parts[1:])
    return answer.with_content(nested + b"," + answer.content.removeprefix(b"{"))


def not_a_number(answer: Answer, *, number: str) -> Answer:
    parts = [_number_field.sub(rb"\g<1>" + number.encode(), part) for part in answer.parts]
    if parts == list(answer.parts):
        parts[0] = parts[0].replace(b"{", b'{"created":' + number.encode() + b",", 1)
    return answer.with_events(*parts)


def content_encoding(answer: Answer, *, encoding: str) -> Answer:
    return answer.with_header("content-encoding", encoding)


async def big_body(x: Exchange, *, size: int) -> None:
    answer = await x.answer()
    await x.start_with(answer.status, answer.headers)
    for block in _padding(answer, size):
        await x.part(block)
    for part in answer.parts:
        await x.part(part)
    await x.end()


def _padding(answer: Answer, size: int) -> list[bytes]:
    """So many bytes that may come before an answer: white space, or in a stream comments. The list holds one block often."""
    block = (b":" + b" " * 1022 + b"\n") * 1024 if answer.streams else b" " * MIB
    rest = size % MIB
    short = (b":" + b" " * (rest - 2) + b"\n" if rest > 1 else b"\n" * rest) if answer.streams else b" " * rest
    return [block] * (size // MIB) + ([short] if short else [])


async def gzip_bomb(x: Exchange, *, size: int, encoding: str) -> None:
    answer = await x.answer()
    await x.start_with(answer.status, answer.with_header("content-encoding", encoding).headers)
    check, total = (zlib.crc32, 0) if encoding == "gzip" else (zlib.adler32, 1)
    length = 0
    await x.part(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" if encoding == "gzip" else b"\x78\x9c")
    # A block that was flushed ends on a byte and refers to nothing before it, so one serves for all.
    known: tuple[bytes, bytes] = (b"", b"")
    for block in (*_padding(answer, size), answer.content):
        if block is not known[0]:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            known = (block, deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH))
        await x.part(known[1])
        total, length = check(block, total), length + len(block)
    tail = struct.pack("<II", total, length & 0xFFFFFFFF) if encoding == "gzip" else struct.pack(">I", total)
    await x.part(b"\x03\0" + tail)
    await x.end()


def gzip_cut(answer: Answer) -> Answer:
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = deflate.compress(answer.content) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return answer.with_header("content-encoding", "gzip").with_content(packed[: len(packed) * 3 // 4])


def long_header(answer: Answer, *, size: int, count: int) -> Answer:
    more = tuple((f"x-ceyx-long-{i}" if count > 1 else "x-ceyx-long", "x" * size) for i in range(count))
    return Answer(answer.status, (*answer.headers, *more), answer.parts, answer.streams)


def content_filtered(answer: Answer, *, category: str, severity: str, events: int) -> Answer:
    results = filters.holding(category, severity)
    if answer.streams:
        place = answer.before_end(events)
        ended = answers.changed(next(filter(answers.finishes, answer.parts), b"data: {}\n\n"), _filtered(results))
        rest = answer.parts[place:]
        after = [part for part in rest if answers.is_done(part) or _is_usage(part)]
        return answer.with_events(*answer.parts[:place], ended, *after)

    def change(fields: dict[str, Any]) -> None:
        for choice in fields.get("choices") or ():
            message = choice.get("message")
            if isinstance(message, dict) and isinstance(message.get("content"), str):
                message["content"] = message["content"][: len(message["content"]) // 2]
        _filtered(results)(fields)

    return answer.changed(change)


def _filtered(results: dict[str, Any]) -> Any:
    def change(fields: dict[str, Any]) -> None:
        for choice in fields.get("choices") or ():
            choice["finish_reason"] = "content_filter"
            choice["content_filter_results"] = results
        if fields.get("type") == "response.completed":
            fields["type"] = "response.incomplete"
        response = fields.get("response", fields if fields.get("object") == "response" else None)
        if isinstance(response, dict):
            response |= {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
            if "content_filters" in response:
                response["content_filters"][1:] = [filters.of_response("completion", results, blocked=True)]

    return change


FAULTS = (
    Fault(
        "html",
        "body",
        "a page in HTML, as of a network that wants a login",
        "replaces",
        html,
        (Parameter("status", "200", "its status", values.status),),
    ),
    Fault(
        "body",
        "body",
        "any body: null, [], or what you write",
        "replaces",
        body,
        (
            Parameter("text", "null", "the body", values.plain),
            Parameter("status", "200", "its status", values.status),
            Parameter("type", "application/json", "its content type", values.plain),
        ),
    ),
    Fault("error-200", "body", "an error object under status 200", "replaces", error_200, (CODE, TYPE, MESSAGE)),
    Fault("empty", "body", "status 200 and no body; of a stream, no event", "damages", empty),
    Fault(
        "cut-json",
        "body",
        "JSON that breaks off, at the length it said",
        "damages",
        cut_json,
        (KEEP,),
        needs="whole",
    ),
    Fault("json-for-stream", "body", "a whole answer where a stream was asked", "writes", json_for_stream, needs="stream"),
    Fault("stream-for-json", "body", "a stream where a whole answer was asked", "writes", stream_for_json, needs="whole"),
    Fault(
        "choices",
        "body",
        "the answer's choices (or output, or data) are not there",
        "damages",
        choices,
        (among("be", "what they are", "missing", "null", "empty"),),
    ),
    Fault("no-usage", "body", "no usage, though it was asked for", "damages", no_usage),
    Fault("invalid-utf8", "body", "text that is no UTF-8", "damages", invalid_utf8),
    Fault(
        "line-separators",
        "body",
        "text with U+2028, U+2029 and U+0085 as they are: valid, and to be kept",
        "damages",
        line_separators,
    ),
    Fault(
        "deep-json",
        "body",
        "JSON nested very deep",
        "damages",
        deep_json,
        (Parameter("depth", "200000", "how deep", values.count),),
    ),
    Fault(
        "not-a-number",
        "body",
        "a number that JSON has not",
        "damages",
        not_a_number,
        (among("number", "which", "NaN", "Infinity", "-Infinity", "1e999"),),
    ),
    Fault(
        "content-encoding",
        "body",
        "a content-encoding that the body has not",
        "damages",
        content_encoding,
        (Parameter("encoding", "br", "its name: br, zstd, gzip, anything", values.plain),),
    ),
    Fault(
        "gzip-bomb",
        "body",
        "an answer that is small on the wire and huge when decoded",
        "writes",
        gzip_bomb,
        (size("512MiB", "its size when decoded"), among("encoding", "how it is packed", "gzip", "deflate")),
    ),
    Fault("gzip-cut", "body", "a packed body that breaks off", "damages", gzip_cut),
    Fault("big-body", "body", "an answer that is huge on the wire", "writes", big_body, (size("100MiB", "its size"),)),
    Fault(
        "long-header",
        "body",
        "a header that is too long, or too many of them",
        "damages",
        long_header,
        (size("300KiB", "of each"), Parameter("count", "1", "how many", values.some)),
    ),
    Fault(
        "content-filtered",
        "body",
        "the answer is stopped by the content filter, and says what was found",
        "damages",
        content_filtered,
        (CATEGORY, SEVERITY, EVENTS),
    ),
)
