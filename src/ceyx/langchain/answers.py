"""Whole answers of chat completions as results of LangChain. Pure; single messages are `translate.py`'s."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.outputs import ChatResult

from ceyx.langchain.making import generation, result
from ceyx.langchain.streaming import PROVIDER
from ceyx.langchain.translate import Fields, fields_of, read_message, token_usage, usage_metadata
from ceyx.wire.view import plain


def chat_result(
    answer: Fields,
    first: dict[str, Any] | None,
    named: Callable[[str], str],
    model: str | None,
    told: Callable[[Fields], dict[str, Any]],
) -> ChatResult:
    """What an answer is to LangChain. ValueError for what is no answer, or an error in place of one.

    `first` goes before what is `told` of each choice; `named` gives the name in results of the model that answered, and `model`
    is the name where none is told.
    """
    if answer.get("error"):
        raise ValueError(answer["error"])
    if not (choices := answer.get("choices")):
        raise ValueError(f"the answer has no 'choices', as a chat completion has; it has {sorted(answer)}")
    usage, tier = answer.get("usage"), answer.get("service_tier")
    counted = fields_of(usage) if usage else None
    generations = []
    for choice in map(fields_of, choices):
        message = read_message(fields_of(choice["message"]), usage_metadata(counted, tier) if counted else None)
        info = told(choice)
        generations.append(generation(message, info if first is None else {**first, **info}))
    output = {
        "token_usage": token_usage(usage),
        "model_provider": PROVIDER,
        "model_name": named(answer["model"]) if answer.get("model") else model,
        "system_fingerprint": answer.get("system_fingerprint"),
    }
    if "id" in answer:
        output["id"] = answer["id"]
    if tier:
        output["service_tier"] = tier
    if (found := answer.get("prompt_filter_results")) is not None:
        output["prompt_filter_results"] = plain(found)
    return result(generations, output)


def info_of(choice: Fields) -> dict[str, Any]:
    """What of a choice goes into the metadata of its message."""
    logprobs = choice.get("logprobs")
    info = {"finish_reason": choice.get("finish_reason"), "logprobs": None if logprobs is None else plain(logprobs)}
    if (found := choice.get("content_filter_results")) is not None:
        info["content_filter_results"] = plain(found)
    return info


def combined(outputs: list[dict[str, Any] | None], model: str | None) -> dict[str, Any]:
    """The `llm_output` of several answers: their usage added up, the model that gave the first, or else `model`."""
    given = [output for output in outputs if output]
    total: Any = (given[0].get("token_usage") or {}) if given else {}
    for output in given[1:]:
        total = added(total, output.get("token_usage") or {})
    names = [output["model_name"] for output in given if output.get("model_name")]
    told = {"token_usage": total, "model_name": names[0] if names else model}
    if fingerprints := [output["system_fingerprint"] for output in given if output.get("system_fingerprint")]:
        told["system_fingerprint"] = fingerprints[0]
    return told


def added(one: Any, other: Any) -> Any:
    """The sum of two usages, whose details are usages again; None is nothing."""
    if one is None or other is None:
        return one if other is None else other
    if isinstance(other, Mapping):
        one = one if isinstance(one, Mapping) else {}
        return {name: added(one.get(name), other.get(name)) for name in {**one, **other}}
    return one + other if isinstance(other, int | float) and isinstance(one, int | float) else other
