"""The place `openai` has these names at; they live in `chat_completion_tool_param`."""

from ceyx.types.chat.chat_completion_tool_param import (
    ChatCompletionCustomToolParam as ChatCompletionCustomToolParam,
    Custom as Custom,
    CustomFormat as CustomFormat,
    CustomFormatGrammar as CustomFormatGrammar,
    CustomFormatGrammarGrammar as CustomFormatGrammarGrammar,
    CustomFormatText as CustomFormatText,
)
