"""Refusals, in the two shapes the providers answer with."""

from __future__ import annotations

from typing import Any, Literal

from ceyx.service.catalogue import Model

Provider = Literal["openai", "azure"]


class Refusal(Exception):
    """Ends a request with this status.

    `gateway` marks what Azure's gateway, not its model server, would answer: code and message only.
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
        self.status, self.message, self.code, self.param, self.type, self.gateway = status, message, code, param, type, gateway

    def body(self) -> dict[str, Any]:
        if self.gateway:
            return {"error": {"code": self.code or str(self.status), "message": self.message}}
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
        return Refusal(404, "Resource not found", code="404", gateway=True)
    return Refusal(404, f"Invalid URL ({method} {path})")


def wrong_method(provider: Provider, method: str, path: str) -> Refusal:
    if provider == "azure":
        return Refusal(405, f"Method {method} is not allowed on {path}", code="405", gateway=True)
    return Refusal(405, f"Not allowed to {method} on {path}.")


def unauthorised(provider: Provider, given: str) -> Refusal:
    """The answer to a missing or wrong key; shows no more of the key than the provider would."""
    if provider == "azure":
        message = (
            "Access denied due to invalid subscription key or wrong API endpoint. The local service was started with keys: "
            "send one of them as api-key or as a bearer token."
        )
        return Refusal(401, message, code="401", gateway=True)
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
