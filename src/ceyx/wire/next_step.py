"""What the user can do about an answer that is an error: one table, by what the server says, its code and its status.

Where a path leads nowhere it looks at the URL that was built, as the reason can be seen in it. `status.py` makes the errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ceyx.errors import APIStatusError, ContentFilterError
from ceyx.wire.decoding import UNREADABLE, decoded
from ceyx.wire.message import Request
from ceyx.wire.url import AZURE


def _deployment(request: Request) -> str:
    name = asked_for(request)
    named = f"no deployment is named {name!r} at {urlsplit(request.origin).hostname}: " if name else ""
    return (
        f"{named}pass azure_deployment=<name> or model=<name of a deployment of this resource>, which is not the name of its "
        "model; a new one takes some minutes"
    )


def _key(request: Request) -> str:
    if request.headers.get("api-key", "").startswith("sk-"):
        return "the key is one of OpenAI's own (sk-…): Azure's are on the resource's page Keys and Endpoint in the portal"
    return (
        "see that the key is one of this resource's (Keys and Endpoint in the portal), and the endpoint its own: keys are of one "
        "resource in one region"
    )


def _audience(request: Request) -> str:
    from ceyx.wire.scope import scope_for

    scope = scope_for(urlsplit(request.origin).hostname or "", request.target.partition("?")[0])
    return f"the token has expired or is for another audience: take it for {scope}; a key goes into api_key="


def _role(request: Request) -> str:
    if "/api/projects/" in request.target:
        return "give the identity the role 'Azure AI User' on the project; it takes some minutes to count"
    return (
        "give the identity the role 'Cognitive Services OpenAI User' on the resource, or 'Cognitive Services OpenAI Contributor' "
        "to upload and fine-tune; it takes some minutes to count"
    )


def _address(request: Request) -> str:
    return wrong_with(request) or _of_version(request) or "see that the endpoint, deployment and api-version in this URL exist"


def _of_version(request: Request, said: str = "") -> str | None:
    """What of a request its api-version does not know; of the parameters that `said` names, if any."""
    from ceyx.wire.versions import explained  # the table, which few errors need

    path, _, query = request.target.partition("?")
    version = parse_qs(query).get("api-version", [""])[0]
    below = re.search(r"/openai(?:/deployments/[^/]+)?(/(?!v1/).+)", path)
    return explained(version, request.method, below[1], _body(request), said) if below else None


Step = str | Callable[[Request], str]
_NETWORK = (
    "the resource answers within its network only: call from there, by its private address, or allow yours under Networking"
)
_CAPACITY = "the region is short of capacity: ask later or in another region, or use a provisioned deployment"
_RATE = "ask less often, or raise max_retries=; on Azure, give the deployment more tokens per minute or spread calls over several"
_VERSION = "pass a newer api_version=, or an azure_endpoint that ends in /openai/v1 and needs none"

NEXT_STEPS: dict[str | int, Step] = {
    # what Azure says under codes that tell little: a part of its sentence, in lower case, of several words
    "invalid subscription key or wrong api endpoint": _key,
    "access token is missing, invalid": _audience,
    "does not match resource tenant": "the token is of another tenant: give the credential the resource's (tenant_id=, or "
    "az login --tenant)",
    "custom subdomain for token": "a region's endpoint takes keys only: use the resource's own, https://<name>.openai.azure.com",
    "does not map to a resource": "no resource has the name before the first dot of this host; see the endpoint in the portal",
    "virtual network": _NETWORK,
    "public access is disabled": _NETWORK,
    "private endpoint": _NETWORK,
    "detected behavior that may violate": "the resource is blocked for abuse; Azure's support says why and lifts it",
    "content safety check": "a policy of the gateway blocked it; see Azure API Management",
    "high demand": _CAPACITY,
    "api version not supported": _VERSION,
    "use 'max_completion_tokens' instead": "give max_completion_tokens= in place of max_tokens=",
    "only allowed when 'tools'": "leave it out of calls without tools",
    # codes
    "DeploymentNotFound": _deployment,
    "OperationNotSupported": "ask a deployment whose model serves this operation",
    "PermissionDenied": _role,
    "AuthenticationTypeDisabled": "the resource takes no keys: pass credential=DefaultAzureCredential() in place of api_key=",
    "InvalidApiVersionParameter": _VERSION,
    "NoCapacity": _CAPACITY,
    "insufficient_quota": "see the plan and billing of the account",
    "resourceNotFound": "see that the id is one of this resource, as other resources and regions have their own",
    "unknown_model": _deployment,
    "unavailable_model": _deployment,
    "model_not_found": "see client.models.list() for the models this key may use",
    "invalid_api_key": "see api_key= or OPENAI_API_KEY",
    "context_length_exceeded": "send fewer tokens, or ask a model with a larger context",
    # statuses
    401: "see the key or token, and that it belongs to this endpoint",
    404: _address,
    405: _address,
    429: _RATE,
}


def next_step(error: APIStatusError, said: str, request: Request) -> str | None:
    """What to do about `error`, of which the server said this; None where there is nothing to be said."""
    if isinstance(error, ContentFilterError):
        return "what was found is in .results; change the prompt, or the content filter of the deployment"
    if error.status_code < 400:
        return f"redirects are not followed; if {error.response.headers.get('location')!r} is right, make it the base_url"
    spoken = said.lower()
    if spoken.startswith(("unrecognized request argument", "unknown parameter")):
        return _of_version(request, said) or "leave the parameter out, or ask a model that takes it"
    if "only for api version" in spoken.replace("-", " "):
        return _of_version(request, spoken) or _of_version(request) or _VERSION
    step = next((step for part, step in NEXT_STEPS.items() if isinstance(part, str) and " " in part and part in spoken), None)
    step = step or NEXT_STEPS.get(error.code or "") or NEXT_STEPS.get(error.status_code)
    return step(request) if callable(step) else step


def asked_for(request: Request) -> str | None:
    """The deployment, or model, that a request is for: of its path, else of its body."""
    if form := re.search(r"/deployments/([^/?]+)", request.target):
        return unquote(form[1])
    model = (_body(request) or {}).get("model")
    return model if isinstance(model, str) else None


def _body(request: Request) -> dict[str, Any] | None:
    """The body of a request, where it is a JSON object."""
    if not isinstance(request.content, bytes):
        return None
    try:
        body = decoded(request.content)
    except UNREADABLE:
        return None
    return body if isinstance(body, dict) else None


_of_azure = re.compile(rf".+\.{AZURE}").fullmatch
_OPERATION = r"(?:chat/completions|completions|embeddings|audio/\w+|images/\w+)"


def wrong_with(request: Request) -> str | None:
    """What can be seen to be wrong with the URL of a request that led nowhere; None where it looks right."""
    path, _, query = request.target.partition("?")
    version = parse_qs(query).get("api-version", [""])[0]
    host = urlsplit(request.origin).hostname or ""
    if "/openai/openai/" in path:
        return "/openai stands in it twice: leave it out of the address that the client is given"
    if "/v1/deployments/" in path or ("/openai/v1/" in path and version.startswith("20")):
        what = f"api-version={version}" if "/v1/deployments/" not in path else "deployments in the path"
        return f"the v1 API has no {what}: use the resource's address with a dated api_version=, or /openai/v1 with model= alone"
    if "/api/projects/" in path and "/openai/v1/" not in path:
        return f"it is of a Foundry project: use {request.origin} for dated versions, or put /openai/v1 behind the project"
    if "/openai/" in path and "/openai/v1/" not in path:
        if not version:
            return "the api-version is missing: use AzureOpenAI(api_version=…), or an address that ends in /openai/v1"
        if version in ("v1", "preview", "latest"):
            return f"api-version={version} is of the v1 API: use an address that ends in /openai/v1, or a date such as 2024-10-21"
        if re.search(rf"/openai/{_OPERATION}$", path):
            return "the deployment is missing: use AzureOpenAI with model=<name of a deployment>, or /openai/v1"
    if _of_azure(host) and "/openai/" not in path:
        return f"/openai/v1 is missing: use AzureOpenAI(azure_endpoint={request.origin!r}), or {request.origin}/openai/v1"
    if host.endswith("api.openai.com") and not path.startswith("/v1/"):
        return f"/v1 is missing: use {request.origin}/v1"
    return None
