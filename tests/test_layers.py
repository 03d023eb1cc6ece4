"""The arrows between the parts: who may import whom, when a program runs. (What only type checkers see does not count.)"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "ceyx"
FILES = sorted(SOURCE.rglob("*.py"))

# Each part, and the parts it may import beside itself. A new part is entered here, or this test fails.
CLIENT = (
    "client any_client router exchange settings auth credentials identity dialect options resources streams structured types "
    "transport wire errors logs lazy version"
)
MAY_IMPORT = {
    "errors": "",
    "version": "",
    "aliases": "",
    "lazy": "aliases",
    "wire": "errors",
    "types": "wire lazy",
    "structured": "wire",
    "streams": "errors structured types wire",
    "resources": "errors streams structured types wire lazy",
    "transport": "errors wire",
    "dialect": "wire",
    "identity": "errors transport",
    "auth": "errors identity transport version wire",
    "credentials": "errors identity",
    "logs": "wire",
    "options": "wire",
    "settings": "auth dialect identity logs version wire",
    "resolving": "credentials dialect errors identity options settings wire",
    "exchange": "errors identity settings wire",
    "streaming": "errors wire response",
    "pagination": "wire",
    "response": "exchange wire",
    "http_clients": "errors",
    "router": "credentials dialect errors identity options resolving settings wire",
    "any_client": "auth errors exchange identity options resolving resources router settings transport wire",
    "client": "any_client errors exchange options pagination response streaming transport wire",
    "module_client": "ceyx errors",
    "ceyx": "version module_client",
    "__main__": "cli",
    "service": "types wire errors version lazy tokens transport",  # `transport` for one engine only: see below
    "rates": "wire",
    "families": "",
    "image_urls": "",
    "prices": "rates",
    "tokens": "",
    "langchain": f"{CLIENT} ceyx prices rates families tokens",
    "bulk": f"{CLIENT} ceyx prices rates families image_urls tokens",
    "doctor": f"{CLIENT} ceyx",
    "testing": f"{CLIENT} ceyx service prices rates tokens",
    "cli": f"{CLIENT} ceyx doctor service bulk langchain http_clients streaming prices rates families image_urls tokens",
}
# Only `wire` and `types` are bound in what they use from elsewhere; pydantic asks views for a schema, and only then is there.
OUTSIDE = {
    "wire": {"msgspec", "pydantic", "pydantic_core", "typing_extensions"},
    "errors": set(),
    "types": {"msgspec", "numpy"},
    "structured": {"msgspec"},
    "resources": set(),
    "dialect": set(),
}


def part_of(module: str) -> str:
    """`ceyx.wire.call` is of `wire`; the package itself is `ceyx`."""
    return module.split(".")[1] if "." in module else "ceyx"


def module_of(path: Path) -> str:
    parts = ("ceyx", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that `tree` imports when it runs, those that functions import included."""
    for node in ast.iter_child_nodes(tree):
        if is_for_checkers(node):
            for other in node.orelse:  # type: ignore[attr-defined]
                yield from imports(ast.Module([other], []))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where things are from"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                is_module = (SOURCE.parent / module.replace(".", "/")).with_suffix(".py").exists()
                is_package = (SOURCE.parent / module.replace(".", "/") / "__init__.py").exists()
                yield module if is_module or is_package else str(node.module)
        else:
            yield from imports(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_imports_go_down(path):
    part = part_of(module_of(path))
    assert part in MAY_IMPORT, f"{part} is new: say in this file what it may import"
    allowed = {part, *MAY_IMPORT[part].split()}
    found = set(imports(ast.parse(path.read_text())))
    ours = {module for module in found if module.split(".")[0] == "ceyx"}
    assert not {module for module in ours if part_of(module) not in allowed}, f"{part} may import {sorted(allowed)} only"
    if part in OUTSIDE:
        others = {module.split(".")[0] for module in found - ours}
        assert others <= OUTSIDE[part] | sys.stdlib_module_names


@pytest.mark.parametrize("part", ["transport", "dialect"])
@pytest.mark.parametrize("never", ["types", "resources"])
def test_the_network_knows_no_nouns_and_no_verbs(part, never):
    assert never not in MAY_IMPORT[part].split()


@pytest.mark.parametrize("never", ["client", "any_client", "resources", "ceyx"])
def test_the_service_is_no_client(never):
    assert never not in MAY_IMPORT["service"].split()


def test_the_service_asks_nobody_but_where_it_forwards():
    """Its engine `forward` is given a transport, or makes one when it is made: a service that forwards nothing imports none."""
    asking = {
        module_of(path)
        for path in FILES
        if part_of(module_of(path)) == "service"
        if any(module.startswith("ceyx.transport") for module in imports(ast.parse(path.read_text())))
    }
    assert asking == {"ceyx.service.engines.forward"}


def test_there_is_no_way_back():
    """The table itself has no circle but those that are written here, with their reasons."""
    known = {("ceyx", "module_client"), ("module_client", "ceyx")}  # the module is a client, made of the module's settings
    arrows = {part: {to for to in allowed.split() if (part, to) not in known} for part, allowed in MAY_IMPORT.items()}
    done: set[str] = set()
    while left := arrows.keys() - done:
        free = {part for part in left if arrows[part] <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free


def test_nouns_and_verbs_stay_small():
    """A tenth of what `openai` has for them."""
    lines = sum(len(path.read_text().splitlines()) for part in ("types", "resources") for path in (SOURCE / part).rglob("*.py"))
    assert lines < 15_500


def test_this_test_sees_imports():
    program = "import a.b\nfrom ceyx.wire import call\nif TYPE_CHECKING:\n    import c\nelse:\n    import d\n"
    program += "def f():\n    from ceyx.wire.call import Call"
    assert sorted(imports(ast.parse(program))) == ["a.b", "ceyx.wire.call", "ceyx.wire.call", "d"]
    assert (part_of("ceyx.wire.call"), part_of("ceyx"), module_of(SOURCE / "wire" / "call.py")) == (
        "wire",
        "ceyx",
        "ceyx.wire.call",
    )
