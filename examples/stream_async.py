"""Several questions at once, each answer streamed: one async client, and as many tasks as there are questions."""

import asyncio
import os

from ceyx import AsyncOpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

QUESTIONS = ["Name a river.", "Name a mountain.", "Name a city."]


async def ask(client: AsyncOpenAI, question: str) -> str:
    stream = await client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}], stream=True
    )
    parts = []
    async with stream:  # closes the connection, should this task be cancelled in the middle
        async for chunk in stream:
            parts += [choice.delta.content or "" for choice in chunk.choices]
    return f"{question} {''.join(parts)} ({len(parts)} pieces)"


async def main() -> None:
    async with AsyncOpenAI() as client:
        for answer in asyncio.as_completed([ask(client, question) for question in QUESTIONS]):
            print(await answer)


asyncio.run(main())
