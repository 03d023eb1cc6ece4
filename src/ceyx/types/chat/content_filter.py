"""What Azure's content filter found in a prompt or an answer. A category is absent where the filter did not look for it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any, Literal

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


class Finding(View):
    """A view that can be read like the dict that the `openai` package, which does not know these fields, gives for them."""

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def get(self, name: str, default: Any = None) -> Any:
        return self.__dict__.get(name, default)

    def keys(self) -> KeysView[str]:
        return self.__dict__.keys()

    def values(self) -> ValuesView[Any]:
        return self.__dict__.values()

    def items(self) -> ItemsView[str, Any]:
        return self.__dict__.items()


class ContentFilterSeverity(Finding):
    """A category that has degrees."""

    filtered: bool
    """Whether text was withheld for it."""
    severity: Literal["safe", "low", "medium", "high"]


class ContentFilterCitation(Finding):
    """Where protected material comes from."""

    URL: str | None = None
    license: str | None = None


class ContentFilterSpan(Finding):
    """A part of the answer, in characters from its start; the end is the first one outside."""

    completion_start_offset: int
    completion_end_offset: int


class ContentFilterDetection(Finding):
    """A category that is there or is not."""

    filtered: bool
    """Whether text was withheld for it."""
    detected: bool
    citation: ContentFilterCitation | None = None
    """For `protected_material_code`."""
    details: list[ContentFilterSpan] | None = None
    """For `ungrounded_material`: which parts of the answer the sources do not support."""


class ContentFilterBlocklist(Finding):
    """A blocklist of yours that was looked into."""

    id: str
    filtered: bool


class ContentFilterBlocklists(Finding):
    """What your own blocklists found. Older api-versions send the list of `details` alone."""

    filtered: bool
    details: list[ContentFilterBlocklist] | None = None


class ContentFilterError(Finding):
    """Why the filter could not do its work; the text went through unfiltered."""

    code: str | int
    message: str


class ContentFilterResults(Finding):
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


class PromptFilterResult(Finding):
    """The findings for one prompt of the request."""

    prompt_index: int
    content_filter_results: ContentFilterResults | None = None


class ContentFilterOffsets(Finding):
    """How far the asynchronous filter has come, in characters from the start of prompt and answer together."""

    check_offset: int
    """Everything before it has been looked at."""
    start_offset: int
    """Where the text that these results are about begins."""
    end_offset: int
    """Where it ends: the first character outside."""
