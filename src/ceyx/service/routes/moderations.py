"""/moderations: what is found in texts and images is what they name, so that a test can order every finding.

A text, or the address of an image, has a category if it holds the category's name and `-test`: `violence-test`,
`self-harm/intent-test`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from ceyx.service.bodies import Body, Image, Text
from ceyx.service.errors import bad_request
from ceyx.service.gate import Ask, Operation
from ceyx.service.routes.usage import identifier
from ceyx.service.tokens import estimate

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
_SEEN = {"self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic"}
"""The categories that images can have."""
_SURE = 0.97

Input: TypeAlias = str | Annotated[list[str | Text | Image], Meta(min_length=1)]


class Moderation(Body, kw_only=True):
    input: Input


class _Kinds(Struct):
    """What is judged at once, by kind of input."""

    text: str = ""
    image: str = ""


async def handle(ask: Ask) -> Response:
    body: Moderation = ask.body
    inputs = judged(body.input)
    head = {"id": identifier("modr-"), "model": ask.model.snapshot}
    tokens = sum(estimate(each.text) for each in inputs)
    return ask.whole({**head, "results": [result(each) for each in inputs]}, tokens)


def judged(given: Input) -> list[_Kinds]:
    """Each text for itself; the parts of one input together."""
    if isinstance(given, str):
        return [_Kinds(given)]
    texts = [part for part in given if isinstance(part, str)]
    if not texts:
        said = [part.text for part in given if isinstance(part, Text)]
        seen = [part.image_url.url for part in given if isinstance(part, Image)]
        return [_Kinds("\n".join(said), "\n".join(seen))]
    if len(texts) < len(given):
        raise bad_request("Invalid type for 'input': expected strings throughout, or parts throughout.", "input", "invalid_type")
    return [_Kinds(text) for text in texts]


def result(kinds: _Kinds) -> dict[str, Any]:
    found = {name: _found(name, kinds) for name in CATEGORIES}
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {name: _SURE if found[name] else _unlikely(name, kinds) for name in CATEGORIES},
        "category_applied_input_types": {name: _applied(name, kinds) for name in CATEGORIES},
    }


def _found(category: str, kinds: _Kinds) -> bool:
    words = kinds.text + (f"\n{kinds.image}" if category in _SEEN else "")
    return f"{category}-test" in words.lower()


def _unlikely(category: str, kinds: _Kinds) -> float:
    """A score near nothing, the same for the same input."""
    digest = blake2b(f"{category}\n{kinds.text}\n{kinds.image}".encode(), digest_size=2).digest()
    return (1 + int.from_bytes(digest)) / 2**26


def _applied(category: str, kinds: _Kinds) -> list[str]:
    applied = ["text"] if kinds.text or not kinds.image else []
    return [*applied, "image"] if kinds.image and category in _SEEN else applied


operation = Operation("moderations", "moderation", msgspec.json.Decoder(Moderation), handle, "omni-moderation-latest")
