"""Calls that an api-version of Azure cannot answer, over HTTP: those that are not sent, and those that Azure refuses."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from memory_clients import ENDPOINT, KINDS, chat, make, requests, result

import ceyx
from ceyx import AsyncAzureOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI, UnsupportedByVersionError
from ceyx.service import LocalService

SPEECH: Any = {"model": "tts", "input": "Hello", "voice": "alloy"}
AZURE = KINDS[2:]
JSON_SCHEMA: Any = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}


def azure(kind: Any = AzureOpenAI, **options: Any) -> Any:
    return make(kind, **{"check_api_version": None, **options})


def speak(client: Any) -> Any:
    return result(client.audio.speech.create(**SPEECH))


@pytest.mark.parametrize("kind", AZURE)
def test_a_call_that_cannot_work_says_so_and_is_not_sent(kind: Any) -> None:
    client = azure(kind)
    with pytest.raises(UnsupportedByVersionError, match=r"audio\.speech needs a preview api-version") as raised:
        speak(client)
    assert (raised.value.feature, raised.value.api_version) == ("audio.speech", "2024-10-21")
    assert isinstance(raised.value, ceyx.OpenAIError) and isinstance(raised.value, ValueError)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.feature) == (str(raised.value), "audio.speech")
    assert not requests(client)


@pytest.mark.parametrize("kind", AZURE)
def test_values_raw_calls_streams_and_bodies_by_hand_are_held_against_the_version_too(kind: Any) -> None:
    client = azure(kind, api_version="2024-06-01")
    asks: list[Callable[[], Any]] = [
        lambda: chat(client, response_format=JSON_SCHEMA),
        lambda: chat(client, response_format=JSON_SCHEMA, stream=True),
        lambda: chat(client, extra_body={"prediction": {"type": "content", "content": "x"}}),
        lambda: result(client.with_raw_response.responses.create(model="m", input="x")),
        lambda: result(client.chat.completions.with_raw_response.create(model="m", messages=[], prediction=JSON_SCHEMA)),
    ]
    for ask in asks:
        with pytest.raises(UnsupportedByVersionError):
            ask()
    assert not requests(client)
    assert chat(client, response_format={"type": "json_object"}, prediction=ceyx.omit).choices
    assert client.plan.responses.create(model="m", input="x").path == "/responses"  # which is not sent


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, False),
        ({"check_api_version": False}, True),
        ({"api_version": "2024-10-01-preview"}, True),
        ({"api_version": "2031-01-01"}, True),
        ({"api_version": "2024-12-24"}, True),
        ({"azure_endpoint": f"{ENDPOINT}/openai/v1", "api_version": None}, True),
        ({"azure_endpoint": f"{ENDPOINT}/openai/v1", "api_version": "preview"}, True),
        ({"azure_endpoint": f"{ENDPOINT}/openai/v1", "check_api_version": True}, True),
        ({"azure_endpoint": "https://contoso.openai.azure.us"}, False),
        ({"azure_endpoint": "https://contoso.cognitiveservices.azure.com"}, False),
        # a gateway may do more than the version says
        ({"azure_endpoint": "https://gateway.contoso.com"}, True),
        ({"azure_endpoint": None, "base_url": "https://gateway.contoso.com/openai"}, True),
        ({"azure_endpoint": "https://gateway.contoso.com", "check_api_version": True}, False),
        ({"azure_endpoint": None, "base_url": "http://127.0.0.1:9/openai", "check_api_version": True}, False),
        # the version that is sent is the one that counts
        ({"default_query": {"api-version": "2024-10-01-preview"}}, True),
        ({"api_version": "2024-10-01-preview", "default_query": {"api-version": "2024-10-21"}}, False),
    ],
)
def test_when_calls_are_held_against_the_version(options: dict[str, Any], sent: bool) -> None:
    client = azure(answer=(200, {"content-type": "audio/mpeg"}, b"ID3"), **options)
    if sent:
        assert speak(client).content == b"ID3"
    else:
        with pytest.raises(UnsupportedByVersionError):
            speak(client)
    assert len(requests(client)) == sent


def test_copies_and_pickles_keep_the_choice_and_follow_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "k")
    strict, free = azure(), azure(check_api_version=False)
    assert free.copy()._settings.checked_version is None
    assert free.with_options(api_version="2024-06-01", timeout=3)._settings.checked_version is None
    assert free.copy(check_api_version=True)._settings.checked_version == "2024-10-21"
    assert strict.copy(timeout=3)._settings.checked_version == "2024-10-21"
    assert strict.copy(api_version="2024-06-01")._settings.checked_version == "2024-06-01"
    assert strict.copy(check_api_version=False)._settings.checked_version is None
    assert strict.copy(azure_endpoint=f"{ENDPOINT}/openai/v1")._settings.checked_version is None
    assert pickle.loads(pickle.dumps(strict))._settings.checked_version == "2024-10-21"
    assert pickle.loads(pickle.dumps(free))._settings.checked_version is None
    assert OpenAI(api_key="k")._settings.checked_version is None
    with pytest.raises(ValueError, match="check_api_version is 'no'; there are True, False"):
        azure(check_api_version="no")
    with pytest.raises(TypeError, match="check_api_version"):
        make(OpenAI, check_api_version=True)


def test_openai_and_clients_that_only_exist_load_no_table() -> None:
    program = (
        "import sys; from ceyx import AzureOpenAI, OpenAI\n"
        "from ceyx.exchange import request_for\n"
        "client = OpenAI(api_key='k')\n"
        "request_for(client.plan.chat.completions.create(model='m', messages=[]), client._settings)\n"
        "azure = AzureOpenAI(api_key='k', azure_endpoint='https://c.openai.azure.com', api_version='2024-10-21')\n"
        "assert 'ceyx.wire.versions' not in sys.modules\n"
        "request_for(azure.plan.chat.completions.create(model='m', messages=[]), azure._settings)\n"
        "assert 'ceyx.wire.versions' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---- against the local service, which refuses as Azure does


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


def real(service: LocalService, version: str, kind: Any = AzureOpenAI, **options: Any) -> Any:
    return kind(api_key="any", azure_endpoint=service.azure_endpoint, api_version=version, max_retries=0, **options)


def test_a_service_that_does_more_than_the_version_is_asked(service: LocalService) -> None:
    with real(service, "2024-10-21") as client, pytest.raises(NotFoundError) as raised:
        speak(client)
    assert "audio.speech needs a preview api-version, 2024-02-15-preview or later, and this was 2024-10-21" in str(raised.value)
    with real(service, "2024-10-21", check_api_version=True) as client, pytest.raises(UnsupportedByVersionError):
        speak(client)
    with real(service, "2024-10-01-preview", check_api_version=True) as client:
        assert client.audio.speech.create(**{**SPEECH, "model": "tts-1"}).content


@pytest.mark.parametrize(
    ("version", "params", "said"),
    [
        ("2024-06-01", {"max_completion_tokens": 9}, "give max_tokens, unless the model reasons"),
        ("2024-06-01", {"parallel_tool_calls": False}, "leave it out"),
        ("2024-10-21", {"reasoning_effort": "low"}, "needs a preview api-version, 2024-12-01-preview or later"),
    ],
)
def test_what_some_models_take_is_sent_and_a_refusal_explained(
    service: LocalService, version: str, params: dict[str, Any], said: str
) -> None:
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    asked: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "tools": tools, **params}
    with real(service, version, check_api_version=True) as client, pytest.raises(BadRequestError) as raised:
        client.chat.completions.create(**asked)
    (name,) = params
    assert f"Unrecognized request argument supplied: {name}" in str(raised.value)
    assert said in str(raised.value) and f"and this was {version}" in str(raised.value)
    with real(service, "2025-04-01-preview", check_api_version=True) as client:
        assert client.chat.completions.create(**asked).choices


@pytest.mark.parametrize(
    ("version", "params", "said"),
    [
        (
            "2024-06-01",
            {"response_format": JSON_SCHEMA, "max_completion_tokens": 9},
            "later (BadRequest; {}); response_format=json_schema needs api-version 2024-10-21 or later, or a preview from "
            "2024-08-01-preview, and this was 2024-06-01: give api_version='2025-04-01-preview', or ",
        ),
        (
            "2024-10-21",
            {"prediction": {"type": "content", "content": "x"}},
            "; prediction needs a preview api-version, 2025-01-01",
        ),
    ],
)
def test_what_azure_says_of_a_version_is_explained_too(
    service: LocalService, version: str, params: dict[str, Any], said: str
) -> None:
    """Of a gateway, say, whose calls are not held against the table before they are sent."""
    with real(service, version) as client, pytest.raises(BadRequestError, match="enabled only for api versions") as raised:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], **params)
    request = raised.value.request
    assert request is not None
    assert said.format(f"POST {request.url}; request id {raised.value.request_id}") in str(raised.value)


async def _asked(client: Any) -> Any:
    async with client:
        return await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("version", ["2023-06-01-preview", "2023-12-01-preview", "2024-10-21", "2031-01-01"])
def test_chats_of_all_times_work(service: LocalService, version: str) -> None:
    """The first two are of guides that are still read."""
    assert result(_asked(real(service, version, AsyncAzureOpenAI, check_api_version=True))).choices[0].message.content
