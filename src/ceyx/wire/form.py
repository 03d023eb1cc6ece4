"""Bodies as multipart forms (RFC 7578): fields, then files, which are read while they are sent.

Opens and reads files; leaves sockets, threads and retries to those who send.
"""

from __future__ import annotations

import io
import mimetypes
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ceyx.errors import OpenAIError
from ceyx.wire.call import Omit, without_omitted
from ceyx.wire.query import pairs

PIECE_BYTES = 256 * 1024
JOINED_BYTES = 64 * 1024  # of a body that is held whole: below it, sending in pieces would only cost
_ESCAPED: Any = {**{code: f"%{code:02X}" for code in range(32)}, ord('"'): "%22", ord("\\"): r"\\"}  # as httpx has it
_is_header = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
_control = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search


class Body:
    """A body in pieces. To go through it again is to send it again, the same bytes, from the files' beginnings."""

    __slots__ = ("_parts", "size", "waits")

    def __init__(self, parts: list[bytes | File]) -> None:
        self._parts = parts
        sizes = [part.size if isinstance(part, File) else len(part) for part in parts]
        self.size = None if None in sizes else sum(size or 0 for size in sizes)
        """In bytes, or None where a file does not tell."""
        self.waits = any(isinstance(part, File) and part.waits for part in parts)
        """Whether a piece may take long to come, since it is on a disk or in a pipe."""

    @property
    def replayable(self) -> bool:
        """Whether it can be sent (again): a file that cannot seek has one chance."""
        return not any(isinstance(part, File) and part.gone for part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, File):
                yield from part.pieces()
            else:
                for start in range(0, len(part), PIECE_BYTES):
                    yield part[start : start + PIECE_BYTES]

    def __repr__(self) -> str:
        return f"<Body of {'unknown size' if self.size is None else f'{self.size:,} bytes'}>"


class File:
    """One file: by its path, and then opened whenever it is sent, or opened by the caller, who also closes it."""

    __slots__ = ("_opened", "_path", "gone", "size", "waits")

    def __init__(self, field: str, content: Any) -> None:
        self.gone = False
        self._opened: IO[bytes] | None = None
        self._path: str = ""
        if isinstance(content, os.PathLike):
            self._path, self.waits = os.fspath(content), True
            self.size = _size_on_disk(self._path)
        else:
            self._opened, self.waits = content, not isinstance(content, io.BytesIO)
            _check_binary(field, content)
            self.size = _size_of(content)

    @property
    def name(self) -> str | None:
        """The name it goes by, if it has one."""
        name = self._path or getattr(self._opened, "name", None)
        return Path(name).name if isinstance(name, str) else None

    def pieces(self) -> Iterator[bytes]:
        if self.gone:
            raise OpenAIError(f"{self._shown} cannot be sent again: it cannot seek back to its beginning; give a path, or bytes")
        self.gone = self.size is None
        try:
            if self._opened is None:
                with Path(self._path).open("rb", buffering=0) as file:
                    yield from self._read(file)
            else:
                if self.size is not None:
                    self._opened.seek(0)
                yield from self._read(self._opened)
        except (OSError, ValueError) as error:  # not the network's, and not to be taken for it
            raise OpenAIError(f"{self._shown} could not be read while it was sent: {error}") from error

    def _read(self, file: Any) -> Iterator[bytes]:
        left = self.size
        while True:
            # One byte more than there should be left shows growth before the last piece is sent, when it is not too late.
            piece = file.read(PIECE_BYTES if left is None else min(left + 1, PIECE_BYTES))
            if not piece:
                break
            if left is not None:
                left -= len(piece)
                if left < 0:
                    raise self._changed("goes on")
            yield piece
        if left:
            raise self._changed(f"ended {left:,} bytes before")

    def _changed(self, how: str) -> OpenAIError:
        return OpenAIError(f"{self._shown} changed while it was sent: it had {self.size:,} bytes, and {how}; send a copy of it")

    @property
    def _shown(self) -> str:
        return f"the file {self._path or self.name!r}" if self.name else f"the {type(self._opened).__name__} given as a file"


def _size_on_disk(path: str) -> int | None:
    """Raises OSError where there is nothing to read; None is for a pipe, or a device."""
    file = Path(path)
    if not file.is_file() and not file.is_dir() and file.exists():
        return None
    with file.open("rb"):  # which says why it cannot be, if so
        return file.stat().st_size


def _size_of(file: Any) -> int | None:
    try:
        if not file.seekable():
            return None
        file.seek(0, os.SEEK_END)
        size: int = file.tell()
        file.seek(0)
    except (AttributeError, OSError, ValueError):
        return None
    return size


def _check_binary(field: str, file: Any) -> None:
    try:
        nothing = file.read(0)
    except io.UnsupportedOperation:
        raise TypeError(f"{field} is a file that is not open for reading; open it with open(path, 'rb')") from None
    if hasattr(nothing, "__await__"):
        nothing.close()
        raise TypeError(f"{field} is a {type(file).__name__}, which is read with await; give the file inside it, or its bytes")
    if isinstance(nothing, str):
        raise TypeError(f"{field} is a file opened in text mode; open it in binary mode: open(path, 'rb')")


def encoded(params: Mapping[str, Any], files: tuple[str, ...], boundary: str | None = None) -> tuple[bytes | Body, str]:
    """The body and content type of a form: `params` as fields, then those of them that `files` names, as files.

    A small body is bytes. Raises TypeError for what is no file, OSError for a file that cannot be opened.
    """
    boundary = boundary or os.urandom(16).hex()  # 128 random bits: no need to look for them in gigabytes
    parts: list[bytes | File] = []
    fields = without_omitted({name: value for name, value in params.items() if name not in files})
    for name, text in pairs(fields):
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode())
        parts.append(_text(name, text) + b"\r\n")
    for name in files:
        given = params.get(name)
        several = isinstance(given, list)
        for value in given if isinstance(given, list) else [given]:
            if value is not None and not isinstance(value, Omit):
                head, content = _file(f"{name}[]" if several else name, value)
                parts += [f"--{boundary}\r\n".encode() + head, content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    body = Body(parts)
    small = body.size is not None and body.size <= JOINED_BYTES
    return b"".join(body) if small else body, f"multipart/form-data; boundary={boundary}"


def _text(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} holds text with a lone surrogate (at {error.start}); see how it was decoded") from None


def _file(field: str, value: Any) -> tuple[bytes, bytes | File]:
    """The head of a part, and what it holds."""
    name, content, kind, more = None, value, None, {}
    if isinstance(value, tuple):
        given: tuple[Any, ...] = value
        if not 2 <= len(given) <= 4:
            raise TypeError(f"{field} is a tuple of {len(given)}; give (name, content[, content type[, headers]])")
        name, content, kind, more = (*given, None, None)[:4]
        content = content.encode() if isinstance(content, str) else content
    if isinstance(content, bytes | bytearray | memoryview):
        content = bytes(content)
    elif hasattr(content, "read") or isinstance(content, os.PathLike):
        content = File(field, content)
    else:
        raise TypeError(
            f"{field} is a {type(content).__name__}, which is no file: give bytes, a pathlib.Path, a file opened with 'rb', "
            "or a tuple (name, one of these)"
        )
    if not isinstance(value, tuple):
        name = (isinstance(content, File) and content.name) or "upload"
    headers: dict[str, str] = dict(more or {})
    if kind is None and name:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind and "content-type" not in {header.lower() for header in headers}:
        headers["Content-Type"] = kind
    head = f'Content-Disposition: form-data; name="{_quoted(field)}"'
    if name:
        head += f'; filename="{_quoted(str(name))}"'
    for header, said in headers.items():
        if not _is_header(header) or _control(said):
            raise ValueError(f"{field} has a header {header!r} that cannot be sent: see its name, and its value for line ends")
        head += f"\r\n{header}: {said}"
    return f"{head}\r\n\r\n".encode("utf-8", "replace"), content


def _quoted(name: str) -> str:
    return name.translate(_ESCAPED)
