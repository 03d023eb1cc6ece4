"""What Azure's content filter found in a prompt or an answer. A category is absent where the filter did not look for it."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = [
    "ContentFilterBlocklists",
    "ContentFilterCitation",
    "ContentFilterDetection",
    "ContentFilterError",
    "ContentFilterOffsets",
    "ContentFilterResults",
    "ContentFilterSeverity",
    "PromptFilterResult",
]


class ContentFilterSeverity(View):
    """A category that has degrees."""

    filtered: bool
    """Whether text was withheld for it."""
    severity: Literal["safe", "low", "medium", "high"]


class ContentFilterCitation(View):
    """Where protected material comes from."""

    URL: str | None = None
    license: str | None = None


class ContentFilterSpan(View):
    """A part of the answer, in characters from its start; the end is the first one outside."""

    completion_start_offset: int
    completion_end_offset: int


class ContentFilterDetection(View):
    """A category that is there or is not."""

    filtered: bool
    """Whether text was withheld for it."""
    detected: bool
    citation: ContentFilterCitation | None = None
    """For `protected_material_code`."""
    details: list[ContentFilterSpan] | None = None
    """For `ungrounded_material`: which parts of the answer the sources do not support."""


class ContentFilterBlocklist(View):
    """A blocklist of yours that was looked into."""

    id: str
    filtered: bool


class ContentFilterBlocklists(View):
    """What your own blocklists found. Older api-versions send the list of `details` alone."""

    filtered: bool
    details: list[ContentFilterBlocklist] | None = None


class ContentFilterError(View):
    """Why the filter could not do its work; the text went through unfiltered."""

    code: str | int
    message: str


class ContentFilterResults(View):
    """The findings for one prompt or one answer."""

    hate: ContentFilterSeverity | None = None
    self_harm: ContentFilterSeverity | None = None
    sexual: ContentFilterSeverity | None = None
    violence: ContentFilterSeverity | None = None
    profanity: ContentFilterDetection | None = None
    jailbreak: ContentFilterDetection | None = None
    """Prompts only: an attempt of the user to change the rules of the model."""
    indirect_attack: ContentFilterDetection | None = None
    """Prompts only: such an attempt in a document."""
    protected_material_code: ContentFilterDetection | None = None
    protected_material_text: ContentFilterDetection | None = None
    ungrounded_material: ContentFilterDetection | None = None
    custom_blocklists: ContentFilterBlocklists | None = None
    error: ContentFilterError | None = None


class PromptFilterResult(View):
    """The findings for one prompt of the request."""

    prompt_index: int
    content_filter_results: ContentFilterResults | None = None


class ContentFilterOffsets(View):
    """How far the asynchronous filter has come, in characters from the start of prompt and answer together."""

    check_offset: int
    """Everything before it has been looked at."""
    start_offset: int
    """Where the text that these results are about begins."""
    end_offset: int
    """Where it ends: the first character outside."""
