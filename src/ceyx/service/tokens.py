"""Estimates of tokens, without any model's table: pieces of about four bytes where we write, four bytes a token where we read.

What is generated is counted in the very pieces it is streamed in, so the count of a stream's chunks and its `usage` agree. A
service with `exact_usage` counts by `exact.py` in place of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ceyx.service.bodies import Assistant, Chat, Image, Text

# A word or part of one with the space before it, two characters of a script that packs more into each, a run of signs, a space.
_piece = re.compile(r" ?[\u0250-\U0010ffff]{1,2}| ?[^\W\u0250-\U0010ffff]{1,7}| ?[^\w\s\u0250-\U0010ffff]{1,4}|\s", re.DOTALL)

_IMAGE = 85  # what a low-detail image costs with the models that say so
_AUDIO = 10


def pieces(text: str) -> list[str]:
    """`text` in the pieces it is streamed in; joined, they are `text` again."""
    return _piece.findall(text)


def estimate(text: str) -> int:
    """About how many tokens `text` is."""
    return (len(text.encode(errors="replace")) + 3) // 4


def prompt_tokens(body: Chat, count: Callable[[str], int] = estimate) -> int:
    """About how many tokens a chat's messages, tools and schema are; their texts are counted by `count`."""
    total = 3
    for message in body.messages:
        total += 3
        content = message.content
        for part in content if isinstance(content, list) else [Text(content or "")]:
            total += count(part.text) if isinstance(part, Text) else _IMAGE if isinstance(part, Image) else _AUDIO
        if isinstance(message, Assistant):
            total += sum(count(call.name + str(call.function or call.custom)) for call in message.tool_calls or ())
    for extra in (body.tools, body.functions, body.response_format):
        if extra is not None:
            total += (len(msgspec.json.encode(extra)) + 3) // 4
    return total


def text_tokens(texts: Iterable[str | list[int]]) -> int:
    """About how many tokens these texts are; tokens count as themselves."""
    return sum(estimate(text) if isinstance(text, str) else len(text) for text in texts)


class Tokens:
    """How the tokens of a model are told: by estimate, or with its table (`exact.Exact`)."""

    exact = False

    def pieces(self, text: str) -> list[str]:
        """What is generated, in the pieces it is streamed in."""
        return pieces(text)

    def count(self, text: str) -> int:
        """The tokens of what is generated."""
        return len(pieces(text))

    def beginning(self, text: str, tokens: int) -> str:
        """What is generated, up to so many tokens."""
        return "".join(pieces(text)[:tokens])

    def prompt(self, body: Chat) -> int:
        """The tokens of a chat's messages, tools and schema."""
        return prompt_tokens(body)

    def texts(self, texts: Iterable[str | list[int]]) -> int:
        """The tokens of texts that are read; tokens count as themselves."""
        return text_tokens(texts)


ESTIMATED = Tokens()


def most_tokens(body: Any, raw: bytes, provider: str) -> int:
    """How many tokens an answer may cost, as the provider guesses before there is one: by length, and by what the body allows."""
    read = prompt_tokens(body) if isinstance(body, Chat) else (len(raw) + 3) // 4
    allowed = [getattr(body, name, None) for name in ("max_completion_tokens", "max_tokens", "max_output_tokens")]
    written = next((each for each in allowed if each), 0) * max(
        getattr(body, "n", None) or 1, getattr(body, "best_of", None) or 1
    )
    return read + written if provider == "azure" else max(read, written, 1)
