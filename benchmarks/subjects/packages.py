"""`openai` and ceyx: one class for both, as they have one surface."""

from __future__ import annotations

import importlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from benchmarks.subjects import MESSAGES, MODEL, TEXTS


class BlockingPackage:
    """`OpenAI` of either package."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def request(self) -> Any:
        completion = self.client.chat.completions.create(model=MODEL, messages=MESSAGES)
        assert completion.choices[0].message.content
        return completion

    def stream(self) -> int:
        count = 0
        for chunk in self.client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
        return count

    def embed(self) -> float:
        reply = self.client.embeddings.create(model="text-embedding-3-small", input=TEXTS)
        return float(sum(item.embedding[0] for item in reply.data))


class AsyncioPackage:
    """`AsyncOpenAI` of either package."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def request(self) -> Any:
        completion = await self.client.chat.completions.create(model=MODEL, messages=MESSAGES)
        assert completion.choices[0].message.content
        return completion

    async def stream(self) -> int:
        count = 0
        async for chunk in await self.client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
        return count


@contextmanager
def blocking(name: str, url: str, context: ssl.SSLContext | None) -> Iterator[BlockingPackage]:
    """A client of the package of this name, closed at the end."""
    package: Any = importlib.import_module(name)
    options = _trusting(package, "DefaultHttpxClient", context)
    with package.OpenAI(api_key="sk-benchmark", base_url=url, **options) as client:
        yield BlockingPackage(client)


@asynccontextmanager
async def asyncio(name: str, url: str, context: ssl.SSLContext | None) -> AsyncIterator[AsyncioPackage]:
    """An asyncio client of the package of this name, closed at the end."""
    package: Any = importlib.import_module(name)
    options = _trusting(package, "DefaultAsyncHttpxClient", context)
    async with package.AsyncOpenAI(api_key="sk-benchmark", base_url=url, **options) as client:
        yield AsyncioPackage(client)


def _trusting(package: Any, http_client: str, context: ssl.SSLContext | None) -> dict[str, Any]:
    if context is None:
        return {}
    if package.__name__ == "ceyx":
        return {"verify": context}
    return {"http_client": getattr(package, http_client)(verify=context)}
