"""The place `openai` has these names at; they live in `chat_completion_message_param`."""

from ceyx.types.chat.chat_completion_message_param import (
    Audio as Audio,
    ChatCompletionAssistantMessageParam as ChatCompletionAssistantMessageParam,
    ContentArrayOfContentPart as ContentArrayOfContentPart,
    FunctionCall as FunctionCall,
)
