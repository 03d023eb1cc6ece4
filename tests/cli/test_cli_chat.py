"""`ceyx chat` for one question: from real processes, over real HTTP."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import CEYX, at_terminal, ceyx, environment
from fake_server import FakeServer

from ceyx.service import LocalService

SUMMARY = r"gpt-4o-mini-2024-07-18 · \d+ tokens in, \d+ out · \d+\.\d\d s, first token \d+\.\d\d s · req_\w+\n"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def test_without_any_configuration_the_stand_in_answers_and_says_so() -> None:
    done = ceyx("chat", "Translate to French: I love programming.")
    assert done.returncode == 0
    assert done.stdout.startswith("This is ceyx's local stand-in, not a model.")
    assert "Translate to French: I love programming." in done.stdout and done.stdout.endswith("\n")
    notice, summary = done.stderr.splitlines(keepends=True)
    assert "local stand-in" in notice and "OPENAI_API_KEY" in notice and "AZURE_OPENAI_ENDPOINT" in notice
    assert re.fullmatch("local stand-in for " + SUMMARY, summary)


def test_the_stand_in_is_not_looked_for_behind_a_proxy() -> None:
    done = ceyx("chat", "Hello", HTTP_PROXY="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1", NO_PROXY="example.com")
    assert done.returncode == 0, done.stderr


def test_an_openai_base_url_needs_no_key(service: LocalService) -> None:
    done = ceyx("chat", "Hello", "there", OPENAI_BASE_URL=service.url)
    assert "“Hello there”" in done.stdout
    assert re.fullmatch(SUMMARY, done.stderr)


def test_azure_is_asked_for_the_deployment_of_the_environment(service: LocalService) -> None:
    variables = {"AZURE_OPENAI_ENDPOINT": service.azure_endpoint, "AZURE_OPENAI_API_KEY": "k", "OPENAI_API_VERSION": "2024-10-21"}
    done = ceyx("chat", "Hello", **variables, AZURE_OPENAI_DEPLOYMENT="gpt-4o-deployment")
    assert "“Hello”" in done.stdout and "gpt-4o-2024-08-06" in done.stderr
    assert ceyx("chat", "Hello", **variables).returncode == 4
    assert ceyx("chat", "-m", "gpt-4o-mini", "Hello", **variables).returncode == 0


def test_both_configured_needs_a_choice(service: LocalService) -> None:
    both = {
        "AZURE_OPENAI_ENDPOINT": service.azure_endpoint,
        "AZURE_OPENAI_API_KEY": "azure-key-1",
        "OPENAI_API_VERSION": "2024-10-21",
        "OPENAI_BASE_URL": service.url,
        "AZURE_OPENAI_DEPLOYMENT": "gpt-4o",
    }
    done = ceyx("chat", "Hello", **both)
    assert done.returncode == 4 and not done.stdout
    assert "--provider" in done.stderr and "OPENAI_API_TYPE" in done.stderr
    for chosen, variables in (("azure", {}), ("openai", {}), (None, {"OPENAI_API_TYPE": "azure"})):
        options = ["--provider", chosen] if chosen else []
        done = ceyx("chat", "-o", "json", "Hello", *options, **both, **variables)
        assert json.loads(done.stdout)["provider"] == (chosen or "azure")


def test_everything_asked_for_is_sent(fake: FakeServer) -> None:
    options = ["-s", "Be terse.", "-m", "m-1", "-t", "0.5", "--max-tokens", "7", "--base-url", fake.url("plain")]
    done = ceyx("chat", *options, "Say", "hi", OPENAI_API_KEY="sk-secret-123")
    assert done.stdout == "Bonjour\n"
    assert fake.bodies == [
        {
            "model": "m-1",
            "messages": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Say hi"}],
            "temperature": 0.5,
            "max_tokens": 7,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert fake.headers[0]["authorization"] == "Bearer sk-secret-123"


def test_an_answer_that_ends_its_line_gets_no_other(fake: FakeServer) -> None:
    assert ceyx("chat", "Hello", "--base-url", fake.url("ends_with_line")).stdout == "Bonjour\n"


def test_piped_text_is_the_prompt_or_what_it_is_about(fake: FakeServer) -> None:
    url = fake.url("plain")
    ceyx("chat", "--base-url", url, stdin="What is this?\n")
    ceyx("chat", "--base-url", url, "What", "failed?", stdin="line 1\n```\nline 2\n")
    ceyx("chat", "--base-url", url, "Hello", stdin="")
    asked = [body["messages"][0]["content"] for body in fake.bodies]
    assert asked == ["What is this?", "What failed?\n\n````\nline 1\n```\nline 2\n````", "Hello"]


@pytest.mark.parametrize(("arguments", "stdin"), [([], b""), ([], b"\n \n"), ([""], b""), (["What?"], b"\x89PNG\r\n\0\0")])
def test_nothing_asked_or_no_text_piped_is_wrong_usage(arguments: list[str], stdin: bytes) -> None:
    done = ceyx("chat", *arguments, stdin=stdin)
    assert done.returncode == 2 and not done.stdout and len(done.stderr.splitlines()) == 1


def test_images_are_sent_as_what_they_are(fake: FakeServer, tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"  # its content counts, not its name
    picture.write_bytes(PIXEL)
    url = "https://example.com/cat.png"
    done = ceyx("chat", "--base-url", fake.url("plain"), "-i", str(picture), "--image", url, "What is it?")
    assert done.returncode == 0
    first, second, text = fake.bodies[0]["messages"][0]["content"]
    assert first["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(PIXEL).decode()
    assert second == {"type": "image_url", "image_url": {"url": url}}
    assert text == {"type": "text", "text": "What is it?"}


@pytest.mark.parametrize("name", ["missing.png", "words.png", "."])
def test_what_is_no_image_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    done = ceyx("chat", "-i", str(tmp_path / name), "What is it?")
    assert done.returncode == 2 and name.strip(".") in done.stderr and not done.stdout


def test_json_is_asked_for_in_words_too(service: LocalService) -> None:
    done = ceyx("chat", "--json", "-q", "Colours of the sea", OPENAI_BASE_URL=service.url)
    assert json.loads(done.stdout)["asked"] == "Colours of the sea"


def test_a_schema_shapes_the_answer(service: LocalService, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    for content in (schema, {"name": "place", "schema": schema, "strict": True}):
        file = tmp_path / "my place.json"
        file.write_text(json.dumps(content))
        done = ceyx("chat", "--json", "--schema", str(file), "-q", "Which city is it? 'Paris'", OPENAI_BASE_URL=service.url)
        assert json.loads(done.stdout) == {"city": "Paris"}


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_schema_that_is_none_is_said(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    if content is not None:
        file.write_text(content)
    done = ceyx("chat", "--schema", str(file), "Hello")
    assert done.returncode == 2 and "schema.json" in done.stderr


def test_output_for_programs(service: LocalService) -> None:
    streamed, whole = (
        json.loads(ceyx("chat", "-o", "json", "Grüße", *more, OPENAI_BASE_URL=service.url).stdout)
        for more in ([], ["--no-stream"])
    )
    assert streamed["answer"] == whole["answer"] and "Grüße" in streamed["answer"]
    assert streamed["usage"] == whole["usage"] and streamed["usage"]["completion_tokens"] > 0
    assert 0 < streamed["ttft"] <= streamed["seconds"] and whole["ttft"] is None
    for answer in (streamed, whole):
        assert answer["model"] == "gpt-4o-mini-2024-07-18" and answer["finish_reason"] == "stop"
        assert answer["request_id"].startswith("req_") and answer["provider"] == "openai"


def test_output_for_programs_has_nothing_beside_it(service: LocalService) -> None:
    assert ceyx("chat", "-o", "json", "Hello", OPENAI_BASE_URL=service.url).stderr == ""


def test_quiet_leaves_warnings_only(service: LocalService) -> None:
    assert ceyx("chat", "-q", "Hello", OPENAI_BASE_URL=service.url).stderr == ""
    cut = ceyx("chat", "-q", "--max-tokens", "3", "Hello", OPENAI_BASE_URL=service.url)
    assert cut.returncode == 0 and "length" in cut.stderr and "--max-tokens" in cut.stderr


def test_the_content_filter_and_a_refusal_are_said(fake: FakeServer) -> None:
    filtered = ceyx("chat", "-q", "Hello", "--base-url", fake.url("filtered"))
    assert filtered.returncode == 0 and filtered.stdout == "Bonj\n" and "content_filter" in filtered.stderr
    refused = ceyx("chat", "-q", "Hello", "--base-url", fake.url("refusal"))
    assert refused.stdout == "I cannot.\n" and "refused" in refused.stderr


@pytest.mark.parametrize("manner", ["no_stream_options", "extra_forbidden"])
def test_a_server_that_refuses_stream_options_is_asked_without(manner: str, fake: FakeServer) -> None:
    done = ceyx("chat", "Hello", "--base-url", fake.url(manner))
    assert done.returncode == 0 and done.stdout == "Bonjour\n"
    assert re.fullmatch(r"fake-1 · \d+\.\d\d s, first token \d+\.\d\d s · req_fake\n", done.stderr)
    assert ["stream_options" in body for body in fake.bodies] == [True, False]


def test_a_model_that_wants_max_completion_tokens_gets_them(fake: FakeServer) -> None:
    assert ceyx("chat", "Hello", "--max-tokens", "9", "--base-url", fake.url("reasoning")).stdout == "Bonjour\n"
    assert fake.bodies[1]["max_completion_tokens"] == 9


def test_a_pipe_is_not_coloured_and_gets_the_answer_raw(fake: FakeServer) -> None:
    done = ceyx("chat", "Hello", "--base-url", fake.url("escapes"), TERM="xterm-256color")
    assert done.stdout == "a\x1b]0;title\x07b\n" and "\x1b" not in done.stderr


def test_a_terminal_gets_colours_and_no_control_characters_of_the_model(fake: FakeServer) -> None:
    with at_terminal(["chat", "Hello", "--base-url", fake.url("escapes")]) as terminal:
        assert terminal.ended() == 0
    assert "a␛]0;title␇b\r\n" in terminal.shown
    assert re.search("\x1b\\[2mfake-1 · .*\x1b\\[0m", terminal.shown)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(variables: dict[str, str], fake: FakeServer) -> None:
    with at_terminal(["chat", "Hello", "--base-url", fake.url("plain")], **variables) as terminal:
        assert terminal.ended() == 0
    assert "Bonjour\r\nfake-1 · " in terminal.shown and "\x1b" not in terminal.shown


def test_pieces_are_shown_as_they_come(fake: FakeServer) -> None:
    started = time.monotonic()
    with at_terminal(["chat", "Hello", "--base-url", fake.url("slow")]) as terminal:
        terminal.see("tick tick ")  # the stream would last half a minute
        assert time.monotonic() - started < 10
        terminal.type("\x03")
        terminal.see("\r\n")
        assert terminal.ended() == 130


def test_ctrl_c_ends_a_slow_answer_quickly(fake: FakeServer) -> None:
    for manner in ("slow", "silent"):
        command = [*CEYX, "chat", "Hello", "--base-url", fake.url(manner)]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        )
        with process:
            assert process.stdout is not None and process.stderr is not None
            if manner == "slow":
                assert process.stdout.read(4) == b"tick"
            else:
                while not any("messages" in body for body in fake.bodies[1:]):
                    time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            started = time.monotonic()
            assert process.wait(5) == 130 and time.monotonic() - started < 2
            assert process.stderr.read() == b""
    assert fake.hung_up.wait(5), "the server went on with the answer"


def test_a_reader_that_has_read_enough_is_no_error(fake: FakeServer) -> None:
    command = [*CEYX, "chat", "Hello", "--base-url", fake.url("many")]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(10) == 141


def test_characters_the_encoding_lacks_do_not_end_the_program() -> None:
    done = ceyx("chat", "Grüße", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "Gr??e" in done.stdout
