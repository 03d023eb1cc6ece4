"""What the local service answers is what the documents say of OpenAI's and Azure's, asked by the paths that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import urllib3
from documents import SURFACES, WRITTEN, Document
from faults import faults

from ceyx.service import LocalService

SAID = [{"role": "user", "content": "Find the city of Oslo"}]
CITY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["name", "population"],
    "additionalProperties": False,
}
FUNCTION = {"name": "find_city", "parameters": CITY}
TOOL = {"type": "function", "function": {**FUNCTION, "strict": True}}
CALLED = {"id": "call_1", "type": "function", "function": {"name": "find_city", "arguments": '{"name": "Oslo"}'}}
TURNS = [*SAID, {"role": "assistant", "content": None, "tool_calls": [CALLED]}]
CUSTOM = {"type": "custom", "custom": {"name": "shell"}}
SHAPE = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}}
MODELS = {"chat": "gpt-4o", "completion": "gpt-35-turbo-instruct", "embedding": "text-embedding-3-small"}
BODIES: dict[str, dict[str, dict[str, Any]]] = {
    "chat": {
        "plain": {"messages": SAID},
        "several": {"messages": SAID, "n": 2, "seed": 7},
        "cut": {"messages": SAID, "max_tokens": 1},
        "tools": {"messages": SAID, "tools": [TOOL], "tool_choice": "required"},
        "tools answered": {"messages": [*TURNS, {"role": "tool", "tool_call_id": "call_1", "content": "{}"}], "tools": [TOOL]},
        "function": {"messages": SAID, "functions": [FUNCTION], "function_call": {"name": "find_city"}},
        "schema": {"messages": SAID, "response_format": SHAPE},
        "JSON": {"messages": [{"role": "user", "content": "Say it in JSON"}], "response_format": {"type": "json_object"}},
        "logprobs": {"messages": SAID, "logprobs": True, "top_logprobs": 2},
    },
    "completion": {
        "plain": {"prompt": "Once"},
        "several": {"prompt": ["Once", "Twice"], "n": 2},
        "cut": {"prompt": "Once", "max_tokens": 1},
        "logprobs": {"prompt": "Once", "logprobs": 2, "echo": True},
    },
    "embedding": {
        "one": {"input": "text"},
        "several": {"input": ["a", "b"], "dimensions": 8},
        "numbers": {"input": "text", "encoding_format": "float"},
    },
}
OPENAI_ONLY = {"chat": {"custom tool": {"messages": SAID, "tools": [CUSTOM], "tool_choice": "required"}}}
EACH = [(*asked, how) for asked in WRITTEN for how in ("whole", "streamed") if (asked[1], how) != ("embedding", "streamed")]
REFUSED: dict[str, dict[str, Any]] = {
    "chat": {"messages": SAID, "temperature": 5},
    "completion": {"prompt": "Once", "temperature": 5},
    "embedding": {"input": []},
}

# ---- faults that shall be, by the path they are at; the services themselves answer so

NOT_YET = "null until the last part, which the document has no word for"
FILTERED_FIRST = "Azure's first event brings the findings of its filter and nothing else"
KNOWN: dict[tuple[str, str, str], dict[str, str]] = {
    ("OpenAI", "chat", "streamed"): {"choices[].delta.tool_calls[].type": "the document has no custom tools in streams"},
    ("Azure", "chat", "streamed"): {"object": FILTERED_FIRST},
    ("Azure preview", "chat", "streamed"): {"object": FILTERED_FIRST},
    ("Azure v1", "chat", "streamed"): {"object": FILTERED_FIRST},
    ("OpenAI", "completion", "streamed"): {"usage": NOT_YET, "choices[].finish_reason": NOT_YET},
    ("Azure", "completion", "streamed"): {"usage": NOT_YET, "choices[].finish_reason": NOT_YET},
    ("Azure preview", "completion", "streamed"): {"usage": NOT_YET, "choices[].finish_reason": NOT_YET},
}
WRONGLY_ASKED = {
    ("Azure", "chat"): {"response_format.json_schema.type": "the document asks for it, and has no word on what it is"}
}
WRONGLY_REFUSED = {"Azure v1": {"error.type": "the document has `error` for all of them; the services name the kind"}}


class Wire:
    """The service by HTTP, at the addresses of a document: no client of ours stands between."""

    def __init__(self, service: LocalService, document: Document, surface: str) -> None:
        self.document, self.surface = document, SURFACES[surface]
        self.below = service.azure_endpoint + document.prefix

    def ask(self, name: str, model: str, body: dict[str, Any] | None = None) -> urllib3.BaseHTTPResponse:
        method, path = self.surface.operations[name].split()
        address = self.below + path.replace("{deployment-id}", model).replace("{model}", model)
        if self.surface.version:
            address += f"?api-version={self.surface.version}"
        deployed = "{deployment-id}" in path
        content = None if body is None else msgspec.json.encode(body if deployed else {"model": model, **body})
        return POOL.request(method, address, body=content, headers={"api-key": "any"})


POOL = urllib3.PoolManager(retries=False, timeout=10)


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running
    POOL.clear()


def events(answer: urllib3.BaseHTTPResponse) -> list[Any]:
    *parts, done, rest = answer.data.decode().split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [msgspec.json.decode(part.removeprefix("data: ")) for part in parts]


def bodies(surface: str, name: str) -> dict[str, dict[str, Any]]:
    return {**BODIES[name], **(OPENAI_ONLY.get(name, {}) if surface == "OpenAI" else {})}


def told(case: str, found: list[tuple[str, str]]) -> dict[str, str]:
    return {path: f"{case}: {path} {what}" for path, what in found}


def check(found: dict[str, str], known: dict[str, str]) -> None:
    """Every fault is known, and none is known that is none."""
    wrong = [text for path, text in found.items() if path not in known]
    assert not wrong, "\n".join(wrong)
    assert not known.keys() - found.keys(), "exceptions that are none any more"


@pytest.mark.parametrize(("surface", "name", "how"), EACH)
def test_answers(documents: Callable[[str], Document], service: LocalService, surface: str, name: str, how: str) -> None:
    document, streamed = documents(surface), how == "streamed"
    wire = Wire(service, document, surface)
    operation = wire.surface.operations[name]
    asked, answered = document.request(operation), document.reply(operation, streamed=streamed)
    in_bodies: dict[str, str] = {}
    found: dict[str, str] = {}
    for case, body in bodies(surface, name).items():
        whole = {**body, "stream": True, "stream_options": {"include_usage": True}} if streamed else body
        in_bodies |= told(case, faults(document, asked, {"model": MODELS[name], **whole}))
        answer = wire.ask(name, MODELS[name], whole)
        assert answer.status == 200, (case, answer.data)
        items = events(answer) if streamed else [answer.json()]
        assert len(items) > 1 or not streamed
        for item in items:
            found |= told(case, faults(document, answered, item))
    check(in_bodies, WRONGLY_ASKED.get((surface, name), {}))
    check(found, KNOWN.get((surface, name, how), {}))


@pytest.mark.parametrize("surface", ["OpenAI", "Azure v1"])
def test_models(documents: Callable[[str], Document], service: LocalService, surface: str) -> None:
    document = documents(surface)
    wire = Wire(service, document, surface)
    for name in ("models", "model"):
        answer = wire.ask(name, "gpt-4o")
        assert answer.status == 200
        assert not faults(document, document.reply(wire.surface.operations[name]), answer.json())


def test_a_model_there_is_not(documents: Callable[[str], Document], service: LocalService) -> None:
    document = documents("OpenAI")
    answer = Wire(service, document, "OpenAI").ask("model deleted", "ft:gpt-4o:org::id")
    assert answer.status == 404
    assert not faults(document, document.failure("POST /chat/completions"), answer.json())


# Azure's dated documents do not say how embeddings are refused.
@pytest.mark.parametrize(
    ("surface", "name"), [each for each in WRITTEN if each not in {("Azure", "embedding"), ("Azure preview", "embedding")}]
)
def test_refusals(documents: Callable[[str], Document], service: LocalService, surface: str, name: str) -> None:
    document = documents(surface)
    wire = Wire(service, document, surface)
    answer = wire.ask(name, MODELS[name], REFUSED[name])
    assert answer.status == 400
    found = faults(document, document.failure(wire.surface.operations[name]), answer.json())
    check(told(name, found), WRONGLY_REFUSED.get(surface, {}))
