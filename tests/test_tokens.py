"""Counting tokens: exact with a table, an estimate without, never by a fetch; and what a prompt is beside its text."""

from __future__ import annotations

import hashlib
import pickle
import socket
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from struct import pack

import pytest

from ceyx.tokens import Count, count, count_messages, encoding_of, text as texts, token_ids, tokenizer
from ceyx.tokens.images import image_tokens, size_in
from ceyx.tokens.prompts import declarations


@pytest.fixture
def without(monkeypatch, tmp_path):
    """No table at hand, and no network."""

    def refuse(*of):
        raise AssertionError("counting asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    if (loaded := sys.modules.get("tiktoken.registry")) is not None:
        monkeypatch.setattr(loaded, "ENCODINGS", {})
    texts._found.cache_clear()
    yield tmp_path
    texts._found.cache_clear()


@pytest.fixture
def lettered(without, monkeypatch):
    """A table in which every byte is a token, and "ab" is one, where tiktoken keeps what it has loaded."""
    import tiktoken.registry

    ranks = {bytes([byte]): byte for byte in range(256)} | {b"ab": 256}
    for name in ("cl100k_base", "o200k_base"):
        table = tiktoken.Encoding(name, pat_str=r"\S+|\s", mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 257})
        monkeypatch.setitem(tiktoken.registry.ENCODINGS, name, table)


# ---- text


def test_counts_know_whether_they_are_exact():
    exact, guess = Count(3), Count(4, exact=False)
    assert exact == 3 and isinstance(exact, int) and f"{guess}" == str(guess) == "4"
    assert repr(exact) == "Count(3)" and repr(guess) == "Count(4, exact=False)"
    assert (exact + exact).exact and (exact + 1).exact and not (exact + guess).exact and not (1 + guess).exact
    assert not sum([exact, guess]).exact and sum([exact, guess]) == 7
    assert not pickle.loads(pickle.dumps(guess)).exact


@pytest.mark.parametrize(
    ("model", "table"),
    [
        ("gpt-4", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("gpt-35-turbo-16k", "cl100k_base"),
        ("ft:gpt-3.5-turbo-0613:acme::1", "cl100k_base"),
        ("text-embedding-3-large", "cl100k_base"),
        ("davinci-002", "cl100k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("ft:gpt-4o-2024-08-06:acme::1", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-5-nano", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("text-davinci-003", "p50k_base"),
        ("text-davinci-001", "r50k_base"),
    ],
)
def test_the_table_of_a_model(model, table):
    assert encoding_of(model) == (table, True)


def test_unknown_models_count_as_the_newest_and_say_so(lettered):
    assert encoding_of("my-deployment") == ("o200k_base", False)
    assert count("abc", "my-deployment") == 2 and not count("abc", "my-deployment").exact


def test_a_table_that_is_loaded_is_used(lettered):
    assert count("ab c", "gpt-4").exact and count("ab c", "gpt-4") == 3
    assert token_ids("ab", "gpt-4o") == [256]
    assert tokenizer("gpt-4o").decode([256, 99]) == "abc"
    assert len(token_ids("<|endoftext|>", "gpt-4")) == 13  # text, whatever it looks like


def test_without_a_table_counts_are_estimates(without):
    assert tokenizer("gpt-4o") is None
    guess = count("Translate this sentence into French: I love programming.", "gpt-4o")
    assert guess == 11 and not guess.exact  # 10 by the table
    assert count("", "gpt-4o") == 0 and count("a", "gpt-4") == 1
    with pytest.raises(LookupError, match=r"o200k_base.*ceyx\[tokens\].*TIKTOKEN_CACHE_DIR"):
        token_ids("a", "gpt-4o")


# Tokens by the tables of o200k_base and cl100k_base.
@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ("It was a dark and stormy night; the rain fell in torrents, except at occasional intervals. " * 10, 201, 201),
        ("Die Verfügbarkeit der Zeitung hängt von der Lieferung ab. " * 10, 111, 171),
        ('{"id": 17, "name": "widget", "tags": ["a", "b"], "price": 12.50}\n' * 10, 290, 290),
        ("今天天气很好,我们去公园散步吧。" * 10, 130, 200),
        ("Сегодня хорошая погода, пойдём гулять в парк. " * 10, 141, 261),
    ],
)
def test_estimates_are_near(without, text, new, old):
    assert count(text, "gpt-4o") == pytest.approx(new, rel=0.15)
    assert count(text, "gpt-4") == pytest.approx(old, rel=0.4)


def test_a_file_that_is_not_the_table_is_left_alone(without):
    name = hashlib.sha1(b"https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken").hexdigest()
    (without / name).write_text("IQ== 0\n")  # tiktoken would delete it, and fetch
    assert not count("abc", "gpt-4o").exact
    assert (without / name).exists()


def test_the_cache_is_tiktokens(monkeypatch):
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    assert texts._cache_of_tiktoken() == str(Path(tempfile.gettempdir()) / "data-gym-cache")
    monkeypatch.setenv("DATA_GYM_CACHE_DIR", "/b")
    assert texts._cache_of_tiktoken() == "/b"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    assert texts._cache_of_tiktoken() == ""


@pytest.mark.parametrize("text", ["word " * 30_000, "字" * 120_000, "a\n" * 60_000, "short"])
def test_long_texts_are_cut_where_no_token_is(text):
    pieces = list(texts._pieces(text))
    assert "".join(pieces) == text and max(map(len, pieces)) <= 50_000
    if "word" in text:
        assert all(piece.startswith(" word") for piece in pieces[1:])


def test_with_the_real_table():
    assert token_ids("hello world", "gpt-4o") == [24912, 2375]
    assert count("word " * 30_000, "gpt-4o") == 30_001 and count("word", "gpt-4o").exact
    assert count("<|endoftext|>", "gpt-4o") == 7


# ---- conversations


def said(content, role="user", **more):
    return {"role": role, "content": content, **more}


def test_messages_are_framed(lettered):
    framed = 3 + len("user") + len("abc") - 1
    assert count_messages([said("abc")], "gpt-4") == 3 + framed
    assert count_messages([said("abc")], "gpt-4").exact
    assert not count_messages([said("abc")], "gpt-5").exact  # whose frames are not known
    assert count_messages([said("abc", name="tom")], "gpt-4") == 3 + framed + 1 + 3
    assert count_messages([said("abc", name="tom")], "gpt-3.5-turbo-0301") == 3 + framed + 1 - 1 + 3
    assert (
        count_messages([said([{"type": "text", "text": "abc"}, {"type": "input_text", "text": "abc"}])], "gpt-4")
        == 3 + framed + 2
    )
    assert count_messages([said("abc", "function", name="tom")], "gpt-4") == 3 + 3 + len("function") + 2 - 2 + 1 + 3
    assert count_messages([], "gpt-4") == 3


def test_calls_and_their_results_count(lettered):
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    both = count_messages([said(None, "assistant", tool_calls=[call]), said("abc", "tool", tool_call_id="c")], "gpt-4o")
    assert both == 3 + (3 + 9 + 3 + 4 + 2) + (3 + 4 + 2) and not both.exact
    items = [{"type": "function_call", "name": "look", "arguments": "{}"}, {"type": "function_call_output", "output": "abc"}]
    assert count_messages(items, "gpt-4o") == 3 + (3 + 3 + 4 + 2) + (3 + 2)


SEARCH = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "description": "What to look for"},
        "unit": {"enum": ["km", "mi"]},
        "near": {"$ref": "#/$defs/Place"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "most": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["query"],
    "$defs": {"Place": {"type": "object", "properties": {"lat": {"type": "number"}, "inside": {"$ref": "#/$defs/Place"}}}},
}


def test_tools_are_declared_as_models_see_them():
    search = {"type": "function", "function": {"name": "search", "description": "Find places", "parameters": SEARCH}}
    flat = {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}}
    lines = declarations([search, flat, {"type": "web_search"}]).splitlines()
    assert lines[:8] == [
        "namespace functions {",
        "",
        "// Find places",
        "type search = (_: {",
        "// What to look for",
        "query: string,",
        'unit?: "km" | "mi",',
        "near?: {",
    ]
    assert "tags?: string[]," in lines and "most?: number | null," in lines
    assert lines[-4:] == ["type now = () => any;", "", "} // namespace functions", '{"type":"web_search"}']


def test_tools_count(without):
    tool = {"type": "function", "function": {"name": "search", "parameters": SEARCH}}
    plain, with_tool = (count_messages([said("Where?")], "gpt-4o", tools=given) for given in ((), [tool]))
    assert with_tool - plain > 80
    schema = {"type": "json_schema", "json_schema": {"name": "place", "schema": SEARCH}}
    assert count_messages([said("Where?")], "gpt-4o", response_format=schema) - plain > 80


# ---- images


def png(width, height):
    return "data:image/png;base64," + b64encode(b"\x89PNG\r\n\x1a\n" + pack(">I4sII", 13, b"IHDR", width, height)).decode()


def jpeg(width, height):
    thumbnail = b"\xff\xe1" + pack(">H", 6002) + b"\0" * 6000
    frame = b"\xff\xc2" + pack(">HBHH", 11, 8, height, width) + b"\0" * 6
    return "data:image/jpeg;base64," + b64encode(b"\xff\xd8" + thumbnail + frame).decode()


def webp(kind, body):
    return "data:image/webp;base64," + b64encode(b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + body + b"\0" * 12).decode()


@pytest.mark.parametrize(
    ("url", "size"),
    [
        (png(300, 200), (300, 200)),
        (jpeg(640, 480), (640, 480)),
        ("data:image/gif;base64," + b64encode(b"GIF89a" + pack("<HH", 7, 9)).decode(), (7, 9)),
        (webp(b"VP8X", b"\0\0\0\0" + (299).to_bytes(3, "little") + (199).to_bytes(3, "little")), (300, 200)),
        (webp(b"VP8L", b"\x2f" + (299 | 199 << 14).to_bytes(4, "little")), (300, 200)),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + pack("<HH", 300, 200)), (300, 200)),
        ("https://example.com/cat.png", None),
        ("data:image/png;base64,é", None),
        ("data:image/svg+xml;base64,PHN2Zz4=", None),
    ],
)
def test_the_size_of_an_image_is_in_it(url, size):
    assert size_in(url) == size


@pytest.mark.parametrize(
    ("model", "size", "detail", "amount"),
    [
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o-2024-11-20", (2048, 4096), "auto", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4o-mini", (128, 64), "high", 8500),
        ("o3", (128, 64), "high", 225),
        ("gpt-5", (512, 512), "high", 210),
        ("gpt-4.1-mini", (1800, 2400), "high", 2353),
        ("gpt-4.1-nano", (128, 64), "low", 20),
        ("gpt-5-mini", (2048, 768), "auto", 1844),
        ("gpt-6-sol", (256, 256), "auto", 77),
        ("gpt-6-sol", (4032, 3024), "auto", 14_364),
        ("gpt-6-sol", (4032, 3024), "high", 2942),
        ("gpt-6-sol", (2560, 1440), "high", 2931),
        ("gpt-5.5", (4032, 3024), "auto", 11_868),
    ],
)
def test_what_images_were_charged_as(model, size, detail, amount):
    assert image_tokens(model, size, detail)[0] == amount


def test_images_in_messages(lettered):
    text = count_messages([said([])], "gpt-4o")

    def of(part, model="gpt-4o"):
        return count_messages([said([part])], model) + -text

    assert of({"type": "image_url", "image_url": {"url": png(1024, 1024)}}) == 765
    assert of({"type": "image_url", "image_url": {"url": png(1024, 1024)}}).exact
    assert of({"type": "input_image", "image_url": png(1024, 1024), "detail": "low"}) == 85
    behind = of({"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}})
    assert behind == 765 and not behind.exact
    assert not of({"type": "image_url", "image_url": {"url": png(9, 9)}}, "gpt-4.1-mini").exact
    assert not of({"type": "file", "file": {}}).exact
    assert of({"type": "input_audio", "input_audio": {"data": "AAAA" * 4000, "format": "mp3"}}) == 8
