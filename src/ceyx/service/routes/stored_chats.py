"""/chat/completions that were created with `store`: listed, looked up, given metadata, deleted; and what they were asked."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ceyx.service.bodies import Chat, Metadata
from ceyx.service.gate import json_response
from ceyx.service.store import Store, Stored
from ceyx.service.visit import Visit, deleted

KIND, MESSAGES = "chat.completion", "chat.completion.messages"
_NOUN = "stored chat completion"
_ASKED = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "tools", "tool_choice", "response_format")


def keep(store: Store, body: Chat, whole: Stored) -> None:
    """Remembers a completion, what it was asked, and how."""
    asked: dict[str, Any] = msgspec.to_builtins(body)
    record = {**whole, **{name: asked[name] for name in _ASKED}, "input_user": body.user, "metadata": body.metadata or {}}
    store.put(KIND, whole["id"], record)
    said = [_message(f"{whole['id']}-{i}", message) for i, message in enumerate(asked["messages"])]
    store.put(MESSAGES, whole["id"], {"messages": said})


def _message(id: str, message: dict[str, Any]) -> Stored:
    content = message.get("content")
    parts = content if isinstance(content, list) else None
    return {"id": id, "name": None, **message, "content": None if parts else content, "content_parts": parts}


async def list_(visit: Visit) -> Response:
    wanted = {name[9:-1]: value for name, value in visit.query.multi_items() if name.startswith("metadata[")}
    model = visit.query.get("model")

    def fits(completion: Stored) -> bool:
        return model in (None, "", completion["model"]) and wanted.items() <= completion["metadata"].items()

    return visit.page(KIND, where=fits, order="asc")


async def retrieve(visit: Visit) -> Response:
    return json_response(visit.found(KIND, visit.id(), _NOUN, "completion_id"))


class _Update(Struct):
    metadata: Metadata | None


_update = msgspec.json.Decoder(_Update)


async def update(visit: Visit) -> Response:
    body: _Update = await visit.body(_update)
    visit.found(KIND, visit.id(), _NOUN, "completion_id")
    return json_response(visit.store.update(KIND, visit.id(), metadata=body.metadata or {}))


async def delete(visit: Visit) -> Response:
    visit.found(KIND, visit.id(), _NOUN, "completion_id")
    visit.store.delete(KIND, visit.id())
    visit.store.delete(MESSAGES, visit.id())
    return deleted(visit.id(), "chat.completion.deleted")


async def messages(visit: Visit) -> Response:
    visit.found(KIND, visit.id(), _NOUN, "completion_id")
    return visit.page_of(visit.found(MESSAGES, visit.id(), _NOUN)["messages"], "asc")


TABLE = (
    ("GET", "/chat/completions", list_),
    ("GET", "/chat/completions/{id}", retrieve),
    ("POST", "/chat/completions/{id}", update),
    ("DELETE", "/chat/completions/{id}", delete),
    ("GET", "/chat/completions/{id}/messages", messages),
)
