"""The lines of a batch: requests as they are written, answers as they are read, and how many go into one file. No network."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ceyx.bulk.any_job import AnyJob
from ceyx.errors import APIStatusError
from ceyx.wire.message import Headers, Request
from ceyx.wire.status import status_error

_NO_PLACE = ("extra_headers", "extra_query")
_OPTIONS = ("timeout", "deadline")


class Limits(NamedTuple):
    """What one batch may have, and all that are under way at once."""

    rows: int = 50_000
    size: int = 200_000_000
    """Bytes of its file."""
    tokens: int | None = None
    """Of all batches that are enqueued; None: until the provider says that it is too much."""


OPENAI = Limits()
AZURE = Limits(rows=100_000)


class Answer(msgspec.Struct):
    """What came of a line: a response with its status, or an error where it was not asked."""

    custom_id: str = ""
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def status(self) -> int:
        status = (self.response or {}).get("status_code")
        return status if isinstance(status, int) else 0

    @property
    def body(self) -> Any:
        return (self.response or {}).get("body")

    @property
    def request_id(self) -> str | None:
        found = (self.response or {}).get("request_id")
        return found if isinstance(found, str) and found else None


def check_job(job: AnyJob) -> None:
    """Raises ValueError for a job that no batch can do."""
    if not job.batchable:
        raise ValueError(f"the Batch API does not take {job.endpoint}; run the job without --batch")
    for name in _NO_PLACE:
        if name in job.params:
            raise ValueError(f"a line of a batch has no place for {name}; leave it out, or run the job without --batch")


def id_of(job: str, position: int) -> str:
    """The `custom_id` of a row."""
    return f"{job}-{position}"


def position_in(custom_id: str, job: str) -> int | None:
    """The row that a `custom_id` is of; None where it is none of this job."""
    found = re.fullmatch(r"([0-9a-f]+)-([1-9][0-9]{0,17})", custom_id)
    return int(found[2]) if found and found[1] == job else None


def line_of(custom_id: str, url: str, request: Mapping[str, Any]) -> bytes:
    """The line that asks for this, with its end."""
    body = {name: value for name, value in request.items() if name not in _OPTIONS}
    more = body.pop("extra_body", None)
    if isinstance(more, Mapping):
        body |= more
    return msgspec.json.encode({"custom_id": custom_id, "method": "POST", "url": url, "body": body}) + b"\n"


class Requests:
    """A file of requests while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = self.size = self.tokens = 0
        self._file = path.open("wb")

    def has_room(self, size: int, tokens: int, limits: Limits) -> bool:
        """Whether one more fits. The first always does."""
        if not self.rows:
            return True
        if limits.tokens is not None and self.tokens + tokens > limits.tokens:
            return False
        return self.rows < limits.rows and self.size + size <= limits.size

    def add(self, line: bytes, tokens: int) -> None:
        self._file.write(line)
        self.rows += 1
        self.size += len(line)
        self.tokens += int(tokens)

    def close(self) -> None:
        """It is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        self._file.close()


def answers_in(path: Path) -> Iterator[Answer | None]:
    """The lines of a file of answers; None for one that is none. Nothing where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line := line.strip():
                try:
                    yield msgspec.json.decode(line, type=Answer)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    yield None


def custom_ids_at(path: Path, numbers: Collection[int]) -> dict[int, str]:
    """The `custom_id` of the lines of these numbers in a file of requests, the first being 1."""
    if not numbers or not path.exists():
        return {}
    with path.open("rb") as file:
        return {place: msgspec.json.decode(line)["custom_id"] for place, line in enumerate(file, 1) if place in numbers}


@dataclass(slots=True)
class _Answered:
    status: int
    headers: Mapping[str, str]
    content: bytes | None


def refusal(answer: Answer, origin: str, path: str) -> APIStatusError:
    """The error that the client would have raised for a line with a status of 300 or above."""
    headers = Headers([("x-request-id", answer.request_id)] if answer.request_id else ())
    content = answer.body.encode() if isinstance(answer.body, str) else msgspec.json.encode(answer.body)
    return status_error(_Answered(answer.status, headers, content), Request("POST", origin, path, {}, None))
