"""The credentials of azure-identity itself, over TLS: tokens of the local service, which it verifies when the API is called."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pickle
import stat
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import azure.identity as azure_identity
import pytest
import urllib3
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
    aio,
    get_bearer_token_provider,
)

from ceyx import (
    AsyncAzureOpenAI,
    AsyncOpenAI,
    AuthenticationError,
    AzureOpenAI,
    BadRequestError,
    Deployment,
    OpenAI,
    OpenAIError,
    PermissionDeniedError,
)
from ceyx.service import LocalService, Settings
from ceyx.service.identity.entra import TENANT, Entra
from ceyx.service.identity.issuer import SYSTEM_ASSIGNED

ASK: Any = [{"role": "user", "content": "Hello"}]
SCOPE = "https://cognitiveservices.azure.com/.default"
CLIENT, NO_ROLE, CLI = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "cli"
SETTINGS = Settings(entra=Entra(secrets={CLIENT: "s3cret", NO_ROLE: "s3cret"}, without_role=frozenset({NO_ROLE})), tls=True)


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(SETTINGS) as running:
        yield running


@pytest.fixture(autouse=True)
def machine(environment: pytest.MonkeyPatch, service: LocalService) -> pytest.MonkeyPatch:
    """A machine that trusts the service's authority, and has nothing else of Azure: no identity, no `az`."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        environment.delenv(name, raising=False)
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET"):
        environment.delenv(name, raising=False)
    environment.setenv("REQUESTS_CA_BUNDLE", service.ca_file)
    environment.setenv("PATH", "/nowhere")
    return environment


# ---- what machines have


def app_service(machine: pytest.MonkeyPatch, service: LocalService, tmp_path: Path) -> str:
    machine.setenv("IDENTITY_ENDPOINT", f"{service.azure_endpoint}/msi/token")
    machine.setenv("IDENTITY_HEADER", "any")
    return SYSTEM_ASSIGNED


def virtual_machine(machine: pytest.MonkeyPatch, service: LocalService, tmp_path: Path) -> str:
    machine.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", service.azure_endpoint)
    return SYSTEM_ASSIGNED


def azure_cli(machine: pytest.MonkeyPatch, service: LocalService, tmp_path: Path) -> str:
    """An `az` on the path that asks the service, for tokens of a client called cli."""
    program = tmp_path / "az"
    url = f"{service.azure_endpoint}/metadata/identity/oauth2/token?api-version=1&client_id={CLI}&resource="
    lines = [
        f"#!{sys.executable} -IS",
        "import json, ssl, sys, urllib.request",
        "assert sys.argv[1:3] == ['account', 'get-access-token'], sys.argv",
        "resource = sys.argv[sys.argv.index('--resource') + 1]",
        f"asked = urllib.request.Request({url!r} + resource, headers={{'Metadata': 'true'}})",
        f"trusted = ssl.create_default_context(cafile={service.ca_file!r})",
        "got = json.load(urllib.request.urlopen(asked, context=trusted))",
        "print(json.dumps({'accessToken': got['access_token'], 'expires_on': int(got['expires_on']), 'tokenType': 'Bearer'}))",
    ]
    program.write_text("\n".join(lines))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    machine.setenv("PATH", str(tmp_path))
    return CLI


def kubernetes(machine: pytest.MonkeyPatch, service: LocalService, tmp_path: Path) -> str:
    (tmp_path / "federated").write_text("a.service.account")
    machine.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "federated"))
    return secret(machine, service, tmp_path, with_secret=False)


def secret(machine: pytest.MonkeyPatch, service: LocalService, tmp_path: Path, with_secret: bool = True) -> str:
    machine.setenv("AZURE_TENANT_ID", TENANT)
    machine.setenv("AZURE_CLIENT_ID", CLIENT)
    machine.setenv("AZURE_AUTHORITY_HOST", service.azure_endpoint)
    if with_secret:
        machine.setenv("AZURE_CLIENT_SECRET", "s3cret")
    return CLIENT


Has = Callable[..., str]
NO_DISCOVERY: Any = {"disable_instance_discovery": True}  # which would ask the public cloud about our authority


def of_secret(module: Any, **options: Any) -> Any:
    return module.ClientSecretCredential(TENANT, CLIENT, "s3cret", **NO_DISCOVERY, **options)


def chain(module: Any, **options: Any) -> Any:
    return module.ChainedTokenCredential(module.ManagedIdentityCredential(**options), module.AzureCliCredential())


CREDENTIALS: list[tuple[str, Has, Callable[..., Any]]] = [
    ("app service", app_service, lambda module, **options: module.ManagedIdentityCredential(**options)),
    ("virtual machine", virtual_machine, lambda module, **options: module.ManagedIdentityCredential(**options)),
    ("secret", secret, of_secret),
    ("workload", kubernetes, lambda module, **options: module.WorkloadIdentityCredential(**NO_DISCOVERY, **options)),
    ("az", azure_cli, lambda module, **_: module.AzureCliCredential()),
    ("chain", virtual_machine, chain),
    ("default: secret", secret, lambda module, **options: module.DefaultAzureCredential(**NO_DISCOVERY, **options)),
    ("default: machine", virtual_machine, lambda module, **options: module.DefaultAzureCredential(**options)),
]
each_credential = pytest.mark.parametrize(("has", "made"), [row[1:] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS])


def claims_of(client: Any) -> dict[str, Any]:
    """The claims of the token that a client keeps."""
    payload = str(client._settings.tokens.current()).split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def at(service: LocalService, **options: Any) -> dict[str, Any]:
    """What every client here is made with."""
    where = {"azure_endpoint": service.azure_endpoint, "api_version": "2024-10-21", "verify": service.ca_file}
    return {**where, "max_retries": 0, **options}


def chat(client: Any) -> str:
    return str(client.chat.completions.create(model="gpt-4o", messages=ASK).choices[0].message.content)


async def achat(client: Any) -> str:
    return str((await client.chat.completions.create(model="gpt-4o", messages=ASK)).choices[0].message.content)


def api_calls(service: LocalService) -> int:
    """How many requests came, so far, tokens included."""
    with urllib3.PoolManager(ca_certs=service.ca_file) as pool:
        return int(pool.request("GET", f"{service.azure_endpoint}/_ceyx/counters").json()["requests"])


def revoke(service: LocalService) -> None:
    with urllib3.PoolManager(ca_certs=service.ca_file) as pool:
        assert pool.request("POST", f"{service.azure_endpoint}/_ceyx/identity/revoke").json()["revoked"] > 0


# ---- each credential, with each client


@each_credential
def test_with_the_blocking_client(service, machine, tmp_path, has, made):
    who = has(machine, service, tmp_path)
    with made(sys.modules["azure.identity"]) as credential, AzureOpenAI(**at(service), credential=credential) as client:
        assert "“Hello”" in chat(client)
        before = api_calls(service)
        assert "“Hello”" in chat(client)
        assert api_calls(service) == before + 1, "a kept token is not asked for again"
        claims = claims_of(client)
    assert (claims["appid"], claims["aud"], claims["tid"]) == (who, SCOPE.removesuffix("/.default"), TENANT)


@each_credential
def test_with_the_async_client_in_a_thread(service, machine, tmp_path, has, made):
    who = has(machine, service, tmp_path)

    async def main() -> None:
        with made(sys.modules["azure.identity"]) as credential:
            async with AsyncAzureOpenAI(**at(service), credential=credential) as client:
                assert len(set(await asyncio.gather(*[achat(client) for _ in range(5)]))) == 1
                assert claims_of(client)["appid"] == who

    asyncio.run(main())


@each_credential
def test_the_asynchronous_credential(service, machine, tmp_path, has, made):
    who = has(machine, service, tmp_path)

    async def main() -> None:
        async with made(aio, connection_verify=service.ca_file) as credential:
            async with AsyncAzureOpenAI(**at(service), credential=credential) as client:
                assert len(set(await asyncio.gather(*[achat(client) for _ in range(5)]))) == 1
                assert claims_of(client)["appid"] == who
            with pytest.raises(TypeError, match=r"is asynchronous; use .*blocking one here, or AsyncAzureOpenAI"):
                AzureOpenAI(**at(service), credential=credential)

    asyncio.run(main())


def test_a_chain_goes_on_where_the_machine_has_no_identity(machine, tmp_path):
    """As in the documentation of LangChain: in Azure the machine's identity, elsewhere that of `az login`."""
    with LocalService(Settings(entra=Entra(managed=False), tls=True)) as bare, LocalService(SETTINGS) as service:
        machine.setenv("REQUESTS_CA_BUNDLE", bare.ca_file)
        azure_cli(machine, service, tmp_path)
        machine.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", bare.azure_endpoint)
        credential = ChainedTokenCredential(ManagedIdentityCredential(), AzureCliCredential())
        with credential, AzureOpenAI(**at(service), credential=credential) as client:
            assert "“Hello”" in chat(client)
            assert claims_of(client)["appid"] == CLI


def test_an_identity_that_was_assigned_by_a_user(service, machine, tmp_path):
    virtual_machine(machine, service, tmp_path)
    with ManagedIdentityCredential(client_id=CLIENT) as credential:
        client = AzureOpenAI(**at(service), credential=credential)
        chat(client)
        assert claims_of(client)["appid"] == CLIENT


def test_no_credential_of_a_chain_has_a_token(service, machine):
    credential = ChainedTokenCredential(AzureCliCredential())
    with credential, pytest.raises(ClientAuthenticationError, match="Azure CLI not found on path"):
        chat(AzureOpenAI(**at(service), credential=credential))


def test_a_wrong_secret(service):
    credential = ClientSecretCredential(TENANT, CLIENT, "wr0ng", authority=service.azure_endpoint, **NO_DISCOVERY)
    with credential, pytest.raises(ClientAuthenticationError, match="AADSTS7000215") as caught:
        chat(AzureOpenAI(**at(service), credential=credential))
    assert "wr0ng" not in str(caught.value)


# ---- other ways to give a token


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
def test_a_workload_without_a_word(service, machine, tmp_path, kind):
    """Nothing is passed: what Kubernetes puts into the environment is enough."""
    kubernetes(machine, service, tmp_path)
    client = kind(**at(service))
    answer = chat(client) if kind is AzureOpenAI else asyncio.run(closed_after(client, achat))
    assert "“Hello”" in answer
    assert claims_of(client)["appid"] == CLIENT


async def closed_after(client: Any, work: Callable[[Any], Awaitable[str]]) -> str:
    async with client:
        return await work(client)


def test_a_token_in_the_environment(service, machine, tmp_path):
    """As in the documentation of LangChain."""
    secret(machine, service, tmp_path)
    credential = DefaultAzureCredential(**NO_DISCOVERY)
    os.environ["OPENAI_API_TYPE"] = "azure_ad"
    os.environ["OPENAI_API_KEY"] = credential.get_token("https://cognitiveservices.azure.com/.default").token
    try:
        assert "“Hello”" in chat(AzureOpenAI(**at(service)))
    finally:
        del os.environ["OPENAI_API_TYPE"], os.environ["OPENAI_API_KEY"]
        credential.close()


def test_providers_on_every_surface(service, machine, tmp_path):
    virtual_machine(machine, service, tmp_path)
    with ManagedIdentityCredential() as credential:
        provider = get_bearer_token_provider(credential, SCOPE)
        assert "“Hello”" in chat(AzureOpenAI(**at(service), azure_ad_token_provider=provider))
        v1: Any = {"base_url": f"{service.azure_endpoint}/openai/v1/", "verify": service.ca_file}
        assert "“Hello”" in chat(OpenAI(**v1, api_key=provider))
        assert "“Hello”" in asyncio.run(closed_after(AsyncOpenAI(**v1, api_key=provider), achat))

    async def main() -> None:
        async with aio.ManagedIdentityCredential(connection_verify=service.ca_file) as credential:
            provider: Any = aio.get_bearer_token_provider(credential, SCOPE)
            async with AsyncAzureOpenAI(**at(service), azure_ad_token_provider=provider) as client:
                assert "“Hello”" in await achat(client)
            async with AsyncOpenAI(**v1, api_key=provider) as plain:
                assert "“Hello”" in await achat(plain)

    asyncio.run(main())


# ---- how tokens end


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of this process: of client, credential and service alike."""
    clock, moved = time.time, [0.0]
    monkeypatch.setattr("time.time", lambda: clock() + moved[0])

    def move(seconds: float) -> None:
        moved[0] += seconds

    return move


@pytest.mark.parametrize(("has", "made"), [row[1:] for row in CREDENTIALS if row[0] in ("secret", "virtual machine", "az")])
def test_a_token_is_replaced_before_it_expires(service, machine, tmp_path, later, has, made):
    has(machine, service, tmp_path)
    with made(sys.modules["azure.identity"]) as credential, AzureOpenAI(**at(service), credential=credential) as client:
        chat(client)
        first = claims_of(client)["uti"]
        later(3600 - 290)
        chat(client)
        assert claims_of(client)["uti"] != first


@pytest.mark.parametrize(
    ("has", "made"), [row[1:] for row in CREDENTIALS if row[0] in ("secret", "virtual machine", "app service")]
)
def test_a_revoked_token_is_replaced_although_the_credential_keeps_it(service, machine, tmp_path, has, made):
    has(machine, service, tmp_path)
    with made(sys.modules["azure.identity"]) as credential, AzureOpenAI(**at(service), credential=credential) as client:
        chat(client)
        first = claims_of(client)["uti"]
        revoke(service)
        assert "“Hello”" in chat(client)
        assert claims_of(client)["uti"] != first


@pytest.mark.parametrize("name", ["secret", "virtual machine"])
def test_a_revoked_token_of_an_asynchronous_credential(service, machine, tmp_path, name):
    has, made = next(row[1:] for row in CREDENTIALS if row[0] == name)
    has(machine, service, tmp_path)

    async def main() -> None:
        credential = made(aio, connection_verify=service.ca_file)
        async with credential, AsyncAzureOpenAI(**at(service), credential=credential) as client:
            await achat(client)
            await asyncio.to_thread(revoke, service)
            assert "“Hello”" in await achat(client)

    asyncio.run(main())


def test_az_is_asked_for_another_login_where_a_token_was_revoked(service, machine, tmp_path):
    azure_cli(machine, service, tmp_path)
    client = AzureOpenAI(**at(service), credential=AzureCliCredential())
    chat(client)
    revoke(service)
    with pytest.raises(CredentialUnavailableError, match="az login --claims-challenge"):
        chat(client)


# ---- who may not


def test_without_the_role(service):
    credential = ClientSecretCredential(TENANT, NO_ROLE, "s3cret", authority=service.azure_endpoint, **NO_DISCOVERY)
    with credential, AzureOpenAI(**at(service), credential=credential) as client:
        with pytest.raises(AuthenticationError, match="Cognitive Services OpenAI User") as caught:
            chat(client)
        assert caught.value.code == "PermissionDenied"
        assert "`Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action`" in str(caught.value)
        before = api_calls(service)
        with pytest.raises(AuthenticationError):
            chat(client)
        assert api_calls(service) == before + 1, "another token has no other roles"


def test_a_token_for_something_else(service, machine, tmp_path):
    virtual_machine(machine, service, tmp_path)
    with ManagedIdentityCredential() as credential:
        client = AzureOpenAI(**at(service), credential=credential, credential_scope="https://management.azure.com/.default")
        with pytest.raises(AuthenticationError, match=r"audience is incorrect.*https://management\.azure\.com"):
            chat(client)


def test_a_token_of_another_directory(service):
    other = "33333333-3333-4333-8333-333333333333"
    credential = ClientSecretCredential(other, CLIENT, "s3cret", authority=service.azure_endpoint, **NO_DISCOVERY)
    with credential, pytest.raises(BadRequestError, match=f"Token tenant {other} does not match resource tenant"):
        chat(AzureOpenAI(**at(service), credential=credential))


def test_keys_are_disabled(service):
    with pytest.raises(PermissionDeniedError, match="Key based authentication is disabled"):
        chat(AzureOpenAI(**at(service), api_key="any"))


def test_a_token_that_nobody_issued(service):
    with pytest.raises(AuthenticationError, match="Access token is missing, invalid"):
        chat(AzureOpenAI(**at(service), azure_ad_token="e30.e30.e30"))


def test_the_workload_credential_by_name(service, machine, tmp_path):
    """With the arguments that others leave to the environment."""
    kubernetes(machine, service, tmp_path)
    path = os.environ.pop("AZURE_FEDERATED_TOKEN_FILE")
    options: Any = {"tenant_id": TENANT, "client_id": CLIENT, "token_file_path": path, **NO_DISCOVERY}
    with WorkloadIdentityCredential(**options) as credential:
        assert "“Hello”" in chat(AzureOpenAI(**at(service), credential=credential))


@pytest.mark.parametrize("module", [azure_identity, aio])
def test_no_pickle_holds_a_secret_of_a_credential(service, machine, tmp_path, module):
    """azure-identity's own pickles do, and a client is pickled with its credential."""
    secret(machine, service, tmp_path)
    kind: Any = AzureOpenAI if module is azure_identity else AsyncAzureOpenAI
    for made in (of_secret(module), module.ChainedTokenCredential(module.ManagedIdentityCredential(), of_secret(module))):
        for holder in (kind(**at(service, credential=made)), Deployment(azure_endpoint=service.azure_endpoint, credential=made)):
            with pytest.raises(OpenAIError, match=r"ClientSecretCredential holds a secret.*EnvironmentCredential\(\)"):
                pickle.dumps(holder)
    for made in (module.EnvironmentCredential(), module.DefaultAzureCredential()):
        assert b"s3cret" in pickle.dumps(made)
        pickled = pickle.dumps(kind(**at(service, credential=made)))
        assert b"s3cret" not in pickled
        again = pickle.loads(pickled)._settings.tokens._credential
        assert type(again) is type(made)
        if type(made) is module.DefaultAzureCredential:
            assert [type(one) for one in again.credentials] == [type(one) for one in made.credentials]
        assert b"s3cret" in pickle.dumps(again)  # which was found again, and of which `made` has lost nothing
        assert b"s3cret" in pickle.dumps(made)


def test_a_pickled_client_has_the_identity_of_its_new_machine(service, machine, tmp_path):
    made = AzureOpenAI(**at(service, credential=DefaultAzureCredential()))
    pickled = pickle.dumps(made)
    machine.delenv("AZURE_CLIENT_ID", raising=False)
    who = virtual_machine(machine, service, tmp_path)
    with pickle.loads(pickled) as client:
        assert chat(client)
        assert claims_of(client)["appid"] == who
        chat(pickle.loads(pickle.dumps(client)))  # which had been used
