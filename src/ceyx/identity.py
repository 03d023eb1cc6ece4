"""Who is calling: keys, and tokens that are kept until shortly before they expire and renewed when they are refused.

Leaves to `credentials.py` where the tokens of Azure come from, to `auth.py` those that are exchanged, and to `resolving.py`
which of them a client uses. Never prints one: a `Secret` shows stars.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, ClassVar

from ceyx.errors import OpenAIError
from ceyx.transport.base import AsyncTransport

REFRESH_BEFORE = 300.0  # seconds before expiry from which on a token is asked for again, as azure-core does
TRY_AGAIN_IN = 30.0  # seconds, after a try that brought nothing newer, while the last token is still good
PATIENCE = 1.0  # seconds that one caller waits for the next token while the last one is good; all others do not wait
AWAITED_PATIENCE = 5.0  # of a coroutine: it is cancelled then, where a thread would go on, so it may take longer


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


class Outcome:
    """What a fetch came to, for those who waited for it."""

    __slots__ = ("error", "token")

    def __init__(self) -> None:
        self.token: Secret | None = None
        self.error: Exception | None = None

    def taken(self) -> Secret | None:
        """The token; None where nothing has ended yet. Raises the error that the fetch ended with."""
        if isinstance(error := self.error, OpenAIError):
            raise copy(error) from error.__cause__  # each caller says in its own how often it tried
        if error is not None:
            raise error
        return self.token


class Tokens:
    """Tokens from `fetch`: a callable that gives a string or an access token, or something awaitable that does.

    A token whose expiry is known (a JWT tells it, so does a credential's access token) is kept; from five minutes before that,
    or from the `refresh_on` that came with it, one caller asks for the next. While the kept one is good nobody else waits, and
    an attempt that fails or takes long does no harm: the next is half a minute later. Any other token is asked for on every
    call, as `openai` does. However many callers wait for a token, one of them fetches, for all of them; if that fails, it
    fails for all of them.
    """

    decisive: ClassVar[tuple[type[Exception], ...]] = ()
    """Errors that end the use of a token that is still good."""

    def __init__(
        self,
        fetch: Callable[[], Any],
        name: str,
        *,
        are_keys: bool = False,
        fixed: bool = False,
        awaits: bool | None = None,
    ) -> None:
        self.are_keys = are_keys  # sent where keys are
        self.fixed = fixed  # always the same, so it is a secret itself, and asking again is of no use
        self._fetch, self._name = fetch, name
        self._awaits = is_coroutine_function(fetch) if awaits is None else awaits
        self._lock, self._process = threading.Lock(), os.getpid()
        self._token: Secret | None = None
        self._refresh_on = self._expires_on = 0.0
        self._upcoming = Outcome()
        self._refreshing = False  # whether a task asks for the next token ahead of time

    def __reduce__(self) -> Any:
        return _tokens, (self._fetch, self._name, self.are_keys)

    def current(self) -> Secret | None:
        """The kept token, if it need not be asked for again yet."""
        return self._token if time.time() < self._refresh_on else None

    def _good(self) -> Secret | None:
        return self._token if time.time() < self._expires_on else None

    def get(self, seconds: float | None = None) -> Secret:
        """A good token, for a blocking client. Waits for another caller's so long, then raises TimeoutError."""
        if token := self.current():
            return token
        if self._good() is not None:
            self._renew_ahead(seconds)
            if good := self._good():
                return good
        fetched: Secret = self._next(self._upcoming, seconds)
        return fetched

    async def aget(self, transport: AsyncTransport) -> Secret:
        """A good token, for an async client: a blocking `fetch` runs in a thread, so the event loop goes on."""
        if token := self.current():
            return token
        if good := self._good():
            if self._refreshing:
                return good
            self._refreshing = True
            try:
                if not self._awaits:
                    return await transport.in_thread(self.get)
                await self._arenew_ahead(transport)
            finally:
                self._refreshing = False
            if token := self._good():
                return token
        upcoming = self._upcoming
        async with transport.lock():
            if token := upcoming.taken() or self.current():
                return token
            if not self._awaits:
                got = await transport.in_thread(partial(self._next, upcoming, awaits=True))
                if isinstance(got, Secret):
                    return got
                self._awaits = True  # a function that is no coroutine function, and gives something awaitable
                return await self._awaited(got)
            return await self._awaited(self._fetch())

    # -- one fetch for all who wait

    def _next(self, upcoming: Outcome, seconds: float | None = None, awaits: bool = False) -> Any:
        """What `upcoming` came to while another thread fetched; else the token of a fetch, or what is to be awaited for it."""
        lock = self._own_lock()
        if not lock.acquire(timeout=-1 if seconds is None else min(max(seconds, 0), threading.TIMEOUT_MAX)):
            raise TimeoutError(f"no token of {self._name} in time")
        try:
            return upcoming.taken() or self.current() or self._fetched(awaits)
        finally:
            lock.release()

    def _fetched(self, awaits: bool = False) -> Any:
        try:
            got = self._fetch()
            if not hasattr(got, "__await__"):
                return self._keep(got)
        except Exception as error:
            self._ended().error = error
            raise
        if awaits:
            return got
        if hasattr(got, "close"):
            got.close()  # or Python warns that it was never awaited
        raise TypeError(f"{self._name} is asynchronous; give it to an async client, or pass a blocking one here")

    async def _awaited(self, getting: Any) -> Secret:
        try:
            return self._keep(await getting)
        except Exception as error:
            self._ended().error = error
            raise

    def _ended(self) -> Outcome:
        """The outcome that callers wait for; those who come from now on wait for another."""
        ended, self._upcoming = self._upcoming, Outcome()
        return ended

    def _keep(self, got: Any) -> Secret:
        text = got if isinstance(got, str) else getattr(got, "token", None)
        if not isinstance(text, str) or not text.strip():
            raise OpenAIError(f"{self._name} gave a {type(got).__name__} where a token, a non-empty string, was expected")
        token = key(text, f"the token of {self._name}")
        now, refresh = time.time(), float(getattr(got, "refresh_on", None) or 0)
        expires = max(float(getattr(got, "expires_on", None) or expiry(text) or 0), refresh)
        refresh = refresh or expires - REFRESH_BEFORE
        if refresh <= now < expires:  # what a cache gives near the end of a token, or a token of a short life
            refresh = min(now + TRY_AGAIN_IN, (now + expires) / 2)
        self._token, self._expires_on, self._refresh_on = token, expires, refresh
        self._ended().token = token
        return token

    # -- ahead of time

    def _renew_ahead(self, seconds: float | None) -> None:
        """Has a thread ask for the next token, unless one does, and waits for it a moment. Raises what is decisive."""
        lock, failed = self._own_lock(), list[Exception]()
        if not lock.acquire(blocking=False):
            return
        from contextvars import copy_context

        thread = threading.Thread(
            target=copy_context().run, args=(self._renew, lock, failed), name=f"ceyx token of {self._name}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # no more threads, or the interpreter is about to end
            lock.release()
            return
        thread.join(PATIENCE if seconds is None else max(0, min(seconds, PATIENCE)))
        if failed:
            raise failed[0]

    def _renew(self, lock: threading.Lock, failed: list[Exception]) -> None:
        try:
            if self.current() is None:  # else the thread before this one has just brought it
                self._fetched()
        except self.decisive as error:
            failed.append(error)
        except Exception:  # noqa: BLE001  whatever it was, the last token is good
            self._put_off()
        finally:
            lock.release()

    async def _arenew_ahead(self, transport: AsyncTransport) -> None:
        try:
            await transport.within(AWAITED_PATIENCE, lambda: self._awaited(self._fetch()))
        except self.decisive:
            raise
        except Exception:  # noqa: BLE001  as above; a TimeoutError among them
            self._put_off()

    def _put_off(self) -> None:
        self._refresh_on = min(time.time() + TRY_AGAIN_IN, self._expires_on)

    def _own_lock(self) -> threading.Lock:
        if self._process != os.getpid():  # a fork copies a lock that a thread holds, and not the thread
            self._lock, self._process = threading.Lock(), os.getpid()
        return self._lock

    # -- refused

    def refused(self, request: Any, answer: Any) -> bool:
        """Whether a request may go out again with a new token: the API did not accept (401) that of ours which it carried.
        That one is then never used again."""
        if answer.status != 401 or self.fixed:
            return False
        header = next((value for value in request.headers.values() if type(value) is Issued), None)
        if header is None or b"PermissionDenied" in (answer.content or b""):  # a matter of roles, which are in no token
            return False
        self._set_aside(header.rpartition(" ")[2], answer)
        return bool(getattr(request.content, "replayable", True))

    def _set_aside(self, token: str, answer: Any) -> None:
        """Never use `token` again, which the API refused with `answer`."""
        if token == self._token:  # else somebody has put a newer one in its place
            self._refresh_on = self._expires_on = 0.0


def _tokens(fetch: Callable[[], Any], name: str, are_keys: bool) -> Tokens:
    return Tokens(fetch, name, are_keys=are_keys)


def claims(token: str) -> dict[str, Any] | None:
    """What a JWT says of itself (RFC 7519, 4); None for a token that says nothing. Nobody has verified it."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    import base64

    import msgspec

    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, msgspec.DecodeError):
        return None
    return said if isinstance(said, dict) else None


def expiry(token: str) -> float | None:
    """When a JWT expires, in seconds since 1970 (RFC 7519, 4.1.4); None for a token that does not say."""
    try:
        return float((claims(token) or {})["exp"])
    except (ValueError, KeyError, TypeError):
        return None


def is_coroutine_function(function: Any) -> bool:
    import inspect  # 7 ms that a plain key need not pay

    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004
