"""The place `openai` has these names at; they live in `chat_completion_message_tool_call_param`."""

from ceyx.types.chat.chat_completion_message_tool_call_param import (
    ChatCompletionMessageFunctionToolCallParam as ChatCompletionMessageFunctionToolCallParam,
    Function as Function,
)
