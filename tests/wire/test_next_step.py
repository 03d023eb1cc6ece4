"""What to do about an error: by what is said, by its code, by its status, and by the URL that led nowhere."""

from __future__ import annotations

import json

import pytest

from ceyx.wire.message import Headers, Request
from ceyx.wire.next_step import NEXT_STEPS, wrong_with
from ceyx.wire.status import status_error

RESOURCE = "https://contoso.openai.azure.com"
FOUNDRY = "https://contoso.services.ai.azure.com"


class Answer:
    headers = Headers([])

    def __init__(self, status, body):
        self.status, self.content = status, json.dumps(body).encode()


def request(origin, target, body=b"{}"):
    return Request("POST", origin, target, {}, body)


@pytest.mark.parametrize(
    ("origin", "target", "said"),
    [
        (RESOURCE, "/openai/openai/deployments/d/chat/completions?api-version=2024-10-21", "/openai stands in it twice"),
        (RESOURCE, "/openai/v1/deployments/d/chat/completions?api-version=2024-10-21", "no deployments in the path"),
        (RESOURCE, "/openai/v1/chat/completions?api-version=2024-10-21", "no api-version=2024-10-21"),
        (RESOURCE, "/openai/deployments/d/chat/completions", "the api-version is missing"),
        (RESOURCE, "/openai/responses", "the api-version is missing"),
        (RESOURCE, "/openai/chat/completions?api-version=2024-10-21", "the deployment is missing"),
        (RESOURCE, "/openai/audio/speech?api-version=2024-10-21", "the deployment is missing"),
        (RESOURCE, "/openai/deployments/d/chat/completions?api-version=preview", "api-version=preview is of the v1 API"),
        (RESOURCE, "/chat/completions", f"/openai/v1 is missing: use AzureOpenAI(azure_endpoint='{RESOURCE}')"),
        (FOUNDRY, "/models/chat/completions?api-version=2024-05-01-preview", "/openai/v1 is missing"),
        (FOUNDRY, "/api/projects/p/openai/deployments/d/chat/completions?api-version=2024-10-21", f"use {FOUNDRY} for dated"),
        ("https://api.openai.com", "/chat/completions", "use https://api.openai.com/v1"),
        ("https://eu.api.openai.com", "/openai/v1/chat/completions", "use https://eu.api.openai.com/v1"),
    ],
)
def test_what_is_wrong_with_a_url(origin, target, said):
    assert said in wrong_with(request(origin, target))


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        (RESOURCE, "/openai/deployments/d/chat/completions?api-version=2024-10-21"),
        (RESOURCE, "/openai/responses/id?api-version=2025-04-01-preview"),
        (RESOURCE, "/openai/files?api-version=2024-10-21"),
        (RESOURCE, "/openai/v1/chat/completions"),
        (RESOURCE, "/openai/v1/responses?api-version=preview"),
        (FOUNDRY, "/api/projects/p/openai/v1/responses"),
        ("https://api.openai.com", "/v1/chat/completions"),
        ("http://localhost:8000", "/chat/completions"),
        ("https://gateway.contoso.com", "/team/deployments/d/chat/completions?api-version=2024-10-21"),
    ],
)
def test_nothing_is_wrong_with_a_url_that_may_be_right(origin, target):
    assert wrong_with(request(origin, target)) is None


@pytest.mark.parametrize(
    ("target", "body", "named"),
    [
        ("/openai/deployments/a%20b/embeddings?api-version=1", b'{"model": "other"}', "no deployment is named 'a b' at contoso"),
        ("/openai/v1/embeddings", b'{"model": "mine"}', "no deployment is named 'mine' at contoso"),
        ("/openai/v1/embeddings", b"no json", "; pass azure_deployment="),
        ("/openai/v1/embeddings", b"[1]", "; pass azure_deployment="),
        ("/openai/v1/embeddings", b'{"model": 7}', "; pass azure_deployment="),
        ("/openai/v1/embeddings", None, "; pass azure_deployment="),
    ],
)
def test_the_deployment_that_is_not_there_is_named(target, body, named):
    made = status_error(Answer(404, {"error": {"code": "DeploymentNotFound", "message": "no"}}), request(RESOURCE, target, body))
    assert named in str(made)


def test_what_is_said_wins_over_a_code_that_tells_little():
    for status, code, message, step in [
        (401, "401", "Access denied due to INVALID subscription key or wrong API endpoint.", "Keys and Endpoint"),
        (403, "Forbidden", "A Virtual Network is configured for this resource.", "within its network"),
        (404, "404", "Subdomain does not map to a resource.", "the name before the first dot"),
        (400, "BadRequest", "API version not supported", "newer api_version="),
        (400, "BadRequest", "Responses API is enabled only for api-version 2025-03-01-preview and later", "newer api_version="),
        (403, None, "Request failed content safety check.", "API Management"),
    ]:
        made = status_error(Answer(status, {"error": {"code": code, "message": message}}), request(RESOURCE, "/openai/v1/x"))
        assert step in str(made)


@pytest.mark.parametrize(
    ("origin", "target", "scope"),
    [
        (RESOURCE, "/openai/v1/x", "https://cognitiveservices.azure.com/.default"),
        ("https://contoso.openai.azure.us", "/openai/v1/x", "https://cognitiveservices.azure.us/.default"),
        (FOUNDRY, "/api/projects/p/openai/v1/x?a=b", "https://ai.azure.com/.default"),
    ],
)
def test_a_token_is_to_be_for_the_cloud_that_is_asked(origin, target, scope):
    said = {"error": {"code": "401", "message": "Unauthorized. Access token is missing, invalid, audience is incorrect."}}
    assert f"take it for {scope};" in str(status_error(Answer(401, said), request(origin, target)))


def test_a_role_is_that_of_the_thing_asked():
    denied = {"error": {"code": "PermissionDenied", "message": "The principal `x` lacks the required data action `y`."}}
    assert "'Cognitive Services OpenAI User'" in str(status_error(Answer(401, denied), request(RESOURCE, "/openai/v1/x")))
    assert "'Azure AI User'" in str(status_error(Answer(403, denied), request(FOUNDRY, "/api/projects/p/openai/v1/x")))


def test_every_step_can_be_reached():
    """Words are looked for in what was said in lower case; what is of one word is a code."""
    phrases = [key for key in NEXT_STEPS if isinstance(key, str) and " " in key]
    assert phrases and all(phrase == phrase.lower() for phrase in phrases)
    for key in NEXT_STEPS:
        if isinstance(key, str) and " " not in key:
            made = status_error(Answer(418, {"error": {"code": key, "message": "no"}}), request(RESOURCE, "/openai/v1/x"))
            assert "); " in str(made)
