"""What Azure adds to a connection: a resource, a deployment, a version, and Entra ID."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from ceyx.langchain.connection import Connected, revealed, secret_from, variable
from ceyx.settings import USER_AGENT

NAMES = {"engine": "deployment_name", "deployment": "deployment_name", "deployment_id": "deployment_name"}


class OnAzure(Connected):
    """The fields of a connection to Azure, beside those of `Connected`."""

    _other_names: ClassVar[Mapping[str, str]] = {**Connected._other_names, **NAMES}

    azure_endpoint: str | None = None
    """The resource's address, in any shape. Else AZURE_OPENAI_ENDPOINT, or OPENAI_API_BASE as older programs have it."""
    deployment_name: str | None = Field(default=None, alias="azure_deployment")
    """The deployment for all calls."""
    openai_api_version: str | None = Field(default=None, alias="api_version")
    """Such as "2024-10-21". Else OPENAI_API_VERSION. An endpoint that ends in /openai/v1 needs none."""
    azure_ad_token: SecretStr | None = None
    """An Entra ID token. Else AZURE_OPENAI_AD_TOKEN."""
    azure_ad_token_provider: Callable[[], str] | None = None
    """A callable that gives an Entra ID token; asked again when the last one is about to expire."""
    azure_ad_async_token_provider: Callable[[], Awaitable[str]] | None = None
    """As `azure_ad_token_provider`, awaited, for awaited calls. Alone, it leaves blocking calls without a token."""
    credential: Any = Field(default=None, exclude=True)
    """*ceyx*: a credential object of azure-identity, or any with `get_token(scope)`."""
    openai_api_type: str | None = None
    """"azure", or "azure_ad" where the key is an Entra ID token. Else OPENAI_API_TYPE."""
    model_version: str = ""
    """Added to the model's name in results, such as "0301", where Azure does not tell versions apart; prices differ by it."""
    validate_base_url: bool = True
    """Whether to refuse a `base_url` that does not look like one of Azure's, or comes with a deployment."""

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        base = self.openai_api_base
        if not base or not self.validate_base_url:
            return self
        if "/openai" not in base:
            raise ValueError(
                f"base_url (openai_api_base) is {base!r}, which has no /openai. As of openai>=1.0.0, Azure endpoints should be "
                "specified via the `azure_endpoint` param not `openai_api_base` (or alias `base_url`); for a gateway, pass "
                "validate_base_url=False"
            )
        if self._deployment:
            raise ValueError(
                f"base_url names the deployment already, or takes its place, and azure_deployment is {self._deployment!r}; "
                "give azure_endpoint= (the resource) with azure_deployment=, or base_url= alone"
            )
        return self

    @property
    def _deployment(self) -> str | None:
        """The deployment for all calls; a class whose field for it has another name overrides this."""
        return self.deployment_name

    def _from_environment(self) -> None:
        if not self.azure_endpoint and not self.openai_api_base:
            self.azure_endpoint = variable("AZURE_OPENAI_ENDPOINT", "OPENAI_API_BASE")
        self.openai_api_version = self.openai_api_version or variable("OPENAI_API_VERSION")
        self.openai_api_type = self.openai_api_type or variable("OPENAI_API_TYPE") or "azure"
        self.openai_organization = self.openai_organization or variable("OPENAI_ORG_ID", "OPENAI_ORGANIZATION")
        self.openai_proxy = self.openai_proxy or variable("OPENAI_PROXY")
        if self._has_way():
            return
        self.azure_ad_token = secret_from("AZURE_OPENAI_AD_TOKEN")
        key = secret_from("AZURE_OPENAI_API_KEY")
        if key is None and self.azure_ad_token is None and self._key_is_token():
            self.azure_ad_token = secret_from("OPENAI_API_KEY")
        else:
            self.openai_api_key = key or secret_from("OPENAI_API_KEY")

    def _key_is_token(self) -> bool:
        return (self.openai_api_type or "").lower() in ("azure_ad", "azuread")

    def _has_way(self) -> bool:
        """Whether a way to authenticate was given."""
        ways = (self.openai_api_key, self.azure_ad_token, self.azure_ad_token_provider, self.azure_ad_async_token_provider)
        return any(way is not None for way in (*ways, self.credential))

    def _can_block(self) -> bool:
        if self.azure_ad_token or self.azure_ad_token_provider or self.credential is not None:
            return True
        return self.azure_ad_async_token_provider is None and super()._can_block()

    def _kind(self, awaits: bool) -> type[Any]:
        from ceyx.client import AsyncAzureOpenAI, AzureOpenAI

        return AsyncAzureOpenAI if awaits else AzureOpenAI

    def _options(self, awaits: bool) -> dict[str, Any]:
        options = super()._options(awaits)
        options.pop("api_key", None)
        options["default_headers"] = {
            "user-agent": f"{USER_AGENT} langchain-partner-python-azure-openai",
            **{name.lower(): value for name, value in (self.default_headers or {}).items()},
        }
        more = {
            "azure_endpoint": None if self.openai_api_base else self.azure_endpoint,
            "azure_deployment": self._deployment,
            "api_version": self.openai_api_version,
            **self._way(awaits),
        }
        return {**options, **{name: value for name, value in more.items() if value is not None}}

    def _way(self, awaits: bool) -> dict[str, Any]:
        """The one way to authenticate: an Entra ID token in whatever form goes before a key, as it did at its source.

        None leaves it to the client, which knows of workload identities.
        """
        if self.credential is not None:
            return {"credential": self.credential}
        if self.azure_ad_token is not None:
            return {"azure_ad_token": revealed(self.azure_ad_token)}
        if awaits and self.azure_ad_async_token_provider is not None:
            return {"azure_ad_token_provider": self.azure_ad_async_token_provider}
        if self.azure_ad_token_provider is not None:
            return {"azure_ad_token_provider": self.azure_ad_token_provider}
        if self.openai_api_key is not None:
            key = revealed(self.openai_api_key)
            if not self._key_is_token() or key == variable("AZURE_OPENAI_API_KEY"):  # which holds a key, as its name says
                return {"api_key": key}
            return {"azure_ad_token_provider" if callable(key) else "azure_ad_token": key}
        return {}
