"""The verbs: one module for each group of endpoints, named as their nouns in `ceyx.types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.resources.chat import AsyncChat as AsyncChat, Chat as Chat
    from ceyx.resources.completions import AsyncCompletions as AsyncCompletions, Completions as Completions
    from ceyx.resources.embeddings import AsyncEmbeddings as AsyncEmbeddings, Embeddings as Embeddings
    from ceyx.resources.models import AsyncModels as AsyncModels, Models as Models
else:

    def __getattr__(name):
        home = name.removeprefix("Async").lower()
        if home not in ("chat", "completions", "embeddings", "models") or not name[0].isupper():
            raise AttributeError(f"module 'ceyx.resources' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"ceyx.resources.{home}"), name)
