"""Which API a question goes to: what the options say, else what the environment configures, else a local stand-in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ceyx.cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ceyx.client import AsyncOpenAI, OpenAI

C = TypeVar("C")
DEFAULT_MODEL = "gpt-4o-mini"


class Provider(StrEnum):
    azure = "azure"
    openai = "openai"
    local = "local"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that say where to go; None leaves it to the environment."""

    provider: Provider | None = None
    model: str | None = None
    base_url: str | None = None
    azure_endpoint: str | None = None
    api_version: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An API that can be asked."""

    provider: Provider
    client: OpenAI
    model: str

    @property
    def host(self) -> str:
        return urlsplit(str(self.client.base_url)).netloc


def variable(name: str) -> str | None:
    """The environment variable; None where it is unset or blank."""
    return os.environ.get(name, "").strip() or None


@contextmanager
def opened(wanted: Wanted) -> Iterator[Endpoint]:
    """The endpoint that is wanted, until the block ends. Raises Failure where nobody could tell which, or a part is missing."""
    with addressed(wanted) as (provider, options, model), client_for(provider, **options) as client:
        yield Endpoint(provider, client, model)


@contextmanager
def addressed(wanted: Wanted) -> Iterator[tuple[Provider, dict[str, Any], str]]:
    """Who is wanted, what a client of theirs is made with, and the model, until the block ends. Raises as `opened` does."""
    provider = provider_of(wanted)
    model = model_of(provider, wanted)
    options: dict[str, Any] = {} if wanted.timeout is None else {"timeout": wanted.timeout}
    if provider is Provider.local:
        with stand_in(model) as url:
            yield provider, {"base_url": url, "api_key": "local", **options}, model
        return
    yield provider, options | options_for(provider, wanted), model


def options_for(provider: Provider, wanted: Wanted) -> dict[str, Any]:
    """What the client of OpenAI or Azure is made with; the rest it finds in the environment."""
    options: dict[str, Any] = {} if wanted.base_url is None else {"base_url": wanted.base_url}
    if provider is Provider.openai:
        return options | placeholder_key(wanted)
    return options | {"azure_endpoint": wanted.azure_endpoint, "api_version": wanted.api_version}


def provider_of(wanted: Wanted) -> Provider:
    """Who is to be asked: an option decides, else OPENAI_API_TYPE, else what else the environment holds."""
    return decided(wanted)[0]


def decided(wanted: Wanted) -> tuple[Provider, str]:
    """Who is to be asked, and what decided that, as a part of a sentence."""
    if wanted.base_url is not None and wanted.azure_endpoint is not None:
        raise Failure("--base-url and --azure-endpoint are two addresses; give one", Exit.USAGE)
    if wanted.provider is not None:
        provider, why = wanted.provider, f"--provider {wanted.provider} says"
    elif wanted.azure_endpoint is not None:
        provider, why = Provider.azure, "--azure-endpoint is given"
    elif wanted.base_url is not None:
        provider, why = Provider.openai, "--base-url is given"
    else:
        provider, why = _configured(wanted)
    if provider is not Provider.azure and (wanted.azure_endpoint or wanted.api_version):
        option = "--azure-endpoint" if wanted.azure_endpoint else "--api-version"
        raise Failure(f"{option} is for Azure, and this question goes to {provider}; add --provider azure", Exit.USAGE)
    if provider is Provider.local and wanted.base_url is not None:
        raise Failure("--provider local has an address of its own; leave out --base-url", Exit.USAGE)
    return provider, why


def _configured(wanted: Wanted) -> tuple[Provider, str]:
    kind = (variable("OPENAI_API_TYPE") or "").lower()
    if kind in ("azure", "azure_ad", "azuread"):
        return Provider.azure, f"OPENAI_API_TYPE is {kind}"
    if kind in ("openai", "open_ai"):
        return Provider.openai, f"OPENAI_API_TYPE is {kind}"
    if kind:
        raise Failure(f"OPENAI_API_TYPE is {kind!r}; set it to azure, azure_ad or openai, or unset it", Exit.CONFIGURATION)
    azure = variable("AZURE_OPENAI_ENDPOINT")
    openai = next((name for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL") if variable(name)), None)
    if azure and openai:
        raise Failure(
            f"both AZURE_OPENAI_ENDPOINT and {openai} are set; choose with --provider azure or --provider openai, "
            "or set OPENAI_API_TYPE to one of them",
            Exit.CONFIGURATION,
        )
    if azure:
        return Provider.azure, "AZURE_OPENAI_ENDPOINT is set"
    if openai:
        return Provider.openai, f"{openai} is set"
    for name in ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"):
        if variable(name):  # somebody who has this means Azure, and would take the stand-in's answer for Azure's
            raise Failure(
                f"{name} is set, AZURE_OPENAI_ENDPOINT is not; set it to your resource's address, such as "
                "https://<name>.openai.azure.com",
                Exit.CONFIGURATION,
            )
    return (Provider.azure, "--api-version is given") if wanted.api_version else (Provider.local, "nothing is configured")


def model_of(provider: Provider, wanted: Wanted) -> str:
    """The model, or deployment on Azure."""
    if model := wanted.model or variable("CEYX_MODEL"):
        return model
    if provider is not Provider.azure:
        return variable("OPENAI_MODEL") or DEFAULT_MODEL
    address = wanted.azure_endpoint or wanted.base_url or variable("AZURE_OPENAI_ENDPOINT")
    if model := variable("AZURE_OPENAI_DEPLOYMENT") or _deployment_in(address) or variable("OPENAI_MODEL"):
        return model
    raise Failure(
        "Azure answers by deployment, and none is named; pass --model <deployment>, or set AZURE_OPENAI_DEPLOYMENT",
        Exit.CONFIGURATION,
    )


def _deployment_in(address: str | None) -> str | None:
    from ceyx.dialect import parsed

    try:
        return parsed(address, "azure_endpoint").deployment if address else None
    except ValueError:
        return None  # the client says what is wrong with it


def placeholder_key(wanted: Wanted) -> dict[str, str]:
    """A key for servers that want none: a base URL of somebody else, and no key set. Raises Failure where one is needed."""
    if variable("OPENAI_API_KEY"):
        return {}
    address = wanted.base_url or variable("OPENAI_BASE_URL")
    if address is None or (urlsplit(address).hostname or "").endswith("openai.com"):
        raise Failure("OPENAI_API_KEY is not set; set it, or try --provider local, which needs none", Exit.CONFIGURATION)
    return {"api_key": "none-needed"}


def client_for(provider: Provider, **options: Any) -> OpenAI:
    from ceyx.client import AzureOpenAI, OpenAI

    return _made(AzureOpenAI if provider is Provider.azure else OpenAI, options)


def async_client_for(provider: Provider, **options: Any) -> AsyncOpenAI:
    from ceyx.client import AsyncAzureOpenAI, AsyncOpenAI

    return _made(AsyncAzureOpenAI if provider is Provider.azure else AsyncOpenAI, options)


def _made(kind: Callable[..., C], options: dict[str, Any]) -> C:
    from ceyx.errors import OpenAIError

    try:
        return kind(**options)
    except (OpenAIError, ValueError, TypeError) as error:
        raise Failure(str(error), Exit.CONFIGURATION) from error


@contextmanager
def stand_in(model: str) -> Iterator[str]:
    """The base URL of a local service that runs until the block ends. Raises Failure where it is not installed."""
    try:
        from ceyx.service import LocalService, Settings
    except ModuleNotFoundError as error:
        raise Failure(f"no model is configured, and {error}", Exit.CONFIGURATION) from error
    with LocalService(Settings({model: model})) as service:
        # No proxy can reach this machine's own loopback.
        before = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
        exempt = ",".join(filter(None, (before["no_proxy"] or before["NO_PROXY"], "127.0.0.1")))
        os.environ.update(dict.fromkeys(before, exempt))
        try:
            yield service.url
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
