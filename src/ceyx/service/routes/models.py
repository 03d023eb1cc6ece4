"""/models: what there is, as a list and one by one."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ceyx.service.catalogue import Model
from ceyx.service.errors import Refusal, unknown_model
from ceyx.service.gate import Endpoint, Service, Surface, json_response


def listed(service: Service, surface: Surface) -> Endpoint:
    async def answer(_: Request) -> Response:
        tuned = [made["id"] for made in service.store.page("model", limit=None, order="asc")[0]]
        names = [*service.settings.deployments, *tuned]
        data = [described(surface, name, model) for name in names if (model := service.named(name))]
        return json_response({"object": "list", "data": data})

    return service.guarded(surface, answer)


def one(service: Service, surface: Surface) -> Endpoint:
    async def answer(request: Request) -> Response:
        name = request.path_params["model"]
        model = service.named(name)
        if model is None:
            raise unknown_model(surface.provider, name, list(service.settings.deployments))
        return json_response(described(surface, name, model))

    return service.guarded(surface, answer)


def delete(service: Service, surface: Surface) -> Endpoint:
    async def answer(request: Request) -> Response:
        name = request.path_params["model"]
        if service.store.delete("model", name):
            return json_response({"id": name, "object": "model", "deleted": True})
        if service.named(name) is None:
            raise unknown_model(surface.provider, name, list(service.settings.deployments))
        message = f"Model {name[:80]} was not fine-tuned by you; only fine-tuned models can be deleted."
        raise Refusal(403, message, param="model")

    return service.guarded(surface, answer)


def described(surface: Surface, name: str, model: Model) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": name, "object": "model", "created": model.created, "owned_by": "ceyx-local"}
    if surface.provider == "openai":
        return fields
    abilities = {
        "fine_tune": False,
        "inference": True,
        "completion": model.kind == "completion",
        "chat_completion": model.kind == "chat",
        "embeddings": model.kind == "embedding",
    }
    return {
        **fields,
        "model": model.id,
        "status": "succeeded",
        "created_at": model.created,
        "updated_at": model.created,
        "lifecycle_status": "generally-available",
        "capabilities": abilities,
        "deprecation": {},
    }
