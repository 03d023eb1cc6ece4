"""What streamed choices amount to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ceyx.streams.choices import ChatCollector, CompletionCollector, joined
from ceyx.types.chat import ChatCompletionChunk


def chunk(delta: Any, finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": finish, "logprobs": None}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
    return {**head, "choices": [choice], **more}


def collected(*chunks: Any) -> ChatCollector:
    collector = ChatCollector()
    for one in chunks:
        collector.read(json.loads(json.dumps(one)))
    return collector


def test_text():
    collector = collected(chunk({"role": "assistant", "content": ""}), *map(chunk, [{"content": "Hel"}, {"content": "lo"}]))
    assert collector.unfinished() == "no finish_reason of choice 0"
    collector.read(chunk({}, "stop"))
    collector.read({**chunk({}), "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
    assert collector.unfinished() is None
    assert collector.partial().to_dict() == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello", "refusal": None}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }


def test_the_short_way_and_the_long_way_give_the_same():
    short, long = chunk({"content": "x"}), {**chunk({"content": "x"}), "moderation": {}}
    first = chunk({"role": "assistant", "content": ""})
    for text in (short, long):
        collector = collected(first, text, text)
        assert collector.partial().choices[0].message.content == "xx"
        view = collector.read(json.loads(json.dumps(text)))
        assert type(view) is ChatCompletionChunk
        assert view.choices[0].delta.content == "x"
        assert view.to_dict() == text


def test_tool_calls_are_merged_by_index_and_keep_their_ids():
    named = {"id": "call_1", "type": "function", "function": {"name": "weather"}}
    pieces = [
        {"tool_calls": [{"index": 0, **named, "function": {"name": "weather", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "id": "call_2", "type": "function", "function": {"name": "time", "arguments": '{"z":'}}]},
        {"tool_calls": [{"index": 0, **named, "function": {"name": "weather", "arguments": '{"city":'}}]},  # says it all again
        {"tool_calls": [{"index": 1, "function": {"arguments": "1}"}}, {"index": 0, "function": {"arguments": '"Bonn"}'}}]},
    ]
    message = collected(*map(chunk, pieces), chunk({}, "tool_calls")).partial().choices[0].message
    assert [tool.to_dict() for tool in message.tool_calls] == [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bonn"}'}},
        {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": '{"z":1}'}},
    ]
    assert message.content is None


def test_calls_without_an_index_are_calls_of_their_own():
    one = {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}
    two = {"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "{}"}}]}
    calls = collected(chunk(one), chunk(two, "tool_calls")).partial().choices[0].message.tool_calls
    assert [made.id for made in calls] == ["a", "b"]


def test_several_choices_reasoning_refusals_and_log_probabilities():
    collector = collected(
        chunk({"role": "assistant", "content": "a"}, index=1),
        chunk({"reasoning_content": "hm"}),
        chunk({"reasoning_content": "m"}),
        chunk({"refusal": "No"}),
        {**chunk({"refusal": "."}, "stop"), "system_fingerprint": "fp"},
        chunk({"content": "b"}, "length", 1),
    )
    answer = collector.partial()
    assert [(choice.index, choice.finish_reason, choice.message.content) for choice in answer.choices] == [
        (0, "stop", None),
        (1, "length", "ab"),
    ]
    assert (answer.choices[0].message.refusal, answer.choices[0].message.reasoning_content) == ("No.", "hmm")
    assert answer.system_fingerprint == "fp"
    assert collector.unfinished() is None
    tokens = [{"token": token, "logprob": -0.5, "bytes": None, "top_logprobs": []} for token in "ab"]
    first, second = (chunk({"content": "x"}) for _ in "ab")
    first["choices"][0]["logprobs"], second["choices"][0]["logprobs"] = {"content": tokens[:1]}, {"content": tokens[1:]}
    logprobs = collected(first, second).partial().choices[0].logprobs
    assert [token.token for token in logprobs.content] == ["a", "b"]


def test_what_was_withheld_stays_withheld():
    held, fine = ({"violence": {"filtered": filtered, "severity": "high" if filtered else "safe"}} for filtered in (True, False))
    first, second = chunk({"content": "x"}), chunk({}, "content_filter")
    first["choices"][0]["content_filter_results"] = {"hate": {"filtered": False, "severity": "safe"}}
    second["choices"][0]["content_filter_results"] = held
    later = chunk({})
    later["choices"][0]["content_filter_results"] = fine
    collector = collected(first, second, later)
    assert collector.filtered() is not None
    found = collector.partial().choices[0].content_filter_results
    assert (found.violence.filtered, found.hate.severity) == (True, "safe")
    assert collected(first).filtered() is None


def test_chunks_belong_to_who_reads_them():
    collector = ChatCollector()
    seen = collector.read(chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}]}))
    collector.read(chunk({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}))
    assert seen.choices[0].delta.tool_calls[0].function.arguments == "{"
    partial = collector.partial()
    partial.choices[0].message.tool_calls.clear()
    assert len(collector.partial().choices[0].message.tool_calls) == 1


@pytest.mark.parametrize(
    "odd", [[], "x", 1, {}, {"choices": None}, {"choices": [1, None]}, {"choices": [{}]}, {"choices": [{"delta": 1}]}]
)
def test_what_is_no_chunk_does_no_harm(odd):
    collector = collected(chunk({"role": "assistant", "content": "a"}), odd)
    assert collector.partial().choices[0].message.content == "a"


def test_legacy_completions():
    collector = CompletionCollector()
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    for text, finish in (("Hel", None), ("lo", "stop")):
        collector.read({**head, "choices": [{"index": 0, "text": text, "finish_reason": finish, "logprobs": None}]})
    assert collector.unfinished() is None
    assert collector.partial().to_dict() == {**head, "choices": [{"index": 0, "finish_reason": "stop", "text": "Hello"}]}


@pytest.mark.parametrize(
    ("so_far", "more", "both"),
    [
        ("a", "b", "ab"),
        (None, "b", "b"),
        ("a", None, "a"),
        (1, 2, 2),
        ({"id": "x"}, {"id": "y"}, {"id": "x"}),
        ({"id": ""}, {"id": "y"}, {"id": "y"}),
        ({"name": None}, {"name": "f"}, {"name": "f"}),
        ([1], [2], [1, 2]),
        ({"a": "x"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_joining(so_far, more, both):
    assert joined(so_far, more) == both
