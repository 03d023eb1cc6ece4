"""What a fault is, and how one is written: `name;parameter=value;parameter="a value; with anything in it"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from ceyx.service.faults.values import Parameter, plain, some

Group = Literal["connection", "body", "stream", "status"]

_part = re.compile(r'\s*([^;="]*?)\s*(?:=\s*("(?:[^"\\]|\\.)*"|(?!")[^;]*?)\s*)?(?:;|$)', re.DOTALL)
_escape = re.compile(r"\\(.)", re.DOTALL)

COMMON = (
    Parameter("times", "", "only so often for each call or key; then the request is answered", some),
    Parameter("key", "", "what `times` counts by, in place of the call", plain),
)
"""What every fault takes besides."""


class FaultError(ValueError):
    """A fault is written in a way that means none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can go wrong. `make` gets the values of the parameters as keywords, and what `does` says before them."""

    name: str
    group: Group
    about: str
    does: Literal["replaces", "damages", "writes"]
    """replaces: makes an Answer of the Asked; damages: an Answer of the real Answer; writes: does it all on an Exchange."""
    make: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    needs: Literal["any", "stream", "whole"] = "any"
    """Which requests it can happen to."""
    raw: bool = False
    """Whether it writes to the socket itself, past ASGI."""

    def suits(self, streams: bool) -> bool:
        return self.needs == "any" or (self.needs == "stream") is streams

    @property
    def described(self) -> dict[str, Any]:
        """The fault as JSON has it."""
        fields = {"name": self.name, "group": self.group, "about": self.about, "needs": self.needs}
        return {**fields, "parameters": described(self.parameters)}

    @property
    def usage(self) -> str:
        """The fault with all its parameters, as it is written."""
        return ";".join((self.name, *(f"{each.name}={each.default}" for each in self.parameters)))


def described(parameters: Iterable[Parameter]) -> list[dict[str, str]]:
    return [{"name": each.name, "default": each.default, "about": each.about} for each in parameters]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A fault as it was asked for."""

    fault: Fault
    values: Mapping[str, Any]
    text: str
    times: int | None = None
    key: str | None = None


def parse(text: str, catalogue: Mapping[str, Fault]) -> Chosen:
    """The fault that `text` asks for. Raises FaultError, which names what comes near, for anything else."""
    (name, value), *pairs = _pairs(text)
    fault = catalogue.get(name)
    if fault is None or value is not None:
        raise FaultError(f"there is no fault {name!r}{near(name, catalogue)}; ceyx serve --list-faults shows all")
    parameters = {each.name: each for each in (*fault.parameters, *COMMON)}
    values: dict[str, Any] = {each.keyword: each.read(each.default) if each.default else None for each in parameters.values()}
    given = set[str]()
    for name, value in pairs:
        parameter = parameters.get(name)
        if parameter is None:
            takes = f"takes {', '.join(parameters)}"
            raise FaultError(f"the fault {fault.name!r} has no parameter {name!r}{near(name, parameters)}; it {takes}")
        if value is None or name in given:
            raise FaultError(f"{fault.name}: {name} is given {'no value' if value is None else 'twice'}; write {name}=VALUE")
        given.add(name)
        try:
            values[parameter.keyword] = parameter.read(value)
        except ValueError as error:
            raise FaultError(f"{fault.name}: {name} is {error}; got {value[:80]!r}") from None
    times, key = values.pop("times"), values.pop("key")
    return Chosen(fault, values, text, times, key)


def near(name: str, names: Mapping[str, object]) -> str:
    """What may have been meant, to be said behind it."""
    found = get_close_matches(name, names, 3, 0.6) or [each for each in names if name and (name in each or each in name)][:3]
    return f" (did you mean {' or '.join(found)}?)" if found else ""


def _pairs(text: str) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    place = 0
    while place < len(text) or not pairs:
        form = _part.match(text, place)
        if form is None:
            how = "name;parameter=value, a value with ; in it in quotes"
            raise FaultError(f"{text[place : place + 40]!r} cannot be read; a fault is written {how}")
        place = form.end()
        name, value = form[1], form[2]
        if value is not None and value[:1] == '"':
            value = _escape.sub(r"\1", value[1:-1])
        if name or value is not None or not pairs:
            pairs.append((name, value))
    return pairs
