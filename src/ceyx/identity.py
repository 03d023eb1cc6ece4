"""Who is calling: keys, token providers and credential objects. Tokens are kept until shortly before they expire.

Leaves to `settings.py` which of them a client uses, and never prints one: a `Secret` shows stars.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ceyx.errors import OpenAIError
from ceyx.transport.base import AsyncTransport

SCOPES = {  # Entra ID's name of the service, by the end of the endpoint's host; the first is also for every other host
    ".azure.com": "https://cognitiveservices.azure.com/.default",
    ".azure.us": "https://cognitiveservices.azure.us/.default",
    ".azure.cn": "https://cognitiveservices.azure.cn/.default",
}
REFRESH_BEFORE = 300.0  # seconds before expiry from which on a token is asked for again, as azure-core does


class Secret(str):
    """A key or token. Works as the string it is; its repr, which logs and tracebacks show, is masked."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"


class Issued(Secret):
    """A token as a client put it into a header: before the next try, a fresh one takes its place."""

    __slots__ = ()


def key(value: str, name: str) -> Secret:
    """`value` fit for a header, less the white space around it. Raises ValueError for one that no header can carry."""
    stripped = Secret(value.strip())
    if not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise ValueError(
            f"{name} holds a space, line end or non-ASCII character, which no header can carry; see how it was copied"
        )
    return stripped


class Tokens:
    """Tokens from `fetch`: a callable that gives a string or an access token, or something awaitable that does.

    A token whose expiry is known (a JWT tells it, so does a credential's access token) is kept until five minutes before;
    any other is asked for on every call, as `openai` does. However many callers wait, one of them fetches, for all of them.
    """

    def __init__(self, fetch: Callable[[], Any], name: str, *, are_keys: bool = False, fixed: bool = False) -> None:
        self.are_keys = are_keys  # sent where keys are
        self.fixed = fixed  # always the same, so it is a secret itself
        self._fetch, self._name = fetch, name
        self._awaits = _is_coroutine_function(fetch)
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._good_until = 0.0
        self._fetched = 0  # times

    def __reduce__(self) -> Any:
        return _tokens, (self._fetch, self._name, self.are_keys)

    def current(self) -> Secret | None:
        """The kept token, if it is good for some time yet."""
        return self._token if self._token is not None and time.time() < self._good_until else None

    def _current_since(self, fetched: int) -> Secret | None:
        """The kept token, if it is good, or came while the caller waited."""
        return self._token if self._fetched != fetched else self.current()

    def get(self, seconds: float | None = None) -> Secret:
        """A good token, for a blocking client. Waits for another caller's so long, then raises TimeoutError."""
        if token := self.current():
            return token
        fetched = self._fetched
        if not self._lock.acquire(timeout=-1 if seconds is None else min(max(seconds, 0), threading.TIMEOUT_MAX)):
            raise TimeoutError(f"no token of {self._name} in time")
        try:
            if token := self._current_since(fetched):
                return token
            got = self._fetch()
            if hasattr(got, "__await__"):
                if hasattr(got, "close"):
                    got.close()  # or Python warns that it was never awaited
                raise TypeError(f"{self._name} is asynchronous; give it to an async client, or pass a blocking one here")
            return self._keep(got)
        finally:
            self._lock.release()

    async def aget(self, transport: AsyncTransport) -> Secret:
        """A good token, for an async client: a blocking `fetch` runs in a thread, so the event loop goes on."""
        if token := self.current():
            return token
        fetched = self._fetched
        async with transport.lock():
            if token := self._current_since(fetched):
                return token
            got = self._fetch() if self._awaits else await transport.in_thread(self._fetch)
            return self._keep(await got if hasattr(got, "__await__") else got)

    def _keep(self, got: Any) -> Secret:
        text = got if isinstance(got, str) else getattr(got, "token", None)
        if not isinstance(text, str) or not text.strip():
            raise OpenAIError(f"{self._name} gave a {type(got).__name__} where a token, a non-empty string, was expected")
        self._token = key(text, f"the token of {self._name}")
        self._fetched += 1
        refresh = getattr(got, "refresh_on", None)
        expires = getattr(got, "expires_on", None) or expiry(text)
        self._good_until = float(refresh or (expires - REFRESH_BEFORE if expires else 0))
        return self._token


def _tokens(fetch: Callable[[], Any], name: str, are_keys: bool) -> Tokens:
    return Tokens(fetch, name, are_keys=are_keys)


def expiry(token: str) -> float | None:
    """When a JWT expires, in seconds since 1970 (RFC 7519, 4.1.4); None for a token that does not say."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    import base64

    import msgspec

    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, msgspec.DecodeError):
        return None


def from_credential(credential: Any, host: str, awaits: bool) -> Tokens | Secret:
    """Tokens for the service at `host` from a credential object: anything with `get_token(scope)`, or with a `key`."""
    if isinstance(fixed := getattr(credential, "key", None), str):  # azure.core.credentials.AzureKeyCredential
        return key(fixed, "the key of credential=")
    name = type(credential).__name__
    get_token = getattr(credential, "get_token", None)
    if get_token is None:
        raise TypeError(f"credential= is a {name}, which has no get_token(); pass one of azure-identity's credentials")
    if _is_coroutine_function(get_token) and not awaits:
        raise TypeError(f"{name} is asynchronous; use azure.identity's blocking one here, or AsyncAzureOpenAI")
    scope = next((scope for suffix, scope in SCOPES.items() if host.endswith(suffix)), SCOPES[".azure.com"])
    return Tokens(partial(get_token, scope), name)


def _is_coroutine_function(function: Any) -> bool:
    import inspect  # 7 ms that a plain key need not pay

    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004
