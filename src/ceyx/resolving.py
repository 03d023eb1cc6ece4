"""From what a client is made with to its settings: arguments, environment variables, and which of them wins.

Names and precedence are those of the `openai` package. A copy is made from settings that are resolved already.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, get_args
from urllib.parse import urlsplit

from ceyx import dialect as dialects, identity
from ceyx.errors import MutuallyExclusiveAuthError, OpenAIError
from ceyx.options import ADDRESS, AUTHENTICATING, CONNECTING, WAYS_TO_AUTHENTICATE, OnContentFilter, Residency, StreamEnd
from ceyx.settings import (
    Settings,
    checked_deadline,
    checked_headers,
    checked_identity,
    checked_limit,
    checked_retries,
    logging_of,
    one_of,
    parsed_headers,
)
from ceyx.wire.call import Omit
from ceyx.wire.message import DEFAULT_TIMEOUT, Timeout
from ceyx.wire.retry import RetryBudget

DEFAULT_MAX_RETRIES = 2
SCOPE_ALONE = "credential_scope is for the tokens of a credential; pass credential= with it"


def env(name: str) -> str | None:
    """The variable's value without white space around it; None where it is unset or empty."""
    return (os.environ.get(name) or "").strip() or None


def _resolved(given: Mapping[str, Any], **more: Any) -> Settings:
    """The settings that all clients have, from their arguments; `more` holds what differs."""
    custom = parsed_headers(env("OPENAI_CUSTOM_HEADERS") or "")
    defaults: dict[str, Any] = {
        "organization": env("OPENAI_ORG_ID"),
        "project": env("OPENAI_PROJECT_ID"),
        "webhook_secret": env("OPENAI_WEBHOOK_SECRET"),
        "admin_api_key": env("OPENAI_ADMIN_KEY"),
        "workload_identity": None,
        "websocket_base_url": None,
        "timeout": _timeout_of(given.get("http_client")),
        "deadline": None,
        "max_retries": DEFAULT_MAX_RETRIES,
        "retry_budget": RetryBudget(),
        "default_headers": {},
        "default_query": {},
        "http_logging": None,
        "stream_end": None,
        "content_filter": "report",
        "retry_answered": False,
        "response_limit": None,
        "check_api_version": None,
    }
    chosen = {name: given[name] for name in defaults if _is_given(name, given)}
    fields = _checked({**defaults, **chosen})
    fields["default_headers"] = {**custom, **fields["default_headers"]}
    return Settings(**fields, **more)


NONE_MEANS_NONE = ("timeout", "deadline", "retry_budget", "max_retries")  # of these, None is a value; of others, not given


def _is_given(name: str, given: Mapping[str, Any]) -> bool:
    value = given.get(name, NOT_GIVEN)
    return not isinstance(value, Omit) and (value is not None or name in NONE_MEANS_NONE)


NOT_GIVEN = Omit()


def _timeout_of(http_client: Any) -> Timeout:
    """The timeout of a client that was given, where somebody chose it; else ours."""
    own = DEFAULT_TIMEOUT if http_client is None else Timeout.of(http_client.timeout)
    return DEFAULT_TIMEOUT if own == Timeout(5.0) else own  # 5 s is what httpx clients have when nobody chose


def _checked(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of Settings from arguments that need neither address nor credentials."""
    fields = dict(chosen)
    for name, check in _CHECKS.items():
        if name in fields:
            fields[name] = check(fields[name])
    for argument, field in (("retry_budget", "budget"), ("http_logging", "log")):
        if argument in fields:
            fields[field] = fields.pop(argument)
    return fields


def changed(old: Settings, changes: Mapping[str, Any], azure: bool, awaits: bool) -> Settings:
    """The settings of a copy. The environment is not asked again: a copy of a client is that client but for the changes."""
    given = {name: value for name, value in changes.items() if _is_given(name, changes)}
    fields = _checked({name: value for name, value in given.items() if name not in (*ADDRESS, *AUTHENTICATING, *CONNECTING)})
    for kind in ("default_headers", "default_query"):
        if f"set_{kind}" in fields:
            fields[kind] = fields.pop(f"set_{kind}")
        elif kind in fields:
            fields[kind] = {**getattr(old, kind), **fields[kind]}
    if any(name in given for name in ADDRESS):
        fields["dialect"] = _azure_dialect(given, old.dialect) if azure else _openai_dialect(given)
    if "data_residency" in given:
        fields["websocket_base_url"] = None  # which may be in another region
    dialect = fields.get("dialect", old.dialect)
    if any(name in given for name in WAYS_TO_AUTHENTICATE):
        fields["api_key"], fields["tokens"] = (
            _azure_credentials(given, dialect, awaits) if azure else _openai_credentials(given, dialect.origin)
        )
        fields["workload_identity"] = checked_identity(given.get("workload_identity"))
    elif "credential_scope" in given:
        raise ValueError(SCOPE_ALONE)
    elif "dialect" in fields and _calls_by_entra(old, azure):
        _refuse_openai(dialect.origin, "this client")
    return old.replaced(**fields)


def for_openai(given: Mapping[str, Any], awaits: bool) -> Settings:
    """The settings of `OpenAI` and `AsyncOpenAI`. Raises OpenAIError without credentials."""
    dialect = _openai_dialect(given)
    key, tokens = _openai_credentials(given, dialect.origin)
    return _resolved(given, dialect=dialect, tokens=tokens, api_key=key)


def _openai_dialect(given: Mapping[str, Any]) -> dialects.Dialect:
    base_url, name = given.get("base_url"), "base_url"
    if residency := given.get("data_residency"):
        if base_url is not None:
            raise ValueError("The `data_residency` and `base_url` arguments are mutually exclusive")
        if given.get("websocket_base_url") is not None:
            raise ValueError("The `data_residency` and `websocket_base_url` arguments are mutually exclusive")
        if residency not in get_args(Residency):
            raise ValueError(f"data_residency is {residency!r}; there are {', '.join(get_args(Residency))}")
        base_url = dialects.OPENAI_URL.replace("//api.", f"//{residency}.api.") if residency != "global" else dialects.OPENAI_URL
    if base_url is None or base_url == "":
        base_url, name = env("OPENAI_BASE_URL"), "OPENAI_BASE_URL"
    return dialects.openai(base_url or dialects.OPENAI_URL, name)


def _openai_credentials(given: Mapping[str, Any], origin: str) -> tuple[identity.Secret | None, identity.Tokens | None]:
    api_key, source = given.get("api_key"), "api_key"
    if given.get("workload_identity") is not None:
        if api_key is not None:
            raise MutuallyExclusiveAuthError("The `api_key` and `workload_identity` arguments are mutually exclusive; pass one")
        return None, None  # the client exchanges tokens by its own way to servers
    if api_key is None:
        api_key, source = env("OPENAI_API_KEY"), "OPENAI_API_KEY"
        if api_key and _holds_entra_token():
            _refuse_openai(origin, "OPENAI_API_KEY, as OPENAI_API_TYPE says,")
    if callable(api_key):
        return None, identity.Tokens(api_key, "api_key=", are_keys=True)
    if api_key is None and not (given.get("admin_api_key") or env("OPENAI_ADMIN_KEY")):
        raise OpenAIError(
            "Missing credentials. Pass `api_key`, or set the OPENAI_API_KEY environment variable; "
            "without a key, `ceyx serve` answers locally"
        )
    return None if api_key is None else identity.key(api_key, source), None


def for_azure(given: Mapping[str, Any], awaits: bool) -> Settings:
    """The settings of `AzureOpenAI` and `AsyncAzureOpenAI`.

    Raises OpenAIError without credentials, MutuallyExclusiveAuthError for two, ValueError for no address or version.
    """
    dialect = _azure_dialect(given)
    key, tokens = _azure_credentials(given, dialect, awaits)
    return _resolved(given, dialect=dialect, tokens=tokens, api_key=key)


def _azure_dialect(given: Mapping[str, Any], old: dialects.Dialect | None = None) -> dialects.Dialect:
    """The dialect that the arguments, else `old`, else the environment name."""
    endpoint, base_url = given.get("azure_endpoint"), given.get("base_url")
    if endpoint is not None and base_url is not None:
        raise ValueError("base_url and azure_endpoint are mutually exclusive")
    deployment, version = given.get("azure_deployment"), None
    if old is not None:
        deployment = deployment or getattr(old, "deployment", None)
        version = old.query.get("api-version")
        if endpoint is None and base_url is None:
            base_url = f"{old.origin}{old.prefix}"
    elif endpoint is None and base_url is None:
        endpoint = env("AZURE_OPENAI_ENDPOINT")
        if endpoint is None and (base_url := env("OPENAI_BASE_URL")) is None:
            raise ValueError(
                "Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment "
                "variable: the address of your resource, such as https://<name>.openai.azure.com"
            )
    return dialects.azure(
        endpoint=endpoint,
        base_url=base_url,
        deployment=deployment,
        api_version=given.get("api_version"),
        otherwise=version or env("OPENAI_API_VERSION"),
    )


def _azure_credentials(
    given: Mapping[str, Any], dialect: dialects.Dialect, awaits: bool
) -> tuple[identity.Secret | None, identity.Tokens | None]:
    """The key or the tokens: what was given, else the environment's token, its key, or its workload identity."""
    if given.get("workload_identity") is not None:
        raise OpenAIError(
            "workload_identity is for OpenAI's own service; Azure takes tokens of Entra ID: pass credential= (such as "
            "azure.identity.WorkloadIdentityCredential()) or azure_ad_token_provider="
        )
    ways = [name for name in WAYS_TO_AUTHENTICATE if given.get(name) is not None]
    if len(ways) > 1:
        raise MutuallyExclusiveAuthError(f"The `{'` and `'.join(ways)}` arguments are mutually exclusive; pass one of them")
    if ways and "credential" not in ways and given.get("credential_scope") is not None:
        raise ValueError(SCOPE_ALONE)
    token, source = given.get("azure_ad_token"), "azure_ad_token"
    api_key, key_source = given.get("api_key"), "api_key"
    if not ways:
        token, source = env("AZURE_OPENAI_AD_TOKEN"), "AZURE_OPENAI_AD_TOKEN"
        api_key, key_source = env("AZURE_OPENAI_API_KEY"), "AZURE_OPENAI_API_KEY"
        if token is None and api_key is None and _holds_entra_token():
            token, source = env("OPENAI_API_KEY"), "OPENAI_API_KEY"
    if token is None and callable(api_key):
        return None, identity.Tokens(api_key, "api_key=", are_keys=True)
    if token is None and api_key is not None:
        return identity.key(api_key, key_source), None
    found = _entra_tokens(given, dialect, awaits, token, source)
    if isinstance(found, identity.Secret):  # the key of a credential
        return found, None
    _refuse_openai(dialect.origin, source if token is not None else "the credential")
    return None, found


def _entra_tokens(
    given: Mapping[str, Any], dialect: dialects.Dialect, awaits: bool, token: str | None, source: str
) -> identity.Tokens | identity.Secret:
    if token is not None:
        fixed = identity.key(token, source)
        return identity.Tokens(lambda: fixed, source, fixed=True)
    if (provider := given.get("azure_ad_token_provider")) is not None:
        return identity.Tokens(provider, "azure_ad_token_provider")
    from ceyx import credentials  # which a client with a key need not load
    from ceyx.wire.scope import scope_for

    parts = urlsplit(dialect.base_url)
    scope = given.get("credential_scope") or scope_for(parts.hostname or "", parts.path)
    if (credential := given.get("credential")) is not None:
        return credentials.from_credential(credential, scope, awaits)
    if all(map(env, credentials.WORKLOAD_VARIABLES)):
        return credentials.from_workload(scope)
    raise OpenAIError(
        "Missing credentials. Pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, `credential` (such as "
        "credential=DefaultAzureCredential() of azure-identity), or set the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` "
        f"environment variables; a workload identity is found by {', '.join(credentials.WORKLOAD_VARIABLES)}"
    )


def _refuse_openai(origin: str, holder: str) -> None:
    """OpenAIError where an Entra ID token would go to OpenAI: whoever has one can act as its owner on Azure."""
    if dialects.provider_at(origin) == "OpenAI":
        raise OpenAIError(
            f"{holder} holds an Entra ID token, which must not be sent to {origin}; give the address of an Azure resource "
            "(AzureOpenAI with azure_endpoint=), or a key of OpenAI (and unset OPENAI_API_TYPE)"
        )


def _calls_by_entra(settings: Settings, azure: bool) -> bool:
    """Whether a client with these settings sends a token of Entra ID, as far as that is known."""
    if azure:
        return settings.tokens is not None and not settings.tokens.are_keys
    return settings.api_key is not None and _holds_entra_token() and settings.api_key == env("OPENAI_API_KEY")


def _holds_entra_token() -> bool:
    return (env("OPENAI_API_TYPE") or "").lower() in ("azure_ad", "azuread")


def restored(fields: Mapping[str, Any], azure: bool, awaits: bool, given: Mapping[str, Any] = MappingProxyType({})) -> Settings:
    """Settings from what `portable` gave; keys come from `given`, else the environment. OpenAIError where neither has one."""
    key, tokens = None, fields["tokens"]
    if tokens is None and fields["workload_identity"] is None:
        dialect = fields["dialect"]
        key, tokens = _azure_credentials(given, dialect, awaits) if azure else _openai_credentials(given, dialect.origin)
    own = {name: _CHECKS[name](env(variable)) for name, variable in SECRETS_IN_ENVIRONMENT.items()}
    return Settings(**{**fields, **own, "api_key": key, "tokens": tokens})


SECRETS_IN_ENVIRONMENT = {"webhook_secret": "OPENAI_WEBHOOK_SECRET", "admin_api_key": "OPENAI_ADMIN_KEY"}


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "timeout": Timeout.of,
    "deadline": checked_deadline,
    "max_retries": checked_retries,
    "default_headers": checked_headers,
    "set_default_headers": checked_headers,
    "default_query": dict,
    "set_default_query": dict,
    "admin_api_key": lambda value: value and identity.key(value, "admin_api_key"),
    "webhook_secret": lambda value: value and identity.Secret(value),
    "websocket_base_url": lambda value: value and str(value),
    "workload_identity": checked_identity,
    "http_logging": logging_of,
    "stream_end": one_of("stream_end", *get_args(StreamEnd)),
    "content_filter": one_of("content_filter", *get_args(OnContentFilter)),
    "retry_answered": one_of("retry_answered", True, False),
    "response_limit": checked_limit,
    "check_api_version": one_of("check_api_version", True, False),
}
