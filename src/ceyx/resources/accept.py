"""Asking for something else than JSON."""

from __future__ import annotations

from typing import Any


def accepting(kind: str, params: Any) -> dict[str, Any]:
    """`params` with `Accept: kind`, unless the caller asks for another one."""
    params["extra_headers"] = {"Accept": kind, **(params.get("extra_headers") or {})}
    return params  # type: ignore[no-any-return]
