"""Whole answers of the Responses API as results of LangChain, and what is told of them at the end of a stream. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from langchain_core.outputs import ChatResult

from ceyx.langchain.making import ai_message, generation, result
from ceyx.langchain.responses_blocks import Block, as_v0
from ceyx.langchain.streaming import PROVIDER
from ceyx.langchain.translate import Fields, fields_of, read_call, usage_metadata
from ceyx.wire.view import dumped

Read = Callable[[str], Any]
_TOLD = (
    *("created_at", "id", "incomplete_details", "metadata", "object", "status", "user", "model", "service_tier"),
    "content_filters",
)
_INDEXED = ("file_citation", "file_path")


def chat_result(
    answer: Any, first: Fields | None, read: Read | None, named: Callable[[str], str], version: str | None
) -> ChatResult:
    """What a response is to LangChain, in the format that `version` names. ValueError for what is no response.

    `first` goes into its metadata; `read` gives the value that its text is, `named` the model's name in results.
    """
    fields = fields_of(answer)
    if fields.get("output") is None:
        raise ValueError(f"the answer has no 'output', as a response has; it has {sorted(fields)}")
    blocks: list[Block] = []
    calls: list[Any] = []
    broken: list[Any] = []
    for item in fields["output"]:
        of: Fields = fields_of(item)
        kind = of.get("type")
        if kind == "message":
            blocks += said(of)
            continue
        blocks.append(kept(item))
        if kind == "function_call":
            read_call(
                {"id": of.get("call_id"), "function": {"name": of.get("name"), "arguments": of.get("arguments")}}, calls, broken
            )
        elif kind == "custom_tool_call":
            read_call({"id": of.get("call_id"), "custom": {"name": of.get("name"), "input": of.get("input")}}, calls, broken)
    more: dict[str, Any] = {}
    if (value := parsed(fields, read)) is not None:
        more["parsed"] = value
    content, id_ = blocks, fields.get("id")
    if version == "v0":
        content, id_ = as_v0(blocks, more, id_)
    message = ai_message(content, more, calls, broken, used(fields))
    message.id = id_
    message.response_metadata = {**metadata(fields, named), **(first or {})}
    made = generation(message, None)
    return result([made], None)


def said(message: Fields) -> Iterator[Block]:
    """What a message says, block by block."""
    of = {"id": message.get("id")}
    if (phase := message.get("phase")) is not None:
        of["phase"] = phase
    for part in map(fields_of, message.get("content") or ()):
        if part.get("type") == "output_text":
            annotations = [kept_annotation(one) for one in part.get("annotations") or ()]
            yield {"type": "text", "text": part.get("text") or "", "annotations": annotations, **of}
        elif part.get("type") == "refusal":
            yield {"type": "refusal", "refusal": part.get("refusal"), **of}


def kept(item: Any) -> Block:
    """An item as plain data, less what is null in it."""
    made: Block = dumped(item, True, True)
    return made


def kept_annotation(annotation: Any) -> dict[str, Any]:
    """An annotation as LangChain has it, for which `index` is the number of a block."""
    made = kept(annotation)
    if made.get("type") in _INDEXED and "index" in made:
        made["file_index"] = made.pop("index")
    return made


def metadata(answer: Fields, named: Callable[[str], str]) -> dict[str, Any]:
    """What is told of a response as a whole."""
    told = {name: dumped(value, True, True) for name in _TOLD if (value := answer.get(name)) is not None}
    told["model_provider"] = PROVIDER
    told["model_name"] = named(answer["model"]) if answer.get("model") else None
    if logprobs := [dumped(one, True, False) for part in _texts(answer) for one in part.get("logprobs") or ()]:
        told["logprobs"] = {"content": logprobs}
    return told


def used(answer: Fields) -> dict[str, Any] | None:
    """The usage of a response."""
    if not (usage := answer.get("usage")):
        return None
    counted: Fields = fields_of(usage)
    return usage_metadata(
        {
            "prompt_tokens": counted.get("input_tokens"),
            "completion_tokens": counted.get("output_tokens"),
            "total_tokens": counted.get("total_tokens"),
            "prompt_tokens_details": counted.get("input_tokens_details"),
            "completion_tokens_details": counted.get("output_tokens_details"),
        },
        answer.get("service_tier"),
    )


def parsed(answer: Fields, read: Read | None) -> Any:
    """The value that the text of a response is; None where nothing is to be read, or there is nothing."""
    if read is None:
        return None
    text = "".join(part.get("text") or "" for part in _texts(answer))
    return read(text) if text else None


def _texts(answer: Fields) -> Iterator[Fields]:
    for item in map(fields_of, answer.get("output") or ()):
        if item.get("type") == "message":
            parts: Iterator[Fields] = map(fields_of, item.get("content") or ())
            yield from (part for part in parts if part.get("type") == "output_text")


def read_json(text: str) -> Any:
    """The value of JSON text; None for what is none."""
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def reader(format: Any) -> Read | None:
    """How the text of an answer in this `text.format` is read."""
    if hasattr(format, "read"):
        return format.read  # type: ignore[no-any-return]
    return read_json if isinstance(format, Mapping) and format.get("type") == "json_schema" else None
