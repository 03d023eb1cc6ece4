"""What Azure's content filter finds, where a deployment has one set up: words, each under the category it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.responses import Response

from ceyx.service import bodies, filters
from ceyx.service.answers import Answer
from ceyx.service.faults.answer import Asked
from ceyx.service.faults.refusals import prompt_filtered


@dataclass(frozen=True)
class ContentFilter:
    """What is found in prompts and answers: a category in a text that has one of its words, or its name and -test, as in
    violence-test and jailbreak-test."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Category -> words; they are found in any case, as whole words."""
    severity: str = "high"
    asynchronous: bool = False
    """Whether streams come unchecked, and what was found in them afterwards."""
    _patterns: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := next((name for name in self.words if name not in filters.CATEGORIES), None):
            raise ValueError(f"{unknown!r} is no category of the filter; there are {', '.join(filters.CATEGORIES)}")
        if self.severity not in ("low", "medium", "high"):
            raise ValueError(f"severity is {self.severity!r}; it is low, medium or high")
        patterns: dict[str, re.Pattern[str]] = {}
        for name in filters.CATEGORIES:
            words = [f"{name}-test", f"{name.replace('_', '-')}-test", *self.words.get(name, ())]
            patterns[name] = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
        object.__setattr__(self, "_patterns", patterns)

    def found(self, text: str) -> tuple[str, int] | None:
        """The category found first in a text, and where."""
        found = [(form.start(), name) for name, pattern in self._patterns.items() if (form := pattern.search(text))]
        return (lambda first: (first[1], first[0]))(min(found)) if found else None

    def refused(self, path: str, body: Any) -> Response | None:
        """The refusal of a prompt in which something is found."""
        hit = self.found(prompt_of(body))
        if hit is None:
            return None
        made = prompt_filtered(Asked("POST", path, path, {}), category=hit[0], severity=self.severity)
        return Response(made.content, made.status, dict(made.headers))

    def held(self, answer: Answer, streams: bool | None) -> Answer:
        """An answer up to where something is found in it."""
        hit = self.found(answer.text or "")
        if hit is None or answer.text is None:
            return answer
        text = answer.text if self.asynchronous and streams else answer.text[: hit[1]]
        return replace(answer, text=text, calls=[], finish="content_filter", found=filters.holding(hit[0], self.severity))


def prompt_of(body: Any) -> str:
    """All text that a model would read."""
    match body:
        case bodies.Chat():
            return "\n".join(bodies.text_of(message.content) for message in body.messages)
        case bodies.Completion():
            prompts = body.prompt if isinstance(body.prompt, list) else [body.prompt]
            return "\n".join(prompt for prompt in prompts if isinstance(prompt, str))
        case bodies.Embedding():
            return ""  # which nothing is generated from
        case _:  # responses, pictures
            said = [text for name in ("instructions", "input", "prompt") for text in _texts(getattr(body, name, None))]
            return "\n".join(said)


def _texts(given: Any) -> list[str]:
    """The texts in a text, an item, a part of one, or a list of such."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, dict):
        return [*_texts(given.get("text")), *_texts(given.get("content"))]
    return [text for each in given for text in _texts(each)] if isinstance(given, list) else []
