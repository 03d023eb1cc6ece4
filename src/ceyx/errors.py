"""Everything ceyx raises of its own accord.

OpenAIError
├── APIError                          .message .request .body .code .param .type .retryable .partial
│   ├── APIConnectionError            .answered; no usable answer: name, connection, TLS, proxy, cut body; __cause__ says which
│   │   ├── APITimeoutError           a phase took longer than `timeout`
│   │   │   └── DeadlineExceededError the whole call, with its retries, took longer than `deadline`
│   │   ├── DeploymentsUnavailableError no deployment of the client may be asked now, nor soon enough
│   │   ├── StreamTruncatedError      .request_id; a stream ended, or its connection did, before the answer was whole
│   │   └── ProtocolError             what came back is not what the protocol promises
│   ├── APIResponseValidationError    .response .status_code; an answer that is not what the API promises
│   └── APIStatusError                .response .status_code .request_id
│       ├── BadRequestError           400
│       │   └── ContentFilterError    .source .results .categories; also a ValueError
│       ├── AuthenticationError       401
│       │   └── OAuthError            .error; 400, 401 or 403 of the service that exchanges tokens
│       ├── PermissionDeniedError     403
│       ├── NotFoundError             404
│       ├── ConflictError             409
│       ├── UnprocessableEntityError  422
│       ├── RateLimitError            429
│       └── InternalServerError       500 and above
├── SubjectTokenProviderError         .response; the platform gave no token to exchange
├── MutuallyExclusiveAuthError        two ways to authenticate were given
├── UnsupportedByVersionError         .feature .api_version; not sent: Azure's api-version cannot answer it; also a ValueError
├── LengthFinishReasonError           .completion
└── ContentFilterFinishReasonError    .completion
InvalidWebhookSignatureError          a ValueError

The names and the tree are those of the `openai` package; DeadlineExceededError, DeploymentsUnavailableError,
StreamTruncatedError, ProtocolError, ContentFilterError and UnsupportedByVersionError are new leaves. A message names the
thing, the value and the next step. Errors hold no secret and survive pickling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ceyx.types.chat import ChatCompletion
    from ceyx.wire.message import Request, Response


_controls = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """`text`, which may be a server's, fit for a terminal: what would move the cursor or turn the line around is escaped."""
    return _controls.sub(lambda found: ascii(found[0])[1:-1], text)


class OpenAIError(Exception):
    """Base of all errors of this library."""

    def __reduce__(self) -> Any:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[OpenAIError], args: tuple[Any, ...], state: dict[str, Any]) -> OpenAIError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class APIError(OpenAIError):
    """The API could not be reached, or did not answer as asked."""

    message: str
    request: Request | None
    body: object | None
    """The decoded error object of the answer, its text where it is no JSON, or None where there is no answer."""
    code: str | None = None
    param: str | None = None
    type: str | None = None
    partial: Any = None
    """What had arrived of a streamed answer, as the whole one would show it (a ChatCompletion, a Response, …), or its events."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may fare better if it is sent again. The client has done so already, up to `max_retries`,
        where nothing of an answer had arrived."""
        return False

    def __init__(self, message: str, request: Request | None = None, *, body: object | None = None) -> None:
        super().__init__(message := shown(message))
        self.message = message
        given: Any = request  # in tests of other programs, often one of httpx's
        self.request = given.summary() if hasattr(given, "summary") else given
        self.body = body
        if isinstance(body, dict):
            for name in ("code", "param", "type"):
                value = body.get(name)
                setattr(self, name, None if value is None else str(value))


class APIConnectionError(APIError):
    """No usable answer: the name, connection, TLS, proxy or body failed. `__cause__` is the transport's own error."""

    request_id: str | None = None
    """What support asks for, where an answer had begun that says it."""
    answered: bool = False
    """Whether the answer had begun: the server has done the work, then, and may bill it."""
    received: int | None = None
    """How many bytes of an answer's body came; None where the request did not go out whole, so the server did nothing."""

    @property
    def retryable(self) -> bool:
        return True

    def __init__(self, *, message: str = "Connection error.", request: Request | None = None) -> None:
        super().__init__(message, request)


class APITimeoutError(APIConnectionError):
    """A phase of the request took longer than its `timeout`."""

    def __init__(self, request: Request | None = None, *, message: str = "Request timed out.") -> None:
        super().__init__(message=message, request=request)


class DeadlineExceededError(APITimeoutError):
    """The whole call, retries and waits included, would take longer than its `deadline`."""

    @property
    def retryable(self) -> bool:
        return False


class StreamTruncatedError(APIConnectionError):
    """A stream ended, or its connection did, before the answer was whole. `partial` is the answer so far.

    What counts as whole is the client's `stream_end` to say.
    """

    answered = True

    def __init__(self, message: str, request: Request | None = None, *, partial: object = None) -> None:
        super().__init__(message=message, request=request)
        self.partial = partial


class DeploymentsUnavailableError(APIConnectionError):
    """None of the client's deployments may be asked now, nor soon enough: nothing was sent. The message says how each stands."""

    retry_after: float | None = None
    """Seconds until the first of them may be asked; None where waiting would not help."""

    def __init__(self, message: str, request: Request | None = None) -> None:
        super().__init__(message=message, request=request)


class ProtocolError(APIConnectionError):
    """What came back is not what HTTP, server-sent events or JSON promise."""

    def __init__(self, message: str, request: Request | None = None) -> None:
        super().__init__(message=message, request=request)


class APIResponseValidationError(APIError):
    """The answer is not of the shape the API promises."""

    response: Response
    status_code: int

    @property
    def retryable(self) -> bool:
        return True  # a gateway's page, mostly; the client does not by itself, as the answer may have been billed

    def __init__(self, response: Response, body: object | None = None, *, message: str | None = None) -> None:
        super().__init__(message or "Data returned by API invalid for expected schema.", response.request, body=body)
        self.response = response
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The API answered with a status of 400 or above."""

    response: Response
    status_code: int
    request_id: str | None
    """The `x-request-id` of the answer (Azure: also `apim-request-id`): what support asks for."""

    def __init__(self, message: str, *, response: Response, body: object | None = None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        self.status_code = response.status_code
        self.request_id = response.headers.get("x-request-id") or response.headers.get("apim-request-id")

    @property
    def retryable(self) -> bool:
        said = self.response.headers.get("x-should-retry")
        if said == "true" or said == "false":
            return said == "true"  # the server has the last word
        if self.code == "insufficient_quota":
            return False  # no wait helps against an empty account
        return self.status_code in (408, 409, 429) or self.status_code >= 500


class BadRequestError(APIStatusError):
    """Status 400."""


class ContentFilterError(BadRequestError, ValueError):
    """The provider's content filter blocked the prompt; or, with `content_filter="raise"`, it stopped the answer.

    In the second case `status_code` is that of the answer, 200, and `partial` is the answer, its usage included.
    """

    source: Literal["prompt", "completion"] = "prompt"
    results: Mapping[str, Any] = {}
    """What the filter found, by category, as the provider sent it: `{"violence": {"filtered": True, "severity": "high"}, …}`."""

    @property
    def categories(self) -> dict[str, str]:
        """The categories for which text was withheld, with their severity; those without degrees are "detected"."""
        each = {name: found if isinstance(found, list) else [found] for name, found in self.results.items()}
        held = {name: one for name, all_ in each.items() for one in all_ if isinstance(one, Mapping) and one.get("filtered")}
        return {name: str(one.get("severity") or "detected") for name, one in held.items()}


class AuthenticationError(APIStatusError):
    """Status 401."""


class OAuthError(AuthenticationError):
    """Status 400, 401 or 403 of the service that exchanges tokens: it gives none. See `ceyx.auth`."""

    error: str | None = None
    """The service's code for the reason, such as `invalid_grant`."""


class PermissionDeniedError(APIStatusError):
    """Status 403."""


class NotFoundError(APIStatusError):
    """Status 404."""


class ConflictError(APIStatusError):
    """Status 409."""


class UnprocessableEntityError(APIStatusError):
    """Status 422."""


class RateLimitError(APIStatusError):
    """Status 429."""


class InternalServerError(APIStatusError):
    """The server failed: any status of 500 and above."""


BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


class SubjectTokenProviderError(OpenAIError):
    """The platform gave no token to exchange: its file or metadata service did not. See `ceyx.auth`."""

    response: Response | None
    """What the metadata service answered, where it did."""

    def __init__(self, message: str, *, response: Response | None = None) -> None:
        super().__init__(message)
        self.response = response


class MutuallyExclusiveAuthError(OpenAIError):
    """Two ways to authenticate were given where one is needed."""


class UnsupportedByVersionError(OpenAIError, ValueError):
    """A call was not sent, because the api-version of the client knows no such endpoint, parameter or value.

    `check_api_version=False` has the client send such calls, for Azure to answer.
    """

    feature: str
    """What it does not know, as the table of docs/api-versions.md has it: `audio.speech`, `response_format=json_schema`."""
    api_version: str

    def __init__(self, message: str, *, feature: str, api_version: str) -> None:
        super().__init__(message)
        self.feature, self.api_version = feature, api_version


class LengthFinishReasonError(OpenAIError):
    """The answer was cut at the token limit, so it cannot be parsed."""

    completion: ChatCompletion

    def __init__(self, *, completion: ChatCompletion) -> None:
        usage = f" - {completion.usage}" if completion.usage else ""
        super().__init__(f"Could not parse response content as the length limit was reached{usage}")
        self.completion = completion


class ContentFilterFinishReasonError(OpenAIError):
    """The answer was stopped by the content filter, so it cannot be parsed."""

    completion: ChatCompletion | None

    def __init__(self, *, completion: ChatCompletion | None = None) -> None:
        super().__init__("Could not parse response content as the request was rejected by the content filter")
        self.completion = completion


class InvalidWebhookSignatureError(ValueError):
    """The signature of a webhook does not match its body."""
