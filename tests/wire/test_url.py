"""Addresses with parts: those of httpx."""

from __future__ import annotations

import pickle

import httpx
import pytest

from ceyx.wire.url import URL

ADDRESSES = [
    "https://api.openai.com/v1/",
    "http://[::1]:8080/a/b",
    "https://host:443/?a=1&b=%20",
    "http://HOST:80/x",
    "https://h",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_parts(address):
    ours, theirs = URL(address), httpx.URL(address)
    for part in ("scheme", "host", "port", "query"):
        assert getattr(ours, part) == getattr(theirs, part), part
    assert (ours.path or "/") == theirs.path
    assert ours.netloc.decode() in address


def test_it_is_the_string():
    ours = URL("https://h/p?q=1")
    assert ours == "https://h/p?q=1"
    assert str(ours) == f"{ours}" == "https://h/p?q=1"
    assert {ours: 1}["https://h/p?q=1"] == 1
    assert (ours.raw_path, ours.netloc) == (b"/p?q=1", b"h")
    again = pickle.loads(pickle.dumps(ours))
    assert (again, again.host) == (ours, "h")
