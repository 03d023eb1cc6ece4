"""/responses: made whole, in events or in the background; continued, looked up again, stopped, counted and compacted."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.service import filters
from ceyx.service.answering import Asked, Context, chat_of, made, response, unfinished
from ceyx.service.bodies import Chat
from ceyx.service.clock import time
from ceyx.service.context import check_input_length
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.gate import Ask, Operation, Service, json_response
from ceyx.service.items import Item, kept, new_id
from ceyx.service.response_events import events
from ceyx.service.routes import conversations
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.streams import EventStream
from ceyx.service.visit import Visit, deleted, now

KIND, ITEM = "response", "response_item"
_QUEUED, _WORKING = 0.2, 0.4
"""How many seconds a response in the background waits, and then takes."""
_STEP = 0.05  # seconds within which it is seen that one was stopped, or that the clock was put forward


async def create(ask: Ask) -> Response:
    asked: Asked = ask.body
    store = ask.service.store
    check_background(asked)
    if asked.input is None and asked.previous_response_id is None and asked.conversation is None and asked.prompt is None:
        raise bad_request("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    before, given = history(store, asked), referred(store, kept(asked.input))
    chat = chat_of(asked, [*before, *given])
    if not chat.messages:
        raise bad_request("Invalid 'input': there is nothing to answer.", "input", "empty_array")
    if asked.truncation != "auto":
        check_input_length(chat, ask.model, ask.tokens)
    done = made(asked, ask.model.id, chat, ask.replied(), ask.held, ask.tokens)
    done.usage.update(ask.counted(done.usage))
    whole = response(identifier("resp_"), ask.model.snapshot, now(), asked, done)
    if ask.filtered:
        prompt = filters.of_prompts()[0]["content_filter_results"]
        found = filters.of_response("completion", done.found or filters.of_text(), blocked=done.found is not None)
        whole["content_filters"] = [filters.of_response("prompt", prompt), found]
    if asked.conversation_id:
        conversations.append(store, asked.conversation_id, [*given, *done.output])
    if asked.store is not False:
        keep(store, whole, [*before, *given], bool(asked.background and not asked.stream))
        if asked.background:
            ask.service.work.start(whole["id"], ending(ask.service, whole["id"]))
    tokens = done.usage["total_tokens"]
    if asked.stream:
        told = events(whole, ask.tokens.pieces, padded=ask.padded)
        return EventStream(told, ask.surface.provider, ask.answer_headers(tokens), named=True)
    return ask.whole(unfinished(whole, "queued") if asked.background else whole, tokens)


def check_background(asked: Asked) -> None:
    """Raises Refusal for what does not go with a response in the background, or without one."""
    if asked.background and asked.store is False:
        message = "A response in the background is looked up again, so 'store' cannot be false."
        raise bad_request(message, "store", "invalid_value")
    window = asked.background_options.completion_window if asked.background_options else "soonest"
    if window != "soonest" and (not asked.background or asked.stream or asked.service_tier not in (None, "auto", "default")):
        message = f"A completion window of {window} needs 'background': true, no 'stream' and the default 'service_tier'."
        raise bad_request(message, "background_options.completion_window", "invalid_value")


def chat_asked(store: Store, asked: Context) -> Chat:
    """The chat that a response continues. Raises Refusal for what is not there, or does not fit."""
    return chat_of(asked, [*history(store, asked), *referred(store, kept(asked.input))])


def history(store: Store, asked: Context) -> list[Item]:
    """The items that came before. Raises Refusal for a response or conversation that is not there."""
    if asked.previous_response_id is not None and asked.conversation is not None:
        message = "Give 'previous_response_id' or 'conversation', not both."
        raise bad_request(message, "previous_response_id", "mutually_exclusive_parameters")
    if asked.conversation_id is not None:
        return conversations.items_of(store, asked.conversation_id)
    if asked.previous_response_id is None:
        return []
    record = store.get(KIND, asked.previous_response_id)
    if record is None:
        message = f"Previous response with id '{asked.previous_response_id[:100]}' not found."
        raise bad_request(message, "previous_response_id", "previous_response_not_found")
    return [*record["input"], *record["response"]["output"]]


def referred(store: Store, items: list[Item]) -> list[Item]:
    """Items with those in place that others refer to. Raises Refusal for a reference to nothing."""
    found: list[Item] = []
    for item in items:
        there = store.get(ITEM, item["id"]) if item["type"] == "item_reference" else item
        if there is None:
            message = f"Item with id '{item['id'][:100]}' not found. Items are not kept of responses with 'store' false."
            raise Refusal(404, message, param="input")
        found.append(there)
    return found


def keep(store: Store, whole: Stored, given: list[Item], waits: bool) -> None:
    """Remembers a response, and what it was made from; one that `waits` seems to be made later."""
    begins = time() + _QUEUED if waits else 0.0
    record = {"response": whole, "input": given, "begins": begins, "ready": begins + _WORKING if waits else 0.0}
    store.put(KIND, whole["id"], record)
    for item in whole["output"]:
        store.put(ITEM, item["id"], item)


async def ending(service: Service, id: str) -> None:
    """Waits for the end of a response in the background, to tell of it."""
    record = service.store.get(KIND, id)
    while record is not None and (left := record["ready"] - time()) > 0:
        await asyncio.sleep(min(left, _STEP))
        record = service.store.get(KIND, id)
    if record is not None:
        service.tell(KIND, id, record["response"]["status"])


def as_it_stands(record: Stored) -> Stored:
    """A response now: one in the background is what it becomes after a while."""
    whole: Stored = record["response"]
    if time() >= record["ready"]:
        return whole
    return unfinished(whole, "in_progress" if time() >= record["begins"] else "queued")


def record_of(visit: Visit) -> Stored:
    record = visit.store.get(KIND, visit.id())
    if record is None:
        raise Refusal(404, f"Response with id '{visit.id()[:100]}' not found.")
    return record


async def retrieve(visit: Visit) -> Response:
    record = record_of(visit)
    if visit.query.get("stream") != "true":
        return json_response(as_it_stands(record))
    after = visit.query.get("starting_after") or "-1"
    if not after.removeprefix("-").isdecimal() or len(after) > 9:
        message = f"Invalid 'starting_after': expected the sequence_number of an event, got {after[:40]!r}."
        raise bad_request(message, "starting_after", "invalid_type")
    told = events(record["response"], visit.service.tokens_of(record["response"]["model"]).pieces, int(after))
    return EventStream(told, visit.surface.provider, {}, named=True)


async def delete(visit: Visit) -> Response:
    record_of(visit)
    visit.store.delete(KIND, visit.id())
    return deleted(visit.id(), KIND)


async def cancel(visit: Visit) -> Response:
    record = record_of(visit)
    if not record["response"]["background"]:
        raise bad_request("Only a response that is made in the background can be cancelled; this one is done.", "response_id")
    if as_it_stands(record)["status"] in ("queued", "in_progress"):
        stopped = unfinished(record["response"], "cancelled")
        record = visit.store.update(KIND, visit.id(), response=stopped, begins=0.0, ready=0.0) or record
    return json_response(as_it_stands(record))


async def input_items(visit: Visit) -> Response:
    return visit.page_of(record_of(visit)["input"])


_context: Any = msgspec.json.Decoder(Context)


async def count(visit: Visit) -> Response:
    """The tokens that a response would read; no model need be named, as most services estimate them."""
    asked: Context = await visit.body(_context)
    named = visit.service.named(asked.model or "")
    tokens = visit.service.tokens_of(named.table if named else asked.model or "")
    return json_response({"object": "response.input_tokens", "input_tokens": tokens.prompt(chat_asked(visit.store, asked))})


async def compact(ask: Ask) -> Response:
    """What users said, as they said it; the rest is left out."""
    asked: Context = ask.body
    store = ask.service.store
    context = [*history(store, asked), *referred(store, kept(asked.input))]
    chat = chat_of(asked, context)
    said = [item for item in context if item["type"] == "message" and item["role"] == "user"]
    left_out = f"{len(context) - len(said)} items of a conversation are left out"
    summary: Item = {"id": new_id("compaction"), "type": "compaction"}
    summary["encrypted_content"] = b64encode(left_out.encode()).decode()
    read, written = ask.tokens.prompt(chat), len(left_out.split())
    usage = {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
    head = {"id": identifier("resp_"), "object": "response.compaction", "created_at": now()}
    return ask.whole({**head, "output": [*said, summary], "usage": usage}, read + written)


operations = (
    Operation("responses", "chat", msgspec.json.Decoder(Asked), create, of_deployment=False),
    Operation("responses/compact", "chat", _context, compact, of_deployment=False),
)
TABLE = (
    ("POST", "/responses/input_tokens", count),
    ("GET", "/responses/{id}", retrieve),
    ("DELETE", "/responses/{id}", delete),
    ("POST", "/responses/{id}/cancel", cancel),
    ("GET", "/responses/{id}/input_items", input_items),
)
