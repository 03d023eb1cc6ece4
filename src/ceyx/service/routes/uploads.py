"""/uploads: files that come in parts, and are put together in the order told at the end."""

from __future__ import annotations

import asyncio
from hashlib import md5
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.stored_files import check_purpose, described, how_long, receiving
from ceyx.service.visit import Visit, now, shown

LARGEST_PART = 64 * 1024 * 1024
LARGEST_UPLOAD = 8 * 1024 * 1024 * 1024
_HOUR = 3600


class Begin(Struct):
    """The body of a new upload."""

    bytes: Annotated[int, Meta(ge=1, le=LARGEST_UPLOAD)]
    filename: Annotated[str, Meta(min_length=1)]
    mime_type: str
    purpose: str
    expires_after: dict[str, str | int] | None = None


class Complete(Struct):
    """The body that ends one."""

    part_ids: Annotated[list[str], Meta(min_length=1)]
    md5: str | None = None


_begin, _complete = msgspec.json.Decoder(Begin), msgspec.json.Decoder(Complete)


async def create(visit: Visit) -> Response:
    body: Begin = await visit.body(_begin)
    check_purpose(body.purpose)
    created = now()
    upload: Stored = {
        "id": identifier("upload_"),
        "object": "upload",
        "bytes": body.bytes,
        "created_at": created,
        "filename": body.filename,
        "purpose": body.purpose,
        "status": "pending",
        "expires_at": created + _HOUR,
        "file": None,
    }
    kept = {"seconds": how_long(body.expires_after, body.purpose)}
    visit.store.put("upload", upload["id"], {**upload, "_kept": kept})
    return json_response(upload)


async def add_part(visit: Visit) -> Response:
    upload = pending(visit)
    async with receiving(visit, "data", "part_", LARGEST_PART) as sent:
        pending(visit)  # it may have been cancelled meanwhile
        part = {"id": sent.id, "object": "upload.part", "created_at": now(), "upload_id": upload["id"]}
        visit.store.put("upload.part", sent.id, {**part, "bytes": sent.bytes}, parent=upload["id"])
    return json_response(part)


async def complete(visit: Visit) -> Response:
    upload = pending(visit)
    body: Complete = await visit.body(_complete)
    parts = [_part(visit, upload, id) for id in body.part_ids]
    if len(set(body.part_ids)) < len(parts):
        raise bad_request("Invalid 'part_ids': a part is named twice.", "part_ids")
    size = sum(part["bytes"] for part in parts)
    if size != upload["bytes"]:
        message = f"The parts come to {size} bytes, and the upload was begun for {upload['bytes']}."
        raise bad_request(message, "part_ids")
    if body.md5 is not None:
        found = await asyncio.to_thread(_md5, visit.store, body.part_ids)
        if found != body.md5.strip().lower():
            raise bad_request(f"Invalid 'md5': that of the parts, in this order, is {found}.", "md5")
        upload = pending(visit)  # it may have been cancelled meanwhile
    file = described(identifier("file-"), upload["filename"], upload["purpose"], size, upload["_kept"]["seconds"])
    for part in parts:
        visit.store.move_content(part["id"], file["id"])
    visit.store.put("file", file["id"], file)
    return json_response(_ended(visit.store, upload, "completed", file))


async def cancel(visit: Visit) -> Response:
    return json_response(_ended(visit.store, pending(visit), "cancelled"))


TABLE = (
    ("POST", "/uploads", create),
    ("POST", "/uploads/{id}/parts", add_part),
    ("POST", "/uploads/{id}/complete", complete),
    ("POST", "/uploads/{id}/cancel", cancel),
)


def pending(visit: Visit) -> Stored:
    """The upload of the path, if it is still open. Raises Refusal where it is not."""
    upload = visit.found("upload", visit.id(), "upload")
    if upload["status"] == "pending" and upload["expires_at"] <= now():
        upload = _ended(visit.store, upload, "expired")
    if upload["status"] != "pending":
        raise bad_request(f"Upload {upload['id']} is {upload['status']}; only a pending one can be changed.", "upload_id")
    return upload


def _part(visit: Visit, upload: Stored, id: str) -> Stored:
    part = visit.store.get("upload.part", id)
    if part is None or part["upload_id"] != upload["id"]:
        raise bad_request(f"Invalid 'part_ids': the upload has no part '{id[:80]}'.", "part_ids")
    return part


def _ended(store: Store, upload: Stored, status: str, file: Stored | None = None) -> Stored:
    """The upload after its end; its parts are forgotten."""
    for part in store.page("upload.part", parent=upload["id"], limit=None)[0]:
        store.delete_content(part["id"])
    store.delete_children(upload["id"])
    upload = {**upload, "status": status, "file": file}
    store.put("upload", upload["id"], upload)
    return shown(upload)


def _md5(store: Store, parts: list[str]) -> str:
    found = md5(usedforsecurity=False)
    for part in parts:
        for piece in store.content(part):
            found.update(piece)
    return found.hexdigest()
