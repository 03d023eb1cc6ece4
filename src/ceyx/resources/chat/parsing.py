"""Answers of chat completions read as what the caller asked for. The types and their schemas are the matter of `structured`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MethodType
from typing import Any

from ceyx.errors import ContentFilterFinishReasonError, LengthFinishReasonError
from ceyx.structured import formats
from ceyx.types.chat.parsed_chat_completion import ParsedChatCompletion, ParsedChatCompletionMessage
from ceyx.wire.call import Omit


def asked(params: Any, response_format: Any, strict: bool) -> Callable[[Any], ParsedChatCompletion[Any]]:
    """How to read the answer to `params`, in which the format and the tools are put as they are sent.

    Raises ValueError for a type that cannot be strict, and for tools whose arguments cannot be read; TypeError for what is
    no type, and for a stream.
    """
    if params.get("stream"):
        raise TypeError("parse() reads whole answers; leave stream= out, or take the parts of create(stream=True)")
    params["stream"] = False
    kind = format_in(params, response_format, strict)
    tools: list[Any] = []
    if params.get("tools"):  # neither left out nor empty
        tools = params["tools"] = formats.checked(params["tools"])

    def read(view: type[ParsedChatCompletion[Any]], data: Any) -> ParsedChatCompletion[Any]:
        return completed(view.wrap(data), kind, tools)

    return MethodType(read, ParsedChatCompletion)  # bound as a view's own `wrap` is, so that it is given objects only


def format_in(params: Any, response_format: Any, strict: bool) -> Any:
    """The type to read the text as, whose format is put into `params`; None where nothing is to be read.

    Raises ValueError for a type that cannot be strict.
    """
    if isinstance(response_format, Mapping):
        params["response_format"] = response_format  # in the API's own words: nothing is read
    elif response_format is not None and not isinstance(response_format, Omit):
        params["response_format"] = formats.response_format_of(response_format, strict=strict)
        return response_format
    return None


def completed(completion: ParsedChatCompletion[Any], kind: Any, tools: Any) -> ParsedChatCompletion[Any]:
    """`completion` with its content read as `kind`, and the arguments of its calls as `tools` have it.

    Raises LengthFinishReasonError or ContentFilterFinishReasonError for an answer that was cut, and a ValueError for one that
    does not fit, with a note which it was.
    """
    for place, choice in enumerate(completion.choices):
        reason, message = getattr(choice, "finish_reason", None), getattr(choice, "message", None)
        if reason == "length":
            raise LengthFinishReasonError(completion=completion)
        if reason == "content_filter":
            raise ContentFilterFinishReasonError(completion=completion)
        if message is None:
            continue
        try:
            read_message(message, kind, tools)
        except ValueError as error:
            error.add_note(f"in choices[{place}] of completion {getattr(completion, 'id', None)}: {message.content or ''!r:.300}")
            raise
    return completion


def read_message(message: ParsedChatCompletionMessage[Any], kind: Any, tools: Any) -> None:
    """Put into a message what its content and the arguments of its tool calls are read as."""
    text = message.content
    message.parsed = formats.parsed(text, kind) if kind is not None and text and not message.refusal else None
    for call in message.tool_calls or ():
        if hasattr(call, "function"):
            call.function.parsed_arguments = formats.parsed_arguments(call, tools)


def streamed(params: Any, response_format: Any, strict: bool) -> tuple[Any, Callable[..., Any]]:
    """The context managers of a stream of events, and the maker of its state; format and tools are put in `params` as they
    are sent. Raises ValueError for a type that cannot be strict.
    """
    from ceyx.streams import chat

    params["stream"] = True
    kind = format_in(params, response_format, strict)
    tools, options = params.get("tools"), params.get("stream_options")
    if tools:
        tools = params["tools"] = formats.listed(tools)  # to be sent, and to be looked up in
    messages = None
    if options and options.get("include_usage"):
        messages = params["messages"] = list(params["messages"])  # to be sent, and to be measured if no usage comes
    return chat.MANAGERS, partial(chat.ChatCompletionStreamState, response_format=kind, input_tools=tools, messages=messages)
