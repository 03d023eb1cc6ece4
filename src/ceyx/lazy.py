"""Names and modules that are imported or made when first asked for, so that importing a package costs nothing it does not use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from os.path import commonprefix
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

Function = TypeVar("Function", bound=Callable[..., object])


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


def with_room(function: Function) -> Function:
    """`function`, with room on the interpreter's stack for all that it calls, some hundreds of calls deep.

    CPython keeps the frames of Python code in pieces of 16 KiB, each mapped when a call needs it and unmapped when that call
    returns (`push_chunk` in Python/pystate.c). A loop that calls from the end of a piece does so every time around: importing
    langchain-core is full of them, and at an unlucky depth maps memory 20,000 times. A frame that needs 264 KB gets a piece of
    twice that.
    """
    code: CodeType = cast("Any", function).__code__
    cast("Any", function).__code__ = code.replace(co_stacksize=33_000)
    return function


def find_deep_paths() -> None:
    """From here on, `ceyx.types` has the modules of `openai.types` that are no files."""
    if not any(type(finder) is DeepPaths for finder in sys.meta_path):  # there is one where `ceyx.types` is reloaded
        sys.meta_path.append(DeepPaths())


class DeepPaths:
    """Makes the modules of types that `openai` has and that are no files here, when they are imported.

    One holds what the module of ours holds in which its type is defined, and offers all names of its package. Classes keep the
    module they are defined in.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if not name.startswith("ceyx.types."):
            return None
        from ceyx.aliases import HOMES  # it imports nothing, see there

        if home := HOMES.get(name.removeprefix("ceyx.types.")):
            from importlib.machinery import ModuleSpec

            return ModuleSpec(name, self, loader_state=home)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """None: the module is an ordinary one."""

    def exec_module(self, module: Any) -> None:
        from ceyx.aliases import NESTED

        home = import_module(f"ceyx.types.{module.__spec__.loader_state}")
        vars(module).update({name: value for name, value in vars(home).items() if not name.startswith("_")})
        for name, ours in NESTED.get(module.__name__.removeprefix("ceyx.types."), {}).items():
            elsewhere, _, its_name = ours.rpartition(":")
            setattr(module, name, getattr(import_module(f"ceyx.types.{elsewhere}") if elsewhere else home, its_name))
        module.__getattr__ = partial(offered, module.__package__)
        module.__doc__ = f"What `openai` has in a module of this name; here it is of `{home.__name__}`."


def offered(package: str, name: str) -> Any:
    """The public name `name` of a package; a module made is itself no package, and has what it holds as its `__all__`."""
    if name.startswith("_"):
        raise AttributeError(f"no attribute {name!r}")
    return getattr(import_module(package), name)
