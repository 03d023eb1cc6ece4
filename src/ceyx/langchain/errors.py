"""ceyx's errors that are langchain-core's as well, so that handlers of either library find them.

An error keeps all it holds when it becomes one of these: message, request id, what came before it.
"""

from __future__ import annotations

from typing import Any

from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

from ceyx import errors as ours


class OpenAIContextOverflowError(ours.BadRequestError, ContextOverflowError):
    """The input is longer than the model's context, said with status 400."""


class OpenAIAPIContextOverflowError(ours.APIError, ContextOverflowError):
    """The input is longer than the model's context, said within a stream."""


class OpenAIContentFilterError(ours.ContentFilterError, ModelInvalidRequestError):
    """The provider's content filter blocked the prompt, or stopped the answer; also a ValueError."""


class OpenAIAnswerError(ours.APIError, ModelAPIError, ValueError):
    """An error in place of an answer, with status 200, or within a stream; also a ValueError, as `langchain_openai` has it."""


class OpenAIInvalidRequestError(ours.BadRequestError, ModelInvalidRequestError):
    """Status 400."""


class OpenAIAuthenticationError(ours.AuthenticationError, ModelAuthenticationError):
    """Status 401."""


class OpenAIPermissionDeniedError(ours.PermissionDeniedError, ModelPermissionDeniedError):
    """Status 403."""


class OpenAIModelNotFoundError(ours.NotFoundError, ModelNotFoundError):
    """Status 404."""


class OpenAIRateLimitError(ours.RateLimitError, ModelRateLimitError):
    """Status 429."""


class OpenAIAPIError(ours.InternalServerError, ModelAPIError):
    """Status 500 and above."""


class OpenAIConnectionError(ours.APIConnectionError, ModelConnectionError):
    """No usable answer."""


class OpenAIStreamTruncatedError(ours.StreamTruncatedError, ModelConnectionError):
    """A stream ended before the answer was whole; `partial` has what came."""


class OpenAIProtocolError(ours.ProtocolError, ModelConnectionError):
    """What came back is not what the protocol promises."""


class OpenAITimeoutError(ours.APITimeoutError, ModelTimeoutError):
    """A phase of a request took longer than its timeout."""


class OpenAIDeadlineExceededError(ours.DeadlineExceededError, ModelTimeoutError):
    """The whole call took longer than its deadline."""


class StreamChunkTimeoutError(TimeoutError):
    """A stream was silent for longer than `stream_chunk_timeout`."""

    def __init__(self, timeout_s: float, *, model_name: str | None = None, chunks_received: int = 0) -> None:
        self.timeout_s, self.model_name, self.chunks_received = timeout_s, model_name, chunks_received
        of = f" of {model_name}" if model_name else ""
        super().__init__(
            f"the stream{of} was silent for {timeout_s:g} s, after {chunks_received} chunks; raise stream_chunk_timeout= (or "
            "LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S), or switch it off with None"
        )

    def __reduce__(self) -> Any:
        return _silent, (self.timeout_s, self.model_name, self.chunks_received)


def _silent(timeout_s: float, model_name: str | None, chunks_received: int) -> StreamChunkTimeoutError:
    return StreamChunkTimeoutError(timeout_s, model_name=model_name, chunks_received=chunks_received)


_BOTH: dict[type[ours.APIError], type[ours.APIError]] = {
    ours.APIError: OpenAIAnswerError,
    ours.BadRequestError: OpenAIInvalidRequestError,
    ours.ContentFilterError: OpenAIContentFilterError,
    ours.AuthenticationError: OpenAIAuthenticationError,
    ours.PermissionDeniedError: OpenAIPermissionDeniedError,
    ours.NotFoundError: OpenAIModelNotFoundError,
    ours.RateLimitError: OpenAIRateLimitError,
    ours.InternalServerError: OpenAIAPIError,
    ours.APIConnectionError: OpenAIConnectionError,
    ours.StreamTruncatedError: OpenAIStreamTruncatedError,
    ours.ProtocolError: OpenAIProtocolError,
    ours.APITimeoutError: OpenAITimeoutError,
    ours.DeadlineExceededError: OpenAIDeadlineExceededError,
}
_TOO_LONG = (
    "context_length_exceeded",
    "Input tokens exceed the configured limit",
    "prompt is too long",
    "ContextWindowExceededError",
    "exceeds the context window",
)
_NO_FORMAT = ("'response_format' of type 'json_schema' is not supported", "Invalid schema for response_format")


def classify(error: ours.APIError) -> None:
    """Make `error` one of langchain-core's too, in place: raise it again after that."""
    kind = type(error)
    if any(sign in error.message for sign in _TOO_LONG) or error.code == "context_length_exceeded":
        if kind is ours.BadRequestError:
            error.__class__ = OpenAIContextOverflowError
            return
        if kind is ours.APIError:
            error.__class__ = OpenAIAPIContextOverflowError
            return
    if kind is ours.BadRequestError and any(sign in error.message for sign in _NO_FORMAT):
        error.add_note("with_structured_output(…, method='function_calling') asks for the same through a tool")
    error.__class__ = _BOTH.get(kind, kind)
