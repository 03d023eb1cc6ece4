"""What models that go on with a text have in common: what of LangChain's calls goes into a request for a completion, and what
of the answer comes back. The connection is that of `connection.py`, and the names are those of `langchain_openai`.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.llms import BaseLLM
from langchain_core.outputs import GenerationChunk, LLMResult
from pydantic import Field, model_validator

from ceyx import tokens
from ceyx.errors import APIError, APIStatusError
from ceyx.langchain.callbacks import report_usage
from ceyx.langchain.completions import Answers, chunk_of, opened
from ceyx.langchain.connection import Connected
from ceyx.langchain.errors import classify
from ceyx.rates import Used
from ceyx.version import VERSION
from ceyx.wire.call import omit

if TYPE_CHECKING:
    pass

CONTEXT = {  # tokens of prompt and answer together, of the models that complete
    "gpt-3.5-turbo-instruct": 4096,
    "gpt-35-turbo-instruct": 4096,
    "babbage-002": 16_384,
    "davinci-002": 16_384,
    "text-davinci-003": 4097,
    "text-davinci-002": 4097,
    "code-davinci-002": 8001,
    "code-davinci-001": 8001,
    "code-cushman-": 2048,
    "text-": 2049,
    "davinci": 2049,
    "curie": 2049,
    "babbage": 2049,
    "ada": 2049,
}


_REFUSED_USAGE: set[str] = set()
"""The servers that do not know `stream_options`."""


class BaseOpenAI(Connected, BaseLLM):
    """What both models have: the fields of a completion."""

    _resource: ClassVar[str] = "completions"
    _other_names: ClassVar[Mapping[str, str]] = {**Connected._other_names, "modelName": "model_name"}
    _chats: ClassVar[str] = "ChatOpenAI"
    """The class for models that chat."""

    model_name: str = Field(default="gpt-3.5-turbo-instruct", alias="model")
    temperature: float | None = 0.7
    max_tokens: int | None = 256
    """At most so many for the answer; -1 is as many as the model's context has room for, and takes one prompt at a time."""
    top_p: float | None = 1
    frequency_penalty: float | None = 0
    presence_penalty: float | None = 0
    n: int = 1
    """How many answers to each prompt."""
    best_of: int = 1
    """How many the server makes, of which it gives back the `n` best."""
    logit_bias: dict[str, int | float] | None = None
    """How much likelier tokens are to be made, by token."""
    seed: int | None = None
    logprobs: int | None = None
    """With how many of the likeliest tokens at each place the answer comes; 0 is those it has."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the API that are no fields here."""
    extra_body: Mapping[str, Any] | None = None
    """Fields for the body of a request that the API does not have, but the server does."""
    batch_size: int = 20
    """How many prompts go into one request."""
    streaming: bool = False
    """Whether calls that give whole answers stream as well, so that callbacks see them grow."""
    stream_usage: bool | None = None
    """*ceyx*: whether to ask for the usage of streams. None asks, unless the server or Azure's version does not know how."""
    max_retries: int | None = 2
    allowed_special: Literal["all"] | set[str] = set()
    """For programs that set it: marks of the model, such as <|endoftext|>, are counted as the text they are."""
    disallowed_special: Literal["all"] | Collection[str] = "all"
    """As `allowed_special`."""
    tiktoken_model_name: str | None = None
    """The model to count tokens for, where `model_name` is not one that is known."""

    @model_validator(mode="after")
    def _streams_one(self) -> Self:
        if self.n < 1:
            raise ValueError(f"n must be at least 1, and is {self.n}")
        for name in ("n", "best_of"):
            if self.streaming and getattr(self, name) > 1:
                raise ValueError(f"Cannot stream results when {name} > 1 (it is {getattr(self, name)}); leave out streaming=True")
        return self

    @model_validator(mode="after")
    def _set_ceyx_version(self) -> Self:
        self._add_version("ceyx", VERSION)
        return self

    # -- what is asked

    @property
    def _default_params(self) -> dict[str, Any]:
        """What every request has, but for the prompt and who is asked."""
        params: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "frequency_penalty": self.frequency_penalty,
            "presence_penalty": self.presence_penalty,
            "n": self.n,
            "seed": self.seed,
            "logprobs": self.logprobs,
            "logit_bias": self.logit_bias,
            "max_tokens": self.max_tokens,
            "best_of": self.best_of if self.best_of > 1 else None,  # some deployments refuse even 1
            "extra_body": self.extra_body,
        }
        return {**{name: value for name, value in params.items() if value is not None}, **self.model_kwargs}

    @property
    def _invocation_params(self) -> dict[str, Any]:
        return {"model": self.model_name, **self._default_params}

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """What tells this model from others; `print` shows it."""
        params = self._default_params
        bias_and_rest = {"logit_bias": params.pop("logit_bias", {}), "max_tokens": params.pop("max_tokens", None)}
        names = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "n")
        first: dict[str, Any] = {name: params.pop(name) for name in names if name in params}
        return {"model_name": self.model_name, **first, **bias_and_rest, **params}

    def __str__(self) -> str:
        return f"{type(self).__name__}\nParams: {dict(self._identifying_params)}"

    def _asked(self, prompts: list[str], stop: list[str] | None, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a call."""
        params = {**self._invocation_params, **given}
        if stop is not None:
            params["stop"] = stop
        if params.get("max_tokens") == -1:
            if len(prompts) != 1:
                raise ValueError(
                    f"max_tokens set to -1 not supported for multiple inputs, and there are {len(prompts)}: ask for each"
                )
            params["max_tokens"] = self.max_tokens_for_prompt(prompts[0])
        return params

    def _batches(self, prompts: list[str]) -> Iterator[list[str]]:
        size = 1 if self.streaming else self.batch_size
        return (prompts[start : start + size] for start in range(0, len(prompts), size))

    def _asked_streamed(self, prompt: str, stop: list[str] | None, given: Mapping[str, Any]) -> dict[str, Any]:
        params = {**self._asked([prompt], stop, given), "stream": True}
        for name in ("n", "best_of"):
            if params.get(name, 1) > 1:
                raise ValueError(f"{name} must be 1 when streaming, and is {params[name]}; use invoke, or leave it out")
        if self.stream_usage or (self.stream_usage is None and self._tells_usage()):
            params.setdefault("stream_options", {"include_usage": True})
        return params

    def _tells_usage(self) -> bool:
        """Whether the server tells the usage of streams, as far as one knows."""
        return self._origin not in _REFUSED_USAGE

    def _refuses_usage(self, error: APIStatusError) -> bool:
        """Whether a server does not know what asks for the usage of a stream, and nobody insisted; it is not asked again."""
        refused = error.status_code in (400, 422) and "stream_options" in f"{error.message} {error.body}"
        if not refused or self.stream_usage:
            return False
        _REFUSED_USAGE.add(self._origin)
        return True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Have errors be langchain-core's too, and say what to do where a model chats."""
        try:
            yield
        except APIError as error:
            classify(error)
            if isinstance(error, APIStatusError) and _is_of_a_chat_model(error):
                error.message += f"; for models that chat, use {self._chats} of ceyx.langchain"
                error.args = (error.message,)
            raise

    # -- calls

    def _generate(
        self, prompts: list[str], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None, **given: Any
    ) -> LLMResult:
        self._ensure_sync_client_available()
        params, answers = self._asked(prompts, stop, given), Answers(self._named)
        for batch in self._batches(prompts):
            if self.streaming:
                for chunk in self._stream(batch[0], stop, run_manager, **given):
                    answers.grow(chunk)
                answers.grown()
            else:
                with self._errors():
                    answers.take(self.client.create(prompt=batch, **params))
        return self._result(answers, prompts, params, run_manager)

    async def _agenerate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **given: Any,
    ) -> LLMResult:
        params, answers = self._asked(prompts, stop, given), Answers(self._named)
        for batch in self._batches(prompts):
            if self.streaming:
                async for chunk in self._astream(batch[0], stop, run_manager, **given):
                    answers.grow(chunk)
                answers.grown()
            else:
                with self._errors():
                    answers.take(await self.async_client.create(prompt=batch, **params))
        return self._result(answers, prompts, params, run_manager)

    def _stream(
        self, prompt: str, stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None, **given: Any
    ) -> Iterator[GenerationChunk]:
        self._ensure_sync_client_available()
        params = self._asked_streamed(prompt, stop, given)
        with self._errors():
            try:
                stream = self.client.create(prompt=prompt, **params)
            except APIStatusError as error:
                if not self._refuses_usage(error):
                    raise
                stream = self.client.create(prompt=prompt, **{**params, "stream_options": omit})
            with opened(stream) as pieces:
                for piece in pieces:
                    chunk = self._chunk(piece, run_manager)
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk, verbose=self.verbose, logprobs=_logprobs(chunk))
                    yield chunk

    async def _astream(
        self, prompt: str, stop: list[str] | None = None, run_manager: AsyncCallbackManagerForLLMRun | None = None, **given: Any
    ) -> AsyncIterator[GenerationChunk]:
        params = self._asked_streamed(prompt, stop, given)
        with self._errors():
            try:
                stream = await self.async_client.create(prompt=prompt, **params)
            except APIStatusError as error:
                if not self._refuses_usage(error):
                    raise
                stream = await self.async_client.create(prompt=prompt, **{**params, "stream_options": omit})
            async with opened(stream) as pieces:
                async for piece in pieces:
                    chunk = self._chunk(piece, run_manager)
                    if run_manager:
                        await run_manager.on_llm_new_token(
                            chunk.text, chunk=chunk, verbose=self.verbose, logprobs=_logprobs(chunk)
                        )
                    yield chunk

    def _result(self, answers: Answers, prompts: list[str], params: Mapping[str, Any], run_manager: Any) -> LLMResult:
        if run_manager and not self.streaming:  # of a stream, its last piece told
            report_usage(run_manager.handlers, Used.of(answers.usage), answers.model)
        return answers.result(len(prompts), params.get("n", 1))

    def _chunk(self, piece: Any, run_manager: Any) -> GenerationChunk:
        chunk = chunk_of(piece, self._named)
        if run_manager and chunk.generation_info and (usage := chunk.generation_info.get("token_usage")):
            report_usage(run_manager.handlers, Used.of(usage), chunk.generation_info["model_name"])
        return chunk

    def _named(self, model: str | None) -> str:
        """What an answer's model is called in results."""
        return model or self.model_name

    def __call__(self, prompt: str, stop: list[str] | None = None, callbacks: Any = None, **given: Any) -> str:
        """The answer to a prompt: `invoke`, as it was called in earlier versions."""
        warnings.warn("calling a model is deprecated: use invoke", DeprecationWarning, stacklevel=2)
        return self.invoke(prompt, {"callbacks": callbacks}, stop=stop, **given)

    # -- counting

    def get_token_ids(self, text: str) -> list[int]:
        """The tokens of a text; LookupError where the model's table is not at hand."""
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        return tokens.token_ids(text, self._counted)

    def get_num_tokens(self, text: str) -> int:
        """How many tokens a text is: a `ceyx.tokens.Count`, which says whether it is exact."""
        if self.custom_get_token_ids is not None:
            return len(self.custom_get_token_ids(text))
        return tokens.count(text, self._counted)

    @property
    def _counted(self) -> str:
        return self.tiktoken_model_name or self.model_name

    @staticmethod
    def modelname_to_contextsize(modelname: str) -> int:
        """How many tokens a model's prompt and answer may have together; ValueError where that is not known."""
        known = [name for name in CONTEXT if modelname.removeprefix("ft:").startswith(name)]
        if not known:
            raise ValueError(
                f"how long the context of {modelname!r} is, is not known here: give max_tokens= a number. Known are models that "
                f"complete, whose names begin with {', '.join(CONTEXT)}"
            )
        return CONTEXT[max(known, key=len)]

    @property
    def max_context_size(self) -> int:
        """How many tokens this model's prompt and answer may have together."""
        return self.modelname_to_contextsize(self.model_name)

    def max_tokens_for_prompt(self, prompt: str) -> int:
        """How many tokens an answer to this prompt may have; with some to spare, where the prompt's are an estimate."""
        count = self.get_num_tokens(prompt)
        return self.max_context_size - (count if getattr(count, "exact", True) else ceil(count * 1.25))

    # -- LangChain's own

    @property
    def _llm_type(self) -> str:
        return "openai"

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain", "llms", "openai"]

    @classmethod
    def is_lc_serializable(cls) -> bool:
        return True


def _logprobs(chunk: GenerationChunk) -> Any:
    return (chunk.generation_info or {}).get("logprobs")


def _is_of_a_chat_model(error: APIStatusError) -> bool:
    said = error.message.lower()
    return "chat model" in said or "completion operation does not work" in said
