"""Tokens as a model's own table has them (`ceyx.tokens`), for a service with `exact_usage`; `tokens.py` has the estimates.

The tokens of a character that lies across several come in one piece, so that each piece is text, and count as what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from ceyx.service.bodies import Chat
from ceyx.service.catalogue import Model
from ceyx.service.tokens import ESTIMATED, Tokens
from ceyx.tokens import Tokenizer, count_messages, encoding_of, tokenizer

_COUNTED = ("chat", "completion", "embedding")


class Exact(Tokens):
    exact = True

    def __init__(self, model: str, table: Tokenizer) -> None:
        self._model = model
        self._table = table

    def pieces(self, text: str) -> list[str]:
        parts = self._table.bytes_of(self._table.encode(text))
        try:
            return [part.decode() for part in parts]
        except UnicodeDecodeError:
            return list(_whole(parts))

    def count(self, text: str) -> int:
        return len(self._table.encode(text))

    def beginning(self, text: str, tokens: int) -> str:
        ids = self._table.encode(text)
        return text if len(ids) <= tokens else b"".join(self._table.bytes_of(ids[:tokens])).decode(errors="ignore")

    def prompt(self, body: Chat) -> int:
        tools, format = _given(body.tools or body.functions or []), _given(body.response_format)
        return int(count_messages(_given(body.messages), self._model, tools=tools, response_format=format))

    def texts(self, texts: Iterable[str | list[int]]) -> int:
        return sum(self.count(text) if isinstance(text, str) else len(text) for text in texts)


def exact(models: Iterable[Model]) -> Callable[[str], Tokens]:
    """What gives the tokens of a model by its name; the tables of `models` are loaded now.

    Raises ModuleNotFoundError where one of them is not at hand. A model nobody named, whose table is not, is estimated.
    """
    for name in (model.table for model in models if model.kind in _COUNTED):
        if tokenizer(name) is None:
            raise ModuleNotFoundError(
                f"exact_usage counts with the models' own tables, and that of {name} ({encoding_of(name)[0]}) is not here: pip "
                "install 'ceyx[tokens]', or have TIKTOKEN_CACHE_DIR name a folder that has it",
                name="bpe_openai",
            )

    @lru_cache(maxsize=256)  # names may come from clients
    def tokens_of(name: str) -> Tokens:
        table = tokenizer(name)
        return ESTIMATED if table is None else Exact(name, table)

    return tokens_of


def _whole(parts: Iterable[bytes]) -> Iterable[str]:
    """Tokens as text, with those together that a character lies across."""
    held = b""
    for part in parts:
        held += part
        try:
            text = held.decode()
        except UnicodeDecodeError:
            continue
        yield text
        held = b""


def _given(value: Any) -> Any:
    """A part of a body as it was sent, without the fields that were not."""
    if isinstance(value, list):
        return [_given(each) for each in value]
    if not isinstance(value, Struct):
        return value
    config = value.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag_field else {}
    return {**tag, **{name: _given(each) for name, each in msgspec.structs.asdict(value).items() if each is not None}}
