"""The nouns: what is asked (TypedDicts) and what comes back (views). Names and modules are those of the `openai` package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types import (
        audio as audio,
        chat as chat,
        containers as containers,
        conversations as conversations,
        evals as evals,
        fine_tuning as fine_tuning,
        graders as graders,
        responses as responses,
        shared as shared,
        shared_params as shared_params,
        uploads as uploads,
        vector_stores as vector_stores,
        webhooks as webhooks,
    )
    from ceyx.types.audio_model import AudioModel as AudioModel, AudioResponseFormat as AudioResponseFormat
    from ceyx.types.batch import Batch as Batch, BatchError as BatchError, BatchRequestCounts as BatchRequestCounts
    from ceyx.types.batch_create_params import BatchCreateParams as BatchCreateParams, BatchListParams as BatchListParams
    from ceyx.types.batch_usage import BatchUsage as BatchUsage
    from ceyx.types.completion import Completion as Completion
    from ceyx.types.completion_choice import CompletionChoice as CompletionChoice
    from ceyx.types.completion_create_params import CompletionCreateParams as CompletionCreateParams
    from ceyx.types.completion_usage import CompletionUsage as CompletionUsage
    from ceyx.types.container_create_params import (
        ContainerCreateParams as ContainerCreateParams,
        ContainerListParams as ContainerListParams,
    )
    from ceyx.types.container_create_response import (
        ContainerCreateResponse as ContainerCreateResponse,
        ContainerListResponse as ContainerListResponse,
        ContainerRetrieveResponse as ContainerRetrieveResponse,
    )
    from ceyx.types.create_embedding_response import CreateEmbeddingResponse as CreateEmbeddingResponse
    from ceyx.types.embedding import Embedding as Embedding
    from ceyx.types.embedding_create_params import (
        EmbeddingCreateParams as EmbeddingCreateParams,
        EmbeddingModel as EmbeddingModel,
    )
    from ceyx.types.eval_create_params import (
        EvalCreateParams as EvalCreateParams,
        EvalListParams as EvalListParams,
        EvalUpdateParams as EvalUpdateParams,
    )
    from ceyx.types.eval_create_response import (
        EvalCreateResponse as EvalCreateResponse,
        EvalCustomDataSourceConfig as EvalCustomDataSourceConfig,
        EvalDeleteResponse as EvalDeleteResponse,
        EvalListResponse as EvalListResponse,
        EvalRetrieveResponse as EvalRetrieveResponse,
        EvalStoredCompletionsDataSourceConfig as EvalStoredCompletionsDataSourceConfig,
        EvalUpdateResponse as EvalUpdateResponse,
    )
    from ceyx.types.file_chunking_strategy import (
        AutoFileChunkingStrategyParam as AutoFileChunkingStrategyParam,
        FileChunkingStrategy as FileChunkingStrategy,
        FileChunkingStrategyParam as FileChunkingStrategyParam,
        OtherFileChunkingStrategyObject as OtherFileChunkingStrategyObject,
        StaticFileChunkingStrategy as StaticFileChunkingStrategy,
        StaticFileChunkingStrategyObject as StaticFileChunkingStrategyObject,
        StaticFileChunkingStrategyObjectParam as StaticFileChunkingStrategyObjectParam,
        StaticFileChunkingStrategyParam as StaticFileChunkingStrategyParam,
    )
    from ceyx.types.file_create_params import (
        FileCreateParams as FileCreateParams,
        FileListParams as FileListParams,
        FilePurpose as FilePurpose,
    )
    from ceyx.types.file_object import FileContent as FileContent, FileDeleted as FileDeleted, FileObject as FileObject
    from ceyx.types.file_types import FileTypes as FileTypes
    from ceyx.types.image import Image as Image, ImageModel as ImageModel
    from ceyx.types.image_create_variation_params import ImageCreateVariationParams as ImageCreateVariationParams
    from ceyx.types.image_edit_completed_event import ImageEditCompletedEvent as ImageEditCompletedEvent
    from ceyx.types.image_edit_params import (
        ImageEditParams as ImageEditParams,
        ImageInputReferenceParam as ImageInputReferenceParam,
    )
    from ceyx.types.image_edit_stream_event import (
        ImageEditPartialImageEvent as ImageEditPartialImageEvent,
        ImageEditStreamEvent as ImageEditStreamEvent,
    )
    from ceyx.types.image_gen_completed_event import ImageGenCompletedEvent as ImageGenCompletedEvent
    from ceyx.types.image_gen_stream_event import (
        ImageGenPartialImageEvent as ImageGenPartialImageEvent,
        ImageGenStreamEvent as ImageGenStreamEvent,
    )
    from ceyx.types.image_generate_params import ImageGenerateParams as ImageGenerateParams
    from ceyx.types.images_response import ImagesResponse as ImagesResponse
    from ceyx.types.model import Model as Model, ModelDeleted as ModelDeleted
    from ceyx.types.moderation import Moderation as Moderation, ModerationCreateResponse as ModerationCreateResponse
    from ceyx.types.moderation_create_params import (
        ModerationCreateParams as ModerationCreateParams,
        ModerationImageURLInputParam as ModerationImageURLInputParam,
        ModerationModel as ModerationModel,
        ModerationMultiModalInputParam as ModerationMultiModalInputParam,
        ModerationTextInputParam as ModerationTextInputParam,
    )
    from ceyx.types.shared import (
        AllModels as AllModels,
        ChatModel as ChatModel,
        ComparisonFilter as ComparisonFilter,
        CompoundFilter as CompoundFilter,
        CustomToolInputFormat as CustomToolInputFormat,
        ErrorObject as ErrorObject,
        FunctionDefinition as FunctionDefinition,
        FunctionParameters as FunctionParameters,
        Metadata as Metadata,
        Reasoning as Reasoning,
        ReasoningEffort as ReasoningEffort,
        ResponseFormatJSONObject as ResponseFormatJSONObject,
        ResponseFormatJSONSchema as ResponseFormatJSONSchema,
        ResponseFormatText as ResponseFormatText,
        ResponseFormatTextGrammar as ResponseFormatTextGrammar,
        ResponseFormatTextPython as ResponseFormatTextPython,
        ResponsesModel as ResponsesModel,
    )
    from ceyx.types.upload import Upload as Upload
    from ceyx.types.upload_create_params import (
        UploadCompleteParams as UploadCompleteParams,
        UploadCreateParams as UploadCreateParams,
    )
    from ceyx.types.vector_store import (
        VectorStore as VectorStore,
        VectorStoreDeleted as VectorStoreDeleted,
        VectorStoreSearchResponse as VectorStoreSearchResponse,
    )
    from ceyx.types.vector_store_create_params import (
        VectorStoreCreateParams as VectorStoreCreateParams,
        VectorStoreListParams as VectorStoreListParams,
        VectorStoreSearchParams as VectorStoreSearchParams,
        VectorStoreUpdateParams as VectorStoreUpdateParams,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "audio_model",
        "batch",
        "batch_create_params",
        "batch_usage",
        "completion",
        "completion_choice",
        "completion_create_params",
        "completion_usage",
        "container_create_params",
        "container_create_response",
        "create_embedding_response",
        "embedding",
        "embedding_create_params",
        "eval_create_params",
        "eval_create_response",
        "file_chunking_strategy",
        "file_create_params",
        "file_object",
        "file_types",
        "image",
        "image_create_variation_params",
        "image_edit_completed_event",
        "image_edit_params",
        "image_edit_stream_event",
        "image_gen_completed_event",
        "image_gen_stream_event",
        "image_generate_params",
        "images_response",
        "model",
        "moderation",
        "moderation_create_params",
        "shared",
        "upload",
        "upload_create_params",
        "vector_store",
        "vector_store_create_params",
        packages=(
            "audio",
            "chat",
            "containers",
            "conversations",
            "evals",
            "fine_tuning",
            "graders",
            "responses",
            "shared_params",
            "uploads",
            "vector_stores",
            "webhooks",
        ),
    )
