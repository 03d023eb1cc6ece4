"""Forms (RFC 7578) as lists of parts: taken apart and put together again. The gate has found them readable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_boundary = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_name = re.compile(rb'[;\s]name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_filename = re.compile(rb'[;\s]filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_content_type = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class Part(NamedTuple):
    """One field, or one file."""

    name: str
    filename: str | None
    content_type: str
    content: bytes
    head: bytes
    """Its headers, as they came."""


def boundary_of(content_type: str) -> bytes | None:
    """What stands between the parts of a form; None for any other body."""
    if not content_type.lower().startswith("multipart/form-data"):
        return None
    found = _boundary.search(content_type)
    return (found[1] or found[2]).encode("latin-1") if found else None


def parts(raw: bytes, boundary: bytes) -> Iterator[Part]:
    """The parts of a form."""
    for piece in (b"\r\n" + raw).split(b"\r\n--" + boundary)[1:]:
        if piece.startswith(b"--"):
            return
        head, _, content = piece.partition(b"\r\n\r\n")
        name, filename, kind = _name.search(head), _filename.search(head), _content_type.search(head)
        yield Part(
            _text(name[1]) if name else "",
            _text(filename[1]) if filename else None,
            _text(kind[1]) if kind else "",
            content,
            head.partition(b"\r\n")[2],
        )


def field(name: str, value: str) -> Part:
    head = b'Content-Disposition: form-data; name="%b"' % name.encode()
    return Part(name, None, "", value.encode(), head)


def encoded(form: Iterable[Part], boundary: bytes) -> bytes:
    """The form of these parts."""
    made = b"".join(b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary, part.head, part.content) for part in form)
    return made + b"--%b--\r\n" % boundary


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
