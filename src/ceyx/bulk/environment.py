"""The client that the environment configures, for jobs that are given none."""

from __future__ import annotations

import os

from ceyx.client import AsyncAzureOpenAI, AsyncOpenAI


def is_of_azure() -> bool:
    """Whether it is one of Azure: where OPENAI_API_TYPE says so, or else only an endpoint of Azure's is set."""
    said = os.environ.get("OPENAI_API_TYPE", "").lower()
    if not said and os.environ.get("AZURE_OPENAI_ENDPOINT"):
        return not (os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))
    return said in ("azure", "azure_ad", "azuread")


def client_of_environment() -> AsyncOpenAI:
    return AsyncAzureOpenAI() if is_of_azure() else AsyncOpenAI()
