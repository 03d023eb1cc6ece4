"""Vector stores inside: texts cut into chunks, chunks made vectors, and the chunks that fit a query best.

The vectors are those of the embeddings route, so what is alike is so by spelling.
"""

from __future__ import annotations

import asyncio
import re
from array import array
from collections.abc import Iterator
from heapq import nlargest
from operator import mul
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from ceyx.service.catalogue import MODELS
from ceyx.service.engines.vectors import vector
from ceyx.service.store import Store, Stored
from ceyx.service.tokens import pieces

MODEL = MODELS["text-embedding-3-small"]
MOST_BYTES = 20 * 1024 * 1024
"""About the five million tokens that a file may have."""
_AT_A_TIME = 10  # chunks: some ten milliseconds

Value: TypeAlias = str | float | bool


class Unreadable(Exception):
    """A file that cannot be searched: `code` is what its last_error says."""

    def __init__(self, code: Literal["unsupported_file", "invalid_file"], message: str) -> None:
        super().__init__(message)
        self.code = code


class Compared(Struct):
    """A filter: an attribute against a value."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: Value | list[Value]


class Compound(Struct):
    """A filter of filters."""

    type: Literal["and", "or"]
    filters: list[dict[str, Any]]


class Found(NamedTuple):
    """A chunk that fits."""

    score: float
    file: Stored
    text: str


# -- going in


def text_of(store: Store, file_id: str, filename: str) -> str:
    """The text of a file. Raises Unreadable for what is none."""
    raw = b""
    for piece in store.content(file_id):
        raw += piece
        if len(raw) > MOST_BYTES:
            raise Unreadable("invalid_file", f"{filename} has more than {MOST_BYTES // 1024 // 1024} MB of text; split it.")
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        message = f"{filename} is not text in UTF-8 or UTF-16, and the local service reads nothing else: no PDF, no office file."
        raise Unreadable("unsupported_file", message)
    if not text.strip():
        raise Unreadable("invalid_file", f"{filename} has no text.")
    return text


def chunked(text: str, size: int, overlap: int) -> list[str]:
    """`text` in chunks of so many tokens, each beginning with the last `overlap` of the one before."""
    tokens = pieces(text)
    return ["".join(tokens[start : start + size]) for start in range(0, max(len(tokens) - overlap, 1), size - overlap)]


async def index(store: Store, place: str, chunks: list[str]) -> int:
    """Makes `chunks` searchable under `place`; the bytes that takes. Meanwhile others have their turn; it can be cancelled."""
    used = 0
    store.delete_content(_vectors(place))
    for start in range(0, len(chunks), _AT_A_TIME):
        some = chunks[start : start + _AT_A_TIME]
        used += store.add_content(_vectors(place), await asyncio.to_thread(_as_bytes, some))
        used += sum(len(chunk.encode()) for chunk in some)
    store.put("chunks", place, {"texts": chunks}, parent=place.partition("/")[0])
    return used


def _as_bytes(chunks: list[str]) -> bytes:
    return b"".join(vector(chunk, MODEL).tobytes() for chunk in chunks)


def _vectors(place: str) -> str:
    return f"vectors/{place}"


def forget(store: Store, place: str) -> None:
    """Takes what `index` put."""
    store.delete("chunks", place)
    store.delete_content(_vectors(place))


# -- looking for


def search(store: Store, id: str, queries: list[str], limit: int, threshold: float = 0, filters: Any = None) -> list[Found]:
    """The chunks of a vector store that fit one of `queries` best, best first. Takes a tenth of a millisecond a chunk."""
    asked = [vector(query, MODEL) for query in queries]
    return nlargest(limit, _scored(store, id, asked, threshold, filters), key=lambda found: found.score)


def _scored(store: Store, id: str, asked: list[array[float]], threshold: float, filters: Any) -> Iterator[Found]:
    for file in store.page("vector_store.file", parent=id, limit=None, order="asc")[0]:
        if file["status"] != "completed" or (filters is not None and not matches(filters, file.get("attributes") or {})):
            continue
        place = f"{id}/{file['id']}"
        texts = (store.get("chunks", place) or {"texts": []})["texts"]
        vectors = memoryview(store.read(_vectors(place))).cast("f")
        for number, text in enumerate(texts):
            one = vectors[number * MODEL.dimensions : (number + 1) * MODEL.dimensions]
            score = round(max(min(max(sum(map(mul, one, other)) for other in asked), 1.0), 0.0), 6)
            if score >= threshold:
                yield Found(score, file, text)


_EMPTY = """
    a about an and are as at be by can could do does did for from give have how i in is it its list me my of on or our please
    show tell that the their there these this those to us was we were what when where which who whose why will with would you your
"""
_STOP = frozenset(_EMPTY.split())


def rewritten(query: str) -> str:
    """A question as words to look for."""
    words = re.findall(r"[\w'-]+", query)
    return " ".join(word for word in words if word.lower() not in _STOP) or query


# -- filters


def checked(filters: dict[str, Any], depth: int = 0) -> Compared | Compound:
    """A filter, with those in it. Raises msgspec.ValidationError for what is none."""
    if depth > 10:
        raise msgspec.ValidationError("filters are nested more than 10 deep")
    if filters.get("type") in ("and", "or"):
        compound = msgspec.convert(filters, Compound)
        for each in compound.filters:
            checked(each, depth + 1)
        return compound
    compared = msgspec.convert(filters, Compared)
    if isinstance(compared.value, list) != (compared.type in ("in", "nin")):
        raise msgspec.ValidationError(f"{compared.type!r} takes {'one value' if isinstance(compared.value, list) else 'a list'}")
    return compared


def matches(filters: dict[str, Any], attributes: dict[str, Value]) -> bool:
    """Whether attributes satisfy a filter that was `checked`. An attribute that is not there equals nothing."""
    match filters["type"]:
        case "and":
            return all(matches(each, attributes) for each in filters["filters"])
        case "or":
            return any(matches(each, attributes) for each in filters["filters"])
        case "eq":
            return _same(attributes.get(filters["key"]), filters["value"])
        case "ne":
            return not _same(attributes.get(filters["key"]), filters["value"])
        case "in":
            return any(_same(attributes.get(filters["key"]), value) for value in filters["value"])
        case "nin":
            return not any(_same(attributes.get(filters["key"]), value) for value in filters["value"])
        case order:
            return _ordered(order, attributes.get(filters["key"]), filters["value"])


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _ordered(order: str, one: Any, other: Any) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other))
    if not numbers and not (isinstance(one, str) and isinstance(other, str)):
        return False
    return bool({"gt": one > other, "gte": one >= other, "lt": one < other, "lte": one <= other}[order])
