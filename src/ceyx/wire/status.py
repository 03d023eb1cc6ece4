"""Answers that are errors, as exceptions: the error object of either provider's body, and what the user can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from ceyx.errors import BY_STATUS, APIError, APIStatusError, ContentFilterError, InternalServerError, shown
from ceyx.wire.decoding import UNREADABLE, decoded
from ceyx.wire.filtered import CODES, blocked
from ceyx.wire.message import Request, Response, request_id


class _Answered(Protocol):
    status: int
    headers: Mapping[str, str]
    content: bytes | None


MOST_SAID = 1000  # characters of what a server says that go into a message


def status_error(answer: _Answered, request: Request) -> APIStatusError:
    """The error for an answer with a status of 300 or above, its body read. (Redirects are not followed.)"""
    content = answer.content or b""
    return _typed(Response(answer.status, answer.headers, content, request), error_body(content), request)


def _typed(response: Response, body: object, request: Request) -> APIStatusError:
    status = response.status_code
    kind = BY_STATUS.get(status) or (InternalServerError if status >= 500 else APIStatusError)
    error = kind("", response=response, body=body)
    if status == 400 and (block := blocked(body)) is not None:
        error = ContentFilterError("", response=response, body=body)
        error.source, error.results = block
    error.message = shown(_sentence(error, request, body))
    error.args = (error.message,)
    return error


def answer_stopped(part: Mapping[str, Any], answer: Any, answered: _Answered, request: Request) -> ContentFilterError:
    """The error for `answer`, of which a content filter stopped this part."""
    response = Response(answered.status, answered.headers, answered.content or b"", request)
    error = ContentFilterError("", response=response)
    error.source, error.partial = "completion", answer
    found = part.get("content_filter_results")
    error.results = found if isinstance(found, Mapping) else {}
    facts = [f"{request.method} {request.shown_url}"]
    if error.request_id:
        facts.append(f"request id {error.request_id}")
    what = f"choice {part['index']} of the answer" if "index" in part else "the answer"
    error.message = shown(
        f"the content filter stopped {what}{_named(error)} ({'; '.join(facts)}); what came before is in .partial, "
        'and a client with content_filter="report" gives it as it is'
    )
    error.args = (error.message,)
    return error


def _named(error: ContentFilterError) -> str:
    """The categories that it was for, for a sentence."""
    held = ", ".join(f"{name}: {severity}" for name, severity in error.categories.items())
    return f" for {held}" if held else ""


def error_body(content: bytes) -> object:
    """The error object that `content` holds: what is below `error` where there is that, or the text where it is no JSON."""
    try:
        body = decoded(content)
    except UNREADABLE:
        return content.decode("utf-8", "replace") or None
    body = unlisted(body)
    if isinstance(body, dict) and body.get("error"):
        return body["error"]
    return body


def unlisted(body: object) -> object:
    """`body`, without the list of one that some servers put their errors into."""
    if isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict) and "error" in body[0]:
        return body[0]
    return body


def _sentence(error: APIStatusError, request: Request, body: object) -> str:
    """`Error code: 404 - <what the server says> (<code>; <request>; <request id>). <next step>`."""
    said: Any = body
    if isinstance(body, dict):
        said = body.get("message") or body.get("detail") or body.get("errors") or ""
    text = said.strip() if isinstance(said, str) else ""
    if isinstance(body, dict) and isinstance(said, dict | list):  # as FastAPI says it
        text = _as_json(said).decode("utf-8", "replace")
    if text.startswith("<"):
        text = ""  # a page of a proxy or gateway, which says nothing in a line; it stays in .body
    if len(text) > MOST_SAID:
        text = f"{text[:MOST_SAID]}… (the rest is in .body)"
    facts = [error.code] if error.code and error.code != str(error.status_code) else []
    facts.append(f"{request.method} {request.shown_url}")
    if error.request_id:
        facts.append(f"request id {error.request_id}")
    if isinstance(error, ContentFilterError) and (held := _named(error)):
        facts.append(f"blocked{held}")
    from ceyx.wire.next_step import next_step  # only an answer that is an error needs it

    step = next_step(error, text, request)
    line = f"Error code: {error.status_code}{' - ' if text else ''}{text} ({'; '.join(facts)})"
    return f"{line}; {step}" if step else line


def error_in_stream(body: Any, request: Request, headers: Mapping[str, str], status: int = 200) -> APIError:
    """The error for an error object that came in place of an answer, or in the middle of a stream."""
    inner = body.get("error") if isinstance(body, dict) else None
    given = inner if inner else body
    said = (given.get("code") or given.get("error_code"), given.get("type")) if isinstance(given, dict) else ()
    implied = next(filter(None, map(_implied, said)), None)
    response = Response(implied or status, headers, _as_json(body), request)
    if implied is None:
        message = given.get("message") or given.get("text") if isinstance(given, dict) else given
        error = APIError(
            f"{message or 'the server reported an error'} ({request.method} {request.shown_url})", request, body=given
        )
        error.__dict__["request_id"] = request_id(headers)
        return error
    return _typed(response, given, request)


def _as_json(body: Any) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:  # text that was cut in the middle of a surrogate pair
        import json

        return json.dumps(body).encode()


def _implied(code: object) -> int | None:
    """The status that an error code inside a 200 answer stands for; None where it says nothing of the kind."""
    try:
        number = int(str(code))
    except ValueError:
        return {
            "rate_limit_exceeded": 429,
            "insufficient_quota": 429,
            "invalid_api_key": 401,
            **dict.fromkeys(CODES, 400),
            "context_length_exceeded": 400,
            "invalid_request_error": 400,
            "server_error": 500,
            "internal_error": 500,
            # what compatible servers call them
            "rate_limit_error": 429,
            "Throttling.RateQuota": 429,
            "authentication_error": 401,
            "permission_error": 403,
            "not_found_error": 404,
            "overloaded_error": 529,
        }.get(str(code))
    return number if 400 <= number < 600 else None
