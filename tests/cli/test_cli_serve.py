"""`ceyx serve`: it says where it is, answers there, and stops."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from commands import CEYX, at_terminal, ceyx, environment

from ceyx.cli.answering import engine_of
from ceyx.cli.failures import Failure
from ceyx.service.faults.catalogue import CATALOGUE


@contextmanager
def served(*arguments: str, **variables: str) -> Iterator[tuple[dict[str, object], subprocess.Popen[bytes]]]:
    command = [*CEYX, "serve", "--port", "0", "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**variables)) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()), process
        finally:
            process.kill()


def test_it_answers_where_it_says_and_stops_on_ctrl_c() -> None:
    with served() as (where, process):
        assert where["url"] == f"{where['azure_endpoint']}/v1" and where["needs_key"] is False
        done = ceyx("chat", "-q", "Hello", OPENAI_BASE_URL=str(where["url"]))
        assert "“Hello”" in done.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert process.stderr is not None and process.stderr.read() == b""


def test_a_file_says_that_it_is_ready(tmp_path: Path) -> None:
    file = tmp_path / "ceyx.json"
    with served("--ready-file", str(file)) as (where, process):
        assert json.loads(file.read_text()) == where
        assert [path.name for path in tmp_path.iterdir()] == ["ceyx.json"]
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
    assert not file.exists()


def test_keys_and_deployments() -> None:
    with served("--api-key", "first-key", "--deployment", "prod=gpt-4o", CEYX_SERVE_KEYS="second-key, third-key") as (where, _):
        assert where["needs_key"] is True

        def status(key: str) -> int:
            url = f"{where['azure_endpoint']}/openai/deployments/prod/chat/completions?api-version=2024-10-21"
            body = {"messages": [{"role": "user", "content": "Hello"}]}
            return urllib3.request("POST", url, json=body, headers={"api-key": key}).status

        assert [status(key) for key in ("first-key", "second-key", "third-key", "fourth-key")] == [200, 200, 200, 401]


def test_people_are_told_what_to_set() -> None:
    with at_terminal(["serve", "--port", "0"]) as terminal:
        address = terminal.see(r"ceyx answers at (http://127\.0\.0\.1:\d+)/v1")[1]
        terminal.see(rf"shown at {address}/_ceyx/")
        terminal.see(rf"export OPENAI_BASE_URL={address}/v1 OPENAI_API_KEY=local")
        terminal.see(rf"export AZURE_OPENAI_ENDPOINT={address} ")
        terminal.type("\x03")
        assert terminal.ended() == 0


def test_no_key_is_ever_shown() -> None:
    with at_terminal(["serve", "--port", "0", "--api-key", "first-key"], CEYX_SERVE_KEYS="second-key") as terminal:
        terminal.see("<one of your keys>")
        terminal.type("\x03")
        assert terminal.ended() == 0
    assert "first-key" not in terminal.shown and "second-key" not in terminal.shown


def test_tls_and_tokens(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    with served("--tls", "--entra", "--ca-file", str(path)) as (where, process):
        assert where["ca_file"] == str(path) and where["authority_host"] == where["azure_endpoint"]
        with urllib3.PoolManager(ca_certs=str(path)) as pool:
            url = f"{where['azure_endpoint']}/metadata/identity/oauth2/token?api-version=1&resource=https://ai.azure.com"
            token = pool.request("GET", url, headers={"Metadata": "true"}).json()["access_token"]

            def status(**headers: str) -> int:
                return pool.request("GET", f"{where['azure_endpoint']}/openai/v1/models", headers=headers).status

            assert status(authorization=f"Bearer {token}") == 200
            assert status(**{"api-key": "any"}) == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0


def test_people_are_told_what_must_trust_the_service() -> None:
    with at_terminal(["serve", "--port", "0", "--tls", "--entra"]) as terminal:
        terminal.see(r"ceyx answers at https://127\.0\.0\.1:\d+/v1")
        path = terminal.see(r"throw-away authority in (\S+ca\.pem),")[1]
        for language, command in (("Python", "SSL_CERT_FILE"), ("Node.js", "NODE_EXTRA_CA"), ("Go", "SSL"), ("Java", "keytool")):
            terminal.see(rf"{re.escape(language)}\s+{command}")
        terminal.see("AZURE_TENANT_ID=")
        assert Path(path).exists()
        terminal.type("\x03")
        assert terminal.ended() == 0
    assert not Path(path).exists()


def test_a_certificate_that_cannot_be_written(tmp_path: Path) -> None:
    done = ceyx("serve", "--port", "0", "--ca-file", str(tmp_path / "nowhere" / "ca.pem"))
    assert done.returncode == 4 and "nowhere/ca.pem" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ceyx("serve", "--port", str(port))
    assert done.returncode == 4 and str(port) in done.stderr and "already in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 can be reached by other machines"),
        (["--deployment", "prod"], "NAME=MODEL"),
        (["--port", "70000"], "--port"),
        (["--fault", "stall"], "DEPLOYMENT=FAULT"),
        (["--fault", "prod=stal"], "did you mean stall"),
        (["--faults", "no-such-file.toml"], "no-such-file.toml cannot be read"),
    ],
)
def test_options_that_cannot_be(arguments: list[str], said: str) -> None:
    done = ceyx("serve", *arguments)
    assert done.returncode == 2 and said in done.stderr and not done.stdout


def test_faults_of_deployments_and_scenarios(tmp_path: Path) -> None:
    path = tmp_path / "bad-day.toml"
    path.write_text('[[rule]]\nfirst = 1\nfault = "status;code=503"')
    with served("--faults", str(path), "--fault", "gpt-4o=status;code=529", "--fault", "*=hang-up") as (where, process):

        def status(model: str) -> int:
            body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
            return urllib3.request("POST", f"{where['url']}/chat/completions", json=body, retries=False).status

        assert [status("gpt-4o"), status("gpt-4o")] == [503, 529]
        with pytest.raises(urllib3.exceptions.ProtocolError):
            status("gpt-4.1")
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert process.stderr is not None and process.stderr.read() == b""


def test_a_configuration_and_a_script(tmp_path: Path) -> None:
    (tmp_path / "replies.yaml").write_text("replies: [{match: {contains: Hello}, reply: Hello yourself}]")
    (tmp_path / "ceyx.yaml").write_text("keys: [a-key]\ndeployments:\n  prod: {model: gpt-4o, engine: 'script:replies.yaml'}\n")
    more = ["--engine", f"gpt-4.1=script:{tmp_path / 'replies.yaml'}", "--api-key", "b-key"]
    with served("--config", str(tmp_path / "ceyx.yaml"), *more) as (where, _):
        for key, model in (("a-key", "prod"), ("b-key", "gpt-4.1")):
            done = ceyx("chat", "-q", "--model", model, "Hello", OPENAI_BASE_URL=str(where["url"]), OPENAI_API_KEY=key)
            assert done.stdout == "Hello yourself\n"


@pytest.mark.parametrize(
    ("config", "engine", "said"),
    [
        (
            "deployments: {prod: {modle: gpt-4o}}",
            "*=local",
            r"ceyx.yaml, line 1: deployments.prod.modle: there is no .modle. here .did you mean model",
        ),
        ("keys: [a]", "prod", "an engine is written DEPLOYMENT=ENGINE"),
        ("keys: [a]", "prod=script:none.yaml", "the engine of prod: none.yaml cannot be read"),
    ],
)
def test_a_configuration_that_is_wrong(tmp_path: Path, config: str, engine: str, said: str) -> None:
    (tmp_path / "ceyx.yaml").write_text(config)
    done = ceyx("serve", "--port", "0", "--config", str(tmp_path / "ceyx.yaml"), "--engine", engine)
    assert done.returncode == 2 and re.search(said, done.stderr) and not done.stdout


def test_a_store_survives_and_is_of_one_service(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    for _ in range(2):
        with served("--store", path) as (where, process):
            form = {"purpose": "batch", "file": ("a.jsonl", b"{}")}
            assert urllib3.request("POST", f"{where['url']}/files", fields=form).status == 200
            again = ceyx("serve", "--port", "0", "--store", path)
            assert again.returncode == 4 and "another service has it open" in again.stderr and "Traceback" not in again.stderr
            files = urllib3.request("GET", f"{where['url']}/files").json()["data"]
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0
    assert len(files) == 2
    done = ceyx("serve", "--port", "0", "--store", str(tmp_path / "none" / "state.db"))
    assert done.returncode == 4 and "see that its folder exists" in done.stderr


def test_faults_are_listed() -> None:
    done = ceyx("serve", "--list-faults")
    assert done.returncode == 0 and not done.stderr and "\x1b" not in done.stdout
    for text in ("Connection\n  cut  ", "    framing=own", "  stall  ", "Every fault\n    times=", "x-ceyx-fault"):
        assert text in done.stdout
    listed = json.loads(ceyx("serve", "--list-faults", "--json").stdout)
    assert [each["name"] for each in listed["faults"]] == list(CATALOGUE)
    assert listed["faults"][0]["parameters"][0] == {
        "name": "framing",
        "default": "own",
        "about": "how the body says its end: own, length, chunked, close",
    }
    assert [each["name"] for each in listed["every_fault"]] == ["times", "key"]


def test_faults_are_listed_at_a_terminal() -> None:
    with at_terminal(["serve", "--list-faults"]) as terminal:
        assert terminal.ended() == 0
    lines = re.sub(r"\x1b\[[0-9]*m", "", terminal.shown).splitlines()
    assert "\x1b[1mStream\x1b[0m" in terminal.shown
    assert max(map(len, lines)) <= 80


def asked(where: dict[str, object], text: str) -> tuple[int, str]:
    body = {"model": "prod", "messages": [{"role": "user", "content": text}]}
    answer = urllib3.request("POST", f"{where['url']}/chat/completions", json=body)
    return answer.status, answer.data.decode()


def test_it_forwards_and_records_and_replays(tmp_path: Path) -> None:
    file = str(tmp_path / "calls.jsonl")
    with served("-d", "gpt-4o=gpt-4o-mini") as (upstream, _):
        with served("-d", "prod=gpt-4o", "--forward", str(upstream["url"])) as (where, _):
            assert "gpt-4o-mini-2024-07-18" in asked(where, "Hello")[1]
        with served("-d", "prod=gpt-4o", "--record", file, "--upstream", str(upstream["url"])) as (where, _):
            recorded = asked(where, "Hello")
    with served("--replay", file, "--strict") as (where, _):
        assert asked(where, "Hello") == recorded
        assert asked(where, "Hello")[0] == 400
        assert "messages[0].content is 'Bye'" in asked(where, "Bye")[1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"record": "x.jsonl"}, "--record needs --upstream URL"),
        ({"upstream": "http://127.0.0.1:1"}, "add --record FILE"),
        ({"strict": True}, "add that, or leave --strict out"),
        ({"replay": "x.jsonl", "forward": "http://127.0.0.1:1"}, "--replay and --forward do not go together"),
    ],
)
def test_engines_that_do_not_go_together(options: dict[str, Any], why: str) -> None:
    none: dict[str, Any] = {"record": None, "upstream": None, "replay": None, "strict": False, "forward": None}
    with pytest.raises(Failure, match=why):
        engine_of(**none | options)


def test_a_recording_that_is_not_there() -> None:
    done = ceyx("serve", "--port", "0", "--replay", "none.jsonl")
    assert done.returncode == 2 and "none.jsonl is not there; record one" in done.stderr
