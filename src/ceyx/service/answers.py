"""What an engine answers, before it takes the shape of any wire format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

from ceyx.service.tokens import ESTIMATED, Tokens

if TYPE_CHECKING:
    from ceyx.service.latency import Pace

Finish = Literal["stop", "length", "tool_calls", "function_call", "content_filter"]
Counted = Literal["input", "output", "cached", "reasoning"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool. `text` is the JSON of a function's arguments, or the input of a custom tool."""

    id: str
    name: str
    text: str
    kind: Literal["function", "custom"] = "function"


@dataclass(frozen=True, slots=True)
class Answer:
    """One choice: text, or calls of tools."""

    text: str | None = None
    calls: list[ToolCall] = field(default_factory=list)
    finish: Finish = "stop"
    refusal: str | None = None
    """What is said in place of an answer that would break a rule of the provider's."""
    found: dict[str, Any] | None = None
    """What the content filter found, for which it was cut."""

    def counted(self, by: Tokens) -> int:
        """Its tokens; the piece that names a tool is one."""
        return by.count(self.text or self.refusal or "") + sum(1 + by.count(call.text) for call in self.calls)

    def stopped(self, stop: str | list[str] | None) -> Self:
        """This answer up to the first of the sequences `stop`."""
        ends = [stop] if isinstance(stop, str) else stop or []
        places = [self.text.find(end) for end in ends if end] if self.text else []
        place = min((place for place in places if place >= 0), default=None)
        return self if place is None or self.text is None else replace(self, text=self.text[:place], finish="stop")

    def limited(self, tokens: int | None, by: Tokens = ESTIMATED) -> Self:
        """This answer cut after so many tokens."""
        if tokens is None or self.counted(by) <= tokens:
            return self
        text = self.text and by.beginning(self.text, tokens)
        left = tokens - by.count(text or "")
        calls: list[ToolCall] = []
        for call in self.calls:
            if left <= 0:
                break
            kept = by.beginning(call.text, left - 1)
            calls.append(replace(call, text=kept))
            left -= 1 + by.count(kept)
        return replace(self, text=text, calls=calls, finish="length")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an engine wants said, whatever is asked for: each route takes what it has a place for, and leaves the rest to the
    local engine."""

    answer: Answer | None = None
    """Of chats, responses and completions: each of their choices."""
    vectors: list[list[float]] | None = None
    """Of embeddings: one for each input, or one for all."""
    file: bytes | None = None
    """A recording, or a picture, as it is."""
    content_type: str | None = None
    """That of the recording; None: that of the format asked for."""
    heard: str | None = None
    """The text of a transcription or translation."""
    latency: Pace | None = None
    """How long it takes; None: as long as the deployment's answers do."""
    usage: Mapping[Counted, int] = field(default_factory=dict)
    """Tokens that go before those that were counted."""
