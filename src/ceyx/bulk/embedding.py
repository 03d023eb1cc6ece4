"""Texts as vectors: many rows in one request, each with a vector and a share of the cost of its own."""

from __future__ import annotations

import sys
from array import array
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ceyx.bulk.any_job import AnyJob, Request
from ceyx.bulk.template import RowError, Values, check_template, filled

if TYPE_CHECKING:
    from ceyx.bulk.any_job import Outcome, Sender
    from ceyx.client import AsyncOpenAI

_OWN = ("input", "model", "encoding_format", "dimensions")
MOST_ROWS = 2048  # in one request, for OpenAI and Azure alike


@dataclass(frozen=True, slots=True)
class EmbeddingJob(AnyJob):
    """The vector of a text of each row: `EmbeddingJob(model="text-embedding-3-small", text="{title}: {body}")`."""

    endpoint: ClassVar[str] = "/v1/embeddings"

    model: str
    text: str
    """What is embedded, with `{column}` where the value of a column goes."""
    dimensions: int | None = None
    """The length of vectors; None for the model's own."""
    params: Values = field(default_factory=dict)
    """Further parameters of `embeddings.create`, for all rows."""
    answer: str = "embedding"
    rows_per_request: int = 100
    """How many rows go out in one request, at most; fewer where their texts are long."""

    def __post_init__(self) -> None:
        check_template(self.text)
        self._check_params(_OWN)
        if not 1 <= self.rows_per_request <= MOST_ROWS:
            raise ValueError(f"rows_per_request is {self.rows_per_request}; a request takes 1 to {MOST_ROWS:,} texts")

    @property
    def answers(self) -> Literal["text", "json", "vector"]:
        return "vector"

    @property
    def longest_answer(self) -> int:
        return 0

    @property
    def said(self) -> dict[str, Any]:
        asked = {"text": self.text, "dimensions": self.dimensions, "params": self._said_params()}
        return {"kind": "embedding", "model": self.model, **asked, "answer": self.answer}

    def request(self, row: Values) -> Request:
        self._check_row(row)
        if not (text := filled(self.text, row)):
            raise RowError("the text to embed is empty, which no model takes")
        asked = {"model": self.model, "input": text, "encoding_format": "base64", **self.params}
        return asked if self.dimensions is None else {**asked, "dimensions": self.dimensions}

    def joined(self, requests: Sequence[Request]) -> Request:
        return {**requests[0], "input": [each["input"] for each in requests]}

    def tokens(self, request: Request) -> int:
        from ceyx.tokens import count

        return count(request["input"], self.model)

    def sender(self, client: AsyncOpenAI) -> Sender:
        return client.embeddings.with_raw_response.create

    def read(self, body: Any) -> Any:
        from ceyx.types.create_embedding_response import CreateEmbeddingResponse

        return CreateEmbeddingResponse.wrap(body)

    def _outcomes(self, answer: Any, kept: Sequence[dict[str, Any]]) -> list[Outcome]:
        vectors = {getattr(each, "index", place): each.embedding for place, each in enumerate(answer.data)}
        return [_of_vector(vectors.get(place), each) for place, each in enumerate(kept)]

    def shown(self, kept: Any) -> Any:
        """The vector as a list, from base64."""
        if kept is None:
            return None
        from ceyx.types.embedding import floats_in

        return _little_endian(array("f", floats_in(kept))).tolist()


def _of_vector(vector: Any, kept: dict[str, Any]) -> Outcome:
    if vector is None:  # another time it may come
        return "failed", {**kept, "error": "the answer has no vector for this text"}
    if not isinstance(vector, str):  # servers that do not know base64
        vector = b64encode(_little_endian(array("f", vector))).decode()
    else:
        from ceyx.types.embedding import floats_in

        floats_in(vector)  # raises for what is no vector
    return "done", {**kept, "answer": vector}


def _little_endian(values: array[float]) -> array[float]:
    """As vectors travel, from how this machine has them, and back."""
    if sys.byteorder == "big":
        values.byteswap()
    return values
