"""Each fault, on the wire: what it says it does is what the bytes show; and the page that lists them."""

from __future__ import annotations

import inspect
import json
import re
import socket
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from raw_wire import ASK, CHAT, STREAM, Raw, address, ask, received, request, unpacked

from ceyx.service import LocalService
from ceyx.service.faults.catalogue import CATALOGUE, parse
from ceyx.service.faults.fault import Fault

SAID = "This is ceyx's local stand-in, not a model. You asked: “Hello”."
AZURE = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
PAGE = Path(__file__).parent.parent.parent / "docs" / "faults.md"


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


def content(raw: Raw) -> str:
    return str(raw.json["choices"][0]["message"]["content"])


def broken_off(packed: bytes) -> bool:
    """Whether something can be unpacked, and then the rest is missing."""
    unpacking = zlib.decompressobj(47)
    return len(unpacking.decompress(packed)) > 100 and not unpacking.eof


def length(raw: Raw) -> int:
    return int(raw.headers["content-length"])


# The answer is whole, framed well, and of status 200; the fault is in it.
DAMAGED: list[tuple[str, bool, Callable[[Raw], bool]]] = [
    ("html", False, lambda raw: b"<html>" in raw.body and raw.headers["content-type"].startswith("text/html")),
    ("html", True, lambda raw: b"<html>" in raw.body and raw.headers["content-type"].startswith("text/html")),
    ("body", False, lambda raw: raw.json is None),
    ("body;text=[]", True, lambda raw: raw.json == []),
    ('body;text="{\\"a\\": \\";\\"}"', False, lambda raw: raw.json == {"a": ";"}),
    ("error-200;code=busy", False, lambda raw: raw.json["error"]["code"] == "busy"),
    ("empty", False, lambda raw: raw.body == b"" and length(raw) == 0),
    ("empty", True, lambda raw: raw.body == b"" and raw.headers["content-type"].startswith("text/event-stream")),
    ("cut-json", False, lambda raw: raw.body.startswith(b'{"id"') and not raw.body.endswith(b"}")),
    ("cut-json;keep=10", False, lambda raw: len(raw.body) == 10),
    ("json-for-stream", True, lambda raw: content(raw) == SAID and raw.headers["content-type"] == "application/json"),
    ("stream-for-json", False, lambda raw: raw.text == SAID and raw.events[-1] == "[DONE]"),
    ("choices", False, lambda raw: "choices" not in raw.json and "usage" in raw.json),
    ("choices;be=null", False, lambda raw: raw.json["choices"] is None),
    ("choices;be=empty", True, lambda raw: all(each["choices"] == [] for each in raw.events[:-1])),
    ("no-usage", False, lambda raw: "usage" not in raw.json and content(raw) == SAID),
    ("no-usage", True, lambda raw: not any("usage" in each for each in raw.events[:-1]) and raw.text == SAID),
    ("invalid-utf8", False, lambda raw: b"\xff\xfe" in raw.body and raw.body.decode(errors="ignore") != ""),
    ("invalid-utf8", True, lambda raw: b"\xff\xfe" in raw.body and raw.body.endswith(b"data: [DONE]\n\n")),
    ("line-separators", False, lambda raw: content(raw) == "a\u2028b\u2029c\u0085d\x7f" + SAID),
    ("line-separators", True, lambda raw: raw.text == "a\u2028b\u2029c\u0085d\x7f" + SAID),
    ("deep-json;depth=5000", False, lambda raw: raw.body.count(b"[") > 5000 and raw.body.endswith(b"}")),
    ("deep-json;depth=5000", True, lambda raw: max(len(each) for each in raw.chunks[0]) > 10_000),
    ("not-a-number", False, lambda raw: raw.json["created"] != raw.json["created"]),
    ("not-a-number;number=1e999", True, lambda raw: b'"created":1e999,' in raw.body),
    ("content-encoding", False, lambda raw: raw.headers["content-encoding"] == "br" and content(raw) == SAID),
    ("content-encoding;encoding=zstd", True, lambda raw: raw.headers["content-encoding"] == "zstd" and raw.text == SAID),
    ("gzip-bomb;size=3MiB", False, lambda raw: len(raw.body) < 20_000 and len(unpacked(raw.body)) > 3 * 1024 * 1024),
    ("gzip-bomb;size=3100000", True, lambda raw: unpacked(raw.body).endswith(b"data: [DONE]\n\n")),
    ("gzip-bomb;size=2MiB;encoding=deflate", False, lambda raw: json.loads(unpacked(raw.body))["object"] == "chat.completion"),
    ("gzip-cut", False, lambda raw: broken_off(raw.body)),
    ("gzip-cut", True, lambda raw: broken_off(raw.body)),
    ("big-body;size=2MiB", False, lambda raw: len(raw.body) > 2 * 1024 * 1024 and content(raw) == SAID),
    ("big-body;size=1000001", True, lambda raw: len(raw.body) > 1_000_000 and raw.text == SAID),
    ("long-header", False, lambda raw: len(raw.headers["x-ceyx-long"]) == 300 * 1024 and content(raw) == SAID),
    ("long-header;size=10;count=500", True, lambda raw: raw.headers["x-ceyx-long-499"] == "x" * 10),
    ("content-filtered", False, lambda raw: raw.json["choices"][0]["finish_reason"] == "content_filter"),
    ("content-filtered;events=5", True, lambda raw: raw.text == "This is ceyx'"),
    ("late-filter", True, lambda raw: raw.text == SAID and "delta" not in raw.events[-2]["choices"][0]),
    ("tool-cut", False, lambda raw: raw.json["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"][-1] != "}"),
    ("tool-cut", True, lambda raw: raw.events[-2]["choices"][0]["finish_reason"] == "length"),
    ("stream-end", True, lambda raw: len(raw.events) == 3 and raw.text == "This is"),
    ("stream-end;events=9999", True, lambda raw: raw.text == SAID and b"[DONE]" not in raw.body and b'"stop"' not in raw.body),
    ("stream-half-event;events=2", True, lambda raw: raw.body.count(b"\n\n") == 2 and not raw.body.endswith(b"\n")),
    ("stream-no-done", True, lambda raw: b'"stop"' in raw.body and b"[DONE]" not in raw.body),
    ("stream-no-finish", True, lambda raw: b'"stop"' not in raw.body and raw.events[-1] == "[DONE]" and raw.text == SAID),
    ("stream-error;code=x", True, lambda raw: raw.events[-1]["error"]["code"] == "x" and len(raw.events) == 4),
    ("stream-error;shape=event", True, lambda raw: b"event: error\ndata: {" in raw.body and raw.events[-1]["type"] == "error"),
    ("stream-bad-json", True, lambda raw: '"choices":[{"ind' in raw.events[3] and raw.events[-1] == "[DONE]"),
    ("stream-event", True, lambda raw: raw.events[3] is None and raw.text == SAID),
    ("stream-event;data=hi;name=note", True, lambda raw: b"event: note\ndata: hi\n\n" in raw.body),
    ("stream-disorder", True, lambda raw: raw.events[3]["choices"][0]["delta"].get("role") == "assistant"),
    ("stream-unusual", True, lambda raw: raw.body.startswith(b"\xef\xbb\xbf:") and b"\nid: 1\r\ndata:{" in raw.body),
    ("stream-pings;seconds=0.01;count=4", True, lambda raw: raw.body.count(b": ping\n\n") == 4 and raw.text == SAID),
    ("stream-long-line;size=2000000", True, lambda raw: max(map(len, raw.body.split(b"\n"))) > 2_000_000 and raw.text == SAID),
    ("tool-repeats", True, lambda raw: raw.body.count(b'"id":"call_ceyx_local_1"') > 5),
    ("tool-repeats;what=index", True, lambda raw: b'"id":"call_ceyx_local_2"' in raw.body and b'"index":1' not in raw.body),
    ("stall;seconds=0.2", False, lambda raw: raw.seconds >= 0.2 and content(raw) == SAID),
    ("stall;at=head;seconds=0.2", True, lambda raw: raw.seconds >= 0.2 and raw.text == SAID),
    ("stall;at=body;seconds=0.2", False, lambda raw: raw.seconds >= 0.2 and content(raw) == SAID),
    ("stall;at=body;seconds=0.2", True, lambda raw: raw.seconds >= 0.2 and raw.text == SAID),
    ("drip;size=40;seconds=0.01", False, lambda raw: raw.seconds >= 0.1 and content(raw) == SAID),
    ("drip;size=1000;seconds=0.01", True, lambda raw: raw.text == SAID),
    ("drip;part=head;size=20;seconds=0.01", False, lambda raw: raw.seconds >= 0.1 and content(raw) == SAID),
    ("keep-alive", False, lambda raw: content(raw) == SAID),
]


@pytest.mark.parametrize(("fault", "stream", "shows"), DAMAGED, ids=[f"{fault}-{stream}" for fault, stream, _ in DAMAGED])
def test_an_answer_that_http_has_no_word_against(
    service: LocalService, fault: str, stream: bool, shows: Callable[[Raw], bool]
) -> None:
    raw = ask(service, fault, STREAM if stream else ASK)
    assert (raw.status, raw.complete, raw.end) == (200, True, "closed"), raw.data[-300:]
    assert shows(raw), raw.data[:2000]


# The connection itself is at fault.
BROKEN: list[tuple[str, bool, str, Callable[[Raw], bool]]] = [
    ("cut", False, "closed", lambda raw: 0 < len(raw.rest) < length(raw)),
    ("cut;keep=7", False, "closed", lambda raw: len(raw.rest) == 7),
    ("cut", True, "closed", lambda raw: raw.text == "This is" and raw.chunks[1].count(b"data: {") == 1),
    ("cut;framing=length;events=4", True, "closed", lambda raw: 0 < len(raw.rest) < length(raw) and b"ceyx" in raw.rest),
    ("cut;framing=chunked", False, "closed", lambda raw: raw.chunks[0] == [] and len(raw.chunks[1]) > 100),
    ("cut;framing=close", False, "closed", lambda raw: raw.headers["connection"] == "close" and raw.rest[-1:] != b"}"),
    ("cut;framing=close;inside=no", True, "closed", lambda raw: raw.rest.endswith(b"\n\n") and raw.text == "This is"),
    ("cut;inside=no", True, "closed", lambda raw: len(raw.chunks[0]) == 3 and raw.chunks[1] == b""),
    ("reset", False, "reset", lambda raw: 0 < len(raw.rest) < length(raw)),
    ("reset", True, "reset", lambda raw: raw.text == "This is" and len(raw.chunks[1]) > 50),
    ("reset;at=head", True, "reset", lambda raw: raw.data == b""),
    ("hang-up", False, "closed", lambda raw: raw.data == b""),
    ("hang-up;seconds=0.2", False, "closed", lambda raw: raw.data == b"" and raw.seconds >= 0.15),
    ("garbage", False, "closed", lambda raw: raw.data == b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("garbage;kind=binary", True, "closed", lambda raw: len(raw.data) == 1024),
    ("garbage;kind=half-head", False, "closed", lambda raw: raw.data.endswith(b"applica")),
    ("garbage;kind=bad-status", False, "closed", lambda raw: raw.data.startswith(b"HTTP/1.1 OK ")),
    ("garbage;kind=bad-header", False, "closed", lambda raw: b"\r\nthis line is no header\r\n" in raw.data),
    ("garbage;kind=nothing", False, "closed", lambda raw: raw.data == b""),
    ("surplus;size=9", False, "closed", lambda raw: raw.rest.endswith(b"}" + b"x" * 9) and len(raw.rest) == length(raw) + 9),
    ("bad-chunk", True, "closed", lambda raw: raw.text == "This is" and raw.chunks[1] == b"this is no size\r\n"),
    ("stall;at=request", False, "open", lambda raw: raw.data == b""),
    ("stall;at=head", True, "open", lambda raw: raw.status == 200 and raw.rest == b""),
    ("stall;at=body;events=1", True, "open", lambda raw: len(raw.events) == 1),
    ("stall;at=body;keep=5", False, "open", lambda raw: raw.rest == b'{"id"'),
    ("drip", False, "open", lambda raw: 1 <= len(raw.rest) <= 10),
    ("drip;part=head", True, "open", lambda raw: b"HTTP/1.1 200 OK\r\n".startswith(raw.data) and raw.data != b""),
    ("stream-pings;seconds=0.05", True, "open", lambda raw: raw.text == "This is" and raw.body.endswith(b": ping\n\n")),
    ("interim;count=250", False, "closed", lambda raw: raw.data.count(b"HTTP/1.1 100 Continue\r\n\r\n") == 250),
    ("interim;code=103", True, "closed", lambda raw: raw.data.count(b"HTTP/1.1 103 Early Hints\r\nlink: ") == 100),
]


@pytest.mark.parametrize(("fault", "stream", "end", "shows"), BROKEN, ids=[f"{fault}-{stream}" for fault, stream, _, _ in BROKEN])
def test_a_connection_that_fails(service: LocalService, fault: str, stream: bool, end: str, shows: Callable[[Raw], bool]) -> None:
    raw = ask(service, fault, STREAM if stream else ASK, seconds=0.6 if end == "open" else 10)
    assert raw.end == end
    assert shows(raw), raw.data[:3000]


def test_the_answer_after_interim_answers_is_the_answer(service: LocalService) -> None:
    raw = ask(service, "interim;count=3")
    real = Raw(raw.data.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b""), raw.end, raw.seconds)
    assert real.status == 200 and real.complete and content(real) == SAID


@pytest.mark.parametrize(
    ("fault", "path", "status", "error", "headers"),
    [
        ("status", CHAT, 500, {"type": "server_error"}, {}),
        ("status;code=429;retry-after=3", CHAT, 429, {"code": "rate_limit_exceeded"}, {"retry-after": "3"}),
        (
            "status;code=429;retry-after=nan;x-should-retry=false",
            CHAT,
            429,
            {},
            {"retry-after": "nan", "x-should-retry": "false"},
        ),
        ("status;code=503;retry-after-ms=50", CHAT, 503, {"code": "server_overloaded"}, {"retry-after-ms": "50"}),
        ("status;code=529;x-ms-retry-after-ms=7", CHAT, 529, {"type": "server_error"}, {"x-ms-retry-after-ms": "7"}),
        ("status;code=429;error=insufficient_quota", CHAT, 429, {"type": "insufficient_quota", "code": "insufficient_quota"}, {}),
        (
            "status;code=429;reset-tokens=6m0s",
            CHAT,
            429,
            {},
            {"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0"},
        ),
        ("status;code=401", AZURE, 401, {"code": "401"}, {"x-ms-region": "Local"}),
        ("status;code=418;error=teapot;message=short and stout", CHAT, 418, {"message": "short and stout", "code": "teapot"}, {}),
        ("prompt-filtered", CHAT, 400, {"code": "content_filter", "param": "prompt"}, {}),
    ],
)
def test_statuses(
    service: LocalService, fault: str, path: str, status: int, error: dict[str, str], headers: dict[str, str]
) -> None:
    raw = ask(service, fault, ASK, path)
    assert (raw.status, raw.complete) == (status, True)
    assert raw.json["error"].items() >= error.items()
    assert raw.headers.items() >= headers.items() and raw.headers["x-request-id"]


def test_every_status_there_is(service: LocalService) -> None:
    for code in (200, 204, 301, 304, 402, 408, 409, 413, 422, 431, 500, 502, 504, 520, 599):
        assert ask(service, f"status;code={code}").status == code


@pytest.mark.parametrize(("kind", "start"), [("html", b"<html>"), ("text", b"upstream error 502"), ("empty", b"")])
def test_bodies_of_gateways(service: LocalService, kind: str, start: bytes) -> None:
    raw = ask(service, f"status;code=502;body={kind}")
    assert raw.status == 502 and raw.body.startswith(start) and raw.complete


def test_azure_asks_to_wait_in_a_sentence(service: LocalService) -> None:
    error = ask(service, "status;code=429;wait=7", ASK, AZURE).json["error"]
    assert error["code"] == "429" and "Please retry after 7 seconds" in error["message"]


def test_azure_says_what_its_filter_found(service: LocalService) -> None:
    refused = ask(service, "prompt-filtered;category=hate;severity=medium", ASK, AZURE).json["error"]
    assert refused["innererror"]["content_filter_result"]["hate"] == {"filtered": True, "severity": "medium"}
    stopped = ask(service, "content-filtered;category=hate", STREAM, AZURE).events
    last = [each["choices"][0] for each in stopped[:-1] if each["choices"]][-1]
    assert (last["finish_reason"], last["content_filter_results"]["hate"]["filtered"]) == ("content_filter", True)


def test_redirects(service: LocalService) -> None:
    loop = ask(service, "redirect")
    assert (loop.status, loop.headers["location"]) == (307, CHAT)
    assert ask(service, "redirect;code=302;location=file:///etc/passwd").headers["location"] == "file:///etc/passwd"
    assert ask(service, "redirect;location=http://192.0.2.1/v1").headers["location"] == "http://192.0.2.1/v1"


def test_responses(service: LocalService) -> None:
    asked = {"model": "gpt-4o", "input": "Hello", "stream": True}
    events = ask(service, "stream-unusual", asked, "/v1/responses")
    assert b"event: response.created" in events.body and b"response.completed" in events.body
    cut = ask(service, "stream-no-finish", asked, "/v1/responses")
    assert cut.events[-1]["type"] == "response.output_item.done" and b"response.completed" not in cut.body
    assert [each["sequence_number"] for each in cut.events] == list(range(len(cut.events)))
    whole = ask(service, "no-usage", {"model": "gpt-4o", "input": "Hello"}, "/v1/responses").json
    assert whole["output"][0]["content"][0]["text"] and "usage" not in whole


def test_paths_without_a_route_have_plausible_answers(service: LocalService) -> None:
    events = ask(service, "stream-no-finish", {"model": "gpt-4o", "stream": True}, "/v1/nothing")
    assert events.events[0]["choices"][0]["delta"]["role"] == "assistant"
    whole = ask(service, "no-usage", {"model": "gpt-4o"}, "/v1/nothing/completions").json
    assert whole["choices"][0]["message"]["content"] and "usage" not in whole
    assert ask(service, "line-separators", {"x": 1}, "/v1/nothing").json["object"] == "list"


class TestKeptAlive:
    """Connections that the client means to use again."""

    def test_closed_after_the_answer(self, service: LocalService) -> None:
        raw, again = twice(service, "keep-alive", 0.2)
        assert raw.complete and "connection" not in raw.headers and raw.end == "closed" and again is None

    def test_closed_once_idle(self, service: LocalService) -> None:
        raw, again = twice(service, "keep-alive;closes=idle;seconds=0.15", 1)
        assert raw.complete and raw.end == "closed" and again is None
        assert 0.1 <= raw.seconds < 0.8

    def test_closed_as_the_next_request_arrives(self, service: LocalService) -> None:
        raw, again = twice(service, "keep-alive;closes=next", 0.2)
        assert raw.complete and raw.end == "open"
        assert again is not None and (again.data, again.end) in ((b"", "closed"), (b"", "reset"))

    def test_a_surplus_is_followed_by_the_next_answer(self, service: LocalService) -> None:
        raw, again = twice(service, "surplus;size=4", 0.2)
        assert raw.data.endswith(b"xxxx") and again is not None and again.status == 200


def twice(service: LocalService, fault: str, seconds: float) -> tuple[Raw, Raw | None]:
    """A request with a fault, and another on the same connection, if it is still open."""
    with socket.create_connection(address(service)) as connection:
        connection.sendall(request(ASK, x_ceyx_fault=fault))
        first = received(connection, seconds)
        if first.end != "open":
            return first, None
        connection.sendall(request(ASK))
        return first, received(connection, seconds)


def test_a_refused_request_is_refused_as_ever(service: LocalService) -> None:
    raw = ask(service, "cut-json", {"model": "gpt-4o", "messages": []})
    assert raw.status == 400 and raw.json["error"]["param"] == "messages"
    assert ask(service, "cut", {**ASK, "model": "gpt-9"}).json["error"]["code"] == "model_not_found"


def test_real_calls_of_tools_are_damaged_where_there_are_some(service: LocalService) -> None:
    tool = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
    asked = {**STREAM, "tools": [tool], "tool_choice": "required"}
    assert b'"name":"find"' in ask(service, "tool-repeats", asked).body
    assert b'"name":"find"' in ask(service, "tool-cut", asked).body


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.name)
class TestTheCatalogue:
    def test_parameters_are_those_of_the_function(self, fault: Fault) -> None:
        signature = inspect.signature(fault.make)
        takes = {each.name for each in signature.parameters.values() if each.kind is each.KEYWORD_ONLY}
        assert takes == {each.keyword for each in fault.parameters}
        assert inspect.iscoroutinefunction(fault.make) is (fault.does == "writes")

    def test_it_can_be_written_with_its_defaults(self, fault: Fault) -> None:
        defaults = [f'{each.name}="{each.default}"' for each in fault.parameters if each.default]
        assert parse(";".join((fault.name, *defaults))).values == parse(fault.name).values

    def test_it_is_tested_on_the_wire(self, fault: Fault) -> None:
        elsewhere = {"status", "prompt-filtered", "azure", "redirect"}
        tested = [text for text, *_ in DAMAGED] + [text for text, *_ in BROKEN]
        assert fault.name in {text.partition(";")[0] for text in tested} | elsewhere


def row(fault: Fault) -> str:
    needs = {"any": "", "stream": " (streams)", "whole": " (whole answers)"}[fault.needs]
    takes = ", ".join(f"`{each.name}{'=' if each.default else ''}{each.default}`" for each in fault.parameters)
    return f"| `{fault.name}` | {fault.about}{needs} | {takes} |"


def test_the_page_lists_every_fault() -> None:
    listed = re.findall(r"^\| `.*", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == [row(fault) for fault in CATALOGUE.values()]
