"""What every request passes: credential, api-version, deployment, body.

Past it a route has an `Ask`, and cannot be asked wrongly; the rules between fields of a body are left to `rules.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from hmac import compare_digest
from time import perf_counter
from typing import Any, TypeAlias

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from ceyx.service import engines, errors, headers
from ceyx.service.answers import Answer, Reply
from ceyx.service.bodies import Body, StreamOptions, read
from ceyx.service.catalogue import Kind, Model, model_named
from ceyx.service.clock import Clock
from ceyx.service.counters import TALLY, Counters, Tally
from ceyx.service.delivery import tell
from ceyx.service.engines import Engine
from ceyx.service.errors import Provider, Refusal
from ceyx.service.filtering import ContentFilter
from ceyx.service.identity.access import check as check_token
from ceyx.service.identity.issuer import OWN_CLIENT, Issuer
from ceyx.service.inward import INWARD
from ceyx.service.latency import Pace
from ceyx.service.limits import Limits, Meter, refusal
from ceyx.service.routes.usage import corrected
from ceyx.service.seen import BODY, Seen, beginning
from ceyx.service.settings import Settings
from ceyx.service.store import Store
from ceyx.service.tokens import ESTIMATED, Tokens, most_tokens
from ceyx.service.version_gate import check_parameters, check_version
from ceyx.service.work import Work
from ceyx.wire import versions

LARGEST_BODY = 64 * 1024 * 1024
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
_log = logging.getLogger("ceyx.service")


@dataclass(frozen=True, slots=True)
class Surface:
    """One of the ways in: whose protocol it speaks, and whether it wants an api-version."""

    provider: Provider
    dated: bool = False


OPENAI = Surface("openai")
AZURE_DATED = Surface("azure", dated=True)
AZURE_V1 = Surface("azure")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one path does: what it reads, which kind of model does it, and the handler that answers."""

    path: str
    kind: Kind
    body: msgspec.json.Decoder[Any] | Callable[[Request], Awaitable[Any]]
    """The decoder of a JSON body; what reads any other."""
    handle: Callable[[Ask], Awaitable[Response]]
    model: str = ""
    """The model that answers where none is named; without it, one must be."""
    of_deployment: bool = True
    """Whether dated Azure has it below a deployment, and not beside them."""

    @property
    def name(self) -> str:
        """What Azure calls it where a limit is exceeded."""
        return f"{''.join(part.capitalize() for part in re.split('[/_]', self.path))}_Create"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that may be answered."""

    surface: Surface
    service: Service
    body: Any
    deployment: str
    model: Model
    filtered: bool
    """Whether the answer carries the results of Azure's content filter."""
    started: float
    request: Request
    operation: Operation
    raw: bytes = b""
    """The body as it came. Of a form it is kept only where the service has engines."""
    reply: Reply | None = None
    """What an engine wants said; None: what the local engine says."""
    meter: Meter | None = None
    """The limits of the deployment, which it was admitted by for so many tokens."""
    admitted: int = 0

    async def saying(self, reply: Reply) -> Response:
        """The answer that says this, in the shape that was asked for."""
        return await replace(self, reply=reply).answered()

    async def answered(self) -> Response:
        """The answer of the route, after as long as answers take."""
        response = await self.operation.handle(self)
        if self.service.paces or self.reply is not None:
            paces = self.service.paces
            pace = paces[self.deployment] if self.deployment in paces else paces.get("*")
            if self.reply is not None and self.reply.latency is not None:
                pace = self.reply.latency
            if pace is not None and INWARD not in self.request.scope:
                await pace.wait_for(response, self.tier)
        return response

    @property
    def tally(self) -> Tally:
        """What is counted of the request."""
        return self.request.scope.get(TALLY) or Tally()

    @property
    def tokens(self) -> Tokens:
        """How its tokens are counted."""
        return self.service.tokens_of(self.model.table)

    @property
    def tier(self) -> str:
        """The service tier that the answer is made in."""
        asked: str | None = getattr(self.body, "service_tier", None)
        return asked if asked in ("flex", "priority") else "default"

    @property
    def filter(self) -> ContentFilter | None:
        """What the content filter of the deployment looks for; OpenAI has none."""
        filters = self.service.settings.content_filter
        if not filters or self.surface.provider != "azure":
            return None
        return filters[self.deployment] if self.deployment in filters else filters.get("*")

    def held(self, answers: list[Answer]) -> list[Answer]:
        """The answers, each up to where the content filter finds something."""
        if (filter := self.filter) is None:
            return answers
        return [filter.held(answer, getattr(self.body, "stream", None)) for answer in answers]

    @property
    def padded(self) -> bool:
        """Whether the events of a stream hide the length of what they say."""
        options: StreamOptions | None = getattr(self.body, "stream_options", None)
        asked = None if options is None else options.include_obfuscation
        return self.service.settings.obfuscation if asked is None else asked

    def replied(self, times: int | None = 1) -> list[Answer]:
        """What the engine wants said, for each choice; nothing, where the local engine is to say it."""
        said = None if self.reply is None else self.reply.answer
        return [] if said is None else [said] * (times or 1)

    def counted(self, usage: dict[str, Any]) -> dict[str, Any]:
        """The usage that the answer tells: what was counted, but where the engine says otherwise."""
        if self.reply is not None:
            usage = corrected(usage, self.reply.usage)
        self.tally.usage = usage
        return usage

    def answer_headers(self, tokens: int) -> dict[str, str]:
        """The headers of an answer of so many tokens, which this counts."""
        limits = self.service.limits
        self.tally.tokens = tokens
        if self.meter is None:
            left = limits.count(self.deployment, tokens)
        else:
            self.meter.settle(self.admitted, tokens)
            left = self.meter.left(limits.clock())
        return headers.of_answer(self.surface.provider, self.deployment, self.model, left, self.started)

    def whole(self, answer: dict[str, Any], tokens: int) -> Response:
        """An answer that is one JSON object."""
        return json_response(answer, headers=self.answer_headers(tokens))


@dataclass(frozen=True, slots=True)
class Service:
    """What all requests share."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(init=False)
    counters: Counters = field(default_factory=Counters)
    work: Work = field(default_factory=Work)
    issuer: Issuer = field(init=False)
    paces: dict[str, Pace] = field(init=False)
    """How long answers take, by deployment; * is for those that are not named."""
    store: Store = field(init=False)
    seen: Seen = field(default_factory=Seen)
    scripts: dict[str, Engine] = field(default_factory=dict)
    """What tests have put before the engines, by deployment; * is for those that are not named."""
    tokens_of: Callable[[str], Tokens] = field(init=False)
    """How the tokens of a model are counted."""
    engines: dict[str, Engine | None] = field(init=False)
    """By deployment; * is for those that are not named, and None the local engine."""

    def __post_init__(self) -> None:
        settings = self.settings
        object.__setattr__(self, "issuer", Issuer(clock=self.clock.time))
        object.__setattr__(self, "limits", Limits(settings.limits, self.clock.monotonic))
        object.__setattr__(self, "paces", {name: Pace(latency) for name, latency in settings.latency.items()})
        object.__setattr__(self, "tokens_of", _tokens_of(settings))
        object.__setattr__(self, "engines", engines.made(self.settings.engines))
        try:
            object.__setattr__(self, "store", Store(self.settings.store))
            self.store.on_status = self.tell
        except BaseException:
            engines.close(self.engines)
            raise

    def tell(self, kind: str, id: str, status: str) -> None:
        """Has webhooks know that an object has come to this status."""
        tell(self.store, self.work, kind, id, status)

    def close(self) -> None:
        """Gives the store's file and the engines free; called once nothing is asked any more."""
        self.store.close()
        engines.close(self.engines)

    def reset(self) -> None:
        """As at the start, but for what is stored."""
        self.scripts.clear()
        self.clock.ahead = 0.0
        self.limits.reset()
        self.counters.reset()
        self.seen.clear()
        for engine in engines.distinct(self.engines):
            engine.reset()
        for pace in self.paces.values():
            pace.reset()

    def asked_first(self, deployment: str) -> Iterator[Engine]:
        """Who may answer for a deployment, before the local engine does."""
        if (script := self.scripts.get(deployment) or self.scripts.get("*")) is not None:
            yield script
        if (engine := self.engine(deployment)) is not None:
            yield engine

    def engine(self, deployment: str) -> Engine | None:
        """The engine that answers for a deployment; None: the local one."""
        return self.engines[deployment] if deployment in self.engines else self.engines.get("*")

    def guarded(self, surface: Surface, answer: Endpoint) -> Endpoint:
        """`answer` behind the credential and api-version; what goes wrong in it is said in the provider's shape."""

        async def endpoint(request: Request) -> Response:
            try:
                self.check_credential(surface, request)
                check_version(surface, request)
                response = await answer(request)
            except Refusal as refusal:
                response = json_response(refusal.body(), refusal.status, refusal.headers)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody is left to read it
            except Exception:  # noqa: BLE001  whatever it was, a client sees an answer and the log the reason
                _log.exception("%s %s could not be answered", request.method, request.url.path)
                response = json_response(errors.failed(surface.provider).body(), 500)
            for name, value in headers.of_any(surface.provider, request.headers, self.settings).items():
                response.headers.setdefault(name, value)
            return response

        return endpoint

    def operation(self, surface: Surface, operation: Operation) -> Endpoint:
        """The endpoint of an operation on a surface."""

        async def answer(request: Request) -> Response:
            started = perf_counter()
            deployment = request.path_params.get("deployment")
            model = None if deployment is None else self.model(surface, deployment, operation)
            decoder = operation.body
            of_form = callable(decoder)
            raw = await content(request) if not of_form or self.engines or self.scripts else b""
            if callable(decoder):
                body: Body = await decoder(_again(request, raw) if raw else request)
            else:
                body = read(decoder, raw)
            version = request.query_params.get("api-version") if surface.dated else None
            if version and raw and not of_form:
                check_parameters(version, operation.path, raw)
            if model is None:
                deployment = body.model or operation.model
                if not deployment:
                    message = "Missing required parameter: 'model'."
                    raise errors.bad_request(message, "model", "missing_required_parameter")
                model = self.model(surface, deployment, operation)
            filtered = surface.provider == "azure" and versions.knows(version, "prompt_filter_results")
            ask = Ask(surface, self, body, str(deployment), model, filtered, started, request, operation, raw)
            tally = ask.tally
            tally.deployment, tally.model = ask.deployment, model.id
            if self.limits.by_deployment:
                ask = self.admitted(ask)
            if ask.filter is not None and (refused := ask.filter.refused(request.scope["path"], body)) is not None:
                return refused
            if self.engines or self.scripts:
                for engine in self.asked_first(ask.deployment):
                    if (response := await engine.answer(ask)) is not None:
                        return response
            return await ask.answered()

        return self.guarded(surface, answer)

    def admitted(self, ask: Ask) -> Ask:
        """The request, once its deployment's limits have let it in. Raises Refusal where they do not."""
        provider, deployment = ask.surface.provider, ask.deployment
        meter = self.limits.meter(provider, deployment)
        if meter is None or INWARD in ask.request.scope:
            return ask
        tokens = most_tokens(ask.body, ask.raw, provider)
        exceeded = meter.admit(tokens, self.limits.clock())
        if exceeded is None:
            return replace(ask, meter=meter, admitted=tokens)
        version = ask.request.query_params.get("api-version")
        refused = refusal(provider, deployment, version, ask.operation.name, exceeded)
        refused.headers |= headers.of_limits(provider, meter.left(self.limits.clock()))
        raise refused

    def model_id(self, deployment: str) -> str | None:
        """The name of the model behind a deployment, if there is one."""
        model = self.named(deployment)
        return None if model is None else model.id

    def named(self, name: str) -> Model | None:
        """The model behind a deployment or model name, those that were fine-tuned here among them."""
        if name.startswith("ft:") and (tuned := self.store.get("model", name)):
            return replace(model_named(tuned["base"]), id=name, snapshot=name, created=tuned["created"])
        return self.settings.model(name)

    def model(self, surface: Surface, name: str, operation: Operation) -> Model:
        """The model of this name, if it does this."""
        model = self.named(name)
        if (model is None or model.kind != operation.kind) and self.engines:
            engine = self.engine(name)
            if engine is not None and engine.any_model:
                return replace(model or model_named(name), kind=operation.kind)
        if model is None:
            raise errors.unknown_model(surface.provider, name, list(self.settings.deployments))
        if model.kind != operation.kind:
            raise errors.wrong_kind(surface.provider, operation.kind, model, operation.path)
        return model

    def check_credential(self, surface: Surface, request: Request) -> None:
        settings = self.settings
        verifies = settings.entra is not None and surface.provider == "azure"
        if not settings.keys and not verifies:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key, token = request.headers.get("api-key", ""), token.strip() if scheme.lower() == "bearer" else ""
        # Compared byte by byte in constant time; a key may hold any character.
        if any(compare_digest(one.encode(), each.encode()) for one in (key, token) if one for each in settings.keys):
            return
        if settings.entra is not None and verifies:
            if token:
                return check_token(settings.entra, self.issuer, request, token)
            if not settings.keys:
                raise errors.of_azure("keys-disabled" if key else "bad-token")
        raise errors.unauthorised(surface.provider, key, token)

    @property
    def own_credential(self) -> str | None:
        """What the service shows for the requests that it makes of itself; None where none is needed."""
        settings = self.settings
        if settings.keys or settings.entra is None:
            return next(iter(settings.keys), None)
        entra = settings.entra
        return self.issuer.issue(min(entra.audiences), OWN_CLIENT, entra.tenant, entra.token_seconds).text


def _tokens_of(settings: Settings) -> Callable[[str], Tokens]:
    """How tokens are counted. Raises ModuleNotFoundError where a table is wanted that is not at hand."""
    if not settings.exact_usage:
        return lambda _: ESTIMATED
    from ceyx.service.exact import exact  # a second and 180 MB, for the tables

    return exact(model for name in settings.deployments if (model := settings.model(name)) is not None)


async def content(request: Request) -> bytes:
    """The body of a request. Raises Refusal for one above the limit, after reading on for a while: few clients
    read an answer before they have sent everything."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= LARGEST_BODY:
            parts.append(part)
        else:
            parts.clear()
            if size > 4 * LARGEST_BODY:
                break
    if size > LARGEST_BODY:
        raise errors.too_large(LARGEST_BODY)
    raw = parts[0] if len(parts) == 1 else b"".join(parts)
    request.scope[BODY] = beginning(raw)
    return raw


def _again(request: Request, raw: bytes) -> Request:
    """The request, with a body that can be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return Request(request.scope, receive)


def json_response(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")
