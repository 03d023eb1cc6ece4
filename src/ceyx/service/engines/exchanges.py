"""What of an exchange is kept, and how: a request in the form that requests are compared in, and its answer; no secrets."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from ceyx.service.engines import multipart
from ceyx.service.engines.scrubbing import Scrubber

_LONG = 2048  # characters of base64 in a request above which their digest says as much
_data = re.compile(r"(?:data:[^,]{0,100};base64,)?(?P<content>[A-Za-z0-9+/_-]+={0,2})").fullmatch
_KEPT_OF_REQUESTS = ("openai-beta",)
_KEPT_OF_ANSWERS = re.compile(
    r"content-type|cache-control|retry-after(-ms)?|x-ratelimit-.*|x-request-id|apim-request-id|x-should-retry|openai-(model|version)|"
    r"openai-processing-ms|x-ms-(region|deployment-name)|azureml-model-session|x-ms-rai-invoked"
).fullmatch


@dataclass(slots=True)
class Exchange:
    """A request and its answer, without secrets."""

    request: dict[str, Any]
    status: int
    headers: dict[str, str]
    pieces: list[tuple[float, bytes]]
    """Of the body, each with the seconds since the answer began."""
    after: float = 0.0
    """Seconds until the answer began."""
    cut: bool = False
    """Whether the body broke off."""


def request_of(
    method: str,
    path: str,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    body: bytes,
    scrubber: Scrubber,
    chosen: Iterable[str] = (),
) -> dict[str, Any]:
    """A request as cassettes have it. `chosen` are headers to keep, in lower case, beside those that always are."""
    made: dict[str, Any] = {"method": method, "path": scrubber.text(path)}
    if pairs := scrubber.query(query):
        made["query"] = [list(pair) for pair in pairs]
    kept = {name: value for name, value in headers.items() if name in (*_KEPT_OF_REQUESTS, *chosen)}
    if kept:
        made["headers"] = scrubber.headers(kept)
    if boundary := multipart.boundary_of(headers.get("content-type", "")):
        made["form"] = [_part(part, scrubber) for part in multipart.parts(body, boundary)]
        return made
    try:
        decoded = msgspec.json.decode(body)
    except ValueError:
        return made | written(scrubber.pieces([body])[0]) if body else made
    return {**made, "json": shortened(scrubber.value(decoded))}


def _part(part: multipart.Part, scrubber: Scrubber) -> dict[str, Any]:
    if part.filename is None:
        return {"name": part.name, "value": scrubber.text(part.content.decode("utf-8", "replace"))}
    digest = sha256(part.content).hexdigest()
    return {"name": part.name, "filename": scrubber.text(part.filename), "bytes": len(part.content), "sha256": digest}


def shortened(value: Any) -> Any:
    """A decoded JSON value in which long base64 is its digest: pictures and recordings that are asked about."""
    if isinstance(value, str):
        found = _data(value) if len(value) > _LONG else None
        if found is None:
            return value
        start = found.start("content")
        return f"{value[:start]}sha256:{sha256(value[start:].encode()).hexdigest()}"
    if isinstance(value, list):
        return [shortened(each) for each in value]
    return {name: shortened(each) for name, each in value.items()} if isinstance(value, dict) else value


def answer_of(
    request: dict[str, Any], status: int, headers: Mapping[str, str], pieces: list[tuple[float, bytes]], scrubber: Scrubber
) -> Exchange:
    """An exchange as cassettes have it, of an answer whose body came in these pieces."""
    kept = {name: value for name, value in headers.items() if _KEPT_OF_ANSWERS(name)}
    kind = kept.get("content-type", "")
    if is_json(kind):
        content = scrubber.body(b"".join(piece for _, piece in pieces))
        made = [(0.0, content)]
    else:
        came = [piece for _, piece in pieces]
        scrubbed = scrubber.events(came) if kind.startswith("text/event-stream") else scrubber.pieces(came)
        made = [(at, piece) for (at, _), piece in zip(pieces, scrubbed, strict=True) if piece]
    return Exchange(request, status, scrubber.headers(kept), made)


def is_json(content_type: str) -> bool:
    """Whether a body of this type is a value of JSON."""
    return content_type.partition(";")[0].strip().lower().endswith("json")


def written(content: bytes) -> dict[str, str]:
    """Bytes as text if they are some, or else in base64."""
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}
