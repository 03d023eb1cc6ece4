"""The place `openai` has these names at; they live in `chat_completion_store_message`."""

from ceyx.types.chat.chat_completion_store_message import (
    ChatCompletionContentPartText as ChatCompletionContentPartText,
    PromptCacheBreakpoint as PromptCacheBreakpoint,
)
