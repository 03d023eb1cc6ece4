"""What all four clients share: settings, copies, and the part of a call that needs no I/O."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from ceyx.identity import key
from ceyx.resources.tree import Tree
from ceyx.settings import (
    WAYS_TO_AUTHENTICATE,
    ClientOptions,
    CopyOptions,
    Settings,
    checked_deadline,
    checked_retries,
    for_openai,
)
from ceyx.transport.base import Connecting
from ceyx.wire.call import Omit, Pause
from ceyx.wire.endpoint import Mode, asynchronous, child, planned
from ceyx.wire.message import Request, Timeout
from ceyx.wire.retry import attempts

# Settings that a copy cannot change without connections of its own.
_CONNECTING = ("http_client", "proxy", "verify", "cert")


class AnyClient(Tree[Mode]):
    """A client without a network: `OpenAI` and `AsyncOpenAI` add how to send."""

    _settings: Settings
    _transport: Any
    _resolve: ClassVar[Any] = staticmethod(for_openai)
    _accepts: ClassVar[Any] = ClientOptions

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        self._begin(dict(options))

    def _begin(self, given: dict[str, Any]) -> None:
        refuse_unknown(given, self._accepts, type(self).__name__)
        self._client, self._run, self._given = self, self._send, given
        self._settings = self._resolve(given, self._awaits)
        self._transport = self._connect()

    def _connect(self) -> Any:
        raise NotImplementedError

    def _connecting(self) -> Connecting:
        given = self._given
        verify = given.get("verify")
        return Connecting(True if verify is None else verify, given.get("cert"), given.get("proxy"))

    def _send(self, work: Any) -> Any:
        raise NotImplementedError

    if not TYPE_CHECKING:
        plan = child(lambda self: Tree(self, planned))
        with_raw_response = child(lambda self: (asynchronous(Tree) if self._awaits else Tree)(self, self._raw))
        with_streaming_response = child(lambda self: Tree(self, self._streaming))

    # -- copies

    def copy(self, **changes: Unpack[CopyOptions]) -> Self:
        """A client that differs in these settings and, unless they say otherwise, shares the connections of this one.

        `default_headers` and `default_query` are laid over those there are; `set_default_headers` and
        `set_default_query` replace them.
        """
        given: dict[str, Any] = dict(changes)
        refuse_unknown(given, CopyOptions, "copy")
        for name in ("headers", "query"):
            if (replacing := given.pop(f"set_default_{name}", None)) is not None:
                given[f"default_{name}"] = replacing
            elif (more := given.get(f"default_{name}")) is not None:
                given[f"default_{name}"] = {**(self._given.get(f"default_{name}") or {}), **more}
        given = {name: value for name, value in given.items() if value is not None or name in ("timeout", "deadline")}
        given = {name: value for name, value in given.items() if not isinstance(value, Omit)}
        other = object.__new__(type(self))
        other._client, other._run, other._given = other, other._send, {**self._given, **given}
        if given.keys() <= {"timeout", "max_retries", "deadline"}:  # nearly every time, and many a time
            checked = dict(given)
            if "timeout" in given:
                checked["timeout"] = Timeout.of(given["timeout"])
            if "max_retries" in given:
                checked["max_retries"] = checked_retries(given["max_retries"])
            if "deadline" in given:
                checked["deadline"] = checked_deadline(given["deadline"])
            other._settings = self._settings.replaced(**checked)
        else:
            if any(way in given for way in WAYS_TO_AUTHENTICATE):  # the new way takes the place of the old one
                for old in set(WAYS_TO_AUTHENTICATE) - given.keys():
                    other._given.pop(old, None)
            other._settings = self._resolve(other._given, self._awaits)
            other._settings.budget = self._settings.budget
        other._transport = other._connect() if any(name in given for name in _CONNECTING) else self._transport
        return other

    with_options = copy

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __reduce__(self) -> Any:
        """A pickled client holds no secret and no connection: it looks its key up again where it is loaded."""
        secrets = {"api_key", "admin_api_key", "azure_ad_token", "webhook_secret"}
        return _unpickled, (type(self), {name: value for name, value in self._given.items() if name not in secrets})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._settings.dialect.base_url}>"

    # -- settings, as `openai` names them

    def _set(self, **changes: Any) -> None:
        self._given = {**self._given, **changes}
        self._settings = self._settings.replaced(**changes)

    @property
    def api_key(self) -> str:
        """The key; an empty string where tokens are used."""
        return self._settings.api_key or ""

    @api_key.setter
    def api_key(self, value: str) -> None:
        self._set(api_key=key(value, "api_key"), tokens=None)

    @property
    def base_url(self) -> str:
        """Where calls go; ends with a slash."""
        return self._settings.dialect.base_url

    @property
    def timeout(self) -> Timeout:
        return self._settings.timeout

    @timeout.setter
    def timeout(self, value: float | Timeout | None) -> None:
        self._set(timeout=Timeout.of(value))

    @property
    def max_retries(self) -> int:
        return self._settings.max_retries

    @max_retries.setter
    def max_retries(self, value: int) -> None:
        self._set(max_retries=checked_retries(value))

    @property
    def organization(self) -> str | None:
        return self._settings.organization

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._set(organization=value)

    @property
    def project(self) -> str | None:
        return self._settings.project

    @project.setter
    def project(self, value: str | None) -> None:
        self._set(project=value)

    @property
    def webhook_secret(self) -> str | None:
        return self._settings.webhook_secret

    @property
    def default_headers(self) -> dict[str, str]:
        """The headers of every call; the key among them shows stars."""
        return dict(self._settings.head)

    @property
    def default_query(self) -> dict[str, object]:
        return {**self._settings.dialect.query, **self._settings.default_query}

    def is_closed(self) -> bool:
        """Whether `close` was called on this client, or on one that shares its connections."""
        return bool(self._transport.closed)

    # -- calls

    def _attempts(self, request: Request) -> Generator[Request | Pause, Any, tuple[Any, int]]:
        settings = self._settings
        return attempts(
            request,
            settings.max_retries,
            budget=settings.budget,
            now=time.monotonic,
            wall=time.time,
            jitter=_random,
            on_retry=None if settings.log is None else settings.log.retry,
        )


def refuse_unknown(given: Mapping[str, Any], accepted: Any, caller: str) -> None:
    """TypeError for an argument that there is not, with the one that may be meant."""
    for name in given:
        if name not in accepted.__optional_keys__:
            from difflib import get_close_matches

            near = get_close_matches(name, accepted.__optional_keys__, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{hint}")


def _random() -> float:
    from random import random  # a retry needs it; an import of ceyx does not

    return random()


def _unpickled(kind: type[AnyClient[Any]], given: dict[str, Any]) -> Any:
    from ceyx.errors import OpenAIError

    client = kind.__new__(kind)
    try:
        client._begin(given)
    except OpenAIError as error:
        raise OpenAIError(f"this {kind.__name__} was pickled, and a pickle carries no key: {error}") from None
    return client
