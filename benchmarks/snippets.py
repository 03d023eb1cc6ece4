"""Programs that a fresh process runs from start to end, for what only a whole process can tell: import, first request, memory.

They are text, run by `python -c`, so that nothing of the benchmark is in the process that is measured.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_ask = 'model="gpt-4o", messages=[{"role": "user", "content": "How does a kingfisher catch a fish?"}]'

_models = {
    "chat": 'ChatOpenAI(model="gpt-4o", api_key="sk-benchmark", base_url="{url}")',
    "azure": 'AzureChatOpenAI(model="gpt-4o", api_version="2024-10-21", api_key="sk-benchmark", azure_endpoint="{url}")',
    "embedder": 'OpenAIEmbeddings(model="text-embedding-3-small", api_key="sk-benchmark", base_url="{url}")',
}
_bodies = {
    ("package", "construct-sync"): """
from {package} import OpenAI
OpenAI(api_key="sk-benchmark", base_url="{url}")
""",
    ("package", "construct-async"): """
from {package} import AsyncOpenAI
AsyncOpenAI(api_key="sk-benchmark", base_url="{url}")
""",
    ("package", "first-sync"): """
from {package} import OpenAI
with OpenAI(api_key="sk-benchmark", base_url="{url}") as client:
    assert client.chat.completions.create({ask}).choices[0].message.content
""",
    ("package", "first-async"): """
import asyncio
from {package} import AsyncOpenAI
async def main():
    async with AsyncOpenAI(api_key="sk-benchmark", base_url="{url}") as client:
        assert (await client.chat.completions.create({ask})).choices[0].message.content
asyncio.run(main())
""",
    ("floor", "construct-sync"): """
import msgspec, urllib3
urllib3.HTTPConnectionPool("{host}", {port})
""",
    ("floor", "construct-async"): """
import asyncio, aiohttp, msgspec
async def main():
    async with aiohttp.ClientSession():
        pass
asyncio.run(main())
""",
    ("floor", "first-sync"): """
import msgspec, urllib3
with urllib3.HTTPConnectionPool("{host}", {port}) as pool:
    body = msgspec.json.encode(dict({ask}))
    response = pool.urlopen("POST", "{path}/chat/completions", body, {{"Content-Type": "application/json"}})
    assert msgspec.json.decode(response.data)["choices"][0]["message"]["content"]
""",
    ("floor", "first-async"): """
import asyncio, aiohttp, msgspec
async def main():
    async with aiohttp.ClientSession() as session:
        body = msgspec.json.encode(dict({ask}))
        async with session.post("{url}/chat/completions", data=body, headers={{"Content-Type": "application/json"}}) as response:
            assert msgspec.json.decode(await response.read())["choices"][0]["message"]["content"]
asyncio.run(main())
""",
    ("langchain_core", "langchain-first"): """
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
class Ready(BaseChatModel):
    def _generate(self, *_given, **_more):
        return ChatResult(generations=[ChatGeneration(message=AIMessage("Still, then quick."))])
    @property
    def _llm_type(self):
        return "ready"
assert Ready().invoke("How does a kingfisher catch a fish?").content
""",
    ("package", "langchain-first"): f"""
from {{package}} import ChatOpenAI
assert {_models["chat"]}.invoke("How does a kingfisher catch a fish?").content
""",
    **{
        ("package", f"langchain-{name}"): f"from {{package}} import {made.partition('(')[0]}\n{made}\n"
        for name, made in _models.items()
    },
    **{
        ("langchain_core", f"langchain-{name}"): "from langchain_core.language_models.chat_models import BaseChatModel\n"
        for name in _models
    },
}


def snippet(subject: str, case: str, url: str) -> str:
    """The program of a subject for a case, against the server at this base URL."""
    if case == "bare":
        return "pass"
    to = urlsplit(url)
    kind = subject if subject in ("floor", "langchain_core") else "package"
    body = _bodies[kind, case]
    return body.format(package=subject, url=url, host=to.hostname, port=to.port, path=to.path, ask=_ask)
