"""The module as a client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from memory_clients import ASK, ENDPOINT, VERSION, connected, reply, sent

import ceyx
from ceyx import module_client
from ceyx.errors import OpenAIError
from ceyx.resources.tree import Tree

SETTINGS = [*module_client._COMMON, *module_client._AZURE, "api_type", "timeout"]
GROUPS = [name for name, made in vars(Tree).items() if type(made).__name__ == "child"]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Every test starts without a client, and leaves the module's settings as they were."""
    before = {name: getattr(ceyx, name) for name in SETTINGS}
    module_client._client = module_client._made_with = None
    yield
    for name, value in before.items():
        setattr(ceyx, name, value)
    module_client._client = module_client._made_with = None


def test_it_is_made_of_the_modules_settings():
    ceyx.api_key, ceyx.base_url, ceyx.max_retries, ceyx.timeout = "k", "https://host/v1", 5, 3
    ceyx.default_headers, ceyx.organization = {"x-a": "1"}, "org"
    client = connected(module_client.current())
    assert (type(client), client.max_retries, client.timeout) == (ceyx.OpenAI, 5, ceyx.Timeout(3))
    assert ceyx.chat.completions.create(model="m", messages=ASK).choices[0].message.content == "Hello"
    request = sent(client)
    assert request.url == "https://host/v1/chat/completions"
    assert (request.headers["authorization"], request.headers["x-a"], request.headers["openai-organization"]) == (
        "Bearer k",
        "1",
        "org",
    )


def test_it_is_kept_until_a_setting_changes():
    ceyx.api_key = "k"
    first = module_client.current()
    assert module_client.current() is first
    assert ceyx.chat.completions is first.chat.completions
    ceyx.api_key = "other"
    assert module_client.current() is not first
    assert module_client.current().api_key == "other"


def test_or_the_environment_does(environment):
    environment.setenv("OPENAI_API_KEY", "a")
    assert module_client.current().api_key == "a"
    environment.setenv("OPENAI_API_KEY", "b")
    assert module_client.current().api_key == "b"


@pytest.mark.parametrize("name", GROUPS)
def test_every_resource_is_the_modules(name):
    ceyx.api_key = "k"
    late = getattr(ceyx, name)
    assert late.with_raw_response is getattr(module_client.current(), name).with_raw_response
    assert repr(late) == f"<ceyx.{name}>"
    assert name in dir(ceyx)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = late.nonsense


def test_naming_a_resource_needs_no_key_yet():
    chat = ceyx.chat
    ceyx.api_key = "k"
    assert chat.completions is module_client.current().chat.completions


def test_no_key():
    with pytest.raises(OpenAIError, match="Missing credentials"):
        _ = ceyx.chat.completions


def test_the_timeout_none_means_none():
    ceyx.api_key, ceyx.timeout = "k", None
    assert module_client.current().timeout == ceyx.Timeout(None)


def test_the_admin_key():
    ceyx.api_key, ceyx.admin_api_key = "k", "admin"
    client = connected(module_client.current(), reply({}))
    client.get("/organization/users", cast_to=dict)
    assert sent(client).headers["authorization"] == "Bearer admin"


# ---- which provider

AZURE: dict[str, Any] = {"AZURE_OPENAI_ENDPOINT": ENDPOINT, "AZURE_OPENAI_API_KEY": "ak", "OPENAI_API_VERSION": VERSION}
PLAIN: dict[str, Any] = {"OPENAI_API_KEY": "ok"}


@pytest.mark.parametrize(
    ("variables", "settings", "kind", "header"),
    [
        (PLAIN, {}, ceyx.OpenAI, ("authorization", "Bearer ok")),
        (AZURE, {}, ceyx.AzureOpenAI, ("api-key", "ak")),
        ({**AZURE, **PLAIN}, {"api_type": "azure"}, ceyx.AzureOpenAI, ("api-key", "ak")),
        ({**AZURE, **PLAIN}, {"api_type": "openai"}, ceyx.OpenAI, ("authorization", "Bearer ok")),
        ({**AZURE, **PLAIN, "OPENAI_API_TYPE": "azure"}, {}, ceyx.AzureOpenAI, ("api-key", "ak")),
        ({**AZURE, **PLAIN, "OPENAI_API_TYPE": "open_ai"}, {}, ceyx.OpenAI, ("authorization", "Bearer ok")),
        (
            {
                "OPENAI_API_TYPE": "azure_ad",
                "AZURE_OPENAI_ENDPOINT": ENDPOINT,
                "OPENAI_API_VERSION": VERSION,
                "OPENAI_API_KEY": "entra",
            },
            {},
            ceyx.AzureOpenAI,
            ("authorization", "Bearer entra"),
        ),
        (
            {},
            {"azure_endpoint": ENDPOINT, "api_version": VERSION, "azure_ad_token": "t"},
            ceyx.AzureOpenAI,
            ("authorization", "Bearer t"),
        ),
        ({}, {"azure_endpoint": ENDPOINT, "api_version": VERSION, "api_key": "k"}, ceyx.AzureOpenAI, ("api-key", "k")),
        (
            {},
            {"azure_endpoint": ENDPOINT, "api_version": VERSION, "azure_ad_token_provider": lambda: "p"},
            ceyx.AzureOpenAI,
            ("authorization", "Bearer p"),
        ),
    ],
)
def test_which_provider(environment, variables, settings, kind, header):
    for name, value in variables.items():
        environment.setenv(name, value)
    for name, value in settings.items():
        setattr(ceyx, name, value)
    client = connected(module_client.current())
    ceyx.chat.completions.create(model="m", messages=ASK)
    assert type(client) is kind
    assert sent(client).headers[header[0]] == header[1]


def test_both_are_one_too_many(environment):
    for name, value in {**AZURE, **PLAIN}.items():
        environment.setenv(name, value)
    with pytest.raises(OpenAIError, match="OPENAI_API_TYPE") as caught:
        _ = ceyx.chat.completions
    assert "AZURE_OPENAI_ENDPOINT" in str(caught.value)
    assert "OPENAI_API_KEY" in str(caught.value)
    ceyx.api_type = "openai"
    assert module_client.current().api_key == "ok"


def test_a_type_there_is_not(environment):
    environment.setenv("OPENAI_API_TYPE", "bedrock")
    with pytest.raises(OpenAIError, match="api_type is 'bedrock'"):
        _ = ceyx.chat.completions
