"""Where documents and ceyx differ on purpose: the surface, the endpoint, the kind, the place, and why. A `*` is anything."""

from __future__ import annotations

import re
from typing import NamedTuple

VARIANTS = "one of several ways to call it, of which the document has but one"
KEPT = "in this document only; what an answer has beside our fields is kept, and read as plain data"
EITHER = "the document does not tell these apart by anything"
NEWER = "newer than the document"
LENIENT = "OpenAI's own document does not ask for it"
NONE = "None says no more than leaving it out does"
VOICES = "voices that speak texts, but not chats; any name is accepted"
ONE = "the document has one kind with the fields of all"
ITEMS = "the document allows every item of a conversation here, OpenAI's what a model is shown"
INSIDE = "the document has what is in a list inside of itself"
LIST = "the document forgets that these are a list, which the dated documents know"


class Known(NamedTuple):
    """A difference that shall be."""

    surface: str
    endpoint: str
    kind: str
    """`query` or `body` (what is sent), `request` or `answer` (what our types have a place for)."""
    path: str
    why: str
    what: str = "*"
    """In the words of the comparison."""

    def covers(self, surface: str, endpoint: str, kind: str, path: str, what: str) -> bool:
        mine = (self.surface, self.endpoint, self.kind, self.path, self.what)
        return all(map(fits, mine, (surface, endpoint, kind, path, what)))


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


# Endpoints that OpenAI's document has not; the `openai` package has them there.
NOT_DESCRIBED = {"audio.voices.delete", "evals.runs.cancel", *(f"webhooks.{name}" for name in (
    "create", "delete", "event_types.list", "list", "retrieve", "rotate_secret", "test", "update",
))}  # fmt: skip

# Operations of the documents that ceyx has not, and why.
NOT_OURS = {
    r" /(assistants|threads)": "the retired assistants API",
    r" /(organization|projects)": "the administration of an organisation",
    r" /(chatkit|content_provenance_checks|skills)": "previews that are open to few",
    r" /realtime": "begins what goes on over WebSockets",
    r" /videos": "deprecated, and closed from September 2026",
    r"\?beta=true$": "the same under another address",
    r"POST /evals/\{eval_id\}/runs/\{run_id\}$": "`evals.runs.cancel`, without the /cancel that its server wants",
    r"/checkpoints/\{fine_tuning_checkpoint_id\}/copy$": "Azure's own, between its regions",
}

KNOWN = [
    # ---- OpenAI
    Known("OpenAI", "audio.voices.create", "*", "*", VARIANTS),
    Known("OpenAI", "embeddings.create", "body", "input_type", "Azure's own: some of its models want it"),
    Known("OpenAI", "evals.runs.*", "answer", "data_source<completions>.input_messages<template>.template*", EITHER),
    Known("OpenAI", "files.content", "answer", "", "the document says text; it is whatever was uploaded"),
    Known(
        "OpenAI", "responses.*", "answer", "instructions*", "what was given, with None where it may be: it comes as it was given"
    ),
    Known("OpenAI", "responses.compact", "answer", "output[]<message>*", "also what users said, which is read as far as it goes"),
    Known("OpenAI", "responses.create", "body", "prompt_cache_options.ttl", NEWER),
    Known("OpenAI", "*", "request", "*<assistant>.content[]<output_text>.logprobs", "the document asks for what no model gave"),
    Known("*", "responses.*", "answer", "output_text", "a property of ours, made of what is sent"),
    Known("*", "vector_stores.file_batches.create", "request", "file*", VARIANTS),
    # ---- Azure, dated
    Known("Azure*", "chat.completions.create", "request", "audio.voice", VOICES),
    Known("Azure*", "embeddings.create", "request", "*", NONE),
    Known("Azure preview", "chat.completions.create", "request", "parallel_tool_calls", NONE),
    Known("Azure preview", "chat.completions.create", "request", "response_format<json_schema>.json_schema.schema", LENIENT),
    Known("Azure preview", "responses.*", "query", "*", NEWER),
    Known("Azure preview", "responses.*", "*", "tools[]<computer-preview>*", "a tool that Azure has renamed since"),
    Known("Azure preview", "responses.*", "*", "*<reasoning>.content*", "parts of thoughts that were renamed since"),
    Known("Azure preview", "responses.create", "request", "*", LENIENT, "required*"),
    Known(
        "Azure preview",
        "vector_stores.*",
        "answer",
        "chunking_strategy<auto>.type",
        "a store says how it does it, not that it chose",
    ),
    Known("Azure preview", "vector_stores.*", "query", "api-version", "asked for by the service, forgotten by the document"),
    # ---- Azure v1
    Known("Azure v1", "*", "query", "api-version", "needed for nothing in v1"),
    Known("Azure v1", "*.list", "query", "*", NEWER),
    Known("Azure v1", "responses.retrieve", "query", "*", NEWER),
    Known("Azure v1", "*.delete", "answer", "*", "says that it is deleted, which the status does as well"),
    Known("Azure v1", "chat.completions.create", "answer", "*.all_retrieved_documents", LIST),
    Known("Azure v1", "chat.completions.create", "answer", "prompt_filter_results[].content_filter_results.*", INSIDE),
    Known("Azure v1", "embeddings.create", "answer", "data[].embedding", "text only where base64 was asked for; else numbers"),
    Known("Azure v1", "evals.create", "request", "statusCode", "a status as a field of a request"),
    Known("Azure v1", "evals.runs.create", "request", "data_source*", ONE),
    Known("Azure v1", "evals.*", "answer", "*", KEPT),
    Known("Azure v1", "files.*", "answer", "*", KEPT),
    Known("Azure v1", "files.create", "request", "expires_after", LENIENT),
    Known("Azure v1", "fine_tuning.*", "*", "*grader<*", ONE),
    Known("Azure v1", "fine_tuning.jobs.*", "*", "method.reinforcement.response_format", KEPT),
    Known("Azure v1", "fine_tuning.jobs.*", "answer", "user_provided_suffix", KEPT),
    Known("Azure v1", "responses.*", "*", "prompt.variables*", ITEMS),
    Known("Azure v1", "responses.*", "answer", "*<*", EITHER),
    Known("Azure v1", "responses.create", "request", "*", LENIENT, "required*"),
    Known("Azure v1", "responses.create", "request", "input[]*", EITHER),
    Known("Azure v1", "vector_stores.create", "request", "chunking_strategy<auto>.static", ONE),
]
