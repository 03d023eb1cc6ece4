"""Entra ID and TLS as the service plays them: token endpoints, what it verifies of a token, the authority of its certificate."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from ceyx import APIConnectionError, AzureOpenAI, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.identity.entra import TENANT, Entra
from ceyx.service.identity.issuer import SYSTEM_ASSIGNED, Issuer, Unacceptable, principal_of

RESOURCE = "https://cognitiveservices.azure.com"
ASK: Any = [{"role": "user", "content": "Hello"}]
ASSERTION = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": "a.b.c"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalService]:
    """A service that verifies tokens, and knows one client by its secret."""
    entra = Entra(secrets={"one": "s3cret"}, without_role=frozenset({"outsider"}), token_seconds=600)
    with LocalService(Settings(entra=entra)) as running:
        yield running


Answer = tuple[int, Any]


def asked(service: LocalService, method: str, path: str, token: str | None = None, **options: Any) -> Answer:
    headers = {**options.pop("headers", {}), **({"authorization": f"Bearer {token}"} if token is not None else {})}
    answer = urllib3.request(method, f"{service.azure_endpoint}{path}", headers=headers, **options)
    return answer.status, json.loads(answer.data)


def granted(service: LocalService, tenant: str = TENANT, **changes: str | None) -> Answer:
    """What the token endpoint answers to a good request with these changes."""
    form: Any = {
        "grant_type": "client_credentials",
        "client_id": "one",
        "client_secret": "s3cret",
        "scope": f"{RESOURCE}/.default",
    }
    fields = {name: value for name, value in {**form, **changes}.items() if value is not None}
    return asked(service, "POST", f"/{tenant}/oauth2/v2.0/token", body=urlencode(fields))


def token(service: LocalService, **query: str) -> str:
    fields = {"api-version": "2018-02-01", "resource": RESOURCE, **query}
    return str(
        asked(service, "GET", "/metadata/identity/oauth2/token", fields=fields, headers={"Metadata": "true"})[1]["access_token"]
    )


def chat(service: LocalService, token: str | None, **headers: str) -> Answer:
    path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    return asked(service, "POST", path, token, json={"messages": ASK}, headers=headers)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


# ---- the token endpoint


def test_a_token_by_a_secret(guarded):
    status, answer = granted(guarded)
    assert status == 200
    assert (answer["token_type"], answer["expires_in"], answer["ext_expires_in"]) == ("Bearer", 600, 600)
    claims = claims_of(answer["access_token"])
    assert (claims["aud"], claims["tid"], claims["appid"], claims["oid"]) == (RESOURCE, TENANT, "one", principal_of("one"))
    assert claims["exp"] - claims["iat"] == 600
    assert claims["iss"] == f"https://sts.windows.net/{TENANT}/"
    assert chat(guarded, answer["access_token"])[0] == 200


def test_a_token_by_an_assertion(guarded):
    status, answer = granted(guarded, client_id="workload", client_secret=None, **ASSERTION)
    assert status == 200
    assert chat(guarded, answer["access_token"])[0] == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": "schlüssel"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_id": "two"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"client_id": "x" * 5000}, 400, "invalid_request", 900144),
        ({"scope": RESOURCE}, 400, "invalid_scope", 1002012),
        ({"scope": f"https://{'x' * 5000}/.default"}, 400, "invalid_scope", 1002012),
        ({"scope": None}, 400, "invalid_scope", 1002012),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": None}, 400, "unsupported_grant_type", 70003),
        ({**ASSERTION, "client_assertion": " "}, 401, "invalid_client", 50027),
        ({**ASSERTION, "client_assertion_type": "x"}, 401, "invalid_client", 50027),
    ],
)
def test_what_the_token_endpoint_refuses(guarded, changes, status, error, code):
    got, answer = granted(guarded, **changes)
    assert (got, answer["error"], answer["error_codes"]) == (status, error, [code])
    assert answer["error_description"].startswith(f"AADSTS{code}: ")
    assert "s3cret" not in str(answer)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"=&=&&", b"grant_type"])
def test_a_body_that_is_no_form(guarded, body):
    assert asked(guarded, "POST", f"/{TENANT}/oauth2/v2.0/token", body=body)[0] == 400


def test_a_body_that_is_too_large(guarded):
    assert asked(guarded, "POST", f"/{TENANT}/oauth2/v2.0/token", body=b"x" * (64 * 1024 * 1024 + 1))[0] == 413


def test_the_documents_that_lead_to_the_token_endpoint(guarded):
    origin = guarded.azure_endpoint
    status, found = asked(guarded, "GET", "/common/discovery/instance?api-version=1.1&authorization_endpoint=x")
    assert status == 200
    host = origin.removeprefix("http://")
    assert found["metadata"] == [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]
    status, document = asked(guarded, "GET", found["tenant_discovery_endpoint"].removeprefix(origin))
    assert status == 200
    assert document["token_endpoint"] == f"{origin}/{TENANT}/oauth2/v2.0/token"
    assert document["issuer"] == f"{origin}/{TENANT}/v2.0"
    assert asked(guarded, "GET", document["jwks_uri"].removeprefix(origin)) == (200, {"keys": []})


# ---- managed identities


def test_the_identity_of_a_machine(guarded):
    fields = {"api-version": "2018-02-01", "resource": RESOURCE}
    status, answer = asked(guarded, "GET", "/metadata/identity/oauth2/token", fields=fields, headers={"Metadata": "true"})
    assert status == 200
    assert {name: answer[name] for name in ("client_id", "resource", "token_type", "expires_in")} == {
        "client_id": SYSTEM_ASSIGNED, "resource": RESOURCE, "token_type": "Bearer", "expires_in": "600",
    }  # fmt: skip
    assert int(answer["expires_on"]) == pytest.approx(time.time() + 600, abs=5)
    assert claims_of(token(guarded, client_id="assigned"))["appid"] == "assigned"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("api-version=2018-02-01&resource=x", {}),
        ("api-version=2018-02-01&resource=x", {"Metadata": "false"}),
        ("resource=x", {"Metadata": "true"}),
        ("api-version=2018-02-01", {"Metadata": "true"}),
    ],
)
def test_what_a_machine_is_refused(guarded, query, headers):
    status, answer = asked(guarded, "GET", f"/metadata/identity/oauth2/token?{query}", headers=headers)
    assert (status, answer["error"]) == (400, "invalid_request")


def test_the_identity_of_an_app_service(guarded):
    query = f"api-version=2019-08-01&resource={RESOURCE}"
    status, answer = asked(guarded, "GET", f"/msi/token?{query}", headers={"X-IDENTITY-HEADER": "any"})
    assert status == 200
    assert chat(guarded, answer["access_token"])[0] == 200
    assert asked(guarded, "GET", f"/msi/token?{query}")[0] == 401
    for missing in ("api-version=1", "resource=x"):
        assert asked(guarded, "GET", f"/msi/token?{missing}", headers={"X-IDENTITY-HEADER": "any"})[0] == 400


# ---- what is verified


BAD = f"Unauthorized. Access token is missing, invalid, audience is incorrect ({RESOURCE}), or have expired."


def tampered(text: str, **claims: Any) -> str:
    header, _, signature = text.split(".")
    payload = base64.urlsafe_b64encode(json.dumps({**claims_of(text), **claims}).encode()).decode().rstrip("=")
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "x",
        lambda text: "a.b.c",
        lambda text: "...",
        lambda text: text[:-1],
        lambda text: text.rpartition(".")[0] + ".",
        lambda text: tampered(text, appid="other"),
        lambda text: Issuer().issue(RESOURCE, "one", TENANT, 600).text,
        lambda text: "ü" * 20,
    ],
)
def test_a_token_that_is_not_ours(guarded, damage):
    status, answer = chat(guarded, damage(token(guarded)))
    assert status == 401
    assert answer["statusCode"] == 401
    assert answer["message"].startswith(BAD)


def test_a_token_for_something_else(guarded):
    status, answer = chat(guarded, token(guarded, resource="https://management.azure.com"))
    assert (status, answer["message"]) == (401, f"{BAD} (It is for https://management.azure.com.)")


@pytest.mark.parametrize("resource", [f"{RESOURCE}/", "https://cognitiveservices.azure.us", "https://ai.azure.com"])
def test_a_token_for_azure_openai_in_other_words(guarded, resource):
    assert chat(guarded, token(guarded, resource=resource))[0] == 200


def test_a_token_that_expired():
    now = [1_700_000_000.0]
    issuer = Issuer(lambda: now[0])
    text = issuer.issue(RESOURCE, "one", TENANT, 10).text
    now[0] += 9
    assert issuer.read(text)["appid"] == "one"
    now[0] += 2
    with pytest.raises(Unacceptable, match="it expired 1 s ago"):
        issuer.read(text)


def test_a_token_of_another_directory(guarded):
    _, answer = granted(guarded, tenant="elsewhere")
    status, refusal = chat(guarded, answer["access_token"])
    assert (status, refusal["error"]["code"]) == (400, "Tenant provided in token does not match resource token")
    assert granted(guarded, tenant="common")[1]["access_token"]


@pytest.mark.parametrize(
    ("method", "path", "action", "operation"),
    [
        (
            "POST",
            "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
            "deployments/chat/completions/action",
            "POST /openai/deployments/{deployment-id}/chat/completions",
        ),
        (
            "POST",
            "/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-10-21",
            "deployments/embeddings/action",
            "POST /openai/deployments/{deployment-id}/embeddings",
        ),
        ("POST", "/openai/v1/chat/completions", "deployments/chat/completions/action", "POST /openai/v1/chat/completions"),
        ("POST", "/openai/v1/responses", "responses/write", "POST /openai/v1/responses"),
        ("GET", "/openai/v1/models", "models/read", "GET /openai/v1/models"),
        ("DELETE", "/openai/files/f?api-version=2024-10-21", "files/delete", "DELETE /openai/files/f"),
    ],
)
def test_who_has_no_role_is_told_what_it_must_allow(guarded, method, path, action, operation):
    status, answer = asked(guarded, method, path, token(guarded, client_id="outsider"), json={} if method == "POST" else None)
    principal = principal_of("outsider")
    assert (status, answer["error"]["code"]) == (401, "PermissionDenied")
    assert answer["error"]["message"] == (
        f"The principal `{principal}` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/{action}` "
        f"to perform `{operation}` operation."
    )


def test_a_revoked_token_comes_back_with_a_challenge(guarded):
    old = token(guarded)
    assert asked(guarded, "POST", "/_ceyx/identity/revoke")[0] == 200
    url = f"{guarded.azure_endpoint}/openai/v1/models"
    answer = urllib3.request("GET", url, headers={"authorization": f"Bearer {old}"})
    assert answer.status == 401
    assert 'error="insufficient_claims"' in answer.headers["www-authenticate"]
    assert asked(guarded, "GET", "/openai/v1/models", token(guarded))[0] == 200


def test_keys_beside_tokens(guarded):
    assert chat(guarded, None, **{"api-key": "any"})[1]["error"]["code"] == "AuthenticationTypeDisabled"
    assert chat(guarded, None)[0] == 401
    with LocalService(Settings(entra=Entra(), keys=frozenset({"key"}))) as both:
        assert [chat(both, None, **{"api-key": key})[0] for key in ("key", "wrong")] == [200, 401]
        assert [chat(both, text)[0] for text in ("key", token(both), "wrong")] == [200, 200, 401]


def test_openai_has_no_entra(guarded):
    with OpenAI(base_url=guarded.url, api_key="any") as client:
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"


def test_without_entra_tokens_are_given_and_nothing_is_verified(service):
    assert chat(service, token(service))[0] == 200
    assert chat(service, "anything")[0] == 200


def test_a_batch_of_a_service_that_verifies_tokens(guarded):
    """Its lines are requests of the service to itself."""
    client = AzureOpenAI(azure_endpoint=guarded.azure_endpoint, api_version="2024-10-21", azure_ad_token=token(guarded))
    line = {"custom_id": "1", "method": "POST", "url": "/chat/completions", "body": {"model": "gpt-4o", "messages": ASK}}
    file = client.files.create(file=("lines.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    end = time.monotonic() + 10
    while batch.status not in ("completed", "failed") and time.monotonic() < end:
        time.sleep(0.02)
        batch = client.batches.retrieve(batch.id)
    assert (batch.status, batch.request_counts and batch.request_counts.completed) == ("completed", 1)


@pytest.mark.parametrize("wrong", [{"token_seconds": 0}, {"audiences": frozenset()}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Entra(**wrong)


# ---- TLS


def test_tls_of_an_authority_of_its_own():
    with LocalService(Settings(tls=True)) as service:
        assert service.url.startswith("https://127.0.0.1:")
        with OpenAI(base_url=service.url, api_key="any", verify=service.ca_file) as client:
            assert client.models.retrieve("gpt-4o").id == "gpt-4o"
        by_name = service.url.replace("127.0.0.1", "localhost")
        with urllib3.PoolManager(ca_certs=service.ca_file) as pool:
            assert pool.request("GET", f"{by_name}/models").status == 200
        with (
            OpenAI(base_url=service.url, api_key="any", max_retries=0) as client,
            pytest.raises(APIConnectionError, match="trusted"),
        ):
            client.models.list()
        path = Path(service.ca_file)
        assert "PRIVATE KEY" not in path.read_text()
    assert not path.exists()
    with pytest.raises(RuntimeError, match="does not run with TLS"):
        _ = service.ca_file


def test_the_certificate_where_it_was_asked_for(tmp_path):
    path = tmp_path / "ca.pem"
    for _ in range(2):
        with LocalService(Settings(ca_file=path)) as service:
            assert service.ca_file == str(path)
            ssl.create_default_context(cafile=path)
            with OpenAI(base_url=service.url, api_key="any", verify=ssl.create_default_context(cafile=path)) as client:
                assert client.models.retrieve("gpt-4o").id == "gpt-4o"
    assert path.exists()


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        LocalService(Settings(ca_file=tmp_path / "nowhere" / "ca.pem")).start()


def test_tls_needs_trustme(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "trustme", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ceyx\[tls\]'"):
        LocalService(Settings(tls=True)).start()


def test_streams_and_faults_through_tls():
    with (
        LocalService(Settings(tls=True)) as service,
        OpenAI(base_url=service.url, api_key="any", verify=service.ca_file) as client,
    ):
        stream = client.chat.completions.create(model="gpt-4o", messages=ASK, stream=True)
        assert "“Hello”" in "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        for fault in ("hang-up", "reset", "cut;events=2"):
            ordered: Any = {"extra_headers": {"x-ceyx-fault": fault}, "stream": "cut" in fault}
            with pytest.raises(APIConnectionError):
                list(client.with_options(max_retries=0).chat.completions.create(model="gpt-4o", messages=ASK, **ordered))
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"
