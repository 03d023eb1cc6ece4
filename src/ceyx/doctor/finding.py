"""What a check says, and what an examination comes to. Leaves to the command line how it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "warning", "failed", "skipped"]
Kind = Literal["configuration", "connection", "api"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    status: Status
    summary: str
    """One sentence; of a check that was skipped, why."""
    lines: Sequence[str] = ()
    """What else a reader wants to know, a line each."""
    next_step: str | None = None
    """What to do about it. Every failed check has one."""
    kind: Kind | None = None
    """Of a failed check, what it is that fails."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For programs: names stay, as do units (seconds)."""
    check: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        return {
            "check": self.check,
            "status": self.status,
            "summary": self.summary,
            "lines": list(self.lines),
            "next_step": self.next_step,
            "kind": self.kind,
            "facts": dict(self.facts),
        }


def ok(summary: str, /, *lines: str, **facts: Any) -> Finding:
    return Finding("ok", summary, lines, facts=facts)


def warning(summary: str, next_step: str, /, *lines: str, **facts: Any) -> Finding:
    return Finding("warning", summary, lines, next_step, facts=facts)


def failed(kind: Kind, summary: str, next_step: str, /, *lines: str, **facts: Any) -> Finding:
    return Finding("failed", summary, lines, next_step, kind, facts)


def skipped(why: str) -> Finding:
    return Finding("skipped", why)


def worst(findings: Sequence[Finding]) -> Finding | None:
    """The first that failed: what comes after it may follow from it. None where none did."""
    return next((one for one in findings if one.status == "failed"), None)


@dataclass(frozen=True, slots=True)
class Examined:
    """One address, deployment or model, and what was found of it."""

    name: str
    checks: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return worst(self.checks) is None

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "healthy": self.healthy, "checks": [one.as_dict() for one in self.checks]}


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found: of this machine, and of each deployment."""

    checks: tuple[Finding, ...]
    deployments: tuple[Examined, ...]

    @property
    def healthy(self) -> bool:
        return self.first_failure is None

    @property
    def first_failure(self) -> Finding | None:
        return worst([*self.checks, *(one for each in self.deployments for one in each.checks)])

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON; the keys stay, more may come."""
        return {
            "healthy": self.healthy,
            "checks": [one.as_dict() for one in self.checks],
            "deployments": [each.as_dict() for each in self.deployments],
        }
