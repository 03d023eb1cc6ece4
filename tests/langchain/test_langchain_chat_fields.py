"""What chat models are made with: names, environment, what is refused, and what is written down of them."""

from __future__ import annotations

import asyncio
import copy
import pickle
import socket
from typing import Any

import httpx
import pytest
from langchain_core.load import dumpd, dumps
from langchain_server import Recorder, failure
from open_sockets import options_of

from ceyx import APIConnectionError, OpenAIError
from ceyx.langchain import AzureChatOpenAI, ChatOpenAI, loads
from ceyx.wire.message import Timeout

SECRET = "sk-very-secret"
AZURE: dict[str, Any] = {"azure_endpoint": "https://contoso.openai.azure.com", "api_version": "2024-10-21"}


def azure(**more: Any) -> AzureChatOpenAI:
    return AzureChatOpenAI(**{**AZURE, "azure_deployment": "gpt", "api_key": SECRET, **more})


class TestNames:
    @pytest.mark.parametrize(
        ("names", "field"),
        [
            (("model", "model_name", "modelName"), "model_name"),
            (("api_key", "openai_api_key"), "openai_api_key"),
            (("base_url", "openai_api_base", "api_base"), "openai_api_base"),
            (("organization", "openai_organization"), "openai_organization"),
            (("stop_sequences", "stop"), "stop"),
        ],
    )
    def test_each_name_of_a_field(self, names, field):
        for name in names:
            model = ChatOpenAI(**({} if field == "openai_api_key" else {"api_key": SECRET}), **{name: "http://host/v1"})
            value = getattr(model, field)
            assert getattr(value, "get_secret_value", lambda value=value: value)() == "http://host/v1", name

    @pytest.mark.parametrize("name", ["timeout", "request_timeout"])
    def test_timeout(self, name):
        assert ChatOpenAI(api_key=SECRET, **{name: 7}).root_client.timeout == Timeout(7)

    @pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
    def test_limit(self, name):
        assert ChatOpenAI(api_key=SECRET, **{name: 7}).max_tokens == 7

    @pytest.mark.parametrize("name", ["azure_deployment", "deployment_name", "engine", "deployment"])
    def test_deployment(self, name):
        model = AzureChatOpenAI(**AZURE, api_key=SECRET, **{name: "gpt"})
        assert (model.deployment_name, model.root_client._azure_deployment) == ("gpt", "gpt")

    @pytest.mark.parametrize("name", ["api_version", "openai_api_version"])
    def test_version(self, name):
        model = AzureChatOpenAI(
            azure_endpoint="https://a.openai.azure.com", azure_deployment="x", api_key="k", **{name: "2024-06-01"}
        )
        assert model.root_client._api_version == "2024-06-01"

    def test_two_names_for_one_field(self):
        with pytest.raises(ValueError, match="modelName is another name of model_name, and both were given"):
            ChatOpenAI(api_key=SECRET, modelName="a", model="b")

    def test_unknown_arguments_are_parameters_of_the_call(self):
        with pytest.warns(UserWarning, match="top_k is not default parameter") as warned:
            model = ChatOpenAI(api_key=SECRET, top_k=3)
        assert model.model_kwargs == {"top_k": 3}
        assert warned[0].filename == __file__

    def test_fields_within_model_kwargs(self):
        with pytest.warns(UserWarning, match="should be specified explicitly"):
            model = ChatOpenAI(api_key=SECRET, model_kwargs={"temperature": 0.5, "user": "me"})
        assert (model.temperature, model.model_kwargs) == (0.5, {"user": "me"})

    @pytest.mark.filterwarnings("ignore::UserWarning")
    @pytest.mark.parametrize("given", [{"user": "a", "model_kwargs": {"user": "b"}}, {"n": 1, "model_kwargs": {"n": 2}}])
    def test_the_same_twice(self, given):
        with pytest.raises(ValueError, match="supplied twice"):
            ChatOpenAI(api_key=SECRET, **given)


class TestEnvironment:
    def test_openai(self, monkeypatch):
        for name, value in {
            "OPENAI_API_KEY": SECRET,
            "OPENAI_API_BASE": "https://base/v1",
            "OPENAI_BASE_URL": "https://other/v1",
            "OPENAI_ORGANIZATION": "org",
            "OPENAI_PROXY": "http://proxy:1",
        }.items():
            monkeypatch.setenv(name, value)
        model = ChatOpenAI()
        client = model.root_client
        assert (client.api_key, str(client.base_url), client.organization) == (SECRET, "https://base/v1/", "org")
        assert client._network["proxy"] == "http://proxy:1"

    def test_openai_base_url_is_the_clients(self, monkeypatch):
        monkeypatch.setenv("OPENAI_BASE_URL", "https://other/v1")
        assert str(ChatOpenAI(api_key=SECRET).root_async_client.base_url) == "https://other/v1/"

    def test_azure(self, monkeypatch):
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
        monkeypatch.setenv("OPENAI_API_KEY", "other")
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://contoso.openai.azure.com/")
        monkeypatch.setenv("OPENAI_API_VERSION", "2023-12-01-preview")
        model = AzureChatOpenAI(azure_deployment="gpt")
        assert model.root_client.api_key == "azure-key"
        assert model.root_client._api_version == model.openai_api_version == "2023-12-01-preview"

    def test_gateway_of_langsmith(self, monkeypatch):
        monkeypatch.setenv("LANGSMITH_GATEWAY", "https://gateway.example")
        monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "lsv2_key")
        client = ChatOpenAI().root_client
        assert (str(client.base_url), client.api_key) == ("https://gateway.example/openai/v1/", "lsv2_key")

    def test_output_version_and_chunk_timeout(self, monkeypatch):
        monkeypatch.setenv("LC_OUTPUT_VERSION", "v1")
        monkeypatch.setenv("LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S", "7.5")
        model = ChatOpenAI(api_key=SECRET)
        assert (model.output_version, model.stream_chunk_timeout) == ("v1", 7.5)

    @pytest.mark.parametrize("value", ["-1", "soon", "nan"])
    def test_a_chunk_timeout_that_is_no_time(self, monkeypatch, value):
        monkeypatch.setenv("LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S", value)
        with pytest.warns(UserWarning, match=f"TIMEOUT_S is '{value}', which is no time; 120 s is used"):
            assert ChatOpenAI(api_key=SECRET).stream_chunk_timeout == 120

    def test_no_key(self):
        with pytest.raises(OpenAIError, match="Missing credentials"):
            ChatOpenAI()


class TestWhoIsCalling:
    """Azure: a key, a token, or somebody to ask for one."""

    def test_older_programs_have_a_token_in_the_key(self, monkeypatch):
        monkeypatch.setenv("OPENAI_API_TYPE", "azure_ad")
        monkeypatch.setenv("OPENAI_API_KEY", "entra-token")
        with Recorder() as server:
            AzureChatOpenAI(azure_endpoint=server.origin, azure_deployment="gpt", api_version="2024-10-21").invoke("hi")
        headers = server.asked[0].headers
        assert headers["authorization"] == "Bearer entra-token"
        assert "api-key" not in headers

    def test_a_key_is_no_token_by_default(self):
        with Recorder() as server:
            azure(azure_endpoint=server.origin).invoke("hi")
        assert server.asked[0].headers["api-key"] == SECRET
        assert server.asked[0].headers["user-agent"].endswith("langchain-partner-python-azure-openai")

    @pytest.mark.parametrize(
        "way",
        [
            {"azure_ad_token": "token"},
            {"azure_ad_token_provider": lambda: "token"},
            {"openai_api_type": "azure_ad", "api_key": "token"},
            {"credential": type("Credential", (), {"get_token": lambda self, *scopes: type("T", (), {"token": "token"})()})()},
        ],
    )
    def test_tokens(self, way):
        with Recorder() as server:
            azure(**{"azure_endpoint": server.origin, "api_key": None, **way}).invoke("hi")
        assert server.asked[0].headers["authorization"] == "Bearer token"

    def test_the_workload_identity_of_the_environment(self, monkeypatch):
        for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
            monkeypatch.setenv(name, "x")
        monkeypatch.setattr("ceyx.credentials.has_azure_identity", lambda: True)
        monkeypatch.setattr("ceyx.credentials._workload_token", lambda scope: "token")
        with Recorder() as server:
            azure(azure_endpoint=server.origin, api_key=None).invoke("hi")
        assert server.asked[0].headers["authorization"] == "Bearer token"
        monkeypatch.setattr("ceyx.credentials.has_azure_identity", lambda: False)
        with pytest.raises(OpenAIError, match=r"pip install 'ceyx\[azure\]'"):
            azure(api_key=None)

    async def test_a_provider_that_is_awaited_serves_awaited_calls_only(self):
        async def provider() -> str:
            return "token"

        with Recorder() as server:
            model = azure(azure_endpoint=server.origin, api_key=None, azure_ad_async_token_provider=provider)
            assert model.root_client is None
            with pytest.raises(ValueError, match="Sync client is not available"):
                model.invoke("hi")
            await model.ainvoke("hi")
            await model.root_async_client.close()
        assert server.asked[0].headers["authorization"] == "Bearer token"

    async def test_keys_that_are_asked_for(self):
        async def awaited() -> str:
            return "awaited"

        with Recorder() as server:
            ChatOpenAI(base_url=server.url, api_key=lambda: "called").invoke("hi")
            model = ChatOpenAI(base_url=server.url, api_key=awaited)
            await model.ainvoke("hi")
            with pytest.raises(ValueError, match="Sync client is not available"):
                next(model.stream("hi"))
            await model.root_async_client.close()
        assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer called", "Bearer awaited"]

    def test_base_url_of_azure(self):
        below = "https://contoso.openai.azure.com/openai/deployments/gpt"
        model = AzureChatOpenAI(base_url=below, api_version="2024-10-21", api_key=SECRET)
        assert model.root_client._azure_deployment == "gpt"
        with pytest.raises(ValueError, match="Azure endpoints should be specified via the `azure_endpoint` param"):
            AzureChatOpenAI(base_url="https://gateway", api_version="2024-10-21", api_key=SECRET)
        with pytest.raises(ValueError, match="names the deployment already"):
            AzureChatOpenAI(base_url=below, azure_deployment="gpt", api_version="2024-10-21", api_key=SECRET)
        AzureChatOpenAI(base_url="https://gateway", api_version="2024-10-21", api_key=SECRET, validate_base_url=False)


class TestRules:
    @pytest.mark.parametrize(
        ("given", "temperature"),
        [
            ({"model": "o1-mini"}, 1),
            ({"model": "o1-mini", "temperature": 0.5}, 0.5),
            ({"model": "gpt-5", "temperature": 0.5}, None),
            ({"model": "gpt-5", "temperature": 1}, 1),
            ({"model": "gpt-5", "temperature": 0.5, "reasoning_effort": "none"}, 0.5),
            ({"model": "gpt-5-chat", "temperature": 0.5}, 0.5),
            ({"model": "gpt-4o", "temperature": 0.0}, 0.0),
        ],
    )
    def test_temperature(self, given, temperature):
        assert ChatOpenAI(api_key=SECRET, **given).temperature == temperature

    @pytest.mark.parametrize("given", [{"n": 0}, {"n": 2, "streaming": True}])
    def test_n(self, given):
        with pytest.raises(ValueError, match="n must be"):
            ChatOpenAI(api_key=SECRET, **given)

    def test_a_proxy_beside_a_client(self):
        with pytest.raises(ValueError, match="Cannot specify 'openai_proxy'"):
            ChatOpenAI(api_key=SECRET, openai_proxy="http://p", http_client=object())

    def test_options_of_sockets(self):
        given = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 7)]
        with Recorder() as server:
            model = ChatOpenAI(api_key=SECRET, base_url=server.url, http_socket_options=given)
            model.invoke("hello")
            assert options_of(server.origin, (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)) == [(7,)]

    def test_options_of_sockets_by_variables(self, monkeypatch):
        monkeypatch.setenv("LANGCHAIN_OPENAI_TCP_KEEPIDLE", "9")
        model = ChatOpenAI(api_key=SECRET)
        assert (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 9) in model._options(False)["socket_options"]
        monkeypatch.setenv("LANGCHAIN_OPENAI_TCP_KEEPALIVE", "0")
        assert model._options(True)["socket_options"] == ()
        monkeypatch.setenv("LANGCHAIN_OPENAI_TCP_KEEPALIVE", "1")
        monkeypatch.setenv("LANGCHAIN_OPENAI_TCP_KEEPCNT", "many")
        with pytest.raises(ValueError, match="KEEPCNT is 'many'"):
            model._options(False)

    def test_a_chunk_timeout_below_nothing(self):
        with pytest.warns(UserWarning, match="stream_chunk_timeout is -1"):
            assert ChatOpenAI(api_key=SECRET, stream_chunk_timeout=-1).stream_chunk_timeout == 120

    def test_timeouts_of_two_phases(self):
        assert ChatOpenAI(api_key=SECRET, timeout=(2, 30)).root_client.timeout == Timeout(30, connect=2)

    def test_more_of_the_clients_options(self):
        assert ChatOpenAI(api_key=SECRET, client_options={"deadline": 9}).root_client._settings.deadline == 9

    def test_tokens_of_a_deployment_are_counted_as_its_names(self):
        assert azure()._counted_as == azure().deployment_name
        assert azure(model="gpt-4o")._counted_as == "gpt-4o"

    def test_what_azure_calls_parallel(self):
        assert azure().disabled_params == {"parallel_tool_calls": None}
        assert azure(model="gpt-4o").disabled_params is None


class TestClients:
    def test_models_share_connections_but_no_settings(self):
        one, other = ChatOpenAI(api_key="a"), ChatOpenAI(api_key="b", base_url="http://host/v1")
        assert one.root_client._transport is other.root_client._transport
        assert one.root_async_client._transport is other.root_async_client._transport
        assert one.root_client.api_key == "a"
        apart = ChatOpenAI(api_key="a", openai_proxy="http://proxy:1")
        assert apart.root_client._transport is not one.root_client._transport

    def test_closed_connections_are_not_shared(self):
        one = ChatOpenAI(api_key="a", openai_proxy="http://proxy:2")
        one.root_client.close()
        assert not ChatOpenAI(api_key="a", openai_proxy="http://proxy:2").root_client.is_closed()

    def test_clients_can_be_given_and_set(self):
        class Completions:
            def create(self, **params: Any) -> Any:
                return {"choices": [{"message": {"role": "assistant", "content": params["messages"][0]["content"]}}]}

        assert ChatOpenAI(client=Completions(), async_client=object()).invoke("given").content == "given"
        model = ChatOpenAI(api_key=SECRET)
        model.client = Completions()
        assert model.invoke("set").content == "set"

    @pytest.mark.parametrize("make", [ChatOpenAI, azure])
    def test_the_proxy_is_used(self, make):
        with Recorder() as server:
            where = {"base_url": server.url} if make is ChatOpenAI else {"azure_endpoint": server.origin}
            with pytest.raises(APIConnectionError, match=r"the proxy 127\.0\.0\.1:1 does not connect"):
                make(**where, api_key=SECRET, openai_proxy="http://127.0.0.1:1", max_retries=0).invoke("hi")
        assert not server.asked

    def test_several_places_to_ask(self):
        with Recorder(failure(500)) as broken, Recorder() as server:
            places = [{"base_url": broken.url, "api_key": SECRET}, {"base_url": server.url, "api_key": "k"}]
            model = ChatOpenAI(deployments=places, max_retries=0)
            assert model.invoke("hi").content
            assert SECRET not in repr(model)
            assert SECRET.encode() not in pickle.dumps(model)
        assert (len(broken.asked), len(server.asked)) == (1, 1)

    def test_they_are_what_they_are_called(self):
        model = azure()
        assert model.client is model.root_client.chat.completions
        assert model.async_client is model.root_async_client.chat.completions


class TestKept:
    @pytest.mark.parametrize("make", [lambda: ChatOpenAI(api_key=SECRET, temperature=0.5), azure])
    def test_pickles_carry_no_secret_and_find_the_key_again(self, make, monkeypatch):
        model = make()
        _ = model.client, model.async_client
        text = pickle.dumps(model)
        assert SECRET.encode() not in text
        monkeypatch.setenv("OPENAI_API_KEY", "found")
        again = pickle.loads(text)
        assert again.root_client.api_key == "found"
        assert again._identifying_params == model._identifying_params

    def test_unpickled_without_a_key(self):
        again = pickle.loads(pickle.dumps(ChatOpenAI(api_key=SECRET)))
        with pytest.raises(OpenAIError, match="Missing credentials"):
            again.invoke("hi")

    def test_copies(self):
        with httpx.Client() as given:  # which cannot be copied, as no client can
            model = ChatOpenAI(api_key=SECRET, model_kwargs={"prediction": {"a": 1}}, http_client=given)
        other = copy.deepcopy(model)
        assert other == model
        assert other.http_client is given
        other.model_kwargs["prediction"]["a"] = 2
        assert model.model_kwargs["prediction"]["a"] == 1
        assert copy.copy(model) == model

    @pytest.mark.filterwarnings("ignore:The function `loads` is in beta")
    @pytest.mark.parametrize("make", [lambda **more: ChatOpenAI(api_key=SECRET, base_url="https://h/v1", **more), azure])
    def test_written_down_and_read(self, make, monkeypatch):
        model = make(
            temperature=0.5, default_headers={"x-own": "1", "api-key": SECRET}, openai_proxy=f"http://me:{SECRET}@proxy:1"
        )
        text = dumps(model)
        assert SECRET not in text
        monkeypatch.setenv("OPENAI_API_KEY", "found")
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "found")
        again = loads(text)
        assert type(again) is type(model)
        assert again.root_client.api_key == "found"
        assert again._identifying_params == model._identifying_params
        assert again.default_headers == {"x-own": "1"}

    def test_ids(self):
        assert ChatOpenAI.lc_id() == ["langchain", "chat_models", "openai", "ChatOpenAI"]
        assert AzureChatOpenAI.lc_id() == ["langchain", "chat_models", "azure_openai", "AzureChatOpenAI"]
        assert dumpd(azure())["kwargs"]["openai_api_key"]["id"] == ["AZURE_OPENAI_API_KEY"]

    def test_shown_without_secrets(self):
        model = azure(default_headers={"api-key": SECRET}, openai_proxy=f"http://me:{SECRET}@proxy:1", azure_ad_token=None)
        assert SECRET not in f"{model!r} {model}"
        assert "proxy:1" in repr(model)

    def test_what_langchain_asks(self):
        model = azure(model="gpt-4o", model_version="0301", temperature=0, max_tokens=7)
        assert model._llm_type == "azure-openai-chat"
        assert model._get_ls_params(stop=["x"]) == {
            "ls_provider": "azure",
            "ls_model_name": "gpt-4o-0301",
            "ls_model_type": "chat",
            "ls_temperature": 0,
            "ls_max_tokens": 7,
            "ls_stop": ["x"],
        }
        assert model.metadata is not None
        assert "ceyx" in model.metadata["lc_versions"]


def test_an_event_loop_after_another():
    with Recorder() as server:
        model = ChatOpenAI(base_url=server.url, api_key=SECRET)
        for _ in range(2):
            assert asyncio.run(model.ainvoke("hi")).content
