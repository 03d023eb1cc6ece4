"""What is known of one deployment, and when it may be asked again. Is told the time; asks nobody.

Three things keep it from being asked. It said that it has had enough (429, or `retry-after`): until then. It failed, several
times in a row: the circuit is open for some seconds, then one call tries it out, and the circuit closes or stays open twice as
long. It refused who calls (401, 403, no quota left), which waiting does not mend: it is set aside for a minute, then tried out.
"""

from __future__ import annotations

from math import inf
from typing import Any, Literal
from weakref import ref

from ceyx.wire.retry import backoff

State = Literal["ready", "limited", "open", "refused"]
TRIP_AFTER = 5  # failures in a row, as Envoy's consecutive_5xx: fewer come by chance where there are many calls
FIRST_BREAK, LONGEST_BREAK = 5.0, 60.0  # seconds that the circuit is open
SET_ASIDE = 60.0  # seconds for which one that refused is not asked
NEXT_LOOK = 0.25  # seconds after which to look again at one that another call is trying out
STALE = 60.0  # seconds after which a latency says little
FEW_STREAMS = 64  # that may be over and not yet forgotten
SMOOTHING = 0.3  # of the latest answer, in the moving average of latencies


class Health:
    """Of one deployment. Whoever holds the lock of the router may call its methods."""

    __slots__ = (
        "answered",
        "asked_at",
        "breaks",
        "failed",
        "failures",
        "in_flight",
        "lacking",
        "latency",
        "limited",
        "limits",
        "look_at",
        "probing",
        "refused",
        "sent",
        "state",
        "streams",
        "until",
        "why",
    )

    def __init__(self) -> None:
        self.state: State = "ready"
        self.until = -inf
        self.why = ""
        self.probing = False
        self.failures = self.limits = self.breaks = 0  # in a row
        self.lacking: dict[str | None, float] = {}  # models that it does not have, and until when to believe that
        self.in_flight = self.sent = self.answered = self.limited = self.failed = self.refused = 0
        self.latency: float | None = None
        self.asked_at = -inf
        self.streams: list[ref[Any]] = []
        self.look_at = FEW_STREAMS

    def wait(self, model: str | None, now: float) -> float:
        """Seconds until it may be asked; 0 where it may be now, inf where waiting would not help."""
        if self.state == "ready" and not self.lacking:
            return 0.0
        if self.lacking.get(model, -inf) > now or (self.state == "refused" and (self.until > now or self.probing)):
            return inf
        if self.probing:
            return max(self.until - now, NEXT_LOOK)
        return max(self.until - now, 0.0)

    def shown_state(self, now: float) -> str:
        if self.state == "ready" or self.until > now:
            return self.state
        return "ready" if self.state == "limited" else "half-open"

    def expected(self, now: float) -> float:
        """Seconds in which an answer is expected; 0 where nothing is known of late, so that it is found out."""
        return 0.0 if self.latency is None or now - self.asked_at > STALE else self.latency

    @property
    def busy(self) -> int:
        """Requests on their way, and streams that are still read."""
        if self.streams:
            self.streams = [one for one in self.streams if (reply := one()) is not None and not reply.closed]
        return self.in_flight + len(self.streams)

    # -- what a call reports

    def follow(self, reply: Any) -> None:
        """For a stream that has begun: it is on its way until it is read, closed or dropped."""
        if len(self.streams) >= self.look_at:  # those that are over go, though nobody may ask how busy this one is
            self.look_at = 2 * self.busy + FEW_STREAMS
        self.streams.append(ref(reply))

    def begin(self, now: float) -> bool:
        """For one that is asked; whether it is tried out."""
        self.asked_at = now
        self.in_flight += 1
        self.sent += 1
        self.probing = self.state in ("open", "refused")
        return self.probing

    def end(self, probe: bool) -> None:
        """For a request that is over, however it went."""
        self.in_flight = max(self.in_flight - 1, 0)
        if probe:
            self.probing = False

    def reset(self) -> None:
        """As if nothing had kept it from being asked."""
        self.state, self.until, self.why = "ready", -inf, ""
        self.failures = self.limits = self.breaks = 0
        self.lacking.clear()

    def forget_calls(self) -> None:
        """For those on their way in another process."""
        self.in_flight, self.probing, self.streams = 0, False, []

    def succeed(self, model: str | None, seconds: float, probe: bool, now: float) -> bool:
        """For an answer. Whether it is back."""
        self.answered += 1
        self.failures = 0
        self.latency = seconds if self.latency is None else self.latency + SMOOTHING * (seconds - self.latency)
        self.lacking.pop(model, None)
        return self.recover(probe, now)

    def recover(self, probe: bool, now: float) -> bool:
        """For one that shows that it works, if only by saying that a call is wrong. Whether it is back."""
        if self.state == "ready" or not (probe or (self.state == "limited" and self.until <= now)):
            return False  # an answer to a request of before says nothing of now
        back = self.state != "limited"
        self.state, self.why, self.limits, self.breaks = "ready", "", 0, 0
        return back

    def limit(self, asked: float | None, why: str, probe: bool, now: float, jitter: float) -> float:
        """For one that has had enough for so many seconds, or does not say. Seconds for which it is left alone."""
        self.limited += 1
        self.failures = 0
        wait = backoff(self.limits, lambda: jitter) if asked is None else asked
        self.limits += 1
        if self.state in ("ready", "limited") or probe:
            self.breaks = 0
            self.state, self.why = "limited", why
        self.until = max(self.until, now + wait)
        return wait

    def fail(self, asked: float | None, why: str, trip_after: int, probe: bool, now: float) -> bool:
        """For no answer, or that of a server in trouble. Whether the circuit opens, or stays open for longer."""
        self.failed += 1
        self.failures += 1
        if asked is not None and self.state in ("ready", "limited"):
            self.state, self.why, self.until = "limited", why, max(self.until, now + asked)
        if not probe and (self.state in ("open", "refused") or self.failures < trip_after):
            return False
        wait = min(FIRST_BREAK * 2.0 ** min(self.breaks, 10), LONGEST_BREAK)
        self.breaks += 1
        self.state, self.why, self.until = "open", why, max(self.until, now + max(wait, asked or 0.0))
        return True

    def refuse(self, why: str, now: float) -> None:
        """For one that does not take this caller."""
        self.refused += 1
        self.state, self.why, self.until = "refused", why, now + SET_ASIDE

    def lack(self, model: str | None, now: float) -> None:
        """For one that does not know the model."""
        self.refused += 1
        self.lacking = {other: until for other, until in self.lacking.items() if until > now}  # programs may ask for any name
        self.lacking[model] = now + SET_ASIDE
