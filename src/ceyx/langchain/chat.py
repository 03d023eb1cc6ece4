"""Chat models for LangChain over the clients of ceyx: what langchain-core asks of a model, and nothing it does by itself.

How a call goes is in `chat_calls.py`, what a model is made with in `chat_fields.py` and `connection.py`, and what depends on
whom is asked in `openai_chat.py` and `azure_chat.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from ceyx.langchain.chat_calls import ChatCalls
from ceyx.langchain.translate import sent_messages

if TYPE_CHECKING:
    from ceyx.langchain.tools import AnyTool


class BaseChatOpenAI(ChatCalls):
    """What `ChatOpenAI` and `AzureChatOpenAI` share; a base for models of servers that speak the same protocol."""

    _asks_by: ClassVar[Literal["function_calling", "json_schema"]] = "function_calling"
    """How answers of a shape are asked for: not every server knows of schemas."""

    # -- tools and structure

    def bind_tools(
        self,
        tools: Sequence[AnyTool],
        *,
        tool_choice: dict[str, Any] | str | bool | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        response_format: Any = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with tools to call: functions, types, dicts, or tools of LangChain.

        `tool_choice` is the name of the one to call, "any" (or True) for at least one, "auto" or "none". With `response_format`,
        a schema or a type, answers that call no tool have that shape; the tools are strict then, as the API wants it.
        """
        from ceyx.langchain.tools import names_of, sent_choice

        if parallel_tool_calls is not None:
            kwargs["parallel_tool_calls"] = parallel_tool_calls
        if response_format and strict is not False and not self.use_responses_api:
            strict = True
        sent = [self._sent_tool(tool, strict=strict) for tool in tools]
        if tool_choice:
            kwargs["tool_choice"] = sent_choice(tool_choice, names_of(sent))
        if response_format:
            from ceyx.langchain.structured import asked_for

            says_itself = isinstance(response_format, dict) and "json_schema" in response_format
            kwargs["response_format"] = asked_for(response_format, strict=None if says_itself else strict)
        return super().bind(tools=sent, **kwargs)

    def _sent_tool(self, tool: AnyTool, *, strict: bool | None) -> dict[str, Any]:
        from ceyx.langchain.tools import sent_tool

        return sent_tool(tool, strict=strict)

    def with_structured_output(
        self,
        schema: Any = None,
        *,
        method: Literal["function_calling", "json_mode", "json_schema"] | None = None,
        include_raw: bool = False,
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """The model, answering in the shape of `schema`: a type, a TypedDict, or a JSON Schema with a title.

        `method` is how it is asked: by a schema the API enforces, by a tool, or for any JSON. Unless it is given, the classes for
        OpenAI and Azure ask by a schema, those for other servers by a tool. With `include_raw`, the result is a
        dict of the message (`raw`), the value (`parsed`) and what kept it from being read (`parsing_error`).
        """
        from ceyx.langchain.structured import structured

        method = method or self._asks_by
        return structured(self, schema, method=method, include_raw=include_raw, strict=strict, tools=tools, options=kwargs)

    def _no_formats(self) -> str:
        """Why answers cannot be asked for by a schema: empty where they can."""
        from ceyx.langchain.structured import NO_FORMATS

        name = self.model_name or ""
        return f"with model {name}, which is from before there was that" if name == "gpt-4" or name.startswith(NO_FORMATS) else ""

    def _filter_disabled_params(self, **kwargs: Any) -> dict[str, Any]:
        """`kwargs`, less what is disabled."""
        off = self.disabled_params or {}
        return {name: value for name, value in kwargs.items() if not (name in off and (off[name] is None or value in off[name]))}

    # -- what LangChain asks about the model

    def __call__(
        self, messages: LanguageModelInput, stop: list[str] | None = None, callbacks: Any = None, **kwargs: Any
    ) -> BaseMessage:
        """Deprecated: `invoke`."""
        warnings.warn("calling a model is deprecated; use its invoke()", DeprecationWarning, stacklevel=2)
        return self.invoke(messages, {"callbacks": callbacks} if callbacks else None, stop=stop, **kwargs)

    # -- tokens

    def get_token_ids(self, text: str) -> list[int]:
        """The tokens of `text`. LookupError where the model's table is not at hand; `get_num_tokens` needs none."""
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        from ceyx import tokens

        return tokens.token_ids(text, self._counted_as)

    def get_num_tokens(self, text: str) -> int:
        """How many tokens `text` has: exact where the model's table is at hand, and an estimate, marked as one, where not."""
        if self.custom_get_token_ids is not None:
            return len(self.custom_get_token_ids(text))
        from ceyx import tokens

        return tokens.count(text, self._counted_as)

    def get_num_tokens_from_messages(
        self, messages: Sequence[BaseMessage], tools: Sequence[AnyTool] | None = None, **_: Any
    ) -> int:
        """How many tokens a prompt of these messages, and of these tools, has; nothing is fetched for it."""
        from ceyx import tokens
        from ceyx.langchain.tools import sent_tool

        sent_tools = [sent_tool(tool) for tool in tools or ()]
        return tokens.count_messages(sent_messages(messages), self._counted_as, tools=sent_tools)

    @property
    def _counted_as(self) -> str:
        """The model whose tokens are counted."""
        return self.tiktoken_model_name or self._profiled_as
