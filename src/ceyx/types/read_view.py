"""Views that hold, beside the text of an answer, what was read of it: values of types that are the caller's."""

from __future__ import annotations

from typing import Any

import msgspec

from ceyx.wire.view import View, as_json, written

READ = frozenset({"parsed", "parsed_arguments"})


class ReadView(View):
    """Base of such views. They are dumped whole, and sent back as they came."""

    def _sent(self) -> dict[str, Any]:
        return {name: value for name, value in self._fields().items() if name not in READ}

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """Plain dicts and lists, unknown fields included; values that were read as JSON has them."""
        dumped: dict[str, Any] = msgspec.to_builtins(super().model_dump(**how), enc_hook=as_json)
        return dumped

    def model_dump_json(self, *, indent: int | None = None, ensure_ascii: bool = False, **how: Any) -> str:
        """`model_dump` as JSON text."""
        return written(self.model_dump(**how), indent, ensure_ascii)
