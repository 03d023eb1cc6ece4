"""/containers: places for files. No code runs in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Stored
from ceyx.service.stored_files import LARGEST_FILE, content_response, receiving, stored_file
from ceyx.service.visit import Visit, deleted, now

FILE = "container.file"


class ExpiresAfter(Struct):
    """When a container that is not used goes away."""

    anchor: Literal["last_active_at"] = "last_active_at"
    minutes: Annotated[int, Meta(ge=1, le=20)] = 20


class Create(Struct):
    """The body of a new container."""

    name: Annotated[str, Meta(min_length=1)]
    expires_after: ExpiresAfter | None = None
    file_ids: list[str] = []
    memory_limit: Literal["1g", "4g", "16g", "64g"] = "1g"
    network_policy: dict[str, Any] | None = None


class PutFile(Struct):
    """The body that copies an uploaded file."""

    file_id: str


_create, _put = msgspec.json.Decoder(Create), msgspec.json.Decoder(PutFile)


async def create(visit: Visit) -> Response:
    body: Create = await visit.body(_create)
    for file in body.file_ids:
        stored_file(visit.store, file, visit.surface.provider, "file_ids")
    created = now()
    container: Stored = {
        "id": identifier("cntr_"),
        "object": "container",
        "created_at": created,
        "status": "running",
        "expires_after": msgspec.to_builtins(body.expires_after or ExpiresAfter()),
        "last_active_at": created,
        "memory_limit": body.memory_limit,
        "network_policy": body.network_policy or {"type": "disabled"},
        "name": body.name,
    }
    visit.store.put("container", container["id"], container)
    for file in body.file_ids:
        _copied(visit, container["id"], file, "file_ids")
    return json_response(container)


async def listing(visit: Visit) -> Response:
    name = visit.query.get("name")
    return visit.page("container", where=lambda each: not name or each["name"] == name, show=_aged)


async def retrieve(visit: Visit) -> Response:
    return json_response(_container(visit, alive=False))


async def delete(visit: Visit) -> Response:
    id = _container(visit, alive=False)["id"]
    for file in visit.store.page(FILE, parent=id, limit=None)[0]:
        visit.store.delete_content(file["id"])
    visit.store.delete_children(id)
    visit.store.delete("container", id)
    return deleted(id, "container.deleted")


async def add_file(visit: Visit) -> Response:
    container = _container(visit)["id"]
    if not visit.request.headers.get("content-type", "").lower().startswith("multipart/"):
        body: PutFile = await visit.body(_put)
        return json_response(_copied(visit, container, body.file_id, "file_id"))
    async with receiving(visit, "file", "cfile_", LARGEST_FILE) as sent:
        _container(visit)  # it may have been deleted meanwhile
        return json_response(_added(visit, container, sent.id, sent.filename or "upload", sent.bytes))


async def list_files(visit: Visit) -> Response:
    return visit.page(FILE, parent=_container(visit)["id"])


async def retrieve_file(visit: Visit) -> Response:
    return json_response(_file(visit))


async def delete_file(visit: Visit) -> Response:
    id = _file(visit)["id"]
    visit.store.delete(FILE, id)
    visit.store.delete_content(id)
    return deleted(id, "container.file.deleted")


async def content(visit: Visit) -> Response:
    file = _file(visit)
    return content_response(visit.store, file["id"], file["bytes"])


TABLE = (
    ("POST", "/containers", create),
    ("GET", "/containers", listing),
    ("GET", "/containers/{container}", retrieve),
    ("DELETE", "/containers/{container}", delete),
    ("POST", "/containers/{container}/files", add_file),
    ("GET", "/containers/{container}/files", list_files),
    ("GET", "/containers/{container}/files/{file}", retrieve_file),
    ("DELETE", "/containers/{container}/files/{file}", delete_file),
    ("GET", "/containers/{container}/files/{file}/content", content),
)


def _container(visit: Visit, *, alive: bool = True) -> Stored:
    """The container of the path, noting that it is used. Raises Refusal for one that is gone or, if asked, has expired."""
    container = _aged(visit.found("container", visit.id("container"), "container", "container_id"))
    if not alive:
        return container
    if container["status"] == "expired":
        raise bad_request(f"Container {container['id']} is expired; make another one.", "container_id")
    return visit.store.update("container", container["id"], last_active_at=now()) or container


def _aged(container: Stored) -> Stored:
    """A container with the status that its age gives it."""
    old = container["last_active_at"] + container["expires_after"]["minutes"] * 60 <= now()
    return {**container, "status": "expired"} if old else container


def _file(visit: Visit) -> Stored:
    id = _container(visit)["id"]
    file = visit.found(FILE, visit.id("file"), "file in this container", "file_id")
    return file if file["container_id"] == id else visit.found("", visit.id("file"), "file in this container", "file_id")


def _copied(visit: Visit, container: str, file: str, param: str) -> Stored:
    """An uploaded file, copied into a container."""
    uploaded = stored_file(visit.store, file, visit.surface.provider, param)
    id = identifier("cfile_")
    size = visit.store.put_content(id, visit.store.content(file))
    return _added(visit, container, id, uploaded["filename"], size)


def _added(visit: Visit, container: str, id: str, name: str, size: int) -> Stored:
    about = {"object": FILE, "created_at": now(), "bytes": size, "container_id": container}
    file: Stored = {"id": id, **about, "path": f"/mnt/data/{name}", "source": "user"}
    visit.store.put(FILE, id, file, parent=container)
    return file
