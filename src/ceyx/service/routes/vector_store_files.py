"""/vector_stores/{id}/files and file_batches: what is in a store, put in and made searchable one after another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service import searching
from ceyx.service.errors import bad_request
from ceyx.service.gate import Service, json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Store, Stored
from ceyx.service.stored_files import stored_file
from ceyx.service.visit import Visit, deleted, now, shown

KIND = "vector_store.file"
_STATES = ("in_progress", "completed", "failed", "cancelled")

Key: TypeAlias = Annotated[str, Meta(max_length=64)]
Attribute: TypeAlias = Annotated[str, Meta(max_length=512)] | bool | float
Attributes: TypeAlias = Annotated[dict[Key, Attribute], Meta(max_length=16)]


class Auto(Struct, tag_field="type", tag="auto"):
    """Chunks as the server sees fit."""


class Sizes(Struct):
    """The size of chunks."""

    max_chunk_size_tokens: Annotated[int, Meta(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, Meta(ge=0)]


class Static(Struct, tag_field="type", tag="static"):
    """Chunks of a given size."""

    static: Sizes


Chunking: TypeAlias = Auto | Static


class Put(Struct):
    """The body that puts a file in."""

    file_id: str
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class PutSeveral(Struct):
    """The body of a batch: `file_ids` that all go in alike, or `files`, each in its own way."""

    file_ids: Annotated[list[str], Meta(min_length=1, max_length=2000)] | None = None
    files: Annotated[list[Put], Meta(min_length=1, max_length=2000)] | None = None
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class Update(Struct):
    """Other attributes."""

    attributes: Attributes | None


_put, _several, _update = (msgspec.json.Decoder(body) for body in (Put, PutSeveral, Update))


async def create(visit: Visit) -> Response:
    id = _store(visit)
    body: Put = await visit.body(_put)
    (file,) = add_files(visit, id, [(body.file_id, body.attributes, how_chunked(body.chunking_strategy))], "file_id")
    return json_response(shown(file))


async def listing(visit: Visit) -> Response:
    return _listed(visit, _store(visit))


async def retrieve(visit: Visit) -> Response:
    return _to_be_polled(shown(_file(visit)))


async def update(visit: Visit) -> Response:
    file = _file(visit)
    body: Update = await visit.body(_update)
    changed = visit.store.update(KIND, _place(file), attributes=body.attributes or {}) or file
    return json_response(shown(changed))


async def delete(visit: Visit) -> Response:
    file = _file(visit)
    visit.store.delete(KIND, _place(file))
    searching.forget(visit.store, _place(file))
    return deleted(file["id"], "vector_store.file.deleted")


async def content(visit: Visit) -> Response:
    file = _file(visit)
    try:
        text = await asyncio.to_thread(searching.text_of, visit.store, file["id"], file["_filename"])
    except searching.Unreadable as error:
        raise bad_request(str(error), "file_id") from None
    data = [{"type": "text", "text": text}]
    return json_response({"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None})


async def create_batch(visit: Visit) -> Response:
    id = _store(visit)
    body: PutSeveral = await visit.body(_several)
    if (body.file_ids is None) == (body.files is None):
        raise bad_request("Give either 'file_ids' or 'files'.", "file_ids")
    if body.files is not None:
        asked = [(put.file_id, put.attributes, how_chunked(put.chunking_strategy)) for put in body.files]
    else:
        asked = [(file, body.attributes, how_chunked(body.chunking_strategy)) for file in body.file_ids or ()]
    batch: Stored = {"id": identifier("vsfb_"), "object": "vector_store.files_batch", "created_at": now(), "vector_store_id": id}
    add_files(visit, id, asked, "file_ids", batch["id"])
    visit.store.put("vector_store.files_batch", batch["id"], batch, parent=id)
    return json_response(_batch_described(visit.store, batch))


async def retrieve_batch(visit: Visit) -> Response:
    return _to_be_polled(_batch_described(visit.store, _batch(visit)))


async def cancel_batch(visit: Visit) -> Response:
    batch = _batch(visit)
    if _batch_described(visit.store, batch)["status"] != "in_progress":
        raise bad_request("Only a batch that is in progress can be cancelled.", "batch_id")
    batch = visit.store.update("vector_store.files_batch", batch["id"], _cancelled=True) or batch
    for file in _of_batch(visit.store, batch):
        if file["status"] == "in_progress":
            visit.store.update(KIND, _place(file), status="cancelled")
    return json_response(_batch_described(visit.store, batch))


async def list_batch(visit: Visit) -> Response:
    batch = _batch(visit)
    return _listed(visit, batch["vector_store_id"], batch["id"])


TABLE = (
    ("POST", "/vector_stores/{store}/files", create),
    ("GET", "/vector_stores/{store}/files", listing),
    ("GET", "/vector_stores/{store}/files/{file}", retrieve),
    ("POST", "/vector_stores/{store}/files/{file}", update),
    ("DELETE", "/vector_stores/{store}/files/{file}", delete),
    ("GET", "/vector_stores/{store}/files/{file}/content", content),
    ("POST", "/vector_stores/{store}/file_batches", create_batch),
    ("GET", "/vector_stores/{store}/file_batches/{batch}", retrieve_batch),
    ("POST", "/vector_stores/{store}/file_batches/{batch}/cancel", cancel_batch),
    ("GET", "/vector_stores/{store}/file_batches/{batch}/files", list_batch),
)


# -- putting in

Asked: TypeAlias = tuple[str, dict[str, Any] | None, Stored]


def add_files(visit: Visit, id: str, asked: Iterable[Asked], param: str, batch: str | None = None) -> list[Stored]:
    """Puts uploaded files into a store, each with its attributes and chunking. Raises Refusal, before any, for one unknown."""
    store = visit.store
    provider = visit.surface.provider
    known = [(stored_file(store, file, provider, param), attributes, chunking) for file, attributes, chunking in asked]
    added: list[Stored] = []
    for file, attributes, chunking in known:
        put: Stored = {
            "id": file["id"],
            "object": KIND,
            "usage_bytes": 0,
            "created_at": now(),
            "vector_store_id": id,
            "status": "in_progress",
            "last_error": None,
            "chunking_strategy": chunking,
            "attributes": attributes or {},
            "_filename": file["filename"],
            "_batch": batch,
        }
        store.put(KIND, _place(put), put, parent=id)
        added.append(put)
    if added:
        store.update("vector_store", id, last_active_at=now())
        go_on(visit, id)
    return added


def how_chunked(strategy: Chunking | None) -> Stored:
    """How a file is cut, as it is said of a file. Raises Refusal for an overlap above half of a chunk."""
    sizes = strategy.static if isinstance(strategy, Static) else Sizes(800, 400)
    if sizes.chunk_overlap_tokens > sizes.max_chunk_size_tokens // 2:
        param = "chunking_strategy.static.chunk_overlap_tokens"
        message = f"Invalid '{param}': it is more than half of max_chunk_size_tokens, {sizes.max_chunk_size_tokens}."
        raise bad_request(message, param)
    return {"type": "static", "static": msgspec.to_builtins(sizes)}


def go_on(visit: Visit, id: str) -> None:
    """Sees that somebody makes the files of a store searchable, if any wait for it."""
    if not visit.service.work.goes_on(id) and _next(visit.store, id) is not None:
        visit.service.work.start(id, _fill(visit.service, id))


async def _fill(service: Service, id: str) -> None:
    while (file := _next(service.store, id)) is not None:
        done = await _indexed(service.store, file)
        now_there = service.store.get(KIND, _place(file))
        if now_there is None or now_there["status"] != "in_progress":
            searching.forget(service.store, _place(file))  # it was taken out, or cancelled, meanwhile
        else:
            service.store.update(KIND, _place(file), **done)


async def _indexed(store: Store, file: Stored) -> Stored:
    """Makes a file searchable; what is to be said of it then."""
    sizes = file["chunking_strategy"]["static"]
    try:
        text = await asyncio.to_thread(searching.text_of, store, file["id"], file["_filename"])
    except searching.Unreadable as error:
        return {"status": "failed", "last_error": {"code": error.code, "message": str(error)}}
    chunks = await asyncio.to_thread(searching.chunked, text, sizes["max_chunk_size_tokens"], sizes["chunk_overlap_tokens"])
    return {"status": "completed", "usage_bytes": await searching.index(store, _place(file), chunks)}


def _next(store: Store, id: str) -> Stored | None:
    waiting, _ = store.page(KIND, parent=id, order="asc", limit=1, where=lambda file: file["status"] == "in_progress")
    return waiting[0] if waiting else None


# -- looking up


def _to_be_polled(object: Stored) -> Response:
    """An answer that says when to ask again, if there will be news."""
    return json_response(object, headers={"openai-poll-after-ms": "20"} if object["status"] == "in_progress" else None)


def files_of(store: Store, id: str) -> list[Stored]:
    """All files of a vector store."""
    return store.page(KIND, parent=id, limit=None)[0]


def counts(files: Iterable[Stored]) -> dict[str, int]:
    """How many files are in which state."""
    counted = Counter(file["status"] for file in files)
    return {**{state: counted[state] for state in _STATES}, "total": counted.total()}


def _place(file: Stored) -> str:
    return f"{file['vector_store_id']}/{file['id']}"


def _store(visit: Visit) -> str:
    id: str = visit.found("vector_store", visit.id("store"), "vector store", "vector_store_id")["id"]
    go_on(visit, id)
    return id


def _file(visit: Visit) -> Stored:
    return visit.found(KIND, f"{_store(visit)}/{visit.id('file')}", "file in this vector store", "file_id")


def _batch(visit: Visit) -> Stored:
    id = _store(visit)
    batch = visit.found("vector_store.files_batch", visit.id("batch"), "file batch", "batch_id")
    return batch if batch["vector_store_id"] == id else visit.found("", visit.id("batch"), "file batch", "batch_id")


def _of_batch(store: Store, batch: Stored) -> list[Stored]:
    return store.page(KIND, parent=batch["vector_store_id"], limit=None, where=lambda file: file["_batch"] == batch["id"])[0]


def _batch_described(store: Store, batch: Stored) -> Stored:
    counted = counts(_of_batch(store, batch))
    status: Literal["in_progress", "completed", "failed", "cancelled"] = "completed"
    if counted["in_progress"]:
        status = "in_progress"
    elif batch.get("_cancelled"):
        status = "cancelled"
    elif counted["failed"] == counted["total"] > 0:
        status = "failed"
    return shown({**batch, "status": status, "file_counts": counted})


def _listed(visit: Visit, id: str, batch: str | None = None) -> Response:
    state = visit.query.get("filter")
    if state and state not in _STATES:
        allowed = ", ".join(repr(each) for each in _STATES)
        raise bad_request(f"Invalid value for 'filter': expected one of {allowed}, got {state[:40]!r}.", "filter")

    def wanted(file: Stored) -> bool:
        return (not state or file["status"] == state) and (batch is None or file["_batch"] == batch)

    return visit.page(KIND, parent=id, where=wanted, scope=f"{id}/")
