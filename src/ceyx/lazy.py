"""Names that are imported when first touched (PEP 562), so that importing a package costs nothing it does not use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazily(package: str, *modules: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` for `package`: a name is looked for in these of its modules, in this order.

    Type checkers see the package's own imports under TYPE_CHECKING instead.
    """

    def __getattr__(name: str) -> Any:
        if not name.startswith("__"):
            for module in modules:
                value = getattr(import_module(f"{package}.{module}"), name, None)
                if value is not None:
                    setattr(sys.modules[package], name, value)
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        names = set(vars(sys.modules[package]))
        for module in modules:
            names |= set(vars(import_module(f"{package}.{module}")))
        return sorted(name for name in names if not name.startswith("_"))

    return __getattr__, __dir__
