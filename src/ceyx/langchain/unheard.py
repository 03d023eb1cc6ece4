"""Calls that nobody listens to: what langchain-core prepares for callbacks and tracers is left out where there are none.

langchain-core itself says who listens, by the managers that it makes for a call; with a listener, or several prompts, the call
is langchain-core's own.
"""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackManager, CallbackManager, Callbacks
from langchain_core.language_models._utils import _normalize_messages
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult
from pydantic import ConfigDict

from ceyx.langchain.making import results

Manager = TypeVar("Manager", CallbackManager, AsyncCallbackManager)
_TOLD = ("tags", "metadata", "run_name", "ls_structured_output_format", "structured_output_format")
"""Arguments that are for those who listen, and no part of the request."""


class Unheard(BaseChatModel):
    """A chat model whose calls cost less where nobody listens, and give the same."""

    model_config = ConfigDict(defer_build=True)  # none is made of this class itself

    def generate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        run_id: UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        manager = _manager(CallbackManager, self, callbacks)
        if manager.handlers or len(messages) != 1:
            return super().generate(messages, stop, callbacks, run_id=run_id, **kwargs)
        (run,) = manager.on_chat_model_start({}, messages, run_id)
        asked = {name: value for name, value in kwargs.items() if name not in _TOLD}
        result = self._generate_with_cache(_normalize_messages(messages[0]), stop, run, **asked)
        return results(result, self._combine_llm_outputs([result.llm_output]), run.run_id)

    async def agenerate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        run_id: UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        manager = _manager(AsyncCallbackManager, self, callbacks)
        if manager.handlers or len(messages) != 1:
            return await super().agenerate(messages, stop, callbacks, run_id=run_id, **kwargs)
        (run,) = await manager.on_chat_model_start({}, messages, run_id)
        asked = {name: value for name, value in kwargs.items() if name not in _TOLD}
        result = await self._agenerate_with_cache(_normalize_messages(messages[0]), stop, run, **asked)
        return results(result, self._combine_llm_outputs([result.llm_output]), run.run_id)


def _manager(kind: type[Manager], model: BaseChatModel, callbacks: Callbacks) -> Manager:
    """The manager of a call, with all who would hear of it."""
    return kind.configure(callbacks, model.callbacks, model.verbose)
