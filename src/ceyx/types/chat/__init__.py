# ruff: noqa: F403
"""The nouns of chat: what is asked (TypedDicts) and what comes back (views)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.chat import completions as completions
    from ceyx.types.chat.chat_completion import *
    from ceyx.types.chat.chat_completion_audio_param import *
    from ceyx.types.chat.chat_completion_chunk import *
    from ceyx.types.chat.chat_completion_content_part_param import *
    from ceyx.types.chat.chat_completion_message import *
    from ceyx.types.chat.chat_completion_message_param import *
    from ceyx.types.chat.chat_completion_message_tool_call import *
    from ceyx.types.chat.chat_completion_message_tool_call_param import *
    from ceyx.types.chat.chat_completion_store_message import *
    from ceyx.types.chat.chat_completion_token_logprob import *
    from ceyx.types.chat.chat_completion_tool_choice_option_param import *
    from ceyx.types.chat.chat_completion_tool_param import *
    from ceyx.types.chat.completion_create_params import *
    from ceyx.types.chat.completions import *
    from ceyx.types.chat.content_filter import *
    from ceyx.types.chat.message_context import *
    from ceyx.types.chat.parsed_chat_completion import *
    from ceyx.types.chat.parsed_function_tool_call import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__, "chat_completion", "chat_completion_audio_param", "chat_completion_chunk",
        "chat_completion_content_part_param", "chat_completion_message", "chat_completion_message_param",
        "chat_completion_message_tool_call", "chat_completion_message_tool_call_param", "chat_completion_store_message",
        "chat_completion_token_logprob", "chat_completion_tool_choice_option_param", "chat_completion_tool_param",
        "completion_create_params", "completions", "content_filter", "message_context", "parsed_chat_completion",
        "parsed_function_tool_call",
    )  # fmt: skip
