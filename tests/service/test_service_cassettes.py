"""Recordings as files: what is in them, what is not, and when two requests are the same. No network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ceyx.service.engines import EngineError, multipart
from ceyx.service.engines.cassette import Cassettes, lines, read
from ceyx.service.engines.exchanges import Exchange, answer_of, request_of
from ceyx.service.engines.matching import explained, key, nearest, normal
from ceyx.service.engines.scrubbing import Scrubber
from ceyx.wire.sse import Decoder

KEY = "sk-proj-abcdefghijklmnop_1234567890"
AZURE_KEY = "A" * 52 + "JQQJ99" + "b" * 26
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"


def asked(body: Any, *, path: str = "/v1/chat/completions", kind: str = "application/json", scrub: Any = (), **more: Any) -> Any:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = {"content-type": kind, **more.pop("headers", {})}
    return request_of("POST", path, more.pop("query", ()), headers, raw, Scrubber(scrub), **more)


def same(one: Any, other: Any, ignored: Any = None) -> bool:
    more = () if ignored is None else (ignored,)
    return key(normal(one, *more)) == key(normal(other, *more))


def chat(*messages: Any, **fields: Any) -> Any:
    return {"model": "gpt-4o", "messages": list(messages) or [{"role": "user", "content": "Hi"}], **fields}


# ---- what is the same


def test_order_nulls_and_callers_do_not_matter() -> None:
    one = asked({"model": "m", "messages": [], "temperature": 1.0, "user": "a", "stop": None, "stream": False})
    other = asked({"temperature": 1, "messages": [], "metadata": {"run": "7"}, "model": "m", "safety_identifier": "b"})
    assert same(one, other)


@pytest.mark.parametrize(
    "other",
    [
        asked(chat(), path="/openai/deployments/gpt-4o/chat/completions"),
        asked(chat(stream=True)),
        asked(chat(temperature=0)),
        asked(chat({"role": "user", "content": "Hi!"})),
        asked(chat({"role": "user", "content": "Hi"}, {"role": "user", "content": "Hi"})),
        asked(chat(), query=[("api-version", "2024-10-21")]),
        asked(chat(), headers={"openai-beta": "assistants=v2"}),
        asked(chat(), headers={"x-tenant": "a"}, chosen=("x-tenant",)),
        asked(chat(tools=[])),
        asked(chat(seed=None, stop=[])),
        asked(b"Hi"),
        asked(b"\xff"),
        asked(b""),
    ],
    ids=range(13),
)
def test_everything_else_does(other: Any) -> None:
    assert not same(asked(chat()), other)


def test_what_is_ignored() -> None:
    one, other = asked(chat(seed=1), query=[("api-version", "a")]), asked(chat(seed=2), query=[("api-version", "b")])
    assert not same(one, other, ["body.seed"])
    assert same(one, other, ["body.seed", "query"])
    named = [asked(chat({"role": "user", "content": "Hi", "name": name})) for name in ("Ann", "Bob")]
    assert same(*named, ["body.messages[].name"]) and same(*named, ["body.messages[0].name"])
    assert not same(*named, ["body.messages[1].name"]) and not same(*named, ["body.message"])


def turn(*ids: str, results: Any = None) -> Any:
    calls = [{"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id in ids]
    told = [{"role": "tool", "tool_call_id": id, "content": str(n)} for n, id in results or enumerate(ids)]
    return asked(chat({"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": calls}, *told))


def test_tool_turns_pair_whatever_their_ids_are() -> None:
    assert same(turn("call_a", "call_b"), turn("call_x", "call_y"))
    assert not same(turn("call_a", "call_b"), turn("call_x", "call_y", results=[(0, "call_y"), (1, "call_x")]))
    assert not same(turn("call_a", "call_b"), turn("call_a"))
    items = [
        [
            {"type": "function_call", "id": f"fc_{name}", "call_id": f"call_{name}", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": f"call_{name}", "output": "1"},
        ]
        for name in ("one", "two")
    ]
    assert same(*(asked({"model": "m", "input": each}, path="/v1/responses") for each in items))
    references = [[{"type": "item_reference", "id": name}] for name in ("msg_1", "msg_2")]
    assert not same(*(asked({"model": "m", "input": each}, path="/v1/responses") for each in references))


def form(boundary: str, *, text: str = "en", content: bytes = b"RIFF\r\n\x00\xff--b") -> Any:
    fields = [("model", None, b"whisper-1"), ("language", None, text.encode()), ("file", "a.wav", content)]
    if boundary == "other":
        fields.reverse()
    body = b""
    for name, filename, value in fields:
        file = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: audio/wav'
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + value + b"\r\n"
    return asked(body + f"--{boundary}--\r\n".encode(), kind=f"multipart/form-data; boundary={boundary}")


def test_forms_are_compared_without_their_boundary() -> None:
    assert form("one")["form"][2]["bytes"] == 11
    assert same(form("one"), form("other"))
    assert not same(form("one"), form("one", text="de"))
    assert not same(form("one"), form("one", content=b"RIFF"))
    assert "RIFF" not in msgspec.json.encode(form("one")).decode()


def test_a_form_can_be_put_together_again() -> None:
    parts = [multipart.field("model", "m"), multipart.field("prompt", "a\r\nb")]
    again = list(multipart.parts(multipart.encoded(parts, b"x"), b"x"))
    assert again == parts
    assert multipart.boundary_of('multipart/form-data; charset=utf-8; boundary="a b"') == b"a b"
    assert multipart.boundary_of("application/json") is None


def test_what_differs_is_said() -> None:
    recorded = [normal(asked(chat({"role": "user", "content": "x" * 200 + text}, temperature=0))) for text in ("one", "two")]
    request = normal(asked(chat({"role": "user", "content": "x" * 200 + "twin"}, top_p=1)))
    closest = nearest(request, recorded)
    assert closest is recorded[1]
    text = explained(request, closest)
    assert "body.messages[0].content is …'xxx" in text and "twin'" in text and "wo' in the recording" in text
    assert "body.top_p is 1, and not in the recording" in text
    assert "body.temperature is not there, and 0 in the recording" in text
    assert len(text) < 600
    assert explained(request, nearest(request, [])) == "the recording is empty"
    many = normal(asked({f"field{n}": n for n in range(20)}))
    assert "more" in explained(many, recorded[0])


# ---- what is taken out


@pytest.mark.parametrize(
    "secret", [KEY, AZURE_KEY, TOKEN, "org-Ab12Cd34Ef56Gh78", "proj_Ab12Cd34Ef56Gh78", "sk-abc*********************wxyz"]
)
def test_secrets_are_known_by_their_looks(secret: str) -> None:
    scrubber = Scrubber()
    text = scrubber.text(f"Incorrect key: {secret}, see there")
    assert secret not in text and "SCRUBBED" in text and text.endswith("see there")
    assert scrubber.text(text) == text
    cut = [f"… {secret[:9]}".encode(), secret[9:14].encode(), f"{secret[14:]} end".encode()]
    pieces = scrubber.pieces(cut)
    assert len(pieces) == 3 and pieces[2].endswith(b" end") and b"".join(pieces).decode() == scrubber.text(f"… {secret} end")
    assert b"".join(scrubber.pieces([bytes([each]) for each in b"".join(cut)])) == b"".join(pieces)


def test_secrets_that_are_said_bit_by_bit() -> None:
    scrubber = Scrubber()
    scrubber.knows(["hunter2/hunter2"])

    def chunk(text: str, index: int) -> bytes:
        return b"data: %b\n\n" % msgspec.json.encode({"id": "c", "choices": [{"index": index, "delta": {"content": text}}]})

    words = ["The key is ", "sk", "-proj", "-abcdefgh", "ijklmnop", ". And hunter", "2/hun", "ter2 it is"]
    events = [chunk(text, index) for text in words for index in (0, 1)]
    events += [
        b"event: response.output_text.delta\ndata: %b\n\n"
        % msgspec.json.encode({"type": "response.output_text.delta", "item_id": item, "output_index": 0, "delta": bit})
        for bit in ("org-Ab12Cd", "34Ef56Gh78!")
        for item in ("a", "b")
    ]
    events += [b'data: {"text": "hunter2\\/hunter2"}\r\n\r\n', b"data: [DONE]\n\n"]
    whole = b"".join(events)
    pieces = [whole[:100], whole[100:130], *(whole[start : start + 77] for start in range(130, len(whole), 77))]
    scrubbed = scrubber.events(pieces)
    assert len(scrubbed) == len(pieces)
    decoded = Decoder().feed(b"".join(scrubbed))
    told = [msgspec.json.decode(data) for _, data in decoded[:-1]]
    for index in (0, 1):
        said = "".join(each["choices"][0]["delta"]["content"] for each in told[:16] if each["choices"][0]["index"] == index)
        assert said == "The key is sk-SCRUBBED. And SCRUBBED it is"
    assert ["".join(each["delta"] for each in told[16:20] if each["item_id"] == item) for item in "ab"] == ["org-SCRUBBED!"] * 2
    assert told[20] == {"text": "SCRUBBED"} and decoded[-1] == (b"", b"[DONE]")
    plain = [chunk("a ", 0), chunk("task", 0), b": comment\n\n", b"data: {broken\n\n"]
    assert scrubber.events(plain) == plain


def test_what_looks_like_none_stays() -> None:
    plain = "A task-force of risk-averse people; Bearer authentication; org-chart; eyJ; see https://x.test/?page=2&keyboard=3"
    assert Scrubber().text(plain) == plain


def test_secrets_are_known_by_their_names_and_by_heart() -> None:
    scrubber = Scrubber()
    scrubber.knows(["hunter2-hunter2", "short"])
    tool = {"type": "mcp", "authorization": "what ever", "headers": {"X-Api-Key": "abc", "X-Team": "blue"}}
    made = request_of(
        "POST",
        "/v1/responses",
        [("subscription-key", "abc"), ("page", "2")],
        {"authorization": "Bearer abc", "openai-organization": "org-1", "x-team": "blue", "content-type": "application/json"},
        msgspec.json.encode({"tools": [tool], "input": "My key is hunter2-hunter2, not short", "max_tokens": 3, "token": "a"}),
        scrubber,
        ("authorization", "openai-organization", "x-team"),
    )
    assert made["headers"] == {"authorization": "SCRUBBED", "openai-organization": "SCRUBBED", "x-team": "blue"}
    assert made["query"] == [["subscription-key", "SCRUBBED"], ["page", "2"]]
    (kept,) = made["json"].pop("tools")
    assert kept == {"type": "mcp", "authorization": "SCRUBBED", "headers": {"X-Api-Key": "SCRUBBED", "X-Team": "blue"}}
    assert made["json"] == {"input": "My key is SCRUBBED, not short", "max_tokens": 3, "token": "a"}


def test_more_is_taken_out_on_request() -> None:
    text = "Write to ann@example.com about case 4711"
    assert Scrubber().text(text) == text
    assert Scrubber(["emails", r"case \d+"]).text(text) == "Write to SCRUBBED about SCRUBBED"
    with pytest.raises(EngineError, match=r"scrub has '\(', which is neither emails nor a regular expression"):
        Scrubber(["("])


def test_pictures_are_kept_as_their_digest() -> None:
    def picture(letter: str) -> Any:
        part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + letter * 4000}}
        return asked(chat({"role": "user", "content": [part]}))

    url = picture("a")["json"]["messages"][0]["content"][0]["image_url"]["url"]
    assert url.startswith("data:image/png;base64,sha256:") and len(url) < 120
    assert same(picture("a"), picture("a")) and not same(picture("a"), picture("b"))


# ---- files


def exchange(*pieces: bytes, status: int = 200, kind: str = "text/event-stream", cut: bool = False) -> Exchange:
    headers = {"content-type": kind, "set-cookie": "a=b", "openai-organization": "org-1", "retry-after": "7"}
    made = answer_of(asked(chat()), status, headers, [(n / 10, piece) for n, piece in enumerate(pieces)], Scrubber())
    made.after, made.cut = 0.25, cut
    return made


EXCHANGES = [
    exchange(b'{"id": 1, "text": "\xc3\xa9"}', kind="application/json"),
    exchange(b"not JSON", kind="application/json", status=500),
    exchange(b"", kind="application/json", status=429),
    exchange(b"data: 1\n\n", b"data: \xc3", b"\xa9\n\n", cut=True),
    exchange(b"data: [DONE]\n\n"),
    exchange(b"\x00\xff", kind="audio/mpeg"),
    exchange(b"\x00", b"\xff", kind="audio/mpeg"),
    exchange(b"null", kind="application/json"),
]


def test_a_cassette_gives_back_what_was_put_in(tmp_path: Path) -> None:
    for place in (tmp_path / "one.jsonl", tmp_path / "folder"):
        cassettes = Cassettes(place, writes=True)
        cassettes.load()
        for each in EXCHANGES:
            cassettes.add("gpt-4o/x", each)
        again = Cassettes(place)
        again.load()
        for mine, its in zip(EXCHANGES, again, strict=True):
            assert (mine.status, mine.headers, mine.cut, mine.after) == (its.status, its.headers, its.cut, its.after)
            assert normal(mine.request) == normal(its.request)
            decoded = [b"".join(piece for _, piece in each.pieces) for each in (mine, its)]
            if mine is EXCHANGES[0]:
                decoded = [msgspec.json.decode(content) for content in decoded]
            assert decoded[0] == decoded[1]
            assert len(mine.pieces) == len(its.pieces) or not decoded[0]
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["gpt-4o_x.jsonl"]


def test_a_cassette_reads_well() -> None:
    text = lines(exchange(b"data: 1\n\n", b"data: 2\n\n")).decode().splitlines()
    assert text[1:] == [
        '{"response":{"status":200,"after":0.25,"headers":{"content-type":"text/event-stream","retry-after":"7"}}}',
        '{"at":0.0,"text":"data: 1\\n\\n"}',
        '{"at":0.1,"text":"data: 2\\n\\n"}',
        '{"end":"whole"}',
    ]


def test_an_unfinished_end_is_left_out_and_mended(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    whole = b'{"cassette":1}\n' + lines(EXCHANGES[0])
    for rest in (lines(EXCHANGES[3])[:-30], lines(EXCHANGES[0]).splitlines(keepends=True)[0], b'{"requ'):
        file.write_bytes(whole + rest)
        assert len(read(file)) == 1
        cassettes = Cassettes(file, writes=True)
        cassettes.load()
        cassettes.add("any", EXCHANGES[4])
        assert [each.pieces for each in read(file)][1:] == [EXCHANGES[4].pieces]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"cassette":2}\n', "version 2; this ceyx reads version 1"),
        (b'{"cassette":1}\n{"request":{"method":"POST"}}\n', "line 2 of .* none of a cassette: .*path"),
        (b'{"cassette":1}\n{"end":"whole"}\n', "line 2 of .* follows nothing"),
        (b"<html>\n", "line 1 of .* none of a cassette"),
        (b'{"cassette":1}\n{"tape":2}\n', "line 2 of .*tape"),
    ],
)
def test_what_is_no_cassette_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "one.jsonl").write_bytes(content)
    with pytest.raises(EngineError, match=why):
        read(tmp_path / "one.jsonl")


def test_missing_cassettes_are_named(tmp_path: Path) -> None:
    for place, why in ((tmp_path / "none.jsonl", "is not there; record one"), (tmp_path, "has no cassettes")):
        with pytest.raises(EngineError, match=why):
            Cassettes(place).load()


def test_dropping_replaces_the_file(tmp_path: Path) -> None:
    cassettes = Cassettes(tmp_path / "one.jsonl", writes=True)
    cassettes.load()
    for each in EXCHANGES[:3]:
        cassettes.add("any", each)
    cassettes.drop([EXCHANGES[1]])
    assert [each.status for each in read(tmp_path / "one.jsonl")] == [200, 429]
    assert [path.name for path in tmp_path.iterdir()] == ["one.jsonl"]
