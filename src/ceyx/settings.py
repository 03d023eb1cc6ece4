"""What a client was made with: arguments, environment variables, their precedence, and what follows from them for every call.

Names, precedence and defaults are those of the `openai` package; what it lacks is marked *ceyx* below.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args
from urllib.parse import urlsplit

from ceyx import dialect as dialects, identity
from ceyx.errors import MutuallyExclusiveAuthError, OpenAIError
from ceyx.version import VERSION
from ceyx.wire.call import Omit
from ceyx.wire.message import DEFAULT_TIMEOUT, Request, Timeout
from ceyx.wire.query import encoded
from ceyx.wire.retry import RetryBudget

if TYPE_CHECKING:
    import ssl

    from ceyx.logs import Detail, HTTPLogging

DEFAULT_MAX_RETRIES = 2
WAYS_TO_AUTHENTICATE = ("api_key", "azure_ad_token", "azure_ad_token_provider", "credential")
USER_AGENT = f"ceyx/{VERSION}"
Residency = Literal["global", "us", "eu", "ae", "au", "in", "jp"]
Provider = Callable[[], str] | Callable[[], Awaitable[str]]


class ClientOptions(TypedDict, total=False):
    """What `OpenAI` and `AsyncOpenAI` are made with. All are optional; None means not given."""

    api_key: str | Provider | None
    """The key, or a callable that gives one. Else OPENAI_API_KEY."""
    admin_api_key: str | None
    """The key for `/organization/…`. Else OPENAI_ADMIN_KEY."""
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
    timeout: float | Timeout | Omit | None
    """Seconds for each phase of a request; None waits for ever. Defaults to 600, and 5 for connecting."""
    deadline: float | None
    """*ceyx*: seconds for a whole call, its retries and waits included. Defaults to none."""
    max_retries: int
    """How often a call is tried again. Defaults to 2."""
    retry_budget: RetryBudget | None
    """*ceyx*: how many retries the client may spend over all its calls; None for no such limit."""
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
    azure_ad_token: str | None
    """An Entra ID token. Else AZURE_OPENAI_AD_TOKEN."""
    azure_ad_token_provider: Provider | None
    """A callable that gives an Entra ID token; asked again when the last one is about to expire."""
    credential: Any
    """*ceyx*: a credential object of azure-identity, or any with `get_token(scope)`."""


class CopyOptions(AzureClientOptions, total=False):
    """What `copy` and `with_options` take."""

    set_default_headers: Mapping[str, str | Omit] | None
    """Headers that replace the client's, where `default_headers` adds to them."""
    set_default_query: Mapping[str, object] | None
    """Query parameters that replace the client's."""


class Settings:
    """A client's settings, resolved; shared by its copies until changed. Never changed in place.

    `head` and `bare` are the headers of calls with and without a body, `suffix` the query string of calls without one.
    """

    __slots__ = (
        "admin_api_key",
        "api_key",
        "bare",
        "budget",
        "deadline",
        "default_headers",
        "default_query",
        "dialect",
        "head",
        "log",
        "max_retries",
        "organization",
        "project",
        "suffix",
        "timeout",
        "tokens",
        "webhook_secret",
    )
    admin_api_key: identity.Secret | None
    api_key: identity.Secret | None
    tokens: identity.Tokens | None
    dialect: dialects.Dialect
    timeout: Timeout
    deadline: float | None
    max_retries: int
    budget: RetryBudget | None
    organization: str | None
    project: str | None
    webhook_secret: identity.Secret | None
    default_headers: dict[str, str | Omit]
    default_query: dict[str, object]
    log: HTTPLogging | None
    head: dict[str, str]
    bare: dict[str, str]
    suffix: str

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.suffix = encoded({**self.dialect.query, **self.default_query})
        bare: dict[str, str] = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": USER_AGENT}
        if self.organization:
            bare["openai-organization"] = self.organization
        if self.project:
            bare["openai-project"] = self.project
        if self.tokens is None and self.api_key is not None:
            bare[self.dialect.key_header] = identity.Secret(self.dialect.key_scheme + self.api_key)
        bare = merged(bare, self.default_headers)
        self.bare, self.head = bare, {**bare, "content-type": "application/json"}

    def replaced(self, **changes: Any) -> Settings:
        """These settings with some changed."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name not in ("head", "bare", "suffix")}
        return Settings(**{**kept, **changes})

    def authorize(self, request: Request, token: identity.Secret) -> None:
        """Put a token into a request, unless the user sends that header himself."""
        if "authorization" not in self.default_headers:
            request.headers["authorization"] = identity.Secret(f"Bearer {token}")


def merged(headers: dict[str, str], more: Mapping[str, str | Omit | None]) -> dict[str, str]:
    """`headers` (names in lower case) with `more` laid over them; None or `omit` removes one."""
    result = dict(headers)
    for name, value in more.items():
        name = name.lower()
        if value is None or isinstance(value, Omit):
            result.pop(name, None)
        else:
            result[name] = checked_header(name, value)
    return result


_token = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+").fullmatch  # RFC 9110, 5.6.2
_breaks = re.compile(r"[\r\n\0]").search


def checked_header(name: str, value: str) -> str:
    """`value`, if it can be sent as this header: no other header can be smuggled in it."""
    if not isinstance(value, str):
        raise TypeError(f"the header {name!r} is a {type(value).__name__}; give a string")
    if not _token(name):
        raise ValueError(f"{name!r} is no name of a header")
    if _breaks(value):
        raise ValueError(f"the value of the header {name!r} holds a line end or NUL, which would end the header; remove it")
    return value


# ---- arguments and environment


def env(name: str) -> str | None:
    """The variable's value without white space around it; None where it is unset or empty."""
    return (os.environ.get(name) or "").strip() or None


def _resolved(given: Mapping[str, Any], **more: Any) -> Settings:
    """The settings that all clients have, from their arguments; `more` holds what differs."""
    timeout = given.get("timeout", DEFAULT_TIMEOUT)
    if isinstance(timeout, Omit):
        timeout = DEFAULT_TIMEOUT
    if timeout is DEFAULT_TIMEOUT and (client := given.get("http_client")) is not None:
        own = Timeout.of(client.timeout)
        timeout = DEFAULT_TIMEOUT if own == Timeout(5.0) else own  # 5 s is what httpx clients have when nobody chose
    custom = parsed_headers(env("OPENAI_CUSTOM_HEADERS") or "")
    webhook_secret = given.get("webhook_secret") or env("OPENAI_WEBHOOK_SECRET")
    admin_api_key = given.get("admin_api_key") or env("OPENAI_ADMIN_KEY")
    return Settings(
        organization=given.get("organization") or env("OPENAI_ORG_ID"),
        project=given.get("project") or env("OPENAI_PROJECT_ID"),
        webhook_secret=webhook_secret and identity.Secret(webhook_secret),
        admin_api_key=admin_api_key and identity.key(admin_api_key, "admin_api_key"),
        timeout=Timeout.of(timeout),
        deadline=checked_deadline(given.get("deadline")),
        max_retries=checked_retries(given.get("max_retries", DEFAULT_MAX_RETRIES)),
        budget=given["retry_budget"] if "retry_budget" in given else RetryBudget(),
        default_headers={**custom, **{name.lower(): value for name, value in (given.get("default_headers") or {}).items()}},
        default_query=dict(given.get("default_query") or {}),
        log=logging_of(given.get("http_logging")),
        **more,
    )


def for_openai(given: Mapping[str, Any], awaits: bool) -> Settings:
    """The settings of `OpenAI` and `AsyncOpenAI`. Raises OpenAIError without credentials."""
    base_url, name = given.get("base_url"), "base_url"
    if residency := given.get("data_residency"):
        if base_url is not None:
            raise ValueError("The `data_residency` and `base_url` arguments are mutually exclusive")
        if residency not in get_args(Residency):
            raise ValueError(f"data_residency is {residency!r}; there are {', '.join(get_args(Residency))}")
        base_url = dialects.OPENAI_URL.replace("//api.", f"//{residency}.api.") if residency != "global" else dialects.OPENAI_URL
    if base_url is None or base_url == "":
        base_url, name = env("OPENAI_BASE_URL"), "OPENAI_BASE_URL"
    dialect = dialects.openai(base_url or dialects.OPENAI_URL, name)
    api_key, source = given.get("api_key"), "api_key"
    if api_key is None:
        api_key, source = env("OPENAI_API_KEY"), "OPENAI_API_KEY"
        if api_key and _holds_entra_token() and dialect.origin.endswith(".openai.com"):
            raise OpenAIError(
                "OPENAI_API_TYPE says that OPENAI_API_KEY holds an Entra ID token, which must not be sent to "
                f"{dialect.origin}; use AzureOpenAI, or unset OPENAI_API_TYPE"
            )
    if api_key is None and not (given.get("admin_api_key") or env("OPENAI_ADMIN_KEY")):
        raise OpenAIError(
            "Missing credentials. Pass `api_key`, or set the OPENAI_API_KEY environment variable; "
            "without a key, `ceyx serve` answers locally"
        )
    tokens = identity.Tokens(api_key, "api_key=") if callable(api_key) else None
    key = identity.key(api_key, source) if isinstance(api_key, str) else None
    return _resolved(given, dialect=dialect, tokens=tokens, api_key=key)


def for_azure(given: Mapping[str, Any], awaits: bool) -> Settings:
    """The settings of `AzureOpenAI` and `AsyncAzureOpenAI`.

    Raises OpenAIError without credentials, MutuallyExclusiveAuthError for two, ValueError for no address or version.
    """
    ways = [
        name for name in ("api_key", "azure_ad_token", "azure_ad_token_provider", "credential") if given.get(name) is not None
    ]
    if len(ways) > 1:
        raise MutuallyExclusiveAuthError(f"The `{'` and `'.join(ways)}` arguments are mutually exclusive; pass one of them")
    endpoint, base_url = given.get("azure_endpoint"), given.get("base_url")
    if endpoint is not None and base_url is not None:
        raise ValueError("base_url and azure_endpoint are mutually exclusive")
    if endpoint is None and base_url is None:
        endpoint = env("AZURE_OPENAI_ENDPOINT")
        if endpoint is None and (base_url := env("OPENAI_BASE_URL")) is None:
            raise ValueError(
                "Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment "
                "variable: the address of your resource, such as https://<name>.openai.azure.com"
            )
    dialect = dialects.azure(
        endpoint=endpoint,
        base_url=base_url,
        deployment=given.get("azure_deployment"),
        api_version=given.get("api_version"),
        api_version_from_env=env("OPENAI_API_VERSION"),
    )
    key, tokens = _azure_credentials(given, dialect.origin, awaits)
    return _resolved(given, dialect=dialect, tokens=tokens, api_key=key)


def _azure_credentials(
    given: Mapping[str, Any], origin: str, awaits: bool
) -> tuple[identity.Secret | None, identity.Tokens | None]:
    """The key or the tokens: what was given, else the environment's token, else its key."""
    token, source = given.get("azure_ad_token"), "azure_ad_token"
    api_key, key_source = given.get("api_key"), "api_key"
    provider = given.get("azure_ad_token_provider")
    credential = given.get("credential")
    if token is None and api_key is None and provider is None and credential is None:
        token, source = env("AZURE_OPENAI_AD_TOKEN"), "AZURE_OPENAI_AD_TOKEN"
        api_key, key_source = env("AZURE_OPENAI_API_KEY"), "AZURE_OPENAI_API_KEY"
        if token is None and api_key is None and _holds_entra_token():
            token, source = env("OPENAI_API_KEY"), "OPENAI_API_KEY"
    if credential is not None:
        found = identity.from_credential(credential, urlsplit(origin).hostname or "", awaits)
        return (found, None) if isinstance(found, identity.Secret) else (None, found)
    if provider is not None:
        return None, identity.Tokens(provider, "azure_ad_token_provider")
    if token is not None:
        fixed = identity.key(token, source)
        return None, identity.Tokens(lambda: fixed, source)
    if callable(api_key):
        return None, identity.Tokens(api_key, "api_key=")
    if api_key is None:
        raise OpenAIError(
            "Missing credentials. Pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, `credential`, or set "
            "the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables"
        )
    return identity.key(api_key, key_source), None


def _holds_entra_token() -> bool:
    return (env("OPENAI_API_TYPE") or "").lower() in ("azure_ad", "azuread")


def parsed_headers(text: str) -> dict[str, str | Omit]:
    """OPENAI_CUSTOM_HEADERS: `Name: value`, one a line."""
    headers: dict[str, str | Omit] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("OPENAI_CUSTOM_HEADERS has a line without a colon; it holds `Name: value`, one a line")
        headers[name.strip().lower()] = value.strip()
    return headers


def checked_retries(value: Any) -> int:
    if value is None or isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"max_retries is a whole number, got {value!r}; 0 disables retries, a large number allows many")
    if value < 0:
        raise ValueError(f"max_retries is {value}; it cannot be negative")
    return value


def checked_deadline(value: Any) -> float | None:
    if value is not None and not (isinstance(value, int | float) and value > 0):
        raise ValueError(f"a deadline is a positive number of seconds for the whole call, or None; got {value!r}")
    return value


_LOG_VARIABLES = ("AZURE_HTTP_LOG_DETAIL_LEVEL", "AZURE_LOG_LEVEL", "AZURE_SDK_GO_LOGGING", "CEYX_LOG", "OPENAI_LOG")


def logging_of(given: HTTPLogging | Detail | None) -> HTTPLogging | None:
    """What to log: what was given, else what the environment says. Without either, `logging` is not even imported."""
    if given is None and not any(name in os.environ for name in _LOG_VARIABLES):
        return None
    from ceyx import logs

    environment = logs.from_environment()
    if given is None:
        return environment
    chosen = given if isinstance(given, logs.HTTPLogging) else logs.HTTPLogging(given)
    return None if chosen.detail == "none" else chosen
