"""Completions as LangChain's generations: whole answers to the prompts of one call, and pieces of streamed ones. No requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from langchain_core.outputs import Generation, GenerationChunk, LLMResult

from ceyx.wire.view import plain

COUNTS = ("completion_tokens", "prompt_tokens", "total_tokens")


class Answers:
    """The answers to the prompts of one call, as they come in; `named` gives the name of a model in results."""

    def __init__(self, named: Callable[[str | None], str]) -> None:
        self._named = named
        self._generations: list[Generation] = []
        self._growing: GenerationChunk | None = None
        self.usage: dict[str, int] = {}
        self._said: dict[str, Any] = {}

    def take(self, answer: Any) -> None:
        """The answer to a batch of prompts."""
        fields = plain_fields(answer)
        if fields.get("error"):  # of a client that does not look
            raise ValueError(fields["error"])
        if not fields.get("choices"):
            raise ValueError(f"the answer has no 'choices', as a completion has; it has {sorted(fields)}")
        for choice in fields["choices"]:
            self._generations.append(Generation(text=choice["text"], generation_info=_info(choice)))
        self._count(fields.get("usage") or {})
        self._said.setdefault("model_name", self._named(fields.get("model")))
        for name in ("system_fingerprint", "service_tier"):
            if fields.get(name):
                self._said.setdefault(name, fields[name])
        self._filtered(fields.get("prompt_filter_results"))

    def grow(self, chunk: GenerationChunk) -> None:
        """A piece of the answer to a prompt."""
        self._growing = chunk if self._growing is None else self._growing + chunk

    def grown(self) -> None:
        """The answer to a prompt has come to its end."""
        if self._growing is None:
            raise ValueError("Generation is empty after streaming: the server sent nothing at all")
        info = {"finish_reason": None, "logprobs": None, **(self._growing.generation_info or {})}
        self._count(info.pop("token_usage", None) or {})
        self._said.setdefault("model_name", info.pop("model_name", None) or self._named(None))
        self._filtered(info.pop("prompt_filter_results", None))
        self._generations.append(Generation(text=self._growing.text, generation_info=info))
        self._growing = None

    def _count(self, usage: Mapping[str, Any]) -> None:
        for name in COUNTS:
            if usage.get(name) is not None:
                self.usage[name] = self.usage.get(name, 0) + usage[name]

    def _filtered(self, found: Any) -> None:
        if found:
            self._said.setdefault("prompt_filter_results", []).extend(found)

    @property
    def model(self) -> str:
        return self._said.get("model_name") or self._named(None)

    def result(self, prompts: int, each: int) -> LLMResult:
        """All answers: for each of the prompts so many."""
        generations = [self._generations[start : start + each] for start in range(0, prompts * each, each)]
        return LLMResult(generations=generations, llm_output={"token_usage": self.usage, **self._said})


def chunk_of(piece: Any, named: Callable[[str | None], str]) -> GenerationChunk:
    """A piece of an answer. Only one tells of what was used and of the model, as langchain-core adds up what all tell."""
    fields = plain_fields(piece)
    choice = next(iter(fields.get("choices") or ()), None)
    info = {} if choice is None else _info(choice)
    if (found := fields.get("prompt_filter_results")) is not None:
        info["prompt_filter_results"] = found
    if usage := fields.get("usage"):
        info.update(token_usage=usage, model_name=named(fields.get("model")))
    return GenerationChunk(text=(choice or {}).get("text") or "", generation_info=info or None)


def plain_fields(answer: Any) -> dict[str, Any]:
    """An answer as plain data: of our clients, of others', or of a test's."""
    answer = plain(answer)
    fields: dict[str, Any] = answer if isinstance(answer, dict) else answer.model_dump()
    return fields


def opened(stream: Any) -> Any:
    """`stream`, to be closed in the end, if it is one that can be."""
    return stream if hasattr(stream, "__exit__") or hasattr(stream, "__aexit__") else nullcontext(stream)


def _info(choice: Mapping[str, Any]) -> dict[str, Any]:
    info = {"finish_reason": choice.get("finish_reason"), "logprobs": choice.get("logprobs")}
    if choice.get("content_filter_results"):
        info["content_filter_results"] = choice["content_filter_results"]
    return info
