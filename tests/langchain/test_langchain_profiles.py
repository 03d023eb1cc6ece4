"""`profile`: what models can do and how much they take, beside what `langchain_openai` says of them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from langchain.agents.middleware import SummarizationMiddleware
from langchain_core.load import dumps
from langchain_openai.data._profiles import _PROFILES as THEIRS  # what `profile` is made of there

from ceyx.families import FAMILIES
from ceyx.langchain import AzureChatOpenAI, ChatOpenAI
from ceyx.langchain.profiles import profile_of

AZURE: dict[str, Any] = {"azure_endpoint": "https://contoso.openai.azure.com", "api_key": "k"}
DIFFERENCES = {
    ("gpt-3.5-turbo", "tool_calling"): "it calls tools since 2023",
    ("gpt-4", "image_url_inputs"): "it takes no images",
    ("gpt-4", "pdf_inputs"): "as images",
    ("o3-mini", "image_url_inputs"): "it takes no images",
    ("o3-mini", "pdf_inputs"): "as images",
    ("gpt-4o-2024-05-13", "structured_output"): "schemas came with the version after it",
}


@pytest.mark.parametrize("name", [name for name in THEIRS if profile_of(name)])
def test_it_says_what_the_reference_says(name: str) -> None:
    expected, found = THEIRS[name], dict(profile_of(name) or {})
    differing = {key for key, value in found.items() if expected.get(key, value) != value}
    assert {key for key in differing if (name, key) not in DIFFERENCES} == set()


def test_the_families_are_known() -> None:
    assert len([name for name in THEIRS if profile_of(name)]) > 30
    assert all(profile_of(family.name) for family in FAMILIES)


@pytest.mark.parametrize("name", ["gpt-4o-2024-08-06", "ft:gpt-4o-mini:org::id", "openai/gpt-4o", "GPT-4o"])
def test_names_of_a_family(name: str) -> None:
    assert (ChatOpenAI(model=name, api_key="k").profile or {})["max_input_tokens"] == 128_000


@pytest.mark.parametrize("name", ["llama-3", "gpt-4.5", "gpt-5-codex", "gpt-5.9", "o1-preview", "gpt-4o-realtime", ""])
def test_of_others_nothing_is_said(name: str) -> None:
    assert ChatOpenAI(model=name, api_key="k").profile is None


def test_on_azure() -> None:
    by_deployment = AzureChatOpenAI(**AZURE, azure_deployment="gpt-4o", api_version="2024-10-21")
    assert (by_deployment.profile or {})["structured_output"]
    by_model = AzureChatOpenAI(**AZURE, azure_deployment="prod", model="gpt-4o", api_version="2024-02-01")
    assert by_model.profile is not None
    assert by_model.profile["max_output_tokens"] == 16_384
    assert not by_model.profile["structured_output"]  # that version does not know it


def test_one_that_is_given_stays() -> None:
    made = ChatOpenAI(model="gpt-4o", api_key="k", profile={"max_input_tokens": 7})
    assert made.profile == pickle.loads(pickle.dumps(made)).profile == {"max_input_tokens": 7}


def test_it_is_not_written_down_or_shown() -> None:
    made = ChatOpenAI(model="gpt-4o", api_key="k")
    assert "max_input_tokens" not in dumps(made) and "max_input_tokens" not in f"{made!r} {made}"


def test_middleware_that_asks_for_it() -> None:
    middleware = SummarizationMiddleware(ChatOpenAI(model="gpt-4o", api_key="k"), trigger=("fraction", 0.8))
    assert middleware.trigger == ("fraction", 0.8)
