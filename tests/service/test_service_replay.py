"""Recording a service as the upstream, and answering from the recording once it is gone."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import msgspec
import openai
import pytest
from plain_http import Wire, said

from ceyx import AzureOpenAI, BadRequestError, OpenAI, RateLimitError
from ceyx.errors import APIConnectionError, StreamTruncatedError
from ceyx.service import LocalService, Settings
from ceyx.service.engines import EngineError
from ceyx.service.engines.cassette import read
from ceyx.wire.sse import Decoder

KEY = "sk-proj-a-real-looking-key-0123456789"
VERSION = "2025-04-01-preview"
WEATHER: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
Spec = dict[str, Any]


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassette.jsonl"


def running(engine: str, file: Path, **options: Any) -> LocalService:
    return LocalService(Settings(engines={"*": {"engine": engine, "file": str(file), **options}}))


def recording(file: Path, upstream: LocalService, **options: Any) -> LocalService:
    return running("record", file, url=upstream.url, **options)


def ours(service: LocalService, **options: Any) -> Any:
    return OpenAI(base_url=service.url, api_key=KEY, max_retries=0, **options)


def azure(service: LocalService, **options: Any) -> Any:
    return AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key=KEY, api_version=VERSION, max_retries=0, **options)


def theirs(service: LocalService) -> Any:
    return openai.OpenAI(base_url=service.url, api_key=KEY, max_retries=0)


def text(client: Any, question: str = "Hello", **more: Any) -> str:
    return str(client.chat.completions.create(model="gpt-4o", messages=said(question), **more).choices[0].message.content)


def everything(client: Any) -> list[Any]:
    """One call of each kind, and what came of it."""
    asked: Any = {"model": "gpt-4o", "messages": said("What is the weather in Paris?")}
    got: list[Any] = [client.chat.completions.create(**asked, user="ann").model_dump()]
    got.append([chunk.model_dump() for chunk in client.chat.completions.create(**asked, stream=True)])
    first = client.chat.completions.create(**asked, tools=[WEATHER], tool_choice="required").choices[0].message
    call = first.tool_calls[0]
    turn = [*asked["messages"], {"role": "assistant", "tool_calls": [call.model_dump(exclude_none=True)]}]
    turn.append({"role": "tool", "tool_call_id": call.id, "content": "Sunny"})
    got.append(client.chat.completions.create(model="gpt-4o", messages=turn, tools=[WEATHER]).model_dump())
    got.append(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).model_dump())
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Good morning", response_format="wav").read()
    got.append(speech)
    got.append(client.audio.transcriptions.create(model="whisper-1", file=("a.wav", speech)).text)
    return got


@pytest.mark.parametrize("client", [ours, azure, theirs], ids=["ours", "azure", "openai"])
def test_what_was_recorded_is_answered_once_the_upstream_is_gone(service: LocalService, cassette: Path, client: Any) -> None:
    with recording(cassette, service) as recorder, client(recorder) as asking:
        recorded = everything(asking)
        assert "Good morning" in recorded[-1]
    assert len(read(cassette)) == 7
    with running("replay", cassette, strict=True) as player, client(player) as asking:
        assert everything(asking) == recorded
    content = cassette.read_text()
    assert KEY not in content and KEY[8:] not in content and "authorization" not in content and "127.0.0.1" not in content


def test_secrets_are_in_no_cassette(cassette: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = {"own": "upstream-key-7f3e9d", "org": "org-Zz11Yy22Xx33Ww44", "jwt": "eyJhbGciOiJI.eyJzdWIiOiJx.c2lnbmF0"}
    monkeypatch.setenv("UPSTREAM_KEY", planted["own"])
    upstream = LocalService(Settings(keys=frozenset({planted["own"]})))
    with upstream, recording(cassette, upstream, key_env="UPSTREAM_KEY", scrub=["emails"]) as recorder:
        client = ours(recorder, organization=planted["org"], default_query={"subscription-key": "query-secret"})
        question = f"I am ann@example.com of {planted['org']}; {planted['own']}, {KEY}, {planted['jwt']}"
        assert planted["own"] in text(client, question)
        stream = client.chat.completions.create(model="gpt-4o", messages=said(question), stream=True)
        answer = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        assert planted["own"] in answer
        text(client, "Hello", extra_headers={"cookie": "session=cookie-secret", "x-other": "header-secret"})
    content = cassette.read_text()
    bodies = [b"".join(piece for _, piece in each.pieces) for each in read(cassette)]
    said_in_bits = [msgspec.json.decode(data)["choices"] for _, data in Decoder().feed(bodies[1]) if data != b"[DONE]"]
    content += "".join(choice["delta"].get("content") or "" for choices in said_in_bits for choice in choices)
    for secret in (*planted.values(), KEY, "ann@example.com", "query-secret", "cookie-secret", "header-secret"):
        assert secret not in content, secret
    with running("replay", cassette, scrub=["emails"]) as player:
        again = ours(player, default_query={"subscription-key": "another"})
        assert "SCRUBBED" in text(again, question.replace("ann@", "bob@").replace(planted["own"], "SCRUBBED"))


def test_a_request_that_is_not_recorded_is_told_what_differs(service: LocalService, cassette: Path) -> None:
    with recording(cassette, service) as recorder:
        text(ours(recorder), "What is the capital of France?", temperature=0)
    with running("replay", cassette) as player:
        with pytest.raises(BadRequestError, match=r"body.messages.0..content is 'What is the capital of Spain.', and ") as caught:
            text(ours(player), "What is the capital of Spain?", temperature=0)
        assert caught.value.code == "not_recorded" and "body.temperature" not in str(caught.value)
        with pytest.raises(BadRequestError, match=r"path is '/openai/deployments/gpt-4o/chat/completions', and '/v1/chat"):
            text(azure(player), "What is the capital of France?", temperature=0)
        with pytest.raises(BadRequestError, match="has no answer to this POST /v1/embeddings"):
            ours(player).embeddings.create(model="a-model-of-nobody", input="a")
    with running("replay", cassette, unmatched="local") as player:
        assert "Spain" in text(ours(player), "What is the capital of Spain?")


def test_repeated_requests_have_their_answers_in_order(service: LocalService, cassette: Path) -> None:
    with recording(cassette, service) as recorder:
        ids = [ours(recorder).chat.completions.create(model="gpt-4o", messages=said("Hi")).id for _ in range(3)]
    assert len(set(ids)) == 3
    with running("replay", cassette) as player:
        answered = [ours(player).chat.completions.create(model="gpt-4o", messages=said("Hi")).id for _ in range(5)]
        assert answered == [*ids, ids[-1], ids[-1]]
    with running("replay", cassette, strict=True) as player:
        assert [ours(player).chat.completions.create(model="gpt-4o", messages=said("Hi")).id for _ in range(3)] == ids
        with pytest.raises(BadRequestError, match="has this request 3 times, and it was asked once more") as caught:
            text(ours(player), "Hi")
        assert caught.value.code == "recording_used_up"


def test_new_asks_only_for_what_is_not_there(service: LocalService, cassette: Path) -> None:
    with recording(cassette, service) as recorder:
        first = ours(recorder).chat.completions.create(model="gpt-4o", messages=said("one")).id
    with recording(cassette, service) as recorder:
        for question, header in (("one", "replayed"), ("one", "recorded"), ("two", "recorded")):
            raw = ours(recorder).chat.completions.with_raw_response.create(model="gpt-4o", messages=said(question))
            assert raw.headers["x-ceyx-cassette"] == header
            assert (raw.parse().id == first) is (header == "replayed")
    assert len(read(cassette)) == 3


def test_refresh_has_new_answers_take_the_place_of_old_ones(service: LocalService, cassette: Path) -> None:
    def ids() -> list[str]:
        return [msgspec.json.decode(b"".join(piece for _, piece in each.pieces))["id"] for each in read(cassette)]

    with recording(cassette, service) as recorder:
        text(ours(recorder), "one")
        text(ours(recorder), "one")
        text(ours(recorder), "two")
    before = ids()
    with recording(cassette, service, mode="refresh") as recorder:
        text(ours(recorder), "one")
        text(ours(recorder), "one")
    after = ids()
    assert len(after) == 3 and after[0] == before[2] and not {*after[1:]} & {*before}


def test_errors_are_recorded_with_their_headers(cassette: Path) -> None:
    with (
        LocalService(Settings(faults={"gpt-4o": "status;code=429;retry-after=7"})) as upstream,
        recording(cassette, upstream) as recorder,
    ):
        with pytest.raises(RateLimitError) as recorded:
            text(ours(recorder))
        with pytest.raises(BadRequestError, match="input"):
            ours(recorder).embeddings.create(model="text-embedding-3-small", input="")
    with running("replay", cassette) as player:
        with pytest.raises(RateLimitError) as replayed:
            text(ours(player))
        with theirs(player) as client, pytest.raises(openai.RateLimitError) as of_openai:
            text(client)
    assert replayed.value.body == recorded.value.body
    for each in (recorded, replayed, of_openai):
        assert each.value.response.headers["retry-after"] == "7"
        assert each.value.response.headers["x-request-id"] == recorded.value.response.headers["x-request-id"]


def test_an_upstream_that_refuses_the_key_is_not_recorded(cassette: Path) -> None:
    message = "which the service forwards to: its key comes from key_env"
    with LocalService(Settings(keys=frozenset({"another-key"}))) as upstream, recording(cassette, upstream) as recorder:
        client = theirs(recorder)
        with client, pytest.raises(openai.AuthenticationError, match=message):
            text(client)
    assert not cassette.exists()


def test_request_ids_can_be_fresh(service: LocalService, cassette: Path) -> None:
    with recording(cassette, service) as recorder:
        text(ours(recorder))
    seen: dict[str, set[str | None]] = {"recorded": set(), "fresh": set()}
    for kind, ids in seen.items():
        with running("replay", cassette, request_ids=kind) as player:
            for _ in range(2):
                ids.add(ours(player).chat.completions.create(model="gpt-4o", messages=said("Hello"))._request_id)
    assert (len(seen["recorded"]), len(seen["fresh"])) == (1, 2) and not seen["recorded"] & seen["fresh"]


def test_streams_keep_their_pieces_and_take_their_time(cassette: Path) -> None:
    lines: list[Any] = [
        {"cassette": 1},
        {
            "request": {
                "method": "POST",
                "path": "/v1/chat/completions",
                "json": {"model": "m", "messages": said("Hi"), "stream": True},
            }
        },
        {"response": {"status": 200, "after": 0.04, "headers": {"content-type": "text/event-stream"}}},
        {"at": 0.0, "text": 'data: {"choices": [{"index": 0, "delta": {"content": "a'},
        {
            "at": 0.08,
            "text": 'b"}}]}\n\ndata: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',
        },
        {"end": "whole"},
    ]
    cassette.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    took: dict[float | None, float] = {}
    for speed in (None, 1, 4):
        with running("replay", cassette, speed=speed) as player:
            wire = Wire(player)
            asked = msgspec.json.encode({"model": "m", "messages": said("Hi"), "stream": True})
            wire.pool.request("GET", player.url + "/models")
            began = time.perf_counter()
            answer = wire.pool.request("POST", player.url + "/chat/completions", body=asked, preload_content=False)
            chunks: Any = answer.read_chunked()
            assert [chunk.decode() for chunk in chunks] == [lines[3]["text"], lines[4]["text"]]
            took[speed] = time.perf_counter() - began
            wire.pool.clear()
    assert took[1] >= 0.12 and took[4] >= 0.03 and max(took[4], took[None]) < took[1]


def test_a_stream_that_broke_off_breaks_off_again(cassette: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked: Any = {"model": "gpt-4o", "messages": said("Hello"), "stream": True}
    with LocalService(Settings(faults={"gpt-4o": "cut;events=2"})) as upstream, recording(cassette, upstream) as recorder:
        client = ours(recorder)
        with pytest.raises((StreamTruncatedError, APIConnectionError)), client.chat.completions.create(**asked) as stream:
            list(stream)
    assert [record.levelno for record in caplog.records if record.name == "ceyx.service"] == [logging.WARNING]
    (exchange,) = read(cassette)
    assert exchange.cut
    caplog.clear()
    with running("replay", cassette) as player:
        for _ in range(2):
            with (
                pytest.raises((StreamTruncatedError, APIConnectionError)),
                ours(player).chat.completions.create(**asked) as stream,
            ):
                list(stream)
    assert [record for record in caplog.records if record.name != "ceyx.http"] == []


def test_a_folder_has_a_cassette_for_each_deployment(service: LocalService, tmp_path: Path) -> None:
    folder = tmp_path / "cassettes"
    with recording(folder, service) as recorder:
        text(ours(recorder))
        ours(recorder).embeddings.create(model="text-embedding-3-small", input="a")
    assert sorted(path.name for path in folder.iterdir()) == ["gpt-4o.jsonl", "text-embedding-3-small.jsonl"]
    with running("replay", folder, strict=True) as player:
        assert text(ours(player))


def test_a_deployment_of_its_own_can_be_replayed(service: LocalService, cassette: Path) -> None:
    with recording(cassette, service) as recorder:
        text(ours(recorder), "Recorded")
    engines = {"gpt-4o": f"replay:{cassette}"}
    with LocalService(Settings(engines=engines)) as mixed:
        assert "Recorded" in text(ours(mixed), "Recorded")
        answer = ours(mixed).chat.completions.create(model="gpt-4o-mini", messages=said("Not recorded"))
        assert "Not recorded" in str(answer.choices[0].message.content)


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        ({"engine": "replay"}, "missing required field `file`"),
        ({"engine": "replay", "file": "x.jsonl", "strictly": True}, "unknown field `strictly`.* it has .*strict"),
        ({"engine": "replay", "file": "none.jsonl"}, "none.jsonl is not there; record one: ceyx serve --record"),
        ({"engine": "replay", "file": "x.jsonl", "speed": 0}, "speed is 0"),
        ({"engine": "record", "file": "x.jsonl"}, "missing required field `url`"),
        ({"engine": "record", "file": "x.jsonl", "url": "http://127.0.0.1:1", "mode": "all"}, "mode"),
        ({"engine": "record", "file": "x.jsonl", "url": "http://127.0.0.1:1", "uri": ""}, "unknown field `uri`.*url"),
    ],
)
def test_options_that_cannot_be_used_are_named(engine: Spec, why: str) -> None:
    with pytest.raises(EngineError, match=f"the engine of [*]: .*{why}"):
        LocalService(Settings(engines={"*": engine})).start()
