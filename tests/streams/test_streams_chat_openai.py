"""The same chunks through the state machine of the `openai` package and through ours: the same events, the same completion."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState as TheirState
from openai.types.chat import ChatCompletionChunk as TheirChunk
from recorded import RECORDED

import ceyx
from ceyx import errors
from ceyx.streams.chat import ChatCompletionStreamState
from ceyx.types.chat import ChatCompletionChunk

# Where we mean to differ.
OURS_ONLY = {
    "choice": "theirs do not say which of the n answers an event is about",
    "estimated": "a usage that was estimated says so",
}
THEIRS_ONLY = {"index of a call": "a whole completion has calls without an index, and so has ours"}


def fresh(chunk: Any) -> Any:
    return json.loads(json.dumps(chunk))


def plain(value: Any) -> Any:
    """Without what is None: they fill in what the server did not send, we do not."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None and name not in OURS_ONLY}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return plain(value.model_dump(warnings=False)) if hasattr(value, "model_dump") else value


def completion(value: Any) -> Any:
    data = plain(value)
    for choice in data["choices"]:
        for call in choice["message"].get("tool_calls", ()):
            call.pop("index", None)
    return data


def numbers_whole(value: Any) -> Any:
    """Their partial JSON has a number that has begun (`{"people": 7` while `700000` comes); ours waits for its end."""
    return {name: inner for name, inner in value.items() if name != "people"} if isinstance(value, dict) else value


def events(state: Any, chunk: Any) -> list[dict[str, Any]]:
    seen = []
    for event in state.handle_chunk(chunk):
        data = plain(event)
        data.pop("snapshot" if event.type == "chunk" else "chunk", None)  # completions are compared at the end
        if event.type == "content.delta" and "parsed" in data:
            data["parsed"] = numbers_whole(data["parsed"])
        seen.append(data)
    return seen


@pytest.mark.parametrize("name", RECORDED)
def test_the_same_events_in_the_same_order(name):
    chunks, asked = RECORDED[name]
    theirs, ours = TheirState(**asked), ChatCompletionStreamState(**asked)
    for chunk in chunks:
        expected = events(theirs, TheirChunk.model_validate(fresh(chunk)))
        assert events(ours, ChatCompletionChunk.wrap(fresh(chunk))) == expected
    assert completion(ours.current_completion_snapshot) == completion(theirs.current_completion_snapshot)
    if name == "cut text":
        for machine, library in ((theirs, openai), (ours, ceyx)):
            with pytest.raises(library.LengthFinishReasonError):
                machine.get_final_completion()
        return
    assert completion(ours.get_final_completion()) == completion(theirs.get_final_completion())


@pytest.mark.parametrize("finish", ["length", "content_filter"])
@pytest.mark.parametrize("name", ["a type", "calls"])
def test_what_is_cut_is_the_same_error_at_the_same_chunk(name, finish):
    chunks, asked = RECORDED[name]
    cut = [*chunks[:3], {**chunks[3], "choices": [{**chunks[3]["choices"][0], "finish_reason": finish}]}]
    theirs, ours = TheirState(**asked), ChatCompletionStreamState(**asked)
    for chunk in cut[:3]:
        theirs.handle_chunk(TheirChunk.model_validate(fresh(chunk)))
        ours.handle_chunk(ChatCompletionChunk.wrap(fresh(chunk)))
    with pytest.raises(Exception, match="Could not parse response content") as expected:
        theirs.handle_chunk(TheirChunk.model_validate(fresh(cut[3])))
    with pytest.raises(errors.OpenAIError) as caught:
        ours.handle_chunk(ChatCompletionChunk.wrap(fresh(cut[3])))
    assert type(caught.value).__name__ == type(expected.value).__name__
    assert str(caught.value) == str(expected.value)
    assert caught.value.completion.choices[0].finish_reason == finish  # type: ignore[attr-defined]
