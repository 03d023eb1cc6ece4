"""Calls by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pydantic
import pytest

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
