"""The dialects of the wire: OpenAI, Azure with deployments, Azure v1. Where a call goes, and which header carries the key.

Knows URLs only. Every shape of address a user may paste from a portal, a guide or an error message is understood.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from ceyx.wire.call import Call, segment
from ceyx.wire.url import AZURE

OPENAI_URL = "https://api.openai.com/v1"

# What Azure serves below a deployment (features of its own API, the same set in the `openai` package), by method and path.
BELOW_DEPLOYMENT = frozenset(
    ("POST", path)
    for path in (
        "/chat/completions",
        "/completions",
        "/embeddings",
        "/audio/transcriptions",
        "/audio/translations",
        "/audio/speech",
        "/images/generations",
        "/images/edits",
    )
)


_OF_AZURE = re.compile(rf".+\.{AZURE}")
_OF_OPENAI = re.compile(r"(?:.+\.)?openai\.com")


def provider_at(origin: str) -> str | None:
    """ "Azure" or "OpenAI" where that itself answers at `origin`; None for a gateway, or a server that is compatible."""
    host = (urlsplit(origin).hostname or "").rstrip(".")  # in lower case; a dot at the end makes it no other host
    return "Azure" if _OF_AZURE.fullmatch(host) else "OpenAI" if _OF_OPENAI.fullmatch(host) else None


def is_of_provider(origin: str) -> bool:
    return provider_at(origin) is not None


class Dialect:
    """OpenAI's own, and that of every server that speaks it: a base path, and a bearer token."""

    __slots__ = ("origin", "prefix", "query")
    key_header, key_scheme = "authorization", "Bearer "

    def __init__(self, origin: str, prefix: str, query: dict[str, Any] | None = None) -> None:
        self.origin, self.prefix = origin, prefix
        self.query: dict[str, Any] = query or {}  # what the address itself asks for on every call

    @property
    def base_url(self) -> str:
        return f"{self.origin}{self.prefix}/"

    def path(self, call: Call[Any]) -> str:
        return self.prefix + call.path


class AzureV1(Dialect):
    """Azure's `/openai/v1`: as OpenAI's, with `api-key`; the model of a call is a deployment."""

    __slots__ = ("deployment",)
    key_header, key_scheme = "api-key", ""

    def __init__(self, origin: str, prefix: str, query: dict[str, Any], deployment: str | None) -> None:
        super().__init__(origin, prefix, query)
        self.deployment = deployment  # fixed for all calls; it wins over the model of a call

    def path(self, call: Call[Any]) -> str:
        if self.deployment and call.body is not None and (call.method, call.path) in BELOW_DEPLOYMENT:
            call.body["model"] = self.deployment
        return self.prefix + call.path


class AzureDeployments(AzureV1):
    """Azure's dated versions: a model is served below the deployment it was given, the rest below `/openai`."""

    __slots__ = ()

    @property
    def base_url(self) -> str:
        below = f"deployments/{segment(self.deployment)}/" if self.deployment else ""
        return f"{self.origin}{self.prefix}/{below}"

    def path(self, call: Call[Any]) -> str:
        if (call.method, call.path) not in BELOW_DEPLOYMENT:
            return self.prefix + call.path
        deployment = self.deployment or (call.body or {}).get("model")
        if not deployment:
            raise ValueError(f"{call.path} needs a deployment: pass model=<deployment name>, or azure_deployment= to the client")
        return f"{self.prefix}/deployments/{segment(str(deployment))}{call.path}"


class Address(NamedTuple):
    """An address as pasted, taken apart."""

    origin: str
    path: str
    deployment: str | None
    api_version: str | None
    query: dict[str, str]


def parsed(url: object, name: str) -> Address:
    """Takes `url` apart; `name` is the argument or variable it came from. Raises ValueError for what is no HTTP address."""
    text = str(url).strip()
    if "://" not in text and text.startswith(("localhost", "127.", "[::1]")):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # it is checked when it is asked for
    except ValueError as error:  # of the standard library, which does not say where the address came from
        shown = "an address" if "@" in text else repr(text)
        raise ValueError(f"{name} is {shown}, which is no http(s) address ({error}); it looks like https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.isprintable() or " " in text:
        shown = f"{parts.scheme}://…@{parts.netloc.rpartition('@')[2]}{parts.path}" if "@" in parts.netloc else text
        raise ValueError(f"{name} is {shown!r}, which is no http(s) address; it looks like https://host/path")
    if "@" in parts.netloc:
        raise ValueError(f"{name} holds a user name or password before '@'; give credentials by api_key= or default_headers=")
    _check_host(parts.hostname, f"{parts.scheme}://{parts.netloc}", name)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    api_version = query.pop("api-version", None)
    path = parts.path.rstrip("/")
    deployment = None
    if found := re.search(r"/deployments/([^/]+)(/.*)?$", path):
        from urllib.parse import unquote

        path, deployment = path[: found.start()], unquote(found[1])
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return Address(f"{parts.scheme}://{netloc}", quote(path, safe="/%:@!$&'()*+,;=~"), deployment, api_version, query)


_PAGES = re.compile(r"(?:(?:.+\.)?portal|ai|oai|ml|management)\.azure\.(?:com|us|cn)|(?:learn|docs)\.microsoft\.com")
_NAMELESS = re.compile(AZURE)


def _check_host(host: str, shown: str, name: str) -> None:
    """Raises ValueError for hosts that are often pasted in place of a resource's, and never answer."""
    resource = "https://<name>.openai.azure.com"
    if _PAGES.fullmatch(host):
        where = "the address of the resource is under Keys and Endpoint there"
        raise ValueError(f"{name} is a page of the portal ({shown}); {where}, and looks like {resource}")
    if _NAMELESS.fullmatch(host):
        raise ValueError(f"{name} is {shown!r}, which names no resource; it looks like {resource}")
    if set(host) & set("<>{}"):
        raise ValueError(f"{name} is {shown!r}, which still has a placeholder; put the name of the resource there")


# An operation at the end of a pasted URL is no part of the base: `…/v1/chat/completions` means `…/v1`.
_operation = re.compile(
    r"(/v\d+|/openai)/(?:chat/completions|completions|embeddings|models|responses|audio/\w+|images/\w+|files|batches)$"
)
# What stands in a pasted path and is no part of a resource's address: a project of Foundry, or its inference API.
_not_of_resource = re.compile(r"/api/projects/[^/]+(?!/openai/v1)(?:/openai)?$|/models(?:/chat/completions|/embeddings)?$")


def openai(base_url: object, name: str = "base_url") -> Dialect:
    """The dialect for an OpenAI-compatible base URL."""
    address = parsed(base_url, name)
    if address.deployment is not None:
        raise ValueError(f"{name} names an Azure deployment ({address.deployment!r}); use AzureOpenAI for that address")
    query = {**address.query, "api-version": address.api_version} if address.api_version else address.query
    path = _operation.sub(r"\1", address.path)
    if path in ("", "/v1") and _OF_AZURE.fullmatch(urlsplit(address.origin).hostname or ""):
        path = "/openai/v1"  # nothing else that this protocol is spoken at
    return Dialect(address.origin, path, query)


def _resource_path(origin: str, path: str, name: str) -> str:
    """What is of a resource's own address in a path that was pasted."""
    host = urlsplit(origin).hostname or ""
    if _OF_OPENAI.fullmatch(host):
        raise ValueError(
            f"{name} is {origin}, which is OpenAI's own: use OpenAI() for it, or give the address of an Azure resource"
        )
    while path.endswith(("/openai/openai", "/openai/openai/v1")):
        path = path.replace("/openai/openai", "/openai", 1)
    if _OF_AZURE.fullmatch(host):
        path = "/openai/v1" if path == "/v1" else _not_of_resource.sub("", path)
    return path


def azure(
    *,
    endpoint: str | None,
    base_url: object | None,
    deployment: str | None,
    api_version: str | None,
    otherwise: str | None,
) -> Dialect:
    """The dialect for an Azure resource: its address in any shape, and the rest from arguments or else from the address.

    `endpoint` is the resource's (`azure_endpoint`), `base_url` an address used as it stands, such as a gateway's; the version
    is `api_version`, else that in the address, else `otherwise`. Raises ValueError where there is no version, or where two
    sources name different deployments.
    """
    name = "azure_endpoint" if endpoint is not None else "base_url"
    address = parsed(endpoint if endpoint is not None else base_url, name)
    path = _operation.sub(r"\1", address.path)
    if endpoint is not None:
        path = _resource_path(address.origin, path, name)
    if deployment is not None and address.deployment is not None and deployment != address.deployment:
        raise ValueError(f"{name} names the deployment {address.deployment!r}, azure_deployment is {deployment!r}; give one")
    deployment = deployment or address.deployment
    if path.endswith("/openai/v1"):
        query = dict(address.query)
        if (version := api_version or address.api_version) and version[:2] != "20":  # dated versions are not of v1
            query["api-version"] = version
        return AzureV1(address.origin, path, query, deployment)
    version = api_version or address.api_version or otherwise
    if not version:
        raise ValueError(
            "Must provide either the `api_version` argument or the `OPENAI_API_VERSION` environment variable, "
            "such as '2024-10-21'; an endpoint that ends in /openai/v1 needs none"
        )
    if endpoint is not None and not path.endswith("/openai"):
        path = f"{path}/openai"
    return AzureDeployments(address.origin, path, {**address.query, "api-version": version}, deployment)
