"""Passing requests on: to a second service, and to servers that answer badly."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import threading
import time
from typing import Any

import msgspec
import openai
import pytest
from plain_http import AZURE, Wire, said
from raw_server import BODY, CHUNK, EVENTS, RawServer, answer

from ceyx import AsyncOpenAI, AzureOpenAI, OpenAI
from ceyx.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
)
from ceyx.service import LocalService, Settings
from ceyx.service.engines import EngineError

KEY = "client-key-0123456789"


def forwarding(url: str, **options: Any) -> LocalService:
    deployments = {"prod": "gpt-4o"}
    return LocalService(Settings(deployments, engines={"*": {"engine": "forward", "url": url, **options}}))


def ours(service: LocalService) -> Any:
    return OpenAI(base_url=service.url, api_key=KEY, max_retries=0)


def azure(service: LocalService, version: str = "2025-04-01-preview") -> Any:
    return AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key=KEY, api_version=version, max_retries=0)


def completed(client: Any, model: str = "prod", **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=said("Hello"), **more)


def always(*answers: bytes) -> RawServer:
    """A server that answers each request with the next of these, then with the last again."""
    left = list(answers)

    def speak(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.read(connection)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return RawServer(speak)


def test_an_azure_program_runs_on_an_upstream_of_openai(service: LocalService) -> None:
    with forwarding(service.url) as local:
        client = azure(local)
        assert completed(client).model == "gpt-4o-2024-08-06"
        chunks = list(completed(client, stream=True, stream_options={"include_usage": True}))
        assert chunks[-1].usage is not None and len(chunks) > 5
        assert len(client.embeddings.create(model="text-embedding-3-large", input="a").data[0].embedding) == 3072
        speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Good morning", response_format="wav").read()
        assert speech[:4] == b"RIFF"
        assert "Good morning" in client.audio.transcriptions.create(model="whisper-1", file=("a.wav", speech)).text
        assert client.responses.create(model="prod", input="Hello").output_text


def test_the_openai_package_goes_through(service: LocalService) -> None:
    with forwarding(service.url) as local, openai.OpenAI(base_url=local.url, api_key=KEY, max_retries=0) as client:
        assert "Hello" in completed(client).choices[0].message.content
        assert len(list(completed(client, stream=True))) > 5
        with pytest.raises(openai.NotFoundError, match="no-such"):
            completed(client, "no-such-model")


@pytest.mark.parametrize("options", [{"api_version": "2024-10-21"}, {"api_version": "2025-04-01-preview"}])
def test_an_upstream_of_azure_is_asked_as_azure(options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY", "upstream-key")
    upstream = LocalService(Settings({"theirs": "gpt-4o"}, frozenset({"upstream-key"})))
    with upstream, forwarding(upstream.azure_endpoint, key_env="UPSTREAM_KEY", models={"prod": "theirs"}, **options) as local:
        for client in (ours(local), azure(local)):
            raw: Any = client.chat.completions.with_raw_response.create(model="prod", messages=said("Hello"))
            assert raw.headers["x-ms-deployment-name"] == "theirs"
            assert raw.parse().choices[0].content_filter_results


def test_what_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY", "upstream-key")
    with always(answer()) as upstream:
        with forwarding(f"{upstream.origin}/api/v1", model="llama3.2") as local:
            headers = {
                "connection": "x-hop",
                "x-hop": "1",
                "cookie": "a=b",
                "x-team": "blue",
                "x-ceyx-request": "7",
                "x-api-key": "c",
            }
            Wire(local).post(AZURE.format("prod", "chat/completions"), {"messages": said("Hi")}, **{"api-key": KEY}, **headers)
        with forwarding(upstream.url, key_env="UPSTREAM_KEY") as local:
            completed(ours(local), extra_query={"page": "2", "subscription-key": "secret"})
    (first, body), (second, _) = upstream.seen
    lines = first.decode().lower().split("\r\n")
    assert lines[0] == "post /api/v1/chat/completions http/1.1"
    assert "x-team: blue" in lines and f"host: {upstream.origin.removeprefix('http://')}" in lines
    names = {line.partition(":")[0] for line in lines[1:]}
    assert not names & {"x-hop", "cookie", "x-ceyx-request", "api-key", "x-api-key", "authorization"}
    assert msgspec.json.decode(body) == {"messages": said("Hi"), "model": "llama3.2"}
    lines = second.decode().split("\r\n")
    assert lines[0] == "POST /v1/chat/completions?page=2 HTTP/1.1"
    assert [line.partition(": ")[2] for line in lines if line.lower().startswith("authorization")] == ["Bearer upstream-key"]
    assert KEY not in first.decode() + second.decode()


def test_a_form_goes_out_with_the_name_of_the_upstream() -> None:
    with (
        always(answer(b'{"text": "heard"}', b"content-type: application/json")) as upstream,
        forwarding(upstream.url, model="whisper-large") as local,
    ):
        for client in (ours(local), azure(local)):
            assert (
                client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF\r\n--\x00\xff"), language="en").text
                == "heard"
            )
    for _, body in upstream.seen:
        assert body.count(b'name="model"') == 1 and b"\r\n\r\nwhisper-large\r\n" in body
        assert b"RIFF\r\n--\x00\xff" in body and b"\r\n\r\nen\r\n" in body


def test_headers_of_one_hop_stay_there() -> None:
    carried = (
        b"connection: x-hop",
        b"x-hop: 1",
        b"set-cookie: a=b",
        b"keep-alive: timeout=5",
        b"x-ratelimit-remaining-requests: 7",
    )
    with always(answer(BODY, *carried, b"content-type: application/json")) as upstream, forwarding(upstream.url) as local:
        got = Wire(local).post("/v1/chat/completions", {"model": "gpt-4o", "messages": said("Hi")})
    assert got.headers["x-ratelimit-remaining-requests"] == "7" and got.data == BODY
    assert not {"x-hop", "set-cookie", "keep-alive"} & {name.lower() for name in got.headers}


def test_odd_answers_of_an_upstream() -> None:
    packed = answer(gzip.compress(BODY), b"content-encoding: gzip", b"x-name: caf\xc3\xa9 \xf0\x9f\x98\x80")
    moved = answer(b"", b"location: https://elsewhere.test/v1?key=secret", status=b"307 Temporary Redirect")
    with always(packed, moved) as upstream, forwarding(upstream.url) as local:
        body = {"model": "gpt-4o", "messages": said("Hi")}
        got = Wire(local).post("/v1/chat/completions", body)
        assert (got.data, got.headers.get("content-encoding")) == (BODY, None)
        got = Wire(local).post("/v1/chat/completions", body)
        assert got.status == 502 and "look at 'https://elsewhere.test/v1', and change url" in got.json()["error"]["message"]


def test_events_pass_as_they_come() -> None:
    """The first is here before the upstream has sent the second, and who leaves is not waited for."""
    more, left = threading.Event(), threading.Event()

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(EVENTS + CHUNK)
        more.wait(5)
        connection.sendall(CHUNK)
        connection.settimeout(5)
        if connection.recv(1) == b"":
            left.set()

    with RawServer(speak) as upstream, forwarding(upstream.url) as local, completed(ours(local), stream=True) as stream:
        assert next(stream).choices[0].delta.content == "x"
        more.set()
        assert next(stream).choices[0].delta.content == "x"
        stream.close()
        assert left.wait(5)


def test_an_upstream_need_not_go_on_for_who_has_left() -> None:
    came, left = threading.Event(), threading.Event()

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        came.set()
        connection.settimeout(5)
        if connection.recv(1) == b"":
            left.set()

    with RawServer(speak) as upstream, forwarding(upstream.url) as local:
        host, _, port = local.azure_endpoint.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as client:
            body = msgspec.json.encode({"model": "gpt-4o", "messages": said("Hello")})
            client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            assert came.wait(5)
        assert left.wait(5)


def test_many_streams_at_once(service: LocalService) -> None:
    async def ask(url: str) -> list[str]:
        async with AsyncOpenAI(base_url=url, api_key=KEY) as client:

            async def one(n: int) -> str:
                stream = await client.chat.completions.create(model="gpt-4o", messages=said(f"number {n}"), stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

            return await asyncio.gather(*(one(n) for n in range(20)))

    with forwarding(service.url) as local:
        assert [f"number {n}" in text for n, text in enumerate(asyncio.run(ask(local.url)))] == [True] * 20


@pytest.mark.parametrize(("client", "code"), [(ours, "upstream_failed"), (azure, "502")])
def test_an_upstream_that_is_down(client: Any, code: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with (
        forwarding(url) as local,
        pytest.raises(InternalServerError, match=r"forwards prod, .*cannot connect to .*server is up") as down,
    ):
        completed(client(local))
    assert (down.value.status_code, down.value.code) == (502, code)


def test_an_upstream_that_is_slow() -> None:
    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        time.sleep(0.3)

    with (
        RawServer(speak) as upstream,
        forwarding(upstream.url, timeout=0.05) as local,
        pytest.raises(InternalServerError) as slow,
    ):
        completed(ours(local))
    assert slow.value.status_code == 504


def test_an_answer_that_breaks_off_does_so_here(caplog: pytest.LogCaptureFixture) -> None:
    cut = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (
        len(CHUNK),
        CHUNK,
    )

    def speak(server: RawServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(cut)

    with RawServer(speak) as upstream, forwarding(upstream.url) as local:
        stream = completed(ours(local), stream=True)
        with stream, pytest.raises(APIConnectionError):
            list(stream)
    (record,) = (record for record in caplog.records if record.name in ("ceyx.service", "uvicorn.error"))
    assert record.levelno == logging.WARNING and "broke off" in record.getMessage()


SAID: list[tuple[bytes, bytes, str]] = [
    (b"404 Not Found", b'{"error": {"message": "model not found", "type": "api_error", "code": null}}', "model not found"),
    (b"404 Not Found", b'{"error": "model \'x\' not found, try pulling it first"}', "try pulling it first"),
    (b"422 Unprocessable Entity", b'{"detail": "Input should be valid"}', "Input should be valid"),
    (b"400 Bad Request", b'{"object": "error", "message": "too long", "code": 400}', "too long"),
    (b"422 Unprocessable Entity", b'{"detail": [{"loc": ["body"], "msg": "missing"}]}', "missing"),
    (b"503 Service Unavailable", b"Loading model", "Loading model"),
    (b"502 Bad Gateway", b"<html>nginx</html>", "answered 502, and does not say why"),
    (b"500 Internal Server Error", b"", "answered 500, and does not say why"),
    (
        b"429 Too Many Requests",
        b'{"error": {"message": "slow down", "code": "rate_limit_exceeded", "type": "requests"}}',
        "slow down",
    ),
]


@pytest.mark.parametrize(("status", "body", "message"), SAID, ids=range(len(SAID)))
@pytest.mark.parametrize("client", [ours, azure])
def test_refusals_take_the_shape_of_the_surface(client: Any, status: bytes, body: bytes, message: str) -> None:
    with always(answer(body, b"retry-after: 3", status=status)) as upstream, forwarding(upstream.url) as local:
        asking = client(local)
        with pytest.raises(APIStatusError, match=r"^Error code") as refused:
            completed(asking)
    error = refused.value
    assert error.status_code == int(status[:3]) and message in error.message
    assert isinstance(error.body, dict) and error.body["message"]
    assert error.response.headers["retry-after"] == "3"
    if client is azure and b'"error": {' not in body:
        assert set(error.body) == {"code", "message"} and error.code == status[:3].decode()


def test_refusals_of_an_upstream_of_openai_in_azures_words(service: LocalService) -> None:
    with forwarding(service.url, model="no-such-model") as local:
        with pytest.raises(NotFoundError, match="no-such-model") as unknown:
            completed(azure(local))
        assert unknown.value.code == "DeploymentNotFound"
        with pytest.raises(NotFoundError) as unknown:
            completed(ours(local))
        assert unknown.value.code == "model_not_found"
    with LocalService(Settings(faults={"*": "status;code=429;retry-after=9"})) as limited, forwarding(limited.url) as local:
        for client in (ours(local), azure(local)):
            with pytest.raises(RateLimitError) as refused:
                completed(client)
            assert refused.value.response.headers["retry-after"] == "9"


@pytest.mark.parametrize("client", [ours, azure])
def test_a_key_that_the_upstream_refuses(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY", "wrong-upstream-key")
    upstream = LocalService(Settings(keys=frozenset({"right-upstream-key"})))
    with upstream, forwarding(upstream.url, key_env="UPSTREAM_KEY") as local:
        asking = client(local)
        with pytest.raises(AuthenticationError, match="it does not take the key that the service sent") as refused:
            completed(asking)
    assert "wrong-upstream-key" not in str(refused.value)


def test_a_service_that_forwards_to_itself_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(engines={"*": f"forward:http://127.0.0.1:{port}/v1"})
    with LocalService(settings, port=port) as local, pytest.raises(InternalServerError, match="which is the service itself"):
        completed(ours(local), "gpt-4o")


def test_a_large_answer_passes(service: LocalService) -> None:
    image = {"model": "gpt-image-1", "prompt": "A cat", "size": "1024x1024"}
    with forwarding(service.url) as local:
        got = Wire(local).post("/v1/images/generations", image)
    assert got.status == 200 and got.json()["data"][0]["b64_json"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"url": "127.0.0.1:11434"}, "is no base URL to forward to"),
        ({"url": "http://user:password@127.0.0.1"}, "is no base URL"),
        ({"url": "http://127.0.0.1:1", "timeout": 0}, "timeout is 0"),
        ({"url": "http://127.0.0.1:1", "key": "sk"}, "unknown field `key`.* it has .*key_env"),
        ({"url": "https://api.openai.com/v1"}, "api.openai.com needs a key, and the environment has no OPENAI_API_KEY"),
        ({"url": "https://x.openai.azure.com"}, "needs a key, and the environment has no AZURE_OPENAI_API_KEY"),
        ({"url": "http://127.0.0.1:1", "key_env": "NO_SUCH_KEY"}, "has no NO_SUCH_KEY"),
    ],
)
def test_options_that_lead_nowhere_are_named(options: Any, why: str) -> None:
    with pytest.raises(EngineError, match=why) as refused:
        forwarding(options.pop("url"), **options).start()
    assert "password" not in str(refused.value)
