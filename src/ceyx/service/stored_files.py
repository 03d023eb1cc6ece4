"""Files as the service keeps them: their bytes and what is said of them, for all groups that take files, read or make them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from ceyx.service import forms, searching
from ceyx.service.errors import Provider, Refusal, bad_request
from ceyx.service.routes.usage import identifier
from ceyx.service.store import PIECE_BYTES, Store, Stored
from ceyx.service.visit import Visit, not_found, now

LARGEST_FILE = 512 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
_FRAME = 1024 * 1024  # what a form may have beside its file
PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_MONTH = 30 * 24 * 3600


class Received(Struct):
    """A form with a file, whose bytes are in the store under `id`."""

    id: str
    fields: dict[str, Any]
    filename: str | None = None
    content_type: str = ""
    bytes: int = 0

    def text(self, name: str) -> str:
        """A required field. Raises Refusal where it is missing."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise missing(name)
        return value


def stored_file(store: Store, id: str, provider: Provider, param: str | None = "id") -> Stored:
    """What is known of a file. Raises Refusal where there is none, or none any more."""
    file = store.get("file", id)
    if file is not None and (file.get("expires_at") or now() + 1) <= now():
        forget(store, id)
        file = None
    if file is None:
        raise not_found(provider, "file", id, param)
    return file


def make_file(store: Store, filename: str, purpose: str, pieces: Iterable[bytes], seconds: int | None = None) -> Stored:
    """A file that the service itself writes."""
    id = identifier("file-")
    size = store.put_content(id, pieces)
    file = described(id, filename, purpose, size, seconds)
    store.put("file", id, file)
    return file


def described(id: str, filename: str, purpose: str, size: int, seconds: int | None) -> Stored:
    created = now()
    expires = None if seconds is None else created + seconds
    about = {"created_at": created, "expires_at": expires, "filename": filename, "purpose": purpose}
    return {"object": "file", "id": id, "bytes": size, **about, "status": "processed", "status_details": None}


def forget(store: Store, id: str) -> None:
    """Deletes a file, in all vector stores too."""
    store.delete("file", id)
    store.delete_content(id)
    for place in store.page("vector_store", limit=None)[0]:
        if store.delete("vector_store.file", f"{place['id']}/{id}"):
            searching.forget(store, f"{place['id']}/{id}")


def content_response(store: Store, id: str, size: int) -> Response:
    """The bytes of a file, read as they are sent."""
    held = {"content-length": str(size), "content-disposition": "attachment"}
    return StreamingResponse(_pieces(store, id), media_type="application/octet-stream", headers=held)


async def _pieces(store: Store, id: str) -> AsyncIterator[bytes]:
    for piece in store.content(id):
        yield piece


def lines(store: Store, id: str) -> Iterator[bytes]:
    """The lines of a file that hold something. Of one above LONGEST_LINE the rest is left out."""
    held = bytearray()
    for piece in store.content(id):
        *ends, rest = piece.split(b"\n")
        for end in ends:
            held += end
            if held.strip():
                yield bytes(held)
            held.clear()
        if len(held) < LONGEST_LINE:
            held += rest
    if held.strip():
        yield bytes(held)


@asynccontextmanager
async def receiving(visit: Visit, name: str, prefix: str, largest: int) -> AsyncIterator[Received]:
    """The form of a request, its file `name` kept in the store as it arrived; forgotten again where the block fails."""
    store = visit.store
    id = identifier(prefix)
    received: Received | None = None
    pairs: list[tuple[str, str]] = []
    try:
        async for part in forms.parts(visit.request, largest + _FRAME):
            if part.name != name:
                pairs.append((part.name, await part.text()))
                continue
            store.delete_content(id)
            size = await _keep(store, id, part, largest)
            received = Received(id, {}, part.filename, part.content_type, size)
        if received is None:
            raise missing(name)
        received.fields = forms.nested(pairs)
        yield received
    except BaseException:
        store.delete_content(id)
        raise


async def _keep(store: Store, id: str, part: forms.Part, largest: int) -> int:
    size = 0
    held = bytearray()
    async for piece in part.pieces():
        size += len(piece)
        if size > largest:
            message = f"'{part.name}' is larger than the {largest // 1024 // 1024} MB that it may have."
            raise Refusal(413, message, param=part.name)
        held += piece
        if len(held) >= PIECE_BYTES:
            store.add_content(id, bytes(held))
            held.clear()
    store.add_content(id, bytes(held))
    if not size:
        raise bad_request(f"The file in '{part.name}' is empty.", part.name)
    return size


# -- what is refused


def missing(name: str) -> Refusal:
    return bad_request(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")


def check_purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        allowed = ", ".join(repr(each) for each in PURPOSES)
        raise bad_request(f"Invalid value for 'purpose': expected one of {allowed}, got {purpose[:40]!r}.", "purpose")


def how_long(given: Any, purpose: str, param: str = "expires_after") -> int | None:
    """The seconds a file is kept; None is until it is deleted."""
    if given is None:
        return _MONTH if purpose == "batch" else None
    seconds = str(given.get("seconds")) if isinstance(given, dict) else ""  # text in a form, a number in JSON
    number = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else 0
    if not isinstance(given, dict) or given.get("anchor") != "created_at" or not 3600 <= number <= _MONTH:
        message = f"Invalid '{param}': expected the anchor 'created_at' and 3600 to {_MONTH} seconds."
        raise bad_request(message, param)
    return number


def forget_expired(store: Store) -> None:
    """Deletes the files whose time is over."""
    at = now()
    for file in store.page("file", limit=None, where=lambda file: (file.get("expires_at") or at + 1) <= at)[0]:
        forget(store, file["id"])
