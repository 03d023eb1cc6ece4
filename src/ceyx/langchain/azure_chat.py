"""Chat models on Azure, for LangChain: what differs there from `chat.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from pydantic import Field, model_validator

from ceyx.langchain.azure import OnAzure
from ceyx.langchain.chat import BaseChatOpenAI
from ceyx.langchain.connection import BUILT
from ceyx.wire.versions import knows


class AzureChatOpenAI(OnAzure, BaseChatOpenAI):
    """Chat models in an Azure OpenAI resource, for LangChain.

    An answer that the content filter stopped raises ContentFilterError, which is a ValueError too, whole or streamed;
    `client_options={"content_filter": "report"}` gives it as it is.

    >>> AzureChatOpenAI(azure_deployment="gpt-4o", api_version="2024-10-21").invoke("Hello")
    """

    if TYPE_CHECKING:  # as of ChatOpenAI

        def __init__(self, **fields: Any) -> None: ...

    model_config = BUILT
    _other_names: ClassVar[Mapping[str, str]] = {**BaseChatOpenAI._other_names, **OnAzure._other_names}
    _asks_by: ClassVar[Literal["function_calling", "json_schema"]] = "json_schema"

    model_name: str | None = Field(default=None, alias="model")  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]
    """The model that is deployed, for traces, prices and counting tokens; without a deployment, its name."""

    @model_validator(mode="after")
    def _parallel_calls_known(self) -> Self:
        if self.disabled_params is None and self.model_name != "gpt-4o":
            self.disabled_params = {"parallel_tool_calls": None}  # refused by most deployments
        return self

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain", "chat_models", "azure_openai"]

    @classmethod
    def is_lc_serializable(cls) -> bool:
        return True

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "AZURE_OPENAI_API_KEY", "azure_ad_token": "AZURE_OPENAI_AD_TOKEN"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        return {"openai_api_type": self.openai_api_type, "openai_api_version": self.openai_api_version}

    @property
    def _llm_type(self) -> str:
        return "azure-openai-chat"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"azure_deployment": self.deployment_name, **super()._identifying_params}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = "azure"
        if "model" not in kwargs and (name := self.model_name or self.deployment_name):
            versioned = self.model_name and self.model_version and self.model_version not in name
            params["ls_model_name"] = f"{name}-{self.model_version.lstrip('-')}" if versioned else name
        return params

    def _options(self, awaits: bool) -> dict[str, Any]:
        return {**super()._options(awaits), "content_filter": "raise"}

    def _named(self, model: str) -> str:
        return f"{model}-{self.model_version}" if self.model_version else model

    def _info_of(self, choice: Mapping[str, Any]) -> dict[str, Any]:
        return {"content_filter_results": {}, **super()._info_of(choice)}

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        if not payload.get("model") and self.deployment_name and self._use_responses_api(payload):
            payload["model"] = self.deployment_name
        return payload

    # -- what dated versions of the API do not know yet

    def _knows(self, feature: str) -> bool:
        """Whether the version of the API has a feature, by the name that the table of versions gives it."""
        return knows(self.openai_api_version, feature)

    def _limit_name(self, model: str | None) -> str:
        return "max_completion_tokens" if self._knows("max_completion_tokens") else "max_tokens"

    def _streams_usage(self) -> bool:
        return self._knows("stream_options") and super()._streams_usage()

    @property
    def _profiled_as(self) -> str:
        return self.model_name or self.deployment_name or ""

    def _knows_formats(self) -> bool:
        return self._knows("response_format=json_schema")

    def _no_formats(self) -> str:
        if not self._knows_formats():
            return f"with api_version {self.openai_api_version}, as it is there since 2024-08-01-preview"
        return super()._no_formats()
