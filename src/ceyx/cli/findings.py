"""How findings look: a mark, the name of the check and what was found, then more of it, then the next step."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ceyx.cli import terminal
from ceyx.errors import shown

if TYPE_CHECKING:
    from ceyx.doctor.finding import Finding, Report

GREEN, YELLOW = "32", "33"
_MARKS = {"ok": ("✓", GREEN), "warning": ("!", YELLOW), "failed": ("✗", terminal.RED), "skipped": ("-", terminal.DIM)}
_ASCII = str.maketrans({"✓": "+", "✗": "x", "→": ">"})
_COLUMN = 16  # where what is said of a check begins


class Page:
    """Findings for people, each as it is made: as wide as the terminal, and with unbroken lines in a file or pipe."""

    def __init__(self, quiet: bool = False) -> None:
        on_terminal = terminal.is_terminal(sys.stdout)
        self._quiet = quiet
        self._width = min(shutil.get_terminal_size((100, 24)).columns, 120) if on_terminal else 0
        try:
            "✓✗→".encode(sys.stdout.encoding or "ascii")
            self._ascii = False
        except (LookupError, UnicodeEncodeError):
            self._ascii = True

    def shown(self, findings: Iterable[Finding], name: str | None = None) -> Iterator[Finding]:
        """These findings, shown in passing, below a `name` if there is one."""
        if name is not None:
            self._say("")
            self._say(terminal.styled(shown(name), terminal.BOLD, sys.stdout))
        skipped: list[Finding] = []
        for finding in findings:
            if skipped and finding.summary != skipped[0].summary:
                self._show(_together(skipped))
                skipped = []
            if finding.status == "skipped":
                skipped.append(finding)
            else:
                self._show(finding)
            yield finding
        if skipped:
            self._show(_together(skipped))

    def end(self, report: Report) -> None:
        self._say("")
        self._say(verdict(report))

    def _show(self, finding: Finding) -> None:
        for line in self._lines(finding):
            self._say(line)

    def _say(self, line: str) -> None:
        if not self._quiet:
            sys.stdout.write((line.translate(_ASCII) if self._ascii else line) + "\n")
            sys.stdout.flush()

    def _lines(self, finding: Finding) -> Iterator[str]:
        mark, style = _MARKS[finding.status]
        first, *rest = self._wrapped(finding.summary)
        if finding.status == "skipped":
            first = _dim(first)
        yield f"{terminal.styled(mark, style, sys.stdout)} {finding.check.ljust(_COLUMN - 2)}{first}"
        indent = " " * _COLUMN
        yield from (indent + part for part in rest)
        yield from (indent + _dim(part) for line in finding.lines for part in self._wrapped(line, "  "))
        if finding.next_step:
            yield from (indent + _bold(part) for part in self._wrapped(f"→ {finding.next_step}", "  "))

    def _wrapped(self, text: str, indent: str = "") -> list[str]:
        text = shown(text)  # certificates and servers say what they like
        if not self._width:
            return [text]
        width = max(self._width - _COLUMN, 30)
        return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def _together(skipped: list[Finding]) -> Finding:
    """One line for several checks that were skipped for one reason."""
    if len(skipped) == 1:
        return skipped[0]
    names = ", ".join(one.check for one in skipped)
    return replace(skipped[0], check="skipped", summary=f"{names}: {skipped[0].summary}")


def _dim(text: str) -> str:
    return terminal.styled(text, terminal.DIM, sys.stdout)


def _bold(text: str) -> str:
    return terminal.styled(text, terminal.BOLD, sys.stdout)


def verdict(report: Report) -> str:
    """How it stands, in a line."""
    found = [*report.checks, *(one for each in report.deployments for one in each.checks)]
    count = {status: sum(one.status == status for one in found) for status in _MARKS}
    notable = f"{count['warning']} thing{'s' * (count['warning'] != 1)} to look at" if count["warning"] else ""
    first = report.first_failure
    if first is None:
        return terminal.styled("Healthy", GREEN, sys.stdout) + (f", with {notable}." if notable else ".")
    failed = f"{count['failed']} check{'s' * (count['failed'] != 1)} failed"
    skipped = f"{count['skipped']} skipped" if count["skipped"] else ""
    said = ", ".join(filter(None, (failed, skipped, notable)))
    return f"{terminal.styled('Not healthy', terminal.RED, sys.stdout)}: {said}. Begin with {first.check}."
