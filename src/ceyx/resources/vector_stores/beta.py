"""The version of the API that vector stores are asked for in, by a header."""

from __future__ import annotations

from typing import Any


def v2(params: Any) -> Any:
    """`params` with `OpenAI-Beta: assistants=v2`, unless the caller asks for another version."""
    params["extra_headers"] = {"OpenAI-Beta": "assistants=v2", **(params.get("extra_headers") or {})}
    return params
