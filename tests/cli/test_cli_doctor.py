"""`ceyx doctor`: what it shows, how it ends, and what it never shows, whatever is wrong."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from commands import at_terminal, ceyx
from fake_server import FakeServer
from raw_server import RawServer, always, answer

from ceyx.cli import main
from ceyx.doctor.examination import NAMES
from ceyx.service import LocalService, Settings
from ceyx.service.identity.entra import Entra

KEY, TOKEN, PASSWORD, CLIENT_SECRET = (
    "planted-key-one",
    "planted.token.two",
    "planted-password-three",
    "planted-client-secret-four",
)
QUERY, HEADER, IN_FILE, CUT = "planted-in-query-five", "planted-in-header-six", "planted-in-file-seven", "planted-wrong-key-eight"


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Doctor = Callable[..., Done]


@pytest.fixture
def doctor(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Runs the command in this process, with these variables and no others of ours."""
    names = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
    for name in (*names, *map(str.upper, names), "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "IDENTITY_ENDPOINT"):
        environment.setenv(name, "")  # so that it is known to be unset, and what the command sets goes with the test
        environment.delenv(name)

    def run(*arguments: str, **variables: str) -> Done:
        with environment.context() as here:
            for name, value in variables.items():
                here.setenv(name, value)
            code = main(["doctor", "--timeout", "5", *arguments])
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def keyed() -> Iterator[LocalService]:
    with LocalService(Settings(keys=frozenset({KEY}), deployments={"prod": "gpt-4o"})) as running:
        yield running


@pytest.fixture(scope="module")
def entra() -> Iterator[LocalService]:
    with LocalService(Settings(entra=Entra(), tls=True)) as running:
        yield running


def azure(service: LocalService, **more: str) -> dict[str, str]:
    kept = {
        "AZURE_OPENAI_ENDPOINT": service.azure_endpoint,
        "OPENAI_API_VERSION": "2024-10-21",
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_DEPLOYMENT": "prod",
    }
    return {**kept, **more}


def checks(report: dict[str, Any], deployment: int = 0) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in report["deployments"][deployment]["checks"]}


# ---- what it shows


def test_all_is_well(doctor: Doctor, keyed: LocalService) -> None:
    done = doctor(**azure(keyed))
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("✓ installed     ceyx ") and lines[-1] == "Healthy."
    assert "✓ configuration Azure OpenAI, as AZURE_OPENAI_ENDPOINT is set" in lines
    assert "                AZURE_OPENAI_API_KEY     set, 15 characters (used)" in lines
    assert "127.0.0.1/prod" in lines
    assert [line.split()[1] for line in lines if line.startswith("✓")][2:] == list(NAMES)
    assert "\x1b" not in done.out


def test_a_step_for_what_is_wrong(doctor: Doctor, keyed: LocalService) -> None:
    done = doctor(**azure(keyed, AZURE_OPENAI_DEPLOYMENT="prd"))
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    (failed,) = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert lines[failed].startswith("✗ deployment    The API deployment for this resource does not exist")
    assert "                → did you mean 'prod'? Pass --model, or set AZURE_OPENAI_DEPLOYMENT" in lines[failed:]
    assert "- call          not tried, as deployment failed" in lines
    assert lines[-1] == "Not healthy: 1 check failed, 1 skipped. Begin with deployment."


def test_what_was_skipped_for_one_reason_is_one_line(doctor: Doctor, keyed: LocalService) -> None:
    done = doctor("--offline", **azure(keyed))
    assert done.code == 0
    assert f"- skipped       {', '.join(NAMES[3:])}: nothing is sent (--offline)" in done.out.splitlines()


@pytest.mark.parametrize("columns", [80, 120])
def test_at_a_terminal_lines_fit_and_have_colours(keyed: LocalService, columns: int) -> None:
    with at_terminal(
        ["doctor", "--timeout", "5"], COLUMNS=str(columns), **azure(keyed, AZURE_OPENAI_DEPLOYMENT="prd")
    ) as terminal:
        terminal.see("Begin with deployment")
        assert terminal.ended() == 1
    assert "\x1b[32m✓\x1b[0m installed" in terminal.shown and "\x1b[31m✗\x1b[0m deployment" in terminal.shown
    plain = re.sub(r"\x1b\[\d+m", "", terminal.shown).replace("\r", "").splitlines()
    unbroken = [line for line in plain if "://" not in line]  # an address is not cut, to be copied
    assert max(map(len, unbroken)) <= columns
    assert all(line.startswith(("✓ ", "✗ ", "- ", " " * 16, "127.0.0.1", "Not healthy")) for line in plain if line)


def test_for_terminals_that_know_ascii_only(keyed: LocalService) -> None:
    done = ceyx("doctor", "--offline", **azure(keyed, PYTHONIOENCODING="ascii", OPENAI_API_VERSION="never"))
    assert done.returncode == 4 and not done.stderr
    assert done.stdout.isascii() and "\nx api-version" in done.stdout
    assert "\n                > give one that there is" in done.stdout


def test_the_shape_for_programs(doctor: Doctor, keyed: LocalService) -> None:
    done = doctor("--json", **azure(keyed))
    report = done.report
    assert done.code == 0 and len(done.out.splitlines()) == 1
    assert report.keys() == {"healthy", "checks", "deployments", "exit_code"}
    assert (report["healthy"], report["exit_code"]) == (True, 0)
    assert [one["check"] for one in report["checks"]] == ["installed", "configuration"]
    (deployment,) = report["deployments"]
    assert deployment.keys() == {"name", "healthy", "checks"} and [one["check"] for one in deployment["checks"]] == list(NAMES)
    keys = {"check", "status", "summary", "lines", "next_step", "kind", "facts"}
    assert all(one.keys() == keys for one in [*report["checks"], *deployment["checks"]])
    assert checks(report)["latency"]["facts"].keys() == {"connect", "first_byte", "whole"}
    assert report["checks"][0]["facts"]["packages"]["urllib3"]


# ---- who is examined


def test_nothing_is_configured(doctor: Doctor) -> None:
    done = doctor()
    assert done.code == 4 and "✗ configuration nothing is configured" in done.out and "set OPENAI_API_KEY" in done.out


def test_the_local_stand_in(doctor: Doctor) -> None:
    assert doctor("--provider", "local").code == 0


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": "https://a.openai.azure.com"}, "--provider azure or --provider openai"),
        ({"AZURE_OPENAI_API_KEY": KEY}, "https://<name>.openai.azure.com"),
        ({"AZURE_OPENAI_ENDPOINT": "https://portal.azure.com/x", "AZURE_OPENAI_API_KEY": KEY}, "a page of the portal"),
        ({"OPENAI_API_TYPE": "palm"}, "set it to azure, azure_ad or openai"),
        (
            {"AZURE_OPENAI_ENDPOINT": "https://a.openai.azure.com", "AZURE_OPENAI_API_VERSION": "2024-10-21"},
            "rename AZURE_OPENAI_API_VERSION",
        ),
    ],
)
def test_what_nobody_could_call_with(doctor: Doctor, variables: dict[str, str], said: str) -> None:
    done = doctor(**variables)
    assert done.code == 4 and "✗ configuration" in done.out and said in done.out and "✓ endpoint" not in done.out


def test_options_are_those_of_chat(doctor: Doctor, keyed: LocalService) -> None:
    arguments = ["--endpoint", keyed.azure_endpoint, "--api-version", "2024-06-01", "--deployment", "prod"]
    report = doctor("--json", *arguments, AZURE_OPENAI_API_KEY=KEY).report
    assert report["healthy"] and "api-version=2024-06-01" in checks(report)["endpoint"]["facts"]["url"]
    report = doctor("--json", "--base-url", keyed.url, "-m", "gpt-4o", OPENAI_API_KEY=KEY).report
    assert report["healthy"] and checks(report)["endpoint"]["facts"]["dialect"] == "openai"


@pytest.mark.parametrize(
    "arguments",
    [["--router", "nowhere.toml"], ["--router", "a.toml", "--provider", "azure"], ["--provider", "openai", "--identity"]],
)
def test_wrong_usage(doctor: Doctor, arguments: list[str]) -> None:
    done = doctor(*arguments, OPENAI_API_KEY=KEY)
    assert done.code == 2 and done.err.startswith("ceyx: ")


def test_the_credential_of_the_chain_that_answered(doctor: Doctor, entra: LocalService) -> None:
    machine = {
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": entra.azure_endpoint,
        "SSL_CERT_FILE": entra.ca_file,
        "REQUESTS_CA_BUNDLE": entra.ca_file,
    }
    for arguments, key in (((), ""), (("--identity",), KEY)):
        done = doctor(*arguments, **azure(entra, **machine, AZURE_OPENAI_DEPLOYMENT="gpt-4o", AZURE_OPENAI_API_KEY=key))
        assert done.code == 0, done.out
        assert "✓ auth          a token of DefaultAzureCredential: ManagedIdentityCredential answered" in done.out
        assert "of the tenant c0ffee00-" in done.out and "application id c0ffee00-" in done.out and "eyJ" not in done.out
    assert "DefaultAzureCredential is used, as --identity says" in done.out


def test_nobody_has_a_token(doctor: Doctor, entra: LocalService) -> None:
    variables = {"SSL_CERT_FILE": entra.ca_file, "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_OPENAI_API_KEY": ""}
    done = doctor(**azure(entra, **variables))
    assert done.code == 4 and "✗ auth          no token from DefaultAzureCredential" in done.out
    assert "no key and no token is set, so DefaultAzureCredential is tried" in done.out and not done.err


def test_no_trust_no_connection(doctor: Doctor, entra: LocalService) -> None:
    done = doctor(**azure(entra))
    assert done.code == 3 and "made by ceyx local service" in done.out
    assert "- skipped       http, clock, auth, role, deployment, call: not tried, as tls failed" in done.out


ROUTER = """
policy = "weighted"
[[deployment]]
name = "first"
azure_endpoint = "{url}"
azure_deployment = "prod"
api_version = "2024-10-21"
api_key_env = "KEY_OF_FIRST"
[[deployment]]
name = "second"
azure_endpoint = "{url}"
azure_deployment = "prod"
api_version = "2024-10-21"
api_key = "{key}"
priority = 1
[[deployment]]
name = "third"
base_url = "{url}/v1"
model = "gpt-4o-mini"
api_key_env = "KEY_THAT_IS_NOT_SET"
"""


def test_each_deployment_of_a_file(doctor: Doctor, keyed: LocalService, tmp_path: Path) -> None:
    file = tmp_path / "deployments.toml"
    file.write_text(ROUTER.format(url=keyed.azure_endpoint, key=IN_FILE))
    done = doctor("--router", str(file), KEY_OF_FIRST=KEY)
    assert done.code == 4 and IN_FILE not in done.out
    assert "first (priority 0), second (priority 1), third (priority 0)" in done.out
    assert "a key of KEY_OF_FIRST (15 characters), which the server takes" in done.out
    assert "\nthird\n✗ configuration deployment 'third': its key should be in the environment variable" in done.out
    report = doctor("--json", "--router", str(file), KEY_OF_FIRST=KEY).report
    assert [(each["name"], each["healthy"]) for each in report["deployments"]] == [
        ("first", True),
        ("second", False),
        ("third", False),
    ]
    assert checks(report, 1)["auth"]["status"] == "failed"


def test_a_file_that_is_none(doctor: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "deployments.toml"
    file.write_text("policy = 'any'\n[[deployment]]\nname = 'a'\n")
    done = doctor("--router", str(file))
    assert done.code == 4 and "✗ configuration" in done.out and "policy is 'any'" in done.out


# ---- what it never shows


def test_no_secret_is_shown_whatever_is_wrong(
    doctor: Doctor, keyed: LocalService, entra: LocalService, fake: FakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "deployments.toml"
    file.write_text(ROUTER.format(url=keyed.azure_endpoint, key=IN_FILE))
    secrets = {
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_CLIENT_SECRET": CLIENT_SECRET,
        "OPENAI_CUSTOM_HEADERS": f"X-Api-Key: {HEADER}",
        "CEYX_DEBUG": "1",
    }
    with_query = f"{keyed.azure_endpoint}?subscription-key={QUERY}"

    def echo(server: RawServer, connection: socket.socket) -> None:
        """Says the key that it was given, as some servers do, in its body, its headers and its page."""
        server.read(connection)
        head = server.seen[-1][0].decode("latin-1")
        given = next(
            (line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith(("authorization", "api-key"))), ""
        )
        connection.sendall(
            answer(
                json.dumps({"error": {"message": f"no: {given} {head}", "code": given}}).encode(),
                b"connection: close",
                status=b"401 No",
            )
        )

    def refuse(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(answer(b"", status=f"407 not {PASSWORD}".encode()))

    with RawServer(echo) as echoing, RawServer(refuse) as refusing, RawServer(always(b"SSH-2.0-x\r\n")) as garbled:
        proxied = refusing.origin.replace("//", f"//me:{PASSWORD}@")
        runs: list[tuple[list[str], dict[str, str]]] = [
            ([], azure(keyed)),
            ([], azure(keyed, AZURE_OPENAI_API_KEY=CUT)),
            ([], azure(keyed, AZURE_OPENAI_DEPLOYMENT=f"prod-{KEY}")),
            ([], azure(keyed, AZURE_OPENAI_AD_TOKEN=TOKEN)),
            ([], azure(keyed, AZURE_OPENAI_ENDPOINT=with_query)),
            ([], azure(keyed, AZURE_OPENAI_ENDPOINT=f"https://me:{PASSWORD}@a.openai.azure.com")),
            ([], azure(keyed, AZURE_OPENAI_ENDPOINT=KEY)),
            ([], azure(keyed, OPENAI_API_VERSION=KEY)),
            ([], azure(keyed, AZURE_OPENAI_API_KEY=f"{KEY} cut in two")),
            ([], azure(entra)),
            ([], azure(entra, https_proxy=proxied)),
            ([], azure(entra, HTTPS_PROXY=f"ftp://me:{PASSWORD}@proxy")),
            ([], azure(keyed, AZURE_OPENAI_ENDPOINT=echoing.origin)),
            ([], azure(keyed, AZURE_OPENAI_ENDPOINT=garbled.origin)),
            (["--base-url", echoing.url], {"OPENAI_API_KEY": CUT}),
            (["--base-url", fake.url("unauthorized")], {"OPENAI_API_KEY": CUT}),
            (["--router", str(file)], {"KEY_OF_FIRST": KEY}),
            ([], {"OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": with_query}),
        ]
        for arguments, variables in runs:
            for form in ([], ["--json"]):
                done = doctor(*form, *arguments, **{**secrets, **variables})
                shown = done.out + done.err
                assert "planted" not in shown, (arguments, variables, shown)
                assert "the check itself failed" not in shown and ("endpoint" in shown or "configuration" in shown)


def test_what_ends_it_early_is_an_exit_code(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, keyed: LocalService) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("ceyx.doctor.examination._found", interrupted)
    assert doctor(**azure(keyed)).code == 130


def test_help_teaches() -> None:
    shown = ceyx("doctor", "--help").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "--api-key" not in shown and "Exit codes: 0 healthy" in shown and "no key and no token" in " ".join(shown.split())
