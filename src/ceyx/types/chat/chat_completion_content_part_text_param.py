"""The place `openai` has these names at; they live in `chat_completion_content_part_param`."""

from ceyx.types.chat.chat_completion_content_part_param import (
    ChatCompletionContentPartTextParam as ChatCompletionContentPartTextParam,
    PromptCacheBreakpoint as PromptCacheBreakpoint,
)
