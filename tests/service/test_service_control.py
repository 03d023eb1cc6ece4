"""/_ceyx/: a service steered while it runs; and who may not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from plain_http import AZURE, Wire, said

from ceyx import OpenAI
from ceyx.service import Entra, LocalService, Settings, create_app
from ceyx.service.inward import collected
from ceyx.service.limits import Limit
from ceyx.service.seen import MOST, MOST_OF_A_BODY

CHAT = "/v1/chat/completions"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A service of the test's own."""
    settings = Settings({"few": "gpt-4o", "bad": "gpt-4o"}, limits={"few": Limit(1)}, faults={"bad": "status;code=500"})
    with LocalService(settings) as service:
        wire = Wire(service)
        yield wire
        wire.pool.clear()


def control(wire: Wire, method: str, path: str, body: object = None, **headers: str) -> Any:
    raw = None if body is None else json.dumps(body).encode()
    answer = wire.pool.request(method, f"{wire.service.azure_endpoint}/_ceyx/{path}", body=raw, headers=headers)
    assert answer.status == 200, answer.data
    return answer.json()


def text_of(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


class TestRequests:
    def test_are_shown_as_they_came_less_their_secrets(self, wire: Wire) -> None:
        key = "sk-abcdefghijklmnop0123456789"
        body = {"model": "gpt-4o", "messages": said(f"My key is {key}")}
        wire.post(CHAT, body, Authorization=f"Bearer {key}", **{"x-ceyx-request": "call-1", "x-test": "a"})
        wire.post(AZURE.format("bad", "chat/completions") + f"&subscription-key={key}", body, **{"api-key": key})
        wire.get("/v1/models/none")
        shown = control(wire, "GET", "requests")
        assert (shown["count"], shown["kept"]) == (3, 3)
        one, two, three = shown["requests"]
        assert (one["method"], one["path"], one["status"], one["whole"], one["call"]) == ("POST", CHAT, 200, True, "call-1")
        assert one["headers"]["x-test"] == "a"
        assert one["body"]["messages"][0]["content"].startswith("My key is")
        assert one["seconds"] > 0
        assert (two["status"], two["fault"], two["query"]["api-version"]) == (500, "status", "2025-04-01-preview")
        assert (three["method"], three["status"], three["body"]) == ("GET", 404, None)
        assert "abcdefghijklmnop" not in json.dumps(shown)
        later = control(wire, "GET", "requests?after=1&limit=1")["requests"]
        assert [each["number"] for each in later] == [3]
        assert control(wire, "DELETE", "requests") == {"count": 0}
        assert control(wire, "GET", "requests")["requests"] == []

    def test_are_bounded(self, wire: Wire) -> None:
        long = "x" * (2 * MOST_OF_A_BODY)
        wire.chat(long)
        shown = control(wire, "GET", "requests")["requests"][0]["body"]
        assert len(shown) == MOST_OF_A_BODY
        assert shown.startswith('{"model"')
        app = create_app()
        service = app.state.service
        scope: Any = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": None}

        async def many() -> None:
            for _ in range(MOST + 20):
                await collected(app, dict(scope), b"")

        asyncio.run(many())
        said = service.seen.said(0, 10**6, ())
        assert (said["count"], said["kept"], len(said["requests"])) == (MOST + 20, MOST, MOST)
        service.close()


class TestScripts:
    def test_go_before_the_engine_and_are_forgotten(self, wire: Wire) -> None:
        answer = control(wire, "POST", "script", {"replies": [{"match": {"contains": "Hi"}, "reply": "Scripted"}]})
        assert answer == {"deployment": "*", "replies": 1}
        control(wire, "POST", "script", {"deployment": "gpt-4.1", "replies": [{"reply": "For one"}]})
        assert text_of(wire.chat("Hi")) == "Scripted"
        assert "stand-in" in text_of(wire.chat("Bye"))
        assert text_of(wire.chat("Bye", model="gpt-4.1")) == "For one"
        assert control(wire, "DELETE", "script?deployment=gpt-4.1") == {"dropped": ["gpt-4.1"]}
        assert "stand-in" in text_of(wire.chat("Bye", model="gpt-4.1"))
        assert control(wire, "DELETE", "script") == {"dropped": ["*"]}
        assert "stand-in" in text_of(wire.chat("Hi"))

    def test_that_are_wrong_are_refused(self, wire: Wire) -> None:
        answer = wire.post("/_ceyx/script", {"replies": [{"reply": {"txt": "a"}}]})
        assert answer.status == 400
        assert (
            "the script: replies[1].reply.txt: there is no 'txt' here (did you mean text?)" in answer.json()["error"]["message"]
        )
        for name in ("file", "transcript_file"):
            answer = wire.post("/_ceyx/script", {"replies": [{"reply": {name: __file__}}]})
            assert (answer.status, "names no files" in answer.json()["error"]["message"]) == (400, True)
        assert wire.post("/_ceyx/script", {"recordings": "/"}).status == 400
        for body in (b"[", b"[]", b'{"deployment": 5, "replies": []}'):
            assert wire.post("/_ceyx/script", body).status == 400


def test_faults_come_and_go(wire: Wire) -> None:
    assert control(wire, "GET", "faults") == {"rules": [{"fault": "status;code=500", "deployment": "bad"}]}
    body = {"model": "gpt-4o", "messages": said("Hi")}
    assert wire.post(CHAT, {**body, "model": "bad"}).status == 500  # which is not counted for the rule that takes its place
    rules = control(wire, "POST", "faults", {"fault": "status;code=503", "deployment": "gpt-4*", "first": 1})["rules"]
    assert rules[0] == {"fault": "status;code=503", "deployment": "gpt-4*", "first": 1}
    assert [wire.post(CHAT, body).status for _ in range(2)] == [503, 200]
    assert control(wire, "DELETE", "faults") == {"rules": []}
    assert wire.post(CHAT, {**body, "model": "bad"}).status == 200
    bad = wire.post("/_ceyx/faults", {"rules": [{"fault": "stal"}]})
    assert (bad.status, bad.json()["error"]["code"]) == (400, "invalid_fault")
    control(wire, "POST", "reset")
    assert wire.post(CHAT, {**body, "model": "bad"}).status == 500


def test_the_clock_is_put_forward(wire: Wire) -> None:
    body = {"model": "few", "messages": said("Hi")}
    assert [wire.post(CHAT, body).status for _ in range(2)] == [200, 429]
    with OpenAI(base_url=wire.service.url, api_key="any", max_retries=0) as client:
        file = client.files.create(file=b"{}", purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600})
        before = control(wire, "GET", "clock")
        after = control(wire, "POST", "clock", {"advance": 3601})
        assert after["ahead"] == 3601
        assert 3601 <= after["now"] - before["now"] < 3700
        assert wire.post(CHAT, body).status == 200
        assert file.id not in [each.id for each in client.files.list()]
        assert client.files.create(file=b"{}", purpose="batch").created_at >= file.created_at + 3601
    for wrong in ({}, {"advance": -1}, {"advance": "1"}, {"advance": 1, "to": 2}, {"advance": True}):
        assert wire.post("/_ceyx/clock", wrong).status == 400


def test_a_batch_expires_by_the_clock() -> None:
    with LocalService(Settings(faults={"text-embedding-3-small": "stall;seconds=0.05"})) as service:
        wire = Wire(service)
        with OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
            line = '{"custom_id": "%d", "method": "POST", "url": "/v1/embeddings", "body": {"model": "text-embedding-3-small", '
            line += '"input": "a"}}\n'
            file = client.files.create(file="".join(line % i for i in range(8)).encode(), purpose="batch")
            batch = client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h")
            control(wire, "POST", "clock", {"advance": 25 * 3600})
            for _ in range(200):
                batch = client.batches.retrieve(batch.id)
                if batch.status in ("expired", "completed"):
                    break
                time.sleep(0.01)
        wire.pool.clear()
    assert (batch.status, batch.error_file_id is not None) == ("expired", True)


def test_the_clock_of_tokens_is_the_same() -> None:
    with LocalService(Settings(entra=Entra())) as service:
        wire = Wire(service)
        asked = "client_id=app&client_secret=any&grant_type=client_credentials&scope=https://cognitiveservices.azure.com/.default"
        where = f"{service.azure_endpoint}/{Entra().tenant}/oauth2/v2.0/token"
        form = {"content-type": "application/x-www-form-urlencoded"}
        token = wire.pool.request("POST", where, body=asked.encode(), headers=form).json()["access_token"]
        path, bearer = AZURE.format("gpt-4o", "chat/completions"), {"Authorization": f"Bearer {token}"}
        assert wire.post(path, {"messages": said("Hi")}, **bearer).status == 200
        control(wire, "POST", "clock", {"advance": 4000})
        assert wire.post(path, {"messages": said("Hi")}, **bearer).status == 401
        wire.pool.clear()


def test_reset_is_as_at_the_start(wire: Wire) -> None:
    control(wire, "POST", "script", {"replies": [{"reply": "Scripted"}]})
    control(wire, "POST", "faults", {"fault": "status;code=503", "deployment": "o3"})
    control(wire, "POST", "clock", {"advance": 10})
    with OpenAI(base_url=wire.service.url, api_key="any", max_retries=0) as client:
        file = client.files.create(file=b"{}", purpose="batch")
        wire.chat(model="few")
        assert control(wire, "POST", "reset") == {"reset": True, "store": False}
        assert "stand-in" in text_of(wire.chat(model="few"))
        assert control(wire, "GET", "clock")["ahead"] == 0
        assert control(wire, "GET", "requests")["count"] == 1
        assert control(wire, "GET", "counters")["requests"] == 1
        assert control(wire, "GET", "faults")["rules"] == [{"fault": "status;code=500", "deployment": "bad"}]
        assert client.files.retrieve(file.id).id == file.id
        control(wire, "POST", "reset", {"store": True})
        assert list(client.files.list()) == []
    assert wire.post("/_ceyx/reset", {"stor": True}).status == 400


def asked(settings: Settings, client: tuple[str, int] | None, **headers: str) -> int:
    """The status that a caller from there gets."""
    app = create_app(settings)
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "127.0.0.1", **headers}.items()]
    scope: Any = {"type": "http", "method": "GET", "path": "/_ceyx/clock", "query_string": b"", "headers": named}
    scope |= {"client": client, "scheme": "http", "server": ("127.0.0.1", 80)}
    status, _, _ = asyncio.run(collected(app, scope, b""))
    app.state.service.close()
    return status


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (("127.0.0.1", 1), {}, 200),
        (("::1", 1), {"host": "[::1]:8080"}, 200),
        (("::ffff:127.0.0.1", 1), {"host": "localhost:8080"}, 200),
        (("10.0.0.7", 1), {}, 403),
        (("10.0.0.7", 1), {"api_key": "wrong"}, 403),
        (("10.0.0.7", 1), {"api_key": "right"}, 200),
        (("10.0.0.7", 1), {"authorization": "Bearer right", "host": "service"}, 200),
        (None, {}, 403),
        (("127.0.0.1", 1), {"host": "evil.example"}, 403),
        (("127.0.0.1", 1), {"origin": "https://evil.example"}, 403),
        (("127.0.0.1", 1), {"origin": "null"}, 403),
        (("10.0.0.7", 1), {"api_key": "right", "origin": "https://evil.example"}, 403),
        (("127.0.0.1", 1), {"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}, 200),
    ],
)
def test_who_may(client: Any, headers: dict[str, str], status: int) -> None:
    assert asked(Settings(keys=frozenset({"right"})), client, **headers) == status


def test_it_can_be_left_out() -> None:
    assert asked(Settings(control=False), ("127.0.0.1", 1)) == 404
