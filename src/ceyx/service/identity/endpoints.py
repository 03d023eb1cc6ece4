"""Where tokens come from: Entra ID's token endpoint, the documents that lead to it, and the managed identities of machines."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ceyx.service.errors import Refusal
from ceyx.service.faults.middleware import OWN
from ceyx.service.gate import Endpoint, Service, content, json_response
from ceyx.service.identity.entra import Entra
from ceyx.service.identity.issuer import SYSTEM_ASSIGNED, Token

LONGEST_NAME = 1000  # of clients and scopes, which are told again in tokens
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def routes(service: Service) -> list[BaseRoute]:
    """The endpoints; a service has them all, whether it verifies tokens or not."""
    at = Endpoints(service)
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/common/discovery/instance", at.instance),
        ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", at.configuration),
        ("GET", "/{tenant}/discovery/v2.0/keys", at.keys),
        ("POST", "/{tenant}/oauth2/v2.0/token", at.token),
        ("GET", "/metadata/identity/oauth2/token", at.machine),
        ("GET", "/msi/token", at.app_service),
        ("POST", f"{OWN}identity/revoke", at.revoke),
    ]
    return [Route(path, _guarded(handle), methods=[method]) for method, path, handle in table]


def _guarded(handle: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except Refusal as refusal:  # of a body above the limit
            return json_response(refusal.body(), refusal.status)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is left to read it

    return answer


class Endpoints:
    def __init__(self, service: Service) -> None:
        self._issuer, self._entra = service.issuer, service.settings.entra or Entra()

    # -- Entra ID

    async def instance(self, request: Request) -> Response:
        """Which hosts are one authority: this one, alone."""
        authority, tenant = request.url.netloc, self._entra.tenant
        metadata = [{"preferred_network": authority, "preferred_cache": authority, "aliases": [authority]}]
        leads_to = f"{_origin(request)}/{tenant}/v2.0/.well-known/openid-configuration"
        return json_response({"tenant_discovery_endpoint": leads_to, "api-version": "1.1", "metadata": metadata})

    async def configuration(self, request: Request) -> Response:
        tenant, origin = self._tenant(request), _origin(request)
        document = {
            "issuer": f"{origin}/{tenant}/v2.0",
            "authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{origin}/{tenant}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{origin}/{tenant}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        }
        return json_response(document)

    async def keys(self, _: Request) -> Response:
        """None are public: tokens are verified by who issued them."""
        return json_response({"keys": []})

    async def token(self, request: Request) -> Response:
        """The client credentials grant, by a secret or by the token of a workload (RFC 6749, 4.4; RFC 7523)."""
        form = {name: values[-1] for name, values in parse_qs((await content(request)).decode("utf-8", "replace")).items()}
        client, scope = form.get("client_id", ""), form.get("scope", "")
        if (grant := form.get("grant_type")) != "client_credentials":
            return _refused("unsupported_grant_type", 70003, f"The grant type {(grant or '')[:60]!r} is not supported here.")
        if not 0 < len(client) <= LONGEST_NAME:
            return _refused("invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.")
        if not scope.endswith("/.default") or len(scope) > LONGEST_NAME:
            said = f"The provided value for scope {scope[:200]} is not valid: it must be a resource with /.default."
            return _refused("invalid_scope", 1002012, said)
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION or not form["client_assertion"].strip():
                return _refused("invalid_client", 50027, "The client_assertion is no JWT, or its type is not said.", 401)
        elif not form.get("client_secret"):
            said = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            return _refused("invalid_client", 7000218, said, 401)
        elif (secrets := self._entra.secrets) and client not in secrets:
            return _refused("unauthorized_client", 700016, f"Application with identifier {client[:60]!r} was not found.")
        elif secrets and not compare_digest(secrets[client].encode(), form["client_secret"].encode()):
            return _refused("invalid_client", 7000215, f"Invalid client secret provided for {client[:60]!r}.", 401)
        issued = self._issue(scope.removesuffix("/.default"), client, self._tenant(request))
        life = issued.expires_on - issued.issued_at
        return json_response({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": issued.text})

    # -- managed identities

    async def machine(self, request: Request) -> Response:
        """The metadata service of a virtual machine (IMDS)."""
        if request.headers.get("metadata", "").lower() != "true":
            return json_response({"error": "invalid_request", "error_description": "Required metadata header not specified"}, 400)
        if not request.query_params.get("api-version"):
            said = "Required query variable 'api-version' is missing"
            return json_response({"error": "invalid_request", "error_description": said}, 400)
        if not (resource := request.query_params.get("resource")):
            said = "Required query variable 'resource' is missing"
            return json_response({"error": "invalid_request", "error_description": said}, 400)
        if not self._entra.managed:
            return json_response({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        issued = self._managed(request, resource)
        life = str(issued.expires_on - issued.issued_at)
        answer = {"expires_in": life, "ext_expires_in": life, "not_before": str(issued.issued_at)}
        return json_response({**_managed(issued), **answer})

    async def app_service(self, request: Request) -> Response:
        """The identity endpoint of App Service and Functions: IDENTITY_ENDPOINT is here, IDENTITY_HEADER any text."""
        if not request.headers.get("x-identity-header"):
            return json_response({"statusCode": 401, "message": "The header X-IDENTITY-HEADER is missing."}, 401)
        resource, version = request.query_params.get("resource"), request.query_params.get("api-version")
        if not resource or not version:
            missing = "api-version" if resource else "resource"
            return json_response({"statusCode": 400, "message": f"The query parameter {missing!r} is missing."}, 400)
        if not self._entra.managed:
            return json_response({"statusCode": 400, "message": "No managed identity was found."}, 400)
        return json_response(_managed(self._managed(request, resource)))

    def _managed(self, request: Request, resource: str) -> Token:
        query = request.query_params
        chosen = (query.get(name) for name in ("client_id", "object_id", "msi_res_id", "mi_res_id", "principal_id"))
        return self._issue(resource.removesuffix("/.default"), next(filter(None, chosen), SYSTEM_ASSIGNED), self._entra.tenant)

    # -- control

    async def revoke(self, _: Request) -> Response:
        """POST: the tokens that were issued so far are refused, with a challenge that asks for newer ones."""
        return json_response({"revoked": self._issuer.revoke()})

    def _issue(self, audience: str, client: str, tenant: str) -> Token:
        return self._issuer.issue(audience.rstrip("/"), client, tenant, self._entra.token_seconds)

    def _tenant(self, request: Request) -> str:
        named = str(request.path_params["tenant"])
        return self._entra.tenant if named in ("common", "organizations") else named


def _managed(issued: Token) -> dict[str, str]:
    """What all managed identities say of a token."""
    times = {"expires_on": str(issued.expires_on)}
    named = {"client_id": issued.client, "resource": issued.audience}
    return {"access_token": issued.text, **times, **named, "token_type": "Bearer"}


def _refused(error: str, code: int, message: str, status: int = 400) -> Response:
    """An error of the token endpoint (RFC 6749, 5.2), with Entra ID's number."""
    return json_response({"error": error, "error_description": f"AADSTS{code}: {message}", "error_codes": [code]}, status)


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
