"""What is asked of a row, and rows of which nothing can be asked."""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from ceyx.bulk import Job
from ceyx.bulk.any_job import identity_of
from ceyx.bulk.template import RowError, filled


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


@pytest.mark.parametrize(
    ("row", "said"),
    [({"txt": "a"}, "no 'text', which the job names; its columns are 'txt'"), ({"text": None}, "nothing in 'text'")],
)
def test_a_row_without_the_value_says_what_it_has(row, said):
    with pytest.raises(RowError, match=said):
        Job(model="m", prompt="Say {text}").request(row)
    with pytest.raises(RowError, match=said):
        Job(model="m", messages="text").request(row)


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


@pytest.mark.parametrize("given", ["", "Hi", [], {}, ["Hi"], [{"content": "Hi"}], 5])
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
    [
        ({}, "one of"),
        ({"prompt": "a", "messages": "b"}, "one of"),
        ({"prompt": "a", "params": {"stream": True}}, "'stream'"),
        ({"prompt": "a", "params": {"tools": []}}, "'tools'"),
        ({"messages": "a", "images": "b"}, "goes with a prompt"),
    ],
)
def test_jobs_that_cannot_be(given, named):
    with pytest.raises(ValueError, match=named):
        Job(model="m", **given)


PIXEL = b"\x89PNG\r\n\x1a\n and so on"


def test_images_of_a_column(tmp_path):
    (tmp_path / "a.png").write_bytes(PIXEL)
    job = Job("m", "What is on {name}?", images="image")
    (message,) = job.request({"name": "it", "image": str(tmp_path / "a.png")})["messages"]
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": "What is on it?"},
    ]
    (message,) = job.request({"name": "it", "image": ["https://host/a.png", "data:image/gif;base64,AA"]})["messages"]
    assert [part.get("image_url") for part in message["content"]] == [
        {"url": "https://host/a.png"},
        {"url": "data:image/gif;base64,AA"},
        None,
    ]


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (None, "nothing in 'image'"),
        ("", "it holds URLs or paths"),
        (5, "it holds URLs or paths"),
        ("no.png", "cannot read"),
        (__file__, "no PNG"),
    ],
)
def test_what_is_no_image(image, said):
    with pytest.raises(RowError, match=said):
        Job("m", "?", images="image").request({"image": image})


TOOL = {"type": "function", "function": {"name": "f"}}


def answered(reason: str, **message: Any) -> Any:
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": None, **message}}
    return {"model": "m-1", "choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 5}, "service_tier": "flex"}


def test_tools_are_sent_and_their_calls_are_the_answer():
    job = Job("m", "?", tools=[TOOL])
    assert job.request({})["tools"] == [TOOL] and job.answers == "json"
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    state, kept = job.outcome(job.read(answered("tool_calls", tool_calls=[deepcopy(call)])))
    assert (state, kept["answer"], kept["tier"]) == ("done", [call], "flex")
    cut = {**call, "function": {"name": "f", "arguments": '{"a": '}}
    state, kept = job.outcome(job.read(answered("length", tool_calls=[call, cut])))
    assert state == "poison" and "a call of a tool was cut" in kept["error"]


@pytest.mark.parametrize(
    ("reason", "message", "schema", "expected"),
    [
        ("stop", {"content": "Hi"}, None, ("done", "Hi")),
        ("length", {"content": "Hi"}, None, ("done", "Hi")),  # finish_reason says so
        ("stop", {"content": None, "refusal": "no"}, None, ("poison", "the model refused: no")),
        ("content_filter", {"content": "H"}, None, ("poison", "the content filter stopped")),
        ("stop", {"content": '{"a": 1}'}, {"type": "json_object"}, ("done", {"a": 1})),
        ("length", {"content": '{"a": '}, {"type": "json_object"}, ("poison", "cut at the limit")),
        ("stop", {"content": "a"}, {"type": "json_object"}, ("poison", "does not fit the schema")),
    ],
)
def test_what_comes_of_answers(reason, message, schema, expected):
    job = Job("m", "?", schema=schema)
    state, kept = job.outcome(job.read(answered(reason, **message)))
    assert state == expected[0]
    assert kept["answer"] == expected[1] if state == "done" else expected[1] in kept["error"]
    assert (kept["model"], kept["input_tokens"], kept["output_tokens"], kept["finish_reason"]) == ("m-1", 3, 5, reason)


@pytest.mark.parametrize("body", [{}, {"choices": []}, {"choices": [{}]}, {"choices": [{"message": None}], "usage": {}}])
def test_answers_that_break_the_schema_are_errors(body):
    job = Job("m", "?")
    assert job.outcome(job.read(body))[0] == "poison"


def test_a_shape_is_part_of_the_count():
    shape = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "description": "word " * 200}}}
    plain, shaped = Job("gpt-4o", "?"), Job("gpt-4o", "?", schema=shape)
    assert shaped.tokens(shaped.request({})) > plain.tokens(plain.request({})) + 150


def test_a_request_is_known_again_whatever_the_order_of_its_fields():
    assert identity_of({"a": 1, "b": {"c": 2, "d": 3}}) == identity_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert identity_of({"a": 1}) != identity_of({"a": 2})
