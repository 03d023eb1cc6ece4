"""The nouns: what is asked (TypedDicts) and what comes back (views). Names and modules are those of the `openai` package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types import chat as chat, shared as shared, shared_params as shared_params
    from ceyx.types.completion import Completion as Completion
    from ceyx.types.completion_choice import CompletionChoice as CompletionChoice
    from ceyx.types.completion_create_params import CompletionCreateParams as CompletionCreateParams
    from ceyx.types.completion_usage import CompletionUsage as CompletionUsage
    from ceyx.types.create_embedding_response import CreateEmbeddingResponse as CreateEmbeddingResponse
    from ceyx.types.embedding import Embedding as Embedding
    from ceyx.types.embedding_create_params import (
        EmbeddingCreateParams as EmbeddingCreateParams,
        EmbeddingModel as EmbeddingModel,
    )
    from ceyx.types.model import Model as Model, ModelDeleted as ModelDeleted
    from ceyx.types.shared import (
        ChatModel as ChatModel,
        ErrorObject as ErrorObject,
        FunctionDefinition as FunctionDefinition,
        FunctionParameters as FunctionParameters,
        Metadata as Metadata,
        ReasoningEffort as ReasoningEffort,
        ResponseFormatJSONObject as ResponseFormatJSONObject,
        ResponseFormatJSONSchema as ResponseFormatJSONSchema,
        ResponseFormatText as ResponseFormatText,
        ResponseFormatTextGrammar as ResponseFormatTextGrammar,
        ResponseFormatTextPython as ResponseFormatTextPython,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "completion",
        "completion_choice",
        "completion_create_params",
        "completion_usage",
        "create_embedding_response",
        "embedding",
        "embedding_create_params",
        "model",
        "shared",
        packages=("chat", "shared_params"),
    )
