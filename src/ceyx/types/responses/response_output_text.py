"""What a model says: text with what it rests on, or a refusal."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = ["ResponseOutputMessage", "ResponseOutputRefusal", "ResponseOutputText"]


class AnnotationFileCitation(View):
    """A file the text rests on."""

    file_id: str
    filename: str
    index: int
    """The place in the text, in characters."""
    type: Literal["file_citation"]


class AnnotationURLCitation(View):
    """A web page the text rests on."""

    end_index: int
    """Where the cited part of the text ends, in characters."""
    start_index: int
    title: str
    type: Literal["url_citation"]
    url: str


class AnnotationContainerFileCitation(View):
    """A file in a container that the text names."""

    container_id: str
    end_index: int
    file_id: str
    filename: str
    start_index: int
    type: Literal["container_file_citation"]


class AnnotationFilePath(View):
    """A file the model wrote."""

    file_id: str
    index: int
    type: Literal["file_path"]


Annotation = AnnotationFileCitation | AnnotationURLCitation | AnnotationContainerFileCitation | AnnotationFilePath


class LogprobTopLogprob(View):
    token: str
    bytes: list[int]
    logprob: float


class Logprob(View):
    """How likely a token was, and which others were."""

    token: str
    bytes: list[int]
    logprob: float
    top_logprobs: list[LogprobTopLogprob]


class ResponseOutputText(View):
    """Text, with what it rests on."""

    annotations: list[Annotation]
    text: str
    type: Literal["output_text"]
    logprobs: list[Logprob] | None = None
    """Where `include` asked for them."""


class ResponseOutputRefusal(View):
    """Why the model declines, in its own words."""

    refusal: str
    type: Literal["refusal"]


Content = ResponseOutputText | ResponseOutputRefusal


class ResponseOutputMessage(View):
    """What the model says."""

    id: str
    content: list[Content]
    role: Literal["assistant"]
    status: Literal["in_progress", "completed", "incomplete"]
    type: Literal["message"]
    phase: Literal["commentary", "final_answer"] | None = None
    """Said on the way, or the answer; to be kept when the message is sent again."""
