"""Runs of evaluations: their states, their rows and what graders say of them; rows that fail, runs that do, restarts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evaluations import ALIKE, CHECK, CUSTOM, answered, asking, begun, content, ended, items, made

from ceyx import BadRequestError, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.store import Store


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[Any]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client


def test_a_run_goes_through_its_states(client: Any) -> None:
    evaluation = made(client, CHECK, ALIKE)
    data = asking({"q": "Is Oslo in Norway?", "a": "Oslo"}, {"q": "And Rome?", "a": "no such words"})
    run = client.evals.runs.create(evaluation.id, data_source=data, name="first", metadata={"n": "1"})
    assert run.status == "queued" and run.id.startswith("evalrun_") and run.eval_id == evaluation.id
    assert (run.model, run.name, run.metadata, run.error) == ("gpt-4o", "first", {"n": "1"}, None)
    assert run.result_counts.model_dump() == {"total": 0, "errored": 0, "failed": 0, "passed": 0}
    seen = [run.status]
    while run.status not in ("completed", "failed"):
        run = client.evals.runs.retrieve(run.id, eval_id=evaluation.id)
        if run.status != seen[-1]:
            seen.append(run.status)
    assert seen == ["queued", "in_progress", "completed"]
    assert run.result_counts.model_dump() == {"total": 2, "errored": 0, "failed": 2, "passed": 0}
    check, alike = run.per_testing_criteria_results
    assert (check.testing_criteria, check.passed, check.failed) == ("check", 1, 1)
    assert (alike.testing_criteria, alike.passed, alike.failed) == ("alike", 0, 2)
    (used,) = run.per_model_usage
    assert (used.model_name, used.invocation_count) == ("gpt-4o", 2)
    assert used.total_tokens == used.prompt_tokens + used.completion_tokens > 40
    rows = items(client, run)
    assert used.completion_tokens == sum(row.sample.usage.completion_tokens for row in rows)
    assert run.data_source.source.content[1].item == {"q": "And Rome?", "a": "no such words"}
    assert run.data_source.input_messages.template[0].content == "{{item.q}}"


def test_rows_tell_what_was_asked_and_answered(client: Any) -> None:
    params = {"temperature": 0.5, "max_completion_tokens": 500, "seed": 3, "top_p": 0.9}
    prompt = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": {"type": "input_text", "text": "Is {{ item.q }}?"}},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Perhaps."}]},
        {"role": "user", "content": ["Is {{item.q}}, I ask?", {"type": "input_image", "image_url": "https://a.b/c.png"}]},
    ]
    data = asking(
        {"q": "it", "a": "Is it, I ask"}, input_messages={"type": "template", "template": prompt}, sampling_params=params
    )
    run = ended(client, begun(client, data))
    (row,) = items(client, run)
    assert (row.status, row.object, row.run_id, row.eval_id) == ("pass", "eval.run.output_item", run.id, run.eval_id)
    assert (row.datasource_item_id, row.datasource_item) == (0, {"q": "it", "a": "Is it, I ask"})
    (result,) = row.results
    assert (result.name, result.type, result.score, result.passed) == ("check", "string-check-grader", 1, True)
    sample = row.sample
    assert [(each.role, each.content) for each in sample.input] == [
        ("developer", "Be brief."),
        ("user", "Is it?"),
        ("assistant", "Perhaps."),
        ("user", "Is it, I ask?"),
    ]
    (said,) = sample.output
    assert said.role == "assistant" and "You asked: “Is it, I ask?” (with 1 image and a system prompt). Seed" in said.content
    assert (sample.model, sample.finish_reason, sample.error) == ("gpt-4o-2024-08-06", "stop", None)
    assert {name: getattr(sample, name) for name in params} == params
    assert client.evals.runs.output_items.retrieve(row.id, eval_id=run.eval_id, run_id=run.id) == row


@pytest.mark.parametrize("kind", ["completions", "responses"])
def test_answers_in_a_shape(client: Any, kind: str) -> None:
    schema = {
        "type": "object",
        "properties": {"label": {"enum": ["Hardware", "Software"]}},
        "required": ["label"],
        "additionalProperties": False,
    }
    form = {"name": "label", "strict": True, "schema": schema}
    params: Any = {"response_format": {"type": "json_schema", "json_schema": form}}
    if kind == "responses":
        params = {"text": {"format": {"type": "json_schema", **form}}, "max_completion_tokens": 900, "reasoning_effort": "low"}
    data = asking({"q": "The software crashes.", "a": "Software"}, kind=kind, model="gpt-5", sampling_params=params)
    run = ended(client, begun(client, data, {**CHECK, "input": "{{sample.output_json.label}}", "operation": "eq"}))
    assert run.result_counts.passed == 1
    (row,) = items(client, run)
    assert row.sample.output[0].content == '{"label":"Software"}' and row.sample.usage.prompt_tokens > 0


def test_cut_answers_and_calls_of_tools(client: Any) -> None:
    tool = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
    called = {**CHECK, "input": "{{sample.output_tools[0].function.name}}", "reference": "find"}
    run = ended(client, begun(client, asking({"q": "Find it", "a": ""}, sampling_params={"tools": [tool]}), called))
    assert run.result_counts.passed == 1 and items(client, run)[0].sample.finish_reason == "tool_calls"
    for kind, limit in (("completions", 2), ("responses", 16)):
        data = asking({"q": "word " * 30, "a": ""}, kind=kind, sampling_params={"max_completion_tokens": limit})
        (row,) = items(client, ended(client, begun(client, data)))
        assert (row.sample.finish_reason, row.sample.max_completion_tokens) == ("length", limit)
        assert row.sample.usage.completion_tokens == limit


def test_a_prompt_may_stand_in_the_row(client: Any) -> None:
    reference = {"type": "item_reference", "item_reference": "item.q"}
    spoken = [{"role": "user", "content": "First"}, {"role": "assistant", "content": "Yes"}, {"role": "user", "content": "Last"}]
    data = asking(
        {"q": "Only this", "a": "Only this"},
        {"q": spoken, "a": "Last"},
        {"q": [{"role": "user", "content": 5}], "a": ""},
        input_messages=reference,
    )
    for kind in ("completions", "responses"):
        run = ended(client, begun(client, {**data, "type": kind}))
        assert (run.result_counts.passed, run.result_counts.errored) == (2, 1)
        assert "item.q is neither a text nor a list of messages" in items(client, run)[2].sample.error.message


def test_answers_that_there_are(client: Any) -> None:
    data = answered(("the cat sat", "the cat ran"), ("the cat", "a dog"), ("dog", "dog"))
    run = ended(client, begun(client, data, ALIKE))
    assert run.model == "" and run.per_model_usage == []
    assert run.result_counts.model_dump() == {"total": 3, "errored": 0, "failed": 1, "passed": 2}
    first, second, third = items(client, run)
    assert first.results[0].score == pytest.approx(2 / 3) and first.sample.output[0].content == "the cat sat"
    assert [each.id for each in items(client, run, status="fail")] == [second.id]
    assert [each.id for each in items(client, run, status="pass", order="desc", limit=1)] == [third.id, first.id]
    with pytest.raises(BadRequestError, match="'fail', 'pass'"):
        items(client, run, status="failed")


def test_odd_schemas_and_thresholds(client: Any) -> None:
    config = {**CUSTOM, "item_schema": {"required": [{}, 5, "a"]}}
    run = ended(client, begun(client, answered(("a", "a")), {**CHECK, "pass_threshold": None}, config=config))
    assert (run.status, run.result_counts.passed) == ("completed", 1)
    with pytest.raises(BadRequestError, match=r"item\.a"):
        begun(client, {"type": "jsonl", "source": content({})}, config=config)


def test_rows_of_a_file(client: Any) -> None:
    def upload(*lines: Any) -> Any:
        raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        file = client.files.create(file=("rows.jsonl", raw), purpose="evals")
        return {"type": "jsonl", "source": {"type": "file_id", "id": file.id}}

    row = {"item": {"q": "?", "a": "yes"}, "sample": {"output_text": "yes"}}
    run = ended(client, begun(client, upload(row, row)))
    assert run.result_counts.passed == 2 and run.data_source.source.type == "file_id"
    for bad, code, said in (
        (b"no JSON", "invalid_file", "Line 2 of file-"),
        ({"q": "?"}, "invalid_file", "Line 2 of file-"),
        ({"item": {"q": "?"}}, "invalid_item", "no field 'a'"),
    ):
        run = ended(client, begun(client, upload(row, bad)))
        assert (run.status, run.error.code) == ("failed", code) and said in run.error.message
        assert run.result_counts.total == 1
    empty = upload(b" ")
    run = ended(client, begun(client, empty))
    assert (run.status, run.error.code) == ("failed", "no_rows")


def test_what_has_no_answer_is_an_error_of_its_row(client: Any) -> None:
    data = asking({"q": "", "a": "x", "more": 1}, {"q": "?", "a": ""})
    data["input_messages"] = {"type": "template", "template": [{"role": "user", "content": "{{item.more}}"}]}
    run = ended(client, begun(client, data))
    assert run.status == "completed" and (run.result_counts.errored, run.result_counts.total) == (1, 2)
    lost = items(client, run)[1]
    assert (lost.status, lost.results, lost.sample.error.code) == ("error", [], "invalid_prompt")
    assert lost.sample.error.message == "{{item.more}} names nothing that is there"
    run = ended(client, begun(client, asking({"q": "?", "a": ""}, sampling_params={"response_format": {"type": "json_object"}})))
    (refused,) = items(client, run)
    assert refused.status == "error" and "must contain the word 'json'" in refused.sample.error.message


def test_a_grader_that_finds_nothing_is_an_error_of_its_row(client: Any) -> None:
    run = ended(client, begun(client, answered(("no JSON", "a")), {**CHECK, "input": "{{sample.output_json.x}}"}, CHECK))
    assert run.result_counts.errored == 1
    (row,) = items(client, run)
    assert row.status == "error" and row.results[0].error["code"] == "invalid_template"
    assert [each.passed + each.failed for each in run.per_testing_criteria_results] == [0, 1]


@pytest.mark.parametrize(
    ("grader", "said"),
    [
        ({"type": "python", "name": "g", "source": "def grade(sample, item): return 1"}, "runs no code"),
        ({"type": "score_model", "name": "g", "model": "gpt-4o", "input": [], "pass_threshold": 0.5}, "No model answers"),
        (
            {"type": "label_model", "name": "g", "model": "gpt-4o", "input": [], "labels": ["a"], "passing_labels": ["a"]},
            "No model answers",
        ),
        ({**ALIKE, "name": "g", "evaluation_metric": "bleu"}, "does not compute bleu"),
    ],
)
def test_a_grader_that_is_not_played_fails_the_run(client: Any, grader: Any, said: str) -> None:
    run = ended(client, begun(client, answered(("a", "a"), ("b", "b")), CHECK, grader))
    assert (run.status, run.error.code) == ("failed", "grader_not_available")
    assert run.error.message.startswith("Grader 'g': ") and said in run.error.message
    assert items(client, run) == [] and run.result_counts.total == 0


def test_stored_completions_are_judged(own: tuple[OpenAI, Store]) -> None:
    client: Any = own[0]
    for text, use in (("about birds", "birds"), ("about fish", "fish")):
        messages = [{"role": "user", "content": text}]
        client.chat.completions.create(model="gpt-4o", messages=messages, store=True, metadata={"use": use})
    logs = {"type": "logs", "metadata": {"use": "birds"}}
    about = {**CHECK, "reference": "{{item.input[0].content}}"}
    stored = {"type": "stored_completions", "model": "gpt-4o"}
    run = ended(client, begun(client, {"type": "completions", "source": stored}, about, config=logs))
    (row,) = items(client, run)
    assert row.status == "pass" and row.datasource_item == {"input": [{"role": "user", "content": "about birds"}]}
    assert row.sample.model == "gpt-4o-2024-08-06" and run.model == "" and run.per_model_usage == []
    # The same questions, to another model.
    data = {"type": "completions", "source": stored, "model": "gpt-4o-mini"}
    (row,) = items(client, ended(client, begun(client, data, about, config=logs)))
    assert row.status == "pass" and row.sample.model == "gpt-4o-mini-2024-07-18"
    for nothing in ({"model": "gpt-4"}, {"created_before": 1}, {"metadata": {"use": "bread"}}):
        data = {"type": "completions", "source": {"type": "stored_completions", **nothing}}
        assert ended(client, begun(client, data, about, config=logs)).error.code == "no_rows"


def test_stored_turns_with_tools_are_asked_again(own: tuple[OpenAI, Store]) -> None:
    client: Any = own[0]
    called = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "Find it"}]},
        {"role": "assistant", "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Oslo"},
    ]
    client.chat.completions.create(model="gpt-4o", messages=turns, store=True)
    found = {**CHECK, "reference": "find returned “Oslo”"}
    data = {"type": "completions", "source": {"type": "stored_completions"}, "model": "gpt-4"}
    run = ended(client, begun(client, data, found, config={"type": "logs"}))
    assert run.result_counts.passed == 1, items(client, run)


def test_stored_responses_are_judged(own: tuple[OpenAI, Store]) -> None:
    client: Any = own[0]
    client.responses.create(model="gpt-4o", input="about birds", instructions="Speak of Birds.", temperature=0.5)
    client.responses.create(model="gpt-4o", input="about fish", user="ann")
    logs = {"type": "logs"}
    about = {**CHECK, "reference": "{{item.input[0].content[0].text}}"}
    for chosen, found in (
        ({"instructions_search": "birds", "temperature": 0.5}, "about birds"),
        ({"users": ["ann"], "model": "gpt-4o"}, "about fish"),
    ):
        data: Any = {"type": "responses", "source": {"type": "responses", **chosen}}
        for asked_again in ({}, {"model": "gpt-4o-mini"}):
            (row,) = items(client, ended(client, begun(client, {**data, **asked_again}, about, config=logs)))
            assert row.status == "pass" and row.datasource_item["input"][0]["content"][0]["text"] == found
    none = {"type": "responses", "source": {"type": "responses", "tools": ["find"]}}
    assert ended(client, begun(client, none, about, config=logs)).error.code == "no_rows"


def test_a_run_begins_anew_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "state.db")
    rows = [{"q": "?", "a": "?"}] * 300
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        run = begun(client, asking(*rows))
        while run.result_counts.total < 3:
            run = client.evals.runs.retrieve(run.id, eval_id=run.eval_id)
    assert run.status == "in_progress"
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        run = ended(client, run)
        assert (run.status, run.result_counts.total, len(items(client, run, limit=100))) == ("completed", 300, 300)


def test_keys_and_faults() -> None:
    data = asking({"q": "?", "a": "?"})
    with LocalService(Settings(keys=frozenset({"secret"}))) as service, OpenAI(base_url=service.url, api_key="secret") as client:
        assert ended(client, begun(client, data)).result_counts.passed == 1
    faults = {
        "gpt-4o": ("status;code=503", "server_overloaded"),
        "gpt-4": ("cut;events=1", "fault_needs_socket"),
        "gpt-5": ("html", "200"),
        "o1": ("choices;be=null", "200"),
        "o3": ("deep-json", "200"),
    }
    settings = Settings(faults={model: fault for model, (fault, _) in faults.items()})
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        for model, (_, code) in faults.items():
            run = ended(client, begun(client, {**data, "model": model}))
            (row,) = items(client, run)
            assert (run.status, run.result_counts.errored, row.sample.error.code) == ("completed", 1, code)
            assert row.sample.error.message and run.per_model_usage[0].invocation_count == 0
