"""Names that are imported when first touched (PEP 562), so that importing a package costs nothing it does not use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from os.path import commonprefix
from types import ModuleType
from typing import Any


def lazily(package: str, *modules: str, packages: Iterable[str] = ()) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` for `package`: it offers the public names of these of its modules.

    A module's public names are its `__all__`; where it has none, all it holds. `modules` and `packages` are attributes
    themselves; what `packages` hold stays theirs. Type checkers see the package's own imports under TYPE_CHECKING instead.
    """

    def __getattr__(name: str) -> Any:
        if name in modules or name in packages:
            return import_module(f"{package}.{name}")
        if name == "__all__":
            return sorted(set().union(*map(public, map(imported, modules))))
        if not name.startswith("__"):
            # The module named most like it comes first: it mostly is the one, and then the others are not imported.
            for module in sorted(modules, key=lambda module: -likeness(name, module)):
                home = imported(module)
                if name in public(home):
                    value = getattr(home, name)
                    setattr(sys.modules[package], name, value)
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def imported(module: str) -> ModuleType:
        return import_module(f"{package}.{module}")

    def __dir__() -> list[str]:
        own = (name for name in vars(sys.modules[package]) if not name.startswith("_"))
        return sorted({*own, *__getattr__("__all__"), *modules, *packages})

    return __getattr__, __dir__


def likeness(name: str, module: str) -> int:
    """How many letters `SomeName` and `some_module` begin alike with."""
    return len(commonprefix((name.lower(), module.replace("_", ""))))  # noqa: RUF071  # letters, not path components


def public(module: ModuleType) -> set[str]:
    return set(getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")]))
