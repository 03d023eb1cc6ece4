"""A local HTTP service that speaks the OpenAI and Azure OpenAI wire protocols: what ceyx talks to when it is offline.

`LocalService` runs it inside a program, `serve` runs it in the foreground, `create_app` gives the ASGI app to mount anywhere.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceyx.service.app import create_app as create_app
    from ceyx.service.embedded import LocalService as LocalService, serve as serve
    from ceyx.service.filtering import ContentFilter as ContentFilter
    from ceyx.service.identity.entra import Entra as Entra
    from ceyx.service.latency import Latency as Latency
    from ceyx.service.limits import Limit as Limit
    from ceyx.service.settings import Settings as Settings

__all__ = ["ContentFilter", "Entra", "Latency", "Limit", "LocalService", "Settings", "create_app", "serve"]

# Imported when first touched: a name here is often all that a program wants of an optional extra.
_HOMES = {
    "ContentFilter": "filtering",
    "Entra": "identity.entra",
    "Latency": "latency",
    "Limit": "limits",
    "LocalService": "embedded",
    "Settings": "settings",
    "create_app": "app",
    "serve": "embedded",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        message = f"the local service needs {error.name}, which is not installed: pip install 'ceyx[service]'"
        raise ModuleNotFoundError(message, name=error.name) from error


def __dir__() -> list[str]:
    return list(__all__)
