"""Prices: the three tables, what tiers and kinds of tokens cost, and that what is unknown is never free."""

from __future__ import annotations

import sys
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType

import pytest

from ceyx.prices import Prices, UnknownPriceWarning, cost_of, prices
from ceyx.rates import Rates, Used, tier_in
from ceyx.types import CreateEmbeddingResponse
from ceyx.types.chat import ChatCompletion
from ceyx.types.responses import Response

MILLION = 1_000_000
FILE = """
[models."house-model"]
input = 0.15
cached = 0.075
output = 0.6
[models."house-model".batch]
input = 0.1
output = 0.5
[models."long-*"]
input = {0 = 1, 1000 = 2}
output = 3
[models."gpt-4o"]
input = 9
output = 9

[deployments]
prod = "GPT-4.1"
east = {model = "gpt-4.1", factor = 1.1}
ptu = {model = "gpt-4.1", provisioned = true}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(FILE)
    return path


def dollars(usage, model, **more):
    cost = Prices(beneath=prices()).cost(usage, model, **more)
    return cost and cost.total


def unpriced(usage, model, match, **more):
    with pytest.warns(UnknownPriceWarning, match=match):
        assert dollars(usage, model, **more) is None


# ---- tables


@pytest.mark.parametrize(
    ("model", "used", "shown"),
    [
        ("gpt-35-turbo", Used(31, 8), "0.000063"),
        ("gpt-35-turbo-0301", Used(31, 6), "0.000074"),
        ("gpt-35-turbo-0301", Used(31, 8), "0.000078"),
        ("gpt-35-turbo-1106", Used(1000, 1000), "0.003000"),
        ("gpt-35-turbo-0125", Used(1000, 1000), "0.002000"),
        ("gpt-35-turbo-instruct-0914", Used(1000, 1000), "0.003500"),
        ("ft:gpt-3.5-turbo-0613:langchain::7qTVM5AR", Used(1000, 1000), "0.009000"),
        ("ft:gpt-4.1-mini-2025-04-14:acme::1", Used(1000, 1000), "0.004000"),
        ("gpt-35-turbo-0613.ft-1a2b", Used(1000, 1000), "0.003500"),
        ("gpt-4o-2024-05-13-2024-05-13", Used(1000, 1000), "0.020000"),
        ("gpt-4-1106-Preview", Used(1000, 1000), "0.040000"),
        ("GPT-4o-2024-05-13", Used(1000, 1000), "0.020000"),
        ("text-embedding-3-small", Used(MILLION), "0.020000"),
    ],
)
def test_what_models_cost(model, used, shown):
    assert format(float(dollars(used, model)), ".6f") == shown


def test_the_price_of_the_day_holds():
    assert dollars(Used(MILLION), "o3", at=datetime(2025, 6, 9, tzinfo=UTC)) == 10
    assert dollars(Used(MILLION), "o3", at=datetime(2025, 6, 10, tzinfo=UTC)) == 2


def test_a_cost_says_by_which_prices():
    cost = prices().cost(Used(2, 1), "gpt-4o")
    assert (cost.model, cost.rates.input, cost.table.split()[0]) == ("gpt-4o", ((0, Decimal("2.5")),), "genai-prices")
    assert (cost.input, cost.output, float(cost)) == (Decimal("0.000005"), Decimal("0.00001"), 0.000015)
    assert prices().cost(Used(1), "gpt-35-turbo").table == "ceyx"


def test_azure_sells_more_than_openai():
    assert dollars(Used(MILLION), "phi-4", provider="azure") == Decimal("0.125")
    unpriced(Used(1), "phi-4", "'phi-4'")


# ---- tiers and kinds


def test_tiers():
    used = Used(MILLION, 0)
    for provider in ("openai", "azure"):
        assert dollars(used, "gpt-4.1", tier="batch", provider=provider) == 1
        assert dollars(used, "gpt-4.1", tier="priority", provider=provider) == Decimal("3.5")
    for listed in (None, "default", "auto"):
        assert dollars(used, "gpt-4.1", tier=listed) == 2
    assert dollars(used, "gpt-4.1", tier="batch", at=datetime(2025, 1, 1, tzinfo=UTC)) == 1  # before the table verified it
    assert dollars(used, "gpt-3.5-turbo-0613", tier="batch") == Decimal("0.75")  # by the rule
    unpriced(used, "gpt-4.1", "scale tier", tier="scale")
    unpriced(used, "gpt-35-turbo", "priority tier", tier="priority")


@pytest.mark.parametrize(
    ("model", "used", "cost"),
    [
        ("gpt-4o", Used(MILLION, 0, cached=400_000), "2.0"),
        ("o3", Used(0, MILLION, reasoning=900_000), "8"),
        ("gpt-4o-audio-preview", Used(1000, 1000, audio_input=900, audio_output=1000), "0.11625"),
        ("gpt-4o-mini-audio-preview-2024-12-17", Used(1000, 0, audio_input=1000), "0.01"),
        ("gpt-image-1", Used(100, 1000, image_input=50, image_output=1000), "0.04075"),
        ("gpt-image-1", Used(100, 0, cached=100, image_input=50), "0.0001875"),
        ("whisper-1", Used(seconds=90), "0.009"),
        ("gpt-4o-transcribe", Used(100, 10, audio_input=90), "0.000665"),
    ],
)
def test_kinds_of_tokens(model, used, cost):
    assert dollars(used, model) == Decimal(cost)


def test_long_prompts_cost_more_as_a_whole():
    assert dollars(Used(272_000), "gpt-6-sol") == Decimal("0.544")
    assert dollars(Used(272_001), "gpt-6-sol") == Decimal("1.088004")


def test_kinds_without_a_price_are_not_taken_for_text():
    unpriced(Used(10, audio_input=5), "gpt-4o", "audio input tokens of 'gpt-4o'")
    unpriced(Used(10, 10), "text-embedding-3-small", "output tokens")
    unpriced(Used(seconds=3), "gpt-4o", "transcribed tokens")


# ---- usage in all its shapes


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 8,
                "total_tokens": 17,
                "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 2},
                "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 1},
            },
            Used(9, 8, cached=4, reasoning=3, audio_input=2, audio_output=1),
        ),
        (
            {
                "input_tokens": 9,
                "output_tokens": 8,
                "input_tokens_details": {"cached_tokens": 4, "image_tokens": 2},
                "output_tokens_details": {"reasoning_tokens": 3, "image_tokens": 5},
            },
            Used(9, 8, cached=4, reasoning=3, image_input=2, image_output=5),
        ),
        (
            {
                "input_tokens": 9,
                "output_tokens": 8,
                "total_tokens": 17,
                "input_token_details": {"flex_cache_read": 4, "flex": 5, "audio": 1},
                "output_token_details": {"flex_reasoning": 3, "flex": 5},
            },
            Used(9, 8, cached=4, reasoning=3, audio_input=1),
        ),
        ({"prompt_tokens": 5, "total_tokens": 5}, Used(5)),
        ({"type": "duration", "seconds": 12.5}, Used(seconds=12.5)),
        ({"prompt_tokens": None, "prompt_tokens_details": None}, Used()),
    ],
)
def test_used(usage, used):
    assert Used.of(usage) == used
    assert tier_in(usage) == ("flex" if "input_token_details" in usage else None)


def test_answers_know_what_they_cost():
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    chat = ChatCompletion.wrap({"model": "gpt-4.1", "usage": usage, "service_tier": "priority", "choices": []})
    assert cost_of(chat).total == Decimal("0.0049")
    assert cost_of(chat, tier="batch").total == Decimal("0.0014")
    response = Response.wrap({"model": "gpt-4.1", "usage": {"input_tokens": 1000, "output_tokens": 100}})
    assert cost_of(response).total == Decimal("0.0028")
    vectors = CreateEmbeddingResponse.wrap({"model": "text-embedding-3-large", "usage": {"prompt_tokens": 100}})
    assert cost_of(vectors).total == Decimal("0.000013")
    with pytest.raises(ValueError, match="include_usage"):
        cost_of(ChatCompletion.wrap({"model": "gpt-4.1", "choices": []}))


# ---- a file of one's own


def test_a_file_comes_before_the_tables(file, environment):
    environment.setenv("CEYX_PRICES", str(file))
    own = prices()
    assert own is prices() and own.source == "prices.toml"
    assert own.cost(Used(1000, 1000, cached=500), "House-Model").total == Decimal("0.0007125")
    assert own.cost(Used(1000, 1000, cached=500), "house-model", tier="batch").total == Decimal("0.0005875")
    assert own.cost(Used(1000), "house-model", tier="flex").total == Decimal("0.000075")
    assert own.cost(Used(MILLION), "gpt-4o").table == "prices.toml"
    assert own.cost(Used(MILLION), "gpt-4o-mini").total == Decimal("0.15")
    assert [own.cost(Used(asked), "long-one").total for asked in (1000, 1001)] == [Decimal("0.001"), Decimal("0.002002")]


def test_deployments(file):
    own = Prices.read(file)
    used = Used(MILLION)
    assert own.cost(used, "prod").total == own.cost(used, "gpt-4o", deployment="prod").total == 2
    assert own.cost(used, "prod").model == "gpt-4.1"
    assert own.cost(used, None, deployment="east").total == Decimal("2.2")
    assert own.cost(used, None, deployment="east").rates.input == ((0, Decimal("2.2")),)
    assert own.cost(used, "anything", deployment="ptu").total == 0
    assert own.cost(used, None, deployment="gpt-4.1").total == 2  # a deployment that is named as its model


def test_json_is_as_good(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text('{"models": {"m": {"input": 0.1, "output": {"0": 1, "5": 2}}}, "deployments": {"d": "m"}}')
    assert Prices.read(path).cost(Used(10, 10), "d").total == Decimal("0.000021")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("models = 3", "models"),
        ("[model.x]\ninput = 1", "model"),
        ("[models.x]\nprompt = 1", "'prompt'; there are input, output"),
        ("[models.x]\ninput = 'free'", "price 'free'"),
        ("[models.x]\ninput = -1", "price -1"),
        ("[models.x]\ninput = true", "price True"),
        ("[models.x]\ninput = {10 = 1}", "price {'10'"),
        ("[deployments]\nd = 3", "deployments.'d'"),
        ("[deployments]\nd = {model = 'm', discount = 2}", "discount"),
        ("[models", "cannot be read"),
    ],
)
def test_what_a_file_cannot_say(tmp_path, text, match):
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=match) as caught:
        Prices.read(path)
    assert "prices.toml" in str(caught.value)


def test_a_file_that_is_not_there(environment, tmp_path):
    environment.setenv("CEYX_PRICES", str(tmp_path / "none.toml"))
    with pytest.raises(FileNotFoundError, match=r"CEYX_PRICES names .*none\.toml"):
        prices()


# ---- what is unknown


def test_unknown_models_warn_once_each():
    own = Prices(beneath=prices())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [own.cost(Used(1), name) for name in ("nobody", "nobody", "else", "nobody")] == [None] * 4
    assert ["'nobody'" in str(warning.message) for warning in caught] == [True, False]
    assert all("CEYX_PRICES" in str(warning.message) for warning in caught)


def test_a_model_without_a_name_is_unknown():
    unpriced(Used(1), None, "without a name")


def test_without_genai_prices(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    own = Prices.read(file)
    assert own.cost(Used(MILLION), "house-model").total == Decimal("0.15")
    with pytest.raises(ModuleNotFoundError, match=r"ceyx\[prices\].*CEYX_PRICES") as caught:
        own.cost(Used(1), "gpt-4.1-nano")
    assert caught.value.name == "genai_prices"


def test_while_another_thread_imports_genai_prices(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices.data_snapshot", ModuleType("genai_prices.data_snapshot"))  # begun, and empty
    assert prices().cost(Used(MILLION), "gpt-35-turbo").total == Decimal("1.5")


def test_the_longest_of_names_that_begin_so_wins():
    one, two = ({None: Rates(input=((0, Decimal(each)),))} for each in (1, 2))
    for models in ({"a*": one, "ab*": two}, {"ab*": two, "a*": one}):
        own = Prices(models)
        assert [own.cost(Used(MILLION), name).total for name in ("ax", "abx")] == [1, 2]


def test_what_is_put_into_the_cache_has_a_price_of_its_own():
    price = {"input": ((0, Decimal(1)),), "cached": ((0, Decimal(5)),), "cache_written": ((0, Decimal(20)),)}
    assert Rates(**price).cost(Used(4 * MILLION, cached=MILLION, cache_written=MILLION)) == (27, 0)


def test_rates_are_sums_without_a_table():
    price = ((0, Decimal(1)),)
    assert Rates(input=price, output=price).cost(Used(MILLION, 2 * MILLION)) == (1, 2)
    assert Rates(input=price).times(Decimal(2)).cost(Used(MILLION)) == (2, 0)
    assert Rates().cost(Used(1)) == "input"
    assert Rates().cost(Used()) == (0, 0)


def test_a_token_has_a_price_in_whole_nanodollars_or_none():
    def of(input, output):
        return Rates(input=input, output=output).of_a_token()

    assert of(((0, Decimal("0.15")),), ((0, Decimal("0.6")),)) == (150, 600)
    assert of(((0, Decimal("0.0375")),), ((0, Decimal("0.6")),)) is None  # 37.5 of them
    assert of(((0, Decimal(1)), (200_000, Decimal(2))), ((0, Decimal(1)),)) is None  # it depends on the length
    assert of(((5, Decimal(1)),), ((0, Decimal(1)),)) is None  # there is none for the first tokens
    assert of(None, ((0, Decimal(1)),)) is None


def test_what_is_paid_apart_is_no_plain_text():
    assert Used(5, 5, reasoning=3).is_text
    assert not any(Used(5, 5, **{kind: 1}).is_text for kind in set(Used._fields) - {"input", "output", "reasoning"})
