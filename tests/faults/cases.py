"""A row of the table, how most of them are met, and how to see that what they say is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Any

from drives import Drive, Outcome

Check = Callable[[Outcome, Drive], None]


@dataclass(frozen=True)
class Case:
    """A row."""

    number: str
    title: str
    expected: str
    """What ceyx does, for the page."""
    run: Callable[[Drive], Outcome]
    check: Check
    drives: tuple[str, ...] = ()
    """Only with these of ours; with all, if empty."""


def whole(fault: str = "", params: Any = None, **options: Any) -> Callable[[Drive], Outcome]:
    return lambda drive: drive.whole(fault, params, **options)


def stream(fault: str = "", params: Any = None, **options: Any) -> Callable[[Drive], Outcome]:
    return lambda drive: drive.stream(fault, params, **options)


def gives(*said: str, requests: int = 1, within: float = 5.0) -> Check:
    """An answer, in which this text is."""

    def check(outcome: Outcome, _: Drive) -> None:
        assert not outcome.hung
        if outcome.error is not None:
            raise AssertionError("an answer was expected") from outcome.error
        assert all(text in outcome.text for text in said), outcome.text
        assert outcome.requests == requests
        assert outcome.seconds < within

    return check


def raises(
    kind: str,
    *said: str,
    requests: int = 1,
    text: str | None = None,
    partial: bool = False,
    retryable: bool | None = None,
    within: float = 5.0,
    after: float = 0.0,
    grown: float | None = None,
) -> Check:
    """Just this error, `within` so many seconds, but not before `after`; `text` is what was given out before, and with
    `partial` the error has it, too."""

    def check(outcome: Outcome, _: Drive) -> None:
        assert not outcome.hung
        error: Any = outcome.error
        assert error is not None, f"no error, but {outcome.value!r}"
        if type(error).__name__ != kind:
            raise AssertionError(f"{kind} was expected") from error
        assert all(part in str(error) for part in said), str(error)
        assert outcome.requests == requests
        assert after <= outcome.seconds < within
        if text is not None:
            assert outcome.text.startswith(text)
        if partial:
            assert outcome.text
            assert error.partial.choices[0].message.content == outcome.text
        if retryable is not None:
            assert error.retryable is retryable
        if grown is not None and not isnan(outcome.grown):
            assert outcome.grown < grown, outcome.grown

    return check
