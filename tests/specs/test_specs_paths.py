"""Calls go where the documents say, with the api-version that they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from documents import ASKED, SURFACES, Document
from faults import faults

from ceyx import AzureOpenAI, OpenAI
from ceyx.exchange import request_for

HOST = "https://contoso.cognitiveservices.azure.com"
SAID: Any = [{"role": "user", "content": "Hello"}]
CALLS: dict[str, Callable[[Any], Any]] = {
    "chat": lambda client: client.chat.completions.plan.create(model="gpt-4o", messages=SAID),
    "completion": lambda client: client.completions.plan.create(model="gpt-35-turbo-instruct", prompt="Once"),
    "embedding": lambda client: client.embeddings.plan.create(model="text-embedding-3-small", input="text"),
    "models": lambda client: client.models.plan.list(),
    "model": lambda client: client.models.plan.retrieve("gpt-4o"),
    "model deleted": lambda client: client.models.plan.delete("ft:gpt-4o:org::id"),
}
# Operations of the same groups that ceyx has not; they leave the list when they arrive.
LATER = {
    "GET /chat/completions",
    "GET /chat/completions/{completion_id}",
    "POST /chat/completions/{completion_id}",
    "DELETE /chat/completions/{completion_id}",
    "GET /chat/completions/{completion_id}/messages",
}
GROUP = re.compile(r"\w+ (/deployments/[^/]+)?/(chat/completions|completions|embeddings|models)(/|$)")


def client_of(surface: str) -> Any:
    if surface == "OpenAI":
        return OpenAI(api_key="none")
    endpoint = f"{HOST}/openai/v1" if surface == "Azure v1" else HOST
    return AzureOpenAI(api_key="none", azure_endpoint=endpoint, api_version=SURFACES[surface].version)


def as_pattern(template: str) -> str:
    return re.sub(r"\\\{[^{}]+\\\}", "[^/]+", re.escape(template))


@pytest.mark.parametrize(("surface", "name"), ASKED)
def test_method_address_and_version(documents: Callable[[str], Document], surface: str, name: str) -> None:
    document, operation = documents(surface), SURFACES[surface].operations[name]
    method, path = operation.split()
    client = client_of(surface)
    call = CALLS[name](client)
    request = request_for(call, client._settings)
    url = urlsplit(request.origin + request.target)
    assert request.method == method
    assert re.fullmatch(as_pattern(document.server + path), f"{url.scheme}://{url.netloc}{url.path}"), url
    if surface == "OpenAI":
        assert re.fullmatch(as_pattern(path), call.path)
    known = {each["name"]: each for each in document.operation(operation).get("parameters", ()) if each["in"] == "query"}
    sent = {each: values[0] for each, values in parse_qs(url.query).items()}
    assert sent.keys() <= known.keys()
    assert {each for each in known if known[each].get("required")} <= sent.keys()
    for each, value in sent.items():
        assert not faults(document, known[each]["schema"], value, each)


@pytest.mark.parametrize("surface", SURFACES)
def test_every_operation_of_these_groups_is_compared(documents: Callable[[str], Document], surface: str) -> None:
    there = {operation for operation in documents(surface).operations() if GROUP.match(operation)}
    assert there - LATER == set(SURFACES[surface].operations.values())
    if surface == "OpenAI":
        assert there >= LATER
