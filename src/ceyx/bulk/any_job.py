"""What a job of any kind is to those who run it: rows become requests, answers become results. No I/O of its own.

The kinds are `Job` for chat, `EmbeddingJob` and `TranscriptionJob`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from ceyx.bulk.template import RowError, Values
from ceyx.rates import Used
from ceyx.wire.message import redacted

if TYPE_CHECKING:
    from ceyx.bulk.ledger import State
    from ceyx.client import AsyncOpenAI
    from ceyx.response import RawResponse

    Outcome = tuple[State, dict[str, Any]]
    """What becomes of a row, and what to keep of its answer."""
    Sender = Callable[..., Awaitable[RawResponse[Any]]]

Request = dict[str, Any]


class AnyJob(ABC):
    """One question to ask about many rows."""

    __slots__ = ()

    endpoint: ClassVar[str]
    """The path of its calls, as the Batch API names it."""
    batchable: ClassVar[bool] = True
    """Whether the Batch API takes it."""
    priced_by_tokens: ClassVar[bool] = True
    """Whether its requests tell what they cost; recordings do not, as they are paid for by their length."""

    model: str
    params: Values
    answer: str
    """The column that answers go to."""
    rows_per_request: int = 1
    """How many rows are asked about in one request, at most."""

    @property
    def answers(self) -> Literal["text", "json", "vector"]:
        """What the column of answers holds."""
        return "text"

    @property
    def longest_answer(self) -> int | None:
        """The tokens that the job allows an answer to have; None for as many as the model gives."""
        return None

    @property
    @abstractmethod
    def said(self) -> dict[str, Any]:
        """All of it as JSON has it: what a ledger compares, to know the job again."""

    def _said_params(self) -> dict[str, Any]:
        """The parameters without keys that are among their headers: ledgers and reports are handed on."""
        given = dict(self.params)
        for name in ("extra_headers", "extra_query"):
            if isinstance(held := given.get(name), Mapping):
                given[name] = redacted(held)
        return given

    # -- requests

    @abstractmethod
    def request(self, row: Values) -> Request:
        """The body of the request for a row alone, fit for JSON. Raises RowError for a row that lacks something."""

    def joined(self, requests: Sequence[Request]) -> Request:
        """One request in place of these, each of a row."""
        (request,) = requests
        return request

    @abstractmethod
    def tokens(self, request: Request) -> int:
        """About how many tokens the request for a row is, not counting its answer."""

    def guess(self, request: Request) -> int:
        """As `tokens`, at no cost worth speaking of: for limits, which usage corrects. A model's table takes half a second and
        138 MB, and each count 20 us."""
        return self.tokens(request)

    def most(self, request: Request, tokens: int, output: int) -> Sequence[Used]:
        """What the request for a row uses at most, `output` tokens of answer included; several, where it depends on how the
        model is paid for. `tokens` are those that were counted."""
        return (Used(at_most(tokens), output),)

    @abstractmethod
    def sender(self, client: AsyncOpenAI) -> Sender:
        """What sends requests, given as keywords, over this client."""

    # -- answers

    @abstractmethod
    def read(self, body: Any) -> Any:
        """The answer in this JSON, as the client would give it."""

    def used(self, answer: Any) -> Used | None:
        """What an answer says it took; None where it does not say, as with some servers."""
        usage = getattr(answer, "usage", None)
        return None if usage is None else Used.of(usage)

    def outcome(self, answer: Any) -> Outcome:
        """What becomes of a row that was asked about alone."""
        return self.outcomes(answer, (1,))[0]

    def outcomes(self, answer: Any, weights: Sequence[int], used: Used | None = None) -> list[Outcome]:
        """What becomes of each row of a request; what the answer took (`used`, if it was read already) is shared out by the
        weights."""
        used = used or self.used(answer)
        model, tier = getattr(answer, "model", None), getattr(answer, "service_tier", None)
        came = [None] * len(weights) if used is None else shares(used.input, weights)
        went = [None] * len(weights) if used is None else shares(used.output, weights)
        kept = [
            {"model": model, "tier": tier, "input_tokens": input, "output_tokens": output}
            for input, output in zip(came, went, strict=True)
        ]
        try:
            return self._outcomes(answer, kept)
        except (AttributeError, TypeError, ValueError) as error:  # some servers break their own schema
            wrong = {"answer": None, "error": f"the answer is not what the API promises: {error}"}
            return [("poison", each | wrong) for each in kept]

    @abstractmethod
    def _outcomes(self, answer: Any, kept: Sequence[dict[str, Any]]) -> list[Outcome]:
        """What becomes of each row, of which this is kept already."""

    def shown(self, kept: Any) -> Any:
        """An answer as the output has it, from how it is kept."""
        return kept

    # -- for the kinds

    def _check_params(self, own: Sequence[str]) -> None:
        for name in own:
            if name in self.params:
                raise ValueError(f"params has {name!r}, which a job decides itself; leave it out")

    def _check_row(self, row: Values) -> None:
        if self.answer in row:
            raise RowError(f"the row has a column {self.answer!r}, where its answer is to go; choose another name for answers")


def identity_of(request: Mapping[str, Any]) -> bytes:
    """What tells a request from others: the same for the same request, in any process."""
    return blake2b(msgspec.json.encode(request, order="deterministic"), digest_size=16).digest()


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of a total, as large as their weights: their sum is the total."""
    if len(weights) == 1:
        return [total]
    whole = sum(weights)
    if not whole:
        return shares(total, [1] * len(weights))
    ends = [total * end // whole for end in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(ends)]


def at_most(tokens: int) -> int:
    """The tokens that there may be where so many were counted: an estimate comes out up to 20 % too low."""
    return tokens if getattr(tokens, "exact", False) else -(-tokens * 5 // 4)
