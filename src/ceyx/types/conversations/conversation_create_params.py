"""What a conversation is made with, and what changes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Required

from ceyx.types.responses.response_input_content_param import (
    ResponseInputFileParam,
    ResponseInputImageParam,
    ResponseInputTextParam,
)
from ceyx.types.responses.response_input_param import ResponseInputItemParam
from ceyx.types.responses.response_output_text_param import ResponseOutputRefusalParam, ResponseOutputTextParam
from ceyx.types.shared.metadata import Metadata
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ConversationCreateParams", "ConversationUpdateParams", "InputFileContentParam", "InputImageContentParam",
    "InputTextContentParam", "OutputTextContentParam", "RefusalContentParam",
]  # fmt: skip


class ConversationCreateParams(TypedDict, total=False):
    """A conversation, with what is said already."""

    items: Iterable[ResponseInputItemParam] | Omit | None
    """Up to 20."""
    metadata: Metadata | Omit | None


class ConversationUpdateParams(TypedDict, total=False):
    """Other metadata for a conversation."""

    metadata: Required[Metadata | None]
    """Up to 16 pairs of strings (keys to 64, values to 512 characters), in place of those it has."""


class Create(ConversationCreateParams, Options):
    """`create`."""


class Update(ConversationUpdateParams, Options):
    """`update`."""


InputTextContentParam = ResponseInputTextParam
InputImageContentParam = ResponseInputImageParam
InputFileContentParam = ResponseInputFileParam
OutputTextContentParam = ResponseOutputTextParam
RefusalContentParam = ResponseOutputRefusalParam
