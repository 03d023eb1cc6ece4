"""HTTP logging: what went out and came back, as much of it as was asked for, and never a secret.

Two questions, each with its own variable. Where lines go and from which level on: `CEYX_LOG` or `OPENAI_LOG` (debug,
info, warning, error, critical) sends the logger `ceyx` to standard error; without it, the program's own logging decides.
What a line holds: `AZURE_HTTP_LOG_DETAIL_LEVEL`, or the client's `http_logging=`:

none               nothing
basic              method, URL, status, time
headers            and the headers; a value is shown where its name is on the allow-list, else REDACTED
body               basic, and both bodies
body_and_headers   all of it; bodies may hold what users typed, so take care where such logs go
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, get_args
from urllib.parse import urlsplit, urlunsplit

from ceyx.wire.message import Request, request_id

Detail = Literal["none", "basic", "headers", "body", "body_and_headers"]
Event = Literal["request", "response", "retry"]

logger = logging.getLogger("ceyx")

SAFE_HEADERS = frozenset({
    "accept", "accept-encoding", "apim-request-id", "azureml-model-session", "cache-control", "cf-ray", "connection",
    "content-encoding", "content-length", "content-type", "date", "idempotency-key", "openai-model", "openai-organization",
    "openai-processing-ms", "openai-project", "openai-version", "retry-after", "retry-after-ms", "server",
    "strict-transport-security", "transfer-encoding", "user-agent", "x-content-type-options", "x-ms-client-request-id",
    "x-ms-deployment-name", "x-ms-rai-invoked", "x-ms-region", "x-ms-retry-after-ms", "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-request-id", "x-should-retry",
})  # fmt: skip
SAFE_QUERY = frozenset({"after", "api-version", "before", "limit", "order"})
LONGEST_BODY = 16 * 1024

_listener: Callable[[Event, str], None] | None = None
_events: frozenset[str] | None = None


def set_listener(listener: Callable[[Event, str], None] | None) -> None:
    """Have `listener(event, line)` called with every line instead of the logger; None goes back to the logger."""
    global _listener
    _listener = listener


def set_events(*events: Event) -> None:
    """Log only these events ("request", "response", "retry"); none given means all."""
    global _events
    unknown = set(events) - set(get_args(Event))
    if unknown:
        raise ValueError(f"no such event: {', '.join(sorted(unknown))}; there are {', '.join(get_args(Event))}")
    _events = frozenset(events) or None


class HTTPLogging:
    """How much a client logs, and which headers beside the usual ones may be shown."""

    __slots__ = ("allowed_headers", "bodies", "detail", "headers")

    def __init__(self, detail: Detail = "basic", *, allowed_headers: Iterable[str] = ()) -> None:
        if detail not in get_args(Detail):
            raise ValueError(f"no such detail of HTTP logging: {detail!r}; there are {', '.join(get_args(Detail))}")
        self.detail = detail
        self.headers = "headers" in detail
        self.bodies = "body" in detail
        self.allowed_headers = SAFE_HEADERS | {name.lower() for name in allowed_headers}

    def __repr__(self) -> str:
        return f"HTTPLogging({self.detail!r})"

    # -- what the drivers report

    def request(self, request: Request) -> None:
        if not _wanted("request"):
            return
        lines = [f"request: {request.method} {shown_url(request.url)}"]
        if self.headers:
            lines += self._shown(request.headers)
        if self.bodies and request.content:
            lines.append(_body(request.content) if isinstance(request.content, bytes) else f"  ({request.content!r})")
        _say("request", lines)

    def response(self, request: Request, status: int, headers: Mapping[str, str], content: bytes | None, seconds: float) -> None:
        if not _wanted("response"):
            return
        shown_id = request_id(headers) or "-"
        took = f"{seconds * 1000:.0f} ms"
        lines = [f"response: {request.method} {shown_url(request.url)} {status} in {took}, request id {shown_id}"]
        if self.headers:
            lines += self._shown(headers)
        if self.bodies:
            lines.append("  (the body is a stream)" if content is None else _body(content))
        _say("response", lines)

    def retry(self, request: Request, retries: int, wait: float, error: Exception) -> None:
        if _wanted("retry"):
            url = shown_url(request.url)
            said = str(error).replace(request.shown_url, url)
            why = "".join(letter if letter.isprintable() else " " for letter in said)  # a server may say anything, line ends too
            _say("retry", [f"retry {retries} in {wait:.2f} s: {request.method} {url}: {why}"])

    def _shown(self, headers: Mapping[str, str]) -> list[str]:
        allowed = self.allowed_headers
        return [f"  {name}: {value if name.lower() in allowed else 'REDACTED'}" for name, value in headers.items()]


def shown_url(url: str) -> str:
    """`url` with the values of unknown query parameters masked: gateways take keys there."""
    parts = urlsplit(url)
    if not parts.query:
        return url
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    query = "&".join(f"{name}={value if name in SAFE_QUERY else 'REDACTED'}" for name, _, value in pairs)
    return urlunsplit(parts._replace(query=query))


def _body(content: bytes) -> str:
    text = content[:LONGEST_BODY].decode("utf-8", "replace")
    return f"  {text}" if len(content) <= LONGEST_BODY else f"  {text}… ({len(content):,} bytes)"


def _wanted(event: Event) -> bool:
    return (_events is None or event in _events) and (_listener is not None or logger.isEnabledFor(_LEVELS[event]))


_LEVELS = {"request": logging.DEBUG, "response": logging.INFO, "retry": logging.INFO}


def _say(event: Event, lines: list[str]) -> None:
    line = "\n".join(lines)
    if _listener is not None:
        _listener(event, line)
    else:
        logger.log(_LEVELS[event], "%s", line)


# ---- the environment


def from_environment() -> HTTPLogging | None:
    """What the variables ask of every client, or None where they ask for nothing. Sets the logger up where they name it."""
    level = _level()
    if level is not None:
        _to_standard_error(level)
    said = os.environ.get("AZURE_HTTP_LOG_DETAIL_LEVEL", "").strip().lower()
    if not said and os.environ.get("AZURE_SDK_GO_LOGGING", "").lower() == "all":
        said = "headers"
        _to_standard_error(logging.DEBUG)
    if said and said not in get_args(Detail):
        logger.warning("AZURE_HTTP_LOG_DETAIL_LEVEL is %r, which is none of %s", said, ", ".join(get_args(Detail)))
        said = ""
    if not said and (level is None or level > logging.INFO):
        return None
    detail: Any = said or "basic"
    return None if detail == "none" else HTTPLogging(detail)


_AZURE_LEVELS = {"verbose": "debug", "informational": "info", "1": "debug", "2": "info", "3": "warning", "4": "error"}


def _level() -> int | None:
    for name in ("CEYX_LOG", "OPENAI_LOG", "AZURE_LOG_LEVEL"):
        if said := os.environ.get(name, "").strip().lower():
            level = logging.getLevelNamesMapping().get(_AZURE_LEVELS.get(said, said).upper())
            if level is not None:
                return level
            logger.warning("%s is %r, which is none of debug, info, warning, error, critical", name, said)
    return None


def _to_standard_error(level: int) -> None:
    logger.setLevel(level)
    if not logger.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("[%(asctime)s %(levelname)s %(name)s] %(message)s"))
        logger.addHandler(handler)
