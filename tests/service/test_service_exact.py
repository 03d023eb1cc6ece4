"""Usage from the models' own tables: what is read and what is written, judged by `ceyx.tokens`."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ceyx import BadRequestError, OpenAI
from ceyx.service import LocalService, Settings, create_app
from ceyx.service.config import settings_of
from ceyx.service.exact import Exact
from ceyx.tokens import count_messages, text as texts, token_ids, tokenizer
from ceyx.types.chat import ChatCompletionChunk

pytestmark = pytest.mark.skipif(tokenizer("gpt-4o") is None, reason="no table is here: pip install 'ceyx[tokens]'")
SPLIT = "Ünïcode 🏳️‍🌈 𓀀, and 𠮷"
PNG = b"\x89PNG\r\n\x1a\n" + pack(">I4sII", 13, b"IHDR", 900, 600)
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "How the weather is",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Where"}},
            "required": ["city"],
        },
    },
}


@pytest.fixture(scope="module")
def client() -> Iterator[OpenAI]:
    with LocalService(Settings(exact_usage=True)) as service, OpenAI(base_url=service.url, api_key="any") as client:
        yield client


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def tokens(text: str, model: str = "gpt-4o") -> int:
    return len(token_ids(text, model))


# ---- what is read


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"tools": [TOOL]},
        {"functions": [TOOL["function"]]},
        {"tools": [{"type": "custom", "custom": {"name": "shell"}}]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "default": None}}}},
    ],
    ids=lambda more: "".join(more),
)
def test_a_chats_prompt_is_what_ceyx_tokens_counts(client: OpenAI, model: str, more: Any) -> None:
    call: Any = {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Bonn"}'}}
    messages: list[Any] = [
        {"role": "system", "content": f"Answer in few words. {SPLIT}"},
        {"role": "user", "name": "Anna", "content": "How is the weather in Bonn?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "17 °C"},
    ]
    usage = client.chat.completions.create(model=model, messages=messages, **more).usage
    functions = more.get("tools") or more.get("functions") or ()
    counted = count_messages(messages, model, tools=functions, response_format=more.get("response_format"))
    assert usage is not None and usage.prompt_tokens == counted
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize(("detail", "more"), [("high", 85 + 170 * 4), ("low", 85)])
def test_images_cost_their_tiles(client: OpenAI, detail: Any, more: int) -> None:
    url = f"data:image/png;base64,{b64encode(PNG).decode()}"
    image: Any = {"type": "image_url", "image_url": {"url": url, "detail": detail}}
    usage = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}]
    ).usage
    assert usage is not None and usage.prompt_tokens == count_messages(said("What is it?"), "gpt-4o") + more


def test_embeddings_and_completions_are_read_by_their_tables(client: OpenAI) -> None:
    inputs = ["one two three", SPLIT]
    embedded = client.embeddings.create(model="text-embedding-3-small", input=inputs)
    assert embedded.usage.prompt_tokens == sum(tokens(each, "text-embedding-3-small") for each in inputs)
    assert client.embeddings.create(model="text-embedding-3-small", input=[[1, 2, 3]]).usage.prompt_tokens == 3
    usage = client.completions.create(model="gpt-3.5-turbo-instruct", prompt=SPLIT).usage
    assert usage is not None and usage.prompt_tokens == tokens(SPLIT, "gpt-3.5-turbo-instruct")


def test_responses_are_read_and_counted_ahead(client: OpenAI) -> None:
    asked: Any = {
        "model": "gpt-4o",
        "input": [*said("How is it in Bonn?"), {"role": "assistant", "content": "Fine"}, *said(SPLIT)],
    }
    made = client.responses.create(**asked)
    assert made.usage is not None and made.usage.input_tokens == count_messages(asked["input"], "gpt-4o")
    assert client.responses.input_tokens.count(**asked).input_tokens == made.usage.input_tokens
    asked["model"] = "gpt-4"
    older = client.responses.input_tokens.count(**asked)
    assert older.input_tokens == count_messages(asked["input"], "gpt-4") != made.usage.input_tokens


def test_a_limit_is_by_the_table(client: OpenAI) -> None:
    text = "a" * 32_000  # 4,000 tokens; by its length, twice that
    read = count_messages(said(text), "gpt-4")
    assert client.chat.completions.create(model="gpt-4", messages=said(text), max_tokens=8_192 - read).choices
    with pytest.raises(BadRequestError, match=f"you requested 8193 tokens \\({read} in the messages"):
        client.chat.completions.create(model="gpt-4", messages=said(text), max_tokens=8_193 - read)
    with pytest.raises(BadRequestError, match="you requested 8193 tokens"):
        client.embeddings.create(model="text-embedding-3-small", input=" word" * 8_193)


# ---- what is written


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4"])
@pytest.mark.parametrize("text", ["Hello there", SPLIT])
def test_what_a_stream_says_is_its_tokens(client: OpenAI, model: str, text: str) -> None:
    whole = client.chat.completions.create(model=model, messages=said(text), logprobs=True)
    content = whole.choices[0].message.content or ""
    assert whole.usage is not None and whole.usage.completion_tokens == tokens(content, model)
    stream = client.chat.completions.create(
        model=model, messages=said(text), logprobs=True, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    deltas = [delta for chunk in chunks if (delta := text_in(chunk))]
    assert "".join(deltas) == content and chunks[-1].usage == whole.usage
    assert whole.choices[0].logprobs is not None
    assert [entry.token for entry in whole.choices[0].logprobs.content or ()] == deltas
    if text is not SPLIT:
        assert len(deltas) == whole.usage.completion_tokens
    else:
        assert len(deltas) < whole.usage.completion_tokens and "𓀀" in deltas


def text_in(chunk: ChatCompletionChunk) -> str | None:
    return chunk.choices[0].delta.content if chunk.choices else None


def test_max_tokens_are_tokens_of_the_table(client: OpenAI) -> None:
    table = tokenizer("gpt-4o")
    assert table is not None
    whole = client.chat.completions.create(model="gpt-4o", messages=said("Hello there")).choices[0].message.content or ""
    cut = client.chat.completions.create(model="gpt-4o", messages=said("Hello there"), max_tokens=7)
    assert cut.choices[0].message.content == table.decode(table.encode(whole)[:7])
    assert cut.usage is not None and (cut.usage.completion_tokens, cut.choices[0].finish_reason) == (7, "length")


def test_a_tools_arguments_are_counted(client: OpenAI) -> None:
    forced: Any = {"messages": said("The weather in Bonn"), "tools": [TOOL], "tool_choice": "required"}
    whole = client.chat.completions.create(model="gpt-4o", **forced)
    (call,) = whole.choices[0].message.tool_calls or [None]
    assert call and call.type == "function" and whole.usage is not None
    assert whole.usage.completion_tokens == 1 + tokens(call.function.arguments)
    cut = client.chat.completions.create(model="gpt-4o", max_tokens=3, **forced)
    (call,) = cut.choices[0].message.tool_calls or [None]
    assert call and call.type == "function" and tokens(call.function.arguments) == 2


def test_completions_are_written_by_the_table(client: OpenAI) -> None:
    model = "gpt-3.5-turbo-instruct"
    whole = client.completions.create(model=model, prompt="Hello", max_tokens=100, logprobs=1)
    assert whole.usage is not None and whole.usage.completion_tokens == tokens(whole.choices[0].text, model)
    assert whole.choices[0].logprobs is not None
    assert len(whole.choices[0].logprobs.tokens or ()) == whole.usage.completion_tokens
    stream = client.completions.create(model=model, prompt="Hello", max_tokens=100, stream=True)
    assert [chunk.choices[0].text for chunk in stream][:-1] == whole.choices[0].logprobs.tokens


def test_a_response_is_written_by_the_table_whenever_it_is_told(client: OpenAI) -> None:
    asked: Any = {"model": "o3", "input": SPLIT, "reasoning": {"summary": "auto"}}
    told: list[Any] = list(client.responses.create(**asked, stream=True))
    response = told[-1].response
    usage = response.usage
    thought = usage.output_tokens_details.reasoning_tokens
    assert usage.output_tokens - thought == tokens(response.output_text)
    assert len([event for event in told if event.type == "response.reasoning_summary_text.delta"]) == thought
    deltas = [event.delta for event in told if event.type == "response.output_text.delta"]
    again = client.responses.retrieve(response.id, stream=True)
    assert [event.delta for event in again if event.type == "response.output_text.delta"] == deltas
    assert "".join(deltas) == response.output_text and "𓀀" in deltas


WORDS = ["it's", " don't", "WORD", "  ", "\n\n", "🏳️‍🌈", "字", "é", "12345", "'re", "𓀀", '{"a":1}', "\r\n"]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(WORDS)).map("".join) | st.text(), st.integers(0, 20))
def test_pieces_are_the_text_and_a_cut_one_is_no_longer_than_asked(text: str, most: int) -> None:
    for model in ("gpt-4o", "gpt-4"):
        table = tokenizer(model)
        assert table is not None
        exact = Exact(model, table)
        assert "".join(exact.pieces(text)) == text
        beginning = exact.beginning(text, most)
        assert text.startswith(beginning) and exact.count(beginning) <= most
        if exact.count(text) <= most:
            assert beginning == text


# ---- what it takes


def test_without_a_table_the_service_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    if (loaded := sys.modules.get("tiktoken.registry")) is not None:
        monkeypatch.setattr(loaded, "ENCODINGS", {})
    texts._found.cache_clear()
    try:
        with pytest.raises(ModuleNotFoundError, match=r"that of .* \(.*_base\) is not here: pip install 'ceyx\[tokens\]'"):
            create_app(Settings(exact_usage=True))
        create_app(Settings())
    finally:
        texts._found.cache_clear()


def test_a_table_that_only_tiktoken_has_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"that of text-davinci-003 \(p50k_base\) is not here"):
        create_app(Settings(exact_usage=True, deployments={"old": "text-davinci-003"}))


def test_a_file_and_the_command_line_say_it(tmp_path: Any) -> None:
    file = tmp_path / "ceyx.yaml"
    file.write_text("exact_usage: true\n")
    assert settings_of(file).exact_usage and Settings.of(config=file).exact_usage and Settings.of(exact_usage=True).exact_usage
    assert not Settings.of().exact_usage


def test_who_does_not_ask_for_it_loads_nothing() -> None:
    seen = "import sys; from ceyx.service import create_app; create_app(); print(*{'ceyx.tokens', 'bpe_openai'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout.strip() == ""
