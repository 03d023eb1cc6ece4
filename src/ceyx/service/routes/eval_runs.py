"""/evals/{eval}/runs: models tested, and how each row fared. How a run goes is in `evaluating.py`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ceyx.service import evaluating
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.eval_data import Data, FileContent, FileID, JSONLines, ResponsesData, Template
from ceyx.service.evaluating import DATA, ITEM, RUN, UNDER_WAY, Tally
from ceyx.service.gate import json_response
from ceyx.service.routes import chat, responses
from ceyx.service.routes.evals import check_names, evaluation_of
from ceyx.service.store import Stored
from ceyx.service.stored_files import missing, stored_file
from ceyx.service.visit import Metadata, Visit, now, shown

_STATUSES = ("queued", "in_progress", "completed", "canceled", "failed")


class Create(Struct):
    """The body of a new run."""

    data_source: Data
    metadata: Metadata | None = None
    name: str | None = None


_create = msgspec.json.Decoder(Create)


async def create(visit: Visit) -> Response:
    evaluation = evaluation_of(visit)
    body: Create = await visit.body(_create)
    data = body.data_source
    _check_source(visit, evaluation, data)
    model = "" if isinstance(data, JSONLines) else _model(visit, data)
    id = f"evalrun_{uuid4().hex}"
    url = visit.request.url
    begun: Stored = {
        "object": RUN,
        "id": id,
        "eval_id": evaluation["id"],
        "report_url": str(url.replace(path=f"{url.path.rstrip('/')}/{id}")),
        "status": "queued",
        "model": model,
        "name": body.name or model,
        "created_at": now(),
        **Tally([each["name"] for each in evaluation["testing_criteria"]], model).said(),
        "metadata": body.metadata or {},
        "error": None,
        "_azure": visit.surface.provider == "azure",
    }
    # Beside the run, as it may be large and the run changes with each row.
    visit.store.put(DATA, id, msgspec.to_builtins(data), parent=evaluation["id"])
    visit.store.put(RUN, id, begun, parent=evaluation["id"])
    _go_on(visit, begun)
    return json_response(_whole(visit, begun), 201)


def _check_source(visit: Visit, evaluation: Stored, data: Data) -> None:
    """Raises Refusal for rows that are none, or not there; and adds the metadata that the evaluation is for."""
    source = data.source
    if isinstance(source, FileID):
        stored_file(visit.store, source.id, visit.surface.provider, "data_source.source.id")
    elif isinstance(source, FileContent):
        for i, row in enumerate(source.content):
            if name := evaluating.lacking(evaluation, row.item):
                raise missing(f"data_source.source.content[{i}].item.{name}")
    else:
        source.metadata = {**(evaluation["data_source_config"].get("metadata") or {}), **(source.metadata or {})}


def _model(visit: Visit, data: Any) -> str:
    """The model that is to answer, which must be one; none where the rows have answers."""
    prompt = data.input_messages
    if data.model is None:
        if prompt is not None:
            raise missing("data_source.model")
        return ""
    if prompt is None and isinstance(data.source, FileContent | FileID):
        raise missing("data_source.input_messages")
    if isinstance(prompt, Template):
        for i, message in enumerate(prompt.template):
            check_names(str(message.content), ("item",), f"data_source.input_messages.template[{i}].content")
    operation = responses.operations[0] if isinstance(data, ResponsesData) else chat.operation
    visit.service.model(visit.surface, data.model, operation)
    return str(data.model)


async def listing(visit: Visit) -> Response:
    evaluation = evaluation_of(visit)
    status = _status(visit, _STATUSES)
    for each in visit.store.page(RUN, parent=evaluation["id"], limit=None, where=_is_under_way)[0]:
        _go_on(visit, each)

    def whole(run: Stored) -> Stored:
        return _whole(visit, run)

    def wanted(run: Stored) -> bool:
        return status in (None, run["status"])

    return visit.page(RUN, parent=evaluation["id"], order="asc", where=wanted, show=whole)


async def retrieve(visit: Visit) -> Response:
    return json_response(_whole(visit, _run(visit)))


async def cancel(visit: Visit) -> Response:
    found = _run(visit)
    if not _is_under_way(found):
        raise bad_request(f"Cannot cancel a run with status '{found['status']}'.")
    visit.service.work.stop(found["id"])
    return json_response(_whole(visit, visit.store.update(RUN, found["id"], status="canceled") or found))


async def delete(visit: Visit) -> Response:
    id: str = _run(visit)["id"]
    evaluating.forget(visit.service, id)
    return json_response({"object": "eval.run.deleted", "deleted": True, "run_id": id})


def _run(visit: Visit) -> Stored:
    found = visit.found(RUN, visit.id("run"), "run", "run_id")
    if found["eval_id"] != evaluation_of(visit)["id"]:
        raise Refusal(404, f"Run {found['id']} is none of eval {visit.id('eval')[:100]}.", param="run_id")
    _go_on(visit, found)
    return found


def _go_on(visit: Visit, run: Stored) -> None:
    """Sees that somebody works on a run: nobody does where the service has been started again since."""
    if _is_under_way(run):
        work = visit.service.work
        if not work.goes_on(run["id"]):
            work.start(run["id"], evaluating.run(visit.request.app, visit.service, run["id"]))


def _is_under_way(run: Stored) -> bool:
    return run["status"] in UNDER_WAY


def _whole(visit: Visit, run: Stored) -> Stored:
    return shown({**run, "data_source": visit.store.get(DATA, run["id"])})


# -- the rows of a run


async def list_items(visit: Visit) -> Response:
    run, status = _run(visit), _status(visit, ("fail", "pass"))

    def wanted(item: Stored) -> bool:
        return status in (None, item["status"])

    return visit.page(ITEM, parent=run["id"], order="asc", where=wanted)


async def retrieve_item(visit: Visit) -> Response:
    item = visit.found(ITEM, visit.id("item"), "output item", "output_item_id")
    if item["run_id"] != _run(visit)["id"]:
        raise Refusal(404, f"Output item {item['id']} is none of run {visit.id('run')[:100]}.", param="output_item_id")
    return json_response(item)


def _status(visit: Visit, allowed: tuple[str, ...]) -> str | None:
    given: str | None = visit.query.get("status") or None
    if given is not None and given not in allowed:
        one_of = ", ".join(repr(each) for each in allowed)
        raise bad_request(f"Invalid value for 'status': expected one of {one_of}, got {given[:40]!r}.", "status")
    return given


TABLE = (
    ("POST", "/evals/{eval}/runs", create),
    ("GET", "/evals/{eval}/runs", listing),
    ("GET", "/evals/{eval}/runs/{run}", retrieve),
    ("POST", "/evals/{eval}/runs/{run}", cancel),  # as the documents have it; clients add /cancel
    ("POST", "/evals/{eval}/runs/{run}/cancel", cancel),
    ("DELETE", "/evals/{eval}/runs/{run}", delete),
    ("GET", "/evals/{eval}/runs/{run}/output_items", list_items),
    ("GET", "/evals/{eval}/runs/{run}/output_items/{item}", retrieve_item),
)
