"""The events of a response, from its first state to its last: told from what it became, so that they can be told again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeAlias

from ceyx.service.answering import unfinished
from ceyx.service.items import Item
from ceyx.service.streams import padding

Event = dict[str, Any]
Pieces: TypeAlias = Callable[[str], list[str]]
"""What gives a text in the parts it is streamed in."""


def events(
    response: dict[str, Any], pieces: Pieces, starting_after: int = -1, *, padded: bool = False
) -> Generator[Event, None, None]:
    """All events with a sequence number above `starting_after`; those that say a part of something `padded`, if asked."""
    for number, event in enumerate(_events(response, pieces)):
        if padded and "delta" in event:
            event["obfuscation"] = padding(event["delta"])
        if number > starting_after:
            yield {"type": event["type"], "sequence_number": number, **event}


def _events(response: dict[str, Any], pieces: Pieces) -> Iterator[Event]:
    if response["background"]:
        queued = unfinished(response, "queued")
        yield {"type": "response.created", "response": queued}
        yield {"type": "response.queued", "response": queued}
    begun = unfinished(response, "in_progress")
    if not response["background"]:
        yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        yield {"type": "response.output_item.added", "output_index": index, "item": _opened(item)}
        yield from _TOLD[item["type"]](item, {"item_id": item["id"], "output_index": index}, pieces)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    if response["status"] != "cancelled":  # a stream of one that was stopped just ends
        yield {"type": f"response.{response['status']}", "response": response}


def _opened(item: Item) -> Item:
    """An item of which nothing is there yet."""
    empty = {"content": [], "summary": [], "arguments": "", "input": "", "status": "in_progress"}
    return {name: empty.get(name, value) for name, value in item.items()}


def _message(item: Item, place: Event, pieces: Pieces) -> Iterator[Event]:
    for index, part in enumerate(item["content"]):
        here = {**place, "content_index": index}
        if part["type"] == "refusal":
            yield from _refusal(part, here, pieces)
            continue
        yield {"type": "response.content_part.added", **here, "part": {**part, "text": "", "logprobs": []}}
        said: list[tuple[str, list[Any]]] = [(entry["token"], [entry]) for entry in part["logprobs"]]
        for piece, entries in said or ((piece, []) for piece in pieces(part["text"])):
            yield {"type": "response.output_text.delta", **here, "delta": piece, "logprobs": entries}
        yield {"type": "response.output_text.done", **here, "text": part["text"], "logprobs": part["logprobs"]}
        yield {"type": "response.content_part.done", **here, "part": part}


def _refusal(part: Item, here: Event, pieces: Pieces) -> Iterator[Event]:
    yield {"type": "response.content_part.added", **here, "part": {**part, "refusal": ""}}
    for piece in pieces(part["refusal"]):
        yield {"type": "response.refusal.delta", **here, "delta": piece}
    yield {"type": "response.refusal.done", **here, "refusal": part["refusal"]}
    yield {"type": "response.content_part.done", **here, "part": part}


def _reasoning(item: Item, place: Event, pieces: Pieces) -> Iterator[Event]:
    for index, part in enumerate(item["summary"]):
        here = {**place, "summary_index": index}
        yield {"type": "response.reasoning_summary_part.added", **here, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **here, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **here, "part": part}


def _function_call(item: Item, place: Event, pieces: Pieces) -> Iterator[Event]:
    for piece in pieces(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
    done = {"name": item["name"], "arguments": item["arguments"]}
    yield {"type": "response.function_call_arguments.done", **place, **done}


def _custom_call(item: Item, place: Event, pieces: Pieces) -> Iterator[Event]:
    for piece in pieces(item["input"]):
        yield {"type": "response.custom_tool_call_input.delta", **place, "delta": piece}
    yield {"type": "response.custom_tool_call_input.done", **place, "input": item["input"]}


_TOLD = {"message": _message, "reasoning": _reasoning, "function_call": _function_call, "custom_tool_call": _custom_call}
