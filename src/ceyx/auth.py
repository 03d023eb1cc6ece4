"""Identities without a key: a workload shows a token of its platform, and is given one for the API in exchange (RFC 8693).

Knows the exchange, and where Kubernetes, Azure and Google Cloud keep the tokens of their workloads. Leaves to `identity.py`
how a token is kept and shared between callers, and to the clients when one is needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn, NotRequired, TypeAlias, TypedDict, cast
from urllib.parse import urlsplit

from ceyx.errors import APIConnectionError, APITimeoutError, OAuthError, OpenAIError, SubjectTokenProviderError
from ceyx.identity import Tokens
from ceyx.transport.base import BlockingReply, Connecting
from ceyx.version import VERSION
from ceyx.wire.message import Request, Response, Timeout

TOKEN_EXCHANGE_URL = "https://auth.openai.com/oauth/token"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
SUBJECT_TOKEN_TYPES = {
    "jwt": "urn:ietf:params:oauth:token-type:jwt",
    "id": "urn:ietf:params:oauth:token-type:id_token",
}
REFRESH_BEFORE = 1200.0  # seconds, unless the identity says otherwise; never more than half of a token's life
EXCHANGE_TIMEOUT = Timeout(10.0)

AZURE_METADATA = "http://169.254.169.254"
GOOGLE_METADATA = "metadata.google.internal"
KUBERNETES_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"

NO_X509 = (
    "x509 workload identities are not supported: ceyx exchanges tokens, not certificates. Exchange the certificate yourself and "
    "pass api_key=<a callable that gives the access token>, with cert=<certificate> and "
    "base_url='https://mtls.api.openai.com/v1'; or show a token of the platform, such as k8s_service_account_token_provider()"
)


class SubjectTokenProvider(TypedDict):
    """Where a workload's own token, the subject of the exchange, comes from."""

    token_type: Literal["jwt", "id"]
    """What it is: a JWT, or an OpenID Connect ID token."""
    get_token: Callable[[], str]
    """Gives it; may block, since async clients call it in a thread. A client is pickled only if this can be."""


class WorkloadIdentity(TypedDict):
    """Who a workload is: `OpenAI(workload_identity=...)`."""

    identity_provider_id: str
    """The identity provider, as registered with OpenAI, that issues the workload's tokens."""
    service_account_id: str
    """The service account that the workload acts as."""
    provider: SubjectTokenProvider
    """Where the workload's token comes from."""
    refresh_buffer_seconds: NotRequired[float]
    """How long before it expires a token of the API is replaced: 1200 s, and at most half of its life."""
    token_exchange_url: NotRequired[str]
    """*ceyx*: where tokens are exchanged, if not at https://auth.openai.com/oauth/token."""


SubjectTokenWorkloadIdentity: TypeAlias = WorkloadIdentity


def checked(identity: Any) -> WorkloadIdentity:
    """`identity`, if all of it is there. Raises OpenAIError that names what is not."""
    if not isinstance(identity, Mapping):
        raise OpenAIError(f"workload_identity is a {type(identity).__name__}; give the mapping that WorkloadIdentity describes")
    if identity.get("type") == "x509":
        raise OpenAIError(NO_X509)
    for name in ("identity_provider_id", "service_account_id"):
        if not (isinstance(identity.get(name), str) and identity[name]):
            raise OpenAIError(f"workload_identity has no {name!r}, a non-empty string")
    provider: Any = identity.get("provider")
    if not (isinstance(provider, Mapping) and callable(provider.get("get_token"))):
        raise OpenAIError(
            "workload_identity has no 'provider' with a callable 'get_token'; pass one of ceyx.auth's, such as "
            "k8s_service_account_token_provider()"
        )
    if provider.get("token_type") not in SUBJECT_TOKEN_TYPES:
        known = " or ".join(map(repr, SUBJECT_TOKEN_TYPES))
        raise OpenAIError(f"the token_type of workload_identity's provider is {provider.get('token_type')!r}; it is {known}")
    buffer: Any = identity.get("refresh_buffer_seconds", REFRESH_BEFORE)
    if not (isinstance(buffer, int | float) and buffer >= 0):
        raise OpenAIError(f"refresh_buffer_seconds of workload_identity is {buffer!r}; it is a number of seconds")
    _split(identity.get("token_exchange_url", TOKEN_EXCHANGE_URL), "token_exchange_url of workload_identity")
    return cast(WorkloadIdentity, identity)


# ---- the exchange


class AccessToken(NamedTuple):
    """A token for the API; times are in seconds since 1970."""

    token: str
    expires_on: float
    refresh_on: float


class ExchangedTokens(Tokens):
    """Access tokens for `identity`. Where the exchange is refused (OAuthError) a call fails, though the last token were good."""

    decisive = (OAuthError,)

    def __init__(self, identity: WorkloadIdentity, connecting: Connecting) -> None:
        super().__init__(partial(exchanged, identity, connecting), "workload_identity", awaits=False)


def exchanged(identity: WorkloadIdentity, connecting: Connecting) -> AccessToken:
    """A token for the API, by one exchange.

    Raises SubjectTokenProviderError or what else the provider raises, OAuthError where the exchange is refused, another
    APIStatusError where it fails, APIConnectionError where it is not reached, OpenAIError where the answer has no token.
    """
    from ceyx.wire.body import encoded

    subject = _subject_token(identity["provider"])
    origin, target = _split(identity.get("token_exchange_url", TOKEN_EXCHANGE_URL), "token_exchange_url")
    body = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": subject,
        "subject_token_type": SUBJECT_TOKEN_TYPES[identity["provider"]["token_type"]],
        "identity_provider_id": identity["identity_provider_id"],
        "service_account_id": identity["service_account_id"],
    }
    headers = {"accept": "application/json", "content-type": "application/json", "user-agent": f"ceyx/{VERSION}"}
    request = Request("POST", origin, target, headers, encoded(body), EXCHANGE_TIMEOUT)
    asked = time.time()
    try:
        reply = _sent(request, connecting)
    except APITimeoutError as error:
        text = f"{origin} did not answer the exchange of tokens within {EXCHANGE_TIMEOUT.read:g} s; check the network and proxy"
        raise APITimeoutError(request, message=text) from error
    if reply.status >= 300:
        raise _failed(reply, request, subject)
    said = f"{origin} answered the exchange of tokens with {reply.status} and"
    if (answer := _object(reply.content or b"")) is None:
        raise OpenAIError(f"{said} {'a body that is no JSON object' if reply.content else 'an empty body'}")
    token, life = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token.strip():
        raise OpenAIError(f"{said} no access_token, a non-empty string")
    if isinstance(life, bool) or not isinstance(life, int | float) or life <= 0:
        raise OpenAIError(f"{said} no expires_in, a positive number of seconds")
    buffer = min(identity.get("refresh_buffer_seconds", REFRESH_BEFORE), life / 2)
    return AccessToken(token, asked + life, asked + life - buffer)


def _subject_token(provider: SubjectTokenProvider) -> str:
    token: Any = provider["get_token"]()
    if not isinstance(token, str) or not token.strip():
        kind = "an empty string" if isinstance(token, str) else f"a {type(token).__name__}"
        raise OpenAIError(f"get_token of workload_identity's provider gave {kind} where a token was expected")
    return token.strip()


def _failed(reply: BlockingReply, request: Request, subject: str) -> OpenAIError:
    reply.content = (reply.content or b"").replace(subject.encode(), b"REDACTED")  # should the service repeat what it was sent
    if reply.status not in (400, 401, 403):
        from ceyx.wire.status import status_error

        return status_error(reply, request)
    body, code, said = _said(reply.content)
    error = OAuthError(
        f"{request.origin} refused the exchange of tokens ({reply.status}): {said or 'no reason given'}; see that "
        "identity_provider_id and service_account_id are right, and the subject token good and meant for this provider",
        response=Response(reply.status, reply.headers, reply.content, request),
        body=body,
    )
    error.error = code
    return error


# ---- tokens of platforms


def k8s_service_account_token_provider(token_file_path: str | PathLike[str] = KUBERNETES_TOKEN) -> SubjectTokenProvider:
    """The token of a Kubernetes service account, read for each exchange from the file that is mounted into the container."""
    return {"token_type": "jwt", "get_token": partial(_token_in, os.fspath(token_file_path))}


def azure_managed_identity_token_provider(
    resource: str = "https://management.azure.com/",
    *,
    object_id: str | None = None,
    client_id: str | None = None,
    msi_res_id: str | None = None,
    api_version: str = "2018-02-01",
    timeout: float = 10.0,
    http_client: Any = None,
) -> SubjectTokenProvider:
    """The token of an Azure managed identity, from the metadata service of the machine (IMDS).

    `resource` is what the token is for. Where the machine has several identities, one of `object_id`, `client_id` and
    `msi_res_id` chooses. `http_client` is an httpx2 or httpx client to ask with. AZURE_POD_IDENTITY_AUTHORITY_HOST names
    another address of the service, as it does for azure-identity.
    """
    query: dict[str, str | None] = {"api-version": api_version, "resource": resource}
    query |= {"object_id": object_id, "client_id": client_id, "msi_res_id": msi_res_id}
    return {"token_type": "jwt", "get_token": partial(_azure_token, query, timeout, http_client)}


def gcp_id_token_provider(
    audience: str = "https://api.openai.com/v1", *, timeout: float = 10.0, http_client: Any = None
) -> SubjectTokenProvider:
    """The ID token of a Google Cloud machine's default service account, from its metadata server.

    `audience` is what the identity provider expects in it. `http_client` is an httpx2 or httpx client to ask with.
    GCE_METADATA_HOST names another host and port of the server, as it does for Google's libraries.
    """
    return {"token_type": "id", "get_token": partial(_google_token, {"audience": audience}, timeout, http_client)}


def x509_workload_identity(
    *, identity_provider_id: str, service_account_id: str, refresh_buffer_seconds: float | None = None
) -> NoReturn:
    """Not supported: raises OpenAIError, which says what to do instead."""
    raise OpenAIError(NO_X509)


def _token_in(path: str) -> str:
    try:
        token = Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SubjectTokenProviderError(
            f"cannot read the token of the service account in {path!r}: {why}; see that the pod mounts it there"
        ) from error
    if not token:
        raise SubjectTokenProviderError(f"{path!r}, where the token of the service account should be, is empty")
    return token


def _azure_token(query: Mapping[str, str | None], timeout: float, http_client: Any) -> str:
    service = "Azure's metadata service"
    origin = os.environ.get("AZURE_POD_IDENTITY_AUTHORITY_HOST") or AZURE_METADATA
    path = "/metadata/identity/oauth2/token"
    content = _metadata(service, origin.rstrip("/"), path, query, {"metadata": "true"}, timeout, http_client)
    token = (_object(content) or {}).get("access_token")
    if not isinstance(token, str) or not token.strip():
        raise SubjectTokenProviderError(f"{service} gave an answer without an access_token")
    return token


def _google_token(query: Mapping[str, str | None], timeout: float, http_client: Any) -> str:
    service = "Google's metadata server"
    origin = f"http://{os.environ.get('GCE_METADATA_HOST') or GOOGLE_METADATA}"
    path = "/computeMetadata/v1/instance/service-accounts/default/identity"
    content = _metadata(service, origin, path, query, {"metadata-flavor": "Google"}, timeout, http_client)
    token = content.decode("ascii", "replace").strip()
    if not token:
        raise SubjectTokenProviderError(f"{service} gave an empty token")
    return token


def _metadata(
    service: str,
    origin: str,
    path: str,
    query: Mapping[str, str | None],
    headers: dict[str, str],
    timeout: float,
    http_client: Any,
) -> bytes:
    """What a metadata service answers. Raises SubjectTokenProviderError."""
    from ceyx.transport.proxies import proxy_for
    from ceyx.wire.query import encoded

    host = urlsplit(origin).hostname
    if http_client is None and proxy_for(origin, None):
        raise SubjectTokenProviderError(
            f"HTTP_PROXY stands between this machine and {service}, which knows machines by their connections; "
            f"add {host} to NO_PROXY"
        )
    request = Request("GET", origin, f"{path}?{encoded(query)}", headers, None, Timeout(timeout))
    try:
        reply = _sent(request, Connecting(), http_client)
    except APIConnectionError as error:
        raise SubjectTokenProviderError(
            f"no token from {service}: {error}; it answers only on machines of that cloud, and only to those with an identity"
        ) from error
    content = reply.content or b""
    if reply.status >= 300:
        said = _said(content)[2]
        raise SubjectTokenProviderError(
            f"no token from {service}: it answered {request.shown_url} with {reply.status}{f' ({said})' if said else ''}",
            response=Response(reply.status, reply.headers, content, request),
        )
    return content


# ---- the network


def _sent(request: Request, connecting: Connecting, http_client: Any = None) -> BlockingReply:
    """The reply, read. One an hour is no reason to keep a connection, so none is."""
    if http_client is not None:
        from ceyx.transport.httpx import Client

        reply = Client(http_client).send(request)
        reply.content = reply.read()
        return reply
    from ceyx.transport.blocking import Pools

    pools = Pools(connecting)
    try:
        reply = pools.send(request)
        reply.content = reply.read()
        return reply
    finally:
        pools.close()


def _split(url: Any, name: str) -> tuple[str, str]:
    """Origin, and path with query."""
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise OpenAIError(f"{name} is no http(s) address without a user name; it looks like {TOKEN_EXCHANGE_URL}")
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def _object(content: bytes) -> dict[str, Any] | None:
    """The JSON object that `content` holds, if it does. (A decoder's error would show a part of it.)"""
    from ceyx.wire.decoding import UNREADABLE, decoded

    try:
        value = decoded(content)
    except UNREADABLE:
        return None
    return value if isinstance(value, dict) else None


def _said(content: bytes) -> tuple[object, str | None, str]:
    """An error's body, its code, and that with its description: as RFC 6749, 5.2, has them, or the API."""
    body = _object(content)
    if body is None:
        return content.decode("utf-8", "replace") or None, None, ""
    code, description = body.get("error"), body.get("error_description")
    if isinstance(inner := code, dict):
        code, description = inner.get("code"), inner.get("message")
    return body, str(code) if code else None, ": ".join(str(part) for part in (code, description) if part)
