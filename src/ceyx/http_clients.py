"""HTTP clients for `http_client=` with the defaults that ours have: for hooks, transports or limits of your own.

The names are those of the `openai` package, where these are classes; here they are functions that make an httpx2 client.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceyx.errors import OpenAIError

if TYPE_CHECKING:
    import os

    import httpx2


def DefaultHttpx2Client(**options: Any) -> httpx2.Client:
    """A blocking httpx2 client: 600 s a phase, 5 s to connect, 1,000 connections. `options` are those of `httpx2.Client`."""
    client: httpx2.Client = _httpx2().Client(**_with_defaults(options))
    return client


def DefaultAsyncHttpx2Client(**options: Any) -> httpx2.AsyncClient:
    """As `DefaultHttpx2Client`, asynchronous."""
    client: httpx2.AsyncClient = _httpx2().AsyncClient(**_with_defaults(options))
    return client


DefaultHttpxClient = DefaultHttpx2Client
DefaultAsyncHttpxClient = DefaultAsyncHttpx2Client


def DefaultAioHttpClient(**options: Any) -> None:
    """Nothing: the async clients send through aiohttp by themselves. TypeError for options, which would have no effect."""
    if options:
        raise TypeError(f"{', '.join(options)}: the async clients send through aiohttp as they are; pass proxy=, verify= to them")


def _httpx2() -> Any:
    try:
        import httpx2
    except ImportError:
        raise OpenAIError("this makes a client of httpx2: pip install 'ceyx[httpx]'") from None
    return httpx2


def _with_defaults(options: dict[str, Any]) -> dict[str, Any]:
    httpx2 = _httpx2()
    limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
    return {"timeout": httpx2.Timeout(600, connect=5), "limits": limits, **options}


def file_from_path(path: str | os.PathLike[str]) -> tuple[str, bytes]:
    """The name and the bytes of a file, as upload parameters take them."""
    file = Path(path)
    return file.name, file.read_bytes()
