"""The headers of an answer, as each provider names them."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from time import perf_counter
from uuid import uuid4

from ceyx.service.catalogue import Model
from ceyx.service.errors import Provider
from ceyx.service.limits import Left, spelled
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


def of_limits(provider: Provider, left: Left) -> dict[str, str]:
    """What is left to a deployment, and after how long all of it is there again, as the provider spells that."""
    requests_in = _reset(provider, left.requests_in)
    return {
        "x-ratelimit-limit-requests": str(left.most_requests),
        "x-ratelimit-limit-tokens": str(left.most_tokens),
        "x-ratelimit-remaining-requests": str(left.requests),
        "x-ratelimit-remaining-tokens": str(left.tokens),
        "x-ratelimit-reset-requests": requests_in,
        "x-ratelimit-reset-tokens": requests_in if left.tokens_in == left.requests_in else _reset(provider, left.tokens_in),
    }


def _reset(provider: Provider, seconds: float) -> str:
    return str(max(1, ceil(seconds))) if provider == "azure" else spelled(seconds)


def of_answer(provider: Provider, deployment: str, model: Model, left: Left, started: float) -> dict[str, str]:
    """What an answer from a model carries besides. `started` is a time of perf_counter."""
    took = str(max(1, round((perf_counter() - started) * 1000)))
    carried = of_limits(provider, left)
    if provider == "azure":
        carried["azureml-model-session"] = "ceyx-local"
        carried["x-ms-deployment-name"] = deployment if deployment.isascii() and deployment.isprintable() else "-"
        carried["x-envoy-upstream-service-time"] = took
    else:
        carried["openai-model"] = model.snapshot if model.snapshot.isascii() and model.snapshot.isprintable() else "-"
        carried["openai-processing-ms"] = took
    return carried
