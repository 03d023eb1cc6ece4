"""For the tests of programs that use OpenAI or Azure OpenAI: a pytest plugin with the fixture `ceyx_service`.

`plugin.py` is all that pytest loads by itself; what is named here is imported when a test first asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceyx.testing.double import CeyxService as CeyxService
    from ceyx.testing.network import NetworkBlockedError as NetworkBlockedError
    from ceyx.testing.received import Received as Received
    from ceyx.testing.scripted import Expected as Expected

__all__ = ["CeyxService", "Expected", "NetworkBlockedError", "Received"]

_HOMES = {"CeyxService": "double", "Expected": "scripted", "NetworkBlockedError": "network", "Received": "received"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
