"""What a job may cost: a cap that is asked before each call for the most that the call can cost, and told afterwards what it did.

Amounts are nanodollars, whole numbers, rounded up. Prices are of `ceyx.prices`, or given.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from math import inf
from typing import TypeAlias

from ceyx.bulk.any_job import AnyJob
from ceyx.families import family_of
from ceyx.prices import Prices, prices
from ceyx.rates import Rates, Used

NANO = Decimal(1_000_000_000)
FIRST_GUESS = 256  # tokens of an answer, before there are any
AT_MOST = 4096  # tokens of an answer of unknown length; twice the longest so far, if that is more
REMEMBERED = 200  # answers


_Found: TypeAlias = "tuple[Rates, tuple[int, int] | None] | str"
"""Prices, and those of a token if these are whole; or why there are none."""


class BudgetError(ValueError):
    """No cap can hold, or none as low as this; nothing was asked."""


class Pricing:
    """What calls to a model cost. `given` are dollars for a million tokens of input and of output, and win over all tables.

    `tier` is the service tier that is asked for, or "batch"; of an answer, the one that it names is what counts.
    """

    def __init__(
        self,
        model: str,
        provider: str = "openai",
        given: tuple[Decimal, Decimal] | None = None,
        table: Prices | None = None,
        tier: str | None = None,
    ) -> None:
        self.model, self.provider, self.tier = model, provider, tier
        self.runs = model
        """The model that is priced, where `model` is a deployment that the table knows."""
        self._given = None if given is None else Rates(((0, given[0]),), ((0, given[1]),))
        self._table = table
        self._found: dict[tuple[str, str | None], tuple[float, _Found]] = {}
        self.unknown = ""
        """Why there is no price; empty where there is one."""
        try:
            self._table = table or prices()
            if known := self._table.deployments.get(model):
                self.runs = known.model
            if self._given is None:
                self.unknown = self._missing(self.runs, tier)
        except ModuleNotFoundError as error:
            self.unknown = "" if self._given else str(error)

    def _missing(self, model: str, tier: str | None) -> str:
        assert self._table is not None
        found = self._table.rates(model, provider=self.provider, tier=tier)
        return found if isinstance(found, str) else ""

    def cost(self, used: Used | None, model: str | None = None, tier: str | None = None) -> int | None:
        """What a call cost, by its tokens and the model and tier that its answer names; None where there is no price."""
        if used is None:
            return None
        if self._given is not None:
            amounts = self._given.cost(used)
            return None if isinstance(amounts, str) else in_nanodollars(amounts[0] + amounts[1])
        if self._table is None:
            return None
        tier = tier or self.tier
        found = self._rates(model, tier) if model else ""
        if isinstance(found, str):
            if self.unknown:
                return None
            model, found = self.model, self._rates(self.runs, tier)
        if not isinstance(found, str) and (plain := self._plain(*found, used)) is not None:
            return plain
        cost = self._table.cost(used, model, deployment=self.model, provider=self.provider, tier=tier)
        return None if cost is None else in_nanodollars(cost.total)

    def _rates(self, model: str, tier: str | None) -> _Found:
        """The prices of a model, which are looked up once a minute: they may change while a job runs."""
        assert self._table is not None
        now = time.monotonic()
        at, found = self._found.get((model, tier), (-inf, ""))
        if not 0 <= now - at <= 60:
            rates = self._table.rates(model, provider=self.provider, tier=tier)
            found = rates if isinstance(rates, str) else (rates[0], rates[0].of_a_token())
            self._found[model, tier] = now, found
        return found

    def _plain(self, rates: Rates, each: tuple[int, int] | None, used: Used) -> int | None:
        """What it costs where no deployment has a price of its own, and all kinds of tokens have one; `each` is of a token."""
        if self._table is None or self._table.deployments:
            return None
        if each is not None and used.is_text:
            return each[0] * used.input + each[1] * used.output
        amounts = rates.cost(used)
        return None if isinstance(amounts, str) else in_nanodollars(amounts[0] + amounts[1])

    def at_most(self, input: int, output: int) -> int:
        """What a call of so many tokens costs; 0 where there is no price."""
        return self.cost(Used(input, output)) or 0

    def most(self, ways: Sequence[Used]) -> int:
        """What a call costs that uses this at most, by the first of these ways that there is a price for; else 0."""
        if len(ways) == 1:
            return self.cost(ways[0]) or 0
        for used in ways:
            if (cost := self._priced(used)) is not None:
                return cost
        return 0

    def _priced(self, used: Used) -> int | None:
        """As `cost`, in silence."""
        if self._given is None and self._table is not None and not self.unknown:
            rates = self._table.rates(self.runs, provider=self.provider, tier=self.tier)
            if isinstance(rates, str):
                return None
            if (plain := self._plain(rates[0], None, used)) is not None:
                return plain
            if isinstance(rates[0].cost(used), str):
                return None
        return self.cost(used)


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


def longest_answer(job: AnyJob, pricing: Pricing) -> int | None:
    """The tokens that an answer has at most, by the job or else by the model; None for models that nobody knows that of."""
    if (given := job.longest_answer) is not None:
        return given
    family = family_of(pricing.runs)
    return None if family is None else family.most_out


def check_budget(job: AnyJob, pricing: Pricing) -> None:
    """Raises BudgetError where no cap can hold."""
    if pricing.unknown:
        raise BudgetError(f"{pricing.unknown}, so no budget can hold; give a price for a million tokens (--price IN,OUT, price=)")
    if longest_answer(job, pricing) is None:
        raise BudgetError(
            f"nobody knows how long answers of {pricing.runs!r} get, so no budget can hold; limit them (--max-tokens, max_tokens)"
        )


class Lengths:
    """How long answers are expected to be: as long as the job allows, or else as those before them.

    `limit` is what the job allows, `most` what the model gives at most; None where that is not known.
    """

    def __init__(self, limit: int | None, most: int | None = None) -> None:
        self.limit, self.most = limit, most
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
        """What no answer exceeds; where nobody knows that, a guess."""
        if self.limit is not None:
            return self.limit
        return max(AT_MOST, 2 * self._longest) if self.most is None else self.most

    def learn(self, tokens: int) -> None:
        self._longest = max(self._longest, tokens)
        if len(self._seen) < REMEMBERED:
            self._seen.append(tokens)
        else:
            self._seen[self._place % REMEMBERED] = tokens
        self._place += 1
        if self._place % 20 == 0 or self._place < 20:
            self._expected = sorted(self._seen)[len(self._seen) * 9 // 10]
