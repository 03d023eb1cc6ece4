"""Between a call and the network, without I/O: the request that a call becomes, and the answer that a reply becomes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ceyx.errors import APIResponseValidationError, ContentFilterFinishReasonError
from ceyx.identity import Secret
from ceyx.settings import Settings, checked_deadline, merged
from ceyx.wire.body import encoded
from ceyx.wire.call import NO_OPTIONS, Call, Omit, Pages
from ceyx.wire.decoding import UNREADABLE
from ceyx.wire.filtered import stopped
from ceyx.wire.message import Request, Response, Timeout, request_id
from ceyx.wire.query import encoded as encoded_query
from ceyx.wire.status import answer_stopped, error_in_stream, unlisted
from ceyx.wire.view import Answer, plain

if TYPE_CHECKING:
    from ceyx.wire.versions import check as check_version
else:

    def check_version(*of):
        """Stands in until the first call to dated Azure, which imports the table: others need none."""
        global check_version
        from ceyx.wire.versions import check as check_version

        check_version(*of)


def request_for(call: Call[Any], settings: Settings, unread: bool = False) -> Request:
    """The request of `call` for a client with these settings; with `unread`, the body of the reply is left on the wire.

    Raises ValueError or TypeError for what cannot be sent: a header with a line end, a body that is no JSON. (One such
    ValueError is UnsupportedByVersionError, for what the api-version of an Azure client cannot answer.)
    """
    dialect = settings.dialect
    target = dialect.path(call)
    body: Any = call.body
    options = call.options
    timeout, deadline = settings.timeout, settings.deadline
    headers = dict(settings.bare if body is None else settings.head)
    if settings.admin_api_key is not None and call.path.startswith("/organization/"):
        headers["authorization"] = Secret(f"Bearer {settings.admin_api_key}")
    extra_headers = options.get("extra_headers")
    if (
        call.method == "POST"
        and "idempotency-key" not in headers
        and "idempotency-key" not in settings.default_headers
        and not (extra_headers and "idempotency-key" in extra_headers)
    ):
        headers["idempotency-key"] = os.urandom(16).hex()  # one for all tries of this call
    suffix = settings.suffix
    if options is not NO_OPTIONS:
        extra_body: Any = options.get("extra_body")
        if extra_body:
            if body is not None and not isinstance(extra_body, Mapping):
                raise TypeError(f"extra_body is a {type(extra_body).__name__}; give a mapping, which is laid over the parameters")
            body = extra_body if body is None else {**body, **extra_body}
            headers["content-type"] = "application/json"
        if extra_headers:
            headers = merged(headers, extra_headers)
        if not isinstance(chosen := options.get("timeout", NOT_CHOSEN), Omit):
            timeout = Timeout.of(chosen)
        if not isinstance(limit := options.get("deadline", NOT_CHOSEN), Omit):
            deadline = checked_deadline(limit)
    if call.query or options.get("extra_query"):
        query = {**dialect.query, **settings.default_query, **(call.query or {}), **(options.get("extra_query") or {})}
        suffix = encoded_query(query)
    if settings.checked_version is not None:
        check_version(call, body, settings.checked_version)
    content: Any = None
    if body is not None:
        if call.files:
            from ceyx.wire.form import encoded as encoded_form

            content, headers["content-type"] = encoded_form(body, call.files)
        else:
            content = encoded(body)
    return Request(
        call.method,
        dialect.origin,
        f"{target}?{suffix}" if suffix else target,
        headers,
        content,
        timeout,
        None if deadline is None else time.monotonic() + deadline,
        unread or call.reads == "events",
        settings.policy,
        settings.response_limit or (FILE_LIMIT if call.reads in ("bytes", "response") else JSON_LIMIT),
    )


NOT_CHOSEN = Omit()
JSON_LIMIT, FILE_LIMIT = 64 * 1024 * 1024, 512 * 1024 * 1024


def answer_of(call: Call[Any], reply: Any, request: Request) -> Any:
    """The decoded answer of a reply that has been read.

    Raises APIResponseValidationError for what is no answer of this API, and the typed error for an error in place of one.
    """
    content: bytes = reply.content
    if call.reads == "bytes":
        return call.decode(content)
    if call.reads == "response":
        return call.decode(Response(reply.status, reply.headers, content, request))
    try:
        data: Any = unlisted(call.parsed(content))
    except UNREADABLE as error:
        raise unreadable(reply, request, content) from error
    if type(data) is dict:
        if data.get("error") and ("id" not in data or data.get("choices") == []):
            raise error_in_stream(data, request, reply.headers)
        if type(call) is Pages and not isinstance(data.get("data") or [], list):
            raise unreadable(reply, request, content, "a page whose data is no list")
    elif not _may_be(type(data), call):
        raise unreadable(reply, request, content)
    held = stopped(data) if request.policy.content_filter == "raise" and type(data) is dict else None
    try:
        answer = call.decode(data)
    except ContentFilterFinishReasonError as error:  # of a call that would have read the answer
        if held is None:
            raise
        answer = error.completion
    if isinstance(answer, Answer):
        answer._request_id = request_id(reply.headers)
        if request.deployment is not None:
            answer._deployment = request.deployment
        for name in answer._essential:
            if data.get(name) is None:
                raise unreadable(reply, request, content, f"an answer without {name!r}")
    if held is not None:
        raise answer_stopped(plain(held), answer, reply, request)
    return answer


def _may_be(kind: type, call: Call[Any]) -> bool:
    """Whether JSON that is no object can be the answer: a list where pages are expected, anything where nothing is said."""
    if isinstance(call, Pages):
        return kind is list
    return not isinstance(getattr(call.decode, "__self__", None), type)  # a view's `wrap`, which needs an object


def unreadable(
    reply: Any, request: Request, content: bytes, what: str = "something that is not the JSON object expected"
) -> APIResponseValidationError:
    """For an answer that is not the JSON object it should be: a login page, an empty body, a cut one."""
    text = content[:120].decode("utf-8", "replace").strip()
    kind = reply.headers.get("content-type") or "no content type"
    start = f"starts {text!r}" if text else "is empty"
    message = (
        f"{request.method} {request.shown_url} answered {reply.status} with {what}: "
        f"it {start} ({kind}); see that base_url or azure_endpoint is an API, and no proxy stands in between"
    )
    return APIResponseValidationError(Response(reply.status, reply.headers, content, request), message=message)
