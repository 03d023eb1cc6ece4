"""The headers of an answer, as each provider names them."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from uuid import uuid4

from ceyx.service.catalogue import Model
from ceyx.service.errors import Provider
from ceyx.service.limits import REQUESTS_A_MINUTE, TOKENS_A_MINUTE, Left
from ceyx.service.settings import Settings


def of_any(provider: Provider, asked: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What every answer carries, refusals too. `asked` are the headers of the request."""
    if provider == "openai":
        return {"x-request-id": f"req_{uuid4().hex}", "openai-version": "2020-10-01", "openai-organization": "ceyx-local"}
    identifier = str(uuid4())
    carried = {"x-request-id": identifier, "apim-request-id": identifier, "x-ms-region": settings.region}
    if client := asked.get("x-ms-client-request-id"):
        carried["x-ms-client-request-id"] = client
    return carried


def of_answer(provider: Provider, deployment: str, model: Model, left: Left, started: float) -> dict[str, str]:
    """What an answer from a model carries besides. `started` is a time of perf_counter."""
    took = str(max(1, round((perf_counter() - started) * 1000)))
    seconds = max(left.seconds, 0.001)
    azure = provider == "azure"
    reset = str(max(1, round(seconds))) if azure else f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    carried = {
        "x-ratelimit-limit-requests": str(REQUESTS_A_MINUTE),
        "x-ratelimit-limit-tokens": str(TOKENS_A_MINUTE),
        "x-ratelimit-remaining-requests": str(left.requests),
        "x-ratelimit-remaining-tokens": str(left.tokens),
        "x-ratelimit-reset-requests": reset,
        "x-ratelimit-reset-tokens": reset,
    }
    if azure:
        carried["azureml-model-session"] = "ceyx-local"
        carried["x-ms-deployment-name"] = deployment if deployment.isascii() and deployment.isprintable() else "-"
        carried["x-envoy-upstream-service-time"] = took
    else:
        carried["openai-model"] = model.snapshot if model.snapshot.isascii() and model.snapshot.isprintable() else "-"
        carried["openai-processing-ms"] = took
    return carried
