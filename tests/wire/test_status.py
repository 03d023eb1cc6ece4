"""Answers that are errors: which class, what is in it, what it says."""

from __future__ import annotations

import json

import pytest

from ceyx import errors
from ceyx.wire.message import Headers, Request
from ceyx.wire.status import error_body, error_in_stream, status_error

REQUEST = Request("POST", "https://host", "/v1/chat/completions", {"authorization": "Bearer secret"}, b"{}")


class Answer:
    def __init__(self, status, content=b"", **headers):
        self.status, self.content = status, content
        self.headers = Headers((name.replace("_", "-"), value) for name, value in headers.items())


def error(status, body=None, **headers):
    content = body if isinstance(body, bytes) else json.dumps({"error": body or {"message": "boom"}}).encode()
    return status_error(Answer(status, content, **headers), REQUEST)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (307, errors.APIStatusError),
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (402, errors.APIStatusError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (408, errors.APIStatusError),
        (409, errors.ConflictError),
        (413, errors.APIStatusError),
        (418, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (503, errors.InternalServerError),
        (529, errors.InternalServerError),
    ],
)
def test_the_class_is_that_of_the_status(status, kind):
    assert type(error(status)) is kind


def test_attributes():
    body = {"message": "no", "code": "bad", "param": "model", "type": "invalid_request_error", "inner": {"x": 1}}
    made = error(400, body, x_request_id="req-1")
    assert (made.code, made.param, made.type, made.body) == ("bad", "model", "invalid_request_error", body)
    assert (made.status_code, made.request_id, made.response.status_code) == (400, "req-1", 400)
    assert made.response.headers["X-Request-Id"] == "req-1"
    assert made.response.json() == {"error": body}
    assert (made.request.method, made.request.url) == ("POST", "https://host/v1/chat/completions")


def test_the_message_names_what_was_said_where_and_the_request_id():
    made = error(400, {"message": "no", "code": "bad"}, x_request_id="req-1")
    assert str(made) == made.message == "Error code: 400 - no (bad; POST https://host/v1/chat/completions; request id req-1)"


def test_azures_request_id_counts():
    assert error(400, apim_request_id="apim-1").request_id == "apim-1"
    assert error(400, apim_request_id="apim-1", x_request_id="req-1").request_id == "req-1"


@pytest.mark.parametrize(
    ("status", "code", "step"),
    [
        (404, "DeploymentNotFound", "azure_deployment="),
        (401, "invalid_api_key", "OPENAI_API_KEY"),
        (401, None, "key or token"),
        (403, "PermissionDenied", "Cognitive Services OpenAI User"),
        (404, "model_not_found", "models.list"),
        (404, None, "api-version"),
        (429, "insufficient_quota", "billing"),
        (400, "context_length_exceeded", "fewer tokens"),
    ],
)
def test_the_next_step(status, code, step):
    assert step in str(error(status, {"message": "no", "code": code}))


def test_a_redirect_says_where_to():
    made = error(307, b"", location="https://elsewhere/v1")
    assert "redirects are not followed" in str(made)
    assert "https://elsewhere/v1" in str(made)


@pytest.mark.parametrize(
    ("content", "body", "in_message"),
    [
        (b'{"error": {"message": "m"}}', {"message": "m"}, "400 - m ("),
        (b'{"error": "text"}', "text", "400 - text ("),
        (b'{"message": "m", "statusCode": 401}', {"message": "m", "statusCode": 401}, "400 - m ("),
        (b'{"detail": "Not Found"}', {"detail": "Not Found"}, "400 - Not Found ("),
        (b'{"error": null, "x": 1}', {"error": None, "x": 1}, "400 ("),
        (b'{"error": {"message": 7}}', {"message": 7}, "400 ("),
        (b"upstream failed", "upstream failed", "400 - upstream failed ("),
        (b"<html><body>Bad gateway</body></html>", "<html><body>Bad gateway</body></html>", "400 ("),
        (b"", None, "400 ("),
        (b"\xff\xfe", "\ufffd\ufffd", "400 - "),
        (b"[1]", [1], "400 ("),
        (b'"said"', "said", "400 - said ("),
        (b"[" * 100_000, "[" * 100_000, "400 - "),
    ],
)
def test_any_body_is_read(content, body, in_message):
    made = error(400, content)
    assert made.body == body == error_body(content)
    assert in_message in str(made)


def test_a_number_as_code_is_text_and_not_repeated():
    made = error(429, {"message": "m", "code": 429})
    assert made.code == "429"
    assert "(POST" in str(made)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ({"error": {"message": "m", "code": "rate_limit_exceeded"}}, errors.RateLimitError, "rate_limit_exceeded"),
        ({"error": {"message": "m", "code": "429"}}, errors.RateLimitError, "429"),
        ({"error": {"message": "m", "code": 503}}, errors.InternalServerError, "503"),
        ({"error": {"message": "m", "type": "server_error"}}, errors.InternalServerError, None),
        ({"error": {"message": "m", "code": "content_filter"}}, errors.ContentFilterError, "content_filter"),
        ({"error": {"message": "m", "code": "418"}}, errors.APIStatusError, "418"),
        ({"error": {"message": "m", "code": "who knows"}}, errors.APIError, "who knows"),
        ({"error": {"message": "m"}}, errors.APIError, None),
        ({"error": "m"}, errors.APIError, None),
        ({"code": "rate_limit_exceeded", "message": "m"}, errors.RateLimitError, "rate_limit_exceeded"),
    ],
)
def test_an_error_inside_a_stream_has_the_class_its_code_stands_for(body, kind, code):
    made = error_in_stream(body, REQUEST, Headers([("x-request-id", "req-1")]))
    assert made.code == code
    assert made.request_id == "req-1"
    assert "m (" in str(made)
    assert "https://host/v1/chat/completions" in str(made)
    if kind is errors.APIStatusError or kind is errors.APIError:
        assert isinstance(made, kind)
    else:
        assert type(made) is kind


def test_an_error_inside_a_stream_knows_azures_request_id():
    assert error_in_stream({"error": "m"}, REQUEST, Headers([("apim-request-id", "apim-1")])).request_id == "apim-1"


@pytest.mark.parametrize("name", ["subscription-key", "api_key", "sig", "access_token", "code", "client_secret"])
@pytest.mark.parametrize(
    "make", [lambda request: status_error(Answer(400), request), lambda request: error_in_stream({"error": "m"}, request, {})]
)
def test_a_secret_in_the_query_is_not_in_the_error(name, make):
    request = Request("GET", "https://host", f"/v1/x?api-version=1&{name}=s3cret", {}, None)
    made = make(request)
    assert "s3cret" not in str(made) + made.request.url + repr(made.request)
    assert "api-version=1" in str(made)


JAILBREAK = {"jailbreak": {"filtered": True, "detected": True}, "hate": {"filtered": False, "severity": "safe"}}


@pytest.mark.parametrize(
    ("body", "source", "categories"),
    [
        ({"code": "content_filter"}, "prompt", {}),
        (
            {
                "code": "content_filter",
                "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": JAILBREAK},
            },
            "prompt",
            {"jailbreak": "detected"},
        ),
        (
            {"code": "BadRequest", "inner_error": {"code": "ResponsibleAIPolicyViolation", "content_filter_results": JAILBREAK}},
            "prompt",
            {"jailbreak": "detected"},
        ),
        (
            {
                "code": "content_filter",
                "content_filters": [
                    {"blocked": False, "source_type": "prompt", "content_filter_results": {"hate": {"filtered": False}}},
                    {"blocked": True, "source_type": "completion", "content_filter_results": JAILBREAK},
                ],
            },
            "completion",
            {"jailbreak": "detected"},
        ),
        ({"code": "content_filter", "content_filters": [7, {"source_type": "prompt"}]}, "prompt", {}),
        (
            {"code": "contentFilter", "message": "Generated image was filtered as a result of our safety system."},
            "completion",
            {},
        ),
        ({"code": "contentFilter", "message": "Your task failed as a result of our safety system."}, "prompt", {}),
        (
            {"code": "moderation_blocked", "message": "Rejected by the safety system. safety_violations=[sexual, violence]."},
            "prompt",
            {"sexual": "detected", "violence": "detected"},
        ),
        (
            {
                "code": "content_filter",
                "innererror": {"content_filter_result": {"custom_blocklists": [{"id": "mine", "filtered": True}]}},
            },
            "prompt",
            {"custom_blocklists": "detected"},
        ),
    ],
)
def test_what_a_content_filter_says_is_read_in_every_shape(body, source, categories):
    made = error(400, body)
    assert isinstance(made, errors.ContentFilterError)
    assert (made.source, made.categories) == (source, categories)


def test_what_is_no_content_filter():
    assert type(error(400, {"code": ["content_filter"], "innererror": {"code": []}})) is errors.BadRequestError
    assert type(error(400, {"code": "BadRequest", "innererror": {"code": "other"}})) is errors.BadRequestError
    assert type(error(403, {"code": "content_filter"})) is errors.PermissionDeniedError
