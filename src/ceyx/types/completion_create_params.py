"""What a legacy completion is asked with, whoever asks: client, LangChain, service, bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.chat.completion_create_params import ChatCompletionStreamOptionsParam
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["CompletionCreateParams"]


class CompletionCreateParamsBase(TypedDict, total=False):
    """Every parameter but `stream`."""

    model: Required[str | Literal["gpt-3.5-turbo-instruct", "davinci-002", "babbage-002"]]
    """The model that answers; on Azure, the name of your deployment of it."""
    prompt: Required[str | Sequence[str] | Iterable[int] | Iterable[Iterable[int]] | None]
    """What to continue: a text or its token ids, or a list of either; each prompt of a list gets its own `n` answers."""
    best_of: int | Omit | None
    """How many answers to generate, 1 by default, of which the `n` likeliest come back; all are billed, none can be streamed."""
    echo: bool | Omit | None
    """True puts the prompt before the answer; false by default."""
    frequency_penalty: float | Omit | None
    """-2 to 2, 0 by default: above 0, a token gets less likely the more often the text already holds it."""
    logit_bias: dict[str, int] | Omit | None
    """Token id (as a string) to a bias, from -100 (never) to 100 (always), added to its logit before sampling."""
    logprobs: int | Omit | None
    """0 to 5: return the log probabilities of the chosen tokens and of this many likeliest others at each place."""
    max_tokens: int | Omit | None
    """Upper bound of tokens to generate, 16 by default; with the prompt it must fit the model's context."""
    n: int | Omit | None
    """How many answers come back for each prompt, 1 by default; the tokens of all are billed."""
    presence_penalty: float | Omit | None
    """-2 to 2, 0 by default: above 0, tokens the text already holds get less likely, once is as bad as often."""
    seed: int | Omit | None
    """The same seed and parameters mostly give the same answer, as long as `system_fingerprint` stays the same."""
    stop: str | Sequence[str] | Omit | None
    """One to four texts at which the answer ends; they are not part of it."""
    stream_options: ChatCompletionStreamOptionsParam | Omit | None
    """Details of a streamed answer; only with `stream=True`."""
    suffix: str | Omit | None
    """The text that follows the answer, for inserting; gpt-3.5-turbo-instruct only."""
    temperature: float | Omit | None
    """0 to 2, 1 by default: higher is more random; change this or `top_p`, not both."""
    top_p: float | Omit | None
    """0 to 1, 1 by default: sample from the likeliest tokens that together have this probability."""
    user: str | Omit
    """A stable identifier of your end user, for the provider's abuse detection."""
    engine: str | Omit
    """Deprecated spelling of `model` from the time of Azure's first clients."""


class CompletionCreateParamsNonStreaming(CompletionCreateParamsBase, total=False):
    """Asks for the whole answer."""

    stream: Literal[False] | Omit | None
    """True gives the answer in pieces, as they are generated; false by default."""


class CompletionCreateParamsStreaming(CompletionCreateParamsBase):
    """Asks for the answer in pieces."""

    stream: Required[Literal[True]]
    """Give the answer in pieces, as they are generated."""


CompletionCreateParams = CompletionCreateParamsNonStreaming | CompletionCreateParamsStreaming


class CreateWhole(CompletionCreateParamsNonStreaming, Options):
    """`create` for the whole answer."""


class CreateStreamed(CompletionCreateParamsStreaming, Options):
    """`create` for the answer in pieces."""


class CreateEither(CompletionCreateParamsBase, Options, total=False):
    """`create` where only the running program knows which of the two."""

    stream: Required[bool | Omit | None]
    """Whether to give the answer in pieces, as they are generated."""
