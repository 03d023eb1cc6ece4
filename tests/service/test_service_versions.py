"""The service holds requests to dated Azure against the same table as the client, and says what Azure says."""

from __future__ import annotations

from typing import Any

import pytest
from plain_http import Wire, said

from ceyx.service import LocalService, Settings

CHAT: dict[str, Any] = {"model": "gpt-4o", "messages": said("Hello")}
NOT_FOUND = {"error": {"code": "404", "message": "Resource not found"}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
PREDICTION = {"type": "content", "content": "x"}


def chat(wire: Wire, version: str, **fields: Any) -> Any:
    return wire.post(f"/openai/deployments/gpt-4o/chat/completions?api-version={version}", {**CHAT, **fields})


@pytest.mark.parametrize(
    ("method", "path", "without", "known"),
    [
        ("POST", "/deployments/tts-1/audio/speech", "2024-10-21", "2024-10-01-preview"),
        ("POST", "/deployments/gpt-image-1/images/edits", "2025-03-01-preview", "2025-04-01-preview"),
        ("POST", "/deployments/whisper-1/audio/transcriptions", "2023-08-01-preview", "2024-02-01"),
        ("GET", "/vector_stores", "2024-10-21", "2024-05-01-preview"),
        ("GET", "/vector_stores/vs_1/files", "2024-06-01", "2031-01-01"),
        ("GET", "/batches", "2024-06-01", "2024-10-21"),
        ("GET", "/evals", "2025-03-01-preview", "2025-04-01-preview"),
        ("GET", "/chat/completions", "2025-01-01-preview", "2025-02-01-preview"),
        ("POST", "/conversations", "2025-04-01-preview", "2031-01-01"),
        ("GET", "/fine_tuning/jobs", "2023-05-15", "2024-02-01"),
    ],
)
def test_an_endpoint_of_another_version_is_no_resource(wire: Wire, method: str, path: str, without: str, known: str) -> None:
    def ask(version: str) -> Any:
        address = f"/openai{path}?api-version={version}"
        return wire.get(address) if method == "GET" else wire.post(address, {})

    assert (ask(without).status, ask(without).json()) == (404, NOT_FOUND)
    assert ask(known).json() != NOT_FOUND


@pytest.mark.parametrize("path", ["/responses", "/responses/resp_1"])
def test_responses_say_which_version_they_need(wire: Wire, path: str) -> None:
    answer = (
        wire.get(f"/openai{path}?api-version=2024-10-21") if path[10:] else wire.post(f"/openai{path}?api-version=2024-10-21", {})
    )
    assert answer.status == 400
    message = "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"
    assert answer.json() == {"error": {"code": "BadRequest", "message": message}}


@pytest.mark.parametrize(
    ("fields", "without", "known"),
    [
        ({"max_completion_tokens": 9}, "2024-06-01", "2024-10-21"),
        ({"parallel_tool_calls": False, "tools": [TOOL]}, "2024-08-01-preview", "2024-09-01-preview"),
        ({"reasoning_effort": "low"}, "2024-10-21", "2024-12-01-preview"),
        ({"logprobs": True, "top_logprobs": 2}, "2024-02-01", "2024-06-01"),
        ({"logprobs": True}, "2024-02-01", "2024-06-01"),
        ({"tools": [TOOL]}, "2023-05-15", "2023-12-01-preview"),
        ({"stream": True, "stream_options": {"include_usage": True}}, "2024-06-01", "2024-10-21"),
    ],
)
def test_a_parameter_of_another_version_is_not_recognised(wire: Wire, fields: dict[str, Any], without: str, known: str) -> None:
    answer = chat(wire, without, **fields)
    assert answer.status == 400
    assert answer.json()["error"]["message"] in {
        *(f"Unrecognized request argument supplied: {name}" for name in fields),
        f"Unrecognized request arguments supplied: {', '.join(fields)}",
    }
    assert chat(wire, known, **fields).status == 200


@pytest.mark.parametrize(
    ("fields", "without", "known", "message"),
    [
        (
            {"response_format": SCHEMA},
            "2024-06-01",
            "2024-08-01-preview",
            "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
        ),
        (
            {"tools": [TOOL], "tool_choice": "required"},
            "2024-02-01",
            "2024-06-01",
            "tool_choice value as required is enabled only for api versions 2024-06-01 and later",
        ),
        (
            {"prediction": PREDICTION},
            "2024-10-21",
            "2025-01-01-preview",
            "Prediction is enabled only for api versions 2025-01-01-preview and later",
        ),
    ],
)
def test_what_azure_has_words_for(wire: Wire, fields: dict[str, Any], without: str, known: str, message: str) -> None:
    answer = chat(wire, without, **fields)
    assert (answer.status, answer.json()) == (400, {"error": {"code": "BadRequest", "message": message}})
    assert chat(wire, known, **fields).status == 200


def test_what_nobody_saw_refused_is_taken(wire: Wire) -> None:
    """The `openai` package sends `encoding_format` with every embedding, and did so when versions did not know it."""
    asked = {"input": "a", "encoding_format": "base64", "dimensions": 8}
    assert wire.post("/openai/deployments/text-embedding-3-small/embeddings?api-version=2023-05-15", asked).status == 200
    assert chat(wire, "2023-05-15", seed=1, response_format=None).status == 200
    assert chat(wire, "2024-10-21", store=True, metadata={"a": "b"}).status == 200


def test_other_surfaces_have_no_versions(wire: Wire) -> None:
    fields = {"prediction": PREDICTION, "reasoning_effort": "low", "max_completion_tokens": 9}
    assert wire.post("/openai/v1/chat/completions?api-version=preview", {**CHAT, **fields}).status == 200
    assert wire.post("/openai/v1/chat/completions?api-version=2024-02-01", {**CHAT, **fields}).status == 200
    assert wire.post("/v1/chat/completions?api-version=2024-02-01", {**CHAT, **fields}).status == 200


def test_a_wrong_key_is_said_before_a_wrong_version() -> None:
    with LocalService(Settings(keys=frozenset({"right"}))) as service:
        assert Wire(service).post("/openai/responses?api-version=2024-10-21", {}, **{"api-key": "wrong"}).status == 401
