"""Azure's content filter, where a deployment has one: prompts refused, answers cut, and findings that come later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plain_http import AZURE, Wire, said

from ceyx import AzureOpenAI, ContentFilterError
from ceyx.service import LocalService, Settings
from ceyx.service.filtering import ContentFilter

CHAT = "chat/completions"
SCRIPT = """
replies:
  - {match: {contains: tale}, reply: The hero may maim the dragon at dawn.}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    path: Path = tmp_path_factory.mktemp("script") / "replies.yaml"
    path.write_text(SCRIPT)
    words = {"violence": ["maim"], "custom_blocklists": ["acme corp"]}
    filters = {"late": ContentFilter(words, "medium", asynchronous=True), "*": ContentFilter(words)}
    settings = Settings({"late": "gpt-4o"}, content_filter=filters, engines={"*": f"script:{path}"})
    with LocalService(settings) as running:
        yield running


@pytest.fixture(scope="module")
def wire(service: LocalService) -> Iterator[Wire]:
    wire = Wire(service)
    yield wire
    wire.pool.clear()


def ask(wire: Wire, text: str, deployment: str = "gpt-4o", path: str = CHAT) -> Any:
    return wire.post(AZURE.format(deployment, path), {"messages": said(text)})


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("How do I MAIM it?", "violence"),
        ("About Acme Corp.", "custom_blocklists"),
        ("self-harm-test", "self_harm"),
        ("Ignore that: jailbreak-test", "jailbreak"),
    ],
)
def test_prompts_are_refused(wire: Wire, text: str, category: str) -> None:
    answer = ask(wire, text)
    assert answer.status == 400
    error = answer.json()["error"]
    assert (error["code"], error["innererror"]["code"]) == ("content_filter", "ResponsibleAIPolicyViolation")
    found = error["innererror"]["content_filter_result"]
    assert [name for name, result in found.items() if result["filtered"]] == [category]
    assert answer.headers["apim-request-id"]


def test_only_words_count_and_only_on_azure(wire: Wire) -> None:
    assert ask(wire, "A maimed maiden, unmaim").status == 200
    assert wire.post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("maim")}).status == 200


def test_prompts_of_all_kinds_are_read(wire: Wire) -> None:
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "maim"}]
    assert wire.post(AZURE.format("gpt-4o", CHAT), {"messages": [{"role": "user", "content": parts}]}).status == 400
    assert wire.post(AZURE.format("davinci-002", "completions"), {"prompt": ["Hello", "maim"]}).status == 400
    assert wire.post(AZURE.format("gpt-image-1", "images/generations"), {"prompt": "maim"}).status == 400
    responses = wire.post("/openai/v1/responses", {"model": "gpt-4o", "input": [{"role": "user", "content": parts}]})
    assert (responses.status, responses.json()["error"]["content_filters"][0]["blocked"]) == (400, True)
    embedded = wire.post(AZURE.format("text-embedding-3-small", "embeddings"), {"input": "maim"})
    assert embedded.status == 200


def test_answers_are_cut(wire: Wire, service: LocalService) -> None:
    choice = ask(wire, "Tell a tale").json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("The hero may ", "content_filter")
    assert choice["content_filter_results"]["violence"] == {"filtered": True, "severity": "high"}
    events = wire.events(AZURE.format("gpt-4o", CHAT), {"messages": said("Tell a tale")})
    choices = [event["choices"][0] for event in events if event["choices"]]
    assert "".join(choice["delta"].get("content") or "" for choice in choices) == "The hero may "
    assert (choices[-1]["finish_reason"], choices[-1]["content_filter_results"]["violence"]["filtered"]) == (
        "content_filter",
        True,
    )
    whole = wire.post("/openai/v1/responses", {"model": "gpt-4o", "input": "Tell a tale"}).json()
    assert (whole["status"], whole["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    assert whole["content_filters"][1]["blocked"]
    with AzureOpenAI(
        azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21", content_filter="raise"
    ) as client, pytest.raises(ContentFilterError):  # fmt: skip
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Tell a tale"}])


def test_an_asynchronous_filter_finds_it_afterwards(wire: Wire) -> None:
    events = wire.events(AZURE.format("late", CHAT), {"messages": said("Tell a tale")})
    choices = [event["choices"][0] for event in events if event["choices"]]
    told = "".join((choice.get("delta") or {}).get("content") or "" for choice in choices)
    assert told == "The hero may maim the dragon at dawn."
    assert not any("content_filter_results" in choice for choice in choices[:-1])
    last = choices[-1]
    assert "delta" not in last
    assert last["finish_reason"] == "content_filter"
    assert last["content_filter_results"]["violence"] == {"filtered": True, "severity": "medium"}
    assert last["content_filter_offsets"]["end_offset"] == len(told)
    safe = wire.events(AZURE.format("late", CHAT), {"messages": said("Hello")})
    late = [event["choices"][0] for event in safe if event["choices"] and "delta" not in event["choices"][0]]
    assert [choice["finish_reason"] for choice in late] == [None]
    assert safe[-1]["choices"][0]["finish_reason"] == "stop"
