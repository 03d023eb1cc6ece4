"""The floor: urllib3 and aiohttp used plainly, with msgspec for JSON, so what ceyx costs above it is what ceyx itself adds.

No errors, retries, options, types, or rules of event streams: a stream is read by the transport's own chunk iteration and
cut at blank lines. It is a bound, not an example to follow.
"""

from __future__ import annotations

import base64
import ssl
from array import array
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import urllib3

from benchmarks.subjects import MESSAGES, MODEL, TEXTS

HEADERS = {"Authorization": "Bearer sk-benchmark", "Content-Type": "application/json", "Accept": "application/json"}


class BlockingFloor:
    """A urllib3 pool; the URL was parsed once."""

    def __init__(self, pool: urllib3.HTTPConnectionPool, path: str) -> None:
        self.pool = pool
        self.path = path

    def request(self) -> Any:
        body = msgspec.json.encode({"model": MODEL, "messages": MESSAGES})
        response = self.pool.urlopen("POST", f"{self.path}/chat/completions", body, HEADERS, retries=False)
        completion = msgspec.json.decode(response.data)
        assert completion["choices"][0]["message"]["content"]
        return completion

    def stream(self) -> int:
        body = msgspec.json.encode({"model": MODEL, "messages": MESSAGES, "stream": True})
        response = self.pool.urlopen("POST", f"{self.path}/chat/completions", body, HEADERS, retries=False, preload_content=False)
        count, rest = 0, b""
        for data in response.stream():
            *events, rest = (rest + data).split(b"\n\n")
            count += sum(map(_has_text, events))
        return count

    def embed(self) -> float:
        body = {"model": "text-embedding-3-small", "input": TEXTS, "encoding_format": "base64"}
        path = f"{self.path}/embeddings"
        response = self.pool.urlopen("POST", path, msgspec.json.encode(body), HEADERS, retries=False)
        vectors = [
            array("f", base64.b64decode(item["embedding"])).tolist() for item in msgspec.json.decode(response.data)["data"]
        ]
        return sum(vector[0] for vector in vectors)


class AsyncioFloor:
    """An aiohttp session."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = f"{url}/chat/completions"

    async def request(self) -> Any:
        body = msgspec.json.encode({"model": MODEL, "messages": MESSAGES})
        async with self.session.post(self.url, data=body, headers=HEADERS) as response:
            completion = msgspec.json.decode(await response.read())
        assert completion["choices"][0]["message"]["content"]
        return completion

    async def stream(self) -> int:
        body = msgspec.json.encode({"model": MODEL, "messages": MESSAGES, "stream": True})
        count, rest = 0, b""
        async with self.session.post(self.url, data=body, headers=HEADERS) as response:
            async for data in response.content.iter_any():
                *events, rest = (rest + data).split(b"\n\n")
                count += sum(map(_has_text, events))
        return count


def _has_text(event: bytes) -> bool:
    if event == b"data: [DONE]":
        return False
    choices = msgspec.json.decode(event[6:])["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


@contextmanager
def blocking(_name: str, url: str, context: ssl.SSLContext | None) -> Iterator[BlockingFloor]:
    """A urllib3 pool for this base URL, closed at the end."""
    to = urlsplit(url)
    assert to.hostname
    if context is None:
        pool = urllib3.HTTPConnectionPool(to.hostname, to.port)
    else:
        pool = urllib3.HTTPSConnectionPool(to.hostname, to.port, ssl_context=context)
    with pool:
        yield BlockingFloor(pool, to.path)


@asynccontextmanager
async def asyncio(_name: str, url: str, context: ssl.SSLContext | None) -> AsyncIterator[AsyncioFloor]:
    """An aiohttp session for this base URL, closed at the end; as many connections as there are requests at once."""
    connector = aiohttp.TCPConnector(limit=0, ssl=True if context is None else context)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield AsyncioFloor(session, url)
