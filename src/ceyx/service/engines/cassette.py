"""Cassettes: files of exchanges, as lines of JSON that are only ever added to, and read well in a diff.

    {"cassette": 1}
    {"request": {"method": "POST", "path": "/v1/chat/completions", "headers": {…}, "json": {…}}}
    {"response": {"status": 200, "after": 0.41, "headers": {…}, "json": {…}}}
    {"request": …}
    {"response": {"status": 200, "after": 0.2, "headers": {…}}}
    {"at": 0.01, "text": "data: …\\n\\n"}
    {"at": 0.05, "text": "data: [DONE]\\n\\n"}
    {"end": "whole"}

A body is there as `json` where it is that, else as `text` or `base64`; a form as its parts, files among them as their size and
SHA-256. An answer that came in pieces has a line for each, with the seconds since it began, and an end: `whole`, or `cut` where
the connection broke. What is secret is taken out before any of it gets here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from msgspec import Struct

from ceyx.service.engines import EngineError
from ceyx.service.engines.exchanges import Exchange, is_json, written

VERSION = 1


def lines(exchange: Exchange) -> bytes:
    """An exchange as the lines of a cassette."""
    response: dict[str, Any] = {"status": exchange.status, "after": round(exchange.after, 4), "headers": exchange.headers}
    made: list[dict[str, Any]] = [{"request": exchange.request}, {"response": response}]
    streams = len(exchange.pieces) > 1 or exchange.cut or exchange.headers.get("content-type", "").startswith("text/event-stream")
    if streams:
        made += [{"at": round(at, 4), **written(piece)} for at, piece in exchange.pieces]
        made.append({"end": "cut" if exchange.cut else "whole"})
    else:
        content = b"".join(piece for _, piece in exchange.pieces)
        try:
            response["json"] = msgspec.json.decode(content) if is_json(exchange.headers.get("content-type", "")) else None
        except ValueError:
            response["json"] = None
        if response["json"] is None:
            del response["json"]
            response |= written(content)
    return b"".join(msgspec.json.encode(each) + b"\n" for each in made)


class _Request(Struct, omit_defaults=True):
    method: str
    path: str
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    form: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    base64: str | msgspec.UnsetType = msgspec.UNSET


class _Response(Struct):
    status: int
    after: float = 0.0
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    text: str | None = None
    base64: str | None = None


class _Line(Struct, forbid_unknown_fields=True):
    """Any line. One has fields of one of these groups."""

    cassette: int | None = None
    request: _Request | None = None
    response: _Response | None = None
    at: float | None = None
    text: str | None = None
    base64: str | None = None
    end: str | None = None


_line: Any = msgspec.json.Decoder(_Line)


def _content(of: _Response | _Line) -> bytes | None:
    if isinstance(of, _Response) and of.json is not msgspec.UNSET:
        return msgspec.json.encode(of.json)
    return of.text.encode() if of.text is not None else None if of.base64 is None else b64decode(of.base64)


def read(path: Path) -> list[Exchange]:
    """The exchanges of a cassette. Raises EngineError for what is none, with the number of the line.

    An exchange at the end that was not written whole is left out.
    """
    exchanges: list[Exchange] = []
    request: _Request | None = None
    current: Exchange | None = None
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                made: _Line = _line.decode(line)
                if made.cassette is not None and made.cassette != VERSION:
                    raise EngineError(f"{path} is a cassette of version {made.cassette}; this ceyx reads version {VERSION}")
                if made.request is not None:
                    request, current = made.request, None
                elif made.response is not None and request is not None:
                    given = msgspec.to_builtins(request)
                    whole = _content(made.response)
                    current = Exchange(given, made.response.status, made.response.headers, [], made.response.after)
                    request = None
                    if whole is not None:
                        current.pieces = [(0.0, whole)] if whole else []
                        exchanges.append(current)
                        current = None
                elif made.at is not None and current is not None:
                    current.pieces.append((made.at, _content(made) or b""))
                elif made.end is not None and current is not None:
                    current.cut = made.end == "cut"
                    exchanges.append(current)
                    current = None
                elif made.cassette is None:
                    raise ValueError("it follows nothing that it could belong to")
            except EngineError:
                raise
            except ValueError as error:
                if not line.endswith(b"\n"):
                    break  # whoever wrote it was stopped
                raise EngineError(f"line {number} of {path} is none of a cassette: {error}") from None
    return exchanges


@dataclass(slots=True)
class Cassettes:
    """A cassette, or a folder with one for each deployment (`<deployment>.jsonl`)."""

    path: Path
    writes: bool = False
    exchanges: list[tuple[Path, Exchange]] = field(default_factory=list)
    """Each with the file that it is in."""

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir() or not self.path.suffix

    def load(self) -> None:
        """Reads what there is. Raises EngineError where nothing is, unless it is to be written."""
        if self.is_folder:
            files = sorted(self.path.glob("*.jsonl"))
        else:
            files = [self.path] if self.path.exists() else []
        if not files and not self.writes:
            what = "has no cassettes (*.jsonl)" if self.path.is_dir() else "is not there"
            raise EngineError(f"{self.path} {what}; record one: ceyx serve --record {self.path} --upstream URL")
        try:
            for file in files if self.writes else ():
                _mend(file)
            self.exchanges = [(file, exchange) for file in files for exchange in read(file)]
        except OSError as error:
            raise EngineError(f"{error.filename} cannot be read: {error.strerror}") from None

    def file_of(self, deployment: str) -> Path:
        if not self.is_folder:
            return self.path
        return self.path / f"{re.sub(r'[^A-Za-z0-9._-]', '_', deployment).lstrip('.') or '_'}.jsonl"

    def add(self, deployment: str, exchange: Exchange) -> None:
        """Writes an exchange behind the others of its cassette."""
        file = self.file_of(deployment)
        self.exchanges.append((file, exchange))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as cassette:
            if cassette.tell() == 0:
                cassette.write(_first())
            cassette.write(lines(exchange))

    def drop(self, unwanted: Iterable[Exchange]) -> None:
        """Takes exchanges out; the files are replaced as a whole."""
        ids = {id(exchange) for exchange in unwanted}
        changed = {file for file, exchange in self.exchanges if id(exchange) in ids}
        self.exchanges = [(file, exchange) for file, exchange in self.exchanges if id(exchange) not in ids]
        for file in changed:
            with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
                new.write(_first())
                new.writelines(lines(exchange) for its, exchange in self.exchanges if its == file)
            Path(new.name).replace(file)

    def __iter__(self) -> Iterator[Exchange]:
        return (exchange for _, exchange in self.exchanges)


def _first() -> bytes:
    return msgspec.json.encode({"cassette": VERSION}) + b"\n"


def _mend(file: Path) -> None:
    """Takes a last line away that was not written whole: what is added would else stand on it."""
    with file.open("r+b") as cassette:
        content = cassette.read()
        if not content.endswith(b"\n"):
            cassette.truncate(content.rfind(b"\n") + 1)
