"""Calls by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pydantic
import pytest

from ceyx import AsyncStream, Stream
from ceyx.types import Model
from ceyx.wire.cast import reading


class Point(msgspec.Struct):
    x: int


class Pydantic(pydantic.BaseModel):
    x: int


@pytest.mark.parametrize(
    ("cast_to", "content", "wanted"),
    [(bytes, b"\xff", b"\xff"), (str, b"\xc3\xa9\xff", "é\ufffd"), (None, b"x", None), (type(None), b"x", None)],
)
def test_whole_bodies(cast_to, content, wanted):
    call = reading(cast_to, "GET", "/x")
    assert call.reads == "bytes"
    assert call.decode(content) == wanted


@pytest.mark.parametrize(
    ("cast_to", "wanted"),
    [
        (dict, {"x": 1}),
        (object, {"x": 1}),
        (Any, {"x": 1}),
        (Model, Model(x=1)),
        (Pydantic, Pydantic(x=1)),
        (Point, Point(1)),
        (dict[str, float], {"x": 1.0}),
    ],
)
def test_json(cast_to, wanted):
    call = reading(cast_to, "GET", "/x")
    assert call.reads == "json"
    answer = call.decode({"x": 1})
    assert answer == wanted
    assert type(answer) is type(wanted)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_options_reach_the_call(method):
    call = reading(dict, method, "/x", None, {"extra_query": {"a": 1}, "timeout": 3})
    assert call.options == {"extra_query": {"a": 1}, "timeout": 3}
    assert call.query == {}


@pytest.mark.parametrize("body", [{"a": 1}, [1, 2], None, "text"])
def test_a_body_is_sent_as_given_and_is_not_shared(body):
    call = reading(dict, "POST", "/x", body)
    assert call.body == body
    if isinstance(body, dict):
        assert call.body is not body


def test_a_delete_may_have_a_body():
    assert reading(dict, "DELETE", "/x", {"a": 1}).body == {"a": 1}


def test_each_event_of_a_stream_is_read():
    call = reading(Point, "POST", "/x", {}, None, True)
    assert call.reads == "events"
    assert call.decode({"x": 2}) == Point(2)


@pytest.mark.parametrize(("path", "wanted"), [("/models", "/models"), ("models", "/models"), ("", "")])
def test_a_path_begins_with_a_slash(path, wanted):
    assert reading(dict, "GET", path).path == wanted


def test_an_address_is_no_path():
    with pytest.raises(ValueError, match="what follows the base_url"):
        reading(dict, "GET", "https://elsewhere/v1/models")


# ---- streams of a class


@pytest.mark.parametrize("stream_cls", [Stream[Point], AsyncStream[Point]])
def test_a_class_of_streams_says_what_events_are(stream_cls):
    call = reading(dict, "GET", "/x", stream=True, stream_cls=stream_cls)
    assert call.reads == "events"
    assert call.each is not None
    assert call.each().read({"x": 2}) == Point(2)


def test_a_class_of_streams_that_does_not_say():
    with pytest.raises(TypeError, match=r"stream_cls is .*; give Stream\[ChatCompletionChunk\]"):
        reading(dict, "GET", "/x", stream=True, stream_cls=Stream)


# ---- files


@pytest.mark.parametrize(
    ("files", "names", "form"),
    [
        ({"file": b"1"}, ("file",), {"purpose": "batch", "file": b"1"}),
        ([("file", ("n", b"1"))], ("file",), {"purpose": "batch", "file": ("n", b"1")}),
        ([("a[]", b"1"), ("b", b"2"), ("a[]", b"3")], ("a", "b"), {"purpose": "batch", "a": [b"1", b"3"], "b": b"2"}),
        ([("a[]", b"1")], ("a[]",), {"purpose": "batch", "a[]": b"1"}),
        ({}, (), {"purpose": "batch"}),
        (None, (), {"purpose": "batch"}),
    ],
)
def test_files_go_into_the_form_beside_the_body(files, names, form):
    body = {"purpose": "batch"}
    call = reading(dict, "POST", "/files", body, files=files)
    assert (call.files, call.body) == (names, form)
    assert body == {"purpose": "batch"}


@pytest.mark.parametrize(
    ("body", "files", "error", "said"),
    [
        ([1], {"file": b""}, TypeError, "body is a list; beside files"),
        (None, [("a", b""), ("a", b"")], ValueError, r"'a' twice; .*'a\[\]'"),
        ({"file": 1}, {"file": b""}, ValueError, "both have 'file'"),
    ],
)
def test_files_that_make_no_form(body, files, error, said):
    with pytest.raises(error, match=said):
        reading(dict, "POST", "/files", body, files=files)
