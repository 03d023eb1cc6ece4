"""JSON that is still being written, beside what the parser of the `openai` package makes of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from jiter import from_json

from ceyx.streams.partial_json import begun

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.sampled_from('a"\\/é\n{}[],: '), max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.sampled_from('ab"\\'), max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(values, st.integers(0, 60), st.sampled_from([None, 1]))
def test_what_is_whole_of_it(value, cut, indent):
    text = json.dumps(value, indent=indent)[:cut]
    if re.search(r"[\w.+-]\Z", text):
        text = text[: -len(re.search(r"[\w.+-]*\Z", text).group())]  # type: ignore[union-attr]  # theirs shows half a number
    try:
        expected = from_json(text.encode(), partial_mode=True)
    except ValueError:  # nothing is whole yet
        expected = None
    assert begun(text) == expected


@settings(derandomize=True, deadline=None, database=None)
@given(values)
def test_a_whole_text_is_its_value(value):
    if isinstance(value, dict | list | str):  # others may go on
        assert begun(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("", None), ("  ", None), ('"ab', None), ("12", None), ("tru", None), ("{", {}), ("[", [])),
        *(('{"a": 12', {}), ('{"a": 12,', {"a": 12}), ("[1, 2", [1]), ("[true", []), ("[true ", [True])),
        *(('{"a": "x', {}), ('{"a": "x"', {"a": "x"}), ('{"a": "x\\', {}), ('{"a": "\\u00', {}), ('{"a"', {}), ('{"a":', {})),
        *(('{"a": {"b": ["c"', {"a": {"b": ["c"]}}), ('{"a": [{"b": 1}, {"c', {"a": [{"b": 1}, {}]})),
        *(("[1,]", None), ("]", None), ("[}", None), ("{1: 2}", None), ("nonsense,", None), ('["\ud800"', None)),
    ],
)
def test_by_example(text: str, value: Any) -> None:
    assert begun(text) == value


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(st.sampled_from('{}[]",:\\ 1ae\n'), max_size=20))
def test_no_text_is_an_error(text):
    begun(text)
