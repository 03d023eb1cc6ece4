"""/_ceyx/: the files of the page, and what keeps it up to date. What a browser makes of it is in test_service_page_browser.py."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import msgspec
import pytest
import urllib3
from hypothesis import given, settings, strategies as st
from plain_http import AZURE, Wire, said

from ceyx.service import Latency, LocalService, Settings, create_app, page
from ceyx.service.counters import Tally
from ceyx.service.faults import middleware
from ceyx.service.inward import collected
from ceyx.service.limits import Limit
from ceyx.service.page.told import line
from ceyx.service.seen import MOST, MOST_OF_A_BODY, Request, knowing
from ceyx.service.watching import Heard, Listener
from ceyx.wire.sse import Decoder

CHAT = "/v1/chat/completions"
SECRET = "sk-abcdefghijklmnop0123456789"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A service of the test's own."""
    limits, latency = {"few": Limit(10, 5000)}, {"slow": Latency(tokens_per_second=40)}
    with LocalService(Settings({"few": "gpt-4o", "slow": "gpt-4o"}, limits=limits, latency=latency)) as service:
        wire = Wire(service)
        yield wire
        wire.pool.clear()


class Events:
    """The events that a page gets."""

    def __init__(self, answer: Any) -> None:
        self._answer, self._decoder = answer, Decoder()
        self._come: list[tuple[str, Any]] = []

    def next(self, *names: str) -> Any:
        """The next event of one of these names; those before it are passed over."""
        while True:
            while self._come:
                name, value = self._come.pop(0)
                if name in names:
                    return value
            piece = self._answer.read1(65536)
            assert piece, "the events have ended"
            self._come += [(name.decode(), msgspec.json.decode(data)) for name, data in self._decoder.feed(piece)]

    def line(self, **wanted: Any) -> Any:
        """The next line of a request that is like this."""
        while True:
            for each in self.next("requests"):
                if all(each[name] == value for name, value in wanted.items()):
                    return each


@contextmanager
def listening(wire: Wire, **headers: str) -> Iterator[Events]:
    url = f"{wire.service.azure_endpoint}/_ceyx/events"
    answer = urllib3.PoolManager(timeout=5).request("GET", url, headers=headers, preload_content=False)
    assert answer.status == 200, answer.data
    try:
        yield Events(answer)
    finally:
        answer.close()


def seen_of(wire: Wire) -> Any:
    assert wire.service._server is not None
    return wire.service._server._app.state.service.seen


def opened(wire: Wire, number: int) -> Any:
    answer = wire.get(f"/_ceyx/requests/{number}")
    assert answer.status == 200, answer.data
    return answer.json()


class TestFiles:
    def test_are_served_with_what_keeps_a_browser_to_them(self, wire: Wire) -> None:
        start = wire.get("/_ceyx/")
        assert (start.status, start.headers["content-type"]) == (200, "text/html; charset=utf-8")
        names = re.findall(r'(?:src|href)="(page/[^"]+)"', start.data.decode())
        kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
        assert len(names) == 2
        while names:
            name = names.pop()
            answer = wire.get(f"/_ceyx/{name}")
            assert (answer.status, answer.headers["content-type"]) == (200, kinds[name.rpartition(".")[2]]), name
            for header in page.HEADERS:
                assert answer.headers[header] == start.headers[header]
            if name == "page/page.js":
                names += [f"page/{each}" for each in re.findall(r'from "\./([^"]+)"', answer.data.decode())]
        policy = start.headers["content-security-policy"]
        assert policy.startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
        )
        assert "unsafe" not in policy
        assert start.headers["x-content-type-options"] == "nosniff"

    def test_ask_nobody_else_and_put_nothing_in_as_markup(self) -> None:
        shipped = [each for each in files(page).iterdir() if each.name.endswith((".js", ".html", ".css"))]
        assert len(shipped) > 5
        for each in shipped:
            text = each.read_text("utf-8")
            named = set(re.findall(r"""https?://[^\s"'`]+""", text)) - {"http://www.w3.org/2000/svg"}
            assert not named, f"{each.name} names {named}"
            for way in (
                "innerHTML",
                "outerHTML",
                "insertAdjacent",
                "document.write",
                "eval(",
                "Function(",
                "srcdoc",
                "javascript:",
            ):
                assert way not in text, f"{each.name} has {way}"
            if each.name.endswith(".html"):
                assert not re.search(r"\son\w+=|\sstyle=|<style|<script>", text)

    def test_are_no_others(self, wire: Wire) -> None:
        for name in ("told.py", "__init__.py", "..%2fapp.py", "none.js"):
            assert wire.get(f"/_ceyx/page/{name}").status == 404
        led = wire.get("/_ceyx")
        assert (led.status, led.headers["location"]) == (307, f"{wire.service.azure_endpoint}/_ceyx/")

    def test_hold_nothing_and_are_for_anybody(self) -> None:
        asked = Settings(keys=frozenset({SECRET}))
        assert status(asked, "/_ceyx/", ("10.0.0.7", 1)) == 200
        assert status(asked, "/_ceyx/events", ("10.0.0.7", 1)) == 403
        assert status(Settings(control=False), "/_ceyx/", ("127.0.0.1", 1)) == 404


def status(settings: Settings, path: str, client: tuple[str, int], **headers: str) -> int:
    app = create_app(settings)
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "127.0.0.1", **headers}.items()]
    scope: Any = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": named}
    scope |= {"client": client, "scheme": "http", "server": ("127.0.0.1", 80)}
    found, _, _ = asyncio.run(collected(app, scope, b""))
    app.state.service.close()
    return found


class TestEvents:
    def test_begin_with_all_there_is(self, wire: Wire) -> None:
        wire.chat("Before anybody looked")
        with listening(wire) as events:
            hello = events.next("hello")
            by_name = {each["name"]: each for each in hello["deployments"]}
            assert by_name["few"]["limits"] == {"requests": 10, "tokens": 5000}
            assert (by_name["few"]["engine"], by_name["few"]["own"], by_name["gpt-4o"]["own"]) == ("local", True, False)
            assert "stall" in [each["name"] for each in hello["catalogue"]]
            assert (hello["keeps"], hello["needs_key"]) == (MOST, False)
            assert events.next("state")["count"] == 1
            found = events.line(number=1)
            assert (found["asked"], found["status"], found["deployment"]) == ("Before anybody looked", 200, "gpt-4o")
            assert "You asked" in found["said"]

    def test_tell_of_a_stream_as_it_comes(self, wire: Wire) -> None:
        with listening(wire) as events:
            events.next("state")
            body = {"model": "slow", "messages": said("A long question about everything there is"), "stream": True}
            answer = wire.pool.request("POST", wire.service.url + "/chat/completions", json=body, preload_content=False)
            early = events.line(seconds=None)
            while not early["said"]:
                early = events.line(seconds=None)
            assert early["stream"] and early["events"] > 0
            found = opened(wire, 1)
            assert found["body"]["model"] == "slow" and "data: [DONE]" not in found["answer"]["stream"]
            answer.read()
            late = events.line(whole=True)
            assert late["seconds"] > late["first"] > 0
            assert len(late["said"]) >= len(early["said"]) and late["events"] > early["events"]
            assert opened(wire, 1)["answer"]["stream"].endswith("data: [DONE]\n\n")

    def test_are_few_where_much_changes(self, wire: Wire) -> None:
        with listening(wire) as events:
            events.next("state")
            for _ in range(30):
                wire.chat()
            told = 0
            while not any(each["number"] == 30 and each["whole"] for each in events.next("requests")):
                told += 1
            assert told < 20

    def test_say_what_callers_are_like(self, wire: Wire) -> None:
        with listening(wire) as events:
            events.next("state")
            wire.post(AZURE.format("few", "chat/completions"), {"messages": said("Hi")}, **{"user-agent": "azsdk/1.0 (x)"})
            azure = events.line(whole=True)
            assert (azure["style"], azure["version"], azure["agent"]) == ("Azure", "2025-04-01-preview", "azsdk/1.0 (x)")
            wire.post("/openai/v1/chat/completions", {"model": "none", "messages": said("Hi")})
            unknown = events.line(number=2, whole=True)
            assert (unknown["style"], unknown["deployment"], unknown["status"]) == ("Azure v1", "none", 404)
            assert "none" in unknown["said"]
            wire.post("/v1/embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"]})
            assert events.line(number=3, whole=True)["asked"] == "b"

    def test_tell_when_all_is_forgotten(self, wire: Wire) -> None:
        body = {"model": "slow", "messages": said("A long question about everything there is"), "stream": True}
        with listening(wire) as events:
            events.next("state")
            answer = wire.pool.request("POST", wire.service.url + "/chat/completions", json=body, preload_content=False)
            events.line(number=1)
            wire.post("/_ceyx/reset", {})
            events.next("forgotten")
            answer.read()  # of a request that is no more
            wire.chat("After that")
            while (found := events.next("requests"))[-1]["asked"] != "After that":
                pass
            assert [each["asked"] for each in found] == ["After that"]

    def test_hold_no_secrets(self) -> None:
        with LocalService(Settings(keys=frozenset({"own-key-12345"}))) as service:
            wire = Wire(service)
            with listening(wire) as events:
                hello = events.next("hello")
                body = {"model": "gpt-4o", "messages": said(f"I say {SECRET} and own-key-12345"), "stream": True}
                wire.post(f"{CHAT}?api-key={SECRET}", body, Authorization="Bearer own-key-12345")
                told = [hello, events.line(whole=True), opened(wire, 1), wire.get("/_ceyx/state").json()]
            text = msgspec.json.encode(told).decode()
            assert "SCRUBBED" in text and "own-key" not in text and SECRET[3:] not in text
            wire.pool.clear()

    def test_may_be_heard_by_so_many(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(page, "MOST_LISTENERS", 1)
        with listening(wire) as events:
            events.next("hello")
            assert wire.get("/_ceyx/events").status == 503

    def test_end_with_the_service_at_once(self) -> None:
        with LocalService() as service, listening(Wire(service)) as events:
            events.next("state")
            began = time.perf_counter()
            service.close()
            assert time.perf_counter() - began < 1


def test_nothing_is_heard_where_nobody_listens(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(wire) as events:
        events.next("hello")
    for _ in range(100):
        if not seen_of(wire).listeners:
            break
        time.sleep(0.02)
    assert not seen_of(wire).listeners
    monkeypatch.setattr(middleware, "overhear", None)  # so that it would fail
    wire.chat("Whole")
    wire.events(CHAT, {"model": "gpt-4o", "messages": said("In pieces")})
    whole, stream = opened(wire, 1), opened(wire, 2)
    assert whole["answer"]["body"]["object"] == "chat.completion" and whole["line"]["tokens"][0] > 0
    assert (stream["answer"]["body"], stream["answer"]["kept"]) == (None, False)
    assert stream["line"]["tokens"][1] > 0


class TestOne:
    def test_has_both_sides(self, wire: Wire) -> None:
        wire.post(CHAT, {"model": "gpt-4o", "messages": said("Hi")}, **{"x-test": "a"})
        found = opened(wire, 1)
        assert (found["headers"]["x-test"], found["body"]["messages"]) == ("a", said("Hi"))
        assert found["answer"]["headers"]["content-type"] == "application/json"
        assert wire.get("/_ceyx/requests/2").status == 404

    def test_shows_what_went_past_http(self, wire: Wire) -> None:
        with listening(wire) as events:
            events.next("state")
            with pytest.raises(urllib3.exceptions.HTTPError):
                body = {"model": "gpt-4o", "messages": said("Hi"), "stream": True}
                wire.post(CHAT, body, **{"x-ceyx-fault": "cut;events=2"})
            found = events.line(fault="cut")
            while found["seconds"] is None:
                found = events.line(fault="cut")
            assert (found["whole"], found["asked"]) == (False, "Hi")
        answer = opened(wire, 1)["answer"]
        assert answer["raw"] and answer["body"].startswith("HTTP/1.1 200 OK\r\n")

    def test_of_much_has_the_beginning(self, wire: Wire) -> None:
        with listening(wire) as events:
            events.next("state")
            wire.post("/_ceyx/script", {"replies": [{"reply": "y" * 400_000}]})
            wire.chat("Hi", user="x" * 5_000_000)
            found = events.line(whole=True)
            assert (found["asked"], found["deployment"]) == ("", "gpt-4o")  # half of a JSON object has no fields
            one = opened(wire, 1)
        assert (len(one["body"]), one["size"] > 5_000_000) == (MOST_OF_A_BODY, True)
        assert len(one["answer"]["body"]) == 256 * 1024
        assert (one["cut"], one["answer"]["cut"], one["answer"]["size"] > 400_000) == (True, True, True)
        while seen_of(wire).listeners:
            time.sleep(0.01)
        wire.chat()  # nobody listens
        one = opened(wire, 2)
        assert (len(one["answer"]["body"]), one["answer"]["cut"], one["line"]["size"] > 400_000) == (MOST_OF_A_BODY, True, True)

    def test_that_a_fault_answers_has_its_body(self, wire: Wire) -> None:
        wire.post(CHAT, {"model": "gpt-4o", "messages": said("Hi")}, **{"x-ceyx-fault": "status;code=503"})
        assert opened(wire, 1)["body"]["messages"] == said("Hi")


def test_a_listener_is_told_the_latest_of_each_and_no_more_than_are_kept() -> None:
    async def many() -> tuple[bool, list[Request]]:
        app = create_app()
        service = app.state.service
        listener = Listener(service.seen)
        service.seen.listeners.add(listener)
        scope: Any = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": None}
        for _ in range(MOST + 50):
            await collected(app, dict(scope), b"")
        service.close()
        return listener.taken()

    forgot, told = asyncio.run(many())
    assert (forgot, len(told), told[-1].number) == (False, MOST, MOST + 50)


def test_the_state_has_limits_and_usage(wire: Wire) -> None:
    body = {"model": "few", "messages": said("Hi"), "max_tokens": 5}
    for _ in range(2):
        wire.post(CHAT, body)
    wire.post(AZURE.format("few", "chat/completions"), body)
    wire.post(CHAT, {**body, "model": "gpt-4.1", "tool_choice": "required"})  # of a model, and refused
    wire.post(CHAT, {**body, "model": "gpt-4.1"})
    state = wire.get("/_ceyx/state").json()
    used = {(each["deployment"], each.get("provider")): each for each in state["limits"]}
    openai, azure = used["few", "openai"], used["few", "azure"]
    assert (openai["requests"], openai["most"]) == (2, {"requests": 10, "tokens": 5000})
    assert azure["requests"] == 1 and azure["tokens"] > 5
    assert used["gpt-4.1", None]["requests"] == 1
    by_model = {each["model"]: each for each in state["used"]}
    assert by_model["gpt-4o"]["requests"] == 3 and by_model["gpt-4o"]["output"] == 15
    assert (by_model["gpt-4.1"]["requests"], by_model["gpt-4.1"]["failed"]) == (2, 1)
    assert wire.post("/_ceyx/clock", {"advance": 61}).status == 200
    later = wire.get("/_ceyx/state").json()
    assert [(each["requests"], each["tokens"]) for each in later["limits"]] == [(0, 0), (0, 0)]
    wire.post("/_ceyx/reset", {})
    assert wire.get("/_ceyx/state").json()["used"] == []


def test_one_fault_is_switched_off(wire: Wire) -> None:
    one, other = {"fault": "stall;seconds=0", "first": 3}, {"fault": "status;code=503", "deployment": "few"}
    wire.post("/_ceyx/faults", {"rules": [one, other]})

    def drop(rule: Any) -> Any:
        url = f"{wire.service.azure_endpoint}/_ceyx/faults"
        return wire.pool.request("DELETE", url, body=msgspec.json.encode(rule))

    assert drop({"fault": "status;code=503"}).status == 404
    assert drop(one).json() == {"rules": [other]}
    assert drop(other).json() == {"rules": []}


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none"}, 200),  # an address that was typed
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),  # another port of this machine
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"host": "evil.example"}, 403),
    ],
)
def test_pages_of_others_learn_nothing(headers: dict[str, str], wanted: int) -> None:
    assert status(Settings(), "/_ceyx/requests", ("127.0.0.1", 1), **headers) == wanted


FIELDS = ["messages", "content", "text", "choices", "message", "delta", "error", "output", "data", "usage", "tool_calls"]
FIELDS += ["function", "name", "arguments", "model", "stream"]
WORDS = st.text(max_size=5) | st.sampled_from(FIELDS)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(WORDS, JSON), JSON, st.booleans(), st.binary(max_size=30))
def test_any_request_and_answer_makes_a_line(asked: Any, answered: Any, streams: bool, junk: bytes) -> None:
    body = msgspec.json.encode(answered)
    kind = b"text/event-stream" if streams else b"application/json"
    request = Request(1, 0, 0.0, 0.0, Tally(status=200), "POST", CHAT, junk, [(b"user-agent", junk)], msgspec.json.encode(asked))
    request.head, request.heard = [(b"content-type", kind)], Heard()
    for piece in (b"data: " + body + b"\n\n", b'data: {"usage": {' + junk, junk):
        request.heard.piece(piece)
    request.heard.end(request)
    made = line(request, knowing(()))
    assert msgspec.json.decode(msgspec.json.encode(made))["number"] == 1


def test_depth_is_no_way_to_stop_the_page(wire: Wire) -> None:
    deep = b'{"model": ' + b"[" * 400 + b"]" * 400 + b', "messages": ' + b'[{"content": ' * 300 + b'"deep"' + b"}]" * 300 + b"}"
    with listening(wire) as events:
        events.next("state")
        assert wire.post(CHAT, deep).status == 400
        assert wire.post(CHAT, b'{"model": "\\ud800", "messages": [{"role": "user", "content": "\\udfff"}]}').status == 400
        assert events.line(number=1, whole=True)["status"] == 400
        wire.chat("Still here")
        assert events.line(number=3, whole=True)["asked"] == "Still here"
        for number in (1, 2):
            opened(wire, number)
