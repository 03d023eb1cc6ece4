"""What clients are made with: each argument once, with its meaning, for the four clients and their copies.

Names and defaults are those of the `openai` package; what it lacks is marked *ceyx*.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ceyx.wire.call import Omit
from ceyx.wire.message import TimeoutLike

if TYPE_CHECKING:
    import ssl

    from ceyx.auth import WorkloadIdentity
    from ceyx.logs import Detail, HTTPLogging
    from ceyx.router import Deployment, Router
    from ceyx.router.deployments import Policy
    from ceyx.wire.retry import RetryBudget

Residency = Literal["global", "us", "eu", "ae", "au", "in", "jp"]
StreamEnd = Literal["strict", "lenient", "unchecked"]
OnContentFilter = Literal["report", "raise"]
Provider = Callable[[], str] | Callable[[], Awaitable[str]]

WAYS_TO_AUTHENTICATE = (  # one of them at a time
    "api_key",
    "workload_identity",
    "azure_ad_token",
    "azure_ad_token_provider",
    "credential",
)
AUTHENTICATING = (*WAYS_TO_AUTHENTICATE, "credential_scope")
ADDRESS = ("base_url", "data_residency", "azure_endpoint", "azure_deployment", "api_version")
SECRETS = ("api_key", "admin_api_key", "azure_ad_token", "webhook_secret")
CONNECTING = ("http_client", "proxy", "verify", "cert", "socket_options")
ROUTING = ("deployments", "policy", "router")


class ClientOptions(TypedDict, total=False):
    """What `OpenAI` and `AsyncOpenAI` are made with. All are optional; None means not given."""

    api_key: str | Provider | None
    """The key, or a callable that gives one. Else OPENAI_API_KEY."""
    admin_api_key: str | None
    """The key for `/organization/…`. Else OPENAI_ADMIN_KEY."""
    workload_identity: WorkloadIdentity | None
    """Who the program is, where it has no key: it exchanges tokens of its platform. See `ceyx.auth`. Not for Azure."""
    organization: str | None
    """Sent as `OpenAI-Organization`. Else OPENAI_ORG_ID."""
    project: str | None
    """Sent as `OpenAI-Project`. Else OPENAI_PROJECT_ID."""
    webhook_secret: str | None
    """What webhooks are signed with. Else OPENAI_WEBHOOK_SECRET."""
    base_url: object | None
    """The API's address. Else OPENAI_BASE_URL, else https://api.openai.com/v1."""
    data_residency: Residency | None
    """The region whose address to use, in place of `base_url`."""
    websocket_base_url: object | None
    """The address for WebSockets. Kept as an attribute of the client for those who read it: ceyx opens no WebSockets."""
    timeout: float | TimeoutLike | Omit | None
    """Seconds for each phase of a request; None waits for ever. Defaults to 600, and 5 for connecting."""
    deadline: float | None
    """*ceyx*: seconds for a whole call, its retries and waits included. Defaults to none."""
    max_retries: int
    """How often a call is tried again. Defaults to 2."""
    retry_budget: RetryBudget | None
    """*ceyx*: how many retries the client may spend over all its calls; None for no such limit."""
    retry_answered: bool | None
    """*ceyx*: whether a POST is sent again when its answer began and broke off: it may be billed twice. Defaults to False."""
    stream_end: StreamEnd | None
    """*ceyx*: what a stream must end with, or else StreamTruncatedError is raised. "strict": a `finish_reason` of every choice,
    or the event that ends a response; "lenient": that, or the mark `[DONE]`; "unchecked": nothing. Defaults to "strict" for
    the hosts of OpenAI and Azure, to "lenient" for others."""
    content_filter: OnContentFilter | None
    """*ceyx*: "report" gives an answer that the content filter stopped with its `finish_reason`, as `openai` does; "raise" raises
    ContentFilterError, of a stream at its end. A prompt that was blocked is that error always. Defaults to "report"."""
    response_limit: int | None
    """*ceyx*: the largest answer that is read into memory, and the largest event of a stream, in bytes once decompressed.
    Defaults to 64 MiB for JSON, 512 MiB for files, 8 MiB for the events of completions and 64 MiB for others."""
    default_headers: Mapping[str, str | Omit] | None
    """Headers for every call; a name given as `omit` is never sent. OPENAI_CUSTOM_HEADERS holds more, one a line."""
    default_query: Mapping[str, object] | None
    """Query parameters for every call."""
    http_client: Any
    """An httpx2 or httpx client to send with, in place of our own connections."""
    proxy: str | None
    """*ceyx*: the proxy's URL. Else HTTPS_PROXY and its like."""
    verify: bool | str | ssl.SSLContext
    """*ceyx*: the certificates to trust: True for the system's, a path, or an `ssl.SSLContext`; False trusts anyone."""
    cert: str | tuple[str, ...] | None
    """*ceyx*: a client certificate: a path, or (certificate, key[, password])."""
    socket_options: Sequence[tuple[int, int, int]] | None
    """*ceyx*: what to set on each connection's socket: (level, name, value), as `setsockopt` takes it. Defaults to keep-alive, by
    which a peer that has gone without a word is noticed within two minutes; `()` sets nothing."""
    deployments: Sequence[Deployment | Mapping[str, Any]] | None
    """*ceyx*: several places to ask, as one client: what each does not say itself is as the other arguments have it. See
    `ceyx.router`."""
    policy: Policy | None
    """*ceyx*: which of several deployments of one priority is asked: "ordered", "weighted", "least_busy" or "latency". Defaults
    to "ordered", the first that can be."""
    router: Router | None
    """*ceyx*: deployments and policy together, to share what is learned of them between clients, or to be told of it."""
    http_logging: HTTPLogging | Detail | None
    """*ceyx*: what to log of each exchange. Else AZURE_HTTP_LOG_DETAIL_LEVEL. See `ceyx.logs`."""


class AzureClientOptions(ClientOptions, total=False):
    """What `AzureOpenAI` and `AsyncAzureOpenAI` are made with: one address, one version, one way to authenticate."""

    azure_endpoint: str | None
    """The resource's address, in any shape (with /openai, /openai/v1 or a deployment). Else AZURE_OPENAI_ENDPOINT."""
    azure_deployment: str | None
    """The deployment for all calls that need one; without it, each call's `model` names it."""
    api_version: str | None
    """Such as "2024-10-21". Else OPENAI_API_VERSION. An endpoint that ends in /openai/v1 needs none."""
    check_api_version: bool | None
    """*ceyx*: whether a call that a dated `api_version` cannot answer raises UnsupportedByVersionError before it is sent.
    Defaults to True for the hosts of Azure and to False for others, as a gateway may do more than the version says."""
    azure_ad_token: str | None
    """An Entra ID token. Else AZURE_OPENAI_AD_TOKEN."""
    azure_ad_token_provider: Provider | None
    """A callable that gives an Entra ID token; asked again when the last one is about to expire."""
    credential: Any
    """*ceyx*: a credential object of azure-identity, or any with `get_token(scope)`."""
    credential_scope: str | None
    """*ceyx*: what the tokens of `credential` are for, such as "api://<id of a gateway's app>/.default". Defaults to Azure OpenAI
    in the cloud of the endpoint, or to the project where the endpoint is one of Foundry."""


class CopyOptions(AzureClientOptions, total=False):
    """What `copy` and `with_options` take."""

    set_default_headers: Mapping[str, str | Omit] | None
    """Headers that replace the client's, where `default_headers` adds to them."""
    set_default_query: Mapping[str, object] | None
    """Query parameters that replace the client's."""


def refuse_unknown(given: Mapping[str, Any], accepted: Any, caller: str) -> None:
    """TypeError for an argument that there is not, with the one that may be meant."""
    for name in given:
        if name not in accepted.__optional_keys__:
            from difflib import get_close_matches

            near = get_close_matches(name, accepted.__optional_keys__, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{hint}")
