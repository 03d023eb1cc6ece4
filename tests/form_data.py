"""Bodies of requests as forms: what a server reads of them."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, NamedTuple

from ceyx.wire.message import Request


class Field(NamedTuple):
    """A field, or with a `filename` a file."""

    name: str
    value: bytes
    filename: str | None = None
    kind: str | None = None


def fields(content_type: str, content: bytes) -> list[Field]:
    """The fields of a form, in their order."""
    message: Any = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + content)
    assert message.is_multipart(), content
    found = []
    for part in message.iter_parts():
        said = part["content-disposition"].params
        kind = part.get_content_type() if "content-type" in part else None
        found.append(Field(said["name"], part.get_payload(decode=True), said.get("filename"), kind))
    return found


def form(request: Request) -> list[Field]:
    """The form that a request sends."""
    body: Any = request.content
    return fields(request.headers["content-type"], body if isinstance(body, bytes) else b"".join(body))
