"""Many requests in one file: sent as a batch, answered in the background, read from the output and the error file."""

import json
import os
import time

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which executes a batch at once
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

questions = ["Name a river.", "Name a mountain.", "Name a city."]
requests = [
    {
        "custom_id": f"question-{number}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": question}],
            "temperature": 3 if number == 1 else 0,
        },
    }
    for number, question in enumerate(questions)
]

with OpenAI() as client:
    lines = "\n".join(json.dumps(request) for request in requests)
    file = client.files.create(file=("questions.jsonl", lines.encode()), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    while batch.status in ("validating", "in_progress", "finalizing"):
        time.sleep(0.05 if os.environ["OPENAI_API_KEY"] == "local" else 30)
        batch = client.batches.retrieve(batch.id)

    assert batch.request_counts is not None
    print(f"{batch.status}: {batch.request_counts.completed} of {batch.request_counts.total} answered")
    if batch.output_file_id:
        for line in client.files.content(batch.output_file_id).text.splitlines():
            answer = json.loads(line)
            print(answer["custom_id"], "->", answer["response"]["body"]["choices"][0]["message"]["content"][:40])
    if batch.error_file_id:
        for line in client.files.content(batch.error_file_id).text.splitlines():
            answer = json.loads(line)
            print(answer["custom_id"], "failed:", answer["response"]["status_code"], answer["response"]["body"]["error"]["param"])
