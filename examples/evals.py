"""An evaluation: rows with the right answers, graders, a run that has a model answer them all, and how each row fared."""

import os
import time

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which finds a label where the text names it
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

LABELS = ["hardware", "software", "other"]
tickets = [("My hardware is on fire.", "hardware"), ("The software is slow.", "software"), ("I want my money back.", "other")]


def shape(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


text = {"type": "string"}
grader = {"type": "string_check", "name": "right label", "operation": "eq"}
answer = {"name": "ticket", "strict": True, "schema": shape(label={"type": "string", "enum": LABELS})}
prompt = [{"role": "system", "content": "Label the ticket."}, {"role": "user", "content": "{{item.ticket}}"}]

with OpenAI() as client:
    evaluation = client.evals.create(
        name="Tickets",
        data_source_config={"type": "custom", "item_schema": shape(ticket=text, label=text), "include_sample_schema": True},
        testing_criteria=[{**grader, "input": "{{sample.output_json.label}}", "reference": "{{item.label}}"}],
    )
    rows = [{"item": {"ticket": ticket, "label": label}} for ticket, label in tickets]
    run = client.evals.runs.create(
        evaluation.id,
        data_source={
            "type": "completions",
            "model": "gpt-4o-mini",
            "input_messages": {"type": "template", "template": prompt},
            "sampling_params": {"response_format": {"type": "json_schema", "json_schema": answer}},
            "source": {"type": "file_content", "content": rows},
        },
    )
    while run.status in ("queued", "in_progress"):
        time.sleep(0.05 if os.environ["OPENAI_API_KEY"] == "local" else 5)
        run = client.evals.runs.retrieve(run.id, eval_id=evaluation.id)

    print(f"{run.status}: {run.result_counts.passed} of {run.result_counts.total} passed")
    for row in client.evals.runs.output_items.list(run.id, eval_id=evaluation.id):
        print(f"{row.status}: {row.datasource_item['ticket']} -> {row.sample.output[0].content}")
    client.evals.delete(evaluation.id)
