"""Views that hold, beside the text of an answer, what was read of it: values of types that are the caller's."""

from __future__ import annotations

from typing import Any

import msgspec

from ceyx.wire.view import View

READ = frozenset({"parsed", "parsed_arguments"})


class ReadView(View):
    """Base of such views. They are dumped whole, and sent back as they came."""

    def _sent(self) -> dict[str, Any]:
        return {name: value for name, value in self._fields().items() if name not in READ}

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """Plain dicts and lists, unknown fields included; values that were read as JSON has them."""
        dumped: dict[str, Any] = msgspec.to_builtins(super().model_dump(**how), enc_hook=_as_json)
        return dumped

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """`model_dump` as JSON text."""
        text = msgspec.json.encode(self.model_dump(**how))
        return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()


def _as_json(value: Any) -> Any:
    """A model of pydantic, of either generation, as plain data."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value.dict()
