"""Messages and generations made without validation, as what goes into them was just read: equal to what their constructors
make, at a third of the time.

Where a later langchain-core has fields that this module does not know how to fill, the constructors make them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, LLMResult, RunInfo

_new, _set = object.__new__, object.__setattr__
_MESSAGE = dict(vars(AIMessage(content="")))
_CHUNK = dict(vars(AIMessageChunk(content="")))
_RESULT = ChatResult(generations=[])
_RESULTS = LLMResult(generations=[])
# Shared, as it holds all fields that are ever set: of the objects kept for each chunk of a stream, one less for the collector.
_GENERATION_SET = {"message", "generation_info", "text"}
_CONTAINERS = {"additional_kwargs", "response_metadata", "tool_calls", "invalid_tool_calls"}


def _containers(fields: dict[str, Any]) -> set[str]:
    return {name for name, value in fields.items() if isinstance(value, dict | list | set)}


_KNOWN = _containers(_MESSAGE) == _CONTAINERS and _containers(_CHUNK) == {*_CONTAINERS, "tool_call_chunks"}


def _made(kind: Any, fields: dict[str, Any], given: set[str], extra: dict[str, Any] | None) -> Any:
    made = _new(kind)
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", given)
    _set(made, "__pydantic_extra__", extra)
    _set(made, "__pydantic_private__", None)
    return made


def ai_message(
    content: Any, more: dict[str, Any], calls: list[Any], broken: list[Any], usage: Any = None, name: str | None = None
) -> AIMessage:
    """An answer with its tool calls, those that can be read and those that cannot."""
    if not _KNOWN:
        return AIMessage(
            content=content,
            additional_kwargs=more,
            tool_calls=calls,
            invalid_tool_calls=broken,
            usage_metadata=usage,
            name=name,
        )
    fields = {
        **_MESSAGE,
        "content": content,
        "additional_kwargs": more,
        "response_metadata": {},
        "name": name,
        "tool_calls": calls,
        "invalid_tool_calls": broken,
        "usage_metadata": usage,
    }
    given = {"content", "additional_kwargs", "tool_calls", "invalid_tool_calls", "usage_metadata", "name"}
    message: AIMessage = _made(AIMessage, fields, given, {})
    return message


def ai_chunk(content: Any, more: dict[str, Any], metadata: dict[str, Any], usage: Any = None) -> AIMessageChunk:
    """A piece of an answer, without tool calls."""
    if not _KNOWN:
        return AIMessageChunk(content=content, additional_kwargs=more, response_metadata=metadata, usage_metadata=usage)
    fields = {
        **_CHUNK,
        "content": content,
        "additional_kwargs": more,
        "response_metadata": metadata,
        "tool_calls": [],
        "invalid_tool_calls": [],
        "usage_metadata": usage,
        "tool_call_chunks": [],
    }
    chunk: AIMessageChunk = _made(AIMessageChunk, fields, {"content", "additional_kwargs", "response_metadata"}, {})
    return chunk


def generation(message: AIMessage, info: dict[str, Any] | None) -> ChatGeneration:
    """An answer as one of several."""
    if not isinstance(message.content, str):
        return ChatGeneration(message=message, generation_info=info)
    fields = {"text": message.content, "generation_info": info, "type": "ChatGeneration", "message": message}
    made: ChatGeneration = _made(ChatGeneration, fields, _GENERATION_SET, None)
    return made


def result(generations: list[ChatGeneration], output: dict[str, Any] | None) -> ChatResult:
    """The answers to one prompt, with what is told of them all."""
    if vars(_RESULT).keys() != {"generations", "llm_output"}:
        return ChatResult(generations=generations, llm_output=output)
    fields = {"generations": generations, "llm_output": output}
    made: ChatResult = _made(ChatResult, fields, {"generations", "llm_output"}, None)
    return made


def results(result: ChatResult, output: dict[str, Any], run_id: UUID) -> LLMResult:
    """The answers to one prompt as those to a list of prompts, with `output` told of them all."""
    generations: list[list[Any]] = [[*result.generations]]
    runs = [RunInfo(run_id=run_id)]
    if vars(_RESULTS).keys() != {"generations", "llm_output", "run", "type"}:
        return LLMResult(generations=generations, llm_output=output, run=runs)
    fields = {"generations": generations, "llm_output": output, "run": runs, "type": "LLMResult"}
    made: LLMResult = _made(LLMResult, fields, {"generations", "llm_output", "run"}, None)
    return made


def chunk_generation(message: AIMessageChunk, info: dict[str, Any] | None, text: str | None = None) -> ChatGenerationChunk:
    """A piece of an answer, as streams give it; `text` is that of content in blocks, where it is known."""
    if text is None and isinstance(message.content, str):
        text = message.content
    if text is None:
        return ChatGenerationChunk(message=message, generation_info=info)
    fields = {"text": text, "generation_info": info, "type": "ChatGenerationChunk", "message": message}
    made: ChatGenerationChunk = _made(ChatGenerationChunk, fields, _GENERATION_SET, None)
    return made
