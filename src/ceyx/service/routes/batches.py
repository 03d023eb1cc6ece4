"""/batches: files of requests, which are executed one after another by the routes they name."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ceyx.service import batching
from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.store import Stored
from ceyx.service.stored_files import how_long, stored_file
from ceyx.service.visit import Metadata, Visit, now, shown


class Create(Struct):
    """The body of a new batch."""

    input_file_id: str
    endpoint: str
    completion_window: Literal["24h"]
    metadata: Metadata | None = None
    output_expires_after: dict[str, Any] | None = None


_create = msgspec.json.Decoder(Create)


async def create(visit: Visit) -> Response:
    body: Create = await visit.body(_create)
    if batching.endpoint_of(body.endpoint) not in batching.ENDPOINTS:
        allowed = ", ".join(f"'/v1{endpoint}'" for endpoint in batching.ENDPOINTS)
        message = f"Invalid value for 'endpoint': expected one of {allowed}, got {body.endpoint[:80]!r}."
        raise bad_request(message, "endpoint", "invalid_value")
    file = stored_file(visit.store, body.input_file_id, visit.surface.provider, "input_file_id")
    if file["purpose"] != "batch":
        message = f"File {file['id']} has the purpose {file['purpose']!r}; a batch reads files with the purpose 'batch'."
        raise bad_request(message, "input_file_id")
    kept = how_long(body.output_expires_after, "batch", "output_expires_after")
    batch = batching.new(body, visit.surface.provider == "azure", kept)
    visit.store.put("batch", batch["id"], batch)
    _go_on(visit, batch)
    return json_response(shown(batch))


async def listing(visit: Visit) -> Response:
    for batch in visit.store.page("batch", limit=None, where=lambda batch: batch["status"] in batching.UNDER_WAY)[0]:
        _go_on(visit, batch)
    return visit.page("batch")


async def retrieve(visit: Visit) -> Response:
    batch = visit.found("batch", visit.id(), "batch")
    _go_on(visit, batch)
    return json_response(shown(batch))


async def cancel(visit: Visit) -> Response:
    batch = visit.found("batch", visit.id(), "batch")
    if batch["status"] not in batching.UNDER_WAY:
        raise bad_request(f"Cannot cancel a batch with status '{batch['status']}'.")
    if batch["status"] != "cancelling":
        batch = visit.store.update("batch", batch["id"], status="cancelling", cancelling_at=now()) or batch
    _go_on(visit, batch)
    return json_response(shown(batch))


def _go_on(visit: Visit, batch: Stored) -> None:
    """Sees that somebody works on a batch: nobody does where the service has been started again since."""
    if batch["status"] in batching.UNDER_WAY and not visit.service.work.goes_on(batch["id"]):
        app = visit.request.app
        visit.service.work.start(batch["id"], batching.run(app, visit.service, batch["id"]))


TABLE = (
    ("POST", "/batches", create),
    ("GET", "/batches", listing),
    ("GET", "/batches/{id}", retrieve),
    ("POST", "/batches/{id}/cancel", cancel),
)
