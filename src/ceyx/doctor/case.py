"""One client under examination: its settings, what may be done, and what the checks so far have learned for those that follow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ceyx.client import OpenAI
from ceyx.dialect import AzureV1, Dialect
from ceyx.doctor.finding import Finding, Kind, failed
from ceyx.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    DeadlineExceededError,
    OpenAIError,
    PermissionDeniedError,
)
from ceyx.settings import Settings
from ceyx.wire.message import Request, Timeout

T = TypeVar("T")
TRY_AGAIN = "try again later; the status page of the provider may say more"


@dataclass
class Case:
    """A client, and the evidence about it."""

    client: OpenAI
    """Without retries, and bound by `timeout`."""
    model: str | None
    timeout: float
    """Seconds for each step."""
    calls: bool = True
    """Whether a model may be asked, which costs a token."""
    note_of_key: str | None = None
    """Where the key is from, if the caller knows."""

    proxy: str | None = None
    sock: Any = None
    """The connection that checks look at; requests go over others."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""
    skew: float | None = None
    """How many seconds this machine's clock is ahead of the server's."""
    listed: list[str] | None = None
    """The models, or deployments, that the server lists."""
    refusal: OpenAIError | None = None
    """What the server said to the first request with credentials, if it was an error."""
    answer: Any = None
    call_error: Exception | None = None
    asked: bool = False

    @property
    def settings(self) -> Settings:
        return self.client._settings

    @property
    def dialect(self) -> Dialect:
        return self.settings.dialect

    @property
    def on_azure(self) -> bool:
        return isinstance(self.dialect, AzureV1)

    @property
    def origin(self) -> str:
        return self.dialect.origin

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def own_network(self) -> str | None:
        """Why nobody can look at how the client connects; None where one can."""
        if self.client._network.get("http_client") is not None:
            return "the client sends through an http_client of its own"
        if self.proxy is not None and self.proxy.partition("://")[0] not in ("", "http"):
            return f"connections go through a proxy that is spoken to by {urlsplit(self.proxy).scheme}"
        return None

    def request(self, method: str = "GET", path: str = "", headers: dict[str, str] | None = None) -> Request:
        """A request below the client's base path, with its query."""
        suffix = self.settings.suffix
        target = f"{self.dialect.prefix}{path}" + (f"?{suffix}" if suffix else "")
        return Request(
            method,
            self.origin,
            target,
            dict(headers or {}),
            None,
            Timeout(self.timeout),
            time.monotonic() + self.timeout,
            limit=4 * 1024 * 1024,
        )

    def close(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.close()
            self.sock = None


def bounded(client: OpenAI, timeout: float) -> OpenAI:
    """`client`, over the same connections, as an examination wants it: no retries, and an end to every call."""
    return client.copy(timeout=timeout, max_retries=0, deadline=timeout, response_limit=4 * 1024 * 1024)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives, or raises. Raises TimeoutError where that takes longer: looking up names has no limit of its own."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="ceyx doctor", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError(f"not done in {seconds:g} s")
    result, error = outcome[0]
    if error is not None:
        raise copy(error) if isinstance(error, OpenAIError) else error
    return result  # type: ignore[no-any-return]


def told(error: BaseException) -> tuple[str, str, str | None]:
    """What an error of ours says, the request and code that it says it of, and the step that its message ends with."""
    message = " ".join(str(error).split())
    request = getattr(error, "request", None)
    if not isinstance(error, APIStatusError) or not isinstance(request, Request):
        said, separator, step = message.rpartition("; ")
        return (said, "", step) if separator else (message, "", None)
    before, found, after = message.rpartition(request.shown_url)
    facts, _, step = after.partition("); ")
    if not found:
        return message, "", None
    said, _, code = before.rpartition(" (")
    said = said.removeprefix(f"Error code: {error.status_code}").removeprefix(" - ")
    status = f"status {error.status_code}"
    return f"{said} ({status})" if said else status, f"{code}{found}{facts}".removesuffix(")"), step or None


def kind_of(error: BaseException) -> Kind:
    if isinstance(error, APIConnectionError | TimeoutError):
        return "connection"
    return (
        "api"
        if isinstance(error, APIError) and not isinstance(error, AuthenticationError | PermissionDeniedError)
        else "configuration"
    )


def failed_by(error: BaseException, otherwise: str, /, *lines: str, **facts: Any) -> Finding:
    """The finding for an error of ours: what it says, with its own next step, or else this one."""
    said, about, step = told(error)
    if isinstance(error, DeadlineExceededError):  # which is ours, and not of a client that somebody made
        step = "raise --timeout (timeout= of examine) if the server is only slow"
    if isinstance(error, APIStatusError):
        facts |= {"status": error.status_code, "code": error.code, "request_id": error.request_id}
    return failed(kind_of(error), said or type(error).__name__, step or otherwise, *lines, *filter(None, [about]), **facts)
