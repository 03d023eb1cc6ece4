"""Which deployment is asked: what a router is made with, what it knows of each, and its choice among those that are free.

Knows neither calls on their way (`flow.py`) nor keys and addresses (`routes.py`). Threads and event loops may share a router.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, Self, TypeVar, cast, get_args
from weakref import WeakSet

from ceyx.errors import OpenAIError
from ceyx.router.deployments import Deployment, Policy, checked, in_file
from ceyx.router.health import TRIP_AFTER, Health
from ceyx.router.stored import Memory
from ceyx.wire.call import Call

REMEMBERED = 20_000  # ids of stored things


class RouteEvent(NamedTuple):
    """Something that a router learned or did, for `on_route`."""

    kind: Literal["answered", "limited", "failed", "opened", "closed", "refused", "waiting"]
    """"opened" and "closed" are said of a deployment's circuit, "waiting" of a call for which no deployment is free."""
    deployment: str
    model: str | None
    status: int | None
    """Of the answer, where there was one."""
    seconds: float
    """Until the answer came; of "limited" and "waiting", until the deployment may be asked again."""
    why: str


class Chosen(Protocol):
    """A deployment as a client asks it."""

    @property
    def name(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def weight(self) -> float: ...


R = TypeVar("R", bound=Chosen)


class Counting(Protocol):
    """A router's limiter that knows what it let through. It is called under the router's lock, with a monotonic clock's time."""

    def bind(self, router: Router) -> None:
        """The router that it is for."""
        ...

    def holds(self, name: str, call: Call[Any], now: float) -> float:
        """Seconds for which the deployment is not to be asked this; 0 is not at all."""
        ...

    def wanted(self, call: Call[Any]) -> str | None:
        """The deployment that is to be asked this, if it may be; None leaves it to the router."""
        ...

    def begin(self, name: str, call: Call[Any], now: float) -> Any:
        """It is asked: what `end` is to be given."""
        ...

    def end(self, name: str, ticket: Any, how: Ending, asked: float | None, reply: Any, now: float, jitter: float) -> None:
        """What became of it. `asked` is for how many seconds the deployment wants to be left alone, `reply` is its answer."""
        ...


Ending = Literal["answered", "limited", "failed", "unsent"]
Limiter = Callable[[str, Call[Any]], float] | Counting


class Router:
    """What the calls of one client or more learn of their deployments: `AzureOpenAI(router=Router([...], policy="weighted"))`.

    Those of the lowest priority are asked first; `policy` chooses among them: "ordered" the first in the list, "weighted" by
    chance, as their weights say, "least_busy" the one with the fewest calls on their way, "latency" the one that answered
    fastest of late. A deployment that failed `trip_after` times in a row is left alone for a while. `on_route` is told of each
    RouteEvent, in the thread or task of the call. `limiter` may hold deployments back: given a name and a call, it says at once
    for how many seconds (other calls wait for it); 0 is not at all. One that counts is a `ceyx.bulk.DeploymentLimits`.
    """

    def __init__(
        self,
        deployments: Iterable[Deployment | Mapping[str, Any]],
        *,
        policy: Policy = "ordered",
        trip_after: int = TRIP_AFTER,
        on_route: Callable[[RouteEvent], object] | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        if policy not in get_args(Policy):
            raise ValueError(f"policy is {policy!r}; there are {', '.join(map(repr, get_args(Policy)))}")
        if isinstance(trip_after, bool) or not isinstance(trip_after, int) or trip_after < 1:
            raise ValueError(f"trip_after is a number of failures in a row, 1 or more; got {trip_after!r}")
        self.deployments = checked(deployments)
        self.policy: Policy = policy
        self.trip_after = trip_after
        self.on_route, self.limiter = on_route, limiter
        self.counting: Counting | None = None if limiter is None or not hasattr(limiter, "begin") else cast("Counting", limiter)
        if self.counting is None and (limited := next((one for one in self.deployments if one.limited), None)):
            raise ValueError(
                f"deployment {limited.name!r} has limits, and nobody to count; give limiter=DeploymentLimits() of ceyx.bulk"
            )
        self._begin()
        if self.counting is not None:
            self.counting.bind(self)

    def _begin(self) -> None:
        _routers.add(self)
        self.lock = threading.RLock()  # as a limiter may ask for the state
        self.health = {one.name: Health() for one in self.deployments}
        self.memory = Memory(REMEMBERED)
        self.warned: set[tuple[str, str]] = set()

    @classmethod
    def read(cls, path: str | Path, **more: Any) -> Self:
        """A router as a TOML file has it: `policy = "weighted"`, and a table `[[deployment]]` for each deployment.

        Keys stay in the environment: `api_key_env = "KEY_OF_SWEDEN"`. Raises ValueError for what it cannot be made of.
        """
        deployments, said = in_file(path)
        unknown = said.keys() - {"policy", "trip_after"}
        if unknown:
            raise ValueError(
                f"{path} says {min(unknown)!r}, which no router knows; there are policy, trip_after and [[deployment]]"
            )
        return cls(deployments, **{**said, **more})

    def __reduce__(self) -> Any:
        """A pickled router starts anew: what it had learned is of another process. What it calls is pickled if it can be."""
        return _made, (type(self), self.deployments, self.policy, self.trip_after, self.on_route, self.limiter)

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as clients share their connections with their copies

    def __repr__(self) -> str:
        made = "health" in self.__dict__  # a debugger or error reporter may ask before
        return f"<Router {self.policy}: {', '.join(self.health)}>" if made else "<Router (not made)>"

    def state(self) -> dict[str, Any]:
        """What is known now, fit for JSON: `{"policy": ..., "remembered": ..., "deployments": {name: {"state": ..., ...}}}`.

        `state` is "ready", "limited" (by the provider), "open" (failing), "half-open" (about to be tried out) or "refused"; then
        `seconds` says for how long, `why` for what.
        """
        now = time.monotonic()
        with self.lock:
            each = {one.name: _shown(one, self.health[one.name], now) for one in self.deployments}
            return {"policy": self.policy, "remembered": len(self.memory), "deployments": each}

    def reset(self, name: str | None = None) -> None:
        """Have a deployment asked again, or all of them, whatever was learned, as it has been mended. KeyError for no such."""
        with self.lock:
            for health in self.health.values() if name is None else (self.health[name],):
                health.reset()
            self.warned = {(one, why) for one, why in self.warned if name not in (None, one)}

    # -- for calls on their way

    def take(
        self, among: Sequence[R], tried: Collection[str], call: Call[Any], model: str | None, now: float
    ) -> tuple[R, bool, Any] | None:
        """The one to ask, which is counted as asked, whether this call tries it out, and what its limiter is to be given when the
        call is over; None where none is free that was not tried."""
        with self.lock:
            free = [one for one in among if one.name not in tried and self._wait(one.name, call, model, now) == 0]
            if not free:
                return None
            wanted = None if self.counting is None else self.counting.wanted(call)
            chosen = next((one for one in free if one.name == wanted), None) or self.first(free, now)
            ticket = None if self.counting is None else self.counting.begin(chosen.name, call, now)
            return chosen, self.health[chosen.name].begin(now), ticket

    def first(self, free: Sequence[R], now: float) -> R:
        """The one that the policy chooses among those that are free."""
        first = min(one.priority for one in free)
        return self._choice([one for one in free if one.priority == first], now)

    def _wait(self, name: str, call: Call[Any], model: str | None, now: float) -> float:
        wait = self.health[name].wait(model, now)
        if wait or self.limiter is None:
            return wait
        if self.counting is not None:
            return self.counting.holds(name, call, now)
        return max(cast("Callable[[str, Call[Any]], float]", self.limiter)(name, call), 0.0)

    def _choice(self, free: list[R], now: float) -> R:
        if len(free) == 1 or self.policy == "ordered":
            return free[0]
        if self.policy == "weighted":
            from random import choices  # which imports a good deal

            weights = [one.weight for one in free]
            return choices(free, weights)[0] if any(weights) else free[0]
        health = self.health
        if self.policy == "least_busy":  # counting the call that would be added, so that weights count at rest, too
            return min(
                free, key=lambda one: ((health[one.name].busy + 1) / one.weight if one.weight else inf, health[one.name].sent)
            )
        return min(free, key=lambda one: (health[one.name].expected(now), health[one.name].busy))

    def waits(self, among: Iterable[R], call: Call[Any], model: str | None, now: float) -> dict[str, float]:
        """Seconds until each may be asked; inf where waiting would not help."""
        with self.lock:
            return {one.name: self._wait(one.name, call, model, now) for one in among}

    def follow(self, name: str, reply: Any) -> None:
        """Count a stream as on its way until it is read, closed or dropped."""
        with self.lock:
            self.health[name].follow(reply)

    def tell(
        self, kind: Any, name: str, model: str | None, status: int | None = None, seconds: float = 0.0, why: str = ""
    ) -> None:
        if self.on_route is None:
            return
        try:
            self.on_route(RouteEvent(kind, name, model, status, seconds, why))
        except Exception:  # who looks on does not break calls
            from logging import getLogger

            getLogger("ceyx").exception("on_route failed")

    def warn(self, name: str, why: str, error: Exception) -> None:
        """Say once that a deployment is not as it was described."""
        if (name, why) in self.warned:
            return
        self.warned.add((name, why))
        from logging import getLogger

        getLogger("ceyx").warning("deployment %r is not asked for a while: %s", name, error)

    def described(self, names: Iterable[str], model: str | None, now: float, said: Mapping[str, str]) -> str:
        """Each deployment and how it stands, for an error."""
        with self.lock:
            return "; ".join(f"{name}: {self._stands(name, model, now, said.get(name, ''))}" for name in names)

    def _stands(self, name: str, model: str | None, now: float, said: str) -> str:
        health = self.health[name]
        why = said or health.why
        left = max(health.until, health.lacking.get(model, -inf)) - now
        state = "refused" if health.lacking.get(model, -inf) > now else health.shown_state(now)
        if state == "ready":
            return why or "not asked"
        until = f" for {left:.3g} s" if left > 0 else ""
        return f"{why or 'unknown'} ({_WORDS[state]}{until})"

    def belonging(self, ids: Iterable[str]) -> dict[str, str]:
        """The places at which things were made, each with one of the ids that say so."""
        with self.lock:
            return {place: id for id in ids if (place := self.memory.place(id)) is not None}

    def note(self, ids: Sequence[str], place: str) -> None:
        with self.lock:
            self.memory.note(ids, place)


_routers: WeakSet[Router] = WeakSet()


def _forked() -> None:
    """In a child that was forked: calls on their way, and locks, are of threads that it has not."""
    for router in _routers:
        router.lock = threading.RLock()
        for health in router.health.values():
            health.forget_calls()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)

_WORDS = {"limited": "limited", "open": "its circuit is open", "half-open": "being tried out", "refused": "set aside"}


def _made(kind: type[Router], deployments: Any, policy: Any, trip_after: int, on_route: Any, limiter: Any) -> Router:
    return kind(deployments, policy=policy, trip_after=trip_after, on_route=on_route, limiter=limiter)


def _shown(one: Deployment, health: Health, now: float) -> dict[str, Any]:
    state = health.shown_state(now)
    left = health.until - now
    return {
        "state": state,
        "seconds": round(left, 3) if state != "ready" and left > 0 else 0.0,
        "why": "" if state == "ready" else health.why,
        "models": None if one.models is None else sorted(one.models),
        "lacks": sorted(str(model) for model, until in health.lacking.items() if until > now),
        "priority": one.priority,
        "weight": one.weight,
        "in_flight": health.busy,
        "sent": health.sent,
        "answered": health.answered,
        "limited": health.limited,
        "failed": health.failed,
        "refused": health.refused,
        "latency": health.latency,
    }


def router_of(given: Mapping[str, Any]) -> Router:
    """The router that a client's arguments ask for. Raises OpenAIError where they ask for two."""
    router, deployments, policy = given.get("router"), given.get("deployments"), given.get("policy")
    if router is None:
        if deployments is None:
            raise OpenAIError("policy= chooses among deployments=; give them, too")
        return Router(deployments, **({} if policy is None else {"policy": policy}))
    if deployments is not None or policy is not None:
        raise OpenAIError("router= says which deployments there are, and the policy; give deployments= and policy= to Router()")
    if not isinstance(router, Router):
        raise TypeError(f"router is a {type(router).__name__}; give a ceyx.Router")
    return router
