"""What a job may cost: a cap that is asked before each call for the most that the call can cost, and told afterwards what it did.

Amounts are nanodollars, whole numbers, rounded up. Prices are of `ceyx.prices`, or given.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ceyx.bulk.job import Values
from ceyx.prices import Prices, prices
from ceyx.rates import Rates, Used

NANO = Decimal(1_000_000_000)
FIRST_GUESS = 256  # tokens of an answer, before there are any
AT_MOST = 4096  # what is reserved for an answer of unbounded length; twice the longest so far, if that is more
REMEMBERED = 200  # answers


class Pricing:
    """What calls to a model cost. `given` are dollars for a million tokens of input and of output, and win over all tables."""

    def __init__(
        self, model: str, provider: str = "openai", given: tuple[Decimal, Decimal] | None = None, table: Prices | None = None
    ) -> None:
        self.model, self.provider = model, provider
        self._given = None if given is None else Rates(((0, given[0]),), ((0, given[1]),))
        self._table = table
        self.unknown = ""
        """Why there is no price; empty where there is one."""
        if self._given is None:
            try:
                self._table = table or prices()
                self.unknown = self._missing(model)
            except ModuleNotFoundError as error:
                self.unknown = str(error)

    def _missing(self, model: str) -> str:
        assert self._table is not None
        runs = self._table.deployments.get(model)
        found = self._table.rates(runs.model if runs else model, provider=self.provider)
        return found if isinstance(found, str) else ""

    def cost(self, used: Used | None, model: str | None = None) -> int | None:
        """What a call cost, by its tokens and the model that its answer names; None where there is no price."""
        if used is None:
            return None
        if self._given is not None:
            amounts = self._given.cost(used)
            return None if isinstance(amounts, str) else in_nanodollars(amounts[0] + amounts[1])
        if self._table is None:
            return None
        name = model if model and not self._missing(model) else None if self.unknown else self.model
        if name is None:
            return None
        cost = self._table.cost(used, name, deployment=self.model, provider=self.provider)
        return None if cost is None else in_nanodollars(cost.total)

    def at_most(self, input: int, output: int) -> int:
        """What a call of so many tokens costs; 0 where there is no price."""
        return self.cost(Used(input, output)) or 0


def in_nanodollars(dollars: Decimal) -> int:
    return int((dollars * NANO).to_integral_value(ROUND_CEILING))


class Budget:
    """A cap in nanodollars. What is reserved and what was spent never exceed it together, as long as calls stay within what was
    reserved for them."""

    def __init__(self, cap: int, spent: int = 0) -> None:
        self.cap, self.spent, self.reserved = cap, spent, 0

    def fits(self, amount: int) -> bool:
        return self.spent + self.reserved + amount <= self.cap

    def reserve(self, amount: int) -> None:
        self.reserved += amount

    def settle(self, reserved: int, cost: int) -> None:
        self.reserved -= reserved
        self.spent += cost


class Lengths:
    """How long answers are expected to be: as long as the job allows, or else as those before them."""

    def __init__(self, params: Values) -> None:
        given = params.get("max_completion_tokens") or params.get("max_tokens")
        self.limit = given if isinstance(given, int) else None
        self._seen: list[int] = []
        self._place = 0
        self._longest = 0
        self._expected = FIRST_GUESS

    @property
    def expected(self) -> int:
        """What nine in ten answers stay below. Where there is a limit, providers count by that."""
        return self._expected if self.limit is None else self.limit

    @property
    def at_most(self) -> int:
        return max(AT_MOST, 2 * self._longest) if self.limit is None else self.limit

    def learn(self, tokens: int) -> None:
        self._longest = max(self._longest, tokens)
        if len(self._seen) < REMEMBERED:
            self._seen.append(tokens)
        else:
            self._seen[self._place % REMEMBERED] = tokens
        self._place += 1
        if self._place % 20 == 0 or self._place < 20:
            self._expected = sorted(self._seen)[len(self._seen) * 9 // 10]


def tokens_of(request: Mapping[str, Any]) -> int:
    """About how many tokens a request is, not counting its answer."""
    import msgspec

    from ceyx.tokens import count_messages

    try:
        return count_messages(request["messages"], request["model"], tools=request.get("tools") or ())
    except (TypeError, ValueError, AttributeError, KeyError):  # of a shape that the server will refuse, if it is wrong
        return len(msgspec.json.encode(request, enc_hook=str)) // 4
