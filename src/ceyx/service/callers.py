"""Who may steer a service: whoever is on its machine, or shows one of its keys; of pages in a browser, only its own."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ceyx.service.errors import Refusal
from ceyx.service.gate import Endpoint, Service, json_response


def guarded(service: Service, answer: Endpoint) -> Endpoint:
    """`answer`, to those who may steer the service."""

    async def endpoint(request: Request) -> Response:
        try:
            check_caller(service, request)
            response = await answer(request)
        except Refusal as refusal:
            response = json_response(refusal.body(), refusal.status)
        response.headers.update({"cache-control": "no-store", "x-content-type-options": "nosniff"})
        return response

    return endpoint


def check_caller(service: Service, request: Request) -> None:
    """Raises Refusal for one who may not steer the service: from elsewhere without a key, or a page of another address."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refusal(403, f"Pages of {origin[:80]} may not control this service.", code="wrong_origin")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):  # what a page asks for and cannot read
        raise Refusal(403, "Pages of other addresses may not control this service.", code="wrong_origin")
    key = request.headers.get("api-key") or request.headers.get("authorization", "").partition(" ")[2].strip()
    if key and any(compare_digest(key.encode(), each.encode()) for each in service.settings.keys):
        return
    if request.client is None or not _is_loopback(request.client.host):
        message = "This service is controlled from the machine it runs on, or with one of its keys: send one as api-key."
        raise Refusal(403, message, code="control_forbidden")
    # A name that somebody made point here would make a page of theirs one of ours.
    host = request.url.hostname or ""
    if not (host == "localhost" or host.endswith(".localhost") or _is_loopback(host)):
        message = f"This service is controlled at localhost or 127.0.0.1, not at {host[:80]!r}"
        if service.settings.keys:
            raise Refusal(403, f"{message} unless with one of its keys: send one as api-key.", code="control_forbidden")
        raise Refusal(403, f"{message}.", code="wrong_host")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or bool((mapped := getattr(address, "ipv4_mapped", None)) and mapped.is_loopback)
