"""HTTP messages as values: timeouts, headers, a request as it goes out, a response that has been read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self, TypedDict, Unpack

if TYPE_CHECKING:
    from ceyx.wire.form import Body

SECRET_HEADERS = frozenset(
    {"authorization", "api-key", "cookie", "ocp-apim-subscription-key", "proxy-authorization", "set-cookie", "x-api-key"}
)


# Gateways take keys in the query, too: `subscription-key=`, `sig=` and their like.
_SECRET_QUERY = r"(?:[^=&]*[-_])?(?:code|credentials?|key|apikey|password|secret|sig|signature|token)"
_secret_query = re.compile(rf"([?&]{_SECRET_QUERY}=)[^&]*", re.IGNORECASE)
_secret_name = re.compile(_SECRET_QUERY, re.IGNORECASE).fullmatch


class Phases(TypedDict, total=False):
    """The phases of a request."""

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None


class TimeoutLike(Protocol):
    """What a timeout of httpx looks like."""

    @property
    def connect(self) -> float | None: ...
    @property
    def read(self) -> float | None: ...
    @property
    def write(self) -> float | None: ...
    @property
    def pool(self) -> float | None: ...

    if not TYPE_CHECKING:  # to checkers it would be something that timeouts must have

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            """Lets the options of calls be fields of pydantic's models."""
            from pydantic_core import core_schema

            return core_schema.no_info_plain_validator_function(timeout_like)


def timeout_like(value: Any) -> TimeoutLike:
    """`value`, which has the phases of a timeout. ValueError where it does not."""
    if all(hasattr(value, phase) for phase in Phases.__annotations__):
        return value  # type: ignore[no-any-return]
    raise ValueError(f"expected a timeout, with {', '.join(Phases.__annotations__)}, got {type(value).__name__}")


class Timeout:
    """Seconds allowed for each phase of a request; None waits for ever.

    `Timeout(60, connect=5)` gives every phase 60 s but connecting. `read` and `write` bound each pause, not the sum: a
    whole call is bounded by `deadline`. `pool` bounds the wait for a free connection.
    """

    __slots__ = ("connect", "pool", "read", "write")

    def __init__(self, timeout: float | TimeoutLike | None = None, **phases: Unpack[Phases]) -> None:
        for phase in self.__slots__:
            default = timeout if timeout is None or isinstance(timeout, int | float) else getattr(timeout, phase)
            value = phases.pop(phase, default)  # type: ignore[misc]
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise ValueError(f"a timeout is a positive number of seconds, or None for no limit; {phase} is {value!r}")
            object.__setattr__(self, phase, None if value == inf else value)
        if phases:
            raise TypeError(f"Timeout() got an unexpected keyword argument {next(iter(phases))!r}")

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    @classmethod
    def of(cls, value: Any) -> Timeout:
        """`value` as a Timeout: seconds, None, a Timeout, or an httpx one."""
        if type(value) is cls:
            return value
        if value is None or isinstance(value, int | float) or all(hasattr(value, phase) for phase in cls.__slots__):
            return cls(value)
        raise TypeError(f"timeout is seconds, None or a Timeout, got {type(value).__name__}")

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"a Timeout is a value; make another one to change {name}")

    def __reduce__(self) -> Any:
        return _timeout, (self.connect, self.read, self.write, self.pool)

    def __eq__(self, other: object) -> bool:
        """Whether all phases are the same, of another Timeout or one of httpx."""
        theirs = [getattr(other, phase, NotImplemented) for phase in self.__slots__]
        if NotImplemented in theirs:
            return NotImplemented
        return theirs == [getattr(self, phase) for phase in self.__slots__]

    def __hash__(self) -> int:
        return hash(self.__reduce__()[1])

    def __repr__(self) -> str:
        return f"Timeout(connect={self.connect}, read={self.read}, write={self.write}, pool={self.pool})"


def _timeout(connect: float | None, read: float | None, write: float | None, pool: float | None) -> Timeout:
    return Timeout(connect=connect, read=read, write=write, pool=pool)


DEFAULT_TIMEOUT = Timeout(600, connect=5)  # as `openai` has it


class Headers(Mapping[str, str]):
    """Headers by name, whatever its case. Repeated ones are joined with a comma (RFC 9110, 5.3), first place first."""

    __slots__ = ("_named",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        named: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            key = name.lower()
            named[key] = (named[key][0], f"{named[key][1]}, {value}") if key in named else (name, value)
        self._named = named

    def __getitem__(self, name: str) -> str:
        return self._named[name.lower()][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._named

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._named.values())

    def __len__(self) -> int:
        return len(self._named)

    def __repr__(self) -> str:
        return f"Headers({redacted(self)})"


def public(values: Mapping[str, Any]) -> dict[str, Any]:
    """Headers or query parameters less those that hold keys."""
    return {name: value for name, value in values.items() if name.lower() not in SECRET_HEADERS and not _secret_name(name)}


def request_id(headers: Mapping[str, str]) -> str | None:
    """What support asks for; Azure has two of them, and gateways in front of it may take the first away."""
    return headers.get("x-request-id") or headers.get("apim-request-id")


def redacted(headers: Mapping[str, str]) -> dict[str, str]:
    """`headers` fit for an error, a log or a repr."""
    shown = public(headers)
    return {name: shown.get(name, "REDACTED") for name in headers}


class Policy(NamedTuple):
    """What counts as an answer."""

    stream_end: Literal["strict", "lenient", "unchecked"] = "lenient"
    """What a stream must end with: a reason to end of every choice, that or the mark `[DONE]`, or nothing at all."""
    content_filter: Literal["report", "raise"] = "report"
    """Whether an answer that a content filter stopped is given as it is, or raised as ContentFilterError."""
    retry_answered: bool = False
    """Whether a POST whose answer broke off is sent again, though it may be billed twice."""
    event_limit: int | None = None
    """The largest event of a stream, in bytes; None where the kind of stream says."""


DEFAULT_POLICY = Policy()


class Request:
    """One HTTP exchange as it goes out. `target` is path and query; `timeout` and `until` (a monotonic time) bound it, and
    so does `limit`, the bytes of a reply that is read into memory, decompressed."""

    __slots__ = (
        "content",
        "deployment",
        "headers",
        "limit",
        "method",
        "origin",
        "policy",
        "settings",
        "streamed",
        "target",
        "timeout",
        "until",
    )
    deployment: str | None
    """The name of the deployment that is asked, where the client has several."""
    settings: Any
    """What that deployment is asked with; None where it is the client's own."""

    def __init__(
        self,
        method: str,
        origin: str,
        target: str,
        headers: dict[str, str],
        content: bytes | Body | None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        until: float | None = None,
        streamed: bool = False,
        policy: Policy = DEFAULT_POLICY,
        limit: int = 64 * 1024 * 1024,
    ) -> None:
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.content = content
        self.timeout = timeout
        self.until = until
        self.streamed = streamed
        self.policy = policy
        self.limit = limit
        self.deployment = self.settings = None

    @property
    def url(self) -> str:
        return self.origin + self.target

    @property
    def shown_url(self) -> str:
        """The URL fit for an error, a log or a repr."""
        return self.url if "?" not in self.target else self.origin + _secret_query.sub(r"\1REDACTED", self.target)

    def summary(self) -> Self:
        """This request fit to be kept, shown and pickled: no secret, no body."""
        target = self.shown_url.removeprefix(self.origin)
        summary = type(self)(self.method, self.origin, target, redacted(self.headers), None, self.timeout)
        summary.deployment = self.deployment
        return summary

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.shown_url}>"


class Answered:
    """What a status and headers tell, by the names that httpx has for it."""

    if TYPE_CHECKING:

        @property
        def status_code(self) -> int: ...
        @property
        def headers(self) -> Mapping[str, str]: ...

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def is_error(self) -> bool:
        return self.status_code >= 400

    @property
    def is_client_error(self) -> bool:
        return 400 <= self.status_code < 500

    @property
    def is_server_error(self) -> bool:
        return self.status_code >= 500

    @property
    def reason_phrase(self) -> str:
        """The name of the status; an empty string for one that has none."""
        from http import HTTPStatus

        try:
            return HTTPStatus(self.status_code).phrase
        except ValueError:
            return ""

    @property
    def http_version(self) -> str:
        """What ceyx speaks; an `http_client` of yours may have spoken another."""
        return "HTTP/1.1"

    @property
    def charset_encoding(self) -> str | None:
        """The charset that the server names, or None."""
        written = self.headers.get("content-type", "")
        if "charset" not in written.lower():
            return None
        from email.message import Message

        kind = Message()
        kind["content-type"] = written
        return kind.get_content_charset()

    @property
    def encoding(self) -> str:
        """How text is decoded: the charset that the server names, if there is one of that name, or else UTF-8."""
        name = self.charset_encoding or "utf-8"
        try:
            "".encode(name)
        except LookupError:
            return "utf-8"
        return name

    @property
    def request_id(self) -> str | None:
        """What support asks for."""
        return request_id(self.headers)


class Response(Answered):
    """An HTTP response that has been read, with the request it answers (less its secrets). Can be pickled."""

    status_code: int

    def __init__(
        self, status_code: int, headers: Mapping[str, str], content: bytes, request: Request, elapsed: timedelta = timedelta()
    ) -> None:
        self.status_code = status_code  # pyright: ignore[reportIncompatibleMethodOverride]
        self.headers: Mapping[str, str] = Headers(headers.items())
        self.content = content
        self.request = request.summary()
        self.elapsed = elapsed

    @property
    def url(self) -> str:
        return self.request.url

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, "replace")

    def json(self) -> Any:
        import msgspec

        return msgspec.json.decode(self.content)

    # -- as of a response that is still being read, for code that does not know that this one has been

    is_closed = True

    def read(self) -> bytes:
        return self.content

    async def aread(self) -> bytes:
        return self.content

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The content in pieces of `chunk_size` bytes (the last may be shorter), or in one."""
        size = chunk_size or len(self.content) or 1
        return (self.content[start : start + size] for start in range(0, len(self.content), size))

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        for piece in self.iter_bytes(chunk_size):
            yield piece

    def close(self) -> None:
        """Nothing: the connection went back when the content was read."""

    async def aclose(self) -> None:
        """Nothing, as `close`."""

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"
