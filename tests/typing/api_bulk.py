"""What type checkers infer of jobs and their runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

from pydantic import BaseModel

from ceyx import AsyncAzureOpenAI, OpenAI
from ceyx.bulk import EmbeddingJob, Job, Run, Summary, TranscriptionJob, arun, dry_run, run


class Label(BaseModel):
    label: str


job = Job("gpt-4o-mini", "Classify: {text}", schema=Label, tools=[{"type": "function"}], params={"seed": 1})
Job("gpt-4o-mini", prompts="{text}")  # E
job.model = "gpt-4o"  # E
vectors = EmbeddingJob("text-embedding-3-small", "{text}", dimensions=256)
EmbeddingJob("text-embedding-3-small")  # E
summary = run(job, [{"text": "a", "n": 1}], "out.jsonl", budget=5, workers=8, price=(0.15, "0.60"))
assert_type(summary, Summary)
assert_type(summary.rows(), Iterator[dict[str, Any]])
assert_type((summary.done, summary.cost, summary.ok, summary.ledger), tuple[int, float, bool, Path])
run(vectors, ["a.jsonl", Path("b.parquet")], ledger=Path("x.ledger"), client=AsyncAzureOpenAI())
run(TranscriptionJob("whisper-1"), "talks/*.mp3", "out.csv", restart=True, repeat=False, input_format="csv")
run(job, "in.jsonl", "out.jsonl", client=OpenAI())  # E
run(job, "in.jsonl", "out.jsonl", worker=3)  # E
run(job, 5, "out.jsonl")  # E
run("gpt-4o", "in.jsonl", "out.jsonl")  # E
assert_type(dry_run(job, "in.jsonl").least, float | None)


async def main() -> None:
    assert_type(await arun(job, "in.jsonl", "out.jsonl"), Summary)
    made = Run(job, "in.jsonl", "out.jsonl")
    made.drain()
    assert_type(await made.go(), Summary)
