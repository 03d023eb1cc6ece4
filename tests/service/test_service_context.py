"""Models read and write so much, and the provider's 400 is what a program gets for more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ceyx import AzureOpenAI, BadRequestError, OpenAI
from ceyx.service import LocalService
from ceyx.service.catalogue import model_named
from ceyx.tokens import Tokenizer, tokenizer


@pytest.fixture
def client(service: LocalService) -> Iterator[OpenAI]:
    with OpenAI(base_url=service.url, api_key="any", max_retries=0) as made:
        yield made


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize(
    ("name", "window", "written"),
    [
        ("gpt-4", 8_192, 8_192),
        ("gpt-4-0613", 8_192, 8_192),
        ("gpt-4-turbo-2024-04-09", 128_000, 4_096),
        ("gpt-4o-2024-05-13", 128_000, 4_096),
        ("gpt-4o-2024-11-20", 128_000, 16_384),
        ("gpt-4.1-mini", 1_047_576, 32_768),
        ("gpt-5-nano", 400_000, 128_000),
        ("llama3.2", 0, 0),
    ],
)
def test_sizes_by_name(name: str, window: int, written: int) -> None:
    model = model_named(name)
    assert (model.window, model.written) == (window, written)


def test_more_than_a_chat_model_reads(client: OpenAI, service: LocalService) -> None:
    with pytest.raises(BadRequestError, match=r"length is 8192 tokens[.] However, your messages resulted in") as over:
        client.chat.completions.create(model="gpt-4", messages=said("word " * 20_000))
    assert (over.value.code, over.value.param) == ("context_length_exceeded", "messages")
    azure = AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2024-10-21")
    with azure, pytest.raises(BadRequestError) as over:
        azure.chat.completions.create(model="gpt-4", messages=said("word " * 20_000), stream=True)
    assert over.value.code == "context_length_exceeded"
    assert client.chat.completions.create(model="gpt-4o", messages=said("word " * 20_000)).choices


def test_more_than_a_chat_model_writes(client: OpenAI) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        asked: Any = {name: 20_480}
        with pytest.raises(BadRequestError, match=rf"^.*{name} is too large: 20480\. This model supports at most 16384") as over:
            client.chat.completions.create(model="gpt-4o", messages=said("Hello"), **asked)
        assert (over.value.code, over.value.param) == ("invalid_value", name)
    with pytest.raises(BadRequestError, match=r"in the messages, 8192 in the completion") as over:
        client.chat.completions.create(model="gpt-4", messages=said("Hello"), max_tokens=8192)
    assert over.value.code == "context_length_exceeded"
    assert client.chat.completions.create(model="gpt-4o", messages=said("Hello"), max_tokens=16_384).choices


def test_responses_completions_and_embeddings(client: OpenAI) -> None:
    long = "word " * 20_000
    with pytest.raises(BadRequestError, match="exceeds the context window") as over:
        client.responses.create(model="gpt-4", input=long)
    assert (over.value.code, over.value.param) == ("context_length_exceeded", "input")
    assert client.responses.create(model="gpt-4", input=long, truncation="auto").output_text
    with pytest.raises(BadRequestError, match=r"length is 4096 tokens, .* in your prompt; 16 for the completion"):
        client.completions.create(model="gpt-35-turbo-instruct", prompt=["short", long])
    with pytest.raises(BadRequestError, match=r"length is 4096 tokens, .* 4000 for the completion"):
        client.completions.create(model="gpt-35-turbo-instruct", prompt=list(range(100)), max_tokens=4000)
    with pytest.raises(BadRequestError, match=r"length is 8192 tokens, .* 0 for the completion"):
        client.embeddings.create(model="text-embedding-3-small", input=["short", long])


def test_what_a_previous_response_said_counts(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-4o", input="word " * 20_000)
    with pytest.raises(BadRequestError, match="exceeds the context window"):
        client.responses.create(model="gpt-4", input="And now?", previous_response_id=first.id)


def test_near_a_limit_the_table_counts(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a" * 60_000  # by its length, 15,000 tokens
    if tokenizer("gpt-4") is not None:
        assert client.chat.completions.create(model="gpt-4", messages=said(text)).choices
    of_bytes = Tokenizer(
        "bytes",
        lambda text: list(text.encode()),
        lambda ids: bytes(ids).decode(),
        lambda ids: [bytes((id,)) for id in ids],
    )
    monkeypatch.setattr("ceyx.tokens.tokenizer", lambda model: of_bytes)
    monkeypatch.setattr("ceyx.tokens.text.tokenizer", lambda model: of_bytes)
    with pytest.raises(BadRequestError, match="your messages resulted in 12006 tokens"):
        client.chat.completions.create(model="gpt-4", messages=said("é" * 6_000))
    monkeypatch.setattr("ceyx.tokens.tokenizer", lambda model: None)
    assert client.chat.completions.create(model="gpt-4", messages=said("é" * 6_000)).choices
    with pytest.raises(BadRequestError, match="your messages resulted in 15006 tokens"):
        client.chat.completions.create(model="gpt-4", messages=said(text))


def test_far_below_it_nobody_counts(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(model: str) -> None:
        raise AssertionError(f"the table of {model} was asked for")

    monkeypatch.setattr("ceyx.tokens.tokenizer", asked)
    assert client.chat.completions.create(model="gpt-4", messages=said("word " * 500), max_tokens=100).choices
