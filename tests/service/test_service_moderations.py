"""Moderations: found is what is named, in texts and images."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from plain_http import Wire

import ceyx
from ceyx.service import LocalService
from ceyx.service.routes.moderations import CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_is_named_is_found(wire: Wire, category: str) -> None:
    (result,) = wire.post("/v1/moderations", {"input": f"Some {category.upper()}-test here"}).json()["results"]
    assert [name for name, found in result["categories"].items() if found] == [category]
    assert result["flagged"] is True
    scores = result["category_scores"]
    assert max(scores, key=scores.get) == category
    assert all(score < 0.01 for name, score in scores.items() if name != category)


def test_what_is_harmless(wire: Wire) -> None:
    one, other = (wire.post("/v1/moderations", {"input": "I love birds"}).json() for _ in range(2))
    assert one["results"] == other["results"]
    assert one["results"][0]["flagged"] is False
    assert one["id"].startswith("modr-") and one["model"] == "omni-moderation-latest"


def test_several_and_mixed(service: LocalService) -> None:
    with ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        answer = client.moderations.create(input=["harmless", "violence-test"])
        assert [result.flagged for result in answer.results] == [False, True]
        parts: Any = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://example.com/violence-test.png"}},
        ]
        (mixed,) = client.moderations.create(model="omni-moderation-latest", input=parts).results
        assert mixed.categories.violence and not mixed.categories.hate
        assert mixed.category_applied_input_types.violence == ["text", "image"]
        assert mixed.category_applied_input_types.hate == ["text"]
    with openai.OpenAI(base_url=service.url, api_key="any") as other:
        found = other.moderations.create(input="self-harm/intent-test").results[0]
        assert found.categories.self_harm_intent and not found.categories.self_harm


@pytest.mark.parametrize("given", [{}, {"input": []}, {"input": 3}, {"input": ["a", {"type": "text", "text": "b"}]}])
def test_refusals(wire: Wire, given: dict[str, Any]) -> None:
    answer = wire.post("/v1/moderations", given)
    assert (answer.status, answer.json()["error"]["param"]) == (400, "input")


def test_azure_has_none(wire: Wire) -> None:
    assert wire.post("/openai/v1/moderations", {"input": "a"}).status == 404
