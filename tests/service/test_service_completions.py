"""Text completions: prompts of every form, echo, log probabilities, streams."""

from __future__ import annotations

from typing import Any

import pytest
from plain_http import AZURE, Wire

MODEL = "gpt-3.5-turbo-instruct"


def complete(wire: Wire, **fields: Any) -> Any:
    answer = wire.post("/v1/completions", {"model": MODEL, "max_tokens": 100, **fields})
    assert answer.status == 200, answer.data
    return answer.json()


def test_says_what_it_is(wire: Wire) -> None:
    text = complete(wire, prompt="Once upon", suffix="The end")["choices"][0]["text"]
    assert "not a model" in text and "“Once upon”" in text and "“The end”" in text


def test_sixteen_tokens_unless_told(wire: Wire) -> None:
    answer = wire.post("/v1/completions", {"model": MODEL, "prompt": "Hello"}).json()
    assert answer["usage"]["completion_tokens"] == 16
    assert answer["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(("prompt", "count"), [("a", 1), (["a", "b"], 2), ([1, 2], 1), ([[1], [2]], 2), (None, 1)])
def test_prompts_of_every_form(wire: Wire, prompt: object, count: int) -> None:
    answer = complete(wire, prompt=prompt, n=2)
    assert [choice["index"] for choice in answer["choices"]] == list(range(2 * count))


def test_choices_follow_their_prompts(wire: Wire) -> None:
    texts = [choice["text"] for choice in complete(wire, prompt=["one", "two"], n=2, best_of=3)["choices"]]
    assert ["“one”" in text for text in texts] == [True, True, False, False]


def test_echo_and_logprobs(wire: Wire) -> None:
    choice = complete(wire, prompt="Hello there", echo=True, logprobs=2)["choices"][0]
    assert choice["text"].startswith("Hello there This is")
    log = choice["logprobs"]
    assert "".join(log["tokens"]) == choice["text"]
    assert all(choice["text"][start:].startswith(token) for start, token in zip(log["text_offset"], log["tokens"], strict=True))
    assert all(len(top) == 2 and token in top for top, token in zip(log["top_logprobs"], log["tokens"], strict=True))


def test_streams(wire: Wire) -> None:
    body = {"model": MODEL, "prompt": ["one", "two"], "max_tokens": 9, "stream_options": {"include_usage": True}}
    *events, last = wire.events("/v1/completions", body)
    whole = complete(wire, prompt=["one", "two"], max_tokens=9)
    for choice in whole["choices"]:
        parts = [event["choices"][0] for event in events if event["choices"][0]["index"] == choice["index"]]
        assert "".join(part["text"] for part in parts) == choice["text"]
        assert parts[-1]["finish_reason"] == choice["finish_reason"] == "length"
    assert last["usage"] == whole["usage"]
    first, *_ = wire.events(AZURE.format("gpt-35-turbo-instruct", "completions"), {"prompt": ["one", "two"]})
    assert first["choices"] == [] and [result["prompt_index"] for result in first["prompt_filter_results"]] == [0, 1]
