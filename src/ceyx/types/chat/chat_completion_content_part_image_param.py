"""The place `openai` has these names at; they live in `chat_completion_content_part_param`."""

from ceyx.types.chat.chat_completion_content_part_param import (
    ChatCompletionContentPartImageParam as ChatCompletionContentPartImageParam,
    ImageURL as ImageURL,
    PromptCacheBreakpoint as PromptCacheBreakpoint,
)
