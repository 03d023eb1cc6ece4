"""Chunks of chat completions as chunks of messages, one stream at a time. No requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from ceyx.langchain.making import ai_chunk, chunk_generation
from ceyx.langchain.translate import Fields, fields_of, usage_metadata
from ceyx.wire.view import plain

PROVIDER = "openai"
_OF_CHUNK = ("system_fingerprint", "service_tier")
_HANDLED = frozenset({"role", "content", "tool_calls"})


class Chunks:
    """What the chunks of one stream are to LangChain.

    Azure's content filter speaks on many chunks, and LangChain adds up what chunks say; so its findings are kept, and told once,
    on the last chunk. So is what the answer was read as, where `read` is given: called with the text, it gives that.
    """

    def __init__(
        self,
        first: dict[str, Any] | None = None,
        *,
        named: Callable[[str], str] | None = None,
        output_version: str | None = None,
        read: Callable[[str], Any] | None = None,
    ) -> None:
        self._info = first  # what goes on the first chunk
        self._named, self._version, self._read = named, "v1" if output_version == "v1" else None, read
        self._text: list[str] = []
        self._findings: dict[str, Any] = {}
        self._refused = False
        self._custom: set[Any] = set()  # the places of calls of custom tools that have begun
        self.count = 0

    def piece(self, chunk: Any) -> ChatGenerationChunk | None:
        """The chunk of a message that `chunk` is; None for one that has nothing to say yet."""
        self.count += 1
        fields: Fields = fields_of(chunk)
        info, self._info = self._info, None
        usage = fields.get("usage")
        counted: Any = usage_metadata(fields_of(usage), fields.get("service_tier")) if usage else None
        metadata: dict[str, Any] = {} if self._version is None else {"output_version": self._version}
        choices = fields.get("choices")
        if not choices:
            if found := fields.get("prompt_filter_results"):
                info = {**(info or {}), "prompt_filter_results": plain(found)}
            return chunk_generation(ai_chunk("", {}, metadata, counted), info)
        choice: Fields = fields_of(choices[0])
        delta: Fields = fields_of(choice.get("delta") or {})
        metadata["model_provider"] = PROVIDER
        if finish := choice.get("finish_reason"):
            info = {**(info or {}), "finish_reason": finish, **self._told_at_end(fields)}
        if logprobs := choice.get("logprobs"):
            info = {**(info or {}), "logprobs": plain(logprobs)}
        if found := choice.get("content_filter_results"):
            self._findings.update(plain(found))
        content = delta.get("content") or ""
        if self._read is not None:
            self._text.append(content)
        more = {} if delta.keys() <= _HANDLED else self._more(delta)
        if not delta and info is None and counted is None:  # findings of a content filter that works beside the model
            return None
        calls = delta.get("tool_calls")
        if not calls and not (finish and self._custom):
            return chunk_generation(ai_chunk(content, more, metadata, counted), info)
        pieces = [self._call(call, more) for call in map(fields_of, calls or ())]
        if finish:
            pieces += [tool_call_chunk(args='"}', index=index) for index in self._custom]
        message = AIMessageChunk(
            content=content, additional_kwargs=more, response_metadata=metadata, usage_metadata=counted, tool_call_chunks=pieces
        )
        return ChatGenerationChunk(message=message, generation_info=info)

    def _call(self, call: Fields, more: dict[str, Any]) -> ToolCallChunk:
        """A piece of a tool call. Of one of a custom tool, `more` gets it as it came, as whole answers have it too."""
        index, id_ = call.get("index"), call.get("id")
        if (custom := call.get("custom")) is None:
            function: Fields = fields_of(call.get("function") or {})
            return tool_call_chunk(name=function.get("name"), args=function.get("arguments"), id=id_, index=index)
        of: Fields = fields_of(custom)
        more.setdefault("tool_calls", []).append(plain(call))
        text = json.dumps(of.get("input") or "", ensure_ascii=False)[1:-1]
        args = text if index in self._custom else '{"__arg1": "' + text
        self._custom.add(index)
        return tool_call_chunk(name=of.get("name"), args=args, id=id_, index=index)

    def _told_at_end(self, fields: Fields) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if model := fields.get("model"):
            told["model_name"] = model if self._named is None else self._named(model)
        told.update({name: fields[name] for name in _OF_CHUNK if fields.get(name)})
        return told

    def _more(self, delta: Fields) -> dict[str, Any]:
        """What a delta has beside text and tool calls: refusals, reasoning, sound, what the answer rests on."""
        more = {name: plain(value) for name, value in delta.items() if name not in _HANDLED and value is not None and value != []}
        if "function_call" in more:
            more["function_call"] = {**more["function_call"], "name": more["function_call"].get("name") or ""}
        self._refused = self._refused or bool(more.get("refusal"))
        return more

    def end(self) -> Iterator[ChatGenerationChunk]:
        """What is left to say when all chunks have come."""
        more: dict[str, Any] = {}
        info = {"content_filter_results": self._findings} if self._findings else None
        if self._read is not None and not self._refused:
            parsed = self._read("".join(self._text))
            more = {} if parsed is None else {"parsed": parsed}
        if more or info:
            last = AIMessageChunk(content="", additional_kwargs=more, chunk_position="last")
            yield ChatGenerationChunk(message=last, generation_info=info)


class ConvertedChunks(Chunks):
    """As `Chunks`, where a class makes chunks by itself.

    `convert` gets one as plain data, the class of its message, and what else goes on the first.
    """

    def __init__(
        self,
        convert: Callable[[dict[str, Any], type, dict[str, Any]], ChatGenerationChunk | None],
        first: dict[str, Any] | None,
        **options: Any,
    ) -> None:
        super().__init__(first, **options)
        self._convert = convert

    def piece(self, chunk: Any) -> ChatGenerationChunk | None:
        first = self._info or {}
        return None if super().piece(chunk) is None else self._convert(plain(chunk), AIMessageChunk, first)
