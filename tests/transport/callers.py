"""Every client over every network, called in one way: blocking ones as they are, async ones from a loop of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

import httpx
import httpx2

from ceyx import AsyncOpenAI, OpenAI

KEY = "sk-never-to-be-shown-0123456789"
BLOCKING = ("urllib3", "httpx2", "httpx")
AWAITING = ("aiohttp", "async-httpx2", "async-httpx")
OURS = ("urllib3", "aiohttp")
ALL = BLOCKING + AWAITING
GIVEN: dict[str, Any] = {
    "httpx2": httpx2.Client,
    "httpx": httpx.Client,
    "async-httpx2": httpx2.AsyncClient,
    "async-httpx": httpx.AsyncClient,
}


def made(kind: str, url: str, **options: Any) -> Any:
    """A client of this kind."""
    if kind in GIVEN and "http_client" not in options:
        options["http_client"] = GIVEN[kind](trust_env=False, verify=False)  # a TLS context takes 20 ms, and none is used
    options = {"api_key": KEY, "max_retries": 0, **options}
    return (AsyncOpenAI if kind in AWAITING else OpenAI)(base_url=url, **options)


def asking(client: Any, text: str = "hello", **options: Any) -> Any:
    """A chat: its answer, or what is awaited for it."""
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], **options)


def said(answer: Any) -> str:
    return str(answer.choices[0].message.content)


async def aask(client: Any, text: str = "hello", **options: Any) -> str:
    return said(await asking(client, text, **options))


async def astream(client: Any, text: str = "hello", **options: Any) -> str:
    return "".join([part.choices[0].delta.content async for part in await asking(client, text, stream=True, **options)])


async def _awaited(work: Any) -> Any:
    return await work


class Caller:
    """A client that is called, and blocks, whatever its kind."""

    def __init__(self, kind: str, url: str, **options: Any) -> None:
        self.kind, self.awaits = kind, kind in AWAITING
        self.client = made(kind, url, **options)
        self.runner = asyncio.Runner() if self.awaits else None

    def ask(self, text: str = "hello", **options: Any) -> str:
        if self.runner is not None:
            return self.runner.run(aask(self.client, text, **options))
        return said(asking(self.client, text, **options))

    def stream(self, text: str = "hello", **options: Any) -> str:
        if self.runner is not None:
            return self.runner.run(astream(self.client, text, **options))
        return "".join([part.choices[0].delta.content for part in asking(self.client, text, stream=True, **options)])

    def headers(self) -> Any:
        """Those of an answer."""
        raw = self.client.chat.completions.with_raw_response.create(model="m", messages=[{"role": "user", "content": "hi"}])
        return (raw if self.runner is None else self.runner.run(_awaited(raw))).headers

    def upload(self, file: Any, **options: Any) -> str:
        """Uploads a file; the id of what is answered."""

        def create() -> Any:
            return self.client.files.create(file=file, purpose="batch", **options)

        async def acreate() -> Any:
            return await create()

        return str((create() if self.runner is None else self.runner.run(acreate())).id)

    def first_part(self, text: str = "hello") -> str:
        """The first part of a stream, which is then left."""

        async def first() -> str:
            async with await asking(self.client, text, stream=True) as stream:
                return str((await anext(stream)).choices[0].delta.content)

        if self.runner is not None:
            return self.runner.run(first())
        with asking(self.client, text, stream=True) as stream:
            return str(next(stream).choices[0].delta.content)

    def close_client(self) -> None:
        self.runner.run(self.client.close()) if self.runner is not None else self.client.close()

    def close(self) -> None:
        self.close_client()
        if self.runner is not None:
            self.runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()


def until(condition: Callable[[], Any], seconds: float = 3.0) -> bool:
    """Whether `condition` comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


async def auntil(condition: Callable[[], Any], seconds: float = 3.0) -> bool:
    """As `until`, under any event loop."""
    import anyio

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await anyio.sleep(0.002)
    return True
