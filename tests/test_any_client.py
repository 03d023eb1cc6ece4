"""What all clients share: copies, settings changed in place, secrets."""

from __future__ import annotations

import pickle
import traceback

import httpx
import pytest
from memory_clients import ENDPOINT, KEY, KINDS, VERSION, chat, connected, failure, make, reply, sent

from ceyx import NOT_GIVEN, AsyncAzureOpenAI, AzureOpenAI, OpenAI, Timeout, errors


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("copy", ["copy", "with_options"])
def test_a_copy_shares_connections_and_leaves_the_original_alone(kind, copy):
    client = make(kind, default_headers={"x-a": "1"}, default_query={"q": "1"}, timeout=9, organization="org")
    other = getattr(client, copy)(max_retries=7, timeout=3, default_headers={"x-b": "2"}, default_query={"r": "2"}, project="p")
    assert type(other) is kind
    assert other._transport is client._transport
    chat(other)
    headers = sent(client).headers
    assert (headers["x-a"], headers["x-b"], headers["openai-organization"], headers["openai-project"]) == ("1", "2", "org", "p")
    assert {"q": "1", "r": "2"}.items() <= other.default_query.items()
    assert (other.max_retries, other.timeout) == (7, Timeout(3))
    assert (client.max_retries, client.timeout, client.project) == (2, Timeout(9), None)
    chat(client)
    assert "x-b" not in sent(client).headers
    assert "r=2" not in sent(client).url


@pytest.mark.parametrize("kind", KINDS)
def test_set_default_headers_and_query_replace(kind):
    client = make(kind, default_headers={"x-a": "1"}, default_query={"q": "1"})
    other = client.copy(set_default_headers={"x-b": "2"}, set_default_query={})
    chat(other)
    assert ("x-a" in sent(client).headers, sent(client).headers["x-b"]) == (False, "2")
    assert "q=1" not in sent(client).url
    chat(client.copy(set_default_headers={}))
    assert "x-a" not in sent(client).headers


@pytest.mark.parametrize(
    "of", [lambda c: c.copy(), lambda c: c.copy(max_retries=NOT_GIVEN, timeout=NOT_GIVEN), lambda c: c.copy(api_key=None)]
)
def test_a_copy_without_changes_is_the_same_client(of):
    client = make(OpenAI, max_retries=5, timeout=7, deadline=9)
    other = of(client)
    assert (other.max_retries, other.timeout, other.api_key, other._settings.deadline) == (5, Timeout(7), KEY, 9)
    assert other._settings.budget is client._settings.budget


def test_a_copy_does_not_ask_the_environment_again(environment):
    environment.setenv("OPENAI_API_KEY", "from-env")
    environment.setenv("OPENAI_CUSTOM_HEADERS", "x-env: 1")
    client = connected(OpenAI())
    environment.delenv("OPENAI_API_KEY")
    environment.delenv("OPENAI_CUSTOM_HEADERS")
    other = client.copy(default_headers={"x-a": "1"}, base_url="https://other/v1")
    chat(other)
    headers = sent(client).headers
    assert (headers["authorization"], headers["x-env"], headers["x-a"]) == ("Bearer from-env", "1", "1")
    assert sent(client).url == "https://other/v1/chat/completions"


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"api_key": "other"}, ("api-key", "other")),
        ({"azure_ad_token": "t"}, ("authorization", "Bearer t")),
        ({"azure_ad_token_provider": lambda: "p"}, ("authorization", "Bearer p")),
    ],
)
@pytest.mark.parametrize("first", [{}, {"api_key": None, "azure_ad_token": "old"}])
def test_a_copy_with_another_credential_forgets_the_first(first, changes, header):
    client = make(AzureOpenAI, **first)
    chat(client.copy(**changes))
    headers = sent(client).headers
    assert {name: headers[name] for name in ("authorization", "api-key") if name in headers} == dict([header])


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"azure_deployment": "B"}, f"{ENDPOINT}/openai/deployments/B/chat/completions?api-version={VERSION}"),
        ({"api_version": "2099-01-01"}, f"{ENDPOINT}/openai/deployments/A/chat/completions?api-version=2099-01-01"),
        (
            {"azure_endpoint": "https://b.openai.azure.com"},
            f"https://b.openai.azure.com/openai/deployments/A/chat/completions?api-version={VERSION}",
        ),
        ({"base_url": "https://gateway/x"}, f"https://gateway/x/deployments/A/chat/completions?api-version={VERSION}"),
        ({"max_retries": 1}, f"{ENDPOINT}/openai/deployments/A/chat/completions?api-version={VERSION}"),
    ],
)
def test_copies_of_azure_clients_keep_the_rest_of_the_address(changes, url):
    client = make(AzureOpenAI, azure_deployment="A")
    chat(client.copy(**changes))
    assert sent(client).url == url
    assert client.base_url == f"{ENDPOINT}/openai/deployments/A/"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"max_retry": 1}, TypeError),
        ({"max_retries": -1}, ValueError),
        ({"timeout": "5"}, TypeError),
        ({"default_headers": {"a": "b\n"}}, ValueError),
    ],
)
def test_a_copy_checks_what_it_is_given(changes, error):
    with pytest.raises(error):
        make().copy(**changes)


def test_a_copy_with_another_proxy_connects_by_itself():
    client = make()
    assert client.copy(proxy="http://proxy:3128")._transport is not client._transport


# ---- settings, changed in place


def test_settings_can_be_set():
    client = make()
    other = client.copy()
    client.api_key, client.timeout, client.max_retries, client.organization, client.project = "new\n", 4, 0, "o", "p"
    chat(client)
    headers = sent(client).headers
    assert (headers["authorization"], headers["openai-organization"], headers["openai-project"]) == ("Bearer new", "o", "p")
    assert (client.timeout, client.max_retries) == (Timeout(4), 0)
    assert other.api_key == KEY
    with pytest.raises(ValueError, match="negative"):
        client.max_retries = -1


def test_the_address_is_a_string_with_parts():
    client = make(base_url="https://gateway:8443/a/v1")
    assert client.base_url == str(client.base_url) == "https://gateway:8443/a/v1/"
    assert (client.base_url.scheme, client.base_url.host, client.base_url.port, client.base_url.path) == (
        "https",
        "gateway",
        8443,
        "/a/v1/",
    )
    client.base_url = httpx.URL("https://other/v1")
    assert client.base_url.host == "other"
    assert client.copy(base_url=make(base_url="https://third/v1").base_url).base_url == "https://third/v1/"


def test_a_timeout_set_from_httpx_is_that_timeout():
    given = httpx.Timeout(5, connect=1)
    client = make(timeout=given)
    assert client.timeout == given
    client.timeout = httpx.Timeout(6)
    assert client.timeout == httpx.Timeout(6) != given


@pytest.mark.parametrize(
    ("kind", "arguments", "wanted"),
    [
        (OpenAI, {}, {"Authorization": f"Bearer {KEY}"}),
        (OpenAI, {"api_key": ""}, {}),
        (OpenAI, {"api_key": lambda: "k"}, {}),
        (AzureOpenAI, {}, {"Api-Key": KEY}),
        (AzureOpenAI, {"api_key": None, "azure_ad_token_provider": lambda: "t"}, {}),
    ],
)
def test_auth_headers_work_and_are_not_shown(kind, arguments, wanted):
    headers = make(kind, **arguments).auth_headers
    assert headers == wanted
    assert KEY not in repr(headers)


def test_what_else_is_read_of_clients():
    client = make(admin_api_key="sk-admin", default_headers={"user-agent": "mine"})
    assert (client.admin_api_key, client.custom_auth, client.user_agent) == ("sk-admin", None, "mine")
    assert "sk-admin" not in repr(client.admin_api_key)
    assert make().admin_api_key is None
    assert make().user_agent.startswith("ceyx/")


@pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI])
@pytest.mark.parametrize(
    ("arguments", "version", "deployment", "endpoint"),
    [
        ({"azure_deployment": "A"}, VERSION, "A", ENDPOINT),
        ({}, VERSION, None, ENDPOINT),
        ({"azure_endpoint": f"{ENDPOINT}/openai/v1", "api_version": None}, None, None, ENDPOINT),
        ({"azure_endpoint": "https://gateway/team/"}, VERSION, None, "https://gateway/team"),
    ],
)
def test_what_is_read_of_azure_clients(kind, arguments, version, deployment, endpoint):
    client = make(kind, **arguments)
    assert (client._api_version, client._azure_deployment, client._azure_endpoint) == (version, deployment, endpoint)
    assert client._azure_endpoint.host in endpoint


def test_other_clients_are_not_taken_for_azure_ones():
    assert not [name for name in ("_api_version", "_azure_deployment", "_azure_endpoint") if hasattr(make(), name)]


def test_a_client_whose_key_was_set_can_be_copied_and_pickled(environment):
    environment.setenv("AZURE_OPENAI_API_KEY", "env")
    client = make(AzureOpenAI, api_key=None, azure_ad_token="t")
    client.api_key = "new"
    chat(client.copy(default_headers={"x": "y"}))
    assert sent(client).headers["api-key"] == "new"
    assert pickle.loads(pickle.dumps(client)).base_url == client.base_url


# ---- secrets


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_shows_no_secret(kind):
    client = make(
        kind, admin_api_key="adm-s3cret", webhook_secret="whs-s3cret", default_headers={"Ocp-Apim-Subscription-Key": "sub-s3cret"}
    )
    chat(client)
    shown = [
        client,
        client.chat,
        client.api_key,
        client.default_headers,
        client.webhook_secret,
        sent(client),
        sent(client).headers,
    ]
    shown += [client.copy(default_headers={"x-api-key": "x-s3cret"}).default_headers, client._settings]
    assert not [one for one in shown if KEY in repr(one) or "s3cret" in repr(one)]
    assert KEY not in str(client)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [failure(401, "no"), reply({"error": "no"}), reply([])], ids=["401", "error", "list"])
def test_a_traceback_with_locals_shows_no_secret(kind, answer):
    client = make(kind, answer, max_retries=0, default_headers={"X-Api-Key": "hdr-s3cret"})
    with pytest.raises(errors.APIError) as caught:
        chat(client)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in frames.stack if "ceyx" in frame.filename]
    assert ours
    text = "".join(f"{name}={value}" for frame in ours for name, value in (frame.locals or {}).items())
    assert KEY not in text
    assert "hdr-s3cret" not in text
    assert b"s3cret" not in pickle.dumps(caught.value)
    assert KEY.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickled_client_carries_no_secret_and_finds_its_key_again(kind, environment):
    client = make(kind, max_retries=7, admin_api_key="s3cret", webhook_secret="s3cret", default_headers={"x-a": "b"})
    kept = pickle.dumps(client)
    assert KEY.encode() not in kept
    assert b"s3cret" not in kept
    with pytest.raises(errors.OpenAIError, match=r"pickle carries no key.*Missing credentials"):
        pickle.loads(kept)
    environment.setenv("OPENAI_API_KEY", "here")
    environment.setenv("AZURE_OPENAI_API_KEY", "here")
    again = pickle.loads(kept)
    assert (type(again), again.api_key, again.max_retries, again.default_headers["x-a"]) == (kind, "here", 7, "b")
    assert again.base_url == client.base_url


@pytest.mark.parametrize(
    "answer",
    [
        failure(401, "no"),
        reply({"error": "no"}),
        reply([]),
    ],
    ids=["401", "error", "list"],
)
def test_a_key_in_the_query_is_in_no_error(answer):
    with pytest.raises(errors.APIError) as caught:
        chat(make(OpenAI, answer, default_query={"subscription-key": "s3cret"}))
    assert "s3cret" not in str(caught.value) + repr(caught.value.request)
    assert b"s3cret" not in pickle.dumps(caught.value)


@pytest.mark.parametrize("name", ["Authorization", "api-key", "Ocp-Apim-Subscription-Key", "x-api-key"])
def test_a_pickled_client_carries_no_secret_header(name, environment):
    environment.setenv("OPENAI_API_KEY", "here")
    client = make(default_headers={name: "s3cret", "x-a": "b"})
    kept = pickle.dumps(client)
    assert "s3cret" not in repr(vars(client))
    assert b"s3cret" not in kept
    assert pickle.loads(kept).default_headers["x-a"] == "b"


class Ours(OpenAI):
    def __init__(self, team: str) -> None:
        super().__init__(api_key="k", base_url="http://127.0.0.1:9/v1")
        self.team = team


def test_copies_of_a_subclass_keep_what_is_theirs():
    client = Ours("search")
    assert client.chat.completions is client.chat.completions
    copied = client.with_options(timeout=3)
    assert (type(copied), copied.team, copied.timeout.read) == (Ours, "search", 3)
    assert copied.chat is not client.chat
    assert copied.chat.completions._client is copied
