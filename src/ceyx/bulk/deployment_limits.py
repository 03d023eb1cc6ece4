"""Limits of several deployments behind one client: `Router([...], limiter=DeploymentLimits())`.

To a gate it is one limiter, that lets a call through as soon as any deployment has room, and has the router ask that one. To a
router it is what counts: what other clients ask, and what goes on to the next deployment after a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from contextvars import ContextVar
from math import inf
from typing import Any, Self

import msgspec

from ceyx.bulk.limiter import Changed, Limiter, Limits, Rate, Ticket
from ceyx.bulk.redis_address import without_password
from ceyx.router.choosing import Ending, Router
from ceyx.router.deployments import Deployment
from ceyx.wire.call import Call

LOOK_AGAIN = 0.25  # seconds, where another call has to end first
ANSWER = 256  # tokens of an answer of which nothing else is known


class Place(Ticket):
    """A call that was let through to a deployment."""

    __slots__ = ("inner", "name", "state")

    def __init__(self, tokens: float, at: float, name: str, inner: Ticket) -> None:
        super().__init__(tokens, at)
        self.name, self.inner = name, inner
        self.state = "kept"
        """Then "asked", "answered" and, once the deployment's limiter was told, "told"."""


class DeploymentLimits:
    """What the deployments of a router may be asked: `Router([...], limiter=DeploymentLimits())`.

    `limits` are those of single deployments, by name; the others have what their `requests_per_minute` and `tokens_per_minute`
    say, and what their answers say. `in_flight` is how many calls may be on their way to each. As the limiter of a bulk job, it
    lets calls through for those deployments that serve `model`. `share` is the part of the limits that is to be used here;
    `shared` is the address of a Redis through which they are shared, for async clients: then it is to be opened, by `async with`,
    unless `run()` does that.
    """

    def __init__(
        self,
        limits: Mapping[str, Limits] | None = None,
        in_flight: int = 64,
        *,
        model: str | None = None,
        share: float = 1.0,
        shared: str | None = None,
    ) -> None:
        self._given = dict(limits or {})
        self.limits: dict[str, Limits] = dict(self._given)
        self.in_flight, self.model, self.share, self._shared = in_flight, model, share, shared
        self._router: Router | None = None
        self._closing, self._users = AsyncExitStack(), 0
        self._kept: ContextVar[Place | None] = ContextVar("ceyx_deployment", default=None)
        """That of the call which a gate has just let through, for the router that is asked next, in the same task."""

    def __reduce__(self) -> Any:
        """It starts anew, as its router does."""
        shared = None if self._shared is None else without_password(self._shared)
        return _made, (self._given, self.in_flight, self.model, self.share, shared)

    async def __aenter__(self) -> Self:
        """Opens those of its limits that are shared with others, unless they are open."""
        self._users += 1
        if self._users > 1:
            return self
        try:
            for limits in self.limits.values():
                if isinstance(limits, AbstractAsyncContextManager):
                    await self._closing.enter_async_context(limits)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._users -= 1
        if not self._users:
            await self._closing.aclose()

    # -- what a router asks

    def bind(self, router: Router) -> None:
        if self._router is not None:
            raise ValueError("these DeploymentLimits count for another router; make others for this one")
        if unknown := sorted(self.limits.keys() - {one.name for one in router.deployments}):
            raise ValueError(f"limits names {unknown[0]!r}, and there are {', '.join(one.name for one in router.deployments)}")
        self._router = router
        for one in router.deployments:
            if one.name not in self.limits:
                self.limits[one.name] = self._of(one)

    def _of(self, one: Deployment) -> Limits:
        caps, azure = (one.requests_per_minute, one.tokens_per_minute), bool(one.on_azure)
        if self._shared is None:
            return Limiter(*caps, self.in_flight, azure=azure, share=self.share)
        from ceyx.bulk.redis_limits import SharedLimiter

        return SharedLimiter(self._shared, one.name, *caps, self.in_flight, azure=azure)

    def holds(self, name: str, call: Call[Any], now: float) -> float:
        kept = self._kept.get()
        if not _counted(call) or (kept is not None and kept.state == "kept" and kept.name == name):
            return 0.0
        wait = self.limits[name].wait(_tokens(call), now)
        return LOOK_AGAIN if wait == inf else wait

    def wanted(self, call: Call[Any]) -> str | None:
        kept = self._kept.get()
        return None if kept is None or kept.state != "kept" or not _counted(call) else kept.name

    def begin(self, name: str, call: Call[Any], now: float) -> Place | None:
        if not _counted(call):
            return None
        kept = self._kept.get()
        if kept is not None and kept.state == "kept":
            if kept.name == name:
                kept.state = "asked"
                return kept
            self._not_asked(kept)
        tokens = _tokens(call)
        inner = self.limits[name].admit(tokens, now)
        if not isinstance(inner, Ticket):  # it was free a moment ago
            return None
        place = Place(tokens, now, name, inner)
        place.state = "asked"
        return place

    def end(
        self, name: str, ticket: Place | None, how: Ending, asked: float | None, reply: Any, now: float, jitter: float
    ) -> None:
        if ticket is None:
            return
        limits, headers = self.limits[name], {} if reply is None else reply.headers
        if how == "answered" and ticket is self._kept.get():
            ticket.state = "answered"  # who let it through knows better what it took
            return
        ticket.state = "told"
        if how == "answered":
            limits.answered(ticket.inner, _used(getattr(reply, "content", None)), headers, now)
        elif how == "limited":
            limits.limited(ticket.inner, asked, headers, now, jitter)
        elif how == "unsent":
            limits.unused(ticket.inner)
        else:
            limits.failed(ticket.inner)

    # -- what a gate asks

    @property
    def rates(self) -> Mapping[str, Rate]:
        """Those of all deployments together."""
        found: dict[str, Rate] = {}
        for one in self._serving():
            for kind, rate in self.limits[one.name].rates.items():
                before = found[kind].per_second if kind in found else 0.0
                found[kind] = Rate(before + rate.per_second, rate.burst)
        return found

    def listen(self, changed: Changed) -> None:
        for limits in self.limits.values():
            limits.listen(changed)

    def wait(self, tokens: float, now: float) -> float:
        with self._bound.lock:
            return self._any(tokens, now)[1]

    def admit(self, tokens: float, now: float) -> Ticket | float:
        with self._bound.lock:
            name, wait = self._any(tokens, now)
            if name is None:
                return wait
            inner = self.limits[name].admit(tokens, now)
            if not isinstance(inner, Ticket):
                return inner
            place = Place(tokens, now, name, inner)
            self._kept.set(place)
            return place

    def answered(self, ticket: Ticket, tokens: float | None, headers: Mapping[str, str], now: float) -> None:
        with self._bound.lock:
            if isinstance(ticket, Place) and ticket.state == "answered":
                ticket.state = "told"
                self.limits[ticket.name].answered(ticket.inner, tokens, headers, now)
            else:
                self._not_asked(ticket)

    def limited(self, ticket: Ticket, asked: float | None, headers: Mapping[str, str], now: float, jitter: float) -> float:
        """Each deployment that was asked has been told; the others may be asked at once."""
        self.failed(ticket)
        return 0.0

    def failed(self, ticket: Ticket) -> None:
        with self._bound.lock:
            if isinstance(ticket, Place) and ticket.state == "answered":
                ticket.state = "told"
                self.limits[ticket.name].failed(ticket.inner)
            else:
                self._not_asked(ticket)

    def unused(self, ticket: Ticket) -> None:
        self.failed(ticket)

    # --

    @property
    def _bound(self) -> Router:
        if self._router is None:
            raise ValueError("these DeploymentLimits count for no router; give them to one: Router([...], limiter=...)")
        return self._router

    def _serving(self) -> list[Deployment]:
        return [one for one in self._bound.deployments if one.serves(self.model)]

    def _any(self, tokens: float, now: float) -> tuple[str | None, float]:
        """The deployment that is to be asked now, or None and the seconds until one may be."""
        router, free, soonest = self._bound, [], inf
        healthy = {one: router.health[one.name].wait(self.model, now) for one in self._serving()}
        if all(wait == inf for wait in healthy.values()):  # who asks one is told what is wrong with all of them
            healthy = dict.fromkeys(healthy, 0.0)
        for one, sick in healthy.items():
            if wait := sick or self.limits[one.name].wait(tokens, now):
                soonest = min(soonest, wait)
            else:
                free.append(one)
        return (router.first(free, now).name, 0.0) if free else (None, soonest)

    def _not_asked(self, ticket: Ticket) -> None:
        if isinstance(ticket, Place) and ticket.state == "kept":
            ticket.state = "told"
            self.limits[ticket.name].unused(ticket.inner)


def _made(limits: Mapping[str, Limits], in_flight: int, model: str | None, share: float, shared: str | None) -> DeploymentLimits:
    return DeploymentLimits(limits, in_flight, model=model, share=share, shared=shared)


def _counted(call: Call[Any]) -> bool:
    """Whether a call is one for a model, which is what limits are of."""
    return bool(call.body) and "model" in (call.body or ())


def _tokens(call: Call[Any]) -> float:
    """About how many tokens a call takes, as providers count before they answer."""
    from ceyx.tokens import count_messages

    body: Any = call.body
    given = next((body[name] for name in ("max_completion_tokens", "max_tokens", "max_output_tokens") if name in body), None)
    answer = given if isinstance(given, int) else 0 if "messages" not in body and "input" in body else ANSWER
    try:
        if "messages" in body:
            return count_messages(body["messages"], str(body["model"]), tools=body.get("tools") or ()) + answer
        return len(msgspec.json.encode(body.get("input") or body.get("prompt") or "")) / 4 + answer
    except (TypeError, ValueError, AttributeError, KeyError):  # of a shape that the server will refuse, or a file
        return float(answer)


class _Usage(msgspec.Struct):
    total_tokens: int | None = None


class _Answer(msgspec.Struct):
    usage: _Usage | None = None


def _used(content: bytes | None) -> float | None:
    try:
        usage = None if content is None else msgspec.json.decode(content, type=_Answer).usage
    except msgspec.MsgspecError:
        return None
    return None if usage is None else usage.total_tokens
