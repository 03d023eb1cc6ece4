"""What is found without asking a server: versions, variables and which of them win, and what no finding may show."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import pytest
import trustme

from ceyx import AzureOpenAI, OpenAI
from ceyx.doctor import certificate, installed as installing
from ceyx.doctor.calling import nearest
from ceyx.doctor.environment import Chosen, configuration
from ceyx.doctor.finding import Finding, failed, ok
from ceyx.doctor.installed import installed
from ceyx.doctor.secrets import Secrets, is_secret, shown_address

HEX = "0123456789abcdef0123456789abcdef"


# ---- versions


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "msgspec<1,>=0.20",
        "typing-extensions<5; python_version < '3.0'",
        "azure-identity<2,>=1.19; extra == 'azure'",
        "nothing-of-the-kind>=1; extra == 'tokens'",
        "urllib3>=900; extra == 'httpx'",
        "azure-identity<2,>=1.19; extra == 'all'",
    ]
    monkeypatch.setattr(metadata, "requires", lambda _: lines)


def test_what_is_missing_and_what_it_would_be_for(required: None) -> None:
    finding = installed()
    assert finding.facts["packages"]["nothing-of-the-kind"] is None and finding.facts["missing_extras"] == ["tokens"]
    assert "typing-extensions" not in finding.facts["packages"] and "all" not in installing.by_extra()
    assert "not installed: nothing-of-the-kind, for exact counts of tokens (pip install 'ceyx[tokens]')" in finding.lines


def test_a_version_that_will_not_do(required: None) -> None:
    finding = installed()
    assert finding.status == "warning" and "urllib3" in finding.summary
    assert finding.next_step == "pip install 'urllib3>=900'"


def test_run_from_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> Any:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", absent)
    assert installed().status == "ok"


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("1.19.0", ">=1.19,<2", True),
        ("2.0.0", ">=1.19,<2", False),
        ("2.0rc1", "<2", False),
        ("1.2", ">=1.10", False),
        ("0.3", "", True),
    ],
)
def test_versions_within_bounds(version: str, bounds: str, fits: bool) -> None:
    assert installing.Package("any", bounds, version).fits is fits


# ---- the environment


def of_azure(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, **options: Any) -> Finding:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with AzureOpenAI(**options) as client:
        return configuration(Chosen(client._settings, True, "gpt-4o", "AZURE_OPENAI_ENDPOINT is set"), environ=environ)


ENVIRON = {
    "AZURE_OPENAI_ENDPOINT": "https://contoso.openai.azure.com",
    "OPENAI_API_VERSION": "2024-10-21",
    "AZURE_OPENAI_API_KEY": HEX,
}


def notes(finding: Finding) -> dict[str, str]:
    return {name: row["note"] for name, row in finding.facts["variables"].items()}


def test_what_is_set_and_what_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {
        "AZURE_OPENAI_AD_TOKEN": "a.planted.token",
        "OPENAI_BASE_URL": "https://api.openai.com/v1",
        "OPENAI_API_KEY": "sk-" + "a" * 20,
        "AZURE_OPENAI_DEPLOYMENT": "prod",
        "CEYX_MODEL": "gpt-4o",
        "AZURE_CLIENT_ID": "who",
    }
    finding = of_azure({**ENVIRON, **more}, monkeypatch)
    assert finding.status == "ok" and finding.summary == "Azure OpenAI, as AZURE_OPENAI_ENDPOINT is set"
    assert notes(finding) == {
        "AZURE_OPENAI_ENDPOINT": "used",
        "OPENAI_BASE_URL": "not used: it is for OpenAI",
        "OPENAI_API_VERSION": "used",
        "AZURE_OPENAI_AD_TOKEN": "used",
        "AZURE_OPENAI_API_KEY": "not used: AZURE_OPENAI_AD_TOKEN wins",
        "OPENAI_API_KEY": "not used: it is for OpenAI",
        "CEYX_MODEL": "used",
        "AZURE_OPENAI_DEPLOYMENT": "not used: CEYX_MODEL wins",
        "AZURE_CLIENT_ID": "not used: no credential of azure-identity is asked",
    }
    assert HEX not in str(finding) and "planted" not in str(finding)
    assert finding.facts["variables"]["AZURE_OPENAI_API_KEY"]["value"] == "set, 32 characters"


def test_options_win(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"azure_endpoint": "https://other.openai.azure.com/openai/v1", "api_key": "another"}
    assert notes(of_azure(ENVIRON, monkeypatch, **options)) == {
        "AZURE_OPENAI_ENDPOINT": "not used: an option wins",
        "OPENAI_API_VERSION": "not used: v1 needs none",
        "AZURE_OPENAI_API_KEY": "not used: an option wins",
    }


def test_of_openai() -> None:
    environ = {**ENVIRON, "OPENAI_API_KEY": "sk-" + "a" * 20, "OPENAI_CUSTOM_HEADERS": "X-Team: search\nX-Api-Key: planted"}
    with OpenAI(api_key=environ["OPENAI_API_KEY"]) as client:
        finding = configuration(Chosen(client._settings, False, "gpt-4o", "OPENAI_API_TYPE is openai"), environ=environ)
    assert notes(finding)["OPENAI_API_KEY"] == "used" and notes(finding)["AZURE_OPENAI_API_KEY"] == "not used: it is for Azure"
    assert notes(finding)["OPENAI_API_VERSION"] == "not used: it is for Azure"
    assert finding.facts["variables"]["OPENAI_CUSTOM_HEADERS"]["value"] == "X-Team, X-Api-Key"


@pytest.mark.parametrize(
    ("name", "value", "step"),
    [
        ("OPENAI_API_KEY", "'sk-abc'", "begins and ends with a quotation mark"),
        ("OPENAI_API_KEY", "<your key>", "holds a placeholder"),
        ("AZURE_OPENAI_KEY", HEX, "rename AZURE_OPENAI_KEY: AZURE_OPENAI_API_KEY is what is read"),
        ("AZURE_OPENAI_API_VERSION", "2024-10-21", "rename AZURE_OPENAI_API_VERSION: OPENAI_API_VERSION is what is read"),
    ],
)
def test_what_is_written_amiss(name: str, value: str, step: str) -> None:
    finding = configuration(Chosen(None, True, None, "of that"), environ={name: value})
    assert finding.status == "warning" and step in str(finding.next_step)
    assert name.endswith("VERSION") or value not in str(finding)
    failure = configuration(Chosen(None, True, None, "of that"), "the address is missing; set it", {name: value})
    assert failure.status == "failed" and str(failure.next_step).endswith("; set it") and step in str(failure.next_step)


# ---- secrets


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("AZURE_CLIENT_SECRET", True),
        ("SOME_PASSWORD", True),
        ("GITHUB_TOKEN", True),
        ("CEYX_SERVE_KEYS", True),
        ("AZURE_FEDERATED_TOKEN_FILE", False),
        ("AZURE_TOKEN_CREDENTIALS", False),
        ("MONKEY", False),
    ],
)
def test_names_of_secrets(name: str, held: bool) -> None:
    assert is_secret(name) is held


def test_what_is_masked() -> None:
    environ = {
        "AZURE_CLIENT_SECRET": "planted-one",
        "https_proxy": "http://me:planted%2Dtwo@proxy.example:3128",
        "OPENAI_CUSTOM_HEADERS": "X-Api-Key: planted-three\nX-Team: search",
        "CEYX_SERVE_KEYS": "planted-four,planted-five",
        "SHORT_KEY": "local",
    }
    secrets = Secrets(environ)
    with OpenAI(api_key="planted-six", default_headers={"Cookie": "planted-seven"}, proxy="http://u:planted-eight@p") as client:
        secrets.add_of_client(client._settings, client._network)
    said = " ".join(f"planted-{n}" for n in ["one", "two", "three", "four", "five", "six", "seven", "eight"])
    also = f"eyJhbGciOiJIUzI1.eyJhdWQ.sig sk-proj-0123456789abcdef {HEX} {'aB3' * 28} http://me:any@host/x"
    masked = secrets.cleaned(f"{said} local search {also}")
    assert "planted" not in masked and "local search" in masked and "me:any" not in masked
    assert not any(part in masked for part in also.split())
    finding = secrets.cleaned_finding(ok("planted-one", "planted-six", deep={"a": ["planted-four", 1, None]}))
    assert "planted" not in str(finding) and finding.facts["deep"]["a"][1:] == [1, None]
    assert "planted" not in str(secrets.cleaned_finding(failed("api", "x", "use planted-one")))


def test_secrets_that_were_cut_or_encoded_are_masked() -> None:
    secrets = Secrets({"A_KEY": "planted-one-two-three", "https_proxy": "http://me:planted-four@proxy"})
    assert secrets.cleaned("it said planted-one-t…") == "it said [secret]…"
    assert secrets.cleaned("Basic bWU6cGxhbnRlZC1mb3Vy") == "Basic [secret]"
    long = secrets.cleaned_finding(ok("x" * 590 + "planted-one-two-three" + "y" * 50, *["line"] * 30))
    assert "planted" not in long.summary and len(long.summary) == 601 and len(long.lines) == 20


def test_addresses_are_shown_without_keys() -> None:
    assert (
        shown_address("https://gw.example/openai?subscription-key=abc&x=1")
        == "https://gw.example/openai?subscription-key=REDACTED&x=1"
    )
    assert shown_address("https://me:secret@gw.example/v1") == "https://gw.example/v1"


# ---- certificates, and near names


def test_a_certificate_is_read() -> None:
    import ssl

    authority = trustme.CA(organization_name="Contoso", organization_unit_name="Testing")
    ends = datetime(2060, 5, 4, 3, 2, 1, tzinfo=UTC)  # past the years of two digits
    leaf = authority.issue_cert("a.example", "*.b.example", "::1", "10.0.0.1", common_name="a.example", not_after=ends)
    read = certificate.read(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode()))
    assert read.names == ("a.example", "*.b.example", "::1", "10.0.0.1")
    assert "a.example" in read.subject and "Contoso" in read.issuer and read.ends == ends


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x82\xff\xff", b"\x30\x03\x02\x01\x01", b"\x30\x80", b"no certificate"])
def test_what_is_no_certificate(der: bytes) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        certificate.read(der)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gpt4o", ["gpt-4o"]),
        ("GPT-4O", ["gpt-4o"]),
        ("gpt-4o-mni", ["gpt-4o-mini", "gpt-4o"]),
        ("team", ["team-chat"]),
        ("davinci", []),
    ],
)
def test_near_names(name: str, near: list[str]) -> None:
    assert nearest(name, ["gpt-4o", "gpt-4o-mini", "team-chat"]) == near
