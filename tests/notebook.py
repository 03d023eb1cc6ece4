"""Runs the cells of a notebook as a notebook does, and reads the values it shows below them."""

from __future__ import annotations

import ast
from typing import Any


class Notebook:
    """Cells that share their names, `names`."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "notebook"}

    def run(self, cell: str) -> Any:
        """The value of the cell's last line, where that is an expression. Lines that begin with % are the notebook's own."""
        lines = [line for line in cell.splitlines() if not line.startswith("%")]
        parsed = ast.parse("\n".join(lines))
        last = parsed.body.pop() if parsed.body and isinstance(parsed.body[-1], ast.Expr) else None
        exec(compile(parsed, "<cell>", "exec"), self.names)
        return None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), self.names)


def shown(output: str) -> dict[str, Any]:
    """The fields of the message that a notebook shows, but for its id, which is another for each run."""
    fields: dict[str, Any] = eval(output, {"AIMessage": dict})
    fields.pop("id", None)
    return fields


def missing(expected: Any, found: Any, at: str = "") -> list[str]:
    """What of `expected` is not in `found`, which may have more."""
    if isinstance(expected, dict):
        inner = found if isinstance(found, dict) else vars(found)
        places = [missing(value, inner.get(name, ...), f"{at}.{name}") for name, value in expected.items()]
        return [place for of_one in places for place in of_one]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [place for index, pair in pairs for place in missing(*pair, f"{at}[{index}]")]
    return [] if expected == found else [f"{at}: {found!r} in place of {expected!r}"]
