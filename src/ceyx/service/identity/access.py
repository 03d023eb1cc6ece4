"""Whether a token may call an Azure path: audience, expiry, directory, role; and what Azure answers where it may not."""

from __future__ import annotations

from base64 import b64encode

import msgspec
from starlette.requests import Request

from ceyx.service import errors
from ceyx.service.errors import OF_AZURE, Refusal
from ceyx.service.identity.entra import Entra
from ceyx.service.identity.issuer import Issuer, Unacceptable, principal_of

VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


def check(entra: Entra, issuer: Issuer, request: Request, token: str) -> None:
    """Raises Refusal for a token that may not do what the request asks for; its message adds why."""
    try:
        claims = issuer.read(token)
    except Unacceptable as why:
        raise errors.of_azure("bad-token", f" ({why}.)") from None
    if (audience := str(claims["aud"]).rstrip("/")) not in entra.audiences:
        raise errors.of_azure("bad-token", f" (It is for {audience[:200]}.)")
    if claims["tid"] != entra.tenant:
        status, code, _ = OF_AZURE["wrong-tenant"]
        message = f"Token tenant {claims['tid']} does not match resource tenant."
        raise Refusal(status, message, code=code, gateway=True)
    if issuer.is_revoked(claims):
        refusal = errors.of_azure("bad-token", " (It was revoked.)")
        refusal.headers = {"www-authenticate": challenge(request, claims["iat"])}
        raise refusal
    if claims["appid"] in entra.without_role:
        status, code, _ = OF_AZURE["no-role"]
        action, operation = data_action(request)
        message = f"The principal `{principal_of(claims['appid'])}` lacks the required data action `{action}` to perform "
        raise Refusal(status, f"{message}`{operation}` operation.", code=code, gateway=True)


def challenge(request: Request, issued_at: int) -> str:
    """A WWW-Authenticate header that asks for a token issued later than this one."""
    claims = {"access_token": {"nbf": {"essential": True, "value": str(issued_at)}}}
    encoded = b64encode(msgspec.json.encode(claims)).decode()
    authority = f"{str(request.base_url).rstrip('/')}/common/oauth2/authorize"
    return f'Bearer realm="", authorization_uri="{authority}", error="insufficient_claims", claims="{encoded}"'


def data_action(request: Request) -> tuple[str, str]:
    """What a role must allow for a request, and the operation as Azure names it.

    The names below deployments are those of the built-in roles; the others follow their pattern.
    """
    path = request.url.path
    deployment = request.path_params.get("deployment")
    if deployment is not None:
        below = path.rpartition(f"/deployments/{deployment}/")[2]
        operation = f"{request.method} /openai/deployments/{{deployment-id}}/{below}"
        return f"Microsoft.CognitiveServices/accounts/OpenAI/deployments/{below}/action", operation
    below = path.removeprefix("/openai/").removeprefix("v1/")
    group = below.partition("/")[0]
    verb = VERBS.get(request.method, "write")
    if group in ("chat", "completions", "embeddings", "audio", "images") and request.method == "POST":
        return f"Microsoft.CognitiveServices/accounts/OpenAI/deployments/{below}/action", f"POST {path}"
    return f"Microsoft.CognitiveServices/accounts/OpenAI/{group}/{verb}", f"{request.method} {path}"
