"""A call over several deployments, until one answers: a flow, as `wire/retry.py` is one for a single server.

It yields requests and pauses, and is told answers, errors and the time. A call goes to each deployment once without being counted
as a retry: none of them gets more than without a router. To ask again, after a pause, is one, and `max_retries`, the retry
budget and the deadline bound that over all deployments together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from ceyx.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    DeadlineExceededError,
    DeploymentsUnavailableError,
    OpenAIError,
)
from ceyx.router.choosing import Ending, Router
from ceyx.router.stored import SPREAD, ids_in, made_by, named, watched
from ceyx.wire.call import Call, Omit, Pause
from ceyx.wire.message import Request
from ceyx.wire.retry import LONGEST_WAIT, backoff, kept_from_retrying, tried as tried_before, wait_asked_for

if TYPE_CHECKING:
    from ceyx.router.routes import Route


class NoTokenError(OpenAIError):
    """A deployment's credential gave no token; `__cause__` says why."""


_NO_DEPLOYMENT = ("DeploymentNotFound", "model_not_found")  # what a 404 says that is about the deployment in any case


class Clocks(NamedTuple):
    """What a flow is told of the time: a monotonic clock, the time of day, and numbers in [0, 1) to spread calls by."""

    now: Callable[[], float]
    wall: Callable[[], float]
    jitter: Callable[[], float]


class Trip:
    """One call on its way over the deployments.

    `go` yields requests, each to be answered with a reply, or with an APIConnectionError or NoTokenError thrown in, and pauses;
    it returns the reply of a status below 300 and how often the call was sent again. Raises the last error that may pass, or else
    the last one, where no further try is allowed; DeploymentsUnavailableError where none was made.
    """

    def __init__(
        self,
        call: Call[Any],
        routes: Sequence[Route],
        router: Router,
        request_for: Callable[..., Request],
        unread: bool,
        clocks: Clocks,
        on_retry: Callable[[Request, int, float, Exception], None] | None = None,
    ) -> None:
        """Raises OpenAIError for a call that no deployment serves, or that names things which are kept apart."""
        self.call, self.routes, self.router, self.unread = call, routes, router, unread
        self.request_for, self.on_retry = request_for, on_retry
        self.now, self.wall, self.jitter = clocks
        self.model = _model(call)
        self.among, self.named, self.seeking = _bound(call, routes, router, self.model)
        self.first: Request | None = None
        self.tried: set[str] = set()  # since the call began, or last waited
        self.said: dict[str, str] = {}
        self.error: Any = None
        self.sent = self.retries = 0
        self.place = [self.among[0].place]  # in a list, as streams are to know it, and not the whole call
        if call.each is not None and call.reads == "events" and made_by(call):
            call.each = watched(call.each, partial(_note, router, self.place))

    def go(self) -> Generator[Request | Pause, Any, tuple[Any, int]]:
        while True:
            chosen = self.router.take(self.among, self.tried, self.call, self.model, self.now())
            if chosen is None:
                yield from self._waited()
                continue
            answer = yield from self._asked(*chosen)
            if answer is not None:
                return answer, self.sent - 1

    def _asked(self, route: Route, probe: bool, ticket: Any) -> Generator[Request, Any, Any]:
        """The answer of a deployment that was taken; None where the next is to be asked. Raises the error where none is."""
        router, model, health = self.router, self.model, self.router.health[route.name]
        asked: float | None = None
        answer: Any = None
        ending: Ending = "unsent"
        try:
            try:
                request = self._request_to(route)
            except (OpenAIError, ValueError, TypeError):
                with router.lock:
                    health.sent -= 1
                if len(self.among) == 1:
                    raise
                self.among = [other for other in self.among if other is not route]  # it cannot be asked this; others may
                return None
            if self.tried and self.error is not None and self.on_retry is not None:
                self.on_retry(request, self.sent, 0.0, self.error)
            self.tried.add(route.name)
            self.sent += 1
            began, tokens = self.now(), route.settings.tokens
            ending = "failed"
            try:
                answer = yield request
                if tokens is not None and tokens.refused(request, answer):
                    answer = yield request  # with a new token
            except DeadlineExceededError as late:
                self.error, self.said[route.name] = late, "no answer by the deadline"
                if self.sent == 1:  # else it may not have had much time
                    _report_error(router, route, "failing", late, None, model, probe, self.now(), self.jitter)
                raise self._ended("") from late.__cause__
            except (APIConnectionError, NoTokenError) as raised:
                failure: Any = raised
            else:
                if answer.status < 300:
                    ending = "answered"
                    _report_answer(router, route, answer, model, probe, began, self.now())
                    self._remember(route, answer)
                    return answer
                from ceyx.wire.status import status_error  # only an answer that is an error needs it

                failure = status_error(answer, request)
                asked = wait_asked_for(answer.headers, self.wall, failure.message if answer.status == 429 else "")
            verdict = _verdict(failure, self.call, bool(self.named), bool(self.seeking))
            if verdict == "limited" or (verdict == "failing" and asked is not None):
                ending = "limited"
            _report_error(router, route, verdict, failure, asked, model, probe, self.now(), self.jitter)
        finally:
            with router.lock:
                health.end(probe)
                if router.counting is not None:
                    router.counting.end(route.name, ticket, ending, asked, answer, self.now(), self.jitter())
        self.said[route.name] = _short(failure)
        if verdict == "call":
            raise tried_before(failure, self.sent - 1)
        if self.error is None or _may_pass(failure) or not _may_pass(self.error):
            self.error = failure
        if why := kept_from_retrying(failure, request):
            self.error = failure
            raise self._ended(f"not retried: {why}")
        if verdict == "elsewhere":
            rest = [other for other in self.among if other.place != route.place]
            if not rest:
                raise self._ended("")
            self.among = rest
        return None

    def _waited(self) -> Generator[Pause, Any, None]:
        """Waits until one may be asked again. Raises the error where that is not allowed."""
        if self.first is None:
            self._request_to(self.among[0])  # which tells of the deadline, and is what the error is about
        waits = self.router.waits(self.among, self.call, self.model, self.now())
        if any(left == 0 and name not in self.tried for name, left in waits.items()):
            return  # one became free just now
        again = backoff(self.retries, self.jitter)
        soonest, wait = min(((name, left or again) for name, left in waits.items()), key=lambda one: one[1])
        settings = self.among[0].settings
        if why := _not_waited(wait, self.retries, settings.max_retries, self.first, self.now()):
            raise self._ended(why)
        if self.error is not None and settings.budget is not None:
            throttled = getattr(self.error, "status_code", 0) == 429
            if not settings.budget.spend(5 if throttled else 14, self.now()):
                raise self._ended("not retried: the retry budget of this client is spent")
        self.retries += 1
        self.router.tell("waiting", soonest, self.model, None, wait, "no other deployment is free")
        if self.error is not None and self.first is not None and self.on_retry is not None:
            self.on_retry(self.first, self.sent, wait, self.error)
        yield Pause(wait)
        self.tried.clear()

    def _request_to(self, route: Route) -> Request:
        request = self.request_for(_called(self.call, route, self.model), route.settings, self.unread)
        request.deployment, request.settings = route.name, route.settings
        if self.first is None:
            self.first = request
        else:
            request.until = self.first.until
            if key := self.first.headers.get("idempotency-key"):
                request.headers["idempotency-key"] = key  # one for all tries of this call
        return request

    def _remember(self, route: Route, answer: Any) -> None:
        if (budget := route.settings.budget) is not None:
            budget.regain()
        self.place[0] = route.place
        if answer.content is not None and made_by(self.call):
            self.router.note(ids_in(answer.content), route.place)
        if self.seeking:
            self.router.note(self.seeking, route.place)

    def _ended(self, why: str) -> Any:
        """The error with which the call ends, and what became of it at each deployment."""
        now, error = self.now(), self.error
        names = [one.name for one in self.routes if one in self.among or one.name in self.said]
        standing = f"deployments: {self.router.described(names, self.model, now, self.said)}"
        if error is None:
            none = DeploymentsUnavailableError(f"no deployment can be asked now ({standing}); {why}", self.first)
            soonest = min(self.router.waits(self.among, self.call, self.model, now).values())
            none.retry_after = None if soonest == inf else soonest
            return none
        if len(self.routes) > 1 or why:
            times = [f"sent {self.sent} times"] if self.sent > 1 else []
            error.args = (f"{error} [{'; '.join([*times, *([why] if why else []), standing])}]",)
            if isinstance(error, APIError):
                error.message = error.args[0]
        return error


def _not_waited(wait: float, retries: int, max_retries: int, first: Request | None, now: float) -> str:
    """Why a call does not wait so long for a deployment; empty where nothing is against it."""
    if wait == inf:
        return "none of them would answer later"
    if retries >= max_retries:
        return f"not waited for {wait:.3g} s: max_retries is {max_retries}"
    if wait > LONGEST_WAIT:
        return f"not waited for {wait:g} s, more than {LONGEST_WAIT:g} s"
    if first is not None and first.until is not None and now + wait >= first.until:
        return f"not waited: {wait:.3g} s would pass the deadline of the call"
    return ""


def _may_pass(error: Any) -> bool:
    return bool(getattr(error, "retryable", False))


def _note(router: Router, place: list[str], ids: list[str]) -> None:
    router.note(ids, place[0])


def _model(call: Call[Any]) -> str | None:
    """The model that a call names, where any deployment of that model may answer it."""
    if (call.method, call.path) not in SPREAD or not call.body:
        return None
    model = call.body.get("model")
    return None if model is None or isinstance(model, Omit) else str(model)


def _bound(
    call: Call[Any], routes: Sequence[Route], router: Router, model: str | None
) -> tuple[list[Route], list[str], list[str]]:
    """The deployments that may answer a call, the ids of stored things that it names, and those that nobody remembers.

    Raises OpenAIError where there is none, or where what it names is at two places.
    """
    among = [route for route in routes if route.deployment.serves(model)]
    if not among:
        known = "; ".join(f"{route.name}: {', '.join(sorted(route.deployment.models or ()))}" for route in routes)
        raise OpenAIError(f"no deployment serves the model {model!r} ({known}); add it to models= of one")
    path, things, items = named(call)
    ids = things if path is None else [path, *things]
    places = router.belonging([*ids, *items]) if ids or items else {}
    if len(places) > 1:
        each = " and ".join(f"{id} at {_at(routes, place)}" for place, id in places.items())
        raise OpenAIError(f"this call names things that are kept apart: {each}; a call goes to one place")
    if places:
        [(place, id)] = places.items()
        there = [route for route in among if route.place == place]
        if not there:
            raise OpenAIError(
                f"{id} is kept at {_at(routes, place)}, which does not serve the model {model!r}; ask for one it serves"
            )
        return there, ids, []
    home = min(routes, key=lambda route: route.priority).place
    if ids:  # looked for, at home first
        return sorted(among, key=lambda route: (route.place != home, route.priority)), ids, ids
    if (call.method, call.path) in SPREAD:
        return among, [], []
    return [route for route in routes if route.place == home], [], []


def _at(routes: Sequence[Route], place: str) -> str:
    return "/".join(route.name for route in routes if route.place == place) or "a deployment that is no longer there"


def _called(call: Call[Any], route: Route, model: str | None) -> Call[Any]:
    """The call as this deployment is to be sent it, with its own name for the model."""
    if (call.method, call.path) not in SPREAD or call.body is None:
        return call
    name = route.deployment.names.get(model or "") if call.path == "/moderations" else route.name_of(model)
    own = object.__new__(type(call))
    for slot in Call.__slots__:
        setattr(own, slot, getattr(call, slot))
    own.body = {**call.body, "model": name} if name else dict(call.body)
    return own


def _verdict(error: Any, call: Call[Any], naming: bool, seeking: bool) -> str:
    """What an error is about: the "call" itself; or the deployment, which is "failing", "limited", "refusing" this caller or
    "lacking" the model; or that what is sought is "elsewhere"; or, of "neither", that it may be asked again."""
    if isinstance(error, APIConnectionError):
        return "failing"
    if isinstance(error, NoTokenError):
        return "refusing"
    status, code = error.status_code, error.code
    if status == 429:
        return "refusing" if code == "insufficient_quota" else "limited"
    if status in (401, 402, 403):
        return "refusing"
    if seeking and (status == 404 or code == "previous_response_not_found") and code not in _NO_DEPLOYMENT:
        return "elsewhere"
    if status == 404 and (call.method, call.path) in SPREAD:
        return "lacking" if code in _NO_DEPLOYMENT or not naming else "call"
    if not error.retryable:
        return "call"
    return "failing" if status == 408 or status >= 500 else "neither"


def _report_answer(router: Router, route: Route, answer: Any, model: str | None, probe: bool, began: float, now: float) -> None:
    """What an answer means for the next calls."""
    with router.lock:
        back = router.health[route.name].succeed(model, now - began, probe, now)
    if answer.content is None:
        router.follow(route.name, answer)
    if back:
        router.tell("closed", route.name, model, answer.status, now - began, "it answered")
    router.tell("answered", route.name, model, answer.status, now - began)


def _report_error(
    router: Router,
    route: Route,
    verdict: str,
    error: Any,
    asked: float | None,
    model: str | None,
    probe: bool,
    now: float,
    jitter: Callable[[], float],
) -> None:
    """What a deployment's error means for the next calls."""
    health, why = router.health[route.name], _short(error)
    kind, seconds = "", 0.0
    with router.lock:
        if verdict == "limited":
            kind, seconds = "limited", health.limit(asked, why, probe, now, jitter())
        elif verdict == "failing":
            kind = "opened" if health.fail(asked, why, router.trip_after, probe, now) else "failed"
        elif verdict == "refusing":
            kind = "refused"
            health.refuse(why, now)
        elif verdict == "lacking":
            kind = "refused"
            health.lack(model, now)
        elif health.recover(probe, now):
            kind = "closed"
    if kind:
        router.tell(kind, route.name, model, getattr(error, "status_code", None), seconds, why)
    if kind == "refused":
        # Credentials put the time and numbers of requests into what they say, which would make each a new reason.
        router.warn(route.name, why if isinstance(error, APIStatusError) else type(error).__name__, error)


def _short(error: Any) -> str:
    if isinstance(error, APIStatusError):
        return (
            f"{error.status_code} {error.code}" if error.code and error.code != str(error.status_code) else str(error.status_code)
        )
    return str(error)
