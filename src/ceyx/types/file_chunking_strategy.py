"""How files are cut into the chunks that a vector store searches."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import View

__all__ = [
    "AutoFileChunkingStrategyParam", "FileChunkingStrategy", "FileChunkingStrategyParam", "OtherFileChunkingStrategyObject",
    "StaticFileChunkingStrategy", "StaticFileChunkingStrategyObject", "StaticFileChunkingStrategyObjectParam",
    "StaticFileChunkingStrategyParam",
]  # fmt: skip


class StaticFileChunkingStrategy(View):
    """The size of chunks."""

    chunk_overlap_tokens: int
    """Tokens that a chunk shares with the next."""
    max_chunk_size_tokens: int


class StaticFileChunkingStrategyObject(View):
    """Chunks of a given size."""

    static: StaticFileChunkingStrategy
    type: Literal["static"]


class OtherFileChunkingStrategyObject(View):
    """Not known: the file was added before strategies were."""

    type: Literal["other"]


FileChunkingStrategy = StaticFileChunkingStrategyObject | OtherFileChunkingStrategyObject


class StaticFileChunkingStrategyParam(TypedDict, total=False):
    """The size of chunks."""

    chunk_overlap_tokens: Required[int]
    """Tokens that a chunk shares with the next; at most half of a chunk."""
    max_chunk_size_tokens: Required[int]
    """100 to 4,096."""


class StaticFileChunkingStrategyObjectParam(TypedDict, total=False):
    """Chunks of a given size."""

    static: Required[StaticFileChunkingStrategyParam]
    type: Required[Literal["static"]]


class AutoFileChunkingStrategyParam(TypedDict, total=False):
    """Chunks as the server sees fit: 800 tokens, 400 of them shared with the next."""

    type: Required[Literal["auto"]]


FileChunkingStrategyParam = AutoFileChunkingStrategyParam | StaticFileChunkingStrategyObjectParam
