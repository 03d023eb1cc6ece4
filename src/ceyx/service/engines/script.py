"""The engine `script`: a file says which requests get which replies. Here is how one is chosen; what a request says is read by
`said.py`, what a reply says by `replies.py`.

    replies:
      - match: {contains: weather, tool: get_weather}
        reply: {calls: [{name: get_weather, arguments: {city: Paris}}]}
      - match: {result: get_weather}
        reply: It is sunny.
    otherwise: error
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service.answers import Reply
from ceyx.service.bodies import Chat, read as body_of
from ceyx.service.documents import Document, DocumentError, Table, read
from ceyx.service.engines import EngineError
from ceyx.service.engines.replies import Scripted, scripted
from ceyx.service.engines.said import Said, said
from ceyx.service.errors import Refusal
from ceyx.service.faults.ordered import Faulty
from ceyx.service.gate import Ask

MAIN = "file"
FILES = ("file",)


def engine(options: Mapping[str, Any]) -> Script:
    """The script of a file. Raises EngineError, which names line and key, for one that is none."""
    file = options.get("file")
    if unknown := options.keys() - {"file"}:
        raise EngineError(f"the engine script has no option {min(unknown)!r}; it has file")
    if not isinstance(file, str) or not file:
        raise EngineError("the engine script needs a file, such as script:replies.yaml")
    try:
        return Script(read(file))
    except DocumentError as error:
        raise EngineError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a reply is for: those that all of it is true of, so all if it is empty. Names may have * and ?."""

    deployment: str | None = None
    model: str | None = None
    endpoint: str | None = None
    text: str | None = None
    """What the user said last, whole."""
    contains: tuple[str, ...] = ()
    """What is all in it, in any case."""
    regex: re.Pattern[str] | None = None
    result: str | None = None
    """The tool whose result came last."""
    result_contains: str | None = None
    tool: str | None = None
    """A tool that is offered."""
    file: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    stream: bool | None = None

    def suits(self, said: Said) -> bool:
        words = said.text.lower()
        return (
            _like(said.deployment, self.deployment)
            and _like(said.model, self.model)
            and _like(said.endpoint, self.endpoint)
            and _like(said.file, self.file)
            and (self.text is None or said.text.strip() == self.text.strip())
            and all(each.lower() in words for each in self.contains)
            and (self.regex is None or self.regex.search(said.text) is not None)
            and (self.stream is None or said.streams is self.stream)
            and (self.tool is None or any(_like(name, self.tool) for name in said.tools))
            and all(name in said.headers and _like(said.headers[name], value) for name, value in self.headers)
            and self._suits(said.results)
        )

    def _suits(self, results: list[tuple[str, str]]) -> bool:
        if self.result is None and self.result_contains is None:
            return True
        sought = (self.result_contains or "").lower()
        return any(sought in text.lower() for name, text in results if _like(name, self.result))


def _like(text: str, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase(text, pattern)


@dataclass(slots=True)
class Entry:
    """What is said to the requests that match: to each of them the next of `first`, then `then`; with `call`, to one only."""

    match: Match
    first: list[Scripted]
    then: Scripted | None
    call: int | None = None
    seen: int = 0

    def next(self) -> Scripted | None:
        """What is said to one more of them; None: nothing, and the entries below are looked at."""
        self.seen += 1
        if self.call is not None and self.seen != self.call:
            return None
        place = self.seen - 1 if self.call is None else 0
        return self.first[place] if place < len(self.first) else self.then


class Script:
    """Replies by a document."""

    any_model = False

    def __init__(self, document: Document) -> None:
        """Raises DocumentError for a document that is no script."""
        table = document.table
        self.name = document.name
        self.entries = [_entry(each) for each in table.tables("replies")]
        self.otherwise = table.text("otherwise", "local")
        self.recordings = table.file("recordings")
        table.done()
        if self.otherwise not in ("local", "error"):
            raise table.error(f"local or error belongs here; got {self.otherwise!r}", "otherwise")
        if self.recordings is not None and not self.recordings.is_dir():
            raise table.error(f"{self.recordings} is no folder; name the one with a NAME.txt for each recording", "recordings")
        if not self.entries and self.recordings is None:
            raise table.error("there are no replies; write replies: [{match: {contains: Hello}, reply: Hello yourself}]")

    async def answer(self, ask: Ask) -> Response | None:
        heard = said(ask)
        chosen = self._chosen(heard)
        if chosen is None:
            if self.otherwise == "local":
                return None
            raise self._unmatched(heard)
        return await said_by(ask, chosen)

    def _chosen(self, said: Said) -> Scripted | None:
        for entry in self.entries:
            if entry.match.suits(said) and (chosen := entry.next()) is not None:
                return chosen
        return self._beside(said.file) if said.file else None

    def _beside(self, file: str) -> Scripted | None:
        """The text beside a recording: that of meeting.wav is in meeting.txt."""
        if self.recordings is None:
            return None
        # The name comes from a client: only its last part counts, and only in this folder.
        path = self.recordings / f"{PurePath(file.replace(chr(92), '/')).stem}.txt"
        try:
            return Scripted(Reply(heard=path.read_text("utf-8").strip()))
        except (OSError, ValueError):
            return None

    def _unmatched(self, said: Said) -> Refusal:
        asked = f"{said.endpoint} of {said.deployment!r} with {said.text[:80]!r}"
        more = f", offering {', '.join(said.tools[:5])}" if said.tools else ""
        more += f", after {', '.join(name for name, _ in said.results[:5])} answered" if said.results else ""
        hint = "add an entry for it, or write otherwise: local"
        return Refusal(400, f"No reply of {Path(self.name).name} matches {asked}{more}; {hint}.", code="no_scripted_reply")

    def reset(self) -> None:
        for entry in self.entries:
            entry.seen = 0

    def close(self) -> None:
        """Holds nothing."""


async def said_by(ask: Ask, chosen: Scripted) -> Response:
    """The answer that says what is scripted, with what goes wrong with it."""
    reply, fault = _spelled(chosen.reply, ask.body), chosen.fault
    if fault is None or not fault.fault.suits(getattr(ask.body, "stream", None) is True):
        return await ask.saying(reply)

    async def make(body: bytes) -> Response:
        decoder = ask.operation.body
        asked = ask
        if body != ask.raw and isinstance(decoder, msgspec.json.Decoder):
            asked = replace(ask, body=body_of(decoder, body), raw=body)
        return await asked.saying(reply)

    return Faulty(fault, ask.request, ask.raw, make, ask.service.settings, ask.service.counters)


def _spelled(reply: Reply, body: object) -> Reply:
    """The reply as a chat ends that has functions in place of tools."""
    answer = reply.answer
    if answer is None or answer.finish != "tool_calls" or not isinstance(body, Chat) or body.tools or not body.functions:
        return reply
    return replace(reply, answer=replace(answer, finish="function_call"))


def _entry(here: Table) -> Entry:
    here.only("match", "reply", "first", "then")
    match = here.table("match")
    call = match.whole("call", 1)
    wanted = match_of(match)
    if ("reply" in here) == ("first" in here):
        raise here.error("an entry has a reply, or first and then what comes after; this one has " + _had(here))
    if "reply" in here:
        then = scripted(here, "reply")
        return Entry(wanted, [], then, call)
    given = here.take("first", str, dict, list)
    first = _listed(here) if isinstance(given, list) else [scripted(here, "first")]
    rest = scripted(here, "then") if "then" in here else None
    return Entry(wanted, first, rest, call)


def _had(here: Table) -> str:
    return "both" if here.values.get("reply") is not None else "neither"


def _listed(here: Table) -> list[Scripted]:
    """The replies in the list `first`."""
    return [scripted(_item(here, i, each), "reply") for i, each in enumerate(here.values["first"])]


def _item(here: Table, place: int, value: Any) -> Table:
    """An item of the list, under the name that a single reply has."""
    return Table(here.document, (*here.place, "first", place), {"reply": value})


def match_of(here: Table) -> Match:
    """The requests that a table describes. Raises DocumentError for one that describes none."""
    wanted = Match(
        deployment=here.take("deployment", str),
        model=here.take("model", str),
        endpoint=here.take("endpoint", str),
        tool=here.take("tool", str),
        file=here.take("file", str),
        text=here.take("text", str),
        contains=tuple(here.texts("contains")),
        regex=_regex(here),
        stream=here.take("stream", bool),
    )
    result = here.take("result", str, dict)
    if isinstance(result, str):
        wanted = replace(wanted, result=result)
    elif result is not None:
        inner = here.table("result")
        wanted = replace(wanted, result=inner.text("tool") or None, result_contains=inner.text("contains"))
        inner.done()
    headers = here.table("headers")
    pairs = tuple((name.lower(), headers.text(name)) for name in headers.values)
    here.done()
    return replace(wanted, headers=pairs)


def _regex(here: Table) -> re.Pattern[str] | None:
    given = here.take("regex", str)
    if given is None:
        return None
    try:
        return re.compile(given, re.DOTALL)
    except re.error as error:
        raise here.error(f"{given!r} is no regular expression: {error}", "regex") from None
