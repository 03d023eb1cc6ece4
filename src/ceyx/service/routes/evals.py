"""/evals: what is tested, and the graders that test it. Runs are in `eval_runs.py`."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from uuid import uuid4

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from ceyx.service import evaluating, grading
from ceyx.service.clock import time
from ceyx.service.errors import bad_request
from ceyx.service.evaluating import EVAL, RUN
from ceyx.service.gate import json_response
from ceyx.service.store import Stored
from ceyx.service.stored_files import missing
from ceyx.service.visit import Metadata, Visit, now, shown


class Custom(Struct, tag_field="type", tag="custom"):
    """Rows of the client's own."""

    item_schema: dict[str, Any]
    include_sample_schema: bool = False


class Logs(Struct, tag_field="type", tag="logs"):
    """What was stored with these metadata."""

    metadata: Metadata | None = None


class StoredChats(Struct, tag_field="type", tag="stored_completions"):
    """The older name of logs."""

    metadata: Metadata | None = None


Config: TypeAlias = Custom | Logs | StoredChats


class Create(Struct):
    """The body of a new evaluation."""

    data_source_config: Config
    testing_criteria: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    metadata: Metadata | None = None
    name: str | None = None


class Update(Struct):
    """What is to be different."""

    metadata: Metadata | UnsetType | None = UNSET
    name: str | UnsetType = UNSET


_create, _update = msgspec.json.Decoder(Create), msgspec.json.Decoder(Update)


async def create(visit: Visit) -> Response:
    body: Create = await visit.body(_create)
    for i, criterion in enumerate(body.testing_criteria):
        _check_criterion(criterion, f"testing_criteria[{i}]")
    evaluation: Stored = {
        "object": EVAL,
        "id": f"eval_{uuid4().hex}",
        "name": body.name or "",
        "created_at": now(),
        "data_source_config": _described(body.data_source_config),
        "testing_criteria": body.testing_criteria,
        "metadata": body.metadata or {},
        "_updated": time(),
    }
    visit.store.put(EVAL, evaluation["id"], evaluation)
    return json_response(shown(evaluation), 201)


def _described(config: Config) -> Stored:
    """What the data of runs look like, as evaluations tell it."""
    if isinstance(config, Custom):
        properties: Stored = {"item": config.item_schema}
        if config.include_sample_schema:
            properties["sample"] = _SAMPLE_SCHEMA
        return {"type": "custom", "schema": _object(properties)}
    schema = _object({"item": {"type": "object"}, "sample": _SAMPLE_SCHEMA})
    kind = "logs" if isinstance(config, Logs) else "stored_completions"
    return {"type": kind, "metadata": config.metadata or {}, "schema": schema}


def _object(properties: Stored) -> Stored:
    return {"type": "object", "properties": properties, "required": list(properties)}


_SAMPLE_SCHEMA = {
    "type": "object",
    "properties": {"output_text": {"type": "string"}, "output_json": {}, "output_tools": {"type": "array"}},
    "required": ["output_text"],
}


def _check_criterion(criterion: Stored, param: str) -> None:
    """Raises Refusal for what is no grader of evaluations."""
    try:
        grader = grading.parsed(criterion)
    except ValueError as error:  # msgspec.ValidationError among them
        raise bad_request(f"Invalid '{param}': {str(error)[:200]}.", param) from None
    if isinstance(grader, grading.Multi):
        message = f"Invalid '{param}.type': graders of type 'multi' are for fine-tuning; give its parts as criteria of their own."
        raise bad_request(message, f"{param}.type", "invalid_value")
    if isinstance(grader, grading.LabelModel) and (strange := {*grader.passing_labels} - {*grader.labels}):
        message = f"Invalid '{param}.passing_labels': {', '.join(sorted(strange))[:80]} are not among the labels."
        raise bad_request(message, f"{param}.passing_labels", "invalid_value")
    threshold = criterion.get("pass_threshold")
    if threshold is None and isinstance(grader, grading.TextSimilarity):
        raise missing(f"{param}.pass_threshold")
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        message = f"Invalid type for '{param}.pass_threshold': expected a number, got {str(threshold)[:40]!r}."
        raise bad_request(message, f"{param}.pass_threshold", "invalid_type")
    if isinstance(grader, grading.StringCheck | grading.TextSimilarity):
        check_names(f"{grader.input} {grader.reference}", ("item", "sample"), param)


def check_names(template: str, spaces: tuple[str, ...], param: str) -> None:
    """Raises Refusal where what stands between braces begins with none of these."""
    for path in grading.paths(template):
        if path.partition(".")[0] not in spaces:
            known = " or ".join(f"{{{{{space}.…}}}}" for space in spaces)
            message = f"Invalid template in '{param}': expected {known}, got {{{{{path[:60]}}}}}."
            raise bad_request(message, param, "invalid_value")


async def listing(visit: Visit) -> Response:
    by = visit.query.get("order_by") or "created_at"
    if by not in ("created_at", "updated_at"):
        raise bad_request(f"Invalid value for 'order_by': expected 'created_at' or 'updated_at', got {by[:40]!r}.", "order_by")
    if by == "created_at":
        return visit.page(EVAL, order="asc")
    every = visit.store.page(EVAL, limit=None, order="asc")[0]
    return visit.page_of(sorted(every, key=lambda evaluation: evaluation["_updated"]), "asc")


async def retrieve(visit: Visit) -> Response:
    return json_response(shown(evaluation_of(visit)))


async def update(visit: Visit) -> Response:
    evaluation = evaluation_of(visit)
    body: Update = await visit.body(_update)
    given: Stored = {} if body.name is UNSET else {"name": body.name}
    if body.metadata is not UNSET:
        given["metadata"] = body.metadata or {}
    return json_response(shown(visit.store.update(EVAL, evaluation["id"], **given, _updated=time()) or evaluation))


async def delete(visit: Visit) -> Response:
    id: str = evaluation_of(visit)["id"]
    for each in visit.store.page(RUN, parent=id, limit=None)[0]:
        evaluating.forget(visit.service, each["id"])
    visit.store.delete(EVAL, id)
    return json_response({"object": "eval.deleted", "deleted": True, "eval_id": id})


def evaluation_of(visit: Visit) -> Stored:
    """The evaluation in the path. Raises Refusal where there is none."""
    return visit.found(EVAL, visit.id("eval"), "eval", "eval_id")


TABLE = (
    ("POST", "/evals", create),
    ("GET", "/evals", listing),
    ("GET", "/evals/{eval}", retrieve),
    ("POST", "/evals/{eval}", update),
    ("DELETE", "/evals/{eval}", delete),
)
