"""What Azure's content filter found in a prompt or an answer. A category is absent where the filter did not look for it."""

from __future__ import annotations

from typing import Any, Literal

from ceyx.types.chat.dict_like import DictLike

__all__ = [
    "ContentFilter", "ContentFilterBlocklists", "ContentFilterCitation", "ContentFilterDetection", "ContentFilterError",
    "ContentFilterOffsets", "ContentFilterPersonalInformation", "ContentFilterResults", "ContentFilterSeverity",
    "ContentFilterTopics", "PromptFilterResult",
]  # fmt: skip


class ContentFilterSeverity(DictLike):
    """A category that has degrees."""

    filtered: bool
    """Whether text was withheld for it."""
    severity: Literal["safe", "low", "medium", "high"]


class ContentFilterCitation(DictLike):
    """Where protected material comes from."""

    URL: str | None = None
    license: str | None = None


class ContentFilterSpan(DictLike):
    """A part of the answer, in characters from its start; the end is the first one outside."""

    completion_start_offset: int
    completion_end_offset: int


class ContentFilterDetection(DictLike):
    """A category that is there or is not."""

    filtered: bool
    """Whether text was withheld for it."""
    detected: bool
    citation: ContentFilterCitation | None = None
    """For `protected_material_code`."""
    details: list[ContentFilterSpan] | None = None
    """For `ungrounded_material`: which parts of the answer the sources do not support."""


class ContentFilterBlocklist(DictLike):
    """A blocklist of yours that was looked into."""

    id: str
    filtered: bool


class ContentFilterBlocklists(DictLike):
    """What your own blocklists found. Older api-versions send the list of `details` alone."""

    filtered: bool
    details: list[ContentFilterBlocklist] | None = None


class ContentFilterTopic(DictLike):
    """A topic of yours that was looked for."""

    id: str
    detected: bool


class ContentFilterTopics(DictLike):
    """What was found of the topics you do not want."""

    filtered: bool
    """Whether text was withheld for them."""
    details: list[ContentFilterTopic] | None = None


class ContentFilterPersonalInformationCategory(DictLike):
    """One kind of personal information, such as telephone numbers."""

    sub_category: str
    """The kind, by name."""
    filtered: bool
    detected: bool
    redacted: bool
    """Whether it was blotted out of `redacted_text`."""


class ContentFilterPersonalInformation(ContentFilterDetection):
    """What was found that tells who somebody is."""

    redacted_text: str | None = None
    """The text with what was found blotted out."""
    sub_categories: list[ContentFilterPersonalInformationCategory] | None = None


class ContentFilterError(DictLike):
    """Why the filter could not do its work; the text went through unfiltered."""

    code: str | int
    message: str


class ContentFilterResults(DictLike):
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
    personally_identifiable_information: ContentFilterPersonalInformation | None = None
    """Answers only."""
    custom_blocklists: ContentFilterBlocklists | None = None
    custom_topics: ContentFilterTopics | None = None
    error: ContentFilterError | None = None


class PromptFilterResult(DictLike):
    """The findings for one prompt of the request."""

    prompt_index: int
    content_filter_results: ContentFilterResults | None = None


class ContentFilterOffsets(DictLike):
    """How far the asynchronous filter has come, in characters from the start of prompt and answer together."""

    check_offset: int
    """Everything before it has been looked at."""
    start_offset: int
    """Where the text that these results are about begins."""
    end_offset: int
    """Where it ends: the first character outside."""


class ContentFilter(DictLike):
    """The findings for the input or the output of a response."""

    blocked: bool
    source_type: Literal["prompt", "completion"]
    content_filter_results: ContentFilterResults | None = None
    content_filter_offsets: ContentFilterOffsets | None = None
    content_filter_raw: list[Any] | None = None
