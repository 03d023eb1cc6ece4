# ruff: noqa: F403
"""The nouns: what is asked (TypedDicts) and what comes back (views). Names and modules are those of the `openai` package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types import (  # isort: skip
        audio as audio, chat as chat, containers as containers, conversations as conversations, evals as evals,
        fine_tuning as fine_tuning, graders as graders, responses as responses, shared as shared, shared_params as shared_params,
        uploads as uploads, vector_stores as vector_stores, webhooks as webhooks,
    )  # fmt: skip
    from ceyx.types.audio_model import *
    from ceyx.types.batch import *
    from ceyx.types.batch_create_params import *
    from ceyx.types.batch_usage import *
    from ceyx.types.completion import *
    from ceyx.types.completion_choice import *
    from ceyx.types.completion_create_params import *
    from ceyx.types.completion_usage import *
    from ceyx.types.container_create_params import *
    from ceyx.types.container_create_response import *
    from ceyx.types.create_embedding_response import *
    from ceyx.types.embedding import *
    from ceyx.types.embedding_create_params import *
    from ceyx.types.eval_create_params import *
    from ceyx.types.eval_create_response import *
    from ceyx.types.file_chunking_strategy import *
    from ceyx.types.file_create_params import *
    from ceyx.types.file_object import *
    from ceyx.types.file_types import *
    from ceyx.types.image import *
    from ceyx.types.image_create_variation_params import *
    from ceyx.types.image_edit_completed_event import *
    from ceyx.types.image_edit_params import *
    from ceyx.types.image_edit_stream_event import *
    from ceyx.types.image_gen_completed_event import *
    from ceyx.types.image_gen_stream_event import *
    from ceyx.types.image_generate_params import *
    from ceyx.types.images_response import *
    from ceyx.types.model import *
    from ceyx.types.moderation import *
    from ceyx.types.moderation_create_params import *
    from ceyx.types.shared import *
    from ceyx.types.upload import *
    from ceyx.types.upload_create_params import *
    from ceyx.types.vector_store import *
    from ceyx.types.vector_store_create_params import *
else:
    from ceyx.lazy import find_deep_paths, lazily

    find_deep_paths()
    __getattr__, __dir__ = lazily(
        __name__, "audio_model", "batch", "batch_create_params", "batch_usage", "completion", "completion_choice",
        "completion_create_params", "completion_usage", "container_create_params", "container_create_response",
        "create_embedding_response", "embedding", "embedding_create_params", "eval_create_params", "eval_create_response",
        "file_chunking_strategy", "file_create_params", "file_object", "file_types", "image", "image_create_variation_params",
        "image_edit_completed_event", "image_edit_params", "image_edit_stream_event", "image_gen_completed_event",
        "image_gen_stream_event", "image_generate_params", "images_response", "model", "moderation",
        "moderation_create_params", "shared", "upload", "upload_create_params", "vector_store", "vector_store_create_params",
        packages=(
            "audio", "chat", "containers", "conversations", "evals", "fine_tuning", "graders", "responses", "shared_params",
            "uploads", "vector_stores", "webhooks",
        ),
    )  # fmt: skip
