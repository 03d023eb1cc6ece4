"""/fine_tuning: jobs that train, their events and checkpoints, and who may use those. Graders are in `graders.py`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service import training
from ceyx.service.catalogue import Model, model_named
from ceyx.service.errors import bad_request
from ceyx.service.gate import json_response
from ceyx.service.routes.usage import identifier
from ceyx.service.store import Stored
from ceyx.service.stored_files import stored_file
from ceyx.service.visit import Metadata, Visit, listed, not_found, now, shown

JOB = "fine_tuning.job"
PERMISSION = "checkpoint.permission"

Auto: TypeAlias = Literal["auto"]


class Hyperparameters(Struct):
    """Those that every method has."""

    batch_size: Auto | Annotated[int, Meta(ge=1, le=256)] = "auto"
    learning_rate_multiplier: Auto | Annotated[float, Meta(gt=0)] = "auto"
    n_epochs: Auto | Annotated[int, Meta(ge=1, le=50)] = "auto"


class Method(Struct):
    """How a model is trained."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: dict[str, Any] | None = None
    dpo: dict[str, Any] | None = None
    reinforcement: dict[str, Any] | None = None


class Create(Struct):
    """The body of a new job."""

    model: str
    training_file: str
    hyperparameters: Hyperparameters | None = None
    integrations: list[dict[str, Any]] | None = None
    metadata: Metadata | None = None
    method: Method | None = None
    seed: Annotated[int, Meta(ge=0, le=2147483647)] | None = None
    suffix: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    validation_file: str | None = None


class Permit(Struct):
    """Projects that may use a checkpoint."""

    project_ids: Annotated[list[str], Meta(min_length=1)]


_create, _permit = msgspec.json.Decoder(Create), msgspec.json.Decoder(Permit)


async def create(visit: Visit) -> Response:
    body: Create = await visit.body(_create)
    base = _base(visit, body.model)
    for param, file in (("training_file", body.training_file), ("validation_file", body.validation_file)):
        if file is not None:
            _check_file(visit, file, param)
    method = _method(body)
    id = identifier("ftjob-")
    job: Stored = {
        "object": JOB,
        "id": id,
        "model": body.model,
        "created_at": now(),
        "finished_at": None,
        "fine_tuned_model": None,
        "organization_id": training.ORGANISATION,
        "result_files": [],
        "status": "validating_files",
        "training_file": body.training_file,
        "validation_file": body.validation_file,
        "hyperparameters": msgspec.to_builtins(_hyperparameters(body, method)),
        "trained_tokens": None,
        "error": None,
        "user_provided_suffix": body.suffix,
        "seed": 42 if body.seed is None else body.seed,
        "estimated_finish": None,
        "integrations": body.integrations or [],
        "metadata": body.metadata,
        "method": method,
        "_base": base.id,
        "_name": f"ft:{base.snapshot}:{training.ORGANISATION}:{body.suffix or ''}:{uuid4().hex[:8]}",
    }
    visit.store.put(JOB, id, job)
    training.event(visit.store, id, f"Created fine-tuning job: {id}")
    training.event(visit.store, id, f"Validating training file: {body.training_file}")
    _go_on(visit, job)
    return json_response(shown(job))


async def listing(visit: Visit) -> Response:
    for job in visit.store.page(JOB, limit=None, where=lambda job: job["status"] in training.UNDER_WAY)[0]:
        _go_on(visit, job)
    wanted = {name[9:-1]: value for name, value in visit.query.items() if name.startswith("metadata[") and name.endswith("]")}
    none = visit.query.get("metadata") == "null"

    def matching(job: Stored) -> bool:
        held = job["metadata"] or {}
        return not held if none else all(held.get(name) == value for name, value in wanted.items())

    return visit.page(JOB, where=matching)


async def retrieve(visit: Visit) -> Response:
    return json_response(shown(_job(visit)))


async def events(visit: Visit) -> Response:
    return visit.page("fine_tuning.event", parent=_job(visit)["id"])


async def checkpoints(visit: Visit) -> Response:
    return visit.page("fine_tuning.checkpoint", parent=_job(visit)["id"], usual=10)


async def cancel(visit: Visit) -> Response:
    return _moved(visit, "cancel", training.OPEN, "cancelled", "The job was cancelled", finished_at=now(), estimated_finish=None)


async def pause(visit: Visit) -> Response:
    return _moved(visit, "pause", ("queued", "running"), "paused", "The job was paused")


async def resume(visit: Visit) -> Response:
    return _moved(visit, "resume", ("paused",), "queued", "The job was resumed")


async def permit(visit: Visit) -> Response:
    checkpoint = _checkpoint(visit)
    body: Permit = await visit.body(_permit)
    made: list[Stored] = []
    for project in body.project_ids:
        id = identifier("cp_")
        permission = {"object": PERMISSION, "id": id, "created_at": now(), "project_id": project}
        visit.store.put(PERMISSION, id, permission, parent=checkpoint)
        made.append(permission)
    return listed(made)


async def permissions(visit: Visit) -> Response:
    project = visit.query.get("project_id")
    return visit.page(
        PERMISSION, parent=_checkpoint(visit), where=lambda each: not project or each["project_id"] == project, usual=10
    )


async def forbid(visit: Visit) -> Response:
    checkpoint, id = _checkpoint(visit), visit.id("permission")
    held = visit.store.page(PERMISSION, parent=checkpoint, limit=1, where=lambda each: each["id"] == id)[0]
    if not held:
        raise not_found(visit.surface.provider, "permission of this checkpoint", id, "permission_id")
    visit.store.delete(PERMISSION, id)
    return json_response({"id": id, "object": PERMISSION, "deleted": True})


TABLE = (
    ("POST", "/fine_tuning/jobs", create),
    ("GET", "/fine_tuning/jobs", listing),
    ("GET", "/fine_tuning/jobs/{id}", retrieve),
    ("GET", "/fine_tuning/jobs/{id}/events", events),
    ("GET", "/fine_tuning/jobs/{id}/checkpoints", checkpoints),
    ("POST", "/fine_tuning/jobs/{id}/cancel", cancel),
    ("POST", "/fine_tuning/jobs/{id}/pause", pause),
    ("POST", "/fine_tuning/jobs/{id}/resume", resume),
    ("POST", "/fine_tuning/checkpoints/{checkpoint}/permissions", permit),
    ("GET", "/fine_tuning/checkpoints/{checkpoint}/permissions", permissions),
    ("DELETE", "/fine_tuning/checkpoints/{checkpoint}/permissions/{permission}", forbid),
)


def _job(visit: Visit) -> Stored:
    job = visit.found(JOB, visit.id(), "fine-tuning job", "fine_tuning_job_id")
    _go_on(visit, job)
    return job


def _go_on(visit: Visit, job: Stored) -> None:
    """Sees that somebody works on a job: nobody does where the service has been started again since."""
    if job["status"] in training.UNDER_WAY and not visit.service.work.goes_on(job["id"]):
        visit.service.work.start(job["id"], training.run(visit.service, job["id"]))


def _moved(visit: Visit, verb: str, allowed: tuple[str, ...], status: str, said: str, **fields: Any) -> Response:
    """A job whose state a client changes."""
    job = visit.found(JOB, visit.id(), "fine-tuning job", "fine_tuning_job_id")
    if job["status"] not in allowed:
        raise bad_request(f"Cannot {verb} job {job['id']}: it is {job['status']}; that is for {' or '.join(allowed)}.")
    job = visit.store.update(JOB, job["id"], status=status, **fields) or job
    training.event(visit.store, job["id"], said)
    visit.service.work.stop(job["id"])  # what it waits for is no longer to come
    if status in training.UNDER_WAY:
        _go_on(visit, job)
    return json_response(shown(job))


def _base(visit: Visit, name: str) -> Model:
    """The model that a job begins with: for one that was fine-tuned, the one it came from."""
    model = visit.service.named(name)
    if model is None or model.kind not in ("chat", "completion"):
        message = f"Model {name[:80]} is not available for fine-tuning or does not exist."
        raise bad_request(message, "model", "model_not_available")
    tuned = visit.store.get("model", name)
    return model if tuned is None else model_named(tuned["base"])


def _check_file(visit: Visit, file: str, param: str) -> None:
    purpose = stored_file(visit.store, file, visit.surface.provider, param)["purpose"]
    if purpose != "fine-tune":
        message = f"File {file} has the purpose {purpose!r}; a job reads files with the purpose 'fine-tune'."
        raise bad_request(message, param)


def _method(body: Create) -> Stored:
    """The method of a job, with the field that says how."""
    if body.method is None:
        given = {} if body.hyperparameters is None else msgspec.to_builtins(body.hyperparameters)
        return {"type": "supervised", "supervised": {"hyperparameters": given}}
    kind = body.method.type
    how: dict[str, Any] = getattr(body.method, kind) or {}
    if kind == "reinforcement" and not isinstance(how.get("grader"), dict):
        param = "method.reinforcement.grader"
        raise bad_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    return {"type": kind, kind: {**how, "hyperparameters": how.get("hyperparameters") or {}}}


def _hyperparameters(body: Create, method: Stored) -> Hyperparameters:
    if body.method is None:
        return body.hyperparameters or Hyperparameters()
    kind = method["type"]
    try:
        return msgspec.convert(method[kind]["hyperparameters"], Hyperparameters)
    except msgspec.ValidationError as error:
        param = f"method.{kind}.hyperparameters"
        raise bad_request(f"Invalid value for '{param}': {error}.", param, "invalid_value") from None


def _checkpoint(visit: Visit) -> str:
    name = visit.id("checkpoint")
    if visit.store.get("model", name) is None:
        raise not_found(visit.surface.provider, "fine-tuned model or checkpoint", name, "fine_tuned_model_checkpoint")
    return name
