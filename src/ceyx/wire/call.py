"""Calls are values: what to ask, and how to read the answer.

Leaves who sends them to `endpoint.py`, and every socket, clock and thread to the drivers in `client.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, Self, TypeVar, get_origin

from ceyx.wire.decoding import decoded
from ceyx.wire.message import TimeoutLike, redacted
from ceyx.wire.typed_dict import TypedDict

if TYPE_CHECKING:
    from ceyx.wire.collecting import Collector

R = TypeVar("R")


class Omit:
    """Marks a parameter as not given: it is left out of the request. As a header's value, it removes that header."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "omit"

    def __reduce__(self) -> str:
        return "omit"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets parameters be fields of pydantic's models."""
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


omit: Final = Omit()


class Options(TypedDict, total=False):
    """What any call takes beside its own parameters."""

    extra_headers: Mapping[str, str | Omit | None] | None
    """Headers for this call; `omit` (or None) removes one the client would send."""
    extra_query: Mapping[str, object] | None
    """Query parameters for this call, beside those of the client."""
    extra_body: object | None
    """Fields for the body that the parameters do not name. They win over parameters of the same name."""
    timeout: float | TimeoutLike | Omit | None
    """Seconds for each phase (connecting, waiting, each pause between bytes); None waits for ever."""
    deadline: float | Omit | None
    """Seconds for the whole call, retries and waits between them included."""


OPTIONS = tuple(Options.__annotations__)
NO_OPTIONS: Options = {}


class Call(Generic[R]):
    """One request, not sent, and the decoder of its reply.

    `params`, the keyword dict of the endpoint, becomes the body, or the query of a GET or DELETE. The call owns it:
    options are taken out. With `each`, `stream=True` in it asks for the reply in parts, each stream of them read by a collector
    that `each` makes. `files` names the parameters that hold files, which are sent as a form.
    """

    __slots__ = ("body", "decode", "each", "files", "method", "options", "path", "query", "reads")
    query: dict[str, Any] | None
    body: dict[str, Any] | None
    options: Options
    reads: Literal["json", "bytes", "response", "events"]
    each: Callable[[], Collector[Any]] | None

    def __init__(
        self,
        method: str,
        path: str,
        decode: Callable[[Any], R],
        params: Mapping[str, object] | None = None,
        each: Callable[[], Collector[Any]] | None = None,
        reads: Literal["json", "bytes", "response"] = "json",
        files: tuple[str, ...] = (),
    ) -> None:
        self.method = method
        self.path = path
        self.decode = decode
        self.each = each
        self.reads = reads
        self.files = files
        self.options = NO_OPTIONS
        self.query = self.body = None
        if params is None:
            return
        own: Any = params  # a keyword dict: always fresh, and a plain dict
        # Five `in` tests cost the same whatever the number of parameters, and less than a set operation.
        if "timeout" in own or "extra_body" in own or "extra_headers" in own or "extra_query" in own or "deadline" in own:
            self.options = _options(own)
        if method == "GET" or method == "DELETE":
            self.query = own
        else:
            self.body = own
        if each is not None and own.get("stream"):
            self.reads = "events"

    def __repr__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in redacted(self.query or {}).items() if not isinstance(value, Omit))
        return f"<{type(self).__name__} {self.method} {self.path}{'?' if query else ''}{query}>"

    def parsed(self, content: bytes) -> Any:
        """The JSON of an answer, as plain data for `decode`. Raises as `decoded` does."""
        return decoded(content)

    def __iter__(self) -> Generator[Call[R], R, R]:
        """For flows: `answer = yield from call` has the driver send it."""
        return (yield self)

    def without_body(self) -> Self:
        """This call with nothing in its body: its path says all."""
        self.body = None
        return self

    def without_omitted(self) -> Self:
        """This call less everything given as `omit`."""
        body: Any = self.body
        # Files stay as they are: a tuple or an open file would become a list of what it holds.
        files = {name: body.pop(name) for name in self.files if body and name in body}
        self.query, self.body = without_omitted(self.query), without_omitted(body)
        if files and self.body is not None:
            self.body |= {name: file for name, file in files.items() if not isinstance(file, Omit)}
        return self


class Pages(Call[R]):
    """A call that lists; `item` reads one item, and `cursor` is False where the server sends everything at once."""

    __slots__ = ("cursor", "item")

    def __init__(
        self,
        path: str,
        item: Callable[[Any], R],
        params: Mapping[str, object] | None = None,
        *,
        cursor: bool = True,
        method: str = "GET",
    ) -> None:
        super().__init__(method, path, item, params)
        self.item, self.cursor = item, cursor

    @property
    def params(self) -> dict[str, Any]:
        """The query, as `openai` calls it where a page tells of the next one."""
        return self.query or {}

    def after(self, last: str) -> Pages[R]:
        """The call for the page that follows the item with this id."""
        following = Pages(self.path, self.item, {**(self.query or {}), "after": last})
        following.options = self.options
        return following


def _options(params: dict[str, Any]) -> Any:
    return {name: params.pop(name) for name in OPTIONS if name in params}


def without_omitted(value: Any) -> Any:
    """`value` less everything given as `omit`, at any depth.

    Looking for it would cost every call, so only an encoder that meets one asks. Iterators, which can be gone
    through once, become lists.
    """
    from ceyx.wire.view import View  # with which comes the JSON library, that a client which is only made does not need

    if isinstance(value, View):
        value = value._sent()
    if isinstance(value, Mapping):
        return {name: without_omitted(inner) for name, inner in value.items() if not isinstance(inner, Omit)}
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | bytearray | memoryview | type):
        return value
    if get_origin(value) is None:  # else a type as `list[City]` is one, for the encoder to refuse
        return [without_omitted(inner) for inner in value if not isinstance(inner, Omit)]
    return value


_plain = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]{0,1999}").fullmatch


def segment(value: str) -> str:
    """`value` as one path segment; an empty one would silently name another endpoint, and so would dots.

    Raises ValueError for an empty value, for "." and "..", which servers and proxies resolve even where they are encoded, and
    for one with control characters or more than 2,000 characters.
    """
    if _plain(value):
        return value
    if not value:
        raise ValueError("expected a non-empty identifier in the path, got ''")
    if value in (".", ".."):
        raise ValueError(f"expected an identifier in the path, got {value!r}, which would name another place")
    if len(value) > 2000 or not value.isprintable():
        raise ValueError(f"expected an identifier in the path, got {value[:40]!r}, which no URL may hold")
    from urllib.parse import quote

    return quote(value, safe=":").replace(".", "%2E")


class Pause(NamedTuple):
    """Asks the driver of a flow to wait."""

    seconds: float


class WithHeaders(NamedTuple):
    """Asks the driver of a flow for the raw response of a call; its `parse()` gives the answer."""

    call: Call[Any]


class Together(NamedTuple):
    """Asks the driver of a flow to send these calls, so many at a time; it gives their answers, in the same order."""

    calls: Iterable[Call[Any]]
    at_most: int


Flow = Generator[Call[Any] | WithHeaders | Pause | Together, Any, R]
"""Work of several calls: yields what to do next, is told what came of it, returns the result."""
