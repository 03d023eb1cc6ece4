"""What is asked of a row, and rows of which nothing can be asked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ceyx.bulk import Job
from ceyx.bulk.job import RowError, filled, identity_of


def test_the_template_takes_text_as_it_is_and_the_rest_as_json():
    row = {"text": 'a "b" {c}', "n": 1.5, "tags": ["x", "é"], "ok": True, "my column": "z"}
    assert filled("{text}|{n}|{tags}|{ok}|{my column}|{{n}}", row) == 'a "b" {c}|1.5|["x","é"]|true|z|{n}'


def test_what_values_hold_is_no_template_and_reaches_no_attribute():
    assert filled("{a}", {"a": "{b}", "b": "no"}) == "{b}"
    with pytest.raises(RowError, match=r"'a\.__class__'"):
        filled("{a.__class__}", {"a": "x"})


@pytest.mark.parametrize("template", ["{", "}", "a {} b", "{a", "{a{b}}", "a}"])
def test_lone_braces_are_refused_before_anything_is_read(template):
    with pytest.raises(ValueError, match=r"lone brace.*write \{\{ or \}\}"):
        Job(model="m", prompt=template)


@pytest.mark.parametrize("row", [{}, {"text": None}])
def test_a_row_without_the_column_says_what_it_has(row):
    with pytest.raises(RowError, match="no 'text', which the prompt names"):
        Job(model="m", prompt="Say {text}").request(row)


def test_the_whole_request():
    job = Job(model="m", prompt="Say {text}", system="In {lang}.", params={"temperature": 0})
    assert job.request({"text": "hi", "lang": "French"}) == {
        "model": "m",
        "messages": [{"role": "system", "content": "In French."}, {"role": "user", "content": "Say hi"}],
        "temperature": 0,
    }


@pytest.mark.parametrize("given", [[{"role": "user", "content": "Hi"}], '[{"role": "user", "content": "Hi"}]'])
def test_messages_of_a_column(given):
    assert Job(model="m", messages="chat").request({"chat": given})["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("given", [None, "", "Hi", [], {}, ["Hi"], [{"content": "Hi"}], 5])
def test_a_column_that_holds_no_messages(given):
    with pytest.raises(RowError, match="the column 'chat'"):
        Job(model="m", messages="chat").request({"chat": given})


def test_a_column_where_the_answer_is_to_go():
    with pytest.raises(RowError, match="'answer', where its answer is to go"):
        Job(model="m", prompt="{text}").request({"text": "a", "answer": "b"})
    Job(model="m", prompt="{text}", answer="reply").request({"text": "a", "answer": "b"})


def test_a_type_is_a_response_format():
    @dataclass
    class Label:
        label: str

    sent = Job(model="m", prompt="{text}", schema=Label).request({"text": "a"})["response_format"]
    assert sent["type"] == "json_schema" and sent["json_schema"]["schema"]["required"] == ["label"]


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "one of"), ({"prompt": "a", "messages": "b"}, "one of"), ({"prompt": "a", "params": {"stream": True}}, "'stream'")],
)
def test_jobs_that_cannot_be(given, named):
    with pytest.raises(ValueError, match=named):
        Job(model="m", **given)


def test_a_request_is_known_again_whatever_the_order_of_its_fields():
    assert identity_of({"a": 1, "b": {"c": 2, "d": 3}}) == identity_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert identity_of({"a": 1}) != identity_of({"a": 2})
