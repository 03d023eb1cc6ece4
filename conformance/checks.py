"""What schemathesis is told: models and deployments that exist, and what an answer to any request has to be."""

from __future__ import annotations

from typing import Any

import schemathesis

_MODELS = {
    "embeddings": "text-embedding-3-small",
    "audio/speech": "tts-1",
    "audio/transcriptions": "whisper-1",
    "audio/translations": "whisper-1",
    "images/generations": "dall-e-3",
    "images/edits": "gpt-image-1",
    "images/variations": "dall-e-2",
    "moderations": "omni-moderation-latest",
}


def _model(path: str) -> str:
    if path.endswith("/completions") and not path.endswith("chat/completions"):
        return "gpt-35-turbo-instruct"
    return next((model for end, model in _MODELS.items() if path.endswith(end)), "gpt-4o")


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """A deployment, api-version and model that are there, where they are given: else little more would be looked at."""
    model = _model(case.operation.path)
    if "deployment-id" in (case.path_parameters or {}):
        case.path_parameters["deployment-id"] = model
    if isinstance(case.query, dict) and case.query.get("api-version"):
        case.query["api-version"] = "2024-10-21"
    if isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
        case.body["model"] = model


@schemathesis.check
def answers_as_a_provider(_context: Any, response: Any, _case: Any) -> None:
    """Anything is answered; what is refused is refused as the providers do it; what is not played says so."""
    status = response.status_code
    if status < 400:
        return
    try:
        said = response.json()
    except ValueError:
        raise AssertionError(f"a {status} that is no JSON: {response.content[:200]!r}") from None
    error = said.get("error", said) if isinstance(said, dict) else {}
    if not isinstance(error, dict) or not isinstance(error.get("message"), str) or not error["message"]:
        raise AssertionError(f"a {status} without a message: {response.content[:200]!r}")
    if status >= 500 and not (status == 501 and error.get("code") == "not_implemented"):
        raise AssertionError(f"a {status}: {error['message']}")
