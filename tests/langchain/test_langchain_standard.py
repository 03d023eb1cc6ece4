"""langchain-core's own standard tests, for both chat classes, against the local service."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from ceyx.langchain import AzureChatOpenAI, ChatOpenAI
from ceyx.service import LocalService

AZURE = {"azure_endpoint": "http://127.0.0.1:9", "azure_deployment": "gpt-4o", "api_version": "2024-10-21", "api_key": "any"}


class TestUnitOpenAI(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "gpt-4o", "api_key": "any"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        variables = {
            "OPENAI_API_KEY": "key",
            "OPENAI_ORG_ID": "org",
            "OPENAI_API_BASE": "https://host/v1",
            "OPENAI_PROXY": "http://p",
        }
        fields = {"openai_api_key": "key", "openai_organization": "org"}
        return variables, {"model": "gpt-4o"}, {**fields, "openai_api_base": "https://host/v1", "openai_proxy": "http://p"}


class TestUnitAzure(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return AzureChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return AZURE

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        variables = {
            "AZURE_OPENAI_API_KEY": "key",
            "AZURE_OPENAI_ENDPOINT": "https://name.openai.azure.com",
            "OPENAI_API_VERSION": "2024-10-21",
            "OPENAI_ORG_ID": "org",
            "OPENAI_API_TYPE": "type",
        }
        fields = {"openai_api_key": "key", "azure_endpoint": "https://name.openai.azure.com", "openai_api_version": "2024-10-21"}
        return variables, {"azure_deployment": "gpt-4o"}, {**fields, "openai_organization": "org", "openai_api_type": "type"}


@pytest.mark.filterwarnings("ignore:OpenAI may require a filename")  # of langchain-core, to which one test gives none
class Integration(ChatModelIntegrationTests):
    """What the tests may ask of both: all of it."""

    running: LocalService

    @pytest.fixture(autouse=True)
    def _offline(self, service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
        """The service, and in place of the pictures and recordings that the tests download, a few bytes."""
        type(self).running = service
        monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "none")
        monkeypatch.setattr(httpx, "get", lambda *_, **__: SimpleNamespace(content=b"bytes"))

    supports_image_inputs = supports_image_urls = supports_pdf_inputs = supports_audio_inputs = True
    supports_anthropic_inputs = supports_json_mode = True
    model_override_value = "gpt-4o-mini"

    @property
    def supported_usage_metadata_details(self) -> dict[Literal["invoke", "stream"], list[Any]]:
        return {"invoke": [], "stream": []}


class TestIntegrationOpenAI(Integration):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "gpt-4o", "base_url": self.running.url, "api_key": "any"}


class TestIntegrationAzure(Integration):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return AzureChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        # Without a deployment of the model's own, so that one call may ask another.
        connection = {"azure_endpoint": self.running.azure_endpoint, "azure_deployment": None, "model": "gpt-4o"}
        return {**AZURE, **connection}


class TestIntegrationResponses(Integration):
    """On the Responses API."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "gpt-4o", "base_url": self.running.url, "api_key": "any", "use_responses_api": True}


class TestIntegrationResponsesV1(TestIntegrationResponses):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "output_version": "v1"}


class TestIntegrationAzureResponses(TestIntegrationAzure):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "api_version": "2025-04-01-preview", "use_responses_api": True}
