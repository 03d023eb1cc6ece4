"""Our classes by name in `langchain`, which makes models of strings: "ceyx:gpt-4o" and "ceyx_azure:<deployment>".

`langchain` finds the class to a name in tables of its own, and knows no other way to be told of one; here those are added to.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

CHAT = ("langchain.chat_models.base", "_get_chat_model_creator", "ChatOpenAI", "AzureChatOpenAI")
EMBEDDINGS = ("langchain.embeddings.base", "_get_embeddings_class_creator", "OpenAIEmbeddings", "AzureOpenAIEmbeddings")


def register(*, replace: bool = False) -> None:
    """From here on `init_chat_model`, `init_embeddings` and `create_agent` of `langchain` know "ceyx:…" and "ceyx_azure:…".

    With `replace`, "openai:…", "azure_openai:…" and names that begin with "gpt-" are ours as well, in the whole process. May be
    called again. RuntimeError where this version of `langchain` keeps no such tables; its models can be made by their classes.

    >>> register()
    >>> init_chat_model("ceyx:gpt-4o", temperature=0)
    """
    for path, finder, openai, azure in (CHAT, EMBEDDINGS):
        try:
            module = import_module(path)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "langchain":
                raise
            raise ModuleNotFoundError(
                "register() adds to the tables of langchain: pip install langchain", name=error.name
            ) from None
        try:
            table: dict[str, Any] = module._BUILTIN_PROVIDERS
            made = table["openai"][2]
            found = getattr(module, finder)
        except (AttributeError, KeyError, IndexError) as error:
            raise RuntimeError(
                f"{path} keeps its providers in another way than ceyx knows; make models with ChatOpenAI(…) of ceyx.langchain"
            ) from error
        names = ("ceyx", "ceyx_azure", *(("openai", "azure_openai") if replace else ()))
        for name in names:
            table[name] = ("ceyx.langchain", azure if "azure" in name else openai, made)
        found.cache_clear()
