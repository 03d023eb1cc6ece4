"""Drop-in for `langchain_openai`: its classes by their names, over ceyx's clients. Imported when touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ceyx.lazy import with_room

if TYPE_CHECKING:
    from ceyx.langchain.azure_chat import AzureChatOpenAI as AzureChatOpenAI
    from ceyx.langchain.callbacks import (
        OpenAICallbackHandler as OpenAICallbackHandler,
        get_openai_callback as get_openai_callback,
    )
    from ceyx.langchain.chat import BaseChatOpenAI as BaseChatOpenAI
    from ceyx.langchain.completion_calls import BaseOpenAI as BaseOpenAI
    from ceyx.langchain.embeddings import (
        AzureOpenAIEmbeddings as AzureOpenAIEmbeddings,
        OpenAIEmbeddings as OpenAIEmbeddings,
    )
    from ceyx.langchain.errors import StreamChunkTimeoutError as StreamChunkTimeoutError
    from ceyx.langchain.llms import AzureOpenAI as AzureOpenAI, OpenAI as OpenAI
    from ceyx.langchain.loading import load as load, loads as loads
    from ceyx.langchain.openai_chat import ChatOpenAI as ChatOpenAI
    from ceyx.langchain.registry import register as register
    from ceyx.langchain.structured import OpenAIRefusalError as OpenAIRefusalError
    from ceyx.langchain.tools import custom_tool as custom_tool

_HOMES = {
    "AzureChatOpenAI": "azure_chat",
    "AzureOpenAI": "llms",
    "AzureOpenAIEmbeddings": "embeddings",
    "BaseChatOpenAI": "chat",
    "BaseOpenAI": "completion_calls",
    "ChatOpenAI": "openai_chat",
    "OpenAI": "llms",
    "OpenAICallbackHandler": "callbacks",
    "OpenAIEmbeddings": "embeddings",
    "OpenAIRefusalError": "structured",
    "StreamChunkTimeoutError": "errors",
    "custom_tool": "tools",
    "get_openai_callback": "callbacks",
    "load": "loading",
    "loads": "loading",
    "register": "registry",
}
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


@with_room
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in ("langchain_core", "pydantic"):
            raise
        raise ModuleNotFoundError(f"{name} needs langchain-core: pip install 'ceyx[langchain]'", name=error.name) from None
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
