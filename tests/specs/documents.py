"""OpenAPI documents, read as far as these tests need them: operations, and schemas taken apart into plain shapes.

What a document is compared with is left to `differences.py` (types) and `faults.py` (values).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

Schema = dict[str, Any]
_DEPLOYED = {
    "chat": "POST /deployments/{deployment-id}/chat/completions",
    "completion": "POST /deployments/{deployment-id}/completions",
    "embedding": "POST /deployments/{deployment-id}/embeddings",
}
_SPREAD = ("$ref", "allOf", "anyOf", "oneOf", "discriminator", "nullable")


class Surface(NamedTuple):
    """A way into the API, as one document describes it, and where it has the operations that ceyx has."""

    file: str
    version: str | None
    """The api-version its clients send."""
    operations: dict[str, str]


SURFACES = {
    "OpenAI": Surface(
        "openai-openapi.json",
        None,
        {
            "chat": "POST /chat/completions",
            "completion": "POST /completions",
            "embedding": "POST /embeddings",
            "models": "GET /models",
            "model": "GET /models/{model}",
            "model deleted": "DELETE /models/{model}",
        },
    ),
    "Azure": Surface("azure-aoai-inference-2024-10-21.json", "2024-10-21", _DEPLOYED),
    "Azure preview": Surface("azure-AIFoundryOpenAI.json", "2025-03-01-preview", _DEPLOYED),
    "Azure v1": Surface(
        "azure-AIFoundryOpenAIV1.json",
        None,
        {
            "chat": "POST /chat/completions",
            "embedding": "POST /embeddings",
            "models": "GET /models",
            "model": "GET /models/{model}",
        },
    ),
}
ASKED = [(surface, name) for surface, known in SURFACES.items() for name in known.operations]
"""Every operation of every surface."""
WRITTEN = [(surface, name) for surface, name in ASKED if SURFACES[surface].operations[name].startswith("POST")]
"""Those that send a body."""


class Document:
    """One document, read once."""

    def __init__(self, path: Path) -> None:
        self.root: Schema = msgspec.json.decode(path.read_bytes())

    @property
    def server(self) -> str:
        """The address its paths are below, parameters in braces."""
        return str(self.root["servers"][0]["url"]).replace("REPLACEBYPOLICY", "{endpoint}").rstrip("/")

    @property
    def prefix(self) -> str:
        return urlsplit(self.server).path

    def operations(self) -> Iterator[str]:
        """Each operation, as `POST /embeddings`."""
        for path, methods in self.root["paths"].items():
            yield from (f"{method.upper()} {path}" for method in methods if method in ("get", "post", "put", "patch", "delete"))

    def operation(self, name: str) -> Schema:
        method, path = name.split()
        return dict(self.root["paths"][path][method.lower()])

    def find(self, method: str, path: str) -> str | None:
        """The operation that a request is for, the one with the fewest parameters in its path."""
        fitting = [
            name
            for name in self.operations()
            if name.startswith(f"{method} ")
            and re.fullmatch(re.sub(r"\\\{[^{}]+\\\}", "[^/]+", re.escape(name.split()[1])), path)
        ]
        return min(fitting, key=lambda name: name.count("{"), default=None)

    def resolved(self, schema: Schema) -> Schema:
        return self.target(schema["$ref"]) if "$ref" in schema else schema

    def request(self, name: str) -> Schema:
        """The schema of what an operation is sent; empty where that is nothing."""
        content = self.resolved(self.operation(name).get("requestBody", {})).get("content", {})
        kind = "multipart/form-data" if "multipart/form-data" in content else "application/json"
        return dict(content[kind]["schema"]) if content else {}

    def query(self, name: str) -> dict[str, Schema]:
        """The query parameters of an operation."""
        every = map(self.resolved, self.operation(name).get("parameters", ()))
        return {one["name"].removesuffix("[]"): one for one in every if one["in"] == "query"}

    def reply(self, name: str, *, streamed: bool = False) -> Schema:
        """The schema of what an operation answers, or of each event where it streams the answer; empty where that is no JSON."""
        answers = self.operation(name)["responses"]
        content = self.resolved(answers.get("200") or answers.get("201") or {}).get("content", {})
        kind = "text/event-stream" if streamed and "text/event-stream" in content else "application/json"
        if kind not in content:
            return {}
        schema: Schema = content[kind]["schema"]
        either = schema.get("oneOf", ())  # Azure's dated document has both under one type
        return next((part for part in either if ("Stream" in part.get("$ref", "")) is streamed), schema)

    def failure(self, name: str) -> Schema:
        """The schema of what an operation answers when it refuses."""
        answers = self.operation(name)["responses"]
        answer: Schema = answers["default"] if "default" in answers else answers["429"]
        return dict((self.target(answer["$ref"]) if "$ref" in answer else answer)["content"]["application/json"]["schema"])

    def target(self, reference: str) -> Schema:
        found: Any = self.root
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)

    def shapes(self, schema: Schema, inside: frozenset[str] = frozenset()) -> Iterator[Schema]:
        """What `schema` allows, as plain alternatives: references followed, allOf merged, anyOf and oneOf one by one.

        Null is an alternative of its own. A base class with a discriminator stands for the classes that name it.
        """
        bases: list[list[Schema]] = []
        if reference := schema.get("$ref"):
            bases.append(list(self.shapes(self.target(reference), inside | {reference})))
        bases += (list(self.shapes(part, inside)) for part in schema.get("allOf", ()))
        either = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        classes = schema.get("discriminator", {}).get("mapping", {}).values()
        if classes and not either and inside.isdisjoint(classes):  # else one of them asks for it, as its base
            for name in classes:
                yield from self.shapes({"$ref": name}, inside)
            return
        if either:
            bases.append([shape for part in either for shape in self.shapes(part, inside)])
        own = {name: value for name, value in schema.items() if name not in _SPREAD}
        for combined in product(*bases):
            shape: Schema = {}
            for part in (*combined, own):
                shape = merged(shape, part)
            kinds = shape.get("type")
            yield from ({**shape, "type": kind} for kind in kinds) if isinstance(kinds, list) else (shape,)
        if schema.get("nullable"):
            yield {"type": "null"}


def merged(base: Schema, own: Schema) -> Schema:
    """Both schemas as one; a wrapper that is there for its description only has no say in the type."""
    both = {**base, **own}
    if "type" in base and "properties" not in own:
        both["type"] = base["type"]
    if "properties" in base or "properties" in own:
        both["properties"] = {**base.get("properties", {}), **own.get("properties", {})}
        both["required"] = sorted({*base.get("required", ()), *own.get("required", ())})
    return both


def tag(shape: Schema) -> str | None:
    """What tells this alternative of several from the others: the only value of its `role` or `type`."""
    for name in ("role", "type"):
        values = shape.get("properties", {}).get(name, {}).get("enum", ())
        if len(values) == 1:
            return str(values[0])
    return None


def payloads(text: str) -> list[Any]:
    """The JSON values of an example, which people wrote: lines left out, commas too many or missing."""
    text = re.sub(r"(?m)^\s*\.{3,}.*$", "", text)
    text = re.sub(r",(?=\s*[}\]])", "", text)
    text = re.sub(r'(["\]}\w])(?=\n\s*")', r"\1,", text)
    values: list[Any] = []
    while text := text.strip():
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:]
    return values
