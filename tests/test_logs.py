"""HTTP logging: what is asked for, and never a secret."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from memory_clients import ASK, CHAT, KEY, KINDS, chat, chunk, events, failure, in_turn, make

from ceyx import AsyncOpenAI, OpenAI, logs

pytestmark = pytest.mark.usefixtures("untouched_logging")
SECRETS = {"X-Api-Key": "s3cret", "Cookie": "s3cret", "X-Team": "s3cret", "X-Shown": "seen"}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.set_level(logging.DEBUG, "ceyx")
    return Messages(caplog)


class Messages(list[str]):
    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog

    def text(self, event: str) -> str:
        return "\n---\n".join(message for message in self.caplog.messages if message.startswith(event))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("detail", "headers", "bodies"),
    [("basic", False, False), ("headers", True, False), ("body", False, True), ("body_and_headers", True, True)],
)
def test_each_detail(kind, detail, headers, bodies, lines: Any):
    client = make(kind, http_logging=detail, default_headers=SECRETS, default_query={"code": "s3cret", "limit": 2})
    chat(client)
    asked, answered = lines.text("request"), lines.text("response")
    assert "POST https://" in asked
    assert "chat/completions?" in asked
    assert "limit=2" in asked
    assert "code=REDACTED" in asked
    assert " 200 in " in answered
    assert "request id req-1" in answered
    assert ("user-agent: ceyx/" in asked, "x-request-id: req-1" in answered) == (headers, headers)
    assert ("x-team: REDACTED" in asked, "x-api-key: REDACTED" in asked) == (headers, headers)
    assert ('"messages"' in asked, '"choices"' in answered) == (bodies, bodies)
    for secret in (KEY, "s3cret", "seen"):
        assert secret not in asked + answered


def test_none_says_nothing(lines: Any):
    chat(make(OpenAI, http_logging="none"))
    chat(make(OpenAI))
    assert not lines.caplog.messages


def test_more_headers_may_be_shown(lines: Any):
    detail = logs.HTTPLogging("headers", allowed_headers=["X-Shown"])
    chat(make(OpenAI, http_logging=detail, default_headers=SECRETS))
    assert "x-shown: seen" in lines.text("request")
    assert "s3cret" not in lines.caplog.text
    assert repr(detail) == "HTTPLogging('headers')"


@pytest.mark.parametrize("kind", [OpenAI, AsyncOpenAI])
def test_retries_are_told_without_secrets(kind, lines: Any, slept):
    client = make(
        kind,
        in_turn(failure(429, "slow", retry_after="3"), CHAT),
        http_logging="basic",
        default_query={"subscription-key": "s3cret"},
    )
    chat(client)
    assert "retry 1 in 3.00 s: POST" in lines.text("retry")
    assert "slow" in lines.text("retry")
    assert "s3cret" not in lines.caplog.text
    assert [record.levelname for record in lines.caplog.records] == ["DEBUG", "INFO", "INFO", "DEBUG", "INFO"]


def test_a_stream_has_no_body_to_show(lines: Any):
    client = make(OpenAI, events(chunk("private")), http_logging="body")
    list(client.chat.completions.create(model="m", messages=ASK, stream=True))
    assert "(the body is a stream)" in lines.text("response")
    assert "private" not in lines.caplog.text


def test_a_long_body_is_cut(lines: Any):
    chat(make(OpenAI, http_logging="body"), messages=[{"role": "user", "content": "x" * 100_000}])
    assert len(lines.text("request")) < 20_000
    assert "bytes)" in lines.text("request")


def test_the_level_of_the_logger_decides(caplog):
    caplog.set_level(logging.INFO, "ceyx")
    chat(make(OpenAI, http_logging="basic"))
    assert [message.partition(":")[0] for message in caplog.messages] == ["response"]


def test_a_listener_gets_the_lines_instead_of_the_logger(caplog):
    heard: list[tuple[str, str]] = []
    logs.set_listener(lambda event, line: heard.append((event, line)))
    chat(make(OpenAI, http_logging="basic"))
    asyncio.run(make(AsyncOpenAI, http_logging="basic").chat.completions.create(model="m", messages=ASK))
    assert [event for event, _ in heard] == ["request", "response"] * 2
    assert all(line.startswith(event) for event, line in heard)
    logs.set_listener(None)
    chat(make(OpenAI, http_logging="basic"))
    assert len(heard) == 4


def test_events_may_be_chosen(slept):
    heard: list[str] = []
    logs.set_listener(lambda event, _: heard.append(event))
    logs.set_events("retry")
    chat(make(OpenAI, in_turn(failure(500), CHAT), http_logging="basic"))
    assert heard == ["retry"]
    logs.set_events()
    chat(make(OpenAI, http_logging="basic"))
    assert heard == ["retry", "request", "response"]
    with pytest.raises(ValueError, match="no such event: replay"):
        logs.set_events("replay")  # type: ignore[arg-type]


# ---- the environment


@pytest.mark.parametrize(
    ("variables", "detail", "level"),
    [
        ({}, None, logging.NOTSET),
        ({"OPENAI_LOG": "debug"}, "basic", logging.DEBUG),
        ({"OPENAI_LOG": "info"}, "basic", logging.INFO),
        ({"OPENAI_LOG": "WARNING"}, None, logging.WARNING),
        ({"CEYX_LOG": "error", "OPENAI_LOG": "debug"}, None, logging.ERROR),
        ({"CEYX_LOG": "debug", "AZURE_HTTP_LOG_DETAIL_LEVEL": "headers"}, "headers", logging.DEBUG),
        ({"AZURE_HTTP_LOG_DETAIL_LEVEL": "BODY_AND_HEADERS"}, "body_and_headers", logging.NOTSET),
        ({"AZURE_HTTP_LOG_DETAIL_LEVEL": "none", "CEYX_LOG": "debug"}, None, logging.DEBUG),
        ({"AZURE_LOG_LEVEL": "verbose"}, "basic", logging.DEBUG),
        ({"AZURE_LOG_LEVEL": "informational"}, "basic", logging.INFO),
        ({"AZURE_SDK_GO_LOGGING": "all"}, "headers", logging.DEBUG),
    ],
)
def test_variables(environment, variables, detail, level):
    for name, value in variables.items():
        environment.setenv(name, value)
    log = OpenAI(api_key="k")._settings.log
    assert (log and log.detail) == detail
    assert logs.logger.level == level


@pytest.mark.parametrize("name", ["CEYX_LOG", "OPENAI_LOG", "AZURE_HTTP_LOG_DETAIL_LEVEL"])
def test_a_variable_that_makes_no_sense_is_named(environment, name, caplog):
    environment.setenv(name, "loud")
    assert OpenAI(api_key="k")._settings.log is None
    assert f"{name} is 'loud'" in caplog.text


def test_an_argument_beats_the_variable(environment):
    environment.setenv("AZURE_HTTP_LOG_DETAIL_LEVEL", "body")
    assert OpenAI(api_key="k", http_logging="basic")._settings.log.detail == "basic"  # type: ignore[union-attr]
    assert OpenAI(api_key="k", http_logging="none")._settings.log is None
    with pytest.raises(ValueError, match="no such detail of HTTP logging: 'loud'"):
        OpenAI(api_key="k", http_logging="loud")  # type: ignore[arg-type]


def test_lines_go_to_standard_error_unless_the_program_has_handlers(environment):
    environment.setenv("OPENAI_LOG", "debug")
    assert logging.getLogger().handlers  # pytest's
    OpenAI(api_key="k")
    assert not logs.logger.handlers
    environment.setattr(logging.getLogger(), "handlers", [])
    OpenAI(api_key="k")
    OpenAI(api_key="k")
    assert [type(handler) for handler in logs.logger.handlers] == [logging.StreamHandler]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/p", "https://h/p"),
        ("https://h/p?limit=2&after=x", "https://h/p?limit=2&after=x"),
        ("https://h/p?sig=a=b&order=asc&flag", "https://h/p?sig=REDACTED&order=asc&flag=REDACTED"),
    ],
)
def test_urls(url, shown):
    assert logs.shown_url(url) == shown
