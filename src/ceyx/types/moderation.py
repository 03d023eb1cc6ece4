"""What moderation finds. Categories have slashes and dashes on the wire (`self-harm/intent`), and underscores in Python."""

from __future__ import annotations

from typing import Any, Literal, Self

from ceyx.wire.view import Answer, View

__all__ = ["Moderation", "ModerationCreateResponse"]

WIRE = {
    "harassment_threatening": "harassment/threatening",
    "hate_threatening": "hate/threatening",
    "illicit_violent": "illicit/violent",
    "self_harm": "self-harm",
    "self_harm_instructions": "self-harm/instructions",
    "self_harm_intent": "self-harm/intent",
    "sexual_minors": "sexual/minors",
    "violence_graphic": "violence/graphic",
}


def wired(value: Any) -> Any:
    """Plain data with the names of the wire."""
    if type(value) is list:
        return [wired(item) for item in value]
    return {WIRE.get(name, name): wired(inner) for name, inner in value.items()} if type(value) is dict else value


class Spelled(View):
    """Gives the names of the wire where they are asked for: by `by_alias=True`, and in `to_dict` and `to_json`."""

    def model_dump(self, *, by_alias: bool | None = None, **how: Any) -> dict[str, Any]:
        dumped = super().model_dump(**how)
        return wired(dumped) if by_alias else dumped


class ByCategory(Spelled):
    """Something for each category."""

    _spelled = WIRE

    @classmethod
    def wrap(cls, data: Any) -> Self:
        if type(data) is dict:
            for name, sent in WIRE.items():
                if sent in data:
                    data[name] = data.pop(sent)
        return super().wrap(data)


class Categories(ByCategory):
    """Whether each was found."""

    harassment: bool
    harassment_threatening: bool
    hate: bool
    """Of a group that is protected; else it is harassment."""
    hate_threatening: bool
    illicit: bool | None = None
    """Advice how to do wrong."""
    illicit_violent: bool | None = None
    """Advice how to do wrong violently, or how to come by weapons."""
    self_harm: bool
    self_harm_instructions: bool
    self_harm_intent: bool
    """The speaker means to, or does."""
    sexual: bool
    sexual_minors: bool
    violence: bool
    violence_graphic: bool


class CategoryAppliedInputTypes(ByCategory):
    """The kinds of input each score comes from."""

    harassment: list[Literal["text"]]
    harassment_threatening: list[Literal["text"]]
    hate: list[Literal["text"]]
    hate_threatening: list[Literal["text"]]
    illicit: list[Literal["text"]]
    illicit_violent: list[Literal["text"]]
    self_harm: list[Literal["text", "image"]]
    self_harm_instructions: list[Literal["text", "image"]]
    self_harm_intent: list[Literal["text", "image"]]
    sexual: list[Literal["text", "image"]]
    sexual_minors: list[Literal["text"]]
    violence: list[Literal["text", "image"]]
    violence_graphic: list[Literal["text", "image"]]


class CategoryScores(ByCategory):
    """How sure the model is of each, from 0 to 1."""

    harassment: float
    harassment_threatening: float
    hate: float
    hate_threatening: float
    illicit: float
    illicit_violent: float
    self_harm: float
    self_harm_instructions: float
    self_harm_intent: float
    sexual: float
    sexual_minors: float
    violence: float
    violence_graphic: float


class Moderation(Spelled):
    """The findings for one text or image."""

    categories: Categories
    category_applied_input_types: CategoryAppliedInputTypes
    category_scores: CategoryScores
    flagged: bool
    """Whether any category was found."""


class ModerationCreateResponse(Spelled, Answer):
    """The findings for all that was asked about, in its order."""

    id: str
    model: str
    results: list[Moderation]
