"""What graders show to the model that judges, as it is sent."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.types.responses.response_input_content_param import ResponseInputAudioParam, ResponseInputTextParam
from ceyx.wire.typed_dict import TypedDict

__all__ = ["GraderInputsParam"]


class GraderInputsParamItemOutputText(TypedDict, total=False):
    """Text that a model generated."""

    text: Required[str]
    type: Required[Literal["output_text"]]


class GraderInputsParamItemInputImage(TypedDict, total=False):
    """A picture."""

    image_url: Required[str]
    type: Required[Literal["input_image"]]
    detail: str
    """`high`, `low` or `auto`, the default."""


GraderInputsParamItem = (
    str | ResponseInputTextParam | GraderInputsParamItemOutputText | GraderInputsParamItemInputImage | ResponseInputAudioParam
)
GraderInputsParam = list[GraderInputsParamItem]


class Input(TypedDict, total=False):
    """A message of a prompt; `{{item.name}}` and `{{sample.output_text}}` in it are filled in for each row."""

    content: Required[GraderInputsParamItem | GraderInputsParam]
    role: Required[Literal["user", "assistant", "system", "developer"]]
    type: Literal["message"]


class SimpleInputMessage(TypedDict, total=False):
    """A message of text; its role may be any."""

    content: Required[str]
    role: Required[str]
