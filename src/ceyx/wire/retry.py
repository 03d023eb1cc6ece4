"""When to try again, and after how long: a flow. It is told the time and the answers, and does nothing by itself.

The rules are those of the `openai` package, with what it leaves out: Azure's and OpenAI's own ways to say when to come
back, a deadline for the whole call, and a budget, so that retries cannot multiply the load of a service in trouble.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar

from ceyx.errors import APIConnectionError, APIStatusError, DeadlineExceededError
from ceyx.wire.call import Pause
from ceyx.wire.message import Request

LONGEST_WAIT = 120.0  # a server that asks for more is not waited for
FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 8.0
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})  # RFC 9110, 9.2.2


class Answered(Protocol):
    """What a transport gave, as far as retrying cares; `content` is read where the status is 300 or above."""

    status: int
    headers: Mapping[str, str]
    content: bytes | None


A = TypeVar("A", bound=Answered)


class RetryBudget:
    """How many retries a client may spend, whatever its calls ask for.

    Starts full. A retry costs 14 of `capacity`, one asked for by the server (429, or a wait it names) 5; an answered call
    gives 1 back, and so does every tenth of a second. (botocore's standard mode has these costs, Finagle the refill.)
    """

    __slots__ = ("_at", "capacity", "left")

    def __init__(self, capacity: float = 500) -> None:
        self.capacity = self.left = capacity
        self._at: float | None = None

    def spend(self, cost: float, now: float) -> bool:
        """Whether a retry of this cost is allowed; it is then paid."""
        gained = 0.0 if self._at is None else (now - self._at) * 10
        self._at = now
        self.left = min(self.capacity, self.left + gained)
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def regain(self) -> None:
        """For a call that was answered."""
        if self.left < self.capacity:
            self.left += 1


def attempts(
    request: Request,
    max_retries: int,
    *,
    budget: RetryBudget | None,
    now: Callable[[], float],
    wall: Callable[[], float],
    jitter: Callable[[], float],
    on_retry: Callable[[Request, int, float, Exception], None] | None = None,
    refused: Callable[[Request, Answered], bool] | None = None,
) -> Generator[Request | Pause, Any, tuple[Any, int]]:
    """Yields the request, to be answered with a reply or an APIConnectionError thrown in, and pauses; returns the reply of a
    status below 300 and the number of retries. Raises the last error where no further try is allowed.

    `now` is a monotonic clock, `wall` the time of day (for dates in `retry-after`), `jitter` gives numbers in [0, 1). `refused`
    says of an answer whether the request is to go out again, once and at once, as it will have another token: that is no retry.
    """
    retries = 0
    while True:
        error: APIConnectionError | APIStatusError
        asked: float | None = None
        try:
            answer = yield request
            if refused is not None and refused(request, answer):
                refused = None
                answer = yield request
        except DeadlineExceededError as failure:
            raise tried(failure, retries) from failure.__cause__
        except APIConnectionError as failure:
            error = failure
        else:
            if answer.status < 300:
                if budget is not None:
                    budget.regain()
                return answer, retries
            from ceyx.wire.status import status_error  # only an answer that is an error needs it

            error = status_error(answer, request)
            asked = wait_asked_for(answer.headers, wall, error.message if answer.status == 429 else "")
        try:
            if not error.retryable or retries >= max_retries:
                raise tried(error, retries)
            if why := kept_from_retrying(error, request):
                raise tried(error, retries, f"not retried: {why}")
            if asked is not None and asked > LONGEST_WAIT:
                raise tried(error, retries, f"not retried: the server asks to wait {asked:g} s, more than {LONGEST_WAIT:g} s")
            wait = asked if asked is not None else backoff(retries, jitter)
            if request.until is not None and now() + wait >= request.until:
                raise tried(error, retries, f"not retried: a wait of {wait:.3g} s would pass the deadline of the call")
            throttled = asked is not None or getattr(error, "status_code", 0) == 429
            if budget is not None and not budget.spend(5 if throttled else 14, now()):
                raise tried(error, retries, "not retried: the retry budget of this client is spent")
            retries += 1
            if on_retry is not None:
                on_retry(request, retries, wait, error)
        finally:
            # Its traceback has this frame, and those of all callers: in a cycle they would keep their variables, such as the
            # stream of the next try, until garbage is collected.
            del error
        yield Pause(wait)


def tried(error: Any, retries: int, why: str = "") -> Any:
    """`error`, which says how often the call was tried and why not once more."""
    said = [f"tried {retries + 1} times"] if retries else []
    said += [why] if why else []
    if said:
        error.message = f"{error.message} [{'; '.join(said)}]"
        error.args = (error.message,)
    return error


def kept_from_retrying(error: APIConnectionError | APIStatusError, request: Request) -> str:
    """Why a request that may fare better is not sent again all the same; empty where nothing is against it."""
    if not getattr(request.content, "replayable", True):
        return "the file that it uploads cannot be read again; give one that can seek, or a path"
    paid = isinstance(error, APIConnectionError) and error.answered and request.method not in IDEMPOTENT
    if paid and not request.policy.retry_answered:
        return "the answer had begun, so the call may have been billed; retry_answered=True has it sent again all the same"
    return ""


def backoff(retries: int, jitter: Callable[[], float]) -> float:
    """Seconds before try number `retries` + 2: doubling from 0.5 to 8, less up to a quarter."""
    return float(min(FIRST_BACKOFF * 2 ** min(retries, 10), LONGEST_BACKOFF) * (1 - 0.25 * jitter()))


# ---- how long the server asks to wait


def wait_asked_for(headers: Mapping[str, str], wall: Callable[[], float], text: str = "") -> float | None:
    """Seconds the server asks to wait, from the first of its ways that says something sensible; None if none does.

    `retry-after-ms`, `x-ms-retry-after-ms`, `retry-after` (seconds or a date), then, where a limit is used up,
    `x-ratelimit-reset-requests` and `-tokens`, then Azure's sentence in the body of a 429.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (wait := _number(headers.get(name))) is not None:
            return wait / 1000
    if said := headers.get("retry-after"):
        if (wait := _number(said)) is not None:
            return wait
        if (wait := _until(said, headers.get("date"), wall)) is not None:
            return wait
    if text:  # a 429
        resets = [
            wait
            for kind in ("requests", "tokens")
            if headers.get(f"x-ratelimit-remaining-{kind}", "0").strip() in ("0", "-1")
            and (wait := _duration(headers.get(f"x-ratelimit-reset-{kind}"))) is not None
        ]
        if resets:
            return max(resets)
        if sentence := _sentence(text):
            return _number(sentence[1])
    return None


_sentence = re.compile(r"(?:retry|try again) (?:after|in) (\d+(?:\.\d+)?) ?s", re.IGNORECASE).search
_span = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _number(text: str | None) -> float | None:
    """A positive, finite number, or None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None


def _duration(text: str | None) -> float | None:
    """Seconds in OpenAI's way to write durations, such as `1s`, `6m0s` or `12ms`; a bare number is seconds."""
    if text is None:
        return None
    if spans := _span.findall(text):
        return _number(str(sum(float(amount) * _units[unit] for amount, unit in spans)))
    return _number(text)


def _until(date: str, server_date: str | None, wall: Callable[[], float]) -> float | None:
    """Seconds until an HTTP date, by the server's own clock where it tells the time."""
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):  # the last for a year or an hour of twenty digits
        return None
    try:
        at = parsedate_to_datetime(server_date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        at = wall()
    return then - at if then > at else None
