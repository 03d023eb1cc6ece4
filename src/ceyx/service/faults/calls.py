"""Faults of tool calls: cut off, or in pieces that say again what came before."""

from __future__ import annotations

from typing import Any

from ceyx.service.faults import answer as answers
from ceyx.service.faults.answer import Answer, decoded
from ceyx.service.faults.exchange import Exchange
from ceyx.service.faults.fault import Fault
from ceyx.service.faults.parameters import among
from ceyx.service.faults.plausible import tool_call


async def tool_cut(x: Exchange) -> None:
    whole_call = not x.asked.streams
    answer = await _calling(x)
    calls = [place for place, part in enumerate(answer.parts) if b'"arguments"' in part]

    def cut(fields: dict[str, Any]) -> None:
        for choice in fields.get("choices") or ():
            if choice.get("finish_reason"):
                choice["finish_reason"] = "length"
            if whole_call:
                for call in choice["message"].get("tool_calls") or ():
                    text = call["function"]["arguments"]
                    call["function"]["arguments"] = text[: max(len(text) // 2, 1)]

    if not whole_call:
        first = calls[0]
        lost = set(calls[(len(calls) + 1) // 2 :]) - {first}
        answer = answer.with_events(*(part for place, part in enumerate(answer.parts) if place not in lost))
    await x.send(answer.changed(cut))


async def tool_repeats(x: Exchange, *, what: str) -> None:
    answer = await _calling(x)
    begun: dict[str, Any] = {}

    def again(fields: dict[str, Any]) -> None:
        for choice in fields.get("choices") or ():
            for call in choice.get("delta", {}).get("tool_calls") or ():
                if "id" in call:
                    begun.update(call)
                elif what == "id":
                    call["id"], call["type"] = begun["id"], "function"
                    call["function"]["name"] = begun["function"]["name"]

    changed = answer.changed(again)
    if what == "index":
        calls = [part for part in answer.parts if b'"tool_calls":' in part and not answers.finishes(part)]
        second = [answers.changed(part, _renamed) for part in calls]
        end = answer.before_end(len(answer.parts))
        changed = answer.with_events(*answer.parts[:end], *second, *answer.parts[end:])
    await x.send(changed)


def _renamed(fields: dict[str, Any]) -> None:
    """Another id, under the same index."""
    for choice in fields.get("choices") or ():
        for call in choice.get("delta", {}).get("tool_calls") or ():
            if "id" in call:
                call["id"] = "call_ceyx_local_2"


async def _calling(x: Exchange) -> Answer:
    """The real answer where it calls a tool, else one that does."""
    answer = await x.answer()
    calls = any(b'"arguments"' in part for part in answer.parts)
    if calls and (answer.streams or decoded(answer.content).get("choices")):
        return answer
    made = tool_call(x.asked, not x.asked.streams)
    return Answer(answer.status, answer.headers, made.parts, answer.streams)


FAULTS = (
    Fault("tool-cut", "body", "the arguments of a tool call are cut by finish_reason length", "writes", tool_cut),
    Fault(
        "tool-repeats",
        "stream",
        "each piece of a tool call has the id again, or a second call comes under the first one's index",
        "writes",
        tool_repeats,
        (among("what", "what comes again", "id", "index"),),
        needs="stream",
    ),
)
