"""/conversations: items that go on from response to response."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service.bodies import Object
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.gate import json_response
from ceyx.service.items import Item, kept
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.visit import Metadata, Visit, deleted, listed, now

KIND, ITEM = "conversation", "conversation_item"
_Items = Annotated[list[Object], Meta(max_length=20)]


class _Create(Struct):
    items: _Items | None = None
    metadata: Metadata | None = None


class _Update(Struct):
    metadata: Metadata | None


class _Add(Struct):
    items: Annotated[_Items, Meta(min_length=1)]


_create, _update, _add = (msgspec.json.Decoder(kind) for kind in (_Create, _Update, _Add))


async def create(visit: Visit) -> Response:
    body: _Create = await visit.body(_create)
    items = own(body.items or [])
    made: Stored = {"id": identifier("conv_"), "object": KIND, "created_at": now(), "metadata": body.metadata or {}}
    visit.store.put(KIND, made["id"], made)
    append(visit.store, made["id"], items)
    return json_response(made)


async def retrieve(visit: Visit) -> Response:
    return json_response(found(visit.store, visit.id()))


async def update(visit: Visit) -> Response:
    body: _Update = await visit.body(_update)
    found(visit.store, visit.id())
    return json_response(visit.store.update(KIND, visit.id(), metadata=body.metadata or {}))


async def delete(visit: Visit) -> Response:
    found(visit.store, visit.id())
    visit.store.delete(KIND, visit.id())
    visit.store.delete_children(visit.id())
    return deleted(visit.id(), "conversation.deleted")


async def add_items(visit: Visit) -> Response:
    found(visit.store, visit.id())
    body: _Add = await visit.body(_add)
    items = own(body.items)
    append(visit.store, visit.id(), items)
    return listed(items)


async def list_items(visit: Visit) -> Response:
    found(visit.store, visit.id())
    return visit.page(ITEM, parent=visit.id(), scope=f"{visit.id()}/")


async def retrieve_item(visit: Visit) -> Response:
    return json_response(_item(visit))


async def delete_item(visit: Visit) -> Response:
    _item(visit)
    visit.store.delete(ITEM, f"{visit.id()}/{visit.id('item')}")
    return json_response(found(visit.store, visit.id()))


def _item(visit: Visit) -> Stored:
    found(visit.store, visit.id())
    item = visit.store.get(ITEM, f"{visit.id()}/{visit.id('item')}")
    if item is None:
        raise Refusal(404, f"Item with id '{visit.id('item')[:100]}' not found in conversation '{visit.id()[:100]}'.")
    return item


def own(given: list[Object]) -> list[Item]:
    """Items as a conversation keeps them. Raises Refusal for what is none."""
    items = kept(given, "items")
    for i, item in enumerate(items):
        if item["type"] == "item_reference":
            message = f"Invalid value for 'items[{i}].type': a conversation keeps items, and no references to them."
            raise bad_request(message, f"items[{i}].type", "invalid_value")
    return items


def found(store: Store, id: str) -> Stored:
    """A conversation. Raises Refusal where there is none."""
    conversation = store.get(KIND, id)
    if conversation is None:
        raise Refusal(404, f"Conversation with id '{id[:100]}' not found.")
    return conversation


def append(store: Store, id: str, items: list[Item]) -> None:
    """Puts items at a conversation's end."""
    for item in items:
        store.put(ITEM, f"{id}/{item['id']}", item, id)


def items_of(store: Store, id: str) -> list[Item]:
    """All items of a conversation, oldest first. Raises Refusal where there is none."""
    found(store, id)
    items: list[dict[str, Any]] = store.page(ITEM, parent=id, limit=None, order="asc")[0]
    return items


TABLE = (
    ("POST", "/conversations", create),
    ("GET", "/conversations/{id}", retrieve),
    ("POST", "/conversations/{id}", update),
    ("DELETE", "/conversations/{id}", delete),
    ("POST", "/conversations/{id}/items", add_items),
    ("GET", "/conversations/{id}/items", list_items),
    ("GET", "/conversations/{id}/items/{item}", retrieve_item),
    ("DELETE", "/conversations/{id}/items/{item}", delete_item),
)
