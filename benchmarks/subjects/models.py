"""`langchain_openai` and `ceyx.langchain`, one class for both, and langchain-core itself: a model that asks no server."""

from __future__ import annotations

import importlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from benchmarks import replies
from benchmarks.subjects import MESSAGES, MODEL, TEXTS

_messages = convert_to_messages(MESSAGES)
_tools = [
    {
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "hour": {"type": "integer"}},
            "required": ["place", "hour"],
        },
    }
    for name, description in [("depth_of_fish", "How deep the fish are."), ("light_on_water", "How much light there is.")]
]


class Ready(BaseChatModel):
    """Gives what lies ready."""

    whole: ChatResult = ChatResult(generations=[ChatGeneration(message=AIMessage("Still, then quick."))])
    pieces: list[ChatGenerationChunk] = [
        ChatGenerationChunk(message=AIMessageChunk(content=f"word{number} ")) for number in range(replies.BURST)
    ]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_more: Any,
    ) -> ChatResult:
        return self.whole

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **_more: Any,
    ) -> ChatResult:
        return self.whole

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_more: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in self.pieces:
            if run_manager:
                run_manager.on_llm_new_token(piece.text, chunk=piece)
            yield piece

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **_more: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in self.pieces:
            if run_manager:
                await run_manager.on_llm_new_token(piece.text, chunk=piece)
            yield piece

    @property
    def _llm_type(self) -> str:
        return "ready"


class BlockingModels:
    """A chat model, the same with tools, and one that embeds, if there are any."""

    def __init__(self, chat: Any, embedder: Any = None) -> None:
        self.chat = chat
        self.with_tools = chat.bind_tools(_tools) if embedder else None
        self.embedder = embedder

    def request(self) -> Any:
        message = self.chat.invoke(_messages)
        assert message.content
        return message

    def tools(self) -> Any:
        assert self.with_tools
        message = self.with_tools.invoke(_messages)
        assert message.tool_calls[0]["args"]["hour"]
        return message

    def stream(self) -> int:
        return sum(1 for chunk in self.chat.stream(_messages) if chunk.content)

    def embed(self) -> float:
        return float(sum(vector[0] for vector in self.embedder.embed_documents(TEXTS)))


class AsyncioModel:
    """A chat model, awaited."""

    def __init__(self, chat: Any) -> None:
        self.chat = chat

    async def request(self) -> Any:
        message = await self.chat.ainvoke(_messages)
        assert message.content
        return message

    async def stream(self) -> int:
        count = 0
        async for chunk in self.chat.astream(_messages):
            count += bool(chunk.content)
        return count


@contextmanager
def blocking(name: str, url: str, _context: ssl.SSLContext | None) -> Iterator[BlockingModels]:
    """The models of a package, closed at the end."""
    if name == "langchain_core":
        yield BlockingModels(Ready())
        return
    package: Any = importlib.import_module(name)
    to = {"api_key": "sk-benchmark", "base_url": url}
    chat = package.ChatOpenAI(model=MODEL, **to)
    embedder = package.OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **to)
    yield BlockingModels(chat, embedder)
    chat.root_client.close()


@asynccontextmanager
async def asyncio(name: str, url: str, _context: ssl.SSLContext | None) -> AsyncIterator[AsyncioModel]:
    """The chat model of a package, closed at the end."""
    if name == "langchain_core":
        yield AsyncioModel(Ready())
        return
    chat = importlib.import_module(name).ChatOpenAI(model=MODEL, api_key="sk-benchmark", base_url=url)
    yield AsyncioModel(chat)
    await chat.root_async_client.close()
