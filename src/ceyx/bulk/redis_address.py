"""Where Redis is: an address, who calls, and the client for it. Passwords stay in the client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE = 1.0  # seconds that Redis may take for an answer
PASSWORD = "CEYX_REDIS_PASSWORD"
SCHEMES = ("redis", "rediss", "unix")


def connectable(url: str) -> tuple[str, str]:
    """The URL as Redis's client takes it, and the `scope` that it names. Raises ValueError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not (parts.hostname or parts.path):
        raise ValueError(f"limits are shared through Redis, at redis://host:6379/0 or rediss: or unix:; got {_scheme(url)}")
    query = parse_qsl(parts.query)
    rest = urlencode([(name, value) for name, value in query if name != "scope"])
    return url.partition("?")[0] + (f"?{rest}" if rest else ""), dict(query).get("scope", "")


def shown(url: str) -> str:
    """The address without who calls, and without the password."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2] + parts.path


def without_password(url: str) -> str:
    """The address with the user, and without the password, which is then in the environment."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "password"])
    name = user.partition(":")[0]
    netloc = f"{name}{at}{place}" if name else place
    return f"{parts.scheme}://{netloc}{parts.path}{f'?{query}' if query else ''}"


def _scheme(url: str) -> str:
    """What may be said of an address that is none of Redis's: it may hold a password all the same."""
    scheme, colon, _ = url.partition(":")
    return f"{scheme}:…" if colon else repr(url)


def has_password(url: str) -> bool:
    return urlsplit(url).password is not None or "password" in dict(parse_qsl(urlsplit(url).query))


def client_at(url: str) -> Redis:
    try:
        from redis.asyncio import Redis
    except ModuleNotFoundError:
        raise ModuleNotFoundError("limits are shared through Redis by the package redis: pip install 'ceyx[redis]'") from None
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    options: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    if not has_password(url) and (password := os.environ.get(PASSWORD)):
        options["password"] = password
    try:
        return Redis.from_url(url, **options)
    except ValueError:
        raise ValueError(f"{shown(url)} is no address of Redis; one is redis://host:6379/0") from None
