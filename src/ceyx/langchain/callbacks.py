"""What a stretch of a program used and cost: `with get_openai_callback() as cb: …`, then `cb.total_cost`.

Knows how LangChain reports a call's end, and how embeddings, which LangChain does not report, are counted with the rest. Prices
are those of `ceyx.prices`; names and text are those of `langchain_community.callbacks`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.tracers.context import register_configure_hook

from ceyx import tokens
from ceyx.prices import UnknownPriceWarning, prices
from ceyx.rates import Used, tier_in


class _Asked(NamedTuple):
    """What a call said when it began, until it ends."""

    model: str | None
    deployment: str | None
    provider: str
    prompts: Sequence[Any]


class OpenAICallbackHandler(BaseCallbackHandler):
    """Adds up tokens, requests and dollars of what is run with it. Threads may share one.

    Answers out of LangChain's cache count as nothing. `total_cost` is of the models whose price is known; the others are named in
    `unpriced`. Where a server tells no usage, tokens are counted here, and `estimated_requests` says how often.
    """

    def __init__(self, outer: OpenAICallbackHandler | None = None) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._outer = outer
        self._asked: dict[UUID, _Asked] = {}
        self.total_tokens = 0
        self.prompt_tokens = 0
        self.prompt_tokens_cached = 0
        self.completion_tokens = 0
        self.reasoning_tokens = 0
        self.successful_requests = 0
        self.estimated_requests = 0
        self.cost = Decimal(0)
        """As `total_cost`, exact."""
        self.unpriced: list[str] = []
        """The models that were used and have no price."""

    @property
    def total_cost(self) -> float:
        """US dollars."""
        return float(self.cost)

    @total_cost.setter
    def total_cost(self, dollars: float) -> None:
        self.cost = Decimal(str(dollars))

    def __repr__(self) -> str:
        lines = [
            f"Tokens Used: {self.total_tokens}",
            f"\tPrompt Tokens: {self.prompt_tokens}",
            f"\t\tPrompt Tokens Cached: {self.prompt_tokens_cached}",
            f"\tCompletion Tokens: {self.completion_tokens}",
            f"\t\tReasoning Tokens: {self.reasoning_tokens}",
            f"Successful Requests: {self.successful_requests}",
            f"Total Cost (USD): ${self.total_cost}",
        ]
        if self.unpriced:
            lines.append(f"Not Priced: {', '.join(self.unpriced)}")
        return "\n".join(lines)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    @property
    def always_verbose(self) -> bool:
        """Whether to be told of runs that are not verbose."""
        return True

    def on_llm_start(
        self, serialized: dict[str, Any] | None, prompts: list[str], *, run_id: UUID | None = None, **more: Any
    ) -> None:
        self._begun(run_id, serialized, prompts, more)

    def on_chat_model_start(
        self, serialized: dict[str, Any] | None, messages: list[Any], *, run_id: UUID | None = None, **more: Any
    ) -> None:
        self._begun(run_id, serialized, messages, more)

    def _begun(
        self, run_id: UUID | None, serialized: Mapping[str, Any] | None, prompts: Sequence[Any], more: Mapping[str, Any]
    ) -> None:
        called = more.get("invocation_params") or {}
        made = (serialized or {}).get("kwargs") or {}
        names = ("azure_deployment", "deployment_name", "engine")
        deployment = next((where[name] for name in names for where in (called, made) if where.get(name)), None)
        model = called.get("model") or called.get("model_name") or made.get("model") or made.get("model_name")
        provider = "azure" if str(called.get("_type")).startswith("azure") else "openai"
        if run_id is not None:
            self._asked[run_id] = _Asked(model, deployment, provider, prompts)

    def on_llm_error(self, error: BaseException, *, run_id: UUID | None = None, **more: Any) -> None:
        if run_id is not None:
            self._asked.pop(run_id, None)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID | None = None, **more: Any) -> None:
        nothing = _Asked(None, None, "openai", ())
        asked = nothing if run_id is None else self._asked.pop(run_id, nothing)
        usage, model, tier = _told(response)
        if isinstance(usage, Mapping) and usage.get("total_cost") == 0:  # langchain-core's mark of an answer out of its cache
            return
        estimated = usage is None
        used = Used.of(usage) if usage is not None else _counted(response, asked)
        self.add(used, model or asked.model, asked.deployment, asked.provider, tier, estimated=estimated)

    def add(
        self,
        used: Used,
        model: str | None,
        deployment: str | None = None,
        provider: str = "openai",
        tier: str | None = None,
        *,
        estimated: bool = False,
    ) -> None:
        """Count one request."""
        cost = None
        try:
            cost = prices().cost(used, model, deployment=deployment, provider=provider, tier=tier) if any(used) else None
        except ModuleNotFoundError as missing:
            warnings.warn(str(missing), UnknownPriceWarning, stacklevel=2)
        finally:  # what a warning that is an error would end, counts none the less
            self._add(used, cost and cost.total, model or deployment or "a model without a name", estimated)

    def _add(self, used: Used, dollars: Decimal | None, name: str, estimated: bool) -> None:
        with self._lock:
            self.prompt_tokens += used.input
            self.prompt_tokens_cached += used.cached
            self.completion_tokens += used.output
            self.reasoning_tokens += used.reasoning
            self.total_tokens += used.input + used.output
            self.successful_requests += 1
            self.estimated_requests += estimated
            if dollars is not None:
                self.cost += dollars
            elif any(used) and name not in self.unpriced:
                self.unpriced.append(name)
        if self._outer is not None:
            self._outer._add(used, dollars, name, estimated)


def _told(response: LLMResult) -> tuple[Any, str | None, str | None]:
    """The usage that a result tells of, the model it is of, and the service tier; no usage is None, nothing used is {}."""
    output: dict[str, Any] = response.llm_output or {}
    generation = response.generations[0][0] if response.generations and response.generations[0] else None
    info: Mapping[str, Any] = (generation.generation_info if generation is not None else None) or {}
    usage = None
    if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
        usage = generation.message.usage_metadata
        info = {**info, **generation.message.response_metadata}
    model = info.get("model_name") or output.get("model_name")
    tier = info.get("service_tier") or output.get("service_tier") or (usage and tier_in(usage))
    if usage is None:
        usage = next((told["token_usage"] for told in (output, info) if told.get("token_usage") is not None), None)
    return usage, model, tier


def _counted(response: LLMResult, asked: _Asked) -> Used:
    """The tokens of a call whose server told of none, as far as they are text."""
    model = asked.model or ""
    came = sum(tokens.count(_text_of(prompt), model) for prompt in asked.prompts)
    went = sum(tokens.count(generation.text, model) for generations in response.generations for generation in generations)
    return Used(came, went)


def _text_of(prompt: Any) -> str:
    if isinstance(prompt, str):
        return prompt
    return "\n".join(str(message.text) for message in prompt)


_active: ContextVar[OpenAICallbackHandler | None] = ContextVar("ceyx_openai_callback", default=None)
register_configure_hook(_active, inheritable=True)


@contextmanager
def get_openai_callback() -> Iterator[OpenAICallbackHandler]:
    """Counts what is run inside: `cb.total_cost`, `cb.prompt_tokens`, …; `print(cb)` shows all.

    Covers chat models, LLMs and embeddings, streamed and not, in this thread or task and in those that LangChain begins from it.
    Inside another one, both count.
    """
    handler = OpenAICallbackHandler(_active.get())
    token = _active.set(handler)
    try:
        yield handler
    finally:
        _active.reset(token)


# ---- what LangChain does not report


def report_embedding(usage: Any, model: str | None, deployment: str | None, provider: str) -> None:
    """Tell the callbacks that are active here, ours and langchain-core's, of a request for embeddings."""
    handlers = list(_handlers())
    if not handlers:
        return
    used = Used.of(usage)
    for handler in handlers:
        if isinstance(handler, OpenAICallbackHandler):
            handler.add(used, model, deployment, provider)
    report_usage(handlers, used, model)


def report_usage(handlers: Iterable[Any], used: Used, model: str | None) -> None:
    """Tell langchain-core's usage callbacks among `handlers`, which look at chat messages only, of another kind of call."""
    counting = [handler for handler in handlers if isinstance(handler, UsageMetadataCallbackHandler)]
    if not counting or not model or not any(used):
        return
    message = AIMessage(
        content="",
        response_metadata={"model_name": model},
        usage_metadata={
            "input_tokens": used.input,
            "output_tokens": used.output,
            "total_tokens": used.input + used.output,
        },
    )
    for handler in counting:
        handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))


def _handlers() -> Iterator[Any]:
    """The handlers that are active here: those of context managers such as ours, and those of the chain that runs this."""
    from langchain_core.runnables.config import var_child_runnable_config
    from langchain_core.tracers import context

    seen: set[int] = set()
    for variable, *_ in getattr(context, "_configure_hooks", ()):
        handler = variable.get()
        if handler is not None and id(handler) not in seen:
            seen.add(id(handler))
            yield handler
    callbacks: Any = (var_child_runnable_config.get() or {}).get("callbacks") or ()
    for handler in getattr(callbacks, "handlers", callbacks):
        if id(handler) not in seen:
            seen.add(id(handler))
            yield handler
