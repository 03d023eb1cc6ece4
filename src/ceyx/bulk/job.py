"""What is asked of each row: a template or a column of messages, the model, parameters, the shape of the answer. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

Values = Mapping[str, Any]

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_OURS = ("stream", "stream_options", "n", "messages", "model", "response_format")


class RowError(ValueError):
    """A row of which nothing can be asked; the others go on."""


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt over many rows: `Job(model="gpt-4o-mini", prompt="Classify: {text}", schema=Label)`."""

    model: str
    prompt: str | None = None
    """The question, with `{column}` where the value of a column goes. Braces that are text are doubled."""
    messages: str | None = None
    """In place of `prompt`: the column that holds the messages, as Chat Completions takes them."""
    system: str | None = None
    """Who the model is to be, in every row; a template as well."""
    params: Values = field(default_factory=dict)
    """Further parameters of `chat.completions.create`, for all rows."""
    schema: Any = None
    """The shape of answers: a `response_format`, or a pydantic class, dataclass, TypedDict or Struct."""
    answer: str = "answer"
    """The column that answers go to."""

    def __post_init__(self) -> None:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("a job asks by a prompt or by a column of messages; give one of prompt= and messages=")
        for template in (self.prompt, self.system):
            _fields_of(template or "")
        for name in _OURS:
            if name in self.params:
                raise ValueError(f"params has {name!r}, which a job decides itself; leave it out")

    @property
    def response_format(self) -> Any:
        if self.schema is None or isinstance(self.schema, Mapping):
            return self.schema
        from ceyx.structured import response_format_of

        return response_format_of(self.schema)

    @property
    def said(self) -> dict[str, Any]:
        """All of it as JSON has it: what a ledger compares, to know the job again."""
        plain = {"model": self.model, "prompt": self.prompt, "messages": self.messages, "system": self.system}
        return {**plain, "params": dict(self.params), "response_format": self.response_format, "answer": self.answer}

    def request(self, row: Values) -> dict[str, Any]:
        """The parameters of the call for a row. Raises RowError for a row that lacks something."""
        if self.answer in row:
            raise RowError(f"the row has a column {self.answer!r}, where its answer is to go; choose another name for answers")
        messages: list[Any] = [] if self.system is None else [{"role": "system", "content": filled(self.system, row)}]
        if self.prompt is not None:
            messages.append({"role": "user", "content": filled(self.prompt, row)})
        else:
            messages += _messages_in(row, str(self.messages))
        asked = {"model": self.model, "messages": messages, **self.params}
        if (shape := self.response_format) is not None:
            asked["response_format"] = shape
        return asked


def identity_of(request: Values) -> bytes:
    """What tells a request from others: the same for the same request, in any process."""
    return blake2b(msgspec.json.encode(request, order="deterministic"), digest_size=16).digest()


def filled(template: str, row: Values) -> str:
    """The template with the values of a row: text as it is, anything else as JSON."""

    def value(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        name = found[1]
        if name not in row or row[name] is None:
            there = ", ".join(map(repr, row)) or "none"
            raise RowError(f"the row has no {name!r}, which the prompt names; its columns are {there}")
        given = row[name]
        return given if isinstance(given, str) else msgspec.json.encode(given).decode()

    return _FIELD.sub(value, template)


def _fields_of(template: str) -> list[str]:
    """The columns that a template names. Raises ValueError for a brace that is neither text nor of a name."""
    names: list[str] = []
    for found in _FIELD.finditer(template):
        if found[0] in ("{", "}") or found[1] == "":
            near = template[max(found.start() - 20, 0) : found.end() + 20]
            raise ValueError(f"the prompt has a lone brace at …{near}…; write {{{{ or }}}} for one that is text")
        if found[1] is not None:
            names.append(found[1])
    return names


def _messages_in(row: Values, column: str) -> list[Any]:
    given = row.get(column)
    if isinstance(given, str):  # CSV has no lists
        try:
            given = msgspec.json.decode(given)
        except msgspec.DecodeError:
            raise RowError(f"the column {column!r} is no JSON; it holds a list of messages") from None
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) and "role" in each for each in given):
        raise RowError(f"the column {column!r} holds {given!r:.60}; it holds a list of messages, each with a role")
    return given
