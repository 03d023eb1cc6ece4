"""One job, done by each: a question about every row of a file, and the rows with their answers in another.

Each subject is used as its own documentation has it, given nothing but the address, and told nothing of the service's limits.
Those that read Parquet do; the others read the same rows as JSONL. What can keep its results from a crash does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MODEL: Final = "gpt-4o-mini"
QUESTION: Final = "Classify: {}"
KEY: Final = "sk-benchmark"

Work = Callable[[str, Path, Path, int], Awaitable[None]]
"""Answers the rows of the first file, of which there is a `.parquet` and a `.jsonl`, into the second, so many at once."""


@dataclass(frozen=True)
class Subject:
    """One way to do the job."""

    title: str
    work: Work
    packages: tuple[str, ...]
    resumes: bool = False
    """Whether, started again, it goes on where it was killed."""


def _texts(given: Path) -> list[tuple[int, str]]:
    with given.with_suffix(".jsonl").open(encoding="utf-8") as file:
        return [(row["id"], row["text"]) for row in map(json.loads, file)]


async def ceyx(url: str, given: Path, out: Path, at_once: int) -> None:
    from ceyx import AsyncOpenAI
    from ceyx.bulk import Job, arun

    async with AsyncOpenAI(base_url=url, api_key=KEY) as client:
        job = Job(model=MODEL, prompt=QUESTION.format("{text}"))
        await arun(job, given.with_suffix(".parquet"), out.with_suffix(".parquet"), client=client, workers=at_once)


async def asyncio_(url: str, given: Path, out: Path, at_once: int) -> None:
    from openai import AsyncOpenAI

    turn = asyncio.Semaphore(at_once)
    with out.with_suffix(".jsonl").open("a", encoding="utf-8") as file:
        async with AsyncOpenAI(base_url=url, api_key=KEY) as client:

            async def one(number: int, text: str) -> None:
                async with turn:
                    messages: Any = [{"role": "user", "content": QUESTION.format(text)}]
                    try:
                        completion = await client.chat.completions.create(model=MODEL, messages=messages)
                    except Exception as error:  # noqa: BLE001  a row is lost, and the others go on
                        line = {"id": number, "error": str(error)}
                    else:
                        line = {"id": number, "text": text, "answer": completion.choices[0].message.content}
                    file.write(json.dumps(line) + "\n")

            await asyncio.gather(*(one(number, text) for number, text in _texts(given)))


async def langchain(url: str, given: Path, out: Path, at_once: int) -> None:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model=MODEL, base_url=url, api_key=KEY)  # type: ignore[arg-type]
    rows = _texts(given)
    questions: Any = [QUESTION.format(text) for _, text in rows]
    found = await model.abatch(questions, config={"max_concurrency": at_once}, return_exceptions=True)
    with out.with_suffix(".jsonl").open("w", encoding="utf-8") as file:
        for (number, text), message in zip(rows, found, strict=True):
            failed = isinstance(message, BaseException)
            line = {"id": number, "error": str(message)} if failed else {"id": number, "text": text, "answer": message.content}
            file.write(json.dumps(line) + "\n")


async def async_batch_llm(url: str, given: Path, out: Path, at_once: int) -> None:
    from async_batch_llm import ArtifactIdentity, ProcessorConfig, ResumePolicy, SqliteArtifactStore, llm, process_stream

    identity = ArtifactIdentity(provider="openai", model=MODEL, prompt_version="1", parser_version="1", application_version="1")
    store = SqliteArtifactStore(str(out.with_suffix(".sqlite")), identity=identity)
    config = ProcessorConfig(concurrency=at_once, max_queue_size=2 * at_once, max_result_queue_size=2 * at_once)
    strategy = llm(f"openai-compatible:{MODEL}", base_url=url, api_key=KEY, max_connections=at_once)
    questions = [(str(number), QUESTION.format(text)) for number, text in _texts(given)]
    stream = process_stream(strategy, questions, config=config, artifact_store=store, resume=ResumePolicy.REUSE_SUCCESSES)
    with out.with_suffix(".jsonl").open("w", encoding="utf-8") as file:
        async for result in stream:
            line = {"id": int(result.item_id), "answer": result.output} if result.success else {"id": int(result.item_id)}
            file.write(json.dumps(line if result.success else {**line, "error": str(result.error)}) + "\n")


async def daft(url: str, given: Path, out: Path, at_once: int) -> None:
    import daft
    from daft.ai.openai.provider import OpenAIProvider
    from daft.functions import format, prompt

    # How many rows are on their way at once is its own decision: it has no option for that.
    question = format(QUESTION, daft.col("text"))
    answer = prompt(
        question,
        provider=OpenAIProvider("openai", base_url=url, api_key=KEY),
        model=MODEL,
        use_chat_completions=True,
        on_error="ignore",
    )
    rows = daft.read_parquet(str(given.with_suffix(".parquet"))).with_column("answer", answer)
    await asyncio.to_thread(rows.write_parquet, str(out.with_suffix(".daft")))


SUBJECTS: Final = {
    "ceyx": Subject("ceyx", ceyx, ("ceyx", "pyarrow"), resumes=True),
    "openai": Subject("openai + asyncio", asyncio_, ("openai",)),
    "langchain": Subject("LangChain abatch", langchain, ("langchain-openai", "langchain-core")),
    "async-batch-llm": Subject("async-batch-llm", async_batch_llm, ("async-batch-llm",), resumes=True),
    "daft": Subject("Daft prompt", daft, ("daft",)),
}


def answered(out: Path) -> set[int]:
    """The rows that have an answer in an output."""
    if (parquet := out.with_suffix(".parquet")).exists() or (parquet := out.with_suffix(".daft")).exists():
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(parquet, columns=["id", "answer"]).to_pydict()
        return {number for number, answer in zip(table["id"], table["answer"], strict=True) if answer}
    path = out.with_suffix(".jsonl")
    if not path.exists():
        return set()
    with path.open(encoding="utf-8") as file:
        return {row["id"] for row in map(json.loads, file) if row.get("answer")}
