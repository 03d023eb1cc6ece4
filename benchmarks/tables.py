"""What the pages of all benchmarks share: figures by case and subject, tables with aligned columns, and what machine it was."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Container, Sequence
from importlib import metadata


class Results:
    """What every measurement gave, by case and subject."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, str], list[dict[str, float]]] = {}
        self.failures: dict[tuple[str, str], str] = {}

    def add(self, case: str, subject: str, figures: dict[str, float]) -> None:
        self.figures.setdefault((case, subject), []).append(figures)

    def fail(self, case: str, subject: str, reason: str) -> None:
        """Forget this subject's figures of the case: fewer rounds than the others had would not compare."""
        self.figures.pop((case, subject), None)
        self.failures[case, subject] = reason

    def median(self, case: str, subject: str, figure: str) -> float | None:
        """The median of a figure over the rounds; None where nothing was measured."""
        rounds = self.figures.get((case, subject))
        return statistics.median(figures[figure] for figures in rounds) if rounds else None

    def between(self, case: str, one: str, other: str, figure: str, compared: Callable[[float, float], float]) -> float | None:
        """The median of what each round says of two subjects, which were measured one right after the other in it."""
        rounds = zip(self.figures.get((case, one), ()), self.figures.get((case, other), ()), strict=False)
        said = [compared(first[figure], second[figure]) for first, second in rounds]
        return statistics.median(said) if said else None


def markdown(lines: Sequence[Sequence[str]], numbers: Container[int]) -> str:
    """A table, its head first; the columns of `numbers` are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * (width - 1) + ":" if column in numbers else "-" * width for column, width in enumerate(widths)]
    sized = [
        [
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (sized[0], rule, *sized[1:]))


def machine() -> str:
    """Such as "2 cores, Linux on x86_64, CPython 3.11.7"."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, {python}"


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed)"
