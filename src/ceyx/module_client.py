"""The client behind `ceyx.chat...`: made of the module's settings when first used, and again when one of them has changed."""

from __future__ import annotations

import os
import threading
from typing import Any

import ceyx
from ceyx.errors import OpenAIError

_COMMON = (
    "api_key", "admin_api_key", "organization", "project", "webhook_secret", "base_url", "max_retries", "default_headers",
    "default_query", "http_client",
)  # fmt: skip
_AZURE = ("api_version", "azure_endpoint", "azure_ad_token", "azure_ad_token_provider")
_ENVIRONMENT = ("OPENAI_API_KEY", "OPENAI_API_TYPE", "OPENAI_API_VERSION", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN",
                "AZURE_OPENAI_ENDPOINT", "OPENAI_BASE_URL")  # fmt: skip

_making = threading.Lock()
_client: Any = None
_made_with: Any = None


class Late:
    """A resource of the module's client, which is made when an attribute of this is asked for, and not when it is named."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(getattr(current(), self._name), name)

    def __repr__(self) -> str:
        return f"<ceyx.{self._name}>"


def current() -> Any:
    """The client for the settings as they are now. OpenAIError where they may mean OpenAI or Azure."""
    global _client, _made_with
    names = (*_COMMON, *_AZURE, "api_type", "timeout")
    settings = [getattr(ceyx, name) for name in names], [os.environ.get(name) for name in _ENVIRONMENT]
    with _making:
        if settings != _made_with:
            azure = _is_azure()
            applies = _COMMON + (_AZURE if azure else ())
            given = {name: getattr(ceyx, name) for name in applies if getattr(ceyx, name) is not None}
            if ceyx.timeout is not ...:
                given["timeout"] = ceyx.timeout
            _client = (ceyx.AzureOpenAI if azure else ceyx.OpenAI)(**given)
            _made_with = settings
        return _client


def _is_azure() -> bool:
    said = ceyx.api_type or os.environ.get("OPENAI_API_TYPE")
    if said:
        if said not in ("openai", "open_ai", "azure", "azure_ad", "azuread"):
            raise OpenAIError(f"api_type is {said!r}; it is 'openai' or 'azure'")
        return said.startswith("azure")
    variables = ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN")
    azure = [name for name in variables if os.environ.get(name)]
    azure += [f"ceyx.{name}" for name in _AZURE[1:] if getattr(ceyx, name)]
    plain = ["OPENAI_API_KEY"] if os.environ.get("OPENAI_API_KEY") else []
    if azure and plain and ceyx.api_key is None:
        raise OpenAIError(
            f"{', '.join(azure)} speak for Azure, {', '.join(plain)} for OpenAI; "
            "set ceyx.api_type or OPENAI_API_TYPE to 'azure' or 'openai'"
        )
    return bool(azure)
