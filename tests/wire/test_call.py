"""Calls as values: parameters, options, what is left out, path segments."""

from __future__ import annotations

import copy
import pickle
from urllib.parse import unquote

import pytest
from hypothesis import example, given, strategies as some

from ceyx import NOT_GIVEN, NotGiven, Omit, not_given, omit
from ceyx.wire.call import NO_OPTIONS, Call, Pages, segment, without_omitted


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_parameters_become_the_body(method):
    call = Call(method, "/x", dict, {"a": 1})
    assert (call.body, call.query, call.reads) == ({"a": 1}, None, "json")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_parameters_become_the_query(method):
    call = Call(method, "/x", dict, {"a": 1})
    assert (call.body, call.query) == (None, {"a": 1})


@pytest.mark.parametrize("name", ["extra_headers", "extra_query", "extra_body", "timeout", "deadline"])
def test_options_are_taken_out(name):
    call = Call("POST", "/x", dict, {"a": 1, name: None})
    assert call.body == {"a": 1}
    assert call.options == {name: None}


def test_a_call_without_parameters_has_neither_body_nor_query():
    call = Call("POST", "/x/cancel", dict)
    assert (call.body, call.query, call.options) == (None, None, NO_OPTIONS)


@pytest.mark.parametrize(("stream", "reads"), [(True, "events"), (False, "json"), (None, "json"), (omit, "json")])
def test_a_stream_is_read_in_parts(stream, reads):
    call = Call("POST", "/x", dict, {"stream": stream}, each=list)
    assert (call.reads, call.decode, call.each) == (reads, dict, list)


def test_stream_means_nothing_to_a_call_that_has_no_parts():
    assert Call("POST", "/x", dict, {"stream": True}).reads == "json"


def test_repr_names_the_call_and_not_what_it_holds():
    assert repr(Call("POST", "/x", dict, {"input": "private"})) == "<Call POST /x>"


def test_the_next_page_keeps_parameters_and_options_and_leaves_the_first_call_alone():
    pages = Pages("/files", dict, {"limit": 2, "extra_headers": {"a": "b"}})
    following = pages.after("file-9")
    assert (following.path, following.query, following.options) == ("/files", {"limit": 2, "after": "file-9"}, pages.options)
    assert type(following) is Pages
    assert pages.query == {"limit": 2}


# ---- omit


def test_omit_is_one_object_by_all_its_names():
    assert omit is NOT_GIVEN is not_given
    assert NotGiven is Omit
    assert not omit
    assert repr(omit) == "omit"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_omit_stays_itself(copied):
    assert copied([omit])[0] is omit


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"a": omit, "b": None}, {"b": None}),
        ({"a": [{"b": omit, "c": 1}, omit]}, {"a": [{"c": 1}]}),
        ({"a": ({"b": omit},)}, {"a": [{}]}),
        ({"a": {"b": {"c": omit}}}, {"a": {"b": {}}}),
        ("text", "text"),
        (None, None),
    ],
)
def test_without_omitted(value, wanted):
    assert without_omitted(value) == wanted


# ---- segments of a path


@pytest.mark.parametrize("value", ["file-abc_1", "ft:gpt-4o:org::id", "a b", "ü", "a/../b?x#f", "%2e%2e", "a%b", "x" * 2000])
def test_a_segment_is_one_segment_and_means_the_same(value):
    made = segment(value)
    assert unquote(made) == value
    assert not set(made) & set("/?# ")
    assert made.isascii()


@pytest.mark.parametrize("value", ["...", ".hidden", "..a"])
def test_dots_do_not_climb(value):
    assert not segment(value).startswith(".")
    assert unquote(segment(value)) == value


@pytest.mark.parametrize("value", ["", ".", "..", "a\0b", "a\nb", "\r\n", "x" * 2001, "a\x7f"])
def test_what_no_url_can_hold_is_refused(value):
    with pytest.raises(ValueError, match="identifier in the path"):
        segment(value)


@given(some.text(min_size=1, max_size=40))
@example(".")
def test_a_segment_never_leaves_its_place(value):
    try:
        made = segment(value)
    except ValueError:
        assert value in (".", "..") or not value.isprintable()
        return
    assert unquote(made) == value
    assert "/" not in made
    assert made not in (".", "..")
