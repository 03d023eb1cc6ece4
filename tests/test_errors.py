"""The error tree: its shape, its attributes, pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

from ceyx import errors
from ceyx.types.chat import ChatCompletion
from ceyx.wire.message import Headers, Request, Response

REQUEST = Request("POST", "https://host", "/v1/x", {"authorization": "Bearer s3cret", "x-a": "b"}, b"private prompt")
RESPONSE = Response(429, Headers([("x-request-id", "req-1"), ("set-cookie", "s3cret")]), b"{}", REQUEST)
BODY = {"code": "c", "param": "p", "type": "t", "message": "m"}

STATUS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.APIStatusError)]
MADE = [
    errors.OpenAIError("said"),
    errors.APIError("said", REQUEST, body=BODY),
    errors.APIConnectionError(request=REQUEST),
    errors.APIConnectionError(message="said", request=REQUEST),
    errors.APITimeoutError(REQUEST),
    errors.DeadlineExceededError(REQUEST, message="said"),
    errors.ProtocolError("said", REQUEST),
    errors.DeploymentsUnavailableError("said", REQUEST),
    errors.APIResponseValidationError(RESPONSE, BODY),
    errors.MutuallyExclusiveAuthError("said"),
    errors.LengthFinishReasonError(completion=ChatCompletion(id="1", usage=None)),
    errors.ContentFilterFinishReasonError(completion=ChatCompletion(id="1")),
    errors.ContentFilterFinishReasonError(),
    errors.InvalidWebhookSignatureError("said"),
    *[kind("said", response=RESPONSE, body=BODY) for kind in STATUS],
]


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_every_error_survives(error, again):
    other = again(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert other.args == error.args
    for name, value in vars(error).items():
        found = getattr(other, name)
        if isinstance(value, Request):
            assert (found.url, found.headers) == (value.url, value.headers)
        elif isinstance(value, Response):
            assert (found.status_code, dict(found.headers), found.content) == (
                value.status_code,
                dict(value.headers),
                value.content,
            )
        else:
            assert found == value


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_no_error_shows_a_secret(error):
    shown = [str(error), repr(error), *map(repr, vars(error).values())]
    shown += [repr(vars(getattr(error, "response", error))), repr(getattr(getattr(error, "request", None), "headers", ""))]
    assert "s3cret" not in "".join(shown)
    assert b"Bearer s3cret" not in pickle.dumps(error)
    assert b"private prompt" not in pickle.dumps(error)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (errors.APIError, errors.OpenAIError),
        (errors.APIConnectionError, errors.APIError),
        (errors.APITimeoutError, errors.APIConnectionError),
        (errors.DeadlineExceededError, errors.APITimeoutError),
        (errors.ProtocolError, errors.APIConnectionError),
        (errors.APIResponseValidationError, errors.APIError),
        (errors.OAuthError, errors.AuthenticationError),
        (errors.MutuallyExclusiveAuthError, errors.OpenAIError),
        (errors.LengthFinishReasonError, errors.OpenAIError),
        (errors.ContentFilterFinishReasonError, errors.OpenAIError),
        (errors.InvalidWebhookSignatureError, ValueError),
        *[(kind, errors.APIStatusError) for kind in errors.BY_STATUS.values()],
        (errors.InternalServerError, errors.APIStatusError),
        (errors.APIStatusError, errors.APIError),
    ],
)
def test_the_tree(kind, base):
    assert issubclass(kind, base)
    assert kind.__doc__


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert all(name in (errors.__doc__ or "") for name in kinds)


def test_attributes_of_an_api_error():
    error = errors.APIError("said", REQUEST, body=BODY)
    assert (error.message, error.code, error.param, error.type, error.body) == ("said", "c", "p", "t", BODY)
    assert error.request is not None
    assert (error.request.headers["authorization"], error.request.headers["x-a"], error.request.content) == (
        "REDACTED",
        "b",
        None,
    )


@pytest.mark.parametrize("body", [None, "text", [1], {"message": "m"}, {"code": None}])
def test_a_body_that_names_nothing(body):
    error = errors.APIError("said", body=body)
    assert (error.code, error.param, error.type, error.request) == (None, None, None, None)


def test_errors_can_be_made_as_in_openai():
    assert str(errors.APIConnectionError()) == "Connection error."
    assert str(errors.APITimeoutError(REQUEST)) == "Request timed out."
    assert errors.APIResponseValidationError(RESPONSE).status_code == 429
    made = errors.RateLimitError("said", response=RESPONSE, body=None)
    assert (made.status_code, made.request_id, made.body) == (429, "req-1", None)


def test_a_cut_answer_tells_what_it_used():
    error = errors.LengthFinishReasonError(completion=ChatCompletion.wrap({"usage": {"total_tokens": 7}}))
    assert "length limit" in str(error)
    assert "7" in str(error)
    assert error.completion.usage.total_tokens == 7
