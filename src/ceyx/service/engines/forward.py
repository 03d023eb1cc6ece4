"""The engine `forward`: somebody else answers who speaks OpenAI's protocol or Azure's, a model server here or a provider.

    {"engine": "forward", "url": "http://127.0.0.1:11434/v1", "model": "llama3.2"}
    {"engine": "forward", "url": "https://contoso.openai.azure.com", "key_env": "CONTOSO_KEY"}

Requests are said in the upstream's terms, whichever surface they came by: its paths, its name for the model, its key, which comes
from the environment. No credential of a caller goes on. Answers pass as they come; errors take the shape of the surface.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ceyx.errors import APITimeoutError, OpenAIError
from ceyx.service.engines import EngineError, multipart, refusing
from ceyx.service.engines.passing import Passing
from ceyx.service.gate import Ask
from ceyx.service.streams import disconnected
from ceyx.wire.message import SECRET_HEADERS, Request, Timeout, public
from ceyx.wire.url import AZURE

if TYPE_CHECKING:
    from ceyx.transport.base import AsyncReply, AsyncTransport

MAIN = "url"
FILES: tuple[str, ...] = ()

_OF_ONE_HOP = frozenset(  # RFC 9110, 7.6.1
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade")
) | {"transfer-encoding"}
_NOT_ASKED = _OF_ONE_HOP | SECRET_HEADERS | {"host", "content-length", "accept-encoding", "expect", "forwarded"}
_NOT_ANSWERED = _OF_ONE_HOP | {"content-encoding", "set-cookie", "date", "server", "alt-svc", "strict-transport-security"}
_azure = re.compile(rf".+\.{AZURE}", re.IGNORECASE).fullmatch


class Options(Struct, forbid_unknown_fields=True, kw_only=True):
    url: str
    """The base URL of the upstream, as OpenAI's clients take it; of Azure, the resource's endpoint."""
    model: str | None = None
    """The upstream's name for the model (of Azure: deployment) that answers for all deployments here."""
    models: dict[str, str] = {}
    """Or one for each, by the names of the deployments."""
    key_env: str | None = None
    """The environment variable with the upstream's key."""
    api_version: str | None = None
    """Of an Azure with dated versions: what is asked for where the request does not say."""
    timeout: float = 600
    """Seconds for each pause of the upstream's."""


def engine(options: Mapping[str, Any]) -> Forward:
    """Who passes requests on. Raises EngineError for options that lead nowhere, and for a key that is not there."""
    return Forward(converted("forward", options, Options))


def converted(name: str, options: Mapping[str, Any], kind: Any, others: Iterable[str] = ()) -> Any:
    """The options of an engine, which has others, too. Raises EngineError for some that it has not."""
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        known = ", ".join((*kind.__struct_fields__, *others))
        raise EngineError(f"the engine {name} cannot use its options: {error}; it has {known}") from None


class Forward:
    """Sends requests to one upstream. The key is read once."""

    any_model = True

    def __init__(self, options: Options, transport: AsyncTransport | None = None) -> None:
        parts = urlsplit(options.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            shown = options.url.rpartition("@")[2].partition("?")[0][:100]
            raise EngineError(f"{shown!r} is no base URL to forward to; write one such as http://127.0.0.1:11434/v1")
        if not options.timeout > 0:
            raise EngineError(f"timeout is {options.timeout}; it is a number of seconds above 0")
        self.options = options
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._base = parts.path.rstrip("/")
        at_azure = options.api_version is not None or _azure(parts.hostname) is not None
        self._is_resource = at_azure and self._base in ("", "/openai")
        self.key = _key(options, parts.hostname)
        self._credential = _credential(self.key, at_azure)
        self._timeout = Timeout(options.timeout, connect=min(options.timeout, 10))
        self._mark = f"1.1 ceyx-{token_hex(8)}"
        if transport is None:
            # The one place where the service asks somebody else; only those who forward pay for it.
            from ceyx.transport.asyncio import LoopPools
            from ceyx.transport.base import Connecting

            transport = LoopPools(Connecting())
        self._transport = transport

    async def answer(self, ask: Ask) -> Response:
        provider = ask.surface.provider
        request = self.request(ask)
        try:
            reply = await self._reply(ask, request)
            headers = _answered(reply.headers)
            if 300 <= reply.status < 400:
                await reply.close()
                raise refusing.moved(provider, reply.status, ask.deployment, self.origin, reply.headers.get("location", ""))
            if reply.status < 400:
                return Passing(reply.status, headers, reply.chunks())
            content = await reply.read()
        except APITimeoutError as error:
            raise refusing.unreachable(provider, 504, ask.deployment, error) from None
        except OpenAIError as error:
            raise refusing.unreachable(provider, 502, ask.deployment, error) from None
        return refusing.refused(provider, reply.status, headers, content, self.origin, has_key=self.key is not None)

    async def _reply(self, ask: Ask, request: Request) -> AsyncReply:
        """The upstream's reply. Raises ClientDisconnect once nobody waits for it: a model need not go on, then."""
        sending = asyncio.ensure_future(self._transport.send(request))
        gone = asyncio.ensure_future(disconnected(ask.request.receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise ClientDisconnect
            return sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    def reset(self) -> None:
        """Nothing: it remembers nothing."""

    def close(self) -> None:
        """Nothing: the service's loop has closed the connections when it ended."""

    def model(self, ask: Ask) -> str:
        """The upstream's name for what is asked."""
        usual = self.options.model or (ask.deployment if self._is_resource else ask.model.id)
        return self.options.models.get(ask.deployment, usual)

    def request(self, ask: Ask) -> Request:
        """The request as the upstream wants it. Raises Refusal for one that has come from here."""
        came = ask.request.headers
        if self._mark in came.get("via", ""):
            message = f"The service forwards {ask.deployment} to {self.origin}, which is the service itself; give another url."
            raise refusing.failed(ask.surface.provider, 508, message)
        model = self.model(ask)
        dropped = {*_NOT_ASKED, *(name.strip().lower() for name in came.get("connection", "").split(","))}
        headers = {name: value for name, value in public(came).items() if name not in dropped and not name.startswith("x-ceyx-")}
        headers |= {
            "accept-encoding": "identity",
            "via": ", ".join(filter(None, (came.get("via"), self._mark))),
            **self._credential,
        }
        content = _named(ask, model)
        return Request("POST", self.origin, self._target(ask, model), headers, content, self._timeout, streamed=True)

    def _target(self, ask: Ask, model: str) -> str:
        query = [(name, value) for name, value in ask.request.query_params.multi_items() if name != "api-version"]
        query = [(name, value) for name, value in query if name in public({name: value})]
        version = ask.request.query_params.get("api-version") if ask.surface.dated else None
        path = f"{self._base}/{ask.operation.path}"
        if self._is_resource and (version := version or self.options.api_version):
            query.append(("api-version", version))
            below = f"/deployments/{quote(model, safe='')}" if ask.operation.of_deployment else ""
            path = f"/openai{below}/{ask.operation.path}"
        elif self._is_resource:
            path = f"/openai/v1/{ask.operation.path}"
        return f"{path}?{urlencode(query)}" if query else path


def _key(options: Options, host: str) -> str | None:
    """The upstream's key. Providers have one; a server of one's own has one if it is named."""
    name = options.key_env
    if name is None:
        name = "OPENAI_API_KEY" if host == "api.openai.com" else "AZURE_OPENAI_API_KEY" if _azure(host) else None
    if name is None:
        return None
    if not (key := os.environ.get(name, "").strip()):
        raise EngineError(f"{host} needs a key, and the environment has no {name}: set it, or name another variable as key_env")
    return key


def _credential(key: str | None, at_azure: bool) -> dict[str, str]:
    """The header that shows a key."""
    if key is None:
        return {}
    return {"api-key": key} if at_azure else {"authorization": f"Bearer {key}"}


def _named(ask: Ask, model: str) -> bytes:
    """The body, with the upstream's name for the model."""
    if boundary := multipart.boundary_of(ask.request.headers.get("content-type", "")):
        form = list(multipart.parts(ask.raw, boundary))
        if any(part.name == "model" and part.content == model.encode() for part in form):
            return ask.raw
        form = [part for part in form if part.name != "model"]
        return multipart.encoded([multipart.field("model", model), *form], boundary)
    body = msgspec.json.decode(ask.raw)
    if not isinstance(body, dict) or body.get("model") == model:
        return ask.raw
    return msgspec.json.encode({**body, "model": model})


def _answered(headers: Mapping[str, str]) -> dict[str, str]:
    named = {name.lower(): value for name, value in headers.items()}
    dropped = {*_NOT_ANSWERED, *(name.strip().lower() for name in named.get("connection", "").split(","))}
    if "content-encoding" in named:
        dropped.add("content-length")  # that of the body as it was packed
    return {name: value for name, value in named.items() if name not in dropped and _is_latin(value)}


def _is_latin(value: str) -> bool:
    """Whether a header can be sent with this value (RFC 9110, 5.5)."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def secrets_of(ask: Ask) -> Iterable[str]:
    """What a caller showed to be let in."""
    headers = ask.request.headers
    return [part for name in SECRET_HEADERS for part in headers.get(name, "").split() if part.lower() != "bearer"]
