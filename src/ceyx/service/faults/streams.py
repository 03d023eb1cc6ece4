"""Faults of event streams: events that are missing, wrong, too many, or endless."""

from __future__ import annotations

from typing import Any

from ceyx.service import filters
from ceyx.service.faults import values
from ceyx.service.faults.answer import Answer, changed, ends, event, fields_of, finishes, is_done
from ceyx.service.faults.exchange import Exchange
from ceyx.service.faults.fault import Fault
from ceyx.service.faults.parameters import CATEGORY, CODE, EVENTS, MESSAGE, SEVERITY, TYPE, among, size, wait
from ceyx.service.faults.values import Parameter

_MIB = 1024 * 1024


def ended(answer: Answer, *, events: int) -> Answer:
    return answer.with_events(*answer.parts[: answer.before_end(events)])


def half_event(answer: Answer, *, events: int) -> Answer:
    place = answer.before_end(events)
    following = answer.parts[place] if place < len(answer.parts) else b"data: {}\n\n"
    return answer.with_events(*answer.parts[:place], following[: len(following) // 2])


def no_done(answer: Answer) -> Answer:
    return answer.with_events(*(part for part in answer.parts if not is_done(part)))


def no_finish(answer: Answer) -> Answer:
    return answer.with_events(*(part for part in answer.parts if not finishes(part)))


def error_event(answer: Answer, *, shape: str, events: int, code: str, type: str, message: str) -> Answer:
    if shape == "data":
        broken = event({"error": {"message": message, "type": type, "param": None, "code": code}})
    else:
        broken = event({"type": "error", "code": code, "message": message, "param": None}, "error")
    return answer.with_events(*answer.parts[: answer.before_end(events)], broken)


def bad_json(answer: Answer, *, events: int) -> Answer:
    return _inserted(answer, events, b'data: {"id":"chatcmpl-broken","choices":[{"ind\n\n')


def any_event(answer: Answer, *, data: str, name: str, events: int) -> Answer:
    said = b"".join(b"data: %b\n" % line.encode("latin-1") for line in data.split("\n"))
    return _inserted(answer, events, (b"event: %b\n" % name.encode("latin-1") if name else b"") + said + b"\n")


def _inserted(answer: Answer, events: int, more: bytes) -> Answer:
    place = answer.before_end(events)
    return answer.with_events(*answer.parts[:place], more, *answer.parts[place:])


def disordered(answer: Answer, *, events: int) -> Answer:
    first, *rest = answer.parts
    place = max(min(events, len([part for part in rest if not ends(part)])), 1)
    return answer.with_events(*rest[:place], first, *rest[place:])


def late_filter(answer: Answer, *, category: str, severity: str, stops: bool) -> Answer:
    """Azure's asynchronous filter: text comes at once, and what was found in it later, in chunks that have no delta."""
    made: list[bytes] = []
    length = 0
    for part in answer.parts:
        choices = fields_of(part).get("choices") or ()
        for choice in choices:
            length += len((choice.get("delta") or {}).get("content") or "")
        if is_done(part) or (stops and finishes(part)):
            continue
        made.append(changed(part, _without_findings))
    late = event(filters.later(0, length, filters.holding(category, severity) if stops else None))
    return answer.with_events(*made, late, b"data: [DONE]\n\n")


def _without_findings(fields: dict[str, Any]) -> None:
    for choice in fields.get("choices") or ():
        choice.pop("content_filter_results", None)


def unusual(answer: Answer) -> Answer:
    """The same events, written in every way that the standard allows and few servers use."""
    made: list[bytes] = [b"\xef\xbb\xbf: a comment\r\n\r\nretry: 1000\r\n\r\n"]
    for place, part in enumerate(answer.parts):
        lines = part.strip(b"\n").split(b"\n")
        lines = [line.replace(b": ", b":", 1) for line in lines] if place % 2 else lines
        made.append(b"id: %d\r\n" % place + b"\r\n".join(lines) + b"\r\n: between\r\n\r\n")
    return answer.with_events(*made)


async def pings(x: Exchange, *, events: int, seconds: float, count: float) -> None:
    answer = await x.answer()
    place = answer.before_end(events)
    await x.start(answer)
    for part in answer.parts[:place]:
        await x.part(part)
    sent = 0
    while sent < count:
        await x.part(b": ping\n\n")
        await x.pause(seconds)
        sent += 1
    for part in answer.parts[place:]:
        await x.part(part)
    await x.end()


async def long_line(x: Exchange, *, size: int, events: int) -> None:
    answer = await x.answer()
    place = answer.before_end(events)
    await x.start(answer)
    for part in answer.parts[:place]:
        await x.part(part)
    await x.part(b'data: {"id":"chatcmpl-long","padding":"')
    block = b"x" * _MIB
    for _ in range(size // _MIB):
        await x.part(block)
    await x.part(block[: size % _MIB] + b'"}\n\n')
    for part in answer.parts[place:]:
        await x.part(part)
    await x.end()


FAULTS = (
    Fault(
        "stream-end",
        "stream",
        "the stream ends well-formed, but without finish_reason and [DONE]",
        "damages",
        ended,
        (EVENTS,),
        needs="stream",
    ),
    Fault(
        "stream-half-event",
        "stream",
        "the stream ends well-formed, but inside an event",
        "damages",
        half_event,
        (EVENTS,),
        needs="stream",
    ),
    Fault("stream-no-done", "stream", "finish_reason comes, [DONE] does not", "damages", no_done, needs="stream"),
    Fault(
        "stream-no-finish",
        "stream",
        "[DONE] comes, finish_reason (or response.completed) does not",
        "damages",
        no_finish,
        needs="stream",
    ),
    Fault(
        "stream-error",
        "stream",
        "an error comes in place of an event, and the stream ends",
        "damages",
        error_event,
        (
            among("shape", 'data: {"error": …}, or event: error with the fields alone', "data", "event"),
            EVENTS,
            CODE,
            TYPE,
            MESSAGE,
        ),
        needs="stream",
    ),
    Fault("stream-bad-json", "stream", "an event is no JSON", "damages", bad_json, (EVENTS,), needs="stream"),
    Fault(
        "stream-event",
        "stream",
        "an event that nobody expects comes in between",
        "damages",
        any_event,
        (
            Parameter("data", "null", "its data", values.plain),
            Parameter("name", "", "its name", values.plain),
            EVENTS,
        ),
        needs="stream",
    ),
    Fault("stream-disorder", "stream", "the first event comes late", "damages", disordered, (EVENTS,), needs="stream"),
    Fault(
        "stream-unusual",
        "stream",
        "CRLF, byte order mark, comments, id and retry fields: valid, and to be read as ever",
        "damages",
        unusual,
        needs="stream",
    ),
    Fault(
        "stream-pings",
        "stream",
        "only comments come",
        "writes",
        pings,
        (
            EVENTS,
            wait("1", "between two comments"),
            Parameter("count", "inf", "how many; then the stream goes on", values.count_or_inf),
        ),
        needs="stream",
    ),
    Fault(
        "stream-long-line",
        "stream",
        "an event is one very long line",
        "writes",
        long_line,
        (size("100MiB", "its size"), EVENTS),
        needs="stream",
    ),
    Fault(
        "late-filter",
        "stream",
        "what Azure's asynchronous filter found comes after the text, in a chunk without a delta",
        "damages",
        late_filter,
        (
            CATEGORY,
            SEVERITY,
            Parameter("stops", "no", "whether it stops the answer for that: yes, no", values.yes_or_no),
        ),
        needs="stream",
    ),
)
