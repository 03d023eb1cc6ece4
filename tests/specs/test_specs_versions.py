"""The table of api-versions is held against the documents of the versions that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from documents import SURFACES, Document

from ceyx.wire.versions import ENDPOINTS, PARAMETERS, Feature

DATED = [name for name, surface in SURFACES.items() if (surface.version or "").startswith("20")]
ELSEWHERE = {"files", "models", "fine_tuning", "batches", "uploads", "evals", "stored chat.completions"}
"""What documents of their own have, or none that is published."""


@pytest.mark.parametrize("surface", DATED)
@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.name not in ELSEWHERE], ids=lambda one: one.name)
def test_a_document_has_the_endpoints_that_the_table_says(
    surface: str, endpoint: Feature, documents: Callable[[str], Document]
) -> None:
    wanted = "/" + endpoint.name.replace(".", "/")
    paths = {name.split()[1].removeprefix("/deployments/{deployment-id}") for name in documents(surface).operations()}
    assert (wanted in paths) == endpoint.known_in(str(SURFACES[surface].version))


@pytest.mark.parametrize("surface", DATED)
@pytest.mark.parametrize("feature", [one for one in PARAMETERS if " " not in one.name], ids=lambda one: one.name)
def test_a_document_has_the_parameters_that_the_table_says(
    surface: str, feature: Feature, documents: Callable[[str], Document]
) -> None:
    operation = SURFACES[surface].operations["embedding" if feature.of == "embeddings" else "chat"]
    spoken = documents(surface)
    properties = found(spoken, spoken.request(operation))
    has = feature.parameter in properties
    if has and feature.value:
        has = f"'{feature.value}'" in repr(all_of(spoken, properties[feature.parameter]))
    assert has == feature.known_in(str(SURFACES[surface].version))


def found(document: Document, schema: Any) -> dict[str, Any]:
    """The properties of a schema, those of its parts included."""
    schema = document.resolved(schema)
    parts = [found(document, part) for kind in ("allOf", "anyOf", "oneOf") for part in schema.get(kind, ())]
    return {name: one for part in [*parts, schema.get("properties", {})] for name, one in part.items()}


def all_of(document: Document, schema: Any) -> Any:
    """A schema with what it refers to, some levels down."""
    if isinstance(schema, list):
        return [all_of(document, one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: all_of(document, one) for name, one in document.resolved(schema).items() if name != "description"}
