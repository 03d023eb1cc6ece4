"""The verbs: one module for each group of endpoints, named as their nouns in `ceyx.types`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.resources.audio import AsyncAudio as AsyncAudio, Audio as Audio
    from ceyx.resources.batches import AsyncBatches as AsyncBatches, Batches as Batches
    from ceyx.resources.beta import AsyncBeta as AsyncBeta, Beta as Beta
    from ceyx.resources.chat import AsyncChat as AsyncChat, Chat as Chat
    from ceyx.resources.completions import AsyncCompletions as AsyncCompletions, Completions as Completions
    from ceyx.resources.containers import AsyncContainers as AsyncContainers, Containers as Containers
    from ceyx.resources.conversations import AsyncConversations as AsyncConversations, Conversations as Conversations
    from ceyx.resources.embeddings import AsyncEmbeddings as AsyncEmbeddings, Embeddings as Embeddings
    from ceyx.resources.evals import AsyncEvals as AsyncEvals, Evals as Evals
    from ceyx.resources.files import AsyncFiles as AsyncFiles, Files as Files
    from ceyx.resources.fine_tuning import AsyncFineTuning as AsyncFineTuning, FineTuning as FineTuning
    from ceyx.resources.images import AsyncImages as AsyncImages, Images as Images
    from ceyx.resources.models import AsyncModels as AsyncModels, Models as Models
    from ceyx.resources.moderations import AsyncModerations as AsyncModerations, Moderations as Moderations
    from ceyx.resources.responses import AsyncResponses as AsyncResponses, Responses as Responses
    from ceyx.resources.uploads import AsyncUploads as AsyncUploads, Uploads as Uploads
    from ceyx.resources.vector_stores import AsyncVectorStores as AsyncVectorStores, VectorStores as VectorStores
    from ceyx.resources.webhooks import AsyncWebhooks as AsyncWebhooks, Webhooks as Webhooks
else:
    GROUPS = (
        "audio", "batches", "beta", "chat", "completions", "containers", "conversations", "embeddings", "evals", "files",
        "fine_tuning", "images", "models", "moderations", "responses", "uploads", "vector_stores", "webhooks",
    )  # fmt: skip

    def __getattr__(name):
        home = re.sub("(?<!^)(?=[A-Z])", "_", name.removeprefix("Async")).lower()
        if home not in GROUPS or not name[0].isupper():
            raise AttributeError(f"module 'ceyx.resources' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"ceyx.resources.{home}"), name)
