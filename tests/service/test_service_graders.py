"""Graders: what they score, what is none, and what is not played."""

from __future__ import annotations

from typing import Any

import pytest
from plain_http import Wire

from ceyx import BadRequestError, InternalServerError, OpenAI
from ceyx.service import LocalService

CHECK = {"type": "string_check", "name": "check", "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}
ALIKE = {"type": "text_similarity", "name": "alike", "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}


@pytest.fixture(scope="module")
def client(service: LocalService) -> Any:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client


def graded(client: Any, grader: Any, sample: str, answer: Any) -> Any:
    return client.fine_tuning.alpha.graders.run(grader=grader, model_sample=sample, item={"answer": answer})


@pytest.mark.parametrize(
    ("operation", "sample", "answer", "reward"),
    [
        ("eq", "Paris", "Paris", 1),
        ("eq", "Paris", "paris", 0),
        ("ne", "Paris", "paris", 1),
        ("like", "It is Paris.", "Paris", 1),
        ("like", "It is Paris.", "paris", 0),
        ("ilike", "It is Paris.", "paris", 1),
    ],
)
def test_string_checks(client: Any, operation: str, sample: str, answer: str, reward: float) -> None:
    run = graded(client, {**CHECK, "operation": operation}, sample, answer)
    assert run.reward == reward and (run.metadata.name, run.metadata.type) == ("check", "string_check")
    assert not any(vars(run.metadata.errors).values())


@pytest.mark.parametrize(
    ("metric", "sample", "answer", "reward"),
    [
        ("fuzzy_match", "kitten", "kitten", 1),
        ("fuzzy_match", "kitten", "sitting", 8 / 13),
        ("fuzzy_match", "", "a", 0),
        ("rouge_1", "the cat sat", "the cat ran", 2 / 3),
        ("rouge_2", "the cat sat", "the cat ran", 1 / 2),
        ("rouge_3", "the cat", "the cat", 0),
        ("rouge_l", "the cat sat down", "The cat down", 6 / 7),
        ("cosine", "the cat sat", "the cat sat", 1),
    ],
)
def test_similarities(client: Any, metric: str, sample: str, answer: str, reward: float) -> None:
    assert graded(client, {**ALIKE, "evaluation_metric": metric}, sample, answer).reward == pytest.approx(reward)


def test_cosine_is_higher_for_what_is_alike(client: Any) -> None:
    grader = {**ALIKE, "evaluation_metric": "cosine"}
    assert (
        graded(client, grader, "a cat and a dog", "cats and dogs").reward > graded(client, grader, "revenue", "dogs").reward + 0.1
    )


def test_templates_reach_into_json(client: Any) -> None:
    grader = {**CHECK, "operation": "eq", "input": "{{ sample.output_json.city.name }}", "reference": "{{item.answer[1].name}}"}
    assert graded(client, grader, '{"city": {"name": "Oslo"}}', [{}, {"name": "Oslo"}]).reward == 1
    lost = graded(client, grader, "no JSON", "x")
    assert lost.reward == 0 and lost.metadata.errors.invalid_variable_error


def test_formulas(client: Any) -> None:
    graders = {"check": {**CHECK, "operation": "eq"}, "alike": {**ALIKE, "evaluation_metric": "rouge_1"}}
    multi = {"type": "multi", "name": "both", "graders": graders, "calculate_output": "0.25 * check + max(alike, 0) ^ 2"}
    run = graded(client, multi, "the cat sat", "the cat ran")
    assert run.reward == pytest.approx((2 / 3) ** 2)
    assert run.sub_rewards == {"check": 0, "alike": pytest.approx(2 / 3)}
    failed = graded(client, {**multi, "calculate_output": "1 / check"}, "a", "b")
    assert failed.reward == 0 and failed.metadata.errors.formula_parse_error
    huge = graded(client, {**multi, "calculate_output": "9 ^ 9 ^ 9 ^ 9"}, "a", "b")
    assert huge.metadata.errors.formula_parse_error


@pytest.mark.parametrize(
    ("grader", "said"),
    [
        ({}, "type"),
        ({**CHECK, "operation": "is"}, "operation"),
        ({**ALIKE, "evaluation_metric": "taste"}, "evaluation_metric"),
        ({"type": "string_check", "name": "a"}, "input"),
        ({"type": "multi", "name": "m", "graders": {}, "calculate_output": "a + 1"}, "names a"),
        ({"type": "multi", "name": "m", "graders": {}, "calculate_output": "1 +"}, "no formula"),
        ({"type": "multi", "name": "m", "graders": {}, "calculate_output": "().__class__"}, "may hold"),
        ({"type": "multi", "name": "m", "graders": {}, "calculate_output": "'a' * 9"}, "may hold"),
        ({"type": "multi", "name": "m", "graders": {"a": {"type": "multi"}}, "calculate_output": "a"}, "multi"),
    ],
)
def test_what_is_no_grader(client: Any, grader: Any, said: str) -> None:
    with pytest.raises(BadRequestError, match=said) as refused:
        client.fine_tuning.alpha.graders.validate(grader=grader)
    assert refused.value.param == "grader"


def test_validation_gives_the_grader_back(client: Any) -> None:
    assert client.fine_tuning.alpha.graders.validate(grader={**CHECK, "operation": "eq"}).grader.operation == "eq"


def test_what_is_not_played(client: Any, wire: Wire) -> None:
    for grader, said in (
        ({"type": "python", "name": "p", "source": "def grade(sample, item): return 1"}, "runs no code"),
        ({"type": "score_model", "name": "s", "model": "gpt-4o", "input": []}, "No model answers"),
        ({**ALIKE, "evaluation_metric": "meteor"}, "does not compute meteor"),
    ):
        with pytest.raises(InternalServerError, match=said) as missing:
            graded(client, grader, "a", "b")
        assert (missing.value.status_code, missing.value.code) == (501, "not_implemented")
    body = {"grader": {"type": "python", "name": "p", "source": ""}, "model_sample": "a"}
    assert wire.post("/v1/fine_tuning/alpha/graders/run", body).headers["x-should-retry"] == "false"
