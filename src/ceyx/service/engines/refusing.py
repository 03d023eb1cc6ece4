"""What is said where an upstream refuses, or does not answer, in the shape of the surface that was asked.

Servers say why in many ways: as OpenAI does, as Azure does, as FastAPI does, in a text, in a page.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from ceyx.errors import OpenAIError
from ceyx.service.errors import Provider, Refusal
from ceyx.service.gate import json_response

_LONGEST_SAID = 500


def unreachable(provider: Provider, status: int, deployment: str, error: OpenAIError) -> Refusal:
    """The words for an upstream that did not answer."""
    return failed(provider, status, f"The service forwards {deployment}, and had no answer: {error}")


def moved(provider: Provider, status: int, deployment: str, origin: str, location: str) -> Refusal:
    """The words for an upstream that sends callers somewhere else: they must not follow, with what they send."""
    where = location[:200].partition("?")[0]
    message = f"The service forwards {deployment} to {origin}, which answers {status}: look at {where!r}, and change url."
    return failed(provider, 502, message)


def failed(provider: Provider, status: int, message: str) -> Refusal:
    """A refusal of the service's own."""
    if provider == "azure":
        return Refusal(status, message, code=str(status), gateway=True)
    return Refusal(status, message, type="server_error", code="upstream_failed")


def refused(provider: Provider, status: int, headers: dict[str, str], content: bytes, origin: str, *, has_key: bool) -> Response:
    """The upstream's refusal, in the shape of the surface."""
    kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
    try:
        body = msgspec.json.decode(content)
    except ValueError:
        body = content.decode("utf-8", "replace").strip()
    message, told = _said(body)
    if status in (401, 403):
        hint = "it does not take the key that the service sent" if has_key else "its key comes from key_env"
        message = f"{message or 'Access denied'} (said by {origin}, which the service forwards to: {hint})"
    message = message or f"{origin} answered {status}, and does not say why"
    code = told.get("code")
    if provider == "azure" and "type" not in told:
        return json_response(Refusal(status, message, code=code or str(status), gateway=True).body(), status, kept)
    if provider == "azure" and code == "model_not_found":
        return json_response(Refusal(status, message, code="DeploymentNotFound", gateway=True).body(), status, kept)
    kind = told.get("type") or ("server_error" if status >= 500 else "invalid_request_error")
    made = Refusal(status, message, code=code, param=told.get("param"), type=kind).body()
    return json_response({"error": {**told, **made["error"]}}, status, kept)


def _said(body: Any) -> tuple[str, dict[str, Any]]:
    """The message of a refusal, and its fields where it has OpenAI's."""
    told = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(told, dict):
        for name in ("message", "detail", "error"):  # of OpenAI and Azure, of FastAPI, of others
            if isinstance(text := told.get(name), str):
                rest = dict(told) if isinstance(body, dict) and "error" in body else {}
                return text, {**rest, "code": None if rest.get("code") is None else str(rest["code"])}
        return msgspec.json.encode(told).decode()[:_LONGEST_SAID] if told else "", {}
    text = told if isinstance(told, str) else ""
    return ("" if text.lstrip().startswith("<") else text[:_LONGEST_SAID]), {}
