"""Which requests a fault happens to: rules from settings and scenario files, and `times`, which lets calls through in the end."""

from __future__ import annotations

import tomllib
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from ceyx.service.faults.answer import Asked
from ceyx.service.faults.catalogue import parse
from ceyx.service.faults.fault import Chosen, FaultError, near

_MOST_KEYS = 100_000
_KINDS: dict[str, type] = {
    "fault": str,
    "path": str,
    "deployment": str,
    "model": str,
    "stream": bool,
    "first": int,
    "every": int,
    "probability": float,
    "seed": int,
}
_SPOKEN = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault, and the requests that it happens to: all that match, or of these the first, every nth, or some by chance.

    `path`, `deployment` and `model` are patterns with * and ?.
    """

    fault: Chosen
    path: str | None = None
    deployment: str | None = None
    model: str | None = None
    stream: bool | None = None
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0

    def matches(self, asked: Asked, model: str | None) -> bool:
        return (
            self.fault.fault.suits(asked.streams)
            and (self.path is None or fnmatchcase(asked.path, self.path))
            and (self.deployment is None or fnmatchcase(asked.deployment, self.deployment))
            and (self.model is None or fnmatchcase(model or "", self.model))
            and (self.stream is None or asked.streams is self.stream)
        )


def of_deployments(faults: Mapping[str, str]) -> tuple[Rule, ...]:
    """A rule for each deployment, by its exact name; that of * comes last, and is for every request."""
    named = [(name, parse(text)) for name, text in faults.items()]
    exact = [Rule(fault, deployment=_escaped(name)) for name, fault in named if name != "*"]
    return (*exact, *(Rule(fault) for name, fault in named if name == "*"))


def _escaped(name: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


def scenario(path: str | Path) -> tuple[Rule, ...]:
    """The rules of a scenario file. Raises FaultError, which names the place, for what is none; OSError as reading does."""
    try:
        read = tomllib.loads(Path(path).read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FaultError(f"{path} is no TOML: {error}") from None
    seed = read.pop("seed", 0)
    rules = read.pop("rule", [])
    if read or not isinstance(seed, int) or not isinstance(rules, list) or not rules:
        wrong = f"; it has {', '.join(read)}" if read else ""
        raise FaultError(f"{path} is no scenario: it is made of [[rule]] tables, before which seed = NUMBER may stand{wrong}")
    made: list[Rule] = []
    for place, fields in enumerate(rules, 1):
        try:
            made.append(rule(fields, seed + place))
        except FaultError as error:
            raise FaultError(f"{path}, rule {place}: {error}") from None
    return tuple(made)


def rule(fields: Any, seed: int) -> Rule:
    """The rule that a table means. Raises FaultError for one that means none."""
    given: dict[str, Any] = fields if isinstance(fields, dict) else {}
    for name, value in given.items():
        if name not in _KINDS:
            raise FaultError(f"there is no {name!r}{near(name, _KINDS)}; a rule has {', '.join(_KINDS)}")
        kind = (int, float) if _KINDS[name] is float else _KINDS[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and _KINDS[name] is not bool):
            raise FaultError(f"{name} is {_SPOKEN[_KINDS[name]]}; got {value!r}")
    if "fault" not in given:
        raise FaultError('fault is missing, such as fault = "status;code=429"')
    if any(given.get(name, 1) < 1 for name in ("first", "every")):
        raise FaultError("first and every are numbers above 0")
    if not 0 <= given.get("probability", 0) <= 1:
        raise FaultError(f"probability is between 0 and 1; got {given['probability']}")
    return Rule(**{"seed": seed, **given, "fault": parse(given["fault"])})


def written(rule: Rule) -> dict[str, Any]:
    """The table that means the rule."""
    fields = {name: getattr(rule, name) for name in ("path", "deployment", "model", "stream", "first", "every", "probability")}
    return {"fault": rule.fault.text, **{name: value for name, value in fields.items() if value is not None}}


class Triggers:
    """Decides for each request whether a fault happens, and counts what that takes. `model` gives a deployment's model."""

    def __init__(self, rules: tuple[Rule, ...], model: Callable[[str], str | None]) -> None:
        self.rules = rules
        self._model = model
        self.reset()

    def replace(self, rules: tuple[Rule, ...]) -> None:
        """From now on these rules, counted from zero."""
        self.rules = rules
        self.reset()

    def reset(self) -> None:
        """As at the start: the same requests then have the same faults."""
        self._seen = Counter[int]()
        self._chances = [Random(rule.seed) for rule in self.rules]
        self._failed: OrderedDict[str, int] = OrderedDict()

    def by_rule(self, asked: Asked) -> Chosen | None:
        """The fault of the first rule that this request is one for."""
        model = self._model(asked.deployment) if asked.deployment else None
        for place, rule in enumerate(self.rules):
            if not rule.matches(asked, model):
                continue
            self._seen[place] += 1
            seen = self._seen[place]
            hit = rule.probability is None or self._chances[place].random() < rule.probability
            if rule.first is not None and seen > rule.first:
                hit = False
            if rule.every is not None and seen % rule.every:
                hit = False
            if hit and self.still(rule.fault, asked):
                return rule.fault
        return None

    def still(self, chosen: Chosen, asked: Asked) -> bool:
        """Whether the fault has not happened `times` times yet.

        Counted by `key` until a reset. Without one each logical call counts for itself, and starts over once it was let through.
        """
        if chosen.times is None:
            return True
        key = f"{chosen.text}\n{_call(asked) if chosen.key is None else chosen.key}"
        failed = self._failed.get(key, 0)
        if failed < chosen.times:
            self._failed[key] = failed + 1
            self._failed.move_to_end(key)
            if len(self._failed) > _MOST_KEYS:
                self._failed.popitem(last=False)
            return True
        if chosen.key is None:
            del self._failed[key]
        return False


def _call(asked: Asked) -> str:
    """The logical call that a request is of: by what it says, else all requests that are alike."""
    said = asked.headers.get("x-ceyx-request") or asked.headers.get("idempotency-key")
    return said or blake2b(b"\n".join((asked.method.encode(), asked.target.encode(), asked.body)), digest_size=16).hexdigest()
