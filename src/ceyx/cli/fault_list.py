"""`ceyx serve --list-faults`: what can go wrong on order, for people and for programs."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable

from ceyx.cli import terminal
from ceyx.service.faults.catalogue import CATALOGUE
from ceyx.service.faults.fault import COMMON, described
from ceyx.service.faults.values import Parameter

_COLUMN = 24
_NEEDS = {"any": "", "stream": " [streams]", "whole": " [whole answers]"}


def show(as_json: bool) -> None:
    """All faults by group, each with its parameters and their defaults."""
    if as_json:
        listed = {"faults": [fault.described for fault in CATALOGUE.values()], "every_fault": described(COMMON)}
        sys.stdout.write(json.dumps(listed, ensure_ascii=False) + "\n")
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    lines: list[str] = []
    groups = dict.fromkeys(fault.group for fault in CATALOGUE.values())
    for group in groups:
        lines += [terminal.styled(group.capitalize(), terminal.BOLD, sys.stdout)]
        for fault in CATALOGUE.values():
            if fault.group == group:
                lines += _row(f"  {fault.name}", fault.about + _NEEDS[fault.needs], width)
                lines += _rows(fault.parameters, width)
        lines += [""]
    lines += [terminal.styled("Every fault", terminal.BOLD, sys.stdout), *_rows(COMMON, width), ""]
    how = "On order by the header x-ceyx-fault: NAME;PARAMETER=VALUE, by --fault DEPLOYMENT=NAME;… or by --faults FILE."
    lines += textwrap.wrap(how, width)
    sys.stdout.write("\n".join(lines) + "\n")


def _rows(given: Iterable[Parameter], width: int) -> list[str]:
    rows = (_row(f"    {each.name}={each.default}", each.about, width) for each in given)
    return [terminal.styled(line, terminal.DIM, sys.stdout) for row in rows for line in row]


def _row(name: str, about: str, width: int) -> list[str]:
    """A name, and beside it what it is; below it, where the name is long."""
    first, *more = textwrap.wrap(about, max(width - _COLUMN, 30))
    start = [name, " " * _COLUMN + first] if len(name) >= _COLUMN else [name.ljust(_COLUMN) + first]
    return [*start, *(" " * _COLUMN + line for line in more)]
