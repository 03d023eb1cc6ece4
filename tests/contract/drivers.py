"""Clients of every kind, called in one way."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Self

import ceyx
from ceyx.service import LocalService

KINDS = ("OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI")
KEY = "sk-right"


class Driver:
    """A client of any kind: `do` gives what a call gives, awaited where need be; `all` the items of a stream or listing."""

    def __init__(self, kind: str, service: LocalService, **options: Any) -> None:
        self.azure, self.awaits = "Azure" in kind, "Async" in kind
        if self.azure:
            options = {"azure_endpoint": service.azure_endpoint, "api_version": "2024-10-21", **options}
        else:
            options = {"base_url": service.url, **options}
        self.client = getattr(ceyx, kind)(**{"api_key": KEY, "max_retries": 0, **options})
        self._runner = asyncio.Runner() if self.awaits else None

    def do(self, call: Callable[[Any], Any]) -> Any:
        async def awaited() -> Any:
            given = call(self.client)
            return await given if inspect.isawaitable(given) else given

        return call(self.client) if self._runner is None else self._runner.run(awaited())

    def all(self, items: Any) -> list[Any]:
        async def collected() -> list[Any]:
            return [item async for item in items]

        return list(items) if self._runner is None else self._runner.run(collected())

    def entered(self, call: Callable[[Any], Any], work: Callable[[Any], Any]) -> Any:
        """What `work` gives of the response of a `with_streaming_response` call, inside its `with` block."""

        async def inside() -> Any:
            async with call(self.client) as response:
                given = work(response)
                if hasattr(given, "__aiter__"):
                    return [item async for item in given]
                given = await given if inspect.isawaitable(given) else given
                return [item async for item in given] if hasattr(given, "__aiter__") else given

        if self._runner is not None:
            return self._runner.run(inside())
        with call(self.client) as response:
            given = work(response)
            return list(given) if hasattr(given, "__next__") else given

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.do(lambda client: client.close())
        if self._runner is not None:
            self._runner.close()
