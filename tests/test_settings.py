"""Arguments, environment variables, their precedence, and what follows from them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from memory_clients import ASK, ENDPOINT, KEY, VERSION, connected, make, sent

from ceyx import NOT_GIVEN, AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, RetryBudget, Timeout, omit
from ceyx.errors import MutuallyExclusiveAuthError, OpenAIError
from ceyx.settings import checked_header, merged, parsed_headers

OPEN, AZURE = [OpenAI, AsyncOpenAI], [AzureOpenAI, AsyncAzureOpenAI]
AT: Any = {"azure_endpoint": ENDPOINT, "api_version": VERSION}


def head(client: Any) -> dict[str, str]:
    return client._settings.head  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", [*OPEN, *AZURE])
def test_defaults(kind):
    client = make(kind)
    assert client.timeout == Timeout(600, connect=5)
    assert client.max_retries == 2
    assert client._settings.deadline is None
    assert (client.organization, client.project, client.webhook_secret) == (None, None, None)
    assert (client._settings.log, client.default_query.get("nothing")) == (None, None)
    assert head(client)["user-agent"].startswith("ceyx/")
    assert (head(client)["accept"], head(client)["content-type"]) == ("application/json", "application/json")
    assert "content-type" not in client._settings.bare


def test_default_addresses():
    assert OpenAI(api_key="k").base_url == "https://api.openai.com/v1/"
    assert AzureOpenAI(api_key="k", **AT).base_url == f"{ENDPOINT}/openai/"
    assert AzureOpenAI(api_key="k", azure_deployment="d x", **AT).base_url == f"{ENDPOINT}/openai/deployments/d%20x/"


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize(
    ("variable", "argument", "attribute"),
    [
        ("OPENAI_API_KEY", "api_key", "api_key"),
        ("OPENAI_ORG_ID", "organization", "organization"),
        ("OPENAI_PROJECT_ID", "project", "project"),
        ("OPENAI_WEBHOOK_SECRET", "webhook_secret", "webhook_secret"),
    ],
)
def test_an_argument_beats_its_variable(environment, kind, variable, argument, attribute):
    environment.setenv("OPENAI_API_KEY", "k")
    environment.setenv(variable, "from-env\n")
    assert getattr(kind(), attribute) == "from-env"
    assert getattr(kind(**{argument: None}), attribute) == "from-env"
    assert getattr(kind(**{argument: "given"}), attribute) == "given"


@pytest.mark.parametrize("kind", OPEN)
def test_the_base_url(environment, kind):
    environment.setenv("OPENAI_BASE_URL", "https://env/v1")
    assert kind(api_key="k").base_url == "https://env/v1/"
    assert kind(api_key="k", base_url="").base_url == "https://env/v1/"
    assert kind(api_key="k", base_url="https://given/v1").base_url == "https://given/v1/"
    assert kind(api_key="k", base_url=httpx.URL("https://given/v1")).base_url == "https://given/v1/"
    environment.setenv("OPENAI_BASE_URL", "nonsense")
    with pytest.raises(ValueError, match="OPENAI_BASE_URL is 'nonsense'"):
        kind(api_key="k")


@pytest.mark.parametrize(
    ("region", "base"),
    [
        ("global", "https://api.openai.com/v1/"),
        ("us", "https://us.api.openai.com/v1/"),
        ("eu", "https://eu.api.openai.com/v1/"),
        ("jp", "https://jp.api.openai.com/v1/"),
    ],
)
def test_data_residency(environment, region, base):
    assert OpenAI(api_key="k", data_residency=region).base_url == base


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data_residency": "eu", "base_url": "https://x/v1"}, "mutually exclusive"),
        ({"data_residency": "mars"}, "'mars'.*global, us, eu"),
    ],
)
def test_a_residency_that_makes_no_sense(given, message):
    with pytest.raises(ValueError, match=message):
        OpenAI(api_key="k", **given)


@pytest.mark.parametrize("kind", OPEN)
def test_without_a_key(environment, kind):
    with pytest.raises(OpenAIError, match=r"Missing credentials.*OPENAI_API_KEY"):
        kind()
    assert kind(admin_api_key="a").api_key == ""
    environment.setenv("OPENAI_ADMIN_KEY", "a")
    assert "authorization" not in head(kind())


def test_an_empty_key_sends_no_header():
    assert "authorization" not in head(OpenAI(api_key=""))
    assert "api-key" not in head(AzureOpenAI(api_key="", **AT))


@pytest.mark.parametrize("kind", OPEN)
def test_an_entra_token_is_not_sent_to_openai(environment, kind):
    environment.setenv("OPENAI_API_KEY", "entra")
    environment.setenv("OPENAI_API_TYPE", "azure_ad")
    with pytest.raises(OpenAIError, match="Entra ID token"):
        kind()
    assert kind(base_url="https://contoso.openai.azure.com/openai/v1").api_key == "entra"


# ---- Azure


@pytest.mark.parametrize("kind", AZURE)
def test_azure_from_the_environment_alone(environment, kind):
    for name, value in {"ENDPOINT": ENDPOINT, "API_KEY": "k\n"}.items():
        environment.setenv(f"AZURE_OPENAI_{name}", value)
    environment.setenv("OPENAI_API_VERSION", VERSION)
    client = kind()
    assert (client.base_url, client.default_query, head(client)["api-key"]) == (
        f"{ENDPOINT}/openai/",
        {"api-version": VERSION},
        "k",
    )
    assert "authorization" not in head(client)


@pytest.mark.parametrize("kind", AZURE)
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"api_key": "k", "api_version": VERSION}, ValueError, "AZURE_OPENAI_ENDPOINT"),
        ({"api_key": "k", "azure_endpoint": ENDPOINT}, ValueError, "OPENAI_API_VERSION"),
        ({"api_key": "k", "base_url": "https://x", **AT}, ValueError, "base_url and azure_endpoint are mutually exclusive"),
        (AT, OpenAIError, "AZURE_OPENAI_API_KEY.*AZURE_OPENAI_AD_TOKEN"),
        ({"api_key": "k", "azure_ad_token": "t", **AT}, MutuallyExclusiveAuthError, "`api_key` and `azure_ad_token`"),
        ({"api_key": "k", "azure_ad_token_provider": str, **AT}, MutuallyExclusiveAuthError, "azure_ad_token_provider"),
        ({"azure_ad_token": "t", "credential": object(), **AT}, MutuallyExclusiveAuthError, "credential"),
    ],
)
def test_what_azure_clients_cannot_be_made_of(kind, given, error, message):
    with pytest.raises(error, match=message):
        kind(**given)


def test_v1_needs_no_version():
    client = AzureOpenAI(api_key="k", azure_endpoint=f"{ENDPOINT}/openai/v1/")
    assert (client.base_url, client.default_query, head(client)["api-key"]) == (f"{ENDPOINT}/openai/v1/", {}, "k")


@pytest.mark.parametrize(
    ("variables", "given", "header"),
    [
        ({"AD_TOKEN": "t", "API_KEY": "k"}, {}, ("authorization", "Bearer t")),
        ({"AD_TOKEN": "t", "API_KEY": "k"}, {"api_key": "given"}, ("api-key", "given")),
        ({"API_KEY": "k"}, {}, ("api-key", "k")),
        ({"API_KEY": "k"}, {"azure_ad_token": "given\n"}, ("authorization", "Bearer given")),
        ({"API_KEY": "k"}, {"azure_ad_token_provider": lambda: "p"}, ("authorization", "Bearer p")),
        ({}, {"api_key": lambda: "called"}, ("api-key", "called")),
    ],
)
def test_which_credential_an_azure_client_sends(environment, variables, given, header):
    for name, value in variables.items():
        environment.setenv(f"AZURE_OPENAI_{name}", value)
    client = connected(AzureOpenAI(**given, **AT))
    client.chat.completions.create(model="m", messages=ASK)
    headers = sent(client).headers
    assert {name: headers[name] for name in ("authorization", "api-key") if name in headers} == dict([header])


def test_openai_api_type_azure_ad_names_a_token(environment):
    environment.setenv("OPENAI_API_TYPE", "azure_ad")
    environment.setenv("OPENAI_API_KEY", "entra")
    client = connected(AzureOpenAI(**AT))
    client.models.list()
    assert sent(client).headers["authorization"] == "Bearer entra"
    assert "api-key" not in sent(client).headers


# ---- headers


def test_custom_headers_of_the_environment(environment):
    environment.setenv("OPENAI_CUSTOM_HEADERS", "X-One: 1\n\n  x-two :  a: b \r\n")
    assert {name: head(OpenAI(api_key="k"))[name] for name in ("x-one", "x-two")} == {"x-one": "1", "x-two": "a: b"}
    assert head(OpenAI(api_key="k", default_headers={"X-ONE": "given"}))["x-one"] == "given"
    assert "x-one" not in head(OpenAI(api_key="k", default_headers={"x-One": omit}))
    environment.setenv("OPENAI_CUSTOM_HEADERS", "s3cret without")
    with pytest.raises(ValueError, match="line without a colon") as caught:
        OpenAI(api_key="k")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("Authorization", "Basic x"), ("authorization", omit), ("AUTHORIZATION", "Bearer other")]
)
def test_a_header_of_the_user_wins_over_the_key(name, value):
    assert head(OpenAI(api_key="k", default_headers={name: value})).get("authorization") == (None if value is omit else value)


def test_organization_and_project_are_headers():
    made = head(OpenAI(api_key="k", organization="org", project="proj"))
    assert (made["openai-organization"], made["openai-project"]) == ("org", "proj")


EVIL = ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0"]


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize(
    "given",
    [lambda v: {"default_headers": {"x-a": v}}, lambda v: {"organization": v}, lambda v: {"project": v}],
    ids=["headers", "organization", "project"],
)
def test_no_header_can_be_smuggled_in(given, value):
    with pytest.raises(ValueError, match=r"line end|no header can carry"):
        OpenAI(api_key="k", **given(value))


@pytest.mark.parametrize("name", ["", "x a", "x:", "x\r\ny", "ü", "x\0"])
def test_names_of_headers(name):
    with pytest.raises(ValueError, match="no name of a header"):
        merged({}, {name: "v"})


def test_a_value_that_is_no_text_is_named():
    with pytest.raises(TypeError, match="'x-n' is a int"):
        checked_header("x-n", 7)  # type: ignore[arg-type]


def test_merging_does_not_mind_case_and_none_removes():
    assert merged({"a": "1", "b": "2", "c": "3"}, {"A": "x", "B": None, "C": omit, "d": "4"}) == {"a": "x", "d": "4"}
    assert parsed_headers("") == {}


# ---- numbers


@pytest.mark.parametrize(
    ("value", "error"), [(None, TypeError), (1.5, TypeError), ("2", TypeError), (True, TypeError), (-1, ValueError)]
)
def test_retries_are_a_whole_number(value, error):
    with pytest.raises(error, match="max_retries is"):
        OpenAI(api_key="k", max_retries=value)


@pytest.mark.parametrize("value", [0, -1, "5", float("nan")])
def test_a_deadline_is_a_time(value):
    with pytest.raises(ValueError, match="deadline is a positive number"):
        OpenAI(api_key="k", deadline=value)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (30, Timeout(30)),
        (None, Timeout(None)),
        (NOT_GIVEN, Timeout(600, connect=5)),
        (Timeout(3, read=9), Timeout(3, read=9)),
        (httpx.Timeout(7, pool=1), Timeout(7, pool=1)),
    ],
)
def test_timeouts(given, wanted):
    assert OpenAI(api_key="k", timeout=given).timeout == wanted


def test_the_timeout_of_a_given_client_counts_where_somebody_chose_it():
    with httpx.Client(timeout=9) as chosen, httpx.Client() as unchosen:
        assert OpenAI(api_key="k", http_client=chosen).timeout == Timeout(9)
        assert OpenAI(api_key="k", http_client=unchosen).timeout == Timeout(600, connect=5)
        assert OpenAI(api_key="k", http_client=chosen, timeout=3).timeout == Timeout(3)


def test_the_retry_budget():
    own = RetryBudget(3)
    assert OpenAI(api_key="k")._settings.budget.capacity == 500  # type: ignore[union-attr]
    assert OpenAI(api_key="k", retry_budget=own)._settings.budget is own
    assert OpenAI(api_key="k", retry_budget=None)._settings.budget is None


@pytest.mark.parametrize("kind", [*OPEN, *AZURE])
def test_a_misspelt_argument_is_named_with_the_one_meant(kind):
    with pytest.raises(TypeError, match="'max_retry'; did you mean 'max_retries'"):
        kind(api_key="k", max_retry=1)


@pytest.mark.parametrize("name", ["azure_endpoint", "azure_deployment", "api_version"])
def test_openai_clients_take_nothing_of_azure(name):
    with pytest.raises(TypeError, match=name):
        OpenAI(api_key="k", **{name: "x"})


def test_a_key_with_a_line_end_works():
    assert head(OpenAI(api_key=f"{KEY}\n"))["authorization"] == f"Bearer {KEY}"
