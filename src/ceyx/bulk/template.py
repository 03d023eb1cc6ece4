"""Text with the names of columns in braces, and the values of a row in their place. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

Values = Mapping[str, Any]

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class RowError(ValueError):
    """A row of which nothing can be asked; the others go on."""


def filled(template: str, row: Values) -> str:
    """The template with the values of a row: text as it is, anything else as JSON. Raises RowError for a column it lacks."""

    def value(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        given = cell(row, found[1])
        return given if isinstance(given, str) else msgspec.json.encode(given).decode()

    return _FIELD.sub(value, template)


def cell(row: Values, column: str) -> Any:
    """The value of a column. Raises RowError where there is none, or it is null."""
    if (value := row.get(column)) is not None:
        return value
    if column in row:
        raise RowError(f"the row has nothing in {column!r}, which the job names")
    there = ", ".join(map(repr, row)) or "none"
    raise RowError(f"the row has no {column!r}, which the job names; its columns are {there}")


def check_template(template: str) -> None:
    """Raises ValueError for a brace that is neither text nor around a name."""
    for found in _FIELD.finditer(template):
        if found[0] in ("{", "}") or found[1] == "":
            near = template[max(found.start() - 20, 0) : found.end() + 20]
            raise ValueError(f"the prompt has a lone brace at …{near}…; write {{{{ or }}}} for one that is text")
