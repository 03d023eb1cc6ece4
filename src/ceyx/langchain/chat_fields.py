"""The fields of a chat model: what may be given, what of it is sent with every call, and how LangChain writes it down.

The calls themselves are `chat_calls.py`'s; the fields of a connection are `connection.py`'s.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Self

from langchain_core.language_models.base import LangSmithParams
from pydantic import Field, field_validator, model_validator

from ceyx.langchain.connection import Connected, kept, variable
from ceyx.langchain.profiles import profile_of
from ceyx.langchain.unheard import Unheard
from ceyx.version import VERSION

SENT = (
    *("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "n", "logprobs", "top_logprobs", "logit_bias"),
    *("stop", "max_tokens", "reasoning_effort", "reasoning", "verbosity", "service_tier", "store", "truncation", "include"),
    *("context_management", "prompt_cache_options", "extra_body"),
)
"""The fields that are parameters of a call by the same name."""
DEFAULT_CHUNK_TIMEOUT = 120.0


def _chunk_timeout() -> float:
    name = "LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S"
    if (given := variable(name)) is not None:
        with suppress(ValueError):
            if (seconds := float(given)) >= 0:
                return seconds
        warnings.warn(f"{name} is {given!r}, which is no time; {DEFAULT_CHUNK_TIMEOUT:g} s is used", stacklevel=2)
    return DEFAULT_CHUNK_TIMEOUT


def _socket_options() -> Sequence[tuple[int, int, int]] | None:
    """Those that variables name; None where there is none, which leaves them to the client."""
    if variable("LANGCHAIN_OPENAI_TCP_KEEPALIVE") == "0":
        return ()
    names = {"idle": "KEEPIDLE", "interval": "KEEPINTVL", "probes": "KEEPCNT", "unanswered": "USER_TIMEOUT_MS"}
    given = {}
    for name, suffix in names.items():
        if value := variable(f"LANGCHAIN_OPENAI_TCP_{suffix}"):
            if not value.isdecimal():
                raise ValueError(f"LANGCHAIN_OPENAI_TCP_{suffix} is {value!r}; it is a whole number")
            given[name] = int(value)
    if not given:
        return None
    from ceyx.transport.sockets import kept_alive

    return kept_alive(**given)


class ChatFields(Connected, Unheard):
    """What chat models are made with."""

    _resource: ClassVar[str] = "chat.completions"
    _other_names: ClassVar[Mapping[str, str]] = {**Connected._other_names, "modelName": "model_name"}

    model_name: str = Field(default="gpt-3.5-turbo", alias="model")
    temperature: float | None = None
    max_tokens: int | None = Field(default=None, alias="max_completion_tokens")
    """The most tokens to answer with; sent by the name that the model and its server know."""
    top_p: float | None = None
    n: int | None = None
    """How many answers to give; `generate` gives them all, `invoke` the first."""
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[int, int] | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    prompt_cache_options: dict[str, Any] | None = None
    extra_body: Mapping[str, Any] | None = None
    """Fields for the body that there is no parameter for, as compatible servers have them."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the call that this class does not name."""
    disabled_params: dict[str, Any] | None = None
    """Parameters never to send of its own accord, by name: None for any value, or a list of the values meant."""

    streaming: bool = False
    """Whether `invoke` streams, so that callbacks get tokens as they come."""
    stream_usage: bool | None = None
    """Whether to ask for the usage of streams. By default they are asked for it, except of servers that said no to it."""
    stream_chunk_timeout: float | None = Field(default_factory=_chunk_timeout, exclude=True)
    """Seconds that a stream may be silent for; None or 0 leaves it to `timeout`. Else LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S."""
    include_response_headers: bool = False
    """Whether `response_metadata` has the headers."""
    tiktoken_model_name: str | None = None
    """The model whose tokens to count, where it is not `model`."""
    http_socket_options: Sequence[tuple[int, int, int]] | None = Field(default=None, exclude=True)
    """What to set on each connection's socket: (level, name, value), as `setsockopt` takes it; `()` sets nothing. Else by
    LANGCHAIN_OPENAI_TCP_KEEPALIVE ("0" sets nothing), …_KEEPIDLE, …_KEEPINTVL, …_KEEPCNT and …_USER_TIMEOUT_MS."""

    use_responses_api: bool | None = None
    """Whether to use the Responses API; by default where a call needs it."""
    reasoning: dict[str, Any] | None = None
    """Responses: how to reason, such as `{"effort": "low", "summary": "auto"}`."""
    include: list[str] | None = None
    """Responses: what more to give, such as "reasoning.encrypted_content"."""
    truncation: str | None = None
    """Responses: "auto" lets the server leave out what does not fit."""
    context_management: list[dict[str, Any]] | None = None
    use_previous_response_id: bool = False
    """Responses: send only what follows the last answer, whose id names the rest."""
    output_version: str | None = Field(default_factory=lambda: variable("LC_OUTPUT_VERSION"))
    """The form of content: "v0", "responses/v1" or "v1"."""

    # -- checks

    @model_validator(mode="before")
    @classmethod
    def _temperature_allowed(cls, values: Any) -> Any:
        """Reasoning models take no temperature but 1; o1 wants it said."""
        if not isinstance(values, dict):
            return values
        model = str(values.get("model_name") or values.get("model") or "").lower()
        if model.startswith("o1") and "temperature" not in values:
            return {**values, "temperature": 1}
        reasons = values.get("reasoning_effort") != "none" and (values.get("reasoning") or {}).get("effort") != "none"
        if model.startswith("gpt-5") and "chat" not in model and reasons and values.get("temperature") not in (None, 1):
            return {name: value for name, value in values.items() if name != "temperature"}
        return values

    @field_validator("stream_chunk_timeout")
    @classmethod
    def _not_negative(cls, value: float | None) -> float | None:
        if value is not None and value < 0:
            warnings.warn(f"stream_chunk_timeout is {value:g}, which is no time; {_chunk_timeout():g} s is used", stacklevel=2)
            return _chunk_timeout()
        return value

    @model_validator(mode="after")
    def _one_when_streaming(self) -> Self:
        if self.n is not None and self.n < 1:
            raise ValueError(f"n is {self.n}, and n must be at least 1")
        if self.n is not None and self.n > 1 and self.streaming:
            raise ValueError(f"n is {self.n}, and n must be 1 when streaming")
        return self

    @model_validator(mode="after")
    def _set_ceyx_version(self) -> Self:
        self._add_version("ceyx", VERSION)
        return self

    @model_validator(mode="after")
    def _profiled(self) -> Self:
        if self.profile is None:
            self.profile = profile_of(self._profiled_as, shapes=self._knows_formats())
        return self

    @property
    def _profiled_as(self) -> str:
        """The model whose abilities are told."""
        return self.model_name or ""

    def _knows_formats(self) -> bool:
        """Whether the server knows of schemas for answers."""
        return True

    def _options(self, awaits: bool) -> dict[str, Any]:
        options = super()._options(awaits)
        given = self.http_socket_options
        if (chosen := _socket_options() if given is None else tuple(map(tuple, given))) is not None:
            options["socket_options"] = chosen
        return options

    # -- what is sent with every call

    @property
    def _default_params(self) -> dict[str, Any]:
        """The parameters of every call."""
        fields = self.__dict__
        given = {name: value for name in SENT if (value := fields[name]) is not None}
        if not given.get("stop", True):
            del given["stop"]
        if "max_tokens" in given:
            given[self._limit_name(self.model_name)] = given.pop("max_tokens")
        return {"model": self.model_name, "stream": self.streaming, **given, **self.model_kwargs}

    def _limit_name(self, model: str | None) -> str:
        """What the most tokens of an answer are called: today's models refuse the old name, most other servers know no other."""
        new = self._of_provider or re.match(r"(?:.*/)?(?:o\d|gpt-[5-9])", model or "") is not None
        return "max_completion_tokens" if new else "max_tokens"

    # -- what LangChain asks about the model

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.model_name

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, **self._default_params}

    def _get_invocation_params(self, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        params = {"model": self.model_name, **self._identifying_params, "_type": self._llm_type}
        if stop is not None or "stop" not in params:
            params["stop"] = stop
        params.update(kwargs)
        if params.get("tools"):
            from ceyx.langchain.tools import without_secrets

            params["tools"] = without_secrets(params["tools"])
        return params

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        of = {**self.model_kwargs, **kwargs}
        params = LangSmithParams(
            ls_provider="openai",
            ls_model_name=of.get("model", self.model_name),
            ls_model_type="chat",
            ls_temperature=of.get("temperature", self.temperature),
        )
        if limit := of.get("max_tokens") or of.get("max_completion_tokens") or self.max_tokens:
            params["ls_max_tokens"] = limit
        if ends := stop or of.get("stop") or self.stop:
            params["ls_stop"] = [ends] if isinstance(ends, str) else ends
        return params

    # -- serialisation

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        vars(self).pop("_serialized", None)  # langchain-core keeps it, and finds cached answers by it

    def to_json(self) -> Any:
        made: Any = super().to_json()
        given = made.get("kwargs", {})
        for name in ("default_headers", "default_query", "openai_proxy"):
            if name in given:
                given[name] = kept(name, given[name])
        return made
