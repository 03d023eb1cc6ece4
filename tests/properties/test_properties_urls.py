"""Where a request goes is decided by the endpoint and the settings: no identifier, deployment or parameter moves it elsewhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, strategies as some
from memory_clients import ENDPOINT, VERSION, make, reply, sent
from shapes import awkward_text, quick

from ceyx import AzureOpenAI, OpenAI
from ceyx.transport import http1
from ceyx.wire import query
from ceyx.wire.call import omit, segment

ANY = reply({"id": "x", "object": "x", "data": [], "choices": []})
client = make(OpenAI, ANY, base_url="https://host.example/v1")
azure = make(AzureOpenAI, ANY)

# What an identifier may not be: nothing, longer than a path should be, or something no person could see in it.
refusable = re.compile(r"expected (a non-empty|an) identifier in the path, got ")


def path_of(url: str, origin: str) -> list[str]:
    """The segments of a URL, which must be what it seems to be to every reader."""
    assert url.isascii()
    assert not re.search(r"[\s\x00-\x20\x7f\\]", url)
    parts = urlsplit(url)
    assert (f"{parts.scheme}://{parts.netloc}", parts.fragment) == (origin, "")
    segments = parts.path.split("/")[1:]
    assert not {".", "..", ""} & set(segments)
    return segments


@quick
@given(awkward_text)
def test_an_identifier_is_one_segment_or_refused(value: str) -> None:
    try:
        client.models.retrieve(value)
    except ValueError as error:
        assert refusable.match(str(error))
        assert not value or not value.isprintable()
        return
    *before, last = path_of(sent(client).url, "https://host.example")
    assert before == ["v1", "models"]
    assert unquote(last) == value
    assert urlsplit(sent(client).url).query == ""


@quick
@given(awkward_text)
def test_a_deployment_is_one_segment_or_refused(value: str) -> None:
    try:
        azure.chat.completions.create(model=value, messages=[])
    except ValueError as error:
        assert "deployment" in str(error) if not value else refusable.match(str(error))
        assert not value or not value.isprintable()
        return
    *before, name, chat, completions = path_of(sent(azure).url, ENDPOINT)
    assert (before, chat, completions) == (["openai", "deployments"], "chat", "completions")
    assert unquote(name) == value
    assert urlsplit(sent(azure).url).query == f"api-version={VERSION}"


@quick
@given(
    some.text(max_size=20), some.sampled_from([*map(chr, range(32)), "\x7f", "\x85", "\u2028", "\u202e", "\ud800"]), some.text()
)
def test_what_cannot_be_seen_is_refused(before: str, hidden: str, after: str) -> None:
    with pytest.raises(ValueError, match="which no URL may hold"):
        segment(before + hidden + after)


@quick
@given(awkward_text, some.text(some.characters(exclude_categories=["Cs"]), max_size=10))
def test_the_request_line_is_one_line_with_one_target(model: str, value: str) -> None:
    try:
        client.models.retrieve(model, extra_query={"q": value})
    except ValueError:
        return
    request = sent(client)
    first, *rest = http1.head(request, request.method, request.target, None).split(b"\r\n")
    assert first == b"GET %b HTTP/1.1" % request.target.encode()
    assert [line.partition(b":")[0].decode() for line in rest[:-2]] == ["host", *request.headers]


# ---- queries

query_text = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
single = query_text | some.booleans() | some.integers() | some.none() | some.just(omit)
parameter: Any = some.recursive(
    single,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(query_text, inner, max_size=3),
    max_leaves=8,
)


def pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """What a parameter says, in the provider's way of writing it."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in pairs(f"{name}[{key}]", inner)]
    if isinstance(value, list):
        return [pair for inner in value for pair in pairs(f"{name}[]", inner)]
    if value is None or value is omit:
        return []
    return [(name, {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value))]


@quick
@given(some.dictionaries(query_text, parameter, max_size=5))
def test_a_query_says_what_was_given(parameters: dict[str, Any]) -> None:
    written = query.encoded(parameters)
    assert re.fullmatch(r"[A-Za-z0-9_.~%+=&\[\]-]*", written)
    assert parse_qsl(written, keep_blank_values=True) == [pair for item in parameters.items() for pair in pairs(*item)]


@quick
@given(some.dictionaries(query_text, parameter, max_size=4))
def test_a_query_changes_nothing_but_the_query(parameters: dict[str, Any]) -> None:
    azure.chat.completions.create(model="m", messages=[], extra_query=parameters)
    url = sent(azure).url
    assert path_of(url, ENDPOINT) == ["openai", "deployments", "m", "chat", "completions"]
    found = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    wanted = {"api-version": VERSION, **parameters}
    assert found == [pair for item in wanted.items() for pair in pairs(*item)]
