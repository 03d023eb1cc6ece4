"""What graders show to the model that judges, as it comes back; `grader_inputs_param` has it as it is sent."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.response_input_content import ResponseInputAudio, ResponseInputText
from ceyx.wire.view import View

__all__ = ["GraderInputs"]


class GraderInputItemOutputText(View):
    """Text that a model generated."""

    text: str
    type: Literal["output_text"]


class GraderInputItemInputImage(View):
    """A picture."""

    image_url: str
    type: Literal["input_image"]
    detail: str | None = None
    """`high`, `low` or `auto`."""


GraderInputItem = str | ResponseInputText | GraderInputItemOutputText | GraderInputItemInputImage | ResponseInputAudio
GraderInputs = list[GraderInputItem]


class Input(View):
    """A message of a prompt; `{{item.name}}` and `{{sample.output_text}}` in it are filled in for each row."""

    content: GraderInputItem | GraderInputs
    role: Literal["user", "assistant", "system", "developer"]
    type: Literal["message"] | None = None
