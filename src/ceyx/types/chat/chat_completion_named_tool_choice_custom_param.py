"""The place `openai` has these names at; they live in `chat_completion_tool_choice_option_param`."""

from ceyx.types.chat.chat_completion_tool_choice_option_param import (
    ChatCompletionNamedToolChoiceCustomParam as ChatCompletionNamedToolChoiceCustomParam,
    Custom as Custom,
)
