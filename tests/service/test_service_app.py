"""Every route, the two shapes of an error, credentials, api-versions and headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from plain_http import AZURE, Wire, said

from ceyx.service import LocalService, Settings

CHAT = {"messages": said("Hello")}
INSTRUCT = {"prompt": "Hello"}
EMBED = {"input": "Hello"}


def test_the_root_says_what_this_is(wire: Wire) -> None:
    assert wire.get("/").json()["service"] == "ceyx"


@pytest.mark.parametrize(
    ("path", "model", "body"),
    [
        ("chat/completions", "gpt-4o", CHAT),
        ("completions", "gpt-35-turbo-instruct", INSTRUCT),
        ("embeddings", "text-embedding-3-small", EMBED),
    ],
)
def test_each_operation_answers_on_each_surface(wire: Wire, path: str, model: str, body: dict[str, Any]) -> None:
    answers = [
        wire.post(f"/v1/{path}", {**body, "model": model}),
        wire.post(f"/openai/v1/{path}", {**body, "model": model}),
        wire.post(f"/openai/v1/{path}?api-version=preview", {**body, "model": model}),
        *(
            wire.post(AZURE.format(model, path), {**body, **name})
            for name in ({}, {"model": ""}, {"model": None}, {"model": "x"})
        ),
    ]
    for answer in answers:
        assert answer.status == 200, answer.data
        assert answer.json()["model"].startswith(model)
        assert answer.json()["usage"]["total_tokens"] > 0


def test_a_deployment_may_have_any_name() -> None:
    with LocalService(Settings.of(["dep x/1=gpt-4o"])) as service:
        answer = Wire(service).post(AZURE.format("dep%20x%2F1", "chat/completions"), CHAT)
        assert answer.json()["model"] == "gpt-4o-2024-08-06"


def test_models(wire: Wire) -> None:
    listed = wire.get("/v1/models").json()
    assert {"gpt-4o", "gpt-35-turbo", "gpt-35-turbo-instruct-prod"} <= {model["id"] for model in listed["data"]}
    assert wire.get("/v1/models/gpt-4o").json()["object"] == "model"
    azure = wire.get("/openai/models?api-version=2024-10-21").json()
    assert azure["data"][0]["capabilities"]["inference"] is True
    assert wire.get("/openai/models/gpt-4o?api-version=2024-10-21").json()["capabilities"]["chat_completion"] is True
    assert wire.get("/openai/v1/models/gpt-4o").json()["id"] == "gpt-4o"
    missing = wire.get("/v1/models/nothing")
    assert (missing.status, missing.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    "version",
    [
        "2024-10-21",
        "2025-01-01-preview",
        "2024-06-01",
        "2024-08-01-preview",
        "2023-06-01-preview",
        "2023-12-01-preview",
        "2031-01-01",
    ],
)
def test_any_well_formed_version_is_accepted(wire: Wire, version: str) -> None:
    assert wire.post(f"/openai/deployments/gpt-4o/chat/completions?api-version={version}", CHAT).status == 200


@pytest.mark.parametrize("version", ["20241021", "2024-13-01", "latest", "2024-10-21-beta", "%F0"])
def test_a_malformed_version_is_named(wire: Wire, version: str) -> None:
    answer = wire.post(f"/openai/deployments/gpt-4o/chat/completions?api-version={version}", CHAT)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "InvalidApiVersionParameter")


@pytest.mark.parametrize("path", ["/openai/deployments/gpt-4o/chat/completions", "/openai/models", "/openai/models?api-version="])
def test_a_missing_version_is_no_resource(wire: Wire, path: str) -> None:
    answer = wire.get(path) if "models" in path else wire.post(path, CHAT)
    assert answer.status == 404
    assert answer.json() == {"error": {"code": "404", "message": "Resource not found"}}


def test_before_the_filter_there_were_no_filter_results(wire: Wire) -> None:
    old = wire.post("/openai/deployments/gpt-4o/chat/completions?api-version=2023-05-15", CHAT).json()
    new = wire.post("/openai/deployments/gpt-4o/chat/completions?api-version=2023-06-01-preview", CHAT).json()
    assert "prompt_filter_results" not in old
    assert new["prompt_filter_results"][0]["content_filter_results"]["hate"] == {"filtered": False, "severity": "safe"}
    assert new["choices"][0]["content_filter_results"]["violence"]["severity"] == "safe"
    assert "content_filter_results" not in wire.chat()["choices"][0]


def test_an_unknown_deployment(wire: Wire) -> None:
    for answer in (
        wire.post(AZURE.format("gpt-9", "chat/completions"), CHAT),
        wire.post("/openai/v1/chat/completions", {**CHAT, "model": "gpt-9"}),
    ):
        error = answer.json()["error"]
        assert (answer.status, error["code"], set(error)) == (404, "DeploymentNotFound", {"code", "message"})
        assert "The API deployment for this resource does not exist" in error["message"]
        assert "'gpt-9'" in error["message"]


def test_an_unknown_model(wire: Wire) -> None:
    answer = wire.post("/v1/chat/completions", {**CHAT, "model": "gpt-9"})
    assert answer.status == 404
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["param"]) == ("model_not_found", "invalid_request_error", "model")
    assert "`gpt-9`" in error["message"]


@pytest.mark.parametrize(
    ("path", "model", "body", "status", "hint"),
    [
        ("completions", "gpt-4o", INSTRUCT, 404, "v1/chat/completions"),
        ("chat/completions", "gpt-3.5-turbo-instruct", CHAT, 404, "v1/completions"),
        ("chat/completions", "text-embedding-3-small", CHAT, 404, "v1/embeddings"),
        ("completions", "text-embedding-3-small", INSTRUCT, 404, "v1/embeddings"),
        ("embeddings", "gpt-4o", EMBED, 403, "embeddings"),
        ("completions", "tts-1", INSTRUCT, 404, "v1/audio/speech"),
        ("images/generations", "gpt-4o", {"prompt": "a"}, 404, "v1/chat/completions"),
        ("audio/speech", "whisper-1", {"input": "a", "voice": "alloy"}, 404, "v1/audio/transcriptions"),
    ],
)
def test_the_wrong_kind_of_model(wire: Wire, path: str, model: str, body: dict[str, Any], status: int, hint: str) -> None:
    answer = wire.post(f"/v1/{path}", {**body, "model": model})
    assert answer.status == status
    assert hint in answer.json()["error"]["message"]
    azure = wire.post(AZURE.format(model, path), body)
    assert (azure.status, azure.json()["error"]["code"]) == (400, "OperationNotSupported")
    assert model in azure.json()["error"]["message"]


def test_paths_that_lead_nowhere(wire: Wire) -> None:
    answer = wire.post("/v1/nothing", {})
    assert (answer.status, answer.json()["error"]["message"]) == (404, "Invalid URL (POST /v1/nothing)")
    assert answer.headers["x-request-id"]
    assert wire.post("/openai/deployments/gpt-4o/nothing?api-version=2024-10-21", {}).json()["error"]["code"] == "404"
    wrong = wire.get("/v1/embeddings")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")


@pytest.fixture(scope="module")
def locked() -> Iterator[Wire]:
    with LocalService(Settings.of(keys=["right-key", "schlüssel"])) as service:
        yield Wire(service)


class TestCredentials:
    @pytest.mark.parametrize("headers", [{"api-key": "right-key"}, {"Authorization": "Bearer right-key"}])
    def test_either_header_is_understood(self, locked: Wire, headers: dict[str, str]) -> None:
        for path in ("/v1/chat/completions", AZURE.format("gpt-4o", "chat/completions")):
            assert locked.post(path, {**CHAT, "model": "gpt-4o"}, **headers).status == 200

    def test_openai_names_the_key_masked(self, locked: Wire) -> None:
        key = "sk-proj-0123456789abcdefghijklmnop"
        answer = locked.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o"}, Authorization=f"Bearer {key}")
        assert (answer.status, answer.json()["error"]["code"]) == (401, "invalid_api_key")
        assert "sk-proj*" in answer.json()["error"]["message"]
        assert "mnop." in answer.json()["error"]["message"]
        assert "0123" not in answer.data.decode()
        short = locked.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o"}, Authorization="Bearer short-secret")
        assert "short" not in short.data.decode()

    def test_without_a_key(self, locked: Wire) -> None:
        answer = locked.get("/v1/models")
        assert answer.status == 401
        assert "didn't provide an API key" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("headers", [{}, {"api-key": "wrong"}, {"Authorization": "right-key"}])
    def test_azure_refuses(self, locked: Wire, headers: dict[str, str]) -> None:
        answer = locked.post(AZURE.format("gpt-4o", "chat/completions"), CHAT, **headers)
        error = answer.json()["error"]
        assert (answer.status, error["code"], set(error)) == (401, "401", {"code", "message"})
        assert "invalid subscription key or wrong API endpoint" in error["message"]

    def test_azure_refuses_a_token_in_other_words(self, locked: Wire) -> None:
        answer = locked.post(AZURE.format("gpt-4o", "chat/completions"), CHAT, Authorization="Bearer wrong")
        assert (answer.status, answer.json()["statusCode"]) == (401, 401)
        assert "audience is incorrect" in answer.json()["message"]

    def test_settings_do_not_show_keys(self) -> None:
        assert "right-key" not in repr(Settings.of(keys=["right-key"]))


def test_headers(wire: Wire) -> None:
    openai = wire.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o"}).headers
    assert openai["x-request-id"].startswith("req_")
    assert openai["openai-model"] == "gpt-4o-2024-08-06"
    assert openai["openai-version"] == "2020-10-01"
    assert int(openai["openai-processing-ms"]) >= 1
    assert openai["x-ratelimit-reset-requests"].endswith("s")
    azure = wire.post(AZURE.format("gpt-4o", "chat/completions"), CHAT, **{"x-ms-client-request-id": "mine"}).headers
    assert azure["apim-request-id"] == azure["x-request-id"]
    assert azure["x-ms-client-request-id"] == "mine"
    assert azure["x-ms-region"]
    assert azure["azureml-model-session"]
    assert "apim-request-id" in wire.post(AZURE.format("gpt-9", "chat/completions"), CHAT).headers
    assert "openai-model" not in azure


def test_rate_limits_count_down() -> None:
    with LocalService() as service:
        wire = Wire(service)
        heads = [wire.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o"}) for _ in range(3)]
        left = [int(answer.headers["x-ratelimit-remaining-requests"]) for answer in heads]
        assert left == [9999, 9998, 9997]
        tokens = [int(answer.headers["x-ratelimit-remaining-tokens"]) for answer in heads]
        assert tokens[0] - tokens[1] == heads[0].json()["usage"]["total_tokens"]
        other = wire.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o-mini"})
        assert other.headers["x-ratelimit-remaining-requests"] == "9999"


def test_a_body_too_large_is_refused(wire: Wire) -> None:
    answer = wire.post("/v1/chat/completions", b" " * (64 * 1024 * 1024 + 1))
    assert answer.status == 413
    assert "64 MB" in answer.json()["error"]["message"]


def test_what_nobody_expected_is_no_traceback(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ceyx.service.engines.local.chat", broken)
    openai = wire.post("/v1/chat/completions", {**CHAT, "model": "gpt-4o"})
    azure = wire.post(AZURE.format("gpt-4o", "chat/completions"), CHAT)
    assert (openai.status, openai.json()["error"]["type"]) == (500, "server_error")
    assert (azure.status, azure.json()["error"]["code"]) == (500, "InternalServerError")
    assert b"secret detail" not in openai.data + azure.data
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("text", ["x", "=gpt-4o", "x="])
def test_a_deployment_is_written_name_equals_model(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=MODEL"):
        Settings.of([text])
