"""Query strings."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, strategies as some

from ceyx import NOT_GIVEN, omit
from ceyx.wire.query import encoded

text = some.text(some.characters(exclude_categories=["Cs"]), max_size=8)
scalar = text | some.integers() | some.booleans()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, ""),
        ({"limit": 2, "after": "x"}, "limit=2&after=x"),
        ({"a": None, "b": omit, "c": NOT_GIVEN, "d": 0, "e": ""}, "d=0&e="),
        ({"a": True, "b": False}, "a=true&b=false"),
        ({"include": ["a", "b"]}, "include[]=a&include[]=b"),
        ({"include": ()}, ""),
        ({"include": ["a", None, omit]}, "include[]=a"),
        ({"metadata": {"k": "v", "n": {"m": 1}}}, "metadata[k]=v&metadata[n][m]=1"),
        ({"a": "x&y=z#?é ü/+"}, "a=x%26y%3Dz%23%3F%C3%A9+%C3%BC%2F%2B"),
        ({"a&b": 1.5}, "a%26b=1.5"),
    ],
)
def test_values(query, wanted):
    assert encoded(query) == wanted


def flat(query):
    for name, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            shown = str(item).lower() if isinstance(item, bool) else str(item)
            yield (f"{name}[]" if isinstance(value, list) else name), shown


@given(some.dictionaries(text, scalar | some.lists(scalar, max_size=3), max_size=4))
def test_what_is_sent_is_what_a_server_reads(query):
    assert parse_qsl(encoded(query), keep_blank_values=True) == list(flat(query))
    assert encoded(query).isascii()
