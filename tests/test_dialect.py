"""Where calls go, for every shape of address a user may paste."""

from __future__ import annotations

import pytest

from ceyx import AzureOpenAI, UnsupportedByVersionError, dialect
from ceyx.dialect import is_of_provider, provider_at
from ceyx.wire.call import Call

HOST = "https://contoso.openai.azure.com"
VERSION = "2024-10-21"
BELOW = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/audio/transcriptions",
    "/audio/translations",
    "/audio/speech",
    "/images/generations",
    "/images/edits",
]
ELSEWHERE = [
    "/images/variations",
    "/files",
    "/batches",
    "/fine_tuning/jobs",
    "/models",
    "/moderations",
    "/responses",
    "/vector_stores",
    "/assistants",
    "/uploads",
    "/containers",
    "/conversations",
    "/evals",
    "/videos",
    "/realtime/client_secrets",
]


def azure(endpoint=None, *, base_url=None, deployment=None, version=VERSION):
    given = {"endpoint": endpoint, "base_url": base_url, "deployment": deployment, "api_version": version}
    return dialect.azure(**given, otherwise=None)


def call(path, method="POST", **body):
    return Call(method, path, dict, body)


# ---- which calls go below a deployment


@pytest.mark.parametrize("path", BELOW)
@pytest.mark.parametrize(("deployment", "segment"), [(None, "dep%20x%2F1"), ("DEP", "DEP"), ("a b/c", "a%20b%2Fc")])
def test_eight_endpoints_go_below_a_deployment(path, deployment, segment):
    assert azure(HOST, deployment=deployment).path(call(path, model="dep x/1")) == f"/openai/deployments/{segment}{path}"


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("deployment", [None, "DEP"])
def test_the_others_do_not(path, deployment):
    assert azure(HOST, deployment=deployment).path(call(path, model="m")) == f"/openai{path}"


@pytest.mark.parametrize("deployment", [None, "DEP"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/chat/completions"), ("GET", "/chat/completions/id"), ("POST", "/chat/completions/id")]
)
def test_stored_completions_are_of_the_resource(method, path, deployment):
    assert azure(HOST, deployment=deployment).path(call(path, method)) == f"/openai{path}"


@pytest.mark.parametrize("deployment", ["a/../../x", "d?api-version=evil", "d#f", "...", "ü"])
def test_a_deployment_is_one_segment(deployment):
    path = azure(HOST).path(call("/embeddings", model=deployment))
    assert path.count("/") == 4
    assert path.isascii()
    assert not set("?#") & set(path)
    assert path.split("/")[3] not in (".", "..")


@pytest.mark.parametrize("body", [{}, {"model": ""}, {"model": None}])
def test_a_call_without_a_deployment_says_how_to_name_one(body):
    with pytest.raises(ValueError, match="azure_deployment="):
        azure(HOST).path(call("/embeddings", **body))


# ---- addresses of Azure


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        (HOST, "/openai/deployments/m/chat/completions"),
        (f"{HOST}/", "/openai/deployments/m/chat/completions"),
        (f" {HOST}/\n", "/openai/deployments/m/chat/completions"),
        (f"{HOST}/openai", "/openai/deployments/m/chat/completions"),
        (f"{HOST}/openai/", "/openai/deployments/m/chat/completions"),
        (f"{HOST}/openai/deployments/DEP", "/openai/deployments/DEP/chat/completions"),
        (f"{HOST}/openai/deployments/DEP/", "/openai/deployments/DEP/chat/completions"),
        (f"{HOST}/openai/deployments/a%20b/embeddings", "/openai/deployments/a%20b/chat/completions"),
        (f"{HOST}/openai/deployments/DEP/chat/completions?api-version=2023-05-15", "/openai/deployments/DEP/chat/completions"),
        (f"{HOST}/openai/v1", "/openai/v1/chat/completions"),
        (f"{HOST}/openai/v1/", "/openai/v1/chat/completions"),
        (f"{HOST}/openai/v1/chat/completions", "/openai/v1/chat/completions"),
        (f"{HOST}/openai/v1/responses?api-version=preview", "/openai/v1/chat/completions"),
        (f"{HOST}/openai/responses?api-version=2025-04-01-preview", "/openai/deployments/m/chat/completions"),
        (f"{HOST}/openai/models?api-version=2024-10-21", "/openai/deployments/m/chat/completions"),
        ("https://gateway.contoso.com/team-a", "/team-a/openai/deployments/m/chat/completions"),
        ("https://gateway.contoso.com/team-a/openai", "/team-a/openai/deployments/m/chat/completions"),
        ("https://contoso.services.ai.azure.com", "/openai/deployments/m/chat/completions"),
        ("https://contoso.cognitiveservices.azure.com/", "/openai/deployments/m/chat/completions"),
        ("http://localhost:8000", "/openai/deployments/m/chat/completions"),
        ("localhost:8000", "/openai/deployments/m/chat/completions"),
        ("127.0.0.1:8000/openai/v1", "/openai/v1/chat/completions"),
        ("[::1]:8000", "/openai/deployments/m/chat/completions"),
    ],
)
def test_every_shape_of_endpoint_is_understood(endpoint, path):
    made = azure(endpoint)
    assert made.path(call("/chat/completions", model="m")) == path
    assert made.origin.startswith(("https://", "http://"))
    assert made.base_url.endswith("/")


FOUNDRY = "https://contoso.services.ai.azure.com"


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        (f"{HOST}/openai/openai", "/openai/deployments/m/chat/completions"),
        (f"{HOST}/openai/openai/v1/", "/openai/v1/chat/completions"),
        (f"{HOST}/v1", "/openai/v1/chat/completions"),
        (f"{HOST}/openai/v1/audio/speech", "/openai/v1/chat/completions"),
        (f"{FOUNDRY}/models", "/openai/deployments/m/chat/completions"),
        (f"{FOUNDRY}/models/chat/completions?api-version=2024-05-01-preview", "/openai/deployments/m/chat/completions"),
        (f"{FOUNDRY}/api/projects/p", "/openai/deployments/m/chat/completions"),
        (f"{FOUNDRY}/api/projects/p/openai", "/openai/deployments/m/chat/completions"),
        (f"{FOUNDRY}/api/projects/p/openai/v1", "/api/projects/p/openai/v1/chat/completions"),
        ("https://gateway/api/projects/p", "/api/projects/p/openai/deployments/m/chat/completions"),  # which may have any path
        ("https://gateway/v1", "/v1/openai/deployments/m/chat/completions"),
    ],
)
def test_what_is_no_part_of_an_endpoint_is_left_out(endpoint, path):
    assert azure(endpoint).path(call("/chat/completions", model="m")) == path


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("https://portal.azure.com/#@contoso.com/resource/subscriptions/1", "a page of the portal .*Keys and Endpoint"),
        ("https://portal.azure.us/", "a page of the portal"),
        ("https://ai.azure.com/foundry", "a page of the portal"),
        ("https://oai.azure.com/", "a page of the portal"),
        ("https://learn.microsoft.com/azure/ai-services/openai", "a page of the portal"),
        ("https://openai.azure.com", "names no resource"),
        ("https://services.ai.azure.com/openai/v1", "names no resource"),
        ("https://<your-resource>.openai.azure.com", "still has a placeholder"),
        ("https://{endpoint}/", "still has a placeholder"),
    ],
)
@pytest.mark.parametrize("make", [azure, lambda pasted: dialect.openai(pasted, "base_url")], ids=["azure", "openai"])
def test_what_is_no_endpoint_is_refused(make, pasted, said):
    with pytest.raises(ValueError, match=said):
        make(pasted)


def test_openais_own_address_is_no_azure_endpoint():
    with pytest.raises(ValueError, match=r"azure_endpoint is https://api.openai.com, .* use OpenAI\(\)"):
        azure("https://api.openai.com/v1")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/openai/v1", "/openai/v1/chat/completions"])
def test_an_azure_resource_is_asked_for_v1_by_the_other_clients(path):
    assert dialect.openai(f"{HOST}{path}").base_url == f"{HOST}/openai/v1/"


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        (f"{HOST}/openai", "/openai/deployments/m/embeddings"),
        (f"{HOST}/openai/deployments/DEP", "/openai/deployments/DEP/embeddings"),
        (f"{HOST}/openai/v1/", "/openai/v1/embeddings"),
        ("https://gateway/x", "/x/deployments/m/embeddings"),
    ],
)
def test_a_base_url_is_used_as_it_stands(base_url, path):
    assert azure(base_url=base_url).path(call("/embeddings", model="m")) == path


@pytest.mark.parametrize(
    ("endpoint", "version", "query"),
    [
        (HOST, VERSION, {"api-version": VERSION}),
        (f"{HOST}/openai/deployments/d/embeddings?api-version=2023-05-15", None, {"api-version": "2023-05-15"}),
        (f"{HOST}?api-version=2023-05-15", VERSION, {"api-version": VERSION}),
        (f"{HOST}/openai/v1", None, {}),
        (f"{HOST}/openai/v1", VERSION, {}),  # dated versions are not of v1
        (f"{HOST}/openai/v1", "preview", {"api-version": "preview"}),
        (f"{HOST}/openai/v1?api-version=preview", None, {"api-version": "preview"}),
        ("https://gateway?team=a", VERSION, {"team": "a", "api-version": VERSION}),
    ],
)
def test_the_version(endpoint, version, query):
    assert azure(endpoint, version=version).query == query


def test_the_version_may_come_from_elsewhere_and_must_come_from_somewhere():
    assert dialect.azure(endpoint=HOST, base_url=None, deployment=None, api_version=None, otherwise="env").query == {
        "api-version": "env"
    }
    with pytest.raises(ValueError, match="OPENAI_API_VERSION"):
        azure(HOST, version=None)


def test_two_deployments_are_one_too_many():
    with pytest.raises(ValueError, match=r"'a'.*'b'"):
        azure(f"{HOST}/openai/deployments/a", deployment="b")
    assert azure(f"{HOST}/openai/deployments/a", deployment="a").path(call("/embeddings")) == "/openai/deployments/a/embeddings"


def test_v1_puts_a_fixed_deployment_into_the_body():
    made = azure(f"{HOST}/openai/v1", deployment="DEP")
    asked, listed = call("/embeddings", model="m"), call("/models", "GET")
    assert made.path(asked) == "/openai/v1/embeddings"
    assert asked.body == {"model": "DEP"}
    assert made.path(listed) == "/openai/v1/models"


@pytest.mark.parametrize(
    ("made", "header", "scheme"),
    [
        (lambda: azure(HOST), "api-key", ""),
        (lambda: azure(f"{HOST}/openai/v1"), "api-key", ""),
        (lambda: dialect.openai(HOST), "authorization", "Bearer "),
    ],
)
def test_where_the_key_goes(made, header, scheme):
    assert (made().key_header, made().key_scheme) == (header, scheme)


# ---- addresses of OpenAI and its like


@pytest.mark.parametrize(
    ("base_url", "base"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/"),
        ("https://api.openai.com/v1/models", "https://api.openai.com/v1/"),
        (f"{HOST}/openai/v1/", f"{HOST}/openai/v1/"),
        ("localhost:11434/v1", "http://localhost:11434/v1/"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/"),
        ("https://host", "https://host/"),
        ("https://host/a/b", "https://host/a/b/"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1/"),
    ],
)
def test_base_urls(base_url, base):
    assert dialect.openai(base_url).base_url == base


def test_what_an_address_asks_for_is_asked_on_every_call():
    assert dialect.openai("https://host/v1?api-version=1&team=a").query == {"api-version": "1", "team": "a"}


def test_an_azure_deployment_is_not_for_openai():
    with pytest.raises(ValueError, match="use AzureOpenAI"):
        dialect.openai(f"{HOST}/openai/deployments/DEP")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "contoso",
        "contoso.openai.azure.com",
        "ftp://host",
        "https://",
        "https://a b",
        "https://host:port",
        "https://h\x00",
        "file:///x",
    ],
)
def test_what_is_no_address_is_named(url):
    with pytest.raises(ValueError, match=r"AZURE_OPENAI_ENDPOINT is .*looks like https://host/path"):
        dialect.parsed(url, "AZURE_OPENAI_ENDPOINT")


@pytest.mark.parametrize("url", ["https://user:s3cret@host/v1", "https://s3cret@host", "ftp://user:s3cret@host"])
def test_credentials_in_an_address_are_refused_and_not_shown(url):
    with pytest.raises(ValueError, match="base_url") as caught:
        dialect.parsed(url, "base_url")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("origin", "provider"),
    [
        ("https://contoso.openai.azure.com", "Azure"),
        ("https://contoso.services.ai.azure.us", "Azure"),
        ("https://swedencentral.api.cognitive.microsoft.com", "Azure"),  # resources without a name of their own
        ("https://chinaeast2.api.cognitive.azure.cn", "Azure"),
        ("https://api.openai.com", "OpenAI"),
        ("https://eu.api.openai.com:443", "OpenAI"),
        ("https://api.openai.com.", "OpenAI"),
        ("https://gateway.azure-api.net", None),
        ("https://contoso.eastus.inference.ml.azure.com", None),
        ("https://openai.azure.com.example.org", None),
        ("https://notopenai.com", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_who_answers_at_an_address(origin, provider):
    assert provider_at(origin) == provider
    assert is_of_provider(origin) is (provider is not None)


def test_the_address_of_a_region_is_one_of_azure():
    client = AzureOpenAI(azure_endpoint="https://eastus.api.cognitive.microsoft.com/", api_key="k", api_version="2024-10-21")
    assert str(client.base_url) == "https://eastus.api.cognitive.microsoft.com/openai/"
    with pytest.raises(UnsupportedByVersionError):
        client.audio.speech.create(model="tts", input="x", voice="alloy")
    with pytest.raises(ValueError, match="names no resource"):
        AzureOpenAI(azure_endpoint="https://api.cognitive.microsoft.com/", api_key="k", api_version="2024-10-21")
