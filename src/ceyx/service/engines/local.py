"""The engine `local`: answers that say what they are, the same for the same question, from no model at all."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from ceyx.service.answers import Answer, Finish
from ceyx.service.bodies import (
    Assistant,
    Audio,
    Chat,
    Completion,
    Developer,
    File,
    FunctionResult,
    Image,
    JSONObject,
    JSONSchema,
    System,
    ToolResult,
    User,
    text_of,
)
from ceyx.service.engines import tools
from ceyx.service.engines.clues import Clues
from ceyx.service.engines.instances import instance
from ceyx.service.tokens import ESTIMATED, Tokens

WHO = "This is ceyx's local stand-in, not a model."


def chat(body: Chat, tokens: Tokens = ESTIMATED) -> list[Answer]:
    """As many answers as the chat asks for."""
    last = body.messages[-1]
    prompt = last_words(body)
    wanted = tools.choice(body)
    limit = body.max_completion_tokens or body.max_tokens
    answers: list[Answer] = []
    for i in range(body.n or 1):
        calls = []
        if wanted.mode in ("required", "named") or (wanted.mode == "auto" and isinstance(last, User)):
            calls = tools.calls(body, wanted, prompt)
        if calls:
            # A call that was asked for by name ends with "stop": it was no decision of the model.
            finish: Finish = "function_call" if body.tools is None else "stop" if wanted.mode == "named" else "tool_calls"
            answer = Answer(None, calls, finish)
        elif isinstance(body.response_format, JSONSchema):
            schema = body.response_format.json_schema.schema
            answer = Answer(_json(instance(schema, Clues(prompt), "local stand-in for {}".format)))
        elif isinstance(body.response_format, JSONObject):
            answer = Answer(_json(_object(prompt)))
        else:
            answer = Answer(_reply(body, prompt, i))
        answers.append(answer.stopped(body.stop).limited(limit, tokens))
    return answers


def complete(body: Completion, prompts: list[str | list[int]], tokens: Tokens = ESTIMATED) -> list[Answer]:
    """As many continuations as asked for, of each prompt in turn."""
    limit = body.max_tokens or 16
    answers: list[Answer] = []
    for prompt in prompts:
        asked = f"“{shortened(prompt)}”" if isinstance(prompt, str) else f"{len(prompt)} tokens"
        for i in range(body.n or 1):
            text = f" {WHO} It was asked to continue {asked}"
            text += f", before “{shortened(body.suffix)}”." if body.suffix else "."
            answer = Answer(text + _variant(i, body.seed)).stopped(body.stop).limited(limit, tokens)
            answers.append(answer)
    return answers


def shortened(text: str, words: int = 25, characters: int = 160) -> str:
    """`text` on one line, cut where it gets long."""
    split = text[: 20 * characters].split()
    short = " ".join(split[:words])
    if len(short) > characters:
        short = short[:characters].rstrip()
    elif len(split) <= words and len(text) <= 20 * characters:
        return short
    return short + "…"


def _object(prompt: str) -> dict[str, str]:
    """What JSON mode gives: the keys that the prompt puts in quotes, where it speaks of keys, or else what was asked."""
    named = [quoted for quoted in Clues(prompt).quotations if quoted.isidentifier()] if _keys(prompt) else []
    return {name: f"local stand-in for {name}" for name in named} or {"note": WHO, "asked": shortened(prompt)}


_keys = re.compile(r"\b(?:keys?|fields?|properties)\b", re.IGNORECASE).search


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def last_words(body: Chat) -> str:
    """What the user said last; where no user spoke, what anyone did."""
    spoken = [message for message in body.messages if isinstance(message, User)] or body.messages
    return text_of(spoken[-1].content)


def _reply(body: Chat, prompt: str, index: int) -> str:
    """Who is speaking, what was asked, and what else came with it."""
    last = body.messages[-1]
    if isinstance(last, ToolResult | FunctionResult):
        results = tool_results(body)
        said = "; ".join(f"{name} returned “{shortened(text, 15, 100)}”" for name, text in results[:2])
        more = f" and {len(results) - 2} more answered" if len(results) > 2 else ""
        return f"{WHO} The tool {said}{more}.{_variant(index, body.seed)}"
    asked = f"You asked: “{shortened(prompt)}”" if prompt.strip() else "You asked nothing in words"
    beside = _beside(body)
    return f"{WHO} {asked}{f' (with {beside})' if beside else ''}.{_variant(index, body.seed)}"


def tool_results(body: Chat) -> list[tuple[str, str]]:
    """The name and the result of each tool that answered last."""
    results: list[tuple[str, str]] = []
    for message in reversed(body.messages):
        if isinstance(message, ToolResult):
            results.insert(0, (message.tool_call_id, text_of(message.content)))
        elif isinstance(message, FunctionResult):
            return [(message.name, message.content or "")]
        else:
            called = {call.id: call.name for call in message.tool_calls or ()} if isinstance(message, Assistant) else {}
            return [(called.get(id, id), text) for id, text in results]
    return results


def _beside(body: Chat) -> str:
    """What came beside the words, in few words."""
    parts = [part for message in body.messages if isinstance(message.content, list) for part in message.content]
    noted: list[str] = []
    for kind, name in ((Image, "image"), (Audio, "recording"), (File, "file")):
        if count := sum(isinstance(part, kind) for part in parts):
            noted.append(f"{count} {name}{'s' if count > 1 else ''}")
    if any(isinstance(message, System | Developer) for message in body.messages):
        noted.append("a system prompt")
    return " and ".join([", ".join(noted[:-1]), noted[-1]] if len(noted) > 1 else noted)


def _variant(index: int, seed: int | None) -> str:
    """What tells one choice from another, and one seed from another."""
    varied = f" Choice {index + 1}." if index else ""
    if seed is not None:
        varied += f" Seed {blake2b(str(seed).encode(), digest_size=2).hexdigest()}."
    return varied
