"""HTTP messages as values."""

from __future__ import annotations

import pickle
from datetime import timedelta

import httpx
import pytest

from ceyx.wire.message import DEFAULT_TIMEOUT, Headers, Request, Response, Timeout, redacted


def test_a_timeout_has_four_phases():
    made = Timeout(60, connect=5, read=None)
    assert (made.connect, made.read, made.write, made.pool) == (5, None, 60, 60)
    assert Timeout() == Timeout(None)
    assert (DEFAULT_TIMEOUT.connect, DEFAULT_TIMEOUT.read) == (5, 600)


@pytest.mark.parametrize("given", [3, 2.5, None, Timeout(3, pool=1), httpx.Timeout(7, connect=2)])
def test_whatever_is_given_as_timeout_is_one(given):
    made = Timeout.of(given)
    expected = given if given is None or isinstance(given, int | float) else given.read
    assert isinstance(made, Timeout)
    assert made.read == expected
    assert Timeout.of(made) is made
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(pickle.loads(pickle.dumps(made))) == hash(made)


@pytest.mark.parametrize("given", [0, -1, float("nan"), float("-inf")])
def test_a_timeout_that_is_no_time_is_refused(given):
    with pytest.raises(ValueError, match="positive number of seconds"):
        Timeout.of(given)


@pytest.mark.parametrize("given", ["5", [1], {"read": 5}, timedelta(seconds=5)])
def test_a_timeout_of_another_type_is_refused(given):
    with pytest.raises(TypeError, match="timeout is seconds"):
        Timeout.of(given)


def test_a_phase_that_there_is_not():
    with pytest.raises(TypeError, match="'reed'"):
        Timeout(5, reed=1)  # type: ignore[call-arg]


def test_a_timeout_does_not_change():
    with pytest.raises(AttributeError, match="make another"):
        Timeout(5).read = 6


def test_a_timeout_is_that_of_httpx_with_the_same_phases():
    assert Timeout(5, connect=1) == httpx.Timeout(5, connect=1)
    assert Timeout(5, connect=1) != httpx.Timeout(5, connect=2)
    assert Timeout(5) != 5
    assert len({Timeout(5), Timeout(5.0), Timeout(5, connect=5)}) == 1


@pytest.mark.parametrize(
    ("status", "facts", "phrase"),
    [
        (201, (True, False, False, False), "Created"),
        (302, (False, False, False, False), "Found"),
        (429, (False, True, True, False), "Too Many Requests"),
        (503, (False, True, False, True), "Service Unavailable"),
        (599, (False, True, False, True), ""),
    ],
)
def test_what_a_status_tells(status, facts, phrase):
    response = Response(status, {}, b"", Request("GET", "https://host", "/x", {}, None))
    assert (response.is_success, response.is_error, response.is_client_error, response.is_server_error) == facts
    assert response.reason_phrase == phrase


@pytest.mark.parametrize(
    ("kind", "charset", "encoding"),
    [
        ("application/json", None, "utf-8"),
        ('text/plain; Charset="ISO-8859-1"', "iso-8859-1", "iso-8859-1"),
        ("text/plain; charset=klingon", "klingon", "utf-8"),
        ("text/plain; charset=hex", "hex", "utf-8"),
    ],
)
def test_the_encoding_is_the_one_the_server_names(kind, charset, encoding):
    response = Response(200, {"content-type": kind}, b"\xe9", Request("GET", "https://host", "/x", {}, None))
    assert (response.charset_encoding, response.encoding) == (charset, encoding)
    assert response.text == ("é" if encoding == "iso-8859-1" else "\ufffd")


def test_headers_do_not_mind_case_and_keep_that_of_their_names():
    headers = Headers([("X-Request-Id", "1"), ("Content-Type", "a")])
    assert headers["x-request-id"] == headers["X-REQUEST-ID"] == "1"
    assert "CONTENT-type" in headers
    assert 7 not in headers
    assert list(headers) == ["X-Request-Id", "Content-Type"]
    assert (len(headers), headers.get("none")) == (2, None)
    assert dict(headers) == {"X-Request-Id": "1", "Content-Type": "a"}


def test_repeated_headers_are_joined():
    assert Headers([("Via", "a"), ("X", "1"), ("via", "b")])["VIA"] == "a, b"


@pytest.mark.parametrize(
    "name", ["Authorization", "api-key", "Cookie", "Ocp-Apim-Subscription-Key", "Proxy-Authorization", "Set-Cookie", "X-API-Key"]
)
def test_secret_headers_are_never_shown(name):
    headers = {name: "s3cret", "x-request-id": "1"}
    assert redacted(headers) == {name: "REDACTED", "x-request-id": "1"}
    request = Request("GET", "https://host", "/", headers, b"body")
    response = Response(200, Headers(headers.items()), b"", request)
    for shown in (Headers(headers.items()), request, request.summary(), response, response.request, request.summary().headers):
        assert "s3cret" not in repr(shown)
    assert b"s3cret" not in pickle.dumps(request.summary()) + pickle.dumps(response.request)


def test_a_summary_is_the_request_less_its_secrets_and_body():
    request = Request("POST", "https://host", "/x?a=1", {"api-key": "s"}, b"private", Timeout(3), until=5.0, streamed=True)
    summary = request.summary()
    assert (summary.method, summary.url, summary.content, summary.timeout) == ("POST", "https://host/x?a=1", None, Timeout(3))
    assert request.headers == {"api-key": "s"}
    assert repr(request) == "<Request POST https://host/x?a=1>"


def test_a_response_reads_and_pickles():
    request = Request("GET", "https://host", "/x", {}, None)
    response = Response(201, {"X-A": "b"}, b'{"a": "\xc3\xa9"}', request, timedelta(seconds=2))
    again = pickle.loads(pickle.dumps(response))
    for one in (response, again):
        assert (one.status_code, one.headers["x-a"], one.json(), one.url) == (201, "b", {"a": "é"}, "https://host/x")
        assert (one.text, one.content, one.elapsed) == ('{"a": "é"}', b'{"a": "\xc3\xa9"}', timedelta(seconds=2))
    assert repr(response) == "<Response [201]>"
    assert Response(200, {}, b"\xff", request).text == "\ufffd"
