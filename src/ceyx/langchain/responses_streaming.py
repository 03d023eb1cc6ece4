"""Events of a response as chunks of messages, one stream at a time. No requests.

Chunks of a block have its number in the content as `index`, by which LangChain adds them up: to the content that the whole
response would have, less those numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from ceyx.langchain.making import ai_chunk, chunk_generation
from ceyx.langchain.responses_answers import Read, kept, kept_annotation, metadata, parsed, used
from ceyx.langchain.responses_blocks import Block, as_v0
from ceyx.langchain.streaming import PROVIDER
from ceyx.langchain.translate import Fields, fields_of
from ceyx.wire.view import plain

_ANNOUNCED = frozenset({"type", "id", "call_id", "name", "arguments", "namespace", "async", "summary", "content"})
"""What of a function call or a thought is told when it begins, or in deltas."""


class ResponseFailed(Exception):
    """The response failed; it says why in its `error`."""

    def __init__(self, response: Any) -> None:
        super().__init__(response)
        self.response = response


class Events:
    """What the events of one stream are to LangChain, in the format that `version` names."""

    def __init__(self, first: Fields | None, read: Read | None, named: Callable[[str], str], version: str | None) -> None:
        self._first = first  # what goes on the first chunk
        self._read, self._named, self._v0 = read, named, version == "v0"
        self._index, self._output, self._part = -1, -1, -1
        self._outputs: dict[str, int] = {}  # by item: servers have told a later place when an item was done
        self._phases: dict[Any, str] = {}
        self._told: set[int] = set()  # the blocks of which something was told in deltas
        self._reasons = False
        self.count = 0

    def piece(self, event: Any) -> ChatGenerationChunk | None:
        """The chunk of a message that `event` is; None for one that has nothing to say. Raises ResponseFailed."""
        self.count += 1
        fields: Fields = fields_of(event)
        kind = fields.get("type")
        if kind == "response.output_text.delta":
            index, text = self._at(fields), fields.get("delta") or ""
            block = {"type": "text", "text": text, "index": index}
            if index not in self._told:
                self._told.add(index)
                block.update(self._phase_of(fields))
            about: dict[str, Any] = {"model_provider": PROVIDER}
            if logprobs := fields.get("logprobs"):
                about["logprobs"] = {"content": plain(logprobs)}
            if self._first is not None:
                about, self._first = {**self._first, **about}, None
            return chunk_generation(ai_chunk([block], {}, about), None, text)
        tell = _TELL.get(str(kind))
        return None if tell is None else tell(self, fields)

    def _at(self, event: Fields, parts: bool = True) -> int:
        """The number of the block that an event is about; of an item with `parts`, each is a block."""
        place: Any = event.get("output_index")
        if (id_ := event.get("item_id")) is not None or (id_ := fields_of(event.get("item") or {}).get("id")) is not None:
            place = self._outputs.setdefault(id_, place)
        part = event.get("content_index") or 0 if parts else None
        if place != self._output or (part is not None and part != self._part):
            self._index += 1
            self._output = place
        if part is not None:
            self._part = part
        return self._index

    def _chunk(
        self,
        content: Sequence[Block],
        *,
        calls: Sequence[Any] = (),
        about: Mapping[str, Any] | None = None,
        more: dict[str, Any] | None = None,
        id_: str | None = None,
        **fields: Any,
    ) -> ChatGenerationChunk:
        about = {"model_provider": PROVIDER, **(about or {})}
        if self._first is not None:
            about, self._first = {**self._first, **about}, None
        more, blocks = {} if more is None else more, list(content)
        if self._v0:
            blocks, id_ = as_v0(blocks, more, id_, reasons=self._reasons)
            self._reasons = self._reasons or "reasoning" in more
        made: Any = AIMessageChunk
        message = made(
            content=blocks, tool_call_chunks=list(calls), response_metadata=about, additional_kwargs=more, id=id_, **fields
        )
        return ChatGenerationChunk(message=message)

    # -- the response

    def _created(self, event: Fields) -> ChatGenerationChunk:
        id_ = fields_of(event["response"]).get("id")
        return self._chunk((), about={"id": id_}, id_=id_)

    def _failed(self, event: Fields) -> ChatGenerationChunk:
        raise ResponseFailed(event["response"])

    def _ended(self, event: Fields) -> ChatGenerationChunk:
        answer: Fields = fields_of(event["response"])
        about = metadata(answer, self._named)
        about.pop("id", None)
        about.pop("logprobs", None)  # which the deltas had
        value = parsed(answer, self._read)
        more = {} if value is None else {"parsed": value}
        return self._chunk((), about=about, more=more, usage_metadata=used(answer), chunk_position="last")

    # -- text

    def _text_done(self, event: Fields) -> ChatGenerationChunk:
        index = self._at(event)
        block: Block = {"type": "text", "text": "", "annotations": [], "id": event.get("item_id"), "index": index}
        if index not in self._told:
            block.update(text=event.get("text") or "", **self._phase_of(event))
        return self._chunk([block])

    def _annotated(self, event: Fields) -> ChatGenerationChunk:
        block = {"type": "text", "annotations": [kept_annotation(event["annotation"])]}
        return self._chunk([{**block, "index": self._at(event)}])

    def _refused(self, event: Fields) -> ChatGenerationChunk:
        block = {"type": "refusal", "refusal": event.get("refusal"), "id": event.get("item_id"), **self._phase_of(event)}
        return self._chunk([{**block, "index": self._at(event)}])

    def _phase_of(self, event: Fields) -> Block:
        """What the message that an event is about was begun as, if that was said: a commentary, or the final answer."""
        phase = self._phases.get(event.get("item_id"))
        return {} if phase is None else {"phase": phase}

    # -- items

    def _added(self, event: Fields) -> ChatGenerationChunk | None:
        item: Fields = fields_of(event["item"])
        tell = _ADDED.get(str(item.get("type")))
        return None if tell is None else tell(self, event, item)

    def _done(self, event: Fields) -> ChatGenerationChunk | None:
        item: Fields = fields_of(event["item"])
        return _DONE.get(str(item.get("type")), Events._item)(self, event, item)

    def _message(self, event: Fields, item: Fields) -> ChatGenerationChunk | None:
        if (phase := item.get("phase")) is not None:
            self._phases[item.get("id")] = phase
        return self._chunk((), id_=item.get("id")) if self._v0 else None

    def _nothing(self, event: Fields, item: Fields) -> ChatGenerationChunk | None:
        return None

    def _item(self, event: Fields, item: Fields) -> ChatGenerationChunk:
        return self._chunk([{**kept(event["item"]), "index": self._at(event, parts=False)}])

    def _custom_call(self, event: Fields, item: Fields) -> ChatGenerationChunk:
        index = self._at(event, parts=False)
        arguments = json.dumps({"__arg1": item.get("input")})
        call = tool_call_chunk(name=item.get("name"), args=arguments, id=item.get("call_id"), index=index)
        return self._chunk([{**kept(event["item"]), "index": index}], calls=[call])

    def _call(self, event: Fields, item: Fields) -> ChatGenerationChunk:
        index = self._at(event, parts=False)
        names = ("name", "arguments", "call_id", "id", "namespace", "async")
        block = {"type": "function_call", "index": index, **{name: item[name] for name in names if item.get(name) is not None}}
        if item.get("arguments"):
            self._told.add(index)
        call = tool_call_chunk(name=item.get("name"), args=item.get("arguments"), id=item.get("call_id"), index=index)
        return self._chunk([block], calls=[call])

    def _arguments(self, event: Fields) -> ChatGenerationChunk:
        index = self._at(event, parts=False)
        self._told.add(index)
        return self._arguments_chunk(index, event.get("delta") or "", {})

    def _call_done(self, event: Fields, item: Fields) -> ChatGenerationChunk | None:
        index = self._at(event, parts=False)
        rest = {name: value for name, value in kept(event["item"]).items() if name not in _ANNOUNCED}
        text = "" if index in self._told else item.get("arguments") or ""
        return self._arguments_chunk(index, text, rest) if rest or text else None

    def _arguments_chunk(self, index: int, text: str, rest: Block) -> ChatGenerationChunk:
        block = {"type": "function_call", "arguments": text, "index": index, **rest}
        return self._chunk([block], calls=[tool_call_chunk(args=text, index=index)])

    # -- thoughts

    def _thought(self, event: Fields, item: Fields) -> ChatGenerationChunk:
        return self._thinks(event, id=item.get("id"))

    def _thought_done(self, event: Fields, item: Fields) -> ChatGenerationChunk | None:
        whole = kept(event["item"])
        rest = {name: value for name, value in whole.items() if name not in _ANNOUNCED}
        told = self._at(event, parts=False) in self._told
        for name in ("summary", "content") if rest or not told else ():
            # Of what was told, one part again, empty: LangChain's v1 form has with the first part what is told of the whole.
            parts = [{**part, "text": ""} for part in whole.get(name, ())[:1]] if told else whole.get(name)
            if parts:
                rest[name] = [{**part, "index": number} for number, part in enumerate(parts)]
        return self._thinks(event, id=item.get("id"), **rest) if rest else None

    def _summary_part(self, event: Fields) -> ChatGenerationChunk:
        part = {"index": event.get("summary_index"), "type": "summary_text", "text": ""}
        return self._thinks(event, id=event.get("item_id"), summary=[part])

    def _summary(self, event: Fields) -> ChatGenerationChunk:
        self._told.add(self._at(event, parts=False))
        part = {"index": event.get("summary_index"), "type": "summary_text", "text": event.get("delta")}
        return self._thinks(event, summary=[part])

    def _reasoned(self, event: Fields) -> ChatGenerationChunk:
        self._told.add(self._at(event, parts=False))
        part = {"index": event.get("content_index"), "type": "reasoning_text", "text": event.get("delta")}
        return self._thinks(event, summary=[], content=[part])

    def _thinks(self, event: Fields, **told: Any) -> ChatGenerationChunk:
        return self._chunk([{"type": "reasoning", "summary": [], **told, "index": self._at(event, parts=False)}])


_Tell = Callable[[Events, Fields], ChatGenerationChunk | None]
_TellItem = Callable[[Events, Fields, Fields], ChatGenerationChunk | None]
_TELL: dict[str, _Tell] = {
    "response.created": Events._created,
    "response.completed": Events._ended,
    "response.incomplete": Events._ended,
    "response.failed": Events._failed,
    "response.output_text.done": Events._text_done,
    "response.output_text.annotation.added": Events._annotated,
    "response.refusal.done": Events._refused,
    "response.output_item.added": Events._added,
    "response.output_item.done": Events._done,
    "response.function_call_arguments.delta": Events._arguments,
    "response.reasoning_summary_part.added": Events._summary_part,
    "response.reasoning_summary_text.delta": Events._summary,
    "response.reasoning_text.delta": Events._reasoned,
}
_ADDED: dict[str, _TellItem] = {
    "message": Events._message,
    "function_call": Events._call,
    "reasoning": Events._thought,
}
_DONE: dict[str, _TellItem] = {
    "message": Events._nothing,
    "function_call": Events._call_done,
    "custom_tool_call": Events._custom_call,
    "reasoning": Events._thought_done,
}
