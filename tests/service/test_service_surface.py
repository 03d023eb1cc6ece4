"""Every endpoint of ceyx has a route in the service, on each surface where its provider has it: calls in plan mode match one."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from calls import EVERY, Endpoint
from starlette.routing import Match, Route

from ceyx import AzureOpenAI, OpenAI
from ceyx.service import Settings, create_app

AT = "http://127.0.0.1:1"
CLIENTS: dict[str, Any] = {
    "/v1": OpenAI(api_key="any", base_url=f"{AT}/v1"),
    "/openai/v1": AzureOpenAI(api_key="any", azure_endpoint=f"{AT}/openai/v1"),
    "/openai": AzureOpenAI(api_key="any", azure_endpoint=AT, api_version="2025-04-01-preview"),
    "/openai/deployments": AzureOpenAI(
        api_key="any", azure_endpoint=AT, azure_deployment="prod", api_version="2025-04-01-preview"
    ),
}
OF_OPENAI = ("audio.voices", "audio.voice_consents", "webhooks", "moderations", "images.create_variation")
"""What Azure has not, on any of its surfaces."""
ROUTES = [route for route in create_app(Settings()).routes if isinstance(route, Route)]


def led(endpoint: Endpoint, surface: str) -> list[Route]:
    """The routes that the call of an endpoint matches, method and path, as the client of a surface sends it."""
    client = CLIENTS[surface]
    call = endpoint.call(client)
    path = unquote(client._settings.dialect.path(call))
    scope = {"type": "http", "method": call.method, "path": path, "root_path": ""}
    return [route for route in ROUTES if route.matches(scope)[0] is Match.FULL]


@pytest.mark.parametrize("surface", CLIENTS)
def test_each_has_a_route(surface: str) -> None:
    asked = [each for each in EVERY if surface == "/v1" or not each.name.startswith(OF_OPENAI)]
    assert [each.name for each in asked if not led(each, surface)] == []
