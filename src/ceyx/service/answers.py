"""What an engine answers, before it takes the shape of any wire format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

from ceyx.service.tokens import pieces

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

    @property
    def tokens(self) -> int:
        """One for each piece it is streamed in; the piece that names a tool is one."""
        said = len(pieces(self.text or self.refusal or ""))
        return said + sum(1 + len(pieces(call.text)) for call in self.calls)

    def stopped(self, stop: str | list[str] | None) -> Self:
        """This answer up to the first of the sequences `stop`."""
        ends = [stop] if isinstance(stop, str) else stop or []
        places = [self.text.find(end) for end in ends if end] if self.text else []
        place = min((place for place in places if place >= 0), default=None)
        return self if place is None or self.text is None else replace(self, text=self.text[:place], finish="stop")

    def limited(self, tokens: int | None) -> Self:
        """This answer cut after so many tokens."""
        if tokens is None or self.tokens <= tokens:
            return self
        text = self.text and "".join(pieces(self.text)[:tokens])
        left = tokens - len(pieces(text or ""))
        calls: list[ToolCall] = []
        for call in self.calls:
            if left <= 0:
                break
            kept = pieces(call.text)[: left - 1]
            calls.append(replace(call, text="".join(kept)))
            left -= 1 + len(kept)
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
