"""A model fine-tuned: the training file, the job through its states, its events and checkpoints, and a chat with the result."""

import json
import os
import time

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which goes through the motions and learns nothing
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

pairs = [(f"What is {n} and {n}?", f"It is {2 * n}, my captain.") for n in range(12)]
lines = [
    json.dumps({"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]})
    for asked, answered in pairs
]

with OpenAI() as client:
    file = client.files.create(file=("sums.jsonl", "\n".join(lines).encode()), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id, suffix="captain", seed=1)
    print(job.status)
    while job.status not in ("succeeded", "failed", "cancelled"):
        time.sleep(0.05 if os.environ["OPENAI_API_KEY"] == "local" else 30)
        before, job = job.status, client.fine_tuning.jobs.retrieve(job.id)
        if job.status != before:
            print(job.status)

    for event in reversed(client.fine_tuning.jobs.list_events(job.id, limit=4).data):
        print(f"  {event.message}")
    for checkpoint in client.fine_tuning.jobs.checkpoints.list(job.id):
        print(f"  step {checkpoint.step_number}: loss {checkpoint.metrics.train_loss}")

    assert job.fine_tuned_model is not None
    answer = client.chat.completions.create(
        model=job.fine_tuned_model, messages=[{"role": "user", "content": "What is 7 and 7?"}]
    )
    print(answer.model.rpartition(":")[0], "->", (answer.choices[0].message.content or "")[:40])
