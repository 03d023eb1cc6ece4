"""/files: what clients store, and what jobs leave for them."""

from __future__ import annotations

from starlette.responses import Response

from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.stored_files import (
    LARGEST_FILE,
    check_purpose,
    content_response,
    described,
    forget,
    forget_expired,
    how_long,
    receiving,
    stored_file,
)
from ceyx.service.visit import Visit, deleted

_KEPT_BACK = ("assistants", "user_data")  # OpenAI does not give these back to those who stored them


async def create(visit: Visit) -> Response:
    async with receiving(visit, "file", "file-", LARGEST_FILE) as sent:
        check_purpose(sent.text("purpose"))
        kept = how_long(sent.fields.get("expires_after"), sent.text("purpose"))
        file = described(sent.id, sent.filename or "upload", sent.text("purpose"), sent.bytes, kept)
        visit.store.put("file", sent.id, file)
    return json_response(file)


async def listing(visit: Visit) -> Response:
    purpose = visit.query.get("purpose")
    forget_expired(visit.store)
    return visit.page("file", where=lambda file: not purpose or file["purpose"] == purpose, most=10_000, usual=10_000)


async def retrieve(visit: Visit) -> Response:
    return json_response(stored_file(visit.store, visit.id(), visit.surface.provider))


async def delete(visit: Visit) -> Response:
    id = visit.id()
    stored_file(visit.store, id, visit.surface.provider)
    forget(visit.store, id)
    return deleted(id, "file")


async def content(visit: Visit) -> Response:
    id = visit.id()
    file = stored_file(visit.store, id, visit.surface.provider)
    if visit.surface.provider == "openai" and file["purpose"] in _KEPT_BACK:
        raise bad_request(f"Not allowed to download files of purpose: {file['purpose']}")
    return content_response(visit.store, id, file["bytes"])


TABLE = (
    ("POST", "/files", create),
    ("GET", "/files", listing),
    ("GET", "/files/{id}", retrieve),
    ("DELETE", "/files/{id}", delete),
    ("GET", "/files/{id}/content", content),
)
