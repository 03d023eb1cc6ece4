"""The place `openai` has these names at; they live in `chat_completion_message_tool_call`."""

from ceyx.types.chat.chat_completion_message_tool_call import (
    ChatCompletionMessageFunctionToolCall as ChatCompletionMessageFunctionToolCall,
    Function as Function,
)
