"""The service as an ASGI app: which path leads where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service import errors, headers, visit
from ceyx.service.errors import Provider
from ceyx.service.faults.middleware import OWN, Faults
from ceyx.service.faults.triggers import Triggers
from ceyx.service.gate import AZURE_DATED, AZURE_V1, LARGEST_BODY, OPENAI, Service, json_response
from ceyx.service.identity import endpoints as identities
from ceyx.service.page import Page
from ceyx.service.routes import (
    audio,
    batches,
    chat,
    completions,
    containers,
    conversations,
    embeddings,
    eval_runs,
    evals,
    files,
    fine_tuning,
    graders,
    images,
    models,
    moderations,
    responses,
    stored_chats,
    uploads,
    vector_store_files,
    vector_stores,
    voices,
    webhooks,
)
from ceyx.service.routes.control import Control
from ceyx.service.settings import Settings

SURFACES = ((OPENAI, "/v1"), (AZURE_V1, "/openai/v1"), (AZURE_DATED, "/openai"))
OPERATIONS = (
    chat.operation,
    completions.operation,
    embeddings.operation,
    *audio.operations,
    *images.operations,
    *responses.operations,
)
OF_OPENAI = (moderations.operation, images.variation)
"""What Azure has not; it has neither voices nor webhooks either."""

GROUPS = (
    files.TABLE,
    uploads.TABLE,
    batches.TABLE,
    vector_stores.TABLE,
    vector_store_files.TABLE,
    fine_tuning.TABLE,
    graders.TABLE,
    containers.TABLE,
    evals.TABLE,
    eval_runs.TABLE,
    responses.TABLE,
    stored_chats.TABLE,
    conversations.TABLE,
)


def create_app(settings: Settings | None = None) -> Starlette:
    """The service, to be run by any ASGI server whose event loop is asyncio's."""
    service = Service(settings or Settings())
    triggers = Triggers(service.settings.rules, service.model_id)
    routes: list[BaseRoute] = [
        Route("/", about),
        Route(f"{images.PATH}{{name}}", images.show),
    ]
    for surface, prefix in SURFACES:  # first what is asked most, since routes are tried one after another
        for each in (*OPERATIONS, *OF_OPENAI) if surface is OPENAI else OPERATIONS:
            where = "/openai/deployments/{deployment:path}" if surface is AZURE_DATED and each.of_deployment else prefix
            routes.append(Route(f"{where}/{each.path}", service.operation(surface, each), methods=["POST"]))
    for surface, prefix in SURFACES:
        routes += [
            Route(f"{prefix}/models", models.listed(service, surface)),
            Route(f"{prefix}/models/{{model:path}}", models.one(service, surface)),
            Route(f"{prefix}/models/{{model:path}}", models.delete(service, surface), methods=["DELETE"]),
            *(route for table in GROUPS for route in visit.routes(service, surface, prefix, table)),
        ]
    for table in (voices.TABLE, webhooks.TABLE):
        routes += visit.routes(service, OPENAI, "/v1", table)
    routes += identities.routes(service)
    if service.settings.control:
        routes += Control(service, triggers).routes()
        routes += Page(service, triggers).routes()
    faults = Middleware(Faults, service, triggers, LARGEST_BODY)
    app = Starlette(routes=routes, exception_handlers={HTTPException: _unrouted}, middleware=[faults], lifespan=_lifespan)
    app.state.service, app.state.triggers = service, triggers
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.service.close()


async def about(_: Request) -> Response:
    """GET /: what this is."""
    surfaces = ["/v1", "/openai/deployments/{deployment}", "/openai/v1"]
    said = "A local stand-in for OpenAI and Azure OpenAI. No model answers here."
    more = {"models": "/v1/models", "counters": f"{OWN}counters", "page": OWN}
    return json_response({"service": "ceyx", "about": said, "serves": surfaces, **more})


async def _unrouted(request: Request, error: Exception) -> Response:
    """What is said where no path leads anywhere, in the shape of the provider whose path it resembles."""
    path = request.url.path
    provider: Provider = "azure" if path.startswith("/openai") else "openai"
    carried = headers.of_any(provider, request.headers, request.app.state.service.settings)
    if provider == "openai" and isinstance(error, HTTPException) and error.status_code == 405:
        refusal = errors.wrong_method(request.method, path)
        carried |= error.headers or {}  # Allow
    else:
        refusal = errors.no_such_route(provider, request.method, path)
    return json_response(refusal.body(), refusal.status, carried)
