"""Evaluations and runs to test with: what they are made from, and how their end is awaited."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}, "a": {"type": "string"}}, "required": ["q", "a"]}
CUSTOM = {"type": "custom", "item_schema": SCHEMA, "include_sample_schema": True}
CHECK = {
    "type": "string_check",
    "name": "check",
    "input": "{{sample.output_text}}",
    "reference": "{{item.a}}",
    "operation": "like",
}
ALIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{item.a}}",
    "evaluation_metric": "rouge_1",
    "pass_threshold": 0.5,
}
SAY_Q = {"type": "template", "template": [{"role": "user", "content": "{{item.q}}"}]}


def content(*items: Any) -> Any:
    return {"type": "file_content", "content": [{"item": item} for item in items]}


def asking(*items: Any, kind: str = "completions", **fields: Any) -> Any:
    """A data source that has a model answer these rows."""
    return {"type": kind, "model": "gpt-4o", "input_messages": SAY_Q, "source": content(*items), **fields}


def answered(*samples: tuple[str, str]) -> Any:
    """A data source of answers that there are, each with the right one."""
    rows = [{"item": {"q": "?", "a": right}, "sample": {"output_text": said}} for said, right in samples]
    return {"type": "jsonl", "source": {"type": "file_content", "content": rows}}


def made(client: Any, *criteria: Any, config: Any = CUSTOM, **fields: Any) -> Any:
    return client.evals.create(data_source_config=config, testing_criteria=list(criteria or (CHECK,)), **fields)


def begun(client: Any, data: Any, *criteria: Any, **fields: Any) -> Any:
    return client.evals.runs.create(made(client, *criteria, **fields).id, data_source=data)


def ended(client: Any, run: Any) -> Any:
    limit = monotonic() + 20
    while run.status in ("queued", "in_progress"):
        assert monotonic() < limit, run
        sleep(0.005)
        run = client.evals.runs.retrieve(run.id, eval_id=run.eval_id)
    return run


def items(client: Any, run: Any, **query: Any) -> list[Any]:
    return list(client.evals.runs.output_items.list(run.id, eval_id=run.eval_id, **query))
