"""Whether a request names an api-version, as its surface wants, and one that has the endpoint and what is asked of it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request

from ceyx.service import errors
from ceyx.service.errors import Refusal
from ceyx.wire import versions

if TYPE_CHECKING:
    from ceyx.service.gate import Surface

_version = re.compile(r"(\d{4}-\d\d-\d\d)(-preview)?").fullmatch


def check_version(surface: Surface, request: Request) -> None:
    """Raises Refusal where an api-version is missing, or is none, or is of before this endpoint."""
    version = request.query_params.get("api-version")
    if not version:
        if surface.dated:
            raise errors.no_such_route("azure", request.method, request.url.path)
        return
    if surface.provider == "openai" or (not surface.dated and version in ("v1", "preview", "latest")):
        return
    try:
        form = _version(version)
        date.fromisoformat(form[1] if form else "")
    except ValueError:
        message = f"The api-version {version[:40]!r} is none: it is a date, as in 2024-10-21, which -preview may follow."
        raise Refusal(400, message, code="InvalidApiVersionParameter", gateway=True) from None
    if not surface.dated:
        return
    deployment = request.path_params.get("deployment")
    below = "/openai" if deployment is None else f"/openai/deployments/{deployment}"
    endpoint = versions.endpoint_at(request.method, request.scope["path"].removeprefix(below))
    if endpoint is not None and not endpoint.known_in(version):
        if endpoint.words:
            raise Refusal(400, endpoint.words, code="BadRequest", gateway=True)
        raise errors.no_such_route("azure", request.method, request.url.path)


def check_parameters(version: str, path: str, raw: bytes) -> None:
    """Raises Refusal for a parameter, or value of one, that this api-version of Azure does not know: as its older models do."""
    endpoint = versions.endpoint_at("POST", f"/{path}")
    given: Any = msgspec.json.decode(raw)
    unknown = [] if endpoint is None else list(versions.unknown_in(version, endpoint, given))
    if words := next((feature.words for feature in unknown if feature.words), ""):
        raise Refusal(400, words, code="BadRequest", gateway=True)
    if names := [feature.parameter for feature in unknown if feature.refused != "not seen"]:
        raise errors.bad_request(f"Unrecognized request argument{'s' * (len(names) > 1)} supplied: {', '.join(names)}")
