"""Faults of the connection: what is cut, reset, late or no HTTP, whatever the answer was."""

from __future__ import annotations

from random import Random

from ceyx.service.faults import values
from ceyx.service.faults.answer import Answer
from ceyx.service.faults.exchange import Exchange
from ceyx.service.faults.fault import Fault
from ceyx.service.faults.parameters import EVENTS, KEEP, among, size, wait
from ceyx.service.faults.values import Parameter

_NO_HTTP = {
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "binary": Random(0).randbytes(1024),
    "half-head": b"HTTP/1.1 200 OK\r\ncontent-type: applica",
    "bad-status": b"HTTP/1.1 OK 200\r\ncontent-length: 0\r\n\r\n",
    "bad-header": b"HTTP/1.1 200 OK\r\nthis line is no header\r\ncontent-length: 0\r\n\r\n",
    "nothing": b"",
}
_INTERIM = {
    "100": ("Continue", ""),
    "102": ("Processing", ""),
    "103": ("Early Hints", "link: </style.css>; rel=preload\r\n"),
}
KINDS_OF_GARBAGE = tuple(_NO_HTTP)


def divided(answer: Answer, events: int, keep: int | None, inside: bool = True) -> tuple[list[bytes], bytes]:
    """What of an answer is sent before it breaks off, the last piece apart from what it lacks.

    Of a stream, `events` events, then (`inside`) half of the next; else `keep` bytes, or half.
    """
    if answer.streams:
        place = answer.before_end(events)
        following = answer.parts[place] if inside and place < len(answer.parts) else b""
        half = len(following) // 2
        return [*answer.parts[:place], following[:half]], following[half:]
    content = answer.content
    place = len(content) // 2 if keep is None else min(keep, max(len(content) - 1, 0))
    return [content[:place]], content[place:]


async def _begin(x: Exchange, answer: Answer, framing: str, events: int, keep: int | None, inside: bool = True) -> None:
    """Sends the head, and the body up to where it breaks off. `framing` own: as the answer itself would have it."""
    if framing == "own":
        framing = "chunked" if answer.streams else "length"
    sent, lost = divided(answer, events, keep, inside)
    wire = x.wire
    if framing == "chunked":
        *complete, broken = sent
        await wire.write(x.head(answer, ("transfer-encoding", "chunked")))
        for part in complete:
            await wire.write(b"%x\r\n%b\r\n" % (len(part), part))
        if broken or lost:
            await wire.write(b"%x\r\n%b" % (len(broken) + len(lost), broken))
    else:
        how = ("connection", "close") if framing == "close" else ("content-length", str(len(answer.content)))
        await wire.write(x.head(answer, how) + b"".join(sent))


async def cut(x: Exchange, *, framing: str, events: int, keep: int | None, inside: bool) -> None:
    answer = await x.answer()
    await _begin(x, answer, framing, events, keep, inside)
    x.wire.close()


async def reset(x: Exchange, *, at: str, events: int, keep: int | None, seconds: float) -> None:
    if at == "body":
        answer = await x.answer()
        await _begin(x, answer, "own", events, keep)
        await x.pause(seconds)
    await x.wire.reset()


async def hang_up(x: Exchange, *, seconds: float) -> None:
    await x.pause(seconds)
    x.wire.close()


async def stall(x: Exchange, *, at: str, seconds: float, events: int, keep: int | None) -> None:
    if at == "request":
        await x.pause(seconds)
    answer = await x.answer()
    await x.start(answer)
    if at == "request":
        return await _rest(x, answer.parts)
    sent: list[bytes] = []
    rest = list(answer.parts)
    if at == "body":
        sent, lost = divided(answer, events, keep, inside=False)
        rest = list(answer.parts[len(sent) - 1 :]) if answer.streams else [lost]
    for part in filter(None, sent):
        await x.part(part)
    await x.pause(seconds)
    await _rest(x, tuple(rest))


async def _rest(x: Exchange, parts: tuple[bytes, ...]) -> None:
    for part in parts:
        await x.part(part)
    await x.end()


async def drip(x: Exchange, *, part: str, seconds: float, size: int) -> None:
    answer = await x.answer()
    if part == "head":
        content = answer.content
        head = x.head(answer, ("content-length", str(len(content))))
        for place in range(0, len(head), size):
            await x.wire.write(head[place : place + size])
            await x.pause(seconds)
        await x.wire.write(content)
        x.wire.finish()
    else:
        content = answer.content
        await x.start(answer)
        for place in range(0, len(content), size):
            await x.part(content[place : place + size])
            await x.pause(seconds)
        await x.end()


async def garbage(x: Exchange, *, kind: str) -> None:
    if _NO_HTTP[kind]:
        await x.wire.write(_NO_HTTP[kind])
    x.wire.close()


async def surplus(x: Exchange, *, size: int) -> None:
    answer = await x.answer()
    content = answer.content
    await x.wire.write(x.head(answer, ("content-length", str(len(content)))) + content + b"x" * size)
    x.wire.finish()


async def bad_chunk(x: Exchange, *, events: int, keep: int | None) -> None:
    answer = await x.answer()
    sent, _ = divided(answer, events, keep, inside=False)
    await x.wire.write(x.head(answer, ("transfer-encoding", "chunked")))
    for part in filter(None, sent):
        await x.wire.write(b"%x\r\n%b\r\n" % (len(part), part))
    await x.wire.write(b"this is no size\r\n")
    x.wire.close()


async def interim(x: Exchange, *, count: int, code: str) -> None:
    phrase, more = _INTERIM[code]
    answer = await x.answer()
    block = f"HTTP/1.1 {code} {phrase}\r\n{more}\r\n".encode()
    left = count
    while left:
        some = min(left, 100)
        left -= some
        await x.wire.interim(block * some)
        await x.pause(0)
    await x.send(answer)


async def keep_alive(x: Exchange, *, closes: str, seconds: float) -> None:
    answer = await x.answer()
    wire = x.wire
    if closes == "idle":
        wire.close_when_idle(seconds)
    elif closes == "next":
        wire.drop_next()
    await x.send(answer)
    if closes == "after":
        wire.close()


FAULTS = (
    Fault(
        "cut",
        "connection",
        "the connection is closed (FIN) before the end of the body",
        "writes",
        cut,
        (
            among("framing", "how the body says its end", "own", "length", "chunked", "close"),
            EVENTS,
            KEEP,
            Parameter("inside", "yes", "whether a stream is cut inside an event: yes, no", values.yes_or_no),
        ),
        raw=True,
    ),
    Fault(
        "reset",
        "connection",
        "the connection is reset (TCP RST)",
        "writes",
        reset,
        (
            among("at", "within the body, or before the head", "body", "head"),
            EVENTS,
            KEEP,
            wait("0.05", "how long the client may read before"),
        ),
        raw=True,
    ),
    Fault(
        "hang-up",
        "connection",
        "the connection is closed (FIN) without a byte of an answer",
        "writes",
        hang_up,
        (wait("0", "how long before"),),
        raw=True,
    ),
    Fault(
        "stall",
        "connection",
        "the answer comes to a halt, then goes on",
        "writes",
        stall,
        (among("at", "before the head, after it, or within the body", "request", "head", "body"), wait("inf"), EVENTS, KEEP),
    ),
    Fault(
        "drip",
        "connection",
        "the answer comes a byte at a time",
        "writes",
        drip,
        (
            among("part", "which part of it drips", "body", "head"),
            wait("0.1", "between two pieces"),
            Parameter("size", "1", "bytes of a piece", values.some),
        ),
        raw=True,
    ),
    Fault(
        "garbage",
        "connection",
        "what comes is no HTTP",
        "writes",
        garbage,
        (among("kind", "what it is", *KINDS_OF_GARBAGE),),
        raw=True,
    ),
    Fault(
        "surplus",
        "connection",
        "the body is longer than its Content-Length, and the connection stays open",
        "writes",
        surplus,
        (size("20", "bytes too many"),),
        raw=True,
    ),
    Fault(
        "bad-chunk",
        "connection",
        "within a chunked body comes a chunk without a size",
        "writes",
        bad_chunk,
        (EVENTS, KEEP),
        raw=True,
    ),
    Fault(
        "interim",
        "connection",
        "many 1xx answers come before the answer",
        "writes",
        interim,
        (
            Parameter("count", "100", "how many", values.count),
            among("code", "which", "100", "102", "103"),
        ),
        raw=True,
    ),
    Fault(
        "keep-alive",
        "connection",
        "a connection that seemed to stay open is closed: after the answer, once idle, or when the next request arrives on it",
        "writes",
        keep_alive,
        (among("closes", "when", "after", "idle", "next"), wait("0.05", "how long it is idle before")),
        raw=True,
    ),
)
