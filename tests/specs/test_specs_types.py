"""Pieces of streams, and what Azure's documents have in the wrong place. All else is compared by test_specs_surface.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from differences import differences
from documents import ASKED, SURFACES, Document

from ceyx.pagination import SyncCursorPage
from ceyx.types import (
    Completion,
    CreateEmbeddingResponse,
    EmbeddingCreateParams,
    Model,
    ModelDeleted,
    completion_create_params,
)
from ceyx.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params as chat_params
from ceyx.types.chat.chat_completion_chunk import ChoiceDelta
from ceyx.types.chat.content_filter import ContentFilterResults, PromptFilterResult


class ModelPage(SyncCursorPage[Model]):
    """A page of models; spelled out, since the field of a generic class says no more than its variable."""

    data: list[Model]


PARAMETERS: dict[str, Any] = {
    "chat": chat_params.CompletionCreateParamsNonStreaming,
    "completion": completion_create_params.CompletionCreateParamsNonStreaming,
    "embedding": EmbeddingCreateParams,
}
REPLIES: dict[str, Any] = {
    "chat": ChatCompletion,
    "completion": Completion,
    "embedding": CreateEmbeddingResponse,
    "models": ModelPage,
    "model": Model,
    "model deleted": ModelDeleted,
}
CHUNKS: dict[str, Any] = {"chat": ChatCompletionChunk, "completion": Completion}
# What the document of Azure v1 has in the wrong place, by the name of its schema.
MISPLACED: dict[str, Any] = {
    "AzureChatCompletionStreamResponseDelta": ChoiceDelta,
    "AzureContentFilterResultForChoice": ContentFilterResults,
    "AzureContentFilterResultForPrompt": PromptFilterResult,
}

# ---- differences that shall be, and why

OBJECT = "the document forgets that these are a list, which the dated documents know"
PROMPTS = "the document has the result of a prompt inside itself; see MISPLACED"
CHOICE = "part of a choice, which the document has beside the choices; see MISPLACED"

IN_REPLIES = {
    ("Azure v1", "chat"): {
        "choices[].message.context.all_retrieved_documents": OBJECT,
        "prompt_filter_results[].content_filter_results.prompt_index": PROMPTS,
        "prompt_filter_results[].content_filter_results.content_filter_results": PROMPTS,
    },
    ("Azure v1", "embedding"): {"data[].embedding": "text only where base64 was asked for; read as numbers otherwise"},
    ("Azure v1", "AzureChatCompletionStreamResponseDelta"): {
        "context.all_retrieved_documents": OBJECT,
        "role": "the document lists all roles; no answer comes from a function",
    },
}
IN_CHUNKS = {
    ("Azure v1", "chat"): {
        "choices[].delta.role": "the document lists all roles; no answer comes from a function",
        "delta": CHOICE,
        "content_filter_results": CHOICE,
    },
}


def compare(document: Document, schema: Any, ours: Any, known: dict[str, str]) -> None:
    found = {each.path: str(each) for each in differences(document, schema, ours)}
    wrong = [text for path, text in found.items() if path not in known]
    assert not wrong, "\n".join(wrong)
    assert not known.keys() - found.keys(), "exceptions that are none any more"


@pytest.mark.parametrize(("surface", "name"), [each for each in ASKED if each[1] in CHUNKS])
def test_chunks(documents: Callable[[str], Document], surface: str, name: str) -> None:
    document = documents(surface)
    schema = document.reply(SURFACES[surface].operations[name], streamed=True)
    compare(document, schema, CHUNKS[name], IN_CHUNKS.get((surface, name), {}))


@pytest.mark.parametrize("name", MISPLACED)
def test_what_a_document_has_in_the_wrong_place(documents: Callable[[str], Document], name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}"}
    compare(documents("Azure v1"), schema, MISPLACED[name], IN_REPLIES.get(("Azure v1", name), {}))
