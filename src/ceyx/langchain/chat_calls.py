"""How a call of a chat model goes, whole and in chunks: parameters from messages, the client asked, the answer as LangChain's.

Messages are translated in `translate.py`, answers in `answers.py`, chunks in `streaming.py`, and all of the Responses API in
`responses.py`. What a model is made with is in `chat_fields.py`; what it can be asked about and bound to, in `chat.py`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import model_validator

from ceyx.errors import APIError, APIStatusError, APITimeoutError, DeadlineExceededError
from ceyx.langchain.answers import chat_result, combined, info_of
from ceyx.langchain.chat_fields import ChatFields
from ceyx.langchain.errors import StreamChunkTimeoutError, classify
from ceyx.langchain.streaming import Chunks, ConvertedChunks
from ceyx.langchain.translate import fields_of, sent_messages

if TYPE_CHECKING:
    from ceyx.langchain.structured import AskedFor

ONLY_RESPONSES = frozenset({"context_management", "include", "previous_response_id", "reasoning", "text", "truncation"})
RESPONSES_MODELS = ("gpt-5-pro", "gpt-5.2-pro", "gpt-5.4-pro", "gpt-5.5-pro", "gpt-5.6-sol")  # served by no other API
_refused_usage: set[str] = set()
"""The servers that do not know `stream_options`."""


class ChatCalls(ChatFields):
    """A chat model that can be called."""

    _has_developers: ClassVar[bool] = False
    """Whether models that reason get their system messages from a developer, as OpenAI's own want them."""

    # -- the request

    @model_validator(mode="after")
    def _choose_api(self) -> Self:
        if self.use_responses_api is None and self._use_responses_api(self._asked_always()):
            self.use_responses_api = True
        return self

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.model_name

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        """The parameters of one call, as the client takes them: `messages` are for chat completions, `input` for responses."""
        messages = _messages_of(self, input_)
        if stop is not None:
            kwargs["stop"] = stop
        payload = {**self._default_params, **kwargs}
        if "max_completion_tokens" in kwargs:
            payload.pop("max_tokens", None)  # the model's own limit, by its other name; servers refuse both
        if self._use_responses_api(payload):
            return _responses().payload(self, messages, payload)  # type: ignore[no-any-return]
        model = payload["model"]
        if model is None:
            del payload["model"]
        if "max_tokens" in payload and (name := self._limit_name(model)) != "max_tokens":
            payload[name] = payload.pop("max_tokens")
        if not payload.get("tools", True):
            del payload["tools"]  # an empty list is refused
        if "tools" not in payload:
            payload.pop("parallel_tool_calls", None)  # refused without tools
            payload.pop("tool_choice", None)
        sent = payload["messages"] = sent_messages(messages, reasoning=not self._of_provider)
        if self._has_developers and model and re.match(r"o\d", model):
            for message in sent:
                if message["role"] == "system":
                    message["role"] = "developer"
        return payload

    def _asked_always(self) -> dict[str, Any]:
        """What of that which chooses the API is in every call; for while there is no client yet, of which the rest depends."""
        fields = vars(self)
        return {**{name: fields[name] for name in ONLY_RESPONSES if fields.get(name) is not None}, **self.model_kwargs}

    def _use_responses_api(self, payload: Mapping[str, Any]) -> bool:
        """Whether a call goes to the Responses API: where that is chosen, or something is asked for that only it has."""
        if isinstance(self.use_responses_api, bool):
            return self.use_responses_api
        name = payload.get("model") or self.model_name or ""
        if (
            self.output_version == "responses/v1"
            or self.use_previous_response_id
            or name.startswith(RESPONSES_MODELS)
            or "codex" in name
            or not ONLY_RESPONSES.isdisjoint(payload)
            or (name.lower().startswith("gpt-6") and payload.get("tools"))
        ):
            return True
        if not payload.get("tools"):
            return False
        from ceyx.langchain.tools import is_built_in

        return any(map(is_built_in, payload["tools"]))

    # -- whole answers

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self._ensure_sync_client_available()
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        try:
            if "messages" not in payload:
                return _responses().generate(self, payload, kwargs)  # type: ignore[no-any-return]
            format = self._prepared(payload)
            if not self.include_response_headers:
                return self._read_result(self.client.create(**payload), None, format)
            raw = self.client.with_raw_response.create(**payload)
            return self._read_result(raw.parse(), {"headers": dict(raw.headers)}, format)
        except APIError as error:
            classify(error)
            raise

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        try:
            if "messages" not in payload:
                return await _responses().agenerate(self, payload, kwargs)  # type: ignore[no-any-return]
            format = self._prepared(payload)
            if not self.include_response_headers:
                return self._read_result(await self.async_client.create(**payload), None, format)
            raw = await self.async_client.with_raw_response.create(**payload)
            return self._read_result(raw.parse(), {"headers": dict(raw.headers)}, format)
        except APIError as error:
            classify(error)
            raise

    def _prepared(self, payload: dict[str, Any]) -> AskedFor | None:
        """Make `payload` fit for a whole answer; gives the format to read it by, where a type was asked for."""
        payload.pop("stream", None)
        return _format_in(payload)

    def _create_chat_result(self, response: Any, generation_info: dict[str, Any] | None = None) -> ChatResult:
        """An answer as LangChain has it. ValueError for what is none, or an error in place of one."""
        return chat_result(fields_of(response), generation_info, self._named, self.model_name, self._info_of)

    def _read_result(self, response: Any, generation_info: dict[str, Any] | None, format: AskedFor | None) -> ChatResult:
        """As `_create_chat_result`, with what the answers are by the `format` that was asked for."""
        result = self._create_chat_result(response, generation_info)
        if format is not None:
            for generation in result.generations:
                if (parsed := format.read(str(generation.message.content))) is not None:
                    generation.message.additional_kwargs["parsed"] = parsed
        return result

    def _info_of(self, choice: Mapping[str, Any]) -> dict[str, Any]:
        """What of a choice goes into the metadata of its message."""
        return info_of(choice)

    def _named(self, model: str) -> str:
        """The model's name in results."""
        return model

    def _combine_llm_outputs(self, llm_outputs: list[dict[str, Any] | None]) -> dict[str, Any]:
        return combined(llm_outputs, self.model_name)

    # -- streams

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        stream_usage: bool | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self._ensure_sync_client_available()
        kwargs["stream"] = True
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        if "messages" not in payload:
            yield from _responses().stream(self, payload, kwargs, run_manager)
            return
        format = _format_in(payload)
        asked = self._ask_for_usage(payload, stream_usage)
        chunks = None
        try:
            stream, headers = self._open(payload, asked)
            chunks = self._chunks(stream, headers, format)
            with stream:
                for chunk in stream:
                    if (piece := chunks.piece(chunk)) is not None:
                        if run_manager:
                            run_manager.on_llm_new_token(piece.text, chunk=piece, logprobs=_logprobs(piece))
                        yield piece
            for piece in chunks.end():
                if run_manager:
                    run_manager.on_llm_new_token(piece.text, chunk=piece)
                yield piece
        except APIError as error:
            self._check_silence(error, chunks)
            classify(error)
            raise

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        *,
        stream_usage: bool | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        kwargs["stream"] = True
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        if "messages" not in payload:
            async for piece in _responses().astream(self, payload, kwargs, run_manager):
                yield piece
            return
        format = _format_in(payload)
        asked = self._ask_for_usage(payload, stream_usage)
        chunks = None
        try:
            stream, headers = await self._aopen(payload, asked)
            chunks = self._chunks(stream, headers, format)
            async with stream:
                async for chunk in stream:
                    if (piece := chunks.piece(chunk)) is not None:
                        if run_manager:
                            await run_manager.on_llm_new_token(piece.text, chunk=piece, logprobs=_logprobs(piece))
                        yield piece
            for piece in chunks.end():
                if run_manager:
                    await run_manager.on_llm_new_token(piece.text, chunk=piece)
                yield piece
        except APIError as error:
            self._check_silence(error, chunks)
            classify(error)
            raise

    def _stream_responses(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        """For classes for other servers, which call this where they have chosen the Responses API; `_stream` chooses as well."""
        return ChatCalls._stream(self, *args, **kwargs)

    def _astream_responses(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        """As `_stream_responses`."""
        return ChatCalls._astream(self, *args, **kwargs)

    def _open(self, payload: dict[str, Any], asked: bool) -> tuple[Any, dict[str, Any] | None]:
        """A stream, and the headers if they are wanted; where the server does not know how to tell the usage, without it."""
        try:
            if not self.include_response_headers:
                return self.client.create(**payload), None
            raw = self.client.with_raw_response.create(**payload)
            return raw.parse(), {"headers": dict(raw.headers)}
        except APIStatusError as error:
            if not (asked and self._usage_refused(error)):
                raise
        del payload["stream_options"]
        return self._open(payload, False)

    async def _aopen(self, payload: dict[str, Any], asked: bool) -> tuple[Any, dict[str, Any] | None]:
        try:
            if not self.include_response_headers:
                return await self.async_client.create(**payload), None
            raw = await self.async_client.with_raw_response.create(**payload)
            return raw.parse(), {"headers": dict(raw.headers)}
        except APIStatusError as error:
            if not (asked and self._usage_refused(error)):
                raise
        del payload["stream_options"]
        return await self._aopen(payload, False)

    def _chunks(self, stream: Any, first: dict[str, Any] | None, format: AskedFor | None) -> Chunks:
        """The reader of a stream."""
        self._limit_pauses(stream)
        read = None if format is None else format.read
        options: Any = {"named": self._named, "output_version": self.output_version, "read": read}
        if type(self)._convert_chunk_to_generation_chunk is ChatCalls._convert_chunk_to_generation_chunk:
            return Chunks(first, **options)
        return ConvertedChunks(self._convert_chunk_to_generation_chunk, first, **options)

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        """What a chunk is to LangChain. Here for classes for other servers, which override it to add what those say more."""
        return Chunks(base_generation_info or None, named=self._named, output_version=self.output_version).piece(chunk)

    def _limit_pauses(self, stream: Any) -> None:
        """Have `stream` be silent for no longer than `stream_chunk_timeout` from here on."""
        if self.stream_chunk_timeout and hasattr(stream, "limit_pauses"):
            stream.limit_pauses(self.stream_chunk_timeout)

    def _check_silence(self, error: APIError, chunks: Any) -> None:
        """Raises StreamChunkTimeoutError where `error` is that a stream was silent for too long."""
        silent = isinstance(error, APITimeoutError) and not isinstance(error, DeadlineExceededError)
        if silent and chunks is not None and (limit := self.stream_chunk_timeout):
            raise StreamChunkTimeoutError(limit, model_name=self.model_name, chunks_received=chunks.count) from error

    def _ask_for_usage(self, payload: dict[str, Any], stream_usage: bool | None) -> bool:
        """Put into `payload` that the stream is to tell its usage; whether that is for want of a word to the contrary."""
        given = payload.get("stream_options") or {}
        told = [stream_usage, given.get("include_usage"), self.stream_usage]
        chosen = next((value for value in told if isinstance(value, bool)), None)
        ask = self._streams_usage() if chosen is None else chosen
        if ask:
            payload["stream_options"] = {**given, "include_usage": True}
        return ask and chosen is None

    def _streams_usage(self) -> bool:
        """Whether the server tells the usage of streams, as far as one knows."""
        return not _refused_usage or self._origin not in _refused_usage

    def _usage_refused(self, error: APIStatusError) -> bool:
        """Whether the server does not know what asks for the usage; it is not asked again."""
        refused = error.status_code in (400, 422) and "stream_options" in f"{error.message} {error.body}"
        if refused:
            _refused_usage.add(self._origin)
        return refused


# langchain-core asks both for their parameters on every call, which takes it 20 us where they do not lie ready.
_asked_for_parameters: tuple[Any, ...] = (ChatCalls._generate, ChatCalls._agenerate)
for _method in _asked_for_parameters:
    _method.__signature__ = signature(_method)


def _messages_of(model: BaseChatModel, given: Any) -> list[BaseMessage]:
    if isinstance(given, list) and all(isinstance(message, BaseMessage) for message in given):
        return given
    return model._convert_input(given).to_messages()


def _format_in(payload: dict[str, Any]) -> AskedFor | None:
    """The format in `payload`, where answers are to be read by it; a type there becomes one."""
    given = payload.get("response_format")
    if given is None or type(given) is dict:
        return None
    from ceyx.langchain.structured import AskedFor, asked_for

    if not isinstance(given, AskedFor):
        given = payload["response_format"] = asked_for(given, strict=True if isinstance(given, type) else None)
    return given if isinstance(given, AskedFor) else None


def _responses() -> Any:
    """What calls the Responses API: `payload` makes a call's parameters of ours, the others send them and read what comes."""
    from ceyx.langchain import responses

    return responses


def _logprobs(piece: ChatGenerationChunk) -> Any:
    return (piece.generation_info or {}).get("logprobs")
