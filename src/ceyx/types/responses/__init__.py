# ruff: noqa: F403
"""The nouns of the Responses API: what is asked (TypedDicts) and what comes back (views).

Its modules say in `__all__` what is offered here; there are too many names to list them twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.responses.computer_action import *
    from ceyx.types.responses.computer_action_param import *
    from ceyx.types.responses.container_auto import *
    from ceyx.types.responses.container_auto_param import *
    from ceyx.types.responses.parsed_response import *
    from ceyx.types.responses.response import *
    from ceyx.types.responses.response_compact_params import *
    from ceyx.types.responses.response_create_params import *
    from ceyx.types.responses.response_function_shell_tool_call import *
    from ceyx.types.responses.response_function_shell_tool_call_param import *
    from ceyx.types.responses.response_function_tool_call import *
    from ceyx.types.responses.response_function_tool_call_param import *
    from ceyx.types.responses.response_input_content import *
    from ceyx.types.responses.response_input_content_param import *
    from ceyx.types.responses.response_input_param import *
    from ceyx.types.responses.response_item import *
    from ceyx.types.responses.response_output_item import *
    from ceyx.types.responses.response_output_text import *
    from ceyx.types.responses.response_output_text_param import *
    from ceyx.types.responses.response_retrieve_params import *
    from ceyx.types.responses.response_stream_event import *
    from ceyx.types.responses.response_text_config_param import *
    from ceyx.types.responses.response_text_delta_event import *
    from ceyx.types.responses.response_tool_call_event import *
    from ceyx.types.responses.response_usage import *
    from ceyx.types.responses.responses_client_event_param import *
    from ceyx.types.responses.responses_server_event import *
    from ceyx.types.responses.tool import *
    from ceyx.types.responses.tool_param import *
    from ceyx.types.responses.web_search_tool import *
    from ceyx.types.responses.web_search_tool_param import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__, "computer_action", "computer_action_param", "container_auto", "container_auto_param", "parsed_response",
        "response", "response_compact_params", "response_create_params", "response_function_shell_tool_call",
        "response_function_shell_tool_call_param", "response_function_tool_call", "response_function_tool_call_param",
        "response_input_content", "response_input_content_param", "response_input_param", "response_item",
        "response_output_item", "response_output_text", "response_output_text_param", "response_retrieve_params",
        "response_stream_event", "response_text_config_param", "response_text_delta_event", "response_tool_call_event",
        "response_usage", "responses_client_event_param", "responses_server_event", "tool", "tool_param", "web_search_tool",
        "web_search_tool_param",
    )  # fmt: skip
