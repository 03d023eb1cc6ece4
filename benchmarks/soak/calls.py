"""What the soak asks, and how each call must end: both follow from the seed and the call's number. Sends nothing.

A call orders its own fault by a header, so that what it comes to can be held against the one right ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal

from ceyx import OpenAIError, Timeout
from ceyx.service.engines.local import WHO

OPTIONS: Final[Mapping[str, Any]] = {
    "api_key": "any",
    "max_retries": 3,
    "retry_budget": None,  # which of the calls it would stop depends on the others
    "timeout": 60,
    "stream_end": "strict",
    "content_filter": "raise",
    "response_limit": 2**20,
}
"""Of the client. Calls that need others say so."""
ANSWER, CANCELLED, CLOSED = "the answer", "cancelled", "closed by the caller"
LOST: Final = "APIConnectionError"
"""How a call may also end that is tried again in vain: somebody else's fault may have cost the last try its connection."""
CANCELLED_SHARE, CLOSED_SHARE, DEADLINE_SHARE = 0.02, 0.04, 0.1
"""Of the calls without a fault; the second of their streams."""
TOO_SHORT: Final = Timeout(60, read=0.5)
AT_MOST: Final = 2.0  # seconds of a deadline that passes; a call hit by somebody else's fault can still try again in that time
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "inlet", "juniper", "kelp", "lagoon")
_times = re.compile(r";times=(\d+)").search


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as the service takes it, and what a call must come to that has it."""

    text: str
    end: str = ANSWER
    """ANSWER, CANCELLED, or the name of the error."""
    requests: int = 1
    """How many of the call arrive at the service, unless somebody else's fault costs it a connection."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the call; `max_retries` is the client's."""
    before: str = ""
    """What the fault puts before the text of the answer."""

    @property
    def name(self) -> str:
        return self.text.partition(";")[0]

    @property
    def times(self) -> float:
        found = _times(self.text)
        return int(found[1]) if found else float("inf")

    @property
    def outwaits(self) -> bool:
        """Whether the client leaves before the answer, so that it is chance how much of the request the service has seen."""
        return self.end in (CANCELLED, "APITimeoutError", "DeadlineExceededError")


def _each(end: str, *texts: str, requests: int = 1, **options: Any) -> Iterator[Fault]:
    for text in texts:
        yield Fault(text, end, requests, options)


_SEPARATORS = Fault("line-separators", before="a\u2028b\u2029c\u0085d\x7f")
EITHER = (
    # What is tried again, and then answered.
    *_each(ANSWER, *(f"status;code={code};retry-after-ms=5;times=1" for code in (408, 409, 429, 500)), requests=2),
    *_each(ANSWER, "status;code=503;retry-after=0.01;times=2", requests=3),
    *_each(ANSWER, "status;code=429;x-ms-retry-after-ms=5;times=1", "status;code=429;wait=0.01;times=1", requests=2),
    *_each(ANSWER, "status;code=429;reset-requests=10ms;times=1", "status;code=429;reset-tokens=10ms;times=1", requests=2),
    *_each(ANSWER, "status;code=500;times=1", "status;code=502;body=html;times=1", requests=2),
    *_each(ANSWER, "reset;at=head;times=1", "hang-up;times=1", requests=2),
    # What is not tried again, or for ever in vain.
    *_each("BadRequestError", "status;code=400"),
    *_each("AuthenticationError", "status;code=401"),
    *_each("PermissionDeniedError", "status;code=403"),
    *_each("NotFoundError", "status;code=404", "azure;kind=deployment"),
    *_each("UnprocessableEntityError", "status;code=422"),
    *_each("RateLimitError", "status;code=429;error=insufficient_quota", "status;code=429;retry-after=600"),
    *_each("InternalServerError", "status;code=503;x-should-retry=false", "error-200"),
    *_each("InternalServerError", "status;code=503;retry-after=60", deadline=20),
    *_each("InternalServerError", "status;code=500;retry-after-ms=5", requests=3, max_retries=2),
    *_each("APIStatusError", "redirect", "status;code=304"),
    *_each("ContentFilterError", "prompt-filtered", "content-filtered"),
    *_each("APIConnectionError", "reset;at=head", "hang-up;seconds=0.05", requests=3, max_retries=2),
    *_each("APIConnectionError", "garbage;kind=nothing", requests=3, max_retries=2),
    *_each("APIConnectionError", "garbage;kind=half-head"),  # an answer that had begun
    *_each("ProtocolError", *(f"garbage;kind={kind}" for kind in ("ssh", "binary", "bad-status", "bad-header"))),
    *_each("ProtocolError", "long-header", "interim;count=50000;code=103", "bad-chunk"),
    *_each("ProtocolError", "content-encoding", "content-encoding;encoding=gzip", "gzip-cut"),
    *_each("ProtocolError", "gzip-bomb;size=4MiB", "big-body;size=2MiB"),
    # What takes too long.
    *_each("APITimeoutError", "stall", requests=2, timeout=TOO_SHORT, max_retries=1),
    *_each("APITimeoutError", "stall;at=head", "stall;at=body", timeout=TOO_SHORT),
    *_each("DeadlineExceededError", "stall", "stall;at=head", "stall;at=body", "drip", deadline=AT_MOST),
    # What looks worse than it is.
    *_each(ANSWER, "stall;seconds=0.2", "stall;at=head;seconds=0.2", "stall;at=body;seconds=0.2"),
    *_each(ANSWER, "drip;seconds=0.001;size=50", "drip;part=head;seconds=0.001;size=50", "long-header;size=1KiB"),
    *_each(ANSWER, "interim;count=5", "interim;count=5;code=103", "no-usage", "gzip-bomb;size=64KiB"),
    *_each(ANSWER, "keep-alive;closes=after", "keep-alive;closes=idle", "keep-alive;closes=next"),
    _SEPARATORS,
)
WHOLE = (
    *EITHER,
    *_each("APIConnectionError", "cut", "cut;keep=0", "cut;framing=chunked", "reset"),
    *_each("APIResponseValidationError", "cut;framing=close", "cut-json", "stream-for-json", "empty", "html", "status;code=204"),
    *_each("APIResponseValidationError", "body;text=null", "body;text=[]", "choices", "choices;be=null", "invalid-utf8"),
    *_each("APIResponseValidationError", "deep-json;depth=5000", "not-a-number"),
)
STREAMED = (
    *EITHER,
    *_each("StreamTruncatedError", "cut", "cut;events=0", "cut;framing=length", "cut;framing=close", "cut;inside=no", "reset"),
    *_each("StreamTruncatedError", "cut;events=12", "cut;framing=close;events=12;inside=no", "reset;events=12"),
    *_each("StreamTruncatedError", "stream-end", "stream-half-event", "stream-half-event;events=12", "stream-no-finish"),
    *_each("RateLimitError", *(f"stream-error;code=rate_limit_exceeded;shape={shape}" for shape in ("data", "event"))),
    *_each("InternalServerError", "stream-error", "stream-error;events=0"),
    *_each("ProtocolError", "stream-bad-json", "stream-event;data=hello", "stream-long-line;size=2MiB", "json-for-stream"),
    *_each("ProtocolError", "empty", "html", "status;code=204", "body;text=null", "invalid-utf8", "not-a-number"),
    *_each("ProtocolError", "deep-json;depth=5000"),
    *_each("APITimeoutError", "stream-pings;seconds=0.05", timeout=TOO_SHORT),
    *_each(ANSWER, "stream-no-done", "stream-event", "stream-disorder", "stream-unusual", "stream-pings;seconds=0.005;count=20"),
    *_each(ANSWER, "late-filter"),
    *_each("ContentFilterError", "late-filter;stops=yes"),
)
CANCELLING = tuple(_each(CANCELLED, "stall", "stall;at=head", "stall;at=body", "drip", "drip;part=head"))


@dataclass(frozen=True, slots=True)
class Call:
    """One chat completion, whole or streamed."""

    number: int
    id: str
    prompt: str
    streams: bool
    fault: Fault | None = None
    deadline: float | None = None
    leaves: Literal["", "cancels", "closes", "drops"] = ""
    """What the caller does in the middle: cancels its task; closes the stream, or just reads no more of it."""
    after: float = 0
    """Seconds before it cancels; chunks before it closes or drops."""

    @property
    def answer(self) -> str:
        """The one right text."""
        return f"{self.fault.before if self.fault else ''}{WHO} You asked: “{self.prompt}”."

    @property
    def ends(self) -> tuple[str, ...]:
        """How it may end. A caller who leaves may find the call over."""
        if self.fault is not None:
            vain = self.fault.requests > 1 and self.fault.end != ANSWER
            return (self.fault.end, LOST) if vain else (self.fault.end,)
        return {"": (ANSWER,), "cancels": (ANSWER, CANCELLED)}.get(self.leaves, (ANSWER, CLOSED))

    @property
    def settled(self) -> bool:
        """Whether every request that the client sends is one that the service has seen."""
        return self.leaves != "cancels" and not (self.fault and self.fault.outwaits)

    @property
    def parameters(self) -> dict[str, Any]:
        """Of `chat.completions.create`."""
        headers = {"x-ceyx-request": self.id}
        given: dict[str, Any] = {"messages": [{"role": "user", "content": self.prompt}], "extra_headers": headers}
        if self.fault is not None:
            headers["x-ceyx-fault"] = self.fault.text
            given |= {name: value for name, value in self.fault.options.items() if name != "max_retries"}
        if self.deadline is not None:
            given["deadline"] = self.deadline
        return {"model": "gpt-4o", "stream": self.streams, **given}

    @property
    def max_retries(self) -> int | None:
        """Where they are not the client's own."""
        return None if self.fault is None else self.fault.options.get("max_retries")

    def __str__(self) -> str:
        parts = [f"call {self.number}", "streamed" if self.streams else "whole"]
        parts += [f"fault {self.fault.text}"] if self.fault else []
        parts += [f"deadline {self.deadline:g}"] if self.deadline else []
        parts += [f"the caller {self.leaves} after {self.after:.3g}"] if self.leaves else []
        return ", ".join(parts)


def call(seed: int, number: int, faults: float, cancels: bool) -> Call:
    """The call of this number. `faults` is the share of calls that have one; `cancels`, whether callers can cancel."""
    chance = Random(f"{seed} {number}")
    words = " ".join(chance.choices(_WORDS, k=chance.randrange(18)))
    prompt = f"{number} {chance.getrandbits(48):012x} {words}".strip()
    id, streams, at = f"soak-{seed}-{number}", number % 2 == 1, chance.random()
    if at < faults:
        known = (STREAMED if streams else WHOLE) + (CANCELLING if cancels else ())
        fault = chance.choice(known)
        if fault.end == CANCELLED:
            return Call(number, id, prompt, streams, fault, None, "cancels", chance.uniform(0.05, 0.3))
        return Call(number, id, prompt, streams, fault)
    kind = chance.random()
    if cancels and kind < CANCELLED_SHARE:
        return Call(number, id, prompt, streams, None, None, "cancels", chance.uniform(0, 0.1))
    if streams and CANCELLED_SHARE < kind < CANCELLED_SHARE + CLOSED_SHARE:
        return Call(number, id, prompt, True, None, None, chance.choice(("closes", "drops")), chance.randrange(1, 10))
    return Call(number, id, prompt, streams, None, 60 if kind > 1 - DEADLINE_SHARE else None)


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a call: an ending, and the text that was given out."""

    how: str
    text: str = ""
    error: BaseException | None = None


def complaint(call: Call, ended: Ended) -> str | None:
    """What is wrong with how the call ended; None if it is right."""
    if ended.error is not None and not isinstance(ended.error, OpenAIError):
        return f"ended in an error that is none of ours: {ended.error!r}"
    if ended.how not in call.ends:
        what = str(ended.error) if ended.error is not None else repr(ended.text)
        return f"should have ended in {' or '.join(call.ends)}; it ended in {ended.how}: {what}"
    if ended.how == ANSWER:
        return None if ended.text == call.answer else f"should have had {call.answer!r}; it had {ended.text!r}"
    if not call.answer.startswith(ended.text):
        return f"should have had the beginning of {call.answer!r}; it had {ended.text!r}"
    partial: Any = getattr(ended.error, "partial", None)
    if call.streams and partial is not None and partial.choices and (partial.choices[0].message.content or "") != ended.text:
        return f"was given {ended.text!r}, and its error holds {partial.choices[0].message.content!r}"
    return None
