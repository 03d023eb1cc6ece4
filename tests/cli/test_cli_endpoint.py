"""Which API is asked, and for which model: the rules alone, without a client."""

from __future__ import annotations

import pytest

from ceyx.cli.endpoint import Wanted, model_of, provider_of
from ceyx.cli.failures import Exit, Failure

ENDPOINT = {"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com"}
KEY = {"OPENAI_API_KEY": "sk-secret-123"}
NAMES = (
    "OPENAI_API_TYPE", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "CEYX_MODEL", "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_DEPLOYMENT",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "wanted", "provider"),
    [
        ({}, Wanted(), "local"),
        ({"OPENAI_API_KEY": " "}, Wanted(), "local"),
        (KEY, Wanted(), "openai"),
        ({"OPENAI_BASE_URL": "http://localhost:1"}, Wanted(), "openai"),
        (ENDPOINT, Wanted(), "azure"),
        ({**ENDPOINT, **KEY}, Wanted(base_url="http://localhost:1"), "openai"),
        ({**ENDPOINT, **KEY}, Wanted(azure_endpoint="http://localhost:1"), "azure"),
        ({**ENDPOINT, **KEY, "OPENAI_API_TYPE": "azure_ad"}, Wanted(), "azure"),
        ({**ENDPOINT, **KEY, "OPENAI_API_TYPE": "openai"}, Wanted(), "openai"),
    ],
)
def test_who_is_asked(variables: dict[str, str], wanted: Wanted, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert provider_of(wanted) == provider


@pytest.mark.parametrize("variables", [{**ENDPOINT, **KEY}, {"AZURE_OPENAI_AD_TOKEN": "token-1"}, {"OPENAI_API_TYPE": "x"}])
def test_nobody_is_asked_where_it_is_not_clear_who(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Failure) as failure:
        provider_of(Wanted())
    assert failure.value.code is Exit.CONFIGURATION


@pytest.mark.parametrize(
    ("variables", "wanted", "model"),
    [
        (KEY, Wanted(), "gpt-4o-mini"),
        ({**KEY, "OPENAI_MODEL": "b"}, Wanted(), "b"),
        ({**KEY, "OPENAI_MODEL": "b", "CEYX_MODEL": "a"}, Wanted(), "a"),
        ({**KEY, "OPENAI_MODEL": "b", "CEYX_MODEL": "a"}, Wanted(model="c"), "c"),
        ({**KEY, "AZURE_OPENAI_DEPLOYMENT": "d"}, Wanted(), "gpt-4o-mini"),
        ({**ENDPOINT, "AZURE_OPENAI_DEPLOYMENT": "d", "OPENAI_MODEL": "b"}, Wanted(), "d"),
        ({"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com/openai/deployments/e"}, Wanted(), "e"),
    ],
)
def test_which_model(variables: dict[str, str], wanted: Wanted, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert model_of(provider_of(wanted), wanted) == model
