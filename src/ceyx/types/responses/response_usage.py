"""The tokens a response took, the shape of its text, and why it failed."""

from __future__ import annotations

from typing import Literal

from ceyx.types.shared.response_format_json_schema import ResponseFormatJSONObject, ResponseFormatText
from ceyx.wire.view import Answer, View

__all__ = [
    "InputTokenCountResponse", "ResponseError", "ResponseFormatTextConfig", "ResponseFormatTextJSONSchemaConfig",
    "ResponseTextConfig", "ResponseUsage",
]  # fmt: skip


class InputTokensDetailsCacheWriteTokensDetails(View):
    ttl_12h_tokens: int
    ttl_30m_tokens: int


class InputTokensDetails(View):
    cache_write_tokens: int
    cached_tokens: int
    cache_write_tokens_details: InputTokensDetailsCacheWriteTokensDetails | None = None


class OutputTokensDetails(View):
    reasoning_tokens: int


class ResponseUsage(View):
    """The tokens a response took."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    """What of the input came from the cache, and went there."""
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class InputTokenCountResponse(Answer):
    """The tokens an input would take."""

    input_tokens: int
    object: Literal["response.input_tokens"]


class MisalignmentSteer(View):
    message: str


class Misalignment(View):
    """What the model did, or was about to do, that it was not asked to."""

    detailed_explanation: str | None = None
    error_type: str | Literal[
        "potentially_unintended_data_transfer", "potentially_unintended_data_access",
        "potentially_unintended_destructive_activity", "other",
    ] | None = None  # fmt: skip
    review_target: str | None = None
    steer: MisalignmentSteer | None = None


class ResponseError(View):
    """Why a response failed."""

    code: Literal[
        "server_error", "rate_limit_exceeded", "invalid_prompt", "data_residency_mismatch", "bio_policy",
        "misalignment_policy_violation", "vector_store_timeout", "invalid_image", "invalid_image_format",
        "invalid_base64_image", "invalid_image_url", "image_too_large", "image_too_small", "image_parse_error",
        "image_content_policy_violation", "invalid_image_mode", "image_file_too_large", "unsupported_image_media_type",
        "empty_image_file", "failed_to_download_image", "image_file_not_found",
    ]  # fmt: skip
    message: str
    misalignment: Misalignment | None = None
    param: str | None = None
    type: str | None = None


class ResponseFormatTextJSONSchemaConfig(View):
    """JSON of a given schema."""

    name: str
    """Up to 64 letters, digits, underscores and dashes."""
    schema: dict[str, object]
    type: Literal["json_schema"]
    description: str | None = None
    strict: bool | None = None
    """Whether the answer follows the schema exactly."""

    schema_ = property(lambda self: self.schema, doc="The name that `openai` has for it.")


ResponseFormatTextConfig = ResponseFormatText | ResponseFormatTextJSONSchemaConfig | ResponseFormatJSONObject


class ResponseTextConfig(View):
    """The shape of the text, and how much of it."""

    format: ResponseFormatTextConfig | None = None
    """Plain text by default."""
    verbosity: Literal["low", "medium", "high"] | None = None
    """How long-winded the answer is; `medium` by default."""
