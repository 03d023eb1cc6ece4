"""Tokens of Entra ID from credential objects and workloads: which scope, whose claims, what is missing. No network."""

from __future__ import annotations

import asyncio
import base64
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import MagicMock

import pytest
from memory_clients import CHAT, ENDPOINT, VERSION, chat, connected, failure

import ceyx
from ceyx import AsyncAzureOpenAI, AzureOpenAI, OpenAI, credentials
from ceyx.credentials import claims_asked_for, from_credential
from ceyx.errors import AuthenticationError, MutuallyExclusiveAuthError, OpenAIError
from ceyx.transport.anyloop import AnyLoop
from ceyx.transport.base import Connecting
from ceyx.transport.memory import Answer
from ceyx.wire.message import Request
from ceyx.wire.scope import scope_for

SCOPE = "https://cognitiveservices.azure.com/.default"
AT: Any = {"azure_endpoint": ENDPOINT, "api_version": VERSION, "max_retries": 0}


class AccessToken(NamedTuple):
    token: str
    expires_on: int


class Credential:
    def __init__(self):
        self.scopes = []

    def get_token(self, *scopes, **_):
        self.scopes += scopes
        return AccessToken("entra", int(time.time()) + 3600)


class AsyncCredential(Credential):
    async def get_token(self, *scopes, **_):
        return super().get_token(*scopes)


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("contoso.openai.azure.com/openai", SCOPE),
        ("contoso.openai.azure.us/openai", "https://cognitiveservices.azure.us/.default"),
        ("contoso.openai.azure.cn/openai", "https://cognitiveservices.azure.cn/.default"),
        ("contoso.cognitiveservices.azure.com/openai/v1", SCOPE),
        ("contoso.cognitiveservices.azure.us/openai/v1", "https://cognitiveservices.azure.us/.default"),
        ("contoso.cognitiveservices.azure.cn/openai/v1", "https://cognitiveservices.azure.cn/.default"),
        ("contoso.services.ai.azure.com/openai/v1", SCOPE),
        ("contoso.services.ai.azure.com/api/projects/demo/openai/v1", "https://ai.azure.com/.default"),
        ("gateway.azure-api.net/openai", SCOPE),
        ("gateway.azure-api.us/openai", "https://cognitiveservices.azure.us/.default"),
        ("gateway.azure-api.cn/openai", "https://cognitiveservices.azure.cn/.default"),
        ("gateway.contoso.com/api/projects/demo", SCOPE),
        ("Contoso.OpenAI.Azure.US/openai", "https://cognitiveservices.azure.us/.default"),
    ],
)
def test_the_scope_is_that_of_the_cloud(address, scope):
    credential, (host, _, path) = Credential(), address.partition("/")
    assert scope_for(host, f"/{path}") == scope
    client = connected(AzureOpenAI(azure_endpoint=f"https://{address}", api_version=VERSION, credential=credential))
    chat(client)
    assert credential.scopes == [scope]


def test_a_scope_of_the_users_own():
    """A gateway checks tokens for an application of its own."""
    credential = Credential()
    client = AzureOpenAI(
        **{**AT, "azure_endpoint": "https://apim.contoso.com"}, credential=credential, credential_scope="api://x/.default"
    )
    chat(connected(client))
    other = client.copy(credential=credential, credential_scope="api://y/.default")
    chat(connected(other))
    assert credential.scopes == ["api://x/.default", "api://y/.default"]


def test_a_scope_is_of_no_use_without_a_credential():
    for given in ({"api_key": "k"}, {"azure_ad_token": "t"}, {"azure_ad_token_provider": lambda: "t"}):
        with pytest.raises(ValueError, match="credential_scope is for the tokens of a credential"):
            AzureOpenAI(**AT, **given, credential_scope="api://x/.default")
    with pytest.raises(ValueError, match="pass credential= with it"):
        AzureOpenAI(**AT, credential=Credential()).copy(credential_scope="api://x/.default")


def test_an_async_credential():
    credential = AsyncCredential()
    tokens: Any = from_credential(credential, SCOPE, True)
    assert asyncio.run(tokens.aget(AnyLoop(Connecting()))) == "entra"
    with pytest.raises(TypeError, match=r"AsyncCredential is asynchronous.*AsyncAzureOpenAI"):
        from_credential(credential, SCOPE, False)


def test_a_blocking_credential_serves_async_clients():
    tokens: Any = from_credential(Credential(), SCOPE, True)
    assert asyncio.run(tokens.aget(AnyLoop(Connecting()))) == "entra"


def test_what_is_no_credential():
    with pytest.raises(TypeError, match="a str, which has no get_token"):
        from_credential("secret", SCOPE, False)


def test_a_key_credential_is_a_key():
    from azure.core.credentials import AzureKeyCredential

    assert from_credential(AzureKeyCredential("k\n"), SCOPE, False) == "k"


def test_a_credential_that_says_when_to_ask_again_is_asked_so():
    from azure.core.credentials import AccessTokenInfo

    class Informing(Credential):
        def get_token_info(self, *scopes: str, options: Any = None) -> Any:
            self.scopes += [*scopes, options]
            return AccessTokenInfo("entra", int(time.time()) + 9000, refresh_on=int(time.time()) + 100)

    credential = Informing()
    tokens: Any = from_credential(credential, SCOPE, False)
    assert tokens.get() == "entra"
    assert credential.scopes == [SCOPE, {}]
    assert tokens._refresh_on == pytest.approx(time.time() + 100, abs=5)


def test_a_mock_in_place_of_a_credential():
    credential = MagicMock()
    credential.key = None
    credential.get_token.return_value = AccessToken("entra", int(time.time()) + 3600)
    tokens: Any = from_credential(credential, SCOPE, False)
    assert tokens.get() == "entra"
    credential.get_token.assert_called_once_with(SCOPE)


# ---- what the API asks for


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'
CHALLENGE = f'Bearer realm="", error="insufficient_claims", claims="{base64.b64encode(CLAIMS.encode()).decode()}"'


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (CHALLENGE, CLAIMS),
        (CHALLENGE.rstrip('="') + '"', CLAIMS),
        (f"Basic realm=x, {CHALLENGE}", CLAIMS),
        ("", None),
        ('Bearer error="invalid_token"', None),
        ('Bearer claims="!"', None),
        ('Bearer claims="/w=="', None),
        ('Bearer claims="a"', None),
    ],
)
def test_the_claims_of_a_challenge(header, claims):
    assert claims_asked_for(header) == claims


class Keeping:
    """A credential that keeps its token until claims are asked for, as those of azure-identity do."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def get_token(self, *_: str, claims: str | None = None, **__: Any) -> AccessToken:
        self.asked.append(claims)
        return AccessToken("second" if claims else "first", int(time.time()) + 3600)


class AsyncKeeping(Keeping):
    async def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:  # type: ignore[override]
        return super().get_token(*scopes, claims=claims)


@pytest.mark.parametrize(
    ("kind", "credential"), [(AzureOpenAI, Keeping), (AsyncAzureOpenAI, Keeping), (AsyncAzureOpenAI, AsyncKeeping)]
)
def test_a_credential_is_told_which_claims_a_token_lacks(kind, credential):
    def answer(request: Request) -> Answer:
        revoked = request.headers["authorization"] == "Bearer first"
        return failure(401, "revoked", www_authenticate=CHALLENGE) if revoked else CHAT

    made = credential()
    client = connected(kind(**AT, credential=made), answer)
    chat(client)
    chat(client)
    assert made.asked == [None, CLAIMS]


def test_a_refusal_without_a_challenge_asks_for_no_claims():
    made = Keeping()
    with pytest.raises(AuthenticationError):
        chat(connected(AzureOpenAI(**AT, credential=made), failure(401, "expired")))
    assert made.asked == [None, None]


# ---- where tokens must not go


def test_a_token_of_entra_is_not_for_openai(environment):
    openai: Any = {"base_url": "https://api.openai.com/openai/v1"}
    for given in ({"azure_ad_token": "t"}, {"credential": Credential()}, {"azure_ad_token_provider": lambda: "t"}):
        with pytest.raises((OpenAIError, ValueError), match="OpenAI"):
            AzureOpenAI(**openai, **given)
        with pytest.raises((OpenAIError, ValueError), match="OpenAI"):
            AzureOpenAI(**AT, **given).copy(**openai)
    environment.setenv("OPENAI_API_TYPE", "azure_ad")
    environment.setenv("OPENAI_API_KEY", "s3cret-token")
    for base_url in (
        "https://api.openai.com/v1",
        "https://eu.api.openai.com:443/v1",
        "https://API.openai.com/v1",
        "https://api.openai.com./v1",  # the same host
    ):
        with pytest.raises(OpenAIError, match="must not be sent to") as caught:
            OpenAI(base_url=base_url)
        assert "s3cret" not in str(caught.value)
        gateway = OpenAI(base_url="https://gateway.contoso.com/openai/v1")
        with pytest.raises(OpenAIError, match="must not be sent to"):
            gateway.copy(base_url=base_url)
        with pytest.raises(OpenAIError, match="must not be sent to"):
            gateway.base_url = base_url
        assert gateway.copy(base_url=base_url, api_key="sk-mine").api_key == "sk-mine"


@pytest.mark.parametrize("kind", ["azure_ad", "azuread", "Azure_AD"])
def test_a_token_in_the_key_of_the_environment(environment, kind):
    environment.setenv("OPENAI_API_TYPE", kind)
    environment.setenv("OPENAI_API_KEY", "token")
    client = connected(AzureOpenAI(**AT))
    chat(client)
    assert client._transport.requests[0].headers["authorization"] == "Bearer token"
    assert "api-key" not in client._transport.requests[0].headers


def test_a_token_in_the_key_of_the_environment_and_the_module_as_a_client(environment, monkeypatch):
    environment.setenv("OPENAI_API_TYPE", "azure_ad")
    environment.setenv("OPENAI_API_KEY", "token")
    environment.setenv("AZURE_OPENAI_ENDPOINT", ENDPOINT)
    environment.setenv("OPENAI_API_VERSION", VERSION)
    from ceyx import module_client

    client = connected(module_client.current())
    assert type(client) is AzureOpenAI
    assert ceyx.chat.completions.create(model="m", messages=[]).id == "chatcmpl-1"
    assert client._transport.requests[0].headers["authorization"] == "Bearer token"
    environment.delenv("AZURE_OPENAI_ENDPOINT")
    environment.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    with pytest.raises((OpenAIError, ValueError), match="OpenAI"):
        module_client.current()


# ---- the workload's own identity


@pytest.fixture
def workload(environment, tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("subject")
    for name, value in zip(credentials.WORKLOAD_VARIABLES, ("tenant", "client", str(path)), strict=True):
        environment.setenv(name, value)
    return path


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
def test_a_workload_is_found_where_nothing_else_is(workload, kind, monkeypatch):
    scopes: list[str] = []

    def token(scope: str) -> AccessToken:
        scopes.append(scope)
        return AccessToken("entra", int(time.time()) + 3600)

    monkeypatch.setattr(credentials, "_workload_token", token)
    client = connected(kind(**AT))
    chat(client), chat(client)
    assert [request.headers["authorization"] for request in client._transport.requests] == ["Bearer entra"] * 2
    assert scopes == [SCOPE]


def test_a_workload_is_found_by_a_pickled_client(workload):
    pickled = pickle.dumps(AzureOpenAI(**AT))
    assert pickle.loads(pickled)._settings.tokens is not None
    assert b"subject" not in pickled


def test_whatever_else_there_is_comes_before_the_workload(workload, environment):
    assert AzureOpenAI(**AT, api_key="k").api_key == "k"
    environment.setenv("AZURE_OPENAI_API_KEY", "from-environment")
    assert AzureOpenAI(**AT).api_key == "from-environment"


@pytest.mark.parametrize("missing", credentials.WORKLOAD_VARIABLES)
def test_part_of_a_workload_is_none(workload, environment, missing):
    environment.delenv(missing)
    with pytest.raises(OpenAIError, match=r"credential=DefaultAzureCredential\(\).*AZURE_FEDERATED_TOKEN_FILE"):
        AzureOpenAI(**AT)


def test_a_workload_needs_azure_identity(workload, monkeypatch):
    monkeypatch.setattr(credentials, "find_spec", lambda _: None)
    with pytest.raises(OpenAIError, match=r"pip install 'ceyx\[azure\]'"):
        AzureOpenAI(**AT)


def test_two_ways_are_one_too_many():
    with pytest.raises(MutuallyExclusiveAuthError, match="`azure_ad_token` and `credential`"):
        AzureOpenAI(**AT, azure_ad_token="t", credential=Credential())


def test_making_a_client_imports_no_azure(workload):
    program = "import sys; from ceyx import AzureOpenAI; "
    program += f"AzureOpenAI(**{AT!r}); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"azure.identity", "msal", "asyncio", "ssl"} & set(run.stdout.split())
