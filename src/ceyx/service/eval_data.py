"""The data of a run of an evaluation: where its rows come from, and what a model is asked of each.

Shapes are those of the provider's `data_source`. Nothing is asked or judged here; that is `evaluating.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ceyx.service.bodies import Count, Metadata, Object
from ceyx.service.gate import Service
from ceyx.service.grading import filled, looked_up, sampled
from ceyx.service.routes import responses, stored_chats
from ceyx.service.store import Stored
from ceyx.service.stored_files import lines

MOST_TOKENS = 2048
"""What an answer may have where nothing else is said."""


class Row(Struct, omit_defaults=True):
    """A row, and where there is one already the answer to it."""

    item: Object
    sample: Object | None = None


class Broken(Exception):
    """Ends a run: a code, and what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


# -- where rows come from


class FileContent(Struct, tag_field="type", tag="file_content"):
    content: Annotated[list[Row], Meta(min_length=1)]


class FileID(Struct, tag_field="type", tag="file_id"):
    id: str


class _Stored(Struct, omit_defaults=True):
    """What is remembered, by filters that all hold."""

    metadata: Metadata | None = None
    model: str | None = None
    created_after: int | None = None
    created_before: int | None = None

    def fits(self, metadata: Metadata, model: str, created: int, snapshot: str | None) -> bool:
        """`snapshot` is what the model of the filter answers as."""
        if created < (self.created_after or 0) or (self.created_before is not None and created > self.created_before):
            return False
        of_model = self.model is None or model in (self.model, snapshot)
        return of_model and (self.metadata or {}).items() <= metadata.items()


class StoredCompletions(_Stored, tag_field="type", tag="stored_completions", omit_defaults=True):
    limit: Count | None = None


class Responses(_Stored, tag_field="type", tag="responses", omit_defaults=True):
    instructions_search: str | None = None
    reasoning_effort: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[str] | None = None
    users: list[str] | None = None


# -- what a model is asked


class Message(Struct):
    role: str
    content: str | Object | Annotated[list[str | Object], Meta(min_length=1)]
    type: Literal["message"] = "message"


class Template(Struct, tag_field="type", tag="template"):
    template: Annotated[list[Message], Meta(min_length=1)]


class ItemReference(Struct, tag_field="type", tag="item_reference"):
    item_reference: Annotated[str, Meta(pattern=r"^item\.")]


class Sampling(Struct, omit_defaults=True):
    """How a model generates."""

    max_completion_tokens: Count | None = None
    reasoning_effort: str | None = None
    response_format: Object | None = None
    seed: int | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    text: Object | None = None
    tools: list[Object] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None


# -- the two together


class JSONLines(Struct, tag_field="type", tag="jsonl"):
    """Rows with answers."""

    source: FileContent | FileID


class _Sampled(Struct, omit_defaults=True):
    """Rows that a model answers, where one is named."""

    input_messages: Template | ItemReference | None = None
    model: str | None = None
    sampling_params: Sampling | None = None


class CompletionsData(_Sampled, tag_field="type", tag="completions", kw_only=True):
    source: FileContent | FileID | StoredCompletions


class ResponsesData(_Sampled, tag_field="type", tag="responses", kw_only=True):
    source: FileContent | FileID | Responses


Source: TypeAlias = FileContent | FileID | StoredCompletions | Responses
Data: TypeAlias = JSONLines | CompletionsData | ResponsesData


def rows(service: Service, source: Source) -> Iterator[Row]:
    """The rows, in their order. Raises Broken where a file has something else."""
    match source:
        case FileContent():
            yield from source.content
        case FileID():
            for number, line in enumerate(lines(service.store, source.id), 1):
                try:
                    yield _row.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    said = f"Line {number} of {source.id} is no JSON object with an 'item': {error}."
                    raise Broken("invalid_file", said) from None
        case StoredCompletions():
            yield from _completions(service, source)
        case Responses():
            yield from _responses(service, source)


_row = msgspec.json.Decoder(Row)


def _completions(service: Service, source: StoredCompletions) -> Iterator[Row]:
    snapshot = _snapshot(service, source.model)

    def fits(each: Stored) -> bool:
        return source.fits(each["metadata"], each["model"], each["created"], snapshot)

    for each in service.store.page(stored_chats.KIND, limit=source.limit, order="asc", where=fits)[0]:
        asked = (service.store.get(stored_chats.MESSAGES, each["id"]) or {"messages": []})["messages"]
        yield Row({"input": [_as_asked(message) for message in asked]}, {"model": each["model"], **of_chat(each)})


def _as_asked(message: Stored) -> Stored:
    """A stored message without what the store has added."""
    said = {name: value for name, value in message.items() if name not in ("id", "content_parts") and value}
    return {**said, "content": message["content_parts"] or message["content"] or ""}


def _responses(service: Service, source: Responses) -> Iterator[Row]:
    snapshot = _snapshot(service, source.model)

    def fits(record: Stored) -> bool:
        each = record["response"]
        return (
            source.fits(each["metadata"], each["model"], each["created_at"], snapshot)
            and each["status"] in ("completed", "incomplete")
            and source.temperature in (None, each["temperature"])
            and source.top_p in (None, each["top_p"])
            and source.reasoning_effort in (None, each["reasoning"]["effort"])
            and (source.instructions_search or "").lower() in (each["instructions"] or "").lower()
            and (source.users is None or each["user"] in source.users)
            and (source.tools is None or not {*source.tools}.isdisjoint(tool.get("name", tool["type"]) for tool in each["tools"]))
        )

    for record in service.store.page(responses.KIND, limit=None, order="asc", where=fits)[0]:
        spoken = [{"role": item["role"], "content": item["content"]} for item in record["input"] if item["type"] == "message"]
        yield Row({"input": spoken}, {"model": record["response"]["model"], **of_response(record["response"])})


def _snapshot(service: Service, model: str | None) -> str | None:
    found = None if model is None else service.named(model)
    return None if found is None else found.snapshot


# -- answers, as templates find them under `sample`


def of_chat(body: Stored) -> Stored:
    choice = body["choices"][0]
    message = choice["message"]
    said = sampled(message["content"] or "")
    return {**said, "output_tools": message.get("tool_calls") or [], "finish_reason": choice["finish_reason"]}


def of_response(body: Stored) -> Stored:
    parts = [part for item in body["output"] if item["type"] == "message" for part in item["content"]]
    said = sampled("".join(part["text"] for part in parts if part["type"] == "output_text"))
    called = [item for item in body["output"] if item["type"].endswith("_call")]
    return {**said, "output_tools": called, "finish_reason": "length" if body["status"] == "incomplete" else "stop"}


# -- requests


def request(data: CompletionsData | ResponsesData, item: Object) -> tuple[str, Stored]:
    """The path and body of what a model is asked of a row. Raises ValueError where the row has not what the prompt names."""
    params = data.sampling_params or Sampling()
    given = msgspec.to_builtins(params)
    limit = given.pop("max_completion_tokens", MOST_TOKENS)
    spoken = _spoken(data.input_messages, item)
    if isinstance(data, CompletionsData):
        given.pop("text", None)
        messages = [{**each, "content": _parts(each["content"], _for_chat)} for each in spoken]
        return "/chat/completions", {"model": data.model, "messages": messages, "max_completion_tokens": limit, **given}
    for chats_only in ("seed", "response_format"):
        given.pop(chats_only, None)
    if effort := given.pop("reasoning_effort", None):
        given["reasoning"] = {"effort": effort}
    items = [{**each, "content": _parts(each["content"], dict)} for each in spoken]
    return "/responses", {"model": data.model, "input": items, "max_output_tokens": limit, "store": False, **given}


def _spoken(prompt: Template | ItemReference | None, item: Object) -> list[Stored]:
    """The messages of a prompt, filled in."""
    if isinstance(prompt, Template):
        return [{"role": each.role, "content": _filled(each.content, item)} for each in prompt.template]
    path = prompt.item_reference if prompt else "item.input"
    given: Any = looked_up(path, {"item": item})
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    try:
        msgspec.convert(given, list[Message])
    except msgspec.ValidationError as error:
        raise ValueError(f"{path} is neither a text nor a list of messages: {error}") from None
    return list(given)


def _filled(content: Any, item: Object) -> Any:
    """`content` with all texts in it filled in."""
    if isinstance(content, str):
        return filled(content, {}, item)
    if isinstance(content, list):
        return [_filled(part, item) for part in content]
    return {name: _filled(value, item) for name, value in content.items()} if isinstance(content, dict) else content


def _parts(content: Any, part_of: Any) -> Any:
    """The content of a message: text, or parts, of which one may stand alone."""
    if isinstance(content, str):
        return content
    given = content if isinstance(content, list) else [content]
    return [part_of({"type": "input_text", "text": part} if isinstance(part, str) else part) for part in given]


def _for_chat(part: Stored) -> Stored:
    """A part as chats spell it; those of responses are what evaluations are written with."""
    match part.get("type"):
        case "input_text" | "output_text":
            return {"type": "text", "text": part.get("text")}
        case "input_image":
            return {"type": "image_url", "image_url": {"url": part.get("image_url"), "detail": part.get("detail") or "auto"}}
        case _:
            return part
