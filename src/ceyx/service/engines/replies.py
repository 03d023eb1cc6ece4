"""The replies of a script, as a file writes them: text, calls of tools, a refusal, JSON, vectors, a file; how long they take, and
what goes wrong with them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from mimetypes import guess_type
from typing import Any, get_args

from ceyx.service.answers import Answer, Counted, Finish, Reply, ToolCall
from ceyx.service.documents import Table, checked
from ceyx.service.faults.catalogue import parse
from ceyx.service.faults.fault import Chosen
from ceyx.service.latency import Pace, latency_of


@dataclass(frozen=True, slots=True)
class Scripted:
    """A reply, and what goes wrong with it."""

    reply: Reply
    fault: Chosen | None = None


def scripted(table: Table, name: str) -> Scripted:
    """The reply of this name: a text, or a table. Raises DocumentError for one that is none."""
    given = table.take(name, str, dict)
    if isinstance(given, str):
        return Scripted(Reply(Answer(given)))
    here = table.table(name)
    return read(here)


def read(here: Table) -> Scripted:
    answer = _answer(here)
    vectors = _vectors(here)
    content, kind = _file(here, "file")
    heard = here.take("transcript", str)
    if heard is None and here.file("transcript_file") is not None:
        heard = (_file(here, "transcript_file")[0] or b"").decode("utf-8", "replace").strip()
    latency = _latency(here)
    usage_table = here.table("usage")
    usage: dict[Counted, int] = {}
    for each in get_args(Counted):
        number = usage_table.whole(each, 0)
        if number is not None:
            usage[each] = number
    usage_table.done()
    fault = _fault(here)
    reply = Reply(answer, vectors, content, here.text("content_type") or kind, heard, latency, usage)
    here.done()
    if reply == Reply() and fault is None:
        raise here.error("a reply says something: text, json, calls, refusal, embedding, file, transcript or fault")
    return Scripted(reply, fault)


def _answer(here: Table) -> Answer | None:
    """What is said in words or calls; None where nothing is."""
    text, refusal = here.take("text", str), here.take("refusal", str)
    if here.take("json") is not None:
        if text is not None:
            raise here.error("a reply has text or json, not both", "json")
        text = json.dumps(here.take("json"), ensure_ascii=False)
    calls = [_call(each, i) for i, each in enumerate(here.tables("calls"))]
    finish = here.take("finish", str)
    if finish is not None and finish not in get_args(Finish):
        raise here.error(f"one of {', '.join(get_args(Finish))} belongs here; got {finish!r}", "finish")
    if text is None and refusal is None and not calls:
        if finish is not None:
            raise here.error("a reply that says nothing does not end; give it text, json, calls or a refusal", "finish")
        return None
    if refusal is not None and text is not None:
        raise here.error("a reply has text or a refusal, not both", "refusal")
    return Answer(text, calls, finish or ("tool_calls" if calls else "stop"), refusal)


def _call(here: Table, place: int) -> ToolCall:
    """A call: of a function with arguments, or of a custom tool with input."""
    name = here.text("name")
    if not name:
        raise here.error("the name of the tool is missing")
    given = here.take("arguments", dict, str)
    text = given if isinstance(given, str) else json.dumps(given or {}, ensure_ascii=False)
    custom = here.take("input", str)
    digest = blake2b(f"{name}\n{text}\n{custom}".encode(), digest_size=12, salt=place.to_bytes(2, "big")).hexdigest()
    id = here.text("id", f"call_{digest}")
    here.done()
    return ToolCall(id, name, text) if custom is None else ToolCall(id, name, custom, "custom")


def _vectors(here: Table) -> list[list[float]] | None:
    given: list[Any] | None = here.take("embedding", list)
    if given is None:
        return None
    vectors = given if given and isinstance(given[0], list) else [given]
    for vector in vectors:
        if not isinstance(vector, list) or not vector or any(type(each) not in (int, float) for each in vector):
            raise here.error("an embedding is a list of numbers; several are a list of such", "embedding")
    return vectors


def _file(here: Table, name: str) -> tuple[bytes | None, str | None]:
    """The content of a file beside the script, and its type."""
    path = here.file(name)
    if path is None:
        return None, None
    try:
        return path.read_bytes(), guess_type(path.name)[0]
    except OSError as error:
        raise here.error(f"{path} cannot be read: {error.strerror or error}", name) from None


def _latency(here: Table) -> Pace | None:
    given = here.take("latency", float, dict)
    if given is None:
        return None
    return Pace(latency_of(here, "latency"))


def _fault(here: Table) -> Chosen | None:
    text = here.take("fault", str)
    if text is None:
        return None
    fault = checked(here, "fault", lambda: parse(text))
    if fault.times is not None:
        raise here.error("times is for rules; here it is written first: {fault: …}, then: …", "fault")
    return fault
