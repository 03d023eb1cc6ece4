"""Where Kubernetes, Azure and Google Cloud keep the tokens of their workloads."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Iterator
from inspect import signature
from typing import Any
from urllib.parse import parse_qs

import httpx
import httpx2
import pytest
from memory_clients import chat
from token_service import SUBJECT, Service, client, identity

from ceyx import auth
from ceyx.errors import SubjectTokenProviderError


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Service() as service:
        yield service


def test_kubernetes(tmp_path):
    path = tmp_path / "token"
    provider = auth.k8s_service_account_token_provider(path)
    assert provider["token_type"] == "jwt"
    with pytest.raises(SubjectTokenProviderError, match=r"cannot read .*token': No such file.*pod"):
        provider["get_token"]()
    path.write_text(" \n")
    with pytest.raises(SubjectTokenProviderError, match="is empty"):
        provider["get_token"]()
    path.write_bytes(b"\xff s3cret")
    with pytest.raises(SubjectTokenProviderError, match="UnicodeDecodeError") as caught:
        provider["get_token"]()
    assert "s3cret" not in str(caught.value)
    path.write_text("first\n")
    assert provider["get_token"]() == "first"
    path.write_text("second")
    assert provider["get_token"]() == "second"
    assert auth.k8s_service_account_token_provider(str(path))["get_token"]() == "second"


def test_kubernetes_mounts_the_token_here():
    with pytest.raises(SubjectTokenProviderError, match=r"'/var/run/secrets/kubernetes\.io/serviceaccount/token'"):
        auth.k8s_service_account_token_provider()["get_token"]()


def azure(**options: Any) -> auth.SubjectTokenProvider:
    return auth.azure_managed_identity_token_provider(**options)


def google(**options: Any) -> auth.SubjectTokenProvider:
    return auth.gcp_id_token_provider(**options)


@pytest.fixture
def metadata(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that is the metadata service of both clouds."""
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"{service.url}/")
    monkeypatch.setenv("GCE_METADATA_HOST", service.host)
    return service


@pytest.mark.parametrize("library", [httpx, httpx2, None])
def test_azure(metadata, library):
    assert azure()["token_type"] == "jwt"
    ids = {"object_id": "o/1", "client_id": "c", "msi_res_id": "/subscriptions/s"}
    options: Any = {"resource": "api://x y", "api_version": "2019-08-01", **ids, "timeout": 3}
    if library is None:
        assert azure(**options)["get_token"]() == SUBJECT
    else:
        with library.Client() as http_client:
            assert azure(http_client=http_client, **options)["get_token"]() == SUBJECT
            assert not http_client.is_closed
    [asked] = metadata.asked
    path, _, query = asked.path.partition("?")
    assert (asked.method, path, asked.headers["metadata"]) == ("GET", "/metadata/identity/oauth2/token", "true")
    assert parse_qs(query) == {
        "api-version": ["2019-08-01"],
        "resource": ["api://x y"],
        **{name: [value] for name, value in ids.items()},
    }


@pytest.mark.parametrize("library", [httpx, httpx2, None])
def test_google(metadata, library):
    metadata.metadata = lambda: (200, f"{SUBJECT}\n".encode())
    assert google()["token_type"] == "id"
    if library is None:
        assert google(audience="https://a b")["get_token"]() == SUBJECT
    else:
        with library.Client() as http_client:
            assert google(audience="https://a b", http_client=http_client)["get_token"]() == SUBJECT
    [asked] = metadata.asked
    path, _, query = asked.path.partition("?")
    assert path == "/computeMetadata/v1/instance/service-accounts/default/identity"
    assert (asked.method, asked.headers["metadata-flavor"], parse_qs(query)) == ("GET", "Google", {"audience": ["https://a b"]})


@pytest.mark.parametrize("platform", ["azure_managed_identity_token_provider", "gcp_id_token_provider"])
def test_metadata_is_asked_as_the_openai_package_asks(platform):
    """In memory: the addresses of the clouds themselves."""
    from openai import auth as theirs

    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        flavor = request.headers.get("metadata") or request.headers["metadata-flavor"]
        asked.append((request.method, request.url.copy_with(query=None), sorted(request.url.params.multi_items()), flavor))
        return httpx.Response(200, content=json.dumps({"access_token": SUBJECT}))

    options: Any = {"client_id": "c"} if "azure" in platform else {}
    with httpx.Client(transport=httpx.MockTransport(answer)) as http_client:
        tokens = [getattr(module, platform)(http_client=http_client, **options)["get_token"]() for module in (auth, theirs)]
    assert tokens[0] == tokens[1]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("platform", [azure, google])
def test_a_metadata_service_that_refuses(metadata, platform):
    metadata.metadata = lambda: (400, {"error": "invalid_request", "error_description": "Identity not found"})
    with pytest.raises(SubjectTokenProviderError, match=r"with 400 \(invalid_request: Identity not found\)") as caught:
        platform()["get_token"]()
    error = caught.value
    assert error.response is not None
    assert error.response.status_code == 400
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"access_token": ""}', b'{"access_token": 7}'])
def test_azure_without_a_token(metadata, answer):
    metadata.metadata = lambda: (200, answer)
    with pytest.raises(SubjectTokenProviderError, match="without an access_token"):
        azure()["get_token"]()


def test_google_without_a_token(metadata):
    metadata.metadata = lambda: (200, b" \n")
    with pytest.raises(SubjectTokenProviderError, match="an empty token"):
        google()["get_token"]()


@pytest.mark.parametrize("platform", [azure, google])
def test_a_machine_without_a_metadata_service(environment, platform):
    environment.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")
    environment.setenv("GCE_METADATA_HOST", "127.0.0.1:9")
    with pytest.raises(
        SubjectTokenProviderError, match=r"cannot connect to http://127\.0\.0\.1:9.*only on machines of that cloud"
    ):
        platform()["get_token"]()


def test_a_metadata_service_that_does_not_answer(metadata):
    metadata.metadata = lambda: time.sleep(0.5) or (200, b"late")
    with pytest.raises(SubjectTokenProviderError, match=r"for 0\.1 s"):
        google(timeout=0.1)["get_token"]()


@pytest.mark.parametrize("platform", [azure, google])
def test_no_proxy_asks_for_a_token_of_this_machine(metadata, environment, platform):
    environment.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    metadata.metadata = lambda: (200, {"access_token": SUBJECT})
    with pytest.raises(SubjectTokenProviderError, match=r"add 127\.0\.0\.1 to NO_PROXY"):
        platform()["get_token"]()
    assert metadata.asked == []
    environment.setenv("NO_PROXY", "127.0.0.1")
    assert SUBJECT in platform()["get_token"]()


@pytest.mark.parametrize("provider", [azure(), google(), auth.k8s_service_account_token_provider()], ids=str)
def test_providers_can_be_pickled(provider):
    assert pickle.dumps(pickle.loads(pickle.dumps(provider))) == pickle.dumps(provider)


def test_a_client_on_azure(metadata):
    chat(client(metadata, who=identity(metadata, provider=azure())))
    assert metadata.tokens == ["Bearer access-1"]
    assert json.loads(metadata.exchanges[0].body)["subject_token"] == SUBJECT


@pytest.mark.parametrize("name", ["k8s_service_account", "azure_managed_identity", "gcp_id"])
def test_providers_take_what_those_of_the_openai_package_take(name):
    from openai import auth as theirs

    ours, wanted = (signature(getattr(module, f"{name}_token_provider")) for module in (auth, theirs))
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in wanted.parameters.values()
    ]
