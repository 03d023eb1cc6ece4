"""What calls cost, in US dollars: tokens of each kind times the price of each kind.

Prices come from a file of the user's (CEYX_PRICES), from `prices.toml` beside this module, and from the table of genai-prices,
whichever knows the model first; nothing is fetched. A model that none of them knows has no cost, which is None and never 0.
"""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ceyx.rates import Price, Rates, Used, first

HALF = Decimal("0.5")
_EPOCH = date(1970, 1, 1).toordinal()
AS_LISTED = (None, "default", "auto", "standard")


class UnknownPriceWarning(UserWarning):
    """Tokens were used that no table has a price for; what they cost is in no sum."""


class Cost(NamedTuple):
    """What one call cost, and by which prices."""

    input: Decimal
    output: Decimal
    model: str
    """The model that was priced."""
    rates: Rates
    table: str
    """Where the prices are from, with its version."""

    @property
    def total(self) -> Decimal:
        return self.input + self.output

    def __float__(self) -> float:
        return float(self.total)


class Deployment(NamedTuple):
    """What a deployment on Azure runs, and how it is paid."""

    model: str
    factor: Decimal = Decimal(1)
    """What to multiply the listed prices with: a region's or data zone's premium, or a discount of one's own."""
    provisioned: bool = False
    """Paid by the hour: one more call costs nothing."""


class Prices:
    """Prices of models, and the models of deployments. `prices()` gives those of the environment."""

    def __init__(
        self,
        models: Mapping[str, Mapping[str | None, Rates]] | None = None,
        deployments: Mapping[str, Deployment] | None = None,
        source: str = "given",
        beneath: Prices | None = None,
    ) -> None:
        self.models = dict(models or {})
        self.deployments = dict(deployments or {})
        self.source = source
        self.beneath = beneath
        self._known: dict[Any, tuple[Rates, str, str] | str] = {}
        self._warned: set[str] = set()

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Prices:
        """The prices of a file, TOML or JSON, and for what it does not name those that ceyx comes with.

        ValueError with the place of what cannot be understood.
        """
        return _read(Path(path), _own())

    def cost(
        self,
        usage: Any,
        model: str | None,
        *,
        deployment: str | None = None,
        provider: str = "openai",
        tier: str | None = None,
        at: datetime | None = None,
    ) -> Cost | None:
        """What `usage` of a model cost; None, and a warning the first time, where there is no price for it.

        `usage` is as servers send it, or `Used`. `model` is the model that the answer names; a `deployment` that the price file
        knows wins over it. `tier` is the answer's `service_tier`, or "batch"; `at` is when the call was made, now without it.
        ModuleNotFoundError where genai-prices is needed and not installed.
        """
        used = usage if isinstance(usage, Used) else Used.of(usage)
        runs = self.deployments.get(deployment or "") or self.deployments.get(model or "")
        name = runs.model if runs else model or deployment or ""
        found = self.rates(name, provider=provider, tier=tier, at=at)
        if isinstance(found, str):
            self._warn(found)
            return None
        rates, known, table = found
        if runs and runs.factor != 1:
            rates = rates.times(runs.factor)
        amounts = (Decimal(0), Decimal(0)) if runs and runs.provisioned else rates.cost(used)
        if isinstance(amounts, str):
            self._warn(f"no price for {amounts} tokens of {name!r}")
            return None
        return Cost(*amounts, known, rates, table)

    def rates(
        self, model: str, *, provider: str = "openai", tier: str | None = None, at: datetime | None = None
    ) -> tuple[Rates, str, str] | str:
        """A model's prices, its name in the table, and the name of the table; or what is missing, in words."""
        tier = None if tier in AS_LISTED else tier
        day = int(time.time() // 86400) + _EPOCH if at is None else at.astimezone(UTC).toordinal()
        key = (model, provider, tier, day, _age_of_the_table())
        if (found := self._known.get(key)) is None:
            found = self._known[key] = self._find(model.strip().lower(), provider, tier, date.fromordinal(day))
        return found

    def _find(self, model: str, provider: str, tier: str | None, day: date) -> tuple[Rates, str, str] | str:
        table: Prices | None = self
        while table is not None:
            for name in _names_of(model):
                if (known := table._entry(name)) is not None:
                    rates = _of_tier(table.models[known], tier)
                    return (rates, known, table.source) if rates else f"no price for the {tier} tier of {model!r}"
            table = table.beneath
        return _in_genai_prices(model, provider, tier, day) if model else "no price for a model without a name"

    def _entry(self, name: str) -> str | None:
        """The entry for a name: its own, else the longest that stands for names that begin so."""
        if name in self.models:
            return name
        begins = [entry for entry in self.models if entry.endswith("*") and name.startswith(entry[:-1])]
        return max(begins, key=len, default=None)

    def _warn(self, why: str) -> None:
        if why not in self._warned:
            self._warned.add(why)
            warnings.warn(
                f"{why}; it is left out of what calls cost. Name it, or the model that a deployment of this name runs, in a file "
                "of prices, and that file in CEYX_PRICES",
                UnknownPriceWarning,
                stacklevel=3,
            )


def prices() -> Prices:
    """The prices of the file in CEYX_PRICES over those that ceyx comes with; the file is read once."""
    path = os.environ.get("CEYX_PRICES")
    return _from_environment(path) if path else _own()


def cost_of(answer: Any, *, deployment: str | None = None, provider: str = "openai", tier: str | None = None) -> Cost | None:
    """What an answer of any endpoint cost, as its `usage`, `model` and `service_tier` say; None as in `Prices.cost`."""
    if (usage := first(answer, "usage")) is None:
        raise ValueError(
            f"this {type(answer).__name__} has no usage, so there is nothing to price; a stream sends it in its last chunk, with "
            'stream_options={"include_usage": True}'
        )
    tier = tier or first(answer, "service_tier")
    return prices().cost(usage, first(answer, "model"), deployment=deployment, provider=provider, tier=tier)


# ---- tables

_TWICE = re.compile(r"(-\d{4}(?:-\d\d-\d\d)?)\1$")


def _names_of(model: str) -> Iterable[str]:
    """The model's name, and how OpenAI writes it, if Azure writes it otherwise or a version was added that was there already."""
    yield model
    plain = _TWICE.sub(r"\1", model).replace("gpt-35-", "gpt-3.5-", 1)
    if plain != model:
        yield plain


def _of_tier(entry: Mapping[str | None, Rates], tier: str | None) -> Rates | None:
    """The prices of a tier. Batches, and flex, which costs as they do, are half the listed price where nothing says otherwise."""
    if tier in entry:
        return entry[tier]
    if tier in ("batch", "flex"):
        return entry[None].times(HALF)
    return None


@cache
def _own() -> Prices:
    return _read(Path(__file__).with_name("prices.toml"), None)


@cache
def _from_environment(path: str) -> Prices:
    try:
        return Prices.read(path)
    except OSError as error:
        raise type(error)(error.errno, f"CEYX_PRICES names {path}: {error.strerror}") from None


_HOLDS = {"models", "deployments"}


def _read(path: Path, beneath: Prices | None) -> Prices:
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix == ".json":
            import json

            content = json.loads(text, parse_float=Decimal)
        else:
            import tomllib

            content = tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise ValueError(f"the price file {path} cannot be read: {error}") from None
    if not isinstance(content, dict) or content.keys() - _HOLDS or not all(isinstance(part, dict) for part in content.values()):
        found = list(content) if isinstance(content, dict) else type(content).__name__
        raise ValueError(f"the price file {path} holds {found}; it holds the tables `models` and `deployments`, or one of them")
    models = {name.lower(): _entry_of(name, entry, path) for name, entry in content.get("models", {}).items()}
    deployments = {name: _deployment_of(name, entry, path) for name, entry in content.get("deployments", {}).items()}
    own = beneath is None
    return Prices(models, deployments, "ceyx" if own else path.name, beneath)


def _entry_of(name: str, entry: Any, path: Path) -> dict[str | None, Rates]:
    """A model's prices by tier: fields that are tables of their own are tiers."""
    where = f"models.{name!r} of {path}"
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is {entry!r}; it holds prices, such as `input = 0.15`, in dollars for a million tokens")
    tiers: dict[str | None, dict[str, Any]] = {None: {}}
    for field, value in entry.items():
        if field in Rates._fields:
            tiers[None][field] = value
        elif isinstance(value, dict):
            tiers[field] = value
        else:
            raise ValueError(
                f"{where} has {field!r}; there are {', '.join(Rates._fields)}, and tables for tiers, such as `batch`"
            )
    listed = tiers[None]
    return {
        tier: Rates(**{field: _price(given, where) for field, given in {**listed, **of}.items()}) for tier, of in tiers.items()
    }


def _price(given: Any, where: str) -> Price:
    steps = given if isinstance(given, dict) else {"0": given}
    try:
        price = tuple(sorted((int(start), _dollars(each)) for start, each in steps.items()))
    except (ValueError, TypeError, ArithmeticError):
        price = ()
    if not price or price[0][0] != 0:
        raise ValueError(f"{where} has the price {given!r}; it is a number of dollars, or a table from tokens to numbers")
    return price


def _dollars(given: Any) -> Decimal:
    """A price as it is written. ValueError, TypeError or ArithmeticError for what is none."""
    amount = Decimal(given)
    if isinstance(given, bool) or not amount.is_finite() or amount < 0:
        raise ValueError
    return amount


def _deployment_of(name: str, entry: Any, path: Path) -> Deployment:
    fields: Any = {"model": entry} if isinstance(entry, str) else entry
    try:
        runs = Deployment(**fields)
        return runs._replace(model=runs.model.lower(), factor=Decimal(runs.factor))
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        raise ValueError(
            f"deployments.{name!r} of {path} is {entry!r}; it is a model's name, or a table with {', '.join(Deployment._fields)}"
        ) from None


# ---- genai-prices

_FIELDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "cache_written": "cache_write_mtok",
    "audio_input": "input_audio_mtok",
    "audio_output": "output_audio_mtok",
    "image_input": "input_image_mtok",
    "image_cached": "cache_image_read_mtok",
    "image_output": "output_image_mtok",
    "audio_hour": "input_audio_hours",
}


def _table() -> Any:
    try:
        import genai_prices
    except ModuleNotFoundError as error:
        if error.name != "genai_prices":
            raise
        raise ModuleNotFoundError(
            "what a model costs is looked up with genai-prices: pip install 'ceyx[prices]', or name a file that has the price "
            "in CEYX_PRICES",
            name="genai_prices",
        ) from None
    return genai_prices


def _age_of_the_table() -> Any:
    """What changes when a program has genai-prices fetch newer prices; None before its first use, and while that begins."""
    import sys

    found = getattr(sys.modules.get("genai_prices.data_snapshot"), "get_snapshot", None)  # another thread may be importing it
    return found and found().timestamp


def _in_genai_prices(model: str, provider: str, tier: str | None, day: date) -> tuple[Rates, str, str] | str:
    table = _table()
    from genai_prices.data_snapshot import get_snapshot

    # What Azure sells of OpenAI's costs the same there, and is listed with tiers under OpenAI only.
    providers = ("openai", "azure") if provider == "azure" else (provider,)
    for each in providers:
        for name in _names_of(model):
            try:
                _, info = get_snapshot().find_provider_model(name, None, each, None)
            except LookupError:
                continue
            entry: dict[str | None, Rates] = {None: _listed(info, day)}
            if tier is not None and (of_tier := _of_context(info, _context(tier), day)) is not None:
                entry[tier] = of_tier
            rates = _of_tier(entry, tier)
            source = f"genai-prices {table.__version__}"
            return (rates, info.id, source) if rates else f"no price for the {tier} tier of {model!r}"
    return f"no price for the model {model!r}"


def _context(tier: str) -> dict[str, str]:
    return {"processing": "batch"} if tier == "batch" else {"service_tier": tier}


def _listed(info: Any, day: date) -> Rates:
    """A model's prices on a day."""
    return _rates_in(info.get_prices(_noon(day)).__dict__)


def _of_context(info: Any, context: dict[str, str], day: date) -> Rates | None:
    """A model's prices in a context; None where the table has none for it.

    genai-prices itself gives the listed price, silently, in a context that it does not know, so its variants are read here. Their
    dates say when they were verified, not since when they hold: before the first, the first holds.
    """
    variants = [variant for variant in info.price_variants or () if variant.when.items() <= context.items()]
    active = [variant for variant in variants if variant.constraint is None or variant.constraint.active(_noon(day))]
    if not variants:
        return None
    fields = dict(info.get_prices(_noon(day)).__dict__)
    for variant in reversed(active or variants):
        fields.update({name: price for name, price in variant.prices.__dict__.items() if price is not None})
    return _rates_in(fields)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _rates_in(fields: Mapping[str, Any]) -> Rates:
    return Rates(**{ours: _price_in(fields[theirs]) for ours, theirs in _FIELDS.items() if fields.get(theirs) is not None})


def _price_in(price: Any) -> Price:
    if isinstance(price, Decimal):
        return ((0, price),)
    return ((0, price.base), *((tier.start, tier.price) for tier in price.tiers))
