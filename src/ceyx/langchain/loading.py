"""Models written down by langchain-core's `dumps`, or by that of a program that used `langchain_openai`, as models of ceyx."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from langchain_core._api import LangChainBetaWarning
from langchain_core.load import load as core_load, loads as core_loads

IMPORTS = {
    ("langchain", "chat_models", "openai", "ChatOpenAI"): ("ceyx", "langchain", "ChatOpenAI"),
    ("langchain", "chat_models", "azure_openai", "AzureChatOpenAI"): ("ceyx", "langchain", "AzureChatOpenAI"),
    ("langchain", "llms", "openai", "OpenAI"): ("ceyx", "langchain", "OpenAI"),
    ("langchain", "llms", "openai", "AzureOpenAI"): ("ceyx", "langchain", "AzureOpenAI"),
}
"""What the names in such texts are here; for `additional_import_mappings=` of langchain-core's own functions."""


def load(obj: Any, **options: Any) -> Any:
    """What an object of `dumpd` stands for. `options` are those of langchain-core's `load`.

    Only our models are made unless `allowed_objects` says more, such as "all" for chains with prompts and parsers.
    """
    with _unwarned():
        return core_load(obj, **_completed(options))


def loads(text: str, **options: Any) -> Any:
    """As `load`, from the text of `dumps`."""
    with _unwarned():
        return core_loads(text, **_completed(options))


@contextmanager
def _unwarned() -> Iterator[None]:
    """Without the warning that langchain-core may change these functions of its, which is for us to heed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LangChainBetaWarning)
        yield


def _completed(options: dict[str, Any]) -> dict[str, Any]:
    ours = [getattr(import_module(".".join(path)), name) for *path, name in IMPORTS.values()]
    return {
        "allowed_objects": ours,
        "secrets_from_env": True,
        **options,
        "valid_namespaces": ["ceyx", *options.get("valid_namespaces", ())],
        "additional_import_mappings": {**IMPORTS, **options.get("additional_import_mappings", {})},
    }
