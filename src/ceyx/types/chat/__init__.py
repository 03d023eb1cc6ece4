"""The nouns of chat: what is asked (TypedDicts) and what comes back (views)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.chat import completions as completions
    from ceyx.types.chat.chat_completion import (
        ChatCompletion as ChatCompletion,
    )
    from ceyx.types.chat.chat_completion_audio_param import (
        ChatCompletionAudioParam as ChatCompletionAudioParam,
        ChatCompletionModality as ChatCompletionModality,
    )
    from ceyx.types.chat.chat_completion_chunk import (
        ChatCompletionChunk as ChatCompletionChunk,
    )
    from ceyx.types.chat.chat_completion_content_part_param import (
        ChatCompletionContentPartImageParam as ChatCompletionContentPartImageParam,
        ChatCompletionContentPartInputAudioParam as ChatCompletionContentPartInputAudioParam,
        ChatCompletionContentPartParam as ChatCompletionContentPartParam,
        ChatCompletionContentPartRefusalParam as ChatCompletionContentPartRefusalParam,
        ChatCompletionContentPartTextParam as ChatCompletionContentPartTextParam,
    )
    from ceyx.types.chat.chat_completion_message import (
        ChatCompletionAudio as ChatCompletionAudio,
        ChatCompletionMessage as ChatCompletionMessage,
    )
    from ceyx.types.chat.chat_completion_message_param import (
        ChatCompletionAssistantMessageParam as ChatCompletionAssistantMessageParam,
        ChatCompletionDeveloperMessageParam as ChatCompletionDeveloperMessageParam,
        ChatCompletionFunctionMessageParam as ChatCompletionFunctionMessageParam,
        ChatCompletionMessageParam as ChatCompletionMessageParam,
        ChatCompletionRole as ChatCompletionRole,
        ChatCompletionSystemMessageParam as ChatCompletionSystemMessageParam,
        ChatCompletionToolMessageParam as ChatCompletionToolMessageParam,
        ChatCompletionUserMessageParam as ChatCompletionUserMessageParam,
        CreateChatCompletionRequestMessageParam as CreateChatCompletionRequestMessageParam,
    )
    from ceyx.types.chat.chat_completion_message_tool_call import (
        ChatCompletionMessageCustomToolCall as ChatCompletionMessageCustomToolCall,
        ChatCompletionMessageFunctionToolCall as ChatCompletionMessageFunctionToolCall,
        ChatCompletionMessageToolCall as ChatCompletionMessageToolCall,
        ChatCompletionMessageToolCallUnion as ChatCompletionMessageToolCallUnion,
    )
    from ceyx.types.chat.chat_completion_message_tool_call_param import (
        ChatCompletionMessageCustomToolCallParam as ChatCompletionMessageCustomToolCallParam,
        ChatCompletionMessageFunctionToolCallParam as ChatCompletionMessageFunctionToolCallParam,
        ChatCompletionMessageToolCallParam as ChatCompletionMessageToolCallParam,
        ChatCompletionMessageToolCallUnionParam as ChatCompletionMessageToolCallUnionParam,
    )
    from ceyx.types.chat.chat_completion_store_message import (
        ChatCompletionContentPartImage as ChatCompletionContentPartImage,
        ChatCompletionContentPartText as ChatCompletionContentPartText,
        ChatCompletionDeleted as ChatCompletionDeleted,
        ChatCompletionFunctionTool as ChatCompletionFunctionTool,
        ChatCompletionStoreMessage as ChatCompletionStoreMessage,
    )
    from ceyx.types.chat.chat_completion_token_logprob import (
        ChatCompletionTokenLogprob as ChatCompletionTokenLogprob,
    )
    from ceyx.types.chat.chat_completion_tool_choice_option_param import (
        ChatCompletionAllowedToolChoiceParam as ChatCompletionAllowedToolChoiceParam,
        ChatCompletionAllowedToolsParam as ChatCompletionAllowedToolsParam,
        ChatCompletionFunctionCallOptionParam as ChatCompletionFunctionCallOptionParam,
        ChatCompletionNamedToolChoiceCustomParam as ChatCompletionNamedToolChoiceCustomParam,
        ChatCompletionNamedToolChoiceParam as ChatCompletionNamedToolChoiceParam,
        ChatCompletionToolChoiceOptionParam as ChatCompletionToolChoiceOptionParam,
    )
    from ceyx.types.chat.chat_completion_tool_param import (
        ChatCompletionCustomToolParam as ChatCompletionCustomToolParam,
        ChatCompletionFunctionToolParam as ChatCompletionFunctionToolParam,
        ChatCompletionToolParam as ChatCompletionToolParam,
        ChatCompletionToolUnionParam as ChatCompletionToolUnionParam,
    )
    from ceyx.types.chat.completion_create_params import (
        ChatCompletionPredictionContentParam as ChatCompletionPredictionContentParam,
        ChatCompletionReasoningEffort as ChatCompletionReasoningEffort,
        ChatCompletionStreamOptionsParam as ChatCompletionStreamOptionsParam,
        CompletionCreateParams as CompletionCreateParams,
    )
    from ceyx.types.chat.completions import (
        CompletionListParams as CompletionListParams,
        CompletionUpdateParams as CompletionUpdateParams,
    )
    from ceyx.types.chat.content_filter import (
        ContentFilterBlocklists as ContentFilterBlocklists,
        ContentFilterCitation as ContentFilterCitation,
        ContentFilterDetection as ContentFilterDetection,
        ContentFilterError as ContentFilterError,
        ContentFilterOffsets as ContentFilterOffsets,
        ContentFilterPersonalInformation as ContentFilterPersonalInformation,
        ContentFilterResults as ContentFilterResults,
        ContentFilterSeverity as ContentFilterSeverity,
        ContentFilterTopics as ContentFilterTopics,
        PromptFilterResult as PromptFilterResult,
    )
    from ceyx.types.chat.message_context import (
        MessageContext as MessageContext,
        MessageContextCitation as MessageContextCitation,
        MessageContextDocument as MessageContextDocument,
    )
    from ceyx.types.chat.parsed_chat_completion import (
        ParsedChatCompletion as ParsedChatCompletion,
        ParsedChatCompletionMessage as ParsedChatCompletionMessage,
        ParsedChoice as ParsedChoice,
    )
    from ceyx.types.chat.parsed_function_tool_call import (
        ParsedFunction as ParsedFunction,
        ParsedFunctionToolCall as ParsedFunctionToolCall,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__,
        "chat_completion",
        "chat_completion_audio_param",
        "chat_completion_chunk",
        "chat_completion_content_part_param",
        "chat_completion_message",
        "chat_completion_message_param",
        "chat_completion_message_tool_call",
        "chat_completion_message_tool_call_param",
        "chat_completion_store_message",
        "chat_completion_token_logprob",
        "chat_completion_tool_choice_option_param",
        "chat_completion_tool_param",
        "completion_create_params",
        "completions",
        "content_filter",
        "message_context",
        "parsed_chat_completion",
        "parsed_function_tool_call",
    )
