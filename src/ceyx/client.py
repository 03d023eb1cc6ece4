"""The four clients: two drivers over one resource tree. Everything that differs between blocking and awaiting is here."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from ceyx.any_client import AnyClient, OnAzure
from ceyx.errors import APIConnectionError, DeadlineExceededError, OpenAIError
from ceyx.options import AzureClientOptions
from ceyx.wire.call import Call, Flow, Pages, Pause, Together, WithHeaders
from ceyx.wire.endpoint import Async, Sync, shown
from ceyx.wire.message import Request

if TYPE_CHECKING:
    from ceyx.exchange import answer_of
    from ceyx.identity import Secret, Tokens
    from ceyx.response import AsyncOpened, Opened
    from ceyx.transport.base import AsyncReply, AsyncTransport, BlockingReply, Transport
else:

    def answer_of(*of):
        """Stands in until the first answer: a client that is only made need not import what decodes."""
        global answer_of
        from ceyx.exchange import answer_of

        return answer_of(*of)


class OpenAI(AnyClient[Sync]):
    """The blocking client for OpenAI and every server that speaks its protocol. Threads may share one.

    Arguments: `ceyx.options.ClientOptions`. Close it, or use it as a context manager, to end its connections early.
    """

    _transport: Transport

    def _connect(self) -> Transport:
        if (client := self._network.get("http_client")) is not None:
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
        reply, _ = self._drive(self._attempts(work), self._exchange)
        request = reply.request
        return self._stream(work, request, reply) if reply.content is None else answer_of(work, reply, request)

    def _drive(self, flow: Generator[Any, Any, Any], perform: Callable[[Any], Any]) -> Any:
        try:
            step = next(flow)
            while True:
                done = None
                try:
                    if type(step) is Pause:
                        time.sleep(step.seconds)
                    else:
                        done = perform(step)
                except OpenAIError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(done)
        except StopIteration as end:
            return end.value
        except BaseException:
            flow.close()  # at once, though a traceback may hold it for long: it may count the request as under way
            raise

    def _follow(self, work: Flow[Any]) -> Any:
        return self._drive(work, self._perform)

    def _perform(self, step: Any) -> Any:
        if type(step) is WithHeaders:
            return self._raw(step.call)
        if type(step) is Together:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(step.at_most) as threads:
                return list(threads.map(self._send, step.calls))
        return self._send(step)

    def _exchange(self, request: Request) -> BlockingReply:
        settings = request.settings or self._settings
        if (tokens := settings.tokens_for(request)) is not None:
            try:
                token = tokens.get(None if request.until is None else request.until - time.monotonic())
            except TimeoutError as error:
                _check_deadline(request, error)
                raise
            settings.authorize(request, token)
        log, started = settings.log, time.monotonic()
        if log is not None:
            log.request(request)
        reply = self._transport.send(request)
        reply.request = request
        if not request.streamed or reply.status >= 300:
            try:
                reply.content = reply.read()
            except APIConnectionError as error:
                if not _says_enough(reply, error):
                    raise
        if log is not None:
            log.response(request, reply.status, reply.headers, reply.content, time.monotonic() - started)
        return reply

    def _stream(self, work: Any, request: Request, reply: BlockingReply) -> Any:
        from ceyx.response import RawResponse
        from ceyx.streaming import Stream

        return Stream(work.each(), request, reply, partial(RawResponse, work, request, reply))

    def _raw(self, work: Call[Any], kind: Any = None) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import SyncCursorPage

            work.decode = partial(SyncCursorPage.of, work, self._send)
        from ceyx.response import RawResponse

        started = time.monotonic()
        reply, retries = self._drive(self._attempts(work, kind is not None), self._exchange)
        request = reply.request
        stream = partial(self._stream, work, request, reply) if work.reads == "events" else None
        return (kind or RawResponse)(work, request, reply, stream, retries, time.monotonic() - started)

    def _streaming(self, work: Call[Any]) -> Opened[Any]:
        from ceyx.response import APIResponse, Opened

        return Opened(lambda: self._raw(work, APIResponse))


class AsyncOpenAI(AnyClient[Async]):
    """As `OpenAI`, awaited. One client serves any number of event loops, one after another or in several threads.

    Under asyncio it sends through aiohttp; under trio through httpx2 (`pip install 'ceyx[httpx]'`).
    """

    _awaits = True
    _transport: AsyncTransport

    def _connect(self) -> AsyncTransport:
        if (client := self._network.get("http_client")) is not None:
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
        reply, _ = await self._drive(self._attempts(work), self._exchange)
        request = reply.request
        return self._stream(work, request, reply) if reply.content is None else answer_of(work, reply, request)

    async def _drive(self, flow: Generator[Any, Any, Any], perform: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            step = next(flow)
            while True:
                done = None
                try:
                    if type(step) is Pause:
                        await self._transport.sleep(step.seconds)
                    else:
                        done = await perform(step)
                except OpenAIError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(done)
        except StopIteration as end:
            return end.value
        except BaseException:
            flow.close()  # at once, though a traceback may hold it for long: it may count the request as under way
            raise

    async def _follow(self, work: Flow[Any]) -> Any:
        return await self._drive(work, self._perform)

    async def _perform(self, step: Any) -> Any:
        if type(step) is WithHeaders:
            return await self._raw(step.call)
        if type(step) is Together:
            return await self._transport.together([partial(self._send, call) for call in step.calls], step.at_most)
        return await self._send(step)

    async def _exchange(self, request: Request) -> AsyncReply:
        settings = request.settings or self._settings
        if (tokens := settings.tokens_for(request)) is not None:
            settings.authorize(request, await self._token(tokens, request))
        log, started = settings.log, time.monotonic()
        if log is not None:
            log.request(request)
        reply = await self._transport.send(request)
        reply.request = request
        if not request.streamed or reply.status >= 300:
            try:
                reply.content = await reply.read()
            except APIConnectionError as error:
                if not _says_enough(reply, error):
                    raise
        if log is not None:
            log.response(request, reply.status, reply.headers, reply.content, time.monotonic() - started)
        return reply

    async def _token(self, tokens: Tokens, request: Request) -> Secret:
        if request.until is None:
            return await tokens.aget(self._transport)
        left = request.until - time.monotonic()
        try:
            return await self._transport.within(max(left, 0), partial(tokens.aget, self._transport))
        except TimeoutError as error:
            _check_deadline(request, error)
            raise

    def _stream(self, work: Any, request: Request, reply: AsyncReply) -> Any:
        from ceyx.response import RawResponse
        from ceyx.streaming import AsyncStream

        return AsyncStream(work.each(), request, reply, partial(RawResponse, work, request, reply))

    async def _raw(self, work: Call[Any], kind: Any = None) -> Any:
        if type(work) is Pages:
            from ceyx.pagination import AsyncCursorPage

            work.decode = partial(AsyncCursorPage.of, work, self._send)
        from ceyx.response import RawResponse

        started = time.monotonic()
        reply, retries = await self._drive(self._attempts(work, kind is not None), self._exchange)
        request = reply.request
        stream = partial(self._stream, work, request, reply) if work.reads == "events" else None
        return (kind or RawResponse)(work, request, reply, stream, retries, time.monotonic() - started)

    def _streaming(self, work: Call[Any]) -> AsyncOpened[Any]:
        from ceyx.response import AsyncAPIResponse, AsyncOpened

        return AsyncOpened(lambda: self._raw(work, AsyncAPIResponse))


def _says_enough(reply: Any, error: APIConnectionError) -> bool:
    """Whether the status is enough of an answer, though the body could not be read for `error`: that of an error is."""
    if reply.status < 300 or isinstance(error, DeadlineExceededError):
        error.answered = reply.status < 300
        return False
    reply.content = b""
    return True


def _check_deadline(request: Request, error: TimeoutError) -> None:
    """Raises DeadlineExceededError if a token was not there by the deadline; before it, the error is the provider's own."""
    if request.until is not None and time.monotonic() >= request.until - 0.005:  # clocks of timers are coarse
        from ceyx.transport.failures import timed_out

        raise timed_out(request, "token") from error


class _Azure(OnAzure):
    """What the Azure clients add: their arguments, and where they look for what is not given."""

    _azure: ClassVar[bool] = True
    _accepts: ClassVar[Any] = AzureClientOptions


class AzureOpenAI(_Azure, OpenAI):
    """The blocking client for an Azure OpenAI resource.

    Arguments: `ceyx.options.AzureClientOptions`. `model` of a call is the name of a deployment.
    """

    @shown
    def __init__(self, **options: Unpack[AzureClientOptions]) -> None:
        self._begin(options)


class AsyncAzureOpenAI(_Azure, AsyncOpenAI):
    """As `AzureOpenAI`, awaited."""

    @shown
    def __init__(self, **options: Unpack[AzureClientOptions]) -> None:
        self._begin(options)
