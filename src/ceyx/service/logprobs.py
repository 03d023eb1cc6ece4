"""Log probabilities that look like a model's and come from none: the same for the same text."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

_WORDS = "the a and of to in is it that for as on with or an be at by so if not are"
_OTHERS = [f" {word}" for word in _WORDS.split()]


def _drawn(piece: str, place: int) -> float:
    """A likely token's log probability: between -0.5 and 0."""
    return -int.from_bytes(blake2b(f"{place}:{piece}".encode(errors="replace"), digest_size=2).digest(), "big") / 131_072


def _ranked(piece: str, place: int, count: int) -> list[tuple[str, float]]:
    """The piece itself and less likely ones, `count` in all."""
    first = _drawn(piece, place)
    others = [other for other in _OTHERS if other != piece][: max(count - 1, 0)]
    return [(piece, first), *((other, round(first - 1.5 - rank, 6)) for rank, other in enumerate(others))][:count]


def of_chat(pieces: Iterable[str], top: int | None, start: int = 0) -> dict[str, Any]:
    """As chat completions spell them; `start` is the place of the first piece."""

    def entry(piece: str, value: float) -> dict[str, Any]:
        return {"token": piece, "logprob": value, "bytes": list(piece.encode(errors="replace"))}

    content = [
        {**entry(piece, _drawn(piece, place)), "top_logprobs": [entry(*ranked) for ranked in _ranked(piece, place, top or 0)]}
        for place, piece in enumerate(pieces, start)
    ]
    return {"content": content, "refusal": None}


def of_completion(pieces: list[str], top: int, start: int = 0, offset: int = 0) -> dict[str, Any]:
    """As text completions spell them; `offset` is where in the text the first piece begins."""
    offsets: list[int] = []
    for piece in pieces:
        offsets.append(offset)
        offset += len(piece)
    return {
        "tokens": pieces,
        "token_logprobs": [_drawn(piece, place) for place, piece in enumerate(pieces, start)],
        "top_logprobs": [dict(_ranked(piece, place, top)) for place, piece in enumerate(pieces, start)] if top else None,
        "text_offset": offsets,
    }
