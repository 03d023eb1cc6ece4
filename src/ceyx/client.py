"""The four clients: two drivers over one resource tree. Everything that differs between blocking and awaiting is here."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from ceyx import settings as making
from ceyx.errors import APIConnectionError
from ceyx.exchange import answer_of, request_for
from ceyx.resources.tree import Tree
from ceyx.settings import AzureClientOptions, ClientOptions, CopyOptions, Settings
from ceyx.transport.base import Connecting
from ceyx.wire.call import Call, Omit, Pages, Pause
from ceyx.wire.endpoint import Async, Mode, Sync, asynchronous, child, planned
from ceyx.wire.message import Request, Timeout
from ceyx.wire.retry import attempts

if TYPE_CHECKING:
    from ceyx.response import AsyncOpened, Opened
    from ceyx.transport.base import AsyncReply, AsyncTransport, BlockingReply, Transport

# Settings that a copy cannot change without connections of its own.
_CONNECTING = ("http_client", "proxy", "verify", "cert")


class Client(Tree[Mode]):
    """What all clients share: settings, copies, and the part of a call that needs no I/O."""

    _settings: Settings
    _transport: Any
    _resolve: ClassVar[Callable[[Mapping[str, Any], bool], Settings]] = staticmethod(making.for_openai)
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
        return Connecting(**{name: self._given[name] for name in ("verify", "cert", "proxy") if self._given.get(name) is not None})

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
                checked["max_retries"] = making.checked_retries(given["max_retries"])
            if "deadline" in given:
                checked["deadline"] = making.checked_deadline(given["deadline"])
            other._settings = self._settings.replaced(**checked)
        else:
            for way in ("api_key", "azure_ad_token", "azure_ad_token_provider", "credential"):
                if way in given:  # the new way to authenticate takes the place of the old one
                    for old in {"api_key", "azure_ad_token", "azure_ad_token_provider", "credential"} - given.keys():
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
        key = making.identity.key(value, "api_key")
        self._set(api_key=key, tokens=None)

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
        self._set(max_retries=making.checked_retries(value))

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
            on_retry=settings.log and settings.log.retry,
        )


def refuse_unknown(given: Mapping[str, Any], accepted: Any, caller: str) -> None:
    """TypeError for an argument that there is not, with the one that may be meant."""
    for name in given:
        if name not in accepted.__optional_keys__:
            from difflib import get_close_matches

            near = get_close_matches(name, accepted.__optional_keys__, 1)
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def _random() -> float:
    from random import random  # a retry needs it; an import of ceyx does not

    return random()


def _unpickled(kind: type[Client[Any]], given: dict[str, Any]) -> Any:
    from ceyx.errors import OpenAIError

    client = kind.__new__(kind)
    try:
        client._begin(given)
    except OpenAIError as error:
        raise OpenAIError(f"this {kind.__name__} was pickled, and a pickle carries no key: {error}") from None
    return client


class OpenAI(Client[Sync]):
    """The blocking client for OpenAI and every server that speaks its protocol. Threads may share one.

    Arguments: `ceyx.settings.ClientOptions`. Close it, or use it as a context manager, to end its connections early.
    """

    _transport: Transport

    def _connect(self) -> Transport:
        if (client := self._given.get("http_client")) is not None:
            from ceyx.transport.httpx import Client as Given

            return Given(client)
        from ceyx.transport.late import LatePools

        return LatePools(self._connecting())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of this client, and of those that share them."""
        self._transport.close()

    # -- the driver

    def _send(self, work: Any) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import SyncCursorPage

            work.decode = partial(SyncCursorPage.of, work, self._send)
        request = request_for(work, self._settings)
        reply, _ = self._drive(self._attempts(request))
        return self._stream(work, request, reply) if reply.content is None else answer_of(work, reply, request)

    def _drive(self, flow: Generator[Any, Any, Any]) -> Any:
        try:
            step = next(flow)
            while True:
                if type(step) is Pause:
                    time.sleep(step.seconds)
                    step = next(flow)
                    continue
                try:
                    reply = self._exchange(step)
                except APIConnectionError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(reply)
        except StopIteration as end:
            return end.value

    def _exchange(self, request: Request) -> BlockingReply:
        settings = self._settings
        if settings.tokens is not None:
            settings.authorize(request, settings.tokens.get())
        log, started = settings.log, time.monotonic()
        if log is not None:
            log.request(request)
        reply = self._transport.send(request)
        if not request.streamed or reply.status >= 300:
            reply.content = reply.read()
        if log is not None:
            log.response(request, reply.status, reply.headers, reply.content, time.monotonic() - started)
        return reply

    def _stream(self, work: Call[Any], request: Request, reply: BlockingReply) -> Any:
        from ceyx.response import RawResponse
        from ceyx.streaming import Stream

        return Stream(work.decode, request, reply, partial(RawResponse, work, request, reply))

    def _raw(self, work: Call[Any], kind: Any = None) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import SyncCursorPage

            work.decode = partial(SyncCursorPage.of, work, self._send)
        from ceyx.response import RawResponse

        request, started = request_for(work, self._settings, kind is not None), time.monotonic()
        reply, retries = self._drive(self._attempts(request))
        stream = partial(self._stream, work, request, reply) if work.reads == "events" else None
        return (kind or RawResponse)(work, request, reply, stream, retries, time.monotonic() - started)

    def _streaming(self, work: Call[Any]) -> Opened[Any]:
        from ceyx.response import APIResponse, Opened

        return Opened(lambda: self._raw(work, APIResponse))


class AsyncOpenAI(Client[Async]):
    """As `OpenAI`, awaited. One client serves any number of event loops, one after another or in several threads.

    Under asyncio it sends through aiohttp; under trio through httpx2 (`pip install 'ceyx[httpx]'`).
    """

    _awaits = True
    _transport: AsyncTransport

    def _connect(self) -> AsyncTransport:
        if (client := self._given.get("http_client")) is not None:
            from ceyx.transport.httpx import AsyncClient as Given

            return Given(client)
        from ceyx.transport.anyloop import AnyLoop

        return AnyLoop(self._connecting())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *why: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections of this client, and of those that share them."""
        await self._transport.close()

    # -- the driver

    def _send(self, work: Any) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import AsyncCursorPage, AsyncPaginator

            work.decode = partial(AsyncCursorPage.of, work, self._send)
            return AsyncPaginator(partial(self._answer, work))
        return self._answer(work)

    async def _answer(self, work: Any) -> Any:
        request = request_for(work, self._settings)
        reply, _ = await self._drive(self._attempts(request))
        return self._stream(work, request, reply) if reply.content is None else answer_of(work, reply, request)

    async def _drive(self, flow: Generator[Any, Any, Any]) -> Any:
        try:
            step = next(flow)
            while True:
                if type(step) is Pause:
                    await self._transport.sleep(step.seconds)
                    step = next(flow)
                    continue
                try:
                    reply = await self._exchange(step)
                except APIConnectionError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(reply)
        except StopIteration as end:
            return end.value

    async def _exchange(self, request: Request) -> AsyncReply:
        settings = self._settings
        if settings.tokens is not None:
            settings.authorize(request, await settings.tokens.aget(self._transport))
        log, started = settings.log, time.monotonic()
        if log is not None:
            log.request(request)
        reply = await self._transport.send(request)
        if not request.streamed or reply.status >= 300:
            reply.content = await reply.read()
        if log is not None:
            log.response(request, reply.status, reply.headers, reply.content, time.monotonic() - started)
        return reply

    def _stream(self, work: Call[Any], request: Request, reply: AsyncReply) -> Any:
        from ceyx.response import RawResponse
        from ceyx.streaming import AsyncStream

        return AsyncStream(work.decode, request, reply, partial(RawResponse, work, request, reply))

    async def _raw(self, work: Call[Any], kind: Any = None) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import AsyncCursorPage

            work.decode = partial(AsyncCursorPage.of, work, self._send)
        from ceyx.response import RawResponse

        request, started = request_for(work, self._settings, kind is not None), time.monotonic()
        reply, retries = await self._drive(self._attempts(request))
        stream = partial(self._stream, work, request, reply) if work.reads == "events" else None
        return (kind or RawResponse)(work, request, reply, stream, retries, time.monotonic() - started)

    def _streaming(self, work: Call[Any]) -> AsyncOpened[Any]:
        from ceyx.response import AsyncAPIResponse, AsyncOpened

        return AsyncOpened(lambda: self._raw(work, AsyncAPIResponse))


class _Azure:
    """What the Azure clients add: their arguments, and where they look for what is not given."""

    _resolve = staticmethod(making.for_azure)
    _accepts = AzureClientOptions


class AzureOpenAI(_Azure, OpenAI):
    """The blocking client for an Azure OpenAI resource.

    Arguments: `ceyx.settings.AzureClientOptions`. `model` of a call is the name of a deployment.
    """

    def __init__(self, **options: Unpack[AzureClientOptions]) -> None:
        self._begin(dict(options))


class AsyncAzureOpenAI(_Azure, AsyncOpenAI):
    """As `AzureOpenAI`, awaited."""

    def __init__(self, **options: Unpack[AzureClientOptions]) -> None:
        self._begin(dict(options))

