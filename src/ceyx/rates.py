"""How tokens become dollars: what a call used, what each kind of token costs, and the sum of the two.

Knows no model's price; `prices.py` looks those up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Self

from ceyx.wire.view import View

MILLION = 1_000_000

Price = tuple[tuple[int, Decimal], ...]
"""Dollars for a million, from so many tokens of input on; the last that applies is the price of all."""


class Used(NamedTuple):
    """The tokens of a call. Those with a name of their own are counted in `input` and `output` too, as servers count them."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    image_input: int = 0
    image_output: int = 0
    seconds: float = 0
    """Of sound, where a transcription is paid by the minute."""

    @property
    def is_text(self) -> bool:
        """Whether it is text, all of it paid in full; thoughts are paid as what is said."""
        return not (self.cached or self.cache_written or any(self[5:]))

    @classmethod
    def of(cls, usage: Any) -> Self:
        """The tokens that a `usage` tells of: of any endpoint, or LangChain's `usage_metadata`."""
        whole = _field_of(usage)
        came = _field_of(_found(whole, "prompt_tokens_details", "input_tokens_details", "input_token_details"))
        went = _field_of(_found(whole, "completion_tokens_details", "output_tokens_details", "output_token_details"))
        return cls(
            _count(whole, "prompt_tokens", "input_tokens"),
            _count(whole, "completion_tokens", "output_tokens"),
            _count(came, "cached_tokens", "cache_read", "flex_cache_read", "priority_cache_read"),
            _count(came, "cache_write_tokens", "cache_creation", "flex_cache_creation", "priority_cache_creation"),
            _count(went, "reasoning_tokens", "reasoning", "flex_reasoning", "priority_reasoning"),
            _count(came, "audio_tokens", "audio"),
            _count(went, "audio_tokens", "audio"),
            _count(came, "image_tokens"),
            _count(went, "image_tokens"),
            _found(whole, "seconds") or 0,
        )


def tier_in(usage: Any) -> str | None:
    """The service tier that LangChain's `usage_metadata` was counted for, which it says in the names of the details only."""
    details = first(usage, "input_token_details") or {}
    return next((tier for tier in ("flex", "priority") if tier in details), None)


def first(of: Any, *names: str) -> Any:
    """The first of these fields that there is, in a dict, a view or a model of any library."""
    return _found(_field_of(of), *names)


_Field = Callable[[str], Any]


def _field_of(of: Any) -> _Field:
    """What gives a field by its name, or None."""
    if isinstance(of, View):
        return of._fields().get
    if isinstance(of, dict) or isinstance(of, Mapping):  # noqa: SIM101  the second takes ten times as long, and this is per call
        return of.get
    return lambda name: getattr(of, name, None)


def _found(field: _Field, *names: str) -> Any:
    for name in names:
        if (found := field(name)) is not None:
            return found
    return None


def _count(field: _Field, *names: str) -> int:
    for name in names:
        if (found := field(name)) is not None:
            return found if isinstance(found, int) else 0
    return 0


class Rates(NamedTuple):
    """What a million tokens of each kind cost. None: not sold apart, and priced as text."""

    input: Price | None = None
    output: Price | None = None
    cached: Price | None = None
    cache_written: Price | None = None
    audio_input: Price | None = None
    audio_output: Price | None = None
    image_input: Price | None = None
    image_cached: Price | None = None
    image_output: Price | None = None
    audio_hour: Price | None = None
    """Of an hour of sound."""

    def of_a_token(self) -> tuple[int, int] | None:
        """Nanodollars for a token of text that goes in, and for one that comes out, where both are whole whatever the length."""
        match self.input, self.output:
            case ((0, came),), ((0, went),) if not (came * 1000 % 1 or went * 1000 % 1):
                return int(came * 1000), int(went * 1000)
        return None

    def times(self, factor: Decimal) -> Rates:
        return Rates(*(price and tuple((start, each * factor) for start, each in price) for price in self))

    def cost(self, used: Used) -> tuple[Decimal, Decimal] | str:
        """Dollars for what went in and for what came out; or the name of the kind that there is no price for."""
        if used.is_text and self.input and self.output:  # as most are
            return _at(self.input, used.input) * used.input / MILLION, _at(self.output, used.input) * used.output / MILLION
        # What was read from the cache is text, as far as that goes: servers do not say how much of it was images.
        text = max(used.input - used.audio_input - used.image_input - used.cache_written, 0)
        cached = min(used.cached, text)
        image_cached = min(used.cached - cached, used.image_input)
        came: list[tuple[str, int, Price | None]] = [
            ("input", text - cached, self.input),
            ("input", cached, self.cached or self.input),
            ("input", used.cache_written, self.cache_written or self.input),
            ("audio input", used.audio_input, self.audio_input),
            ("input", used.image_input - image_cached, self.image_input or self.input),
            ("input", image_cached, self.image_cached or self.image_input or self.input),
        ]
        went: list[tuple[str, int, Price | None]] = [
            ("output", max(used.output - used.audio_output - used.image_output, 0), self.output),
            ("audio output", used.audio_output, self.audio_output),
            ("output", used.image_output, self.image_output or self.output),
        ]
        sums: list[Decimal] = []
        for parts in (came, went):
            total = _NOTHING
            for kind, count, price in parts:
                if count:
                    if price is None:
                        return kind
                    total += _at(price, used.input) * count
            sums.append(total / MILLION)
        if used.seconds:
            if self.audio_hour is None:
                return "transcribed"
            sums[0] += Decimal(str(used.seconds)) * self.audio_hour[0][1] / 3600
        return sums[0], sums[1]


_NOTHING = Decimal(0)


def _at(price: Price, asked: int) -> Decimal:
    """What a million costs when so many tokens go in."""
    for start, each in reversed(price):
        if asked > start or start == 0:
            return each
    raise ValueError(f"these prices begin at {price[0][0]} tokens, and {asked} were asked")
