"""/vector_stores: the stores themselves, and searching them. Their files are in `vector_store_files.py`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from ceyx.service import searching
from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.routes.vector_store_files import Chunking, add_files, counts, files_of, go_on, how_chunked
from ceyx.service.store import Store, Stored
from ceyx.service.visit import Metadata, Visit, deleted, now, shown

_DAY = 24 * 3600


class ExpiresAfter(Struct):
    """When a store that is not used goes away."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Meta(ge=1, le=365)]


class Create(Struct):
    """The body of a new vector store."""

    name: str | None = None
    description: str | None = None
    file_ids: Annotated[list[str], Meta(max_length=500)] = []
    chunking_strategy: Chunking | None = None
    expires_after: ExpiresAfter | None = None
    metadata: Metadata | None = None


class Update(Struct):
    """What is to be different."""

    name: str | UnsetType | None = UNSET
    expires_after: ExpiresAfter | UnsetType | None = UNSET
    metadata: Metadata | UnsetType | None = UNSET


class Ranking(Struct):
    """How what is found is ordered, and from which score on."""

    ranker: str = "auto"
    score_threshold: Annotated[float, Meta(ge=0, le=1)] = 0


Query: TypeAlias = Annotated[str, Meta(min_length=1)]


class Search(Struct):
    """The body of a search."""

    query: Query | Annotated[list[Query], Meta(min_length=1)]
    filters: dict[str, Any] | None = None
    max_num_results: Annotated[int, Meta(ge=1, le=50)] = 10
    ranking_options: Ranking | None = None
    rewrite_query: bool = False


_create, _update, _search = (msgspec.json.Decoder(body) for body in (Create, Update, Search))


async def create(visit: Visit) -> Response:
    body: Create = await visit.body(_create)
    created = now()
    made: Stored = {
        "id": identifier("vs_"),
        "object": "vector_store",
        "created_at": created,
        "name": body.name or "",
        "description": body.description,
        "expires_after": msgspec.to_builtins(body.expires_after),
        "last_active_at": created,
        "metadata": body.metadata or {},
    }
    chunking = how_chunked(body.chunking_strategy)
    visit.store.put("vector_store", made["id"], made)
    try:
        add_files(visit, made["id"], [(id, None, chunking) for id in body.file_ids], "file_ids")
    except BaseException:
        visit.store.delete("vector_store", made["id"])
        raise
    return json_response(described(visit.store, made))


async def listing(visit: Visit) -> Response:
    return visit.page("vector_store", show=lambda made: described(visit.store, made))


async def retrieve(visit: Visit) -> Response:
    return json_response(described(visit.store, visited(visit)))


async def update(visit: Visit) -> Response:
    id = visited(visit)["id"]
    body: Update = await visit.body(_update)
    changes = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
    changed = visit.store.update("vector_store", id, **msgspec.to_builtins(changes)) or visited(visit)
    return json_response(described(visit.store, changed))


async def delete(visit: Visit) -> Response:
    id = visited(visit)["id"]
    for file in files_of(visit.store, id):
        searching.forget(visit.store, f"{id}/{file['id']}")
    visit.store.delete_children(id)
    visit.store.delete("vector_store", id)
    return deleted(id, "vector_store.deleted")


async def search(visit: Visit) -> Response:
    made = visited(visit)
    body: Search = await visit.body(_search)
    if described(visit.store, made)["status"] == "expired":
        raise bad_request(f"Vector store {made['id']} is expired; make it anew.", "vector_store_id")
    if body.filters is not None:
        check_filters(body.filters)
    asked = [body.query] if isinstance(body.query, str) else body.query
    if body.rewrite_query:
        asked = [searching.rewritten(query) for query in asked]
    threshold = body.ranking_options.score_threshold if body.ranking_options else 0
    visit.store.update("vector_store", made["id"], last_active_at=now())
    found = await asyncio.to_thread(
        searching.search, visit.store, made["id"], asked, body.max_num_results, threshold, body.filters
    )
    data = [_result(visit.store, each) for each in found]
    page = {"object": "vector_store.search_results.page", "search_query": asked, "data": data}
    return json_response({**page, "has_more": False, "next_page": None})


def _result(store: Store, found: searching.Found) -> Stored:
    content = [{"type": "text", "text": found.text}]
    named = {"file_id": found.file["id"], "filename": found.file["_filename"]}
    return {**named, "score": found.score, "attributes": found.file["attributes"], "content": content}


TABLE = (
    ("POST", "/vector_stores", create),
    ("GET", "/vector_stores", listing),
    ("GET", "/vector_stores/{store}", retrieve),
    ("POST", "/vector_stores/{store}", update),
    ("DELETE", "/vector_stores/{store}", delete),
    ("POST", "/vector_stores/{store}/search", search),
)


def visited(visit: Visit) -> Stored:
    """The vector store of the path, its files being worked on if they are to be."""
    made = visit.found("vector_store", visit.id("store"), "vector store", "vector_store_id")
    go_on(visit, made["id"])
    return made


def described(store: Store, made: Stored) -> Stored:
    """A vector store as clients see it."""
    files = files_of(store, made["id"])
    after = made["expires_after"]
    expires = None if after is None else made["last_active_at"] + after["days"] * _DAY
    counted = counts(files)
    status = "expired" if expires is not None and expires <= now() else "in_progress" if counted["in_progress"] else "completed"
    used = sum(file["usage_bytes"] for file in files)
    return shown({**made, "usage_bytes": used, "file_counts": counted, "status": status, "expires_at": expires})


def check_filters(filters: dict[str, Any]) -> None:
    """Raises Refusal for what is no filter."""
    try:
        searching.checked(filters)
    except msgspec.ValidationError as error:
        raise bad_request(f"Invalid 'filters': {str(error)[:200]}.", "filters") from None
