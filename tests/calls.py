"""Every endpoint of ceyx in plan mode: what it takes and gives, as its signature says, and the call that it makes."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple, Required, TypedDict

from values import value

from ceyx import OpenAI
from ceyx.resources.tree import Tree
from ceyx.wire.call import OPTIONS, Call
from ceyx.wire.endpoint import Written


class Endpoint(NamedTuple):
    """A method of a resource that sends something."""

    name: str
    """As `files.create`."""
    made: Any

    @property
    def parameters(self) -> dict[str, inspect.Parameter]:
        every = inspect.signature(self.made).parameters
        return {name: one for name, one in every.items() if name not in {"self", *OPTIONS}}

    @property
    def takes(self) -> Any:
        """What is in its body or query, as a TypedDict."""
        asked = {
            name: Required[one.annotation] if one.default is one.empty else one.annotation
            for name, one in self.parameters.items()
            if one.kind is one.KEYWORD_ONLY
        }
        return TypedDict("Asked", asked, total=False)  # type: ignore[operator]

    @property
    def gives(self) -> Any:
        return inspect.signature(self.made).return_annotation

    @property
    def written(self) -> str:
        """What it gives, as its source has it: `Call[FileObject]`."""
        return str(inspect.get_annotations(self.made.__wrapped__.build)["return"])

    def call(self, client: Any, turn: int = 0, named: dict[str, Any] | None = None) -> Call[Any]:
        """Its call, not sent, with the values that `turn` chooses, or with these."""
        given = {name: self.value(name, one.annotation, turn) for name, one in self.parameters.items() if name != "stream"}
        first = [given.pop(name) for name, one in self.parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
        needed = {name for name, one in self.parameters.items() if one.default is one.empty}
        if named is not None:
            given = {**{name: given[name] for name in needed & given.keys()}, **named}
        plan = client.plan
        for name in self.name.split("."):
            plan = getattr(plan, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made: Call[Any] = plan(*first, **given)
        return made

    def value(self, name: str, hint: Any, turn: int) -> Any:
        return name if name.endswith("_id") and hint is str else value(hint, name, turn)


def endpoints(resource: Any = Tree, path: str = "") -> Iterator[Endpoint]:
    for name, made in vars(resource).items():
        if type(made).__name__ == "child":
            if name not in ("plan", "with_raw_response", "with_streaming_response"):
                yield from endpoints(type(getattr(at(path), name)), f"{path}.{name}".lstrip("."))
        elif path and isinstance(getattr(made, "__wrapped__", None), Written):
            yield Endpoint(f"{path}.{name}", made)


def at(path: str) -> Any:
    found: Any = CLIENT.plan
    for name in filter(None, path.split(".")):
        found = getattr(found, name)
    return found


CLIENT = OpenAI(api_key="none")
ALL = [one for one in endpoints() if not one.name.startswith("beta.")]
# Those of several calls, or of one whose answer is read into types of the caller, are made of the others.
EVERY = [one for one in ALL if re.match(r"(Call|Pages)\[(?!Parsed)", one.written)]
