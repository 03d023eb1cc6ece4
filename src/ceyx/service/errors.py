"""Refusals, in the two shapes the providers answer with."""

from __future__ import annotations

from typing import Any, Literal

from ceyx.service.catalogue import Model

Provider = Literal["openai", "azure"]


class Refusal(Exception):
    """Ends a request with this status.

    `gateway` marks what Azure's gateway, not its model server, would answer: code and message only, or without a code the
    status and message.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
        gateway: bool = False,
    ) -> None:
        super().__init__(message)
        self.headers: dict[str, str] = {}
        self.status, self.message, self.code, self.param, self.type, self.gateway = status, message, code, param, type, gateway

    def body(self) -> dict[str, Any]:
        if self.gateway and self.code is None:
            return {"statusCode": self.status, "message": self.message}
        if self.gateway:
            return {"error": {"code": self.code, "message": self.message}}
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def bad_request(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """A refusal of the body."""
    return Refusal(400, message, param=param, code=code)


def too_large(limit: int) -> Refusal:
    return Refusal(413, f"The request body is larger than {limit // 1024 // 1024} MB; send less, or several requests.")


def failed(provider: Provider) -> Refusal:
    """What is said of an error that nobody expected: nothing that a traceback would."""
    message = "The local service failed to answer this request; its log (logger ceyx.service) has the reason."
    if provider == "azure":
        return Refusal(500, message, code="InternalServerError", gateway=True)
    return Refusal(500, message, type="server_error")


def no_such_route(provider: Provider, method: str, path: str) -> Refusal:
    if provider == "azure":
        return of_azure("path")
    return Refusal(404, f"Invalid URL ({method} {path})")


def wrong_method(method: str, path: str) -> Refusal:
    """OpenAI's: Azure's gateway knows operations, which have a method and a path, and of others says that there is no such."""
    return Refusal(405, f"Not allowed to {method} on {path}.")


# What Azure refuses a request with before any model sees it: status, code and its words, by names of ours.
OF_AZURE: dict[str, tuple[int, str | None, str]] = {
    "wrong-key": (
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active "
        "subscription and use a correct regional API endpoint for your resource.",
    ),
    "bad-token": (
        401,
        None,
        "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have "
        "expired.",
    ),
    "no-role": (
        401,
        "PermissionDenied",
        "The principal `00000000-0000-0000-0000-000000000000` lacks the required data action "
        "`Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform "
        "`POST /openai/deployments/{deployment-id}/chat/completions` operation.",
    ),
    "no-access": (401, "PermissionDenied", "Principal does not have access to API/Operation."),
    "wrong-tenant": (
        400,
        "Tenant provided in token does not match resource token",
        "Token tenant 00000000-0000-0000-0000-000000000000 does not match resource tenant.",
    ),
    "no-subdomain": (
        400,
        "BadRequest",
        "Please provide a custom subdomain for token authentication, otherwise API key is required.",
    ),
    "keys-disabled": (403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource."),
    "firewall": (403, "403", "Access denied due to Virtual Network/Firewall rules."),
    "private": (403, "403", "Public access is disabled. Please configure private endpoint."),
    "blocked": (
        403,
        "Forbidden",
        "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.",
    ),
    "path": (404, "404", "Resource not found"),
    "deployment": (
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please "
        "wait a moment and try again.",
    ),
    "operation": (
        400,
        "OperationNotSupported",
        "The chatCompletion operation does not work with the specified model, text-embedding-3-large. Please choose different "
        "model and try again.",
    ),
    "rate": (
        429,
        "RateLimitReached",
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded call rate "
        "limit of your current OpenAI S0 pricing tier. Please retry after 1 seconds.",
    ),
    "capacity": (
        429,
        "NoCapacity",
        "The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum "
        "usage size allowed during peak load. For improved capacity reliability, consider switching to Provisioned Throughput.",
    ),
}


def of_azure(name: str, more: str = "") -> Refusal:
    """Azure's refusal of this name, with what the service has to add."""
    status, code, message = OF_AZURE[name]
    return Refusal(status, f"{message}{more}", code=code, gateway=True)


def unauthorised(provider: Provider, key: str, token: str) -> Refusal:
    """The answer to a missing or wrong key; shows no more of the key than the provider would."""
    if provider == "azure":
        more = " The local service was started with keys: send one of them as api-key or as a bearer token."
        return of_azure("bad-token" if token and not key else "wrong-key", more)
    given = token or key
    if not given:
        return Refusal(401, "You didn't provide an API key. Send it in the Authorization header: Authorization: Bearer YOUR_KEY.")
    message = f"Incorrect API key provided: {masked(given)}. The local service accepts only the keys it was started with."
    return Refusal(401, message, code="invalid_api_key")


def masked(key: str) -> str:
    """A key as OpenAI shows it: its first and last few characters, where enough are left between them."""
    if len(key) < 20:
        return "*" * len(key)
    return f"{key[:7]}{'*' * min(len(key) - 11, 24)}{key[-4:]}"


def unknown_model(provider: Provider, name: str, deployments: list[str]) -> Refusal:
    if provider == "azure":
        message = (
            f"The API deployment for this resource does not exist: {name[:80]!r}. "
            f"This service has {', '.join(deployments[:4])} and {max(len(deployments) - 4, 0)} more; "
            f"start it with {name[:80]}=MODEL to add one."
        )
        return Refusal(404, message, code="DeploymentNotFound", gateway=True)
    message = f"The model `{name[:80]}` does not exist or you do not have access to it."
    return Refusal(404, message, param="model", code="model_not_found")


_OPERATIONS = {
    "chat": "chatCompletion",
    "responses": "responses",
    "completion": "completion",
    "embedding": "embeddings",
    "speech": "speech",
    "transcription": "audioTranscription",
    "image": "imageGenerations",
    "moderation": "moderations",
}
_ENDPOINTS = {
    "chat": "v1/chat/completions",
    "completion": "v1/completions",
    "embedding": "v1/embeddings",
    "speech": "v1/audio/speech",
    "transcription": "v1/audio/transcriptions",
    "image": "v1/images/generations",
    "moderation": "v1/moderations",
}


def wrong_kind(provider: Provider, wanted: str, model: Model, path: str) -> Refusal:
    """The answer where a model is asked at `path` for what it does not do, with the provider's hint."""
    if provider == "azure":
        operation = _OPERATIONS.get(path) or _OPERATIONS[wanted]
        message = f"The {operation} operation does not work with the specified model, {model.id}. "
        message += "Please choose different model and try again."
        return Refusal(400, message, code="OperationNotSupported", gateway=True)
    instead = f"Did you mean to use {_ENDPOINTS[model.kind]}?"
    if wanted == "chat":
        message = f"This is not a chat model and thus not supported in the v1/{path} endpoint. {instead}"
        return Refusal(404, message, param="model")
    if wanted == "embedding":
        message = f"You are not allowed to generate embeddings from this model: {model.id} is a {model.kind} model."
        return Refusal(403, message)
    said = "This is a chat model" if model.kind == "chat" else f"{model.id} is a {model.kind} model"
    return Refusal(404, f"{said} and not supported in the v1/{path} endpoint. {instead}", param="model")
