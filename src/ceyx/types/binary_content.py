"""Answers that are files: speech, the content of a file, an image."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator, Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from ceyx.wire.message import Response


class HttpxBinaryResponseContent:
    """Bytes that have been read, with the response they came in. (The name is that of `openai`; there is no httpx here.)

    To have them as they arrive, use `with_streaming_response`: whatever is called a stream or an iterator here goes over memory.
    """

    response: Response

    def __init__(self, response: Response) -> None:
        self.response = response

    @property
    def content(self) -> bytes:
        return self.response.content

    @property
    def charset_encoding(self) -> str | None:
        """The charset that the server names, or None."""
        from email.message import Message

        kind = Message()
        kind["content-type"] = self.response.headers.get("content-type", "")
        return kind.get_content_charset()

    @property
    def encoding(self) -> str | None:
        """How `text` is decoded: the charset that the server names, or else UTF-8."""
        try:
            return codecs.lookup(self.charset_encoding or "utf-8").name
        except LookupError:
            return "utf-8"

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding or "utf-8", "replace")

    def json(self, **options: Any) -> Any:
        """The content as JSON; `options` are those of `json.loads`."""
        return json.loads(self.content, **options)

    def read(self) -> bytes:
        return self.content

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The content in pieces of `chunk_size` bytes (the last may be shorter), or in one."""
        yield from _pieces(self.content, chunk_size)

    iter_raw = iter_bytes

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """The text in pieces of `chunk_size` characters, or in one."""
        yield from _pieces(self.text, chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """The lines of the text, without their ends."""
        yield from self.text.splitlines()

    def write_to_file(self, file: str | PathLike[str]) -> None:
        Path(file).write_bytes(self.content)

    def stream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        self.write_to_file(file)

    def close(self) -> None:
        """Nothing: the connection went back when the content was read."""

    async def aread(self) -> bytes:
        return self.content

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """As `iter_bytes`: `async for piece in await content.aiter_bytes()`."""
        return _awaited(self.iter_bytes(chunk_size))

    async def aiter_raw(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        return _awaited(self.iter_bytes(chunk_size))

    async def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        return _awaited(self.iter_text(chunk_size))

    async def aiter_lines(self) -> AsyncIterator[str]:
        return _awaited(self.iter_lines())

    async def astream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the content; under asyncio, in a thread."""
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:  # trio
            self.write_to_file(file)
        else:
            await asyncio.to_thread(self.write_to_file, file)

    async def aclose(self) -> None:
        """Nothing, as `close`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.content):,} bytes>"


def _pieces(whole: Any, size: int | None) -> Iterator[Any]:
    if size is not None and size < 1:
        raise ValueError(f"chunk_size is {size}; give a positive number")
    for start in range(0, len(whole), size or len(whole) or 1):
        yield whole[start : start + (size or len(whole))]


async def _awaited(items: Iterator[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


__all__ = ["HttpxBinaryResponseContent"]
