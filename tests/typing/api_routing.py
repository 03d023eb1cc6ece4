"""What type checkers infer of clients with several deployments. A line that ends in `# E` must be an error, no other may be."""

from __future__ import annotations

from typing import Any, assert_type

from ceyx import AsyncAzureOpenAI, AzureOpenAI, Deployment, OpenAI, Router
from ceyx.router import RouteEvent


def look(event: RouteEvent) -> None:
    assert_type(event.deployment, str)
    assert_type(event.status, int | None)


one = Deployment(azure_endpoint="https://contoso.openai.azure.com", azure_deployment="gpt-4o", models={"a": "b"}, priority=1)
Deployment(azure_endpont="https://contoso.openai.azure.com")  # E
Deployment(priority="high")  # E
router = Router([one, {"base_url": "https://api.openai.com/v1"}], policy="least_busy", on_route=look)
Router([one], policy="random")  # E
client = AzureOpenAI(deployments=[one], policy="weighted", api_version="2024-10-21")
OpenAI(deployments=[one], policy="first")  # E
AsyncAzureOpenAI(router=router)
assert_type(client.router, Router)
assert_type(client.router.state(), dict[str, Any])
raw = client.chat.completions.with_raw_response.create(model="m", messages=[])
assert_type(raw.deployment, str | None)
