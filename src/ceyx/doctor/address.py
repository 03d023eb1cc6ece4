"""What was understood of the address, and of the api-version: nothing is sent for it."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any

from ceyx.dialect import AzureDeployments, AzureV1, is_of_provider
from ceyx.doctor.case import Case
from ceyx.doctor.finding import Finding, failed, ok, warning
from ceyx.errors import OpenAIError
from ceyx.exchange import request_for
from ceyx.wire import versions
from ceyx.wire.message import Request
from ceyx.wire.next_step import wrong_with

CHAT_SINCE = "2023-05-15"


def endpoint(case: Case) -> Finding:
    """Which dialect is spoken where, and the URL that a call is sent to."""
    dialect = case.dialect
    of_provider = is_of_provider(case.origin)
    if isinstance(dialect, AzureDeployments):
        form, name = "azure-deployments", "Azure with dated versions: models are below their deployments"
    elif isinstance(dialect, AzureV1):
        form, name = "azure-v1", "Azure v1: the model of a call is a deployment"
    elif dialect.prefix.endswith("/openai/v1"):
        form, name = "openai", "Azure v1, spoken as OpenAI's: the model of a call is a deployment"
    else:
        form, name = "openai", "OpenAI" if of_provider else "a server that speaks as OpenAI does"
    if case.on_azure and not of_provider:
        name += f"; {case.host} is no host of Azure's own, so a gateway or a local service"
    facts: dict[str, Any] = {
        "dialect": form,
        "base_url": case.dialect.base_url,
        "host": case.host,
        "of_provider": of_provider,
        "deployment": getattr(dialect, "deployment", None),
    }
    lines = [f"base URL {dialect.base_url}"]
    if (request := _chat(case)) is not None:
        lines.append(f"a call is POST {request.shown_url}")
        facts["url"] = request.shown_url
        if wrong := wrong_with(request):
            said, _, step = wrong.partition(": ")
            return failed("configuration", f"the URL of calls cannot be right: {said}", step or wrong, *lines, **facts)
    return ok(name, *lines, **facts)


def _chat(case: Case) -> Request | None:
    """A chat completion as it would be sent; None where that cannot be said yet."""
    model = case.model or "DEPLOYMENT"
    call: Any = case.client.plan.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello"}])
    try:
        return request_for(call, case.settings)
    except (OpenAIError, ValueError, TypeError):  # the version cannot: that is for `api_version` to say
        return None


def api_version(case: Case) -> Finding:
    """What the table knows of the client's api-version."""
    version = {**case.dialect.query, **case.settings.default_query}.get("api-version")
    if not isinstance(case.dialect, AzureDeployments):
        return ok("none is needed" if version is None else f"{version}, which v1 takes", api_version=version)
    version = str(version)
    chat = versions.endpoint_at("POST", "/chat/completions")
    if version not in versions.PUBLISHED:
        return _unlisted(version)
    lacks = [one.name for one in versions.ENDPOINTS if one.since is not None and not one.known_in(version)]
    facts: dict[str, Any] = {"api_version": version, "published": True, "lacks": lacks}
    lines = [f"it lacks {', '.join(lacks)} (docs/api-versions.md)"] if lacks else []
    if chat is not None and not chat.known_in(version):
        step = f"{', or '.join(chat.steps)}"
        return failed("configuration", f"{version} has no chat completions: they need {chat.needs}", step, *lines, **facts)
    return ok(f"{version}, {'a preview' if version.endswith('-preview') else 'a stable version'}", *lines, **facts)


def _unlisted(version: str) -> Finding:
    near = get_close_matches(version, sorted(versions.PUBLISHED, reverse=True), 2, 0.8)
    newest = versions.STABLE[-1]
    meant = f"did you mean {' or '.join(near)}?" if near else f"give one that there is, such as {newest}."
    step = f"{meant} Set OPENAI_API_VERSION or --api-version"
    facts: dict[str, Any] = {"api_version": version, "published": False, "near": near}
    try:
        day = date.fromisoformat(version.removesuffix("-preview"))
    except ValueError:
        return failed(
            "configuration", f"{version!r} is no api-version: those are dates, which -preview may follow", step, **facts
        )
    if day > date.fromisoformat(versions.PREVIEWS[-1][:10]):
        return ok(f"{version}, newer than the table, so all is taken to be known", **facts)
    return warning(f"{version} is none that was published", step, **facts)
