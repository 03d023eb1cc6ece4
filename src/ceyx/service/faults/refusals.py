"""Faults of the status: every error a provider has, with every header that says when to come back."""

from __future__ import annotations

from ceyx.service import errors, filters
from ceyx.service.errors import Provider
from ceyx.service.faults import values
from ceyx.service.faults.answer import Answer, Asked, whole
from ceyx.service.faults.fault import Fault
from ceyx.service.faults.parameters import CATEGORY, SEVERITY, among, header
from ceyx.service.faults.values import Parameter

_CODES = {
    400: ("invalid_request_error", None, "BadRequest"),
    401: ("invalid_request_error", "invalid_api_key", "401"),
    403: ("invalid_request_error", "unsupported_country_region_territory", "AuthenticationTypeDisabled"),
    404: ("invalid_request_error", "model_not_found", "DeploymentNotFound"),
    408: ("server_error", "timeout", "Timeout"),
    409: ("invalid_request_error", "conflict", "Conflict"),
    422: ("invalid_request_error", None, "UnprocessableEntity"),
    429: ("requests", "rate_limit_exceeded", "429"),
    500: ("server_error", None, "InternalServerError"),
    503: ("server_error", "server_overloaded", "ServiceUnavailable"),
}
"""The type and code that OpenAI gives with a status, and Azure's code."""

_SPOKEN = {
    "insufficient_quota": ("insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
    "context_length_exceeded": ("invalid_request_error", "This model's maximum context length is exceeded by the messages."),
}


def status(
    asked: Asked,
    *,
    code: int,
    error: str | None,
    type: str | None,
    message: str | None,
    wait: float | None,
    body: str,
    retry_after: str | None,
    retry_after_ms: str | None,
    x_ms_retry_after_ms: str | None,
    x_should_retry: str | None,
    reset_requests: str | None,
    reset_tokens: str | None,
) -> Answer:
    named = {
        "retry-after": retry_after,
        "retry-after-ms": retry_after_ms,
        "x-ms-retry-after-ms": x_ms_retry_after_ms,
        "x-should-retry": x_should_retry,
        "x-ratelimit-reset-requests": reset_requests,
        "x-ratelimit-reset-tokens": reset_tokens,
        "x-ratelimit-remaining-requests": None if reset_requests is None else "0",
        "x-ratelimit-remaining-tokens": None if reset_tokens is None else "0",
    }
    headers = tuple((name, value) for name, value in named.items() if value is not None)
    if code in (204, 304):
        return Answer(code, headers, (b"",))
    if body == "html":
        page = f"<html><head><title>{code}</title></head><body><h1>{code}</h1><hr>a gateway</body></html>"
        return Answer(code, (*headers, ("content-type", "text/html")), (page.encode(),))
    if body == "empty":
        return Answer(code, headers, (b"",))
    if body == "text":
        return Answer(code, (*headers, ("content-type", "text/plain")), ((message or f"upstream error {code}").encode(),))
    made = whole(_error(asked, code, error, type, message, wait), code)
    return Answer(code, (*headers, *made.headers), made.parts)


def _error(asked: Asked, code: int, error: str | None, type: str | None, message: str | None, wait: float | None) -> object:
    unlisted = ("server_error" if code >= 500 else "invalid_request_error", None, str(code))
    usual_type, usual_code, azure_code = _CODES.get(code, unlisted)
    special_type, special_message = _SPOKEN.get(error or "", (None, None))
    said = message or special_message or _sentence(asked.provider, asked.deployment, code, wait)
    if asked.provider == "azure":
        return {"error": {"code": error or azure_code, "message": said}}
    return {"error": {"message": said, "type": type or special_type or usual_type, "param": None, "code": error or usual_code}}


def _sentence(provider: Provider, deployment: str, code: int, wait: float | None) -> str:
    name = deployment or "the model"
    if code == 429 and provider == "azure":
        again = 10 if wait is None else wait
        return (
            "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate "
            f"limit of your current OpenAI S0 pricing tier. Please retry after {again:g} seconds."
        )
    if code == 429:
        again_in = "" if wait is None else f" Please try again in {wait:g}s."
        return f"Rate limit reached for {name} on requests per min (RPM): Limit 500, Used 500, Requested 1.{again_in}"
    return f"The local service was asked for this {code} by the fault 'status'."


_FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt "
    "and retry. To learn more about our content filtering policies please read our documentation: "
    "https://go.microsoft.com/fwlink/?linkid=2198766"
)


def prompt_filtered(asked: Asked, *, category: str, severity: str) -> Answer:
    """Azure's refusal of a prompt, as each endpoint words it; OpenAI's surface has the code without the details."""
    error = {"message": _FILTERED, "type": None, "param": "prompt", "code": "content_filter", "status": 400}
    if asked.provider == "openai":
        return whole({"error": {**error, "type": "invalid_request_error"}}, 400)
    results = filters.holding(category, severity)
    inner: dict[str, object] = {"code": "ResponsibleAIPolicyViolation"}
    if "/images/" in asked.path:
        inner["content_filter_results"] = results
        said = "This request has been blocked by our content filters."
        images = {"code": "content_policy_violation", "inner_error": inner, "message": said, "type": "invalid_request_error"}
        return whole({"error": images}, 400)
    if asked.path.endswith("/responses"):
        found = filters.of_response("prompt", results, blocked=True)
        return whole({"error": {**error, "type": "invalid_request_error", "content_filters": [found]}}, 400)
    inner["content_filter_result"] = results
    return whole({"error": {**error, "innererror": inner}}, 400)


def azure(_: Asked, *, kind: str) -> Answer:
    """What Azure says before any model sees the request, in its words."""
    refusal = errors.of_azure(kind)
    return whole(refusal.body(), refusal.status)


def redirect(asked: Asked, *, code: int, location: str | None) -> Answer:
    return Answer(code, (("location", location or asked.target), ("content-type", "text/plain")), (b"elsewhere",))


FAULTS = (
    Fault(
        "status",
        "status",
        "an error of the provider, with any header that says when to come back",
        "replaces",
        status,
        (
            Parameter("code", "500", "the status", values.status),
            Parameter("error", "", "the error's code, such as insufficient_quota", values.plain),
            Parameter("type", "", "the error's type", values.plain),
            Parameter("message", "", "the error's message", values.plain),
            Parameter("wait", "", "of a 429: how many seconds its sentence asks to wait", values.seconds),
            among("body", "what the body is", "json", "html", "text", "empty"),
            header("retry-after", "the header retry-after, as given: seconds, a date, garbage"),
            header("retry-after-ms"),
            header("x-ms-retry-after-ms"),
            header("x-should-retry"),
            header("reset-requests", "the header x-ratelimit-reset-requests; none are left then"),
            header("reset-tokens", "the header x-ratelimit-reset-tokens; none are left then"),
        ),
    ),
    Fault(
        "prompt-filtered",
        "status",
        "400: the content filter refuses the prompt, and says what was found (Azure)",
        "replaces",
        prompt_filtered,
        (CATEGORY, SEVERITY),
    ),
    Fault(
        "azure",
        "status",
        "Azure refuses the request before a model sees it, in its own words",
        "replaces",
        azure,
        (among("kind", "why", *errors.OF_AZURE),),
    ),
    Fault(
        "redirect",
        "status",
        "a redirect, to itself (a loop) or anywhere",
        "replaces",
        redirect,
        (
            Parameter("code", "307", "the status", values.status),
            Parameter("location", "", "where to; file:///… and other hosts, too", values.plain),
        ),
    ),
)
