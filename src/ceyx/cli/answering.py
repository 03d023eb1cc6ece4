"""Who answers for `ceyx serve`, as its options --record, --replay and --forward say it; a configuration file can say more."""

from __future__ import annotations

from typing import Any

from ceyx.cli.failures import Exit, Failure


def engine_of(
    record: str | None, upstream: str | None, replay: str | None, strict: bool, forward: str | None
) -> dict[str, Any] | None:
    """The engine of all deployments; None where no option asks for one. Raises Failure for some that do not go together."""
    given = [name for name, value in (("--record", record), ("--replay", replay), ("--forward", forward)) if value is not None]
    if len(given) > 1:
        raise Failure(
            f"{' and '.join(given)} do not go together; for one engine each, give deployments theirs with --engine", Exit.USAGE
        )
    if upstream is not None and record is None:
        raise Failure("--upstream says who is recorded; add --record FILE, or pass requests on with --forward URL", Exit.USAGE)
    if strict and replay is None:
        raise Failure("--strict is about --replay FILE; add that, or leave --strict out", Exit.USAGE)
    if record is not None:
        if upstream is None:
            raise Failure("--record needs --upstream URL: who answers while it records", Exit.USAGE)
        return {"engine": "record", "file": record, "url": upstream}
    if replay is not None:
        return {"engine": "replay", "file": replay, "strict": strict}
    return None if forward is None else {"engine": "forward", "url": forward}
