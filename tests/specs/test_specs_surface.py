"""Every endpoint beside every document: where it goes, what it sends, and what our types have a place for."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from calls import EVERY, Endpoint
from differences import differences
from documents import SURFACES, Document
from faults import faults
from instances import instance
from known import KNOWN, NOT_DESCRIBED, NOT_OURS

from ceyx import AzureOpenAI, OpenAI
from ceyx.exchange import request_for
from ceyx.wire.call import Pages

HOST = "https://contoso.cognitiveservices.azure.com"
TURNS = 3  # so many arms of each union
surfaces = pytest.mark.parametrize("surface", SURFACES)
endpoints = pytest.mark.parametrize("endpoint", EVERY, ids=lambda endpoint: endpoint.name)


def client_of(surface: str) -> Any:
    if surface == "OpenAI":
        return OpenAI(api_key="none")
    endpoint = f"{HOST}/openai/v1" if surface == "Azure v1" else HOST
    return AzureOpenAI(api_key="none", azure_endpoint=endpoint, api_version=SURFACES[surface].version, check_api_version=False)


CLIENTS = {surface: client_of(surface) for surface in SURFACES}


class Beside:
    """An endpoint on a surface, and the operation of the document that its request is for."""

    def __init__(self, document: Document, surface: str, endpoint: Endpoint) -> None:
        self.document, self.surface, self.endpoint = document, surface, endpoint
        self.call = endpoint.call(CLIENTS[surface])
        request = request_for(self.call, CLIENTS[surface]._settings)
        self.url = urlsplit(request.origin + request.target)
        self.query = {name.partition("[")[0] for name in parse_qs(self.url.query)}  # lists and objects have brackets
        self.operation = document.find(request.method, self.url.path.removeprefix(document.prefix))

    @property
    def asked(self) -> dict[str, Any]:
        return {} if self.operation is None else self.document.request(self.operation)

    def differences(self) -> Iterator[tuple[str, str, str]]:
        """Kind, place, and what differs."""
        if self.operation is None:
            return
        known = self.document.query(self.operation)
        for version in parse_qs(self.url.query).get("api-version", ()):
            schema = known.get("api-version", {}).get("schema", {})
            yield from (("query", "api-version", what) for _, what in faults(self.document, schema, version))
        asked, answered = self.asked, self.document.reply(self.operation)
        if self.call.method == "GET":
            yield from (("query", name, "is not known") for name in sorted(self.query - known.keys()))
        yield from (("query", name, "is no parameter of ours") for name in sorted(known.keys() - self.query - {"stream"}))
        if asked:
            yield from (("request", *found) for found in differences(self.document, asked, self.endpoint.takes))
        if answered:
            if isinstance(self.call, Pages):
                (page, *_) = self.document.shapes(answered)
                answered = page["properties"]["data"]["items"]
            yield from (("answer", *found) for found in differences(self.document, answered, self.endpoint.gives))
        if self.surface == "OpenAI":  # whose document knows all that our types allow
            for turn in range(TURNS):
                body = self.endpoint.call(CLIENTS[self.surface], turn).body
                found = [("", "is sent")] * bool(body) if not asked else faults(self.document, asked, body or {})
                yield from (("body", *fault) for fault in found)


@pytest.fixture(scope="module")
def beside(documents: Callable[[str], Document]) -> Callable[[str, Endpoint], tuple[Beside, list[tuple[str, str, str]]]]:
    def compared(surface: str, endpoint: Endpoint) -> tuple[Beside, list[tuple[str, str, str]]]:
        pair = Beside(documents(surface), surface, endpoint)
        return pair, list(pair.differences())

    return cache(compared)


@surfaces
@endpoints
def test_endpoints(beside: Any, surface: str, endpoint: Endpoint) -> None:
    pair, found = beside(surface, endpoint)
    if pair.operation is None:
        assert surface != "OpenAI" or endpoint.name in NOT_DESCRIBED, f"{pair.call!r} is no operation of the document"
    wrong = [
        f"{endpoint.name}: {kind} {path}: {what}"
        for kind, path, what in found
        if not any(known.covers(surface, endpoint.name, kind, path, what) for known in KNOWN)
    ]
    assert not wrong, "\n".join(wrong)


@surfaces
@endpoints
def test_what_a_document_allows_is_sent_as_it_is(beside: Any, surface: str, endpoint: Endpoint) -> None:
    pair, _ = beside(surface, endpoint)
    if not pair.asked:
        return
    for turn in range(TURNS):
        written = instance(pair.document, pair.asked, turn)
        given = {name: written[name] for name in written.keys() & endpoint.parameters.keys() if name != "stream"}
        body = endpoint.call(CLIENTS[surface], turn, copy.deepcopy(given)).body
        assert body is not None
        assert {name: body.get(name) for name in given} == given


@surfaces
def test_every_operation_is_there(beside: Any, surface: str) -> None:
    ours = {beside(surface, endpoint)[0].operation for endpoint in EVERY}
    document = beside(surface, EVERY[0])[0].document
    left = [each for each in document.operations() if each not in ours and not any(re.search(one, each) for one in NOT_OURS)]
    assert not left, "operations that ceyx has not; is there a reason?"


def test_no_exception_is_one_too_many(beside: Any) -> None:
    every = [
        (surface, endpoint.name, *difference)
        for surface in SURFACES
        for endpoint in EVERY
        for difference in beside(surface, endpoint)[1]
    ]
    assert [known for known in KNOWN if not any(known.covers(*one) for one in every)] == []
    described = {endpoint.name for endpoint in EVERY if beside("OpenAI", endpoint)[0].operation is not None}
    assert not described & NOT_DESCRIBED
    operations = [each for surface in SURFACES for each in beside(surface, EVERY[0])[0].document.operations()]
    assert [one for one in NOT_OURS if not any(re.search(one, each) for each in operations)] == []
