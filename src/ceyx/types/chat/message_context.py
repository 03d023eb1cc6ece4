"""What Azure looked up in the `data_sources` of a request before it had the model answer (its "On Your Data")."""

from __future__ import annotations

from typing import Literal

from ceyx.types.chat.dict_like import DictLike

__all__ = ["MessageContext", "MessageContextCitation", "MessageContextDocument"]


class MessageContextCitation(DictLike):
    """A piece of a document, which the answer may cite: `[doc1]` in its text is the first of them."""

    content: str
    title: str | None = None
    url: str | None = None
    filepath: str | None = None
    chunk_id: str | None = None
    """Which piece of the document this is."""
    rerank_score: float | None = None
    """How well it fits the question, by the ranking that follows the search."""


class MessageContextDocument(MessageContextCitation):
    """A piece of a document that was found, whether or not the model got to see it."""

    search_queries: list[str]
    """What was searched for when it was found."""
    data_source_index: int
    """Which of `data_sources` it comes from."""
    original_search_score: float | None = None
    """How well it fits the question, by the search itself."""
    filter_reason: Literal["score", "rerank"] | None = None
    """Which of the two scores kept it from the model; None where it was not kept."""


class MessageContext(DictLike):
    """What the answer rests on."""

    citations: list[MessageContextCitation] | None = None
    intent: str | None = None
    """What the user was understood to ask for; sent back with the next turn, it is taken up again."""
    all_retrieved_documents: list[MessageContextDocument] | None = None
    """Everything that was found, where `include_contexts` of the data source asked for it."""
