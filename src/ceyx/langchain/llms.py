"""`OpenAI` and `AzureOpenAI` for LangChain: models that go on with a text, and do not chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ceyx.langchain.azure import OnAzure
from ceyx.langchain.completion_calls import BaseOpenAI
from ceyx.langchain.connection import BUILT
from ceyx.wire.versions import knows

if TYPE_CHECKING:
    from langchain_core.language_models.base import LangSmithParams


class OpenAI(BaseOpenAI):
    """A model that completes, of OpenAI or of a server that speaks its protocol. For models that chat, use `ChatOpenAI`."""

    model_config = BUILT

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "OPENAI_API_KEY"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        names = ("openai_api_base", "openai_organization", "openai_proxy")
        return {name: value for name in names if (value := getattr(self, name))}


class AzureOpenAI(OnAzure, BaseOpenAI):
    """A deployment of a model that completes, on Azure. For models that chat, use `AzureChatOpenAI`."""

    model_config = BUILT
    _other_names: ClassVar[Mapping[str, str]] = {**OnAzure._other_names, **BaseOpenAI._other_names}
    _chats: ClassVar[str] = "AzureChatOpenAI"

    max_retries: int | None = 2

    @property
    def _invocation_params(self) -> dict[str, Any]:
        return {**super()._invocation_params, "model": self.deployment_name or self.model_name}

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"deployment_name": self.deployment_name, **super()._identifying_params}

    def _tells_usage(self) -> bool:
        return knows(self.openai_api_version, "stream_options") and super()._tells_usage()

    def _named(self, model: str | None) -> str:
        name = super()._named(model)
        known = not self.model_version or name.endswith(self.model_version)
        return name if not model or known else f"{name}-{self.model_version}"

    def _get_ls_params(self, stop: list[str] | None = None, **given: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **given)
        params["ls_provider"] = "azure"
        if self.deployment_name:
            params["ls_model_name"] = self.deployment_name
        return params

    @property
    def _llm_type(self) -> str:
        return "azure"

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "AZURE_OPENAI_API_KEY", "azure_ad_token": "AZURE_OPENAI_AD_TOKEN"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        return {"openai_api_type": self.openai_api_type, "openai_api_version": self.openai_api_version}
