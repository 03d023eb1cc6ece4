"""What goes wrong with a question: a line or two, no traceback, no key, and the exit code that stands for it."""

from __future__ import annotations

import socket

import pytest
from commands import ceyx
from fake_server import FakeServer

KEY = "sk-proj-0123456789abcdef"
AZURE = {"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com"}


@pytest.mark.parametrize(
    ("manner", "code", "said"),
    [
        ("unauthorized", 4, ["Incorrect API key provided: [key]", "status 401", "request id req_fake"]),
        ("quota", 1, ["You exceeded your current quota.", "status 429", "billing"]),
        ("too_warm", 1, ["Invalid 'temperature' for this model."]),
        ("error_event", 1, ["The server had an error."]),
        ("page", 3, ["text/html"]),
        ("cut", 3, ["closed the connection"]),
        ("unfinished", 3, ["no finish_reason"]),
    ],
)
def test_an_answer_that_is_none_or_not_whole(manner: str, code: int, said: list[str], fake: FakeServer) -> None:
    done = ceyx("chat", "Hello", OPENAI_BASE_URL=fake.url(manner), OPENAI_API_KEY=KEY)
    assert done.returncode == code, done.stderr
    assert all(part in done.stderr for part in said), done.stderr
    assert done.stderr.startswith("ceyx: ") and len(done.stderr.splitlines()) <= 2
    assert "Traceback" not in done.stderr and KEY not in done.stderr + done.stdout
    assert done.stdout == ("Bonj\n" if manner in ("cut", "unfinished", "error_event") else "")


def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = ceyx("chat", "Hello", OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", OPENAI_API_KEY=KEY)
    assert done.returncode == 3 and f"http://127.0.0.1:{port}" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_server_that_keeps_silent_is_given_up(fake: FakeServer) -> None:
    done = ceyx("chat", "Hello", "--timeout", "0.1", "--base-url", fake.url("silent"))
    assert done.returncode == 3 and "0.1 s" in done.stderr


@pytest.mark.parametrize(
    ("variables", "arguments", "said"),
    [
        ({}, ["--provider", "openai"], "OPENAI_API_KEY is not set"),
        ({}, ["--base-url", "https://api.openai.com/v1"], "OPENAI_API_KEY is not set"),
        ({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "not an address"}, [], "OPENAI_BASE_URL"),
        ({"AZURE_OPENAI_API_KEY": KEY}, [], "AZURE_OPENAI_ENDPOINT is not"),
        (AZURE, ["-m", "d"], "OPENAI_API_VERSION"),
        ({**AZURE, "OPENAI_API_VERSION": "2024-10-21"}, ["-m", "d"], "AZURE_OPENAI_API_KEY"),
        ({**AZURE, "OPENAI_API_VERSION": "2024-10-21", "AZURE_OPENAI_API_KEY": KEY}, [], "AZURE_OPENAI_DEPLOYMENT"),
        ({"OPENAI_API_TYPE": "aws", "OPENAI_API_KEY": KEY}, [], "OPENAI_API_TYPE"),
    ],
)
def test_a_configuration_that_lacks_a_part(variables: dict[str, str], arguments: list[str], said: str) -> None:
    done = ceyx("chat", "Hello", *arguments, **variables)
    assert done.returncode == 4 and said in done.stderr and KEY not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--base-url", "http://127.0.0.1:1", "--azure-endpoint", "http://127.0.0.1:1"],
        ["--api-version", "2024-10-21", "--base-url", "http://127.0.0.1:1"],
        ["--provider", "nobody"],
        ["-t", "3"],
        ["--no-such-option"],
        ["--api-key", KEY],
    ],
)
def test_options_that_cannot_be(arguments: list[str]) -> None:
    done = ceyx("chat", "Hello", *arguments)
    assert done.returncode == 2 and done.stderr and not done.stdout and KEY not in done.stderr


def test_debugging_shows_the_traceback_but_not_the_key(fake: FakeServer) -> None:
    done = ceyx("chat", "Hello", OPENAI_BASE_URL=fake.url("unauthorized"), OPENAI_API_KEY=KEY, CEYX_DEBUG="1")
    assert "Traceback" in done.stderr and "AuthenticationError" in done.stderr and KEY not in done.stderr
