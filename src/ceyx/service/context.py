"""How many tokens a model reads and writes at most, and the refusal of what is more.

Tokens are estimated, as everywhere in the service; only where an estimate comes near a limit the model's table counts, if it is
at hand (`ceyx.tokens`), as a program is to be refused what the provider would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ceyx.service.bodies import Chat, Completion
from ceyx.service.errors import bad_request
from ceyx.service.tokens import Tokens, prompt_tokens

if TYPE_CHECKING:
    from ceyx.service.catalogue import Model

_NEAR = 3  # so many times an estimate may be exceeded, in the worst of texts

Counting = Callable[[Callable[[str], int]], int]
"""Counts what is asked with a way to count a text."""


def check_chat_length(body: Chat, model: Model, read: int, tokens: Tokens) -> None:
    """Raises Refusal for more than the model reads or writes; `read` is what its messages were counted to be by `tokens`."""
    name = "max_tokens" if body.max_tokens is not None else "max_completion_tokens"
    written = body.max_tokens or body.max_completion_tokens or 0
    if model.written and written > model.written and model.written < model.window:
        message = f"{name} is too large: {written}. This model supports at most {model.written} completion tokens, "
        raise bad_request(f"{message}whereas you provided {written}.", name, "invalid_value")
    read = _counted(lambda count: prompt_tokens(body, count), model, read, model.window - written, tokens)
    if read + written > model.window > 0:
        about = f"This model's maximum context length is {model.window} tokens. However,"
        if read > model.window:
            message = f"{about} your messages resulted in {read} tokens. Please reduce the length of the messages."
        else:
            parts = f"{read} in the messages, {written} in the completion"
            message = f"{about} you requested {read + written} tokens ({parts}). "
            message += "Please reduce the length of the messages or completion."
        raise bad_request(message, "messages", "context_length_exceeded")


def check_input_length(chat: Chat, model: Model, tokens: Tokens) -> None:
    """Raises Refusal for a response that is to be made from more than the model reads."""
    read = _counted(lambda count: prompt_tokens(chat, count), model, tokens.prompt(chat), model.window, tokens)
    if read > model.window > 0:
        message = "Your input exceeds the context window of this model. Please adjust your input and try again."
        raise bad_request(message, "input", "context_length_exceeded")


def check_completion_length(body: Completion, model: Model, prompts: list[str | list[int]], tokens: Tokens) -> None:
    """Raises Refusal for a prompt that leaves too little for its completion."""
    check_texts_length(model, prompts, tokens, 16 if body.max_tokens is None else body.max_tokens)


def check_texts_length(model: Model, texts: list[str | list[int]], tokens: Tokens, written: int = 0) -> None:
    """Raises Refusal for a text that is, with what is to be written, more than the model takes."""
    for text in texts:
        read = _tokens_of(text, model, model.window - written, tokens) if isinstance(text, str) else len(text)
        if read + written > model.window > 0:
            parts = f"{read} in your prompt; {written} for the completion"
            message = f"This model's maximum context length is {model.window} tokens, however you requested {read + written} "
            raise bad_request(f"{message}tokens ({parts}). Please reduce your prompt; or completion length.")


def _tokens_of(text: str, model: Model, limit: int, tokens: Tokens) -> int:
    return _counted(lambda count: count(text), model, tokens.texts([text]), limit, tokens)


def _counted(counting: Counting, model: Model, estimated: int, limit: int, tokens: Tokens) -> int:
    """The estimate where it is far below the limit, or no table is at hand; else what the model's table counts."""
    if tokens.exact or estimated * _NEAR <= limit or not model.window:
        return estimated
    from ceyx.tokens import count, tokenizer

    return estimated if tokenizer(model.table) is None else counting(lambda text: count(text, model.table))
