"""A running service, for all tests that need no settings of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pydantic
import pytest
from plain_http import Wire

from ceyx import OpenAI
from ceyx.service import LocalService
from ceyx.service.store import Store
from ceyx.wire.view import Answer, View


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


# Answers that validation refuses, as that of `openai` does.
REFUSED = {
    "ChatCompletionStoreMessage": "those of others than the assistant",
    "CompactedResponse": "messages in it are those of the user",
    "CreateEmbeddingResponse": "vectors as text, where base64 was asked for",
    "Embedding": "as above",
    "FileObject": "files for evals",
    "FineTuningJob": "jobs that are paused",
}


@pytest.fixture(autouse=True)
def validated() -> Iterator[None]:
    """Each answer that a client of these tests gets is one that validation takes, and takes as what it is."""
    wrong: Counter[str] = Counter()
    known: Any = vars(Answer)["_request_id"]

    def check(answer: Any, id_: str | None) -> None:
        known.fset(answer, id_)
        for view in [answer] if type(answer).__module__.startswith("ceyx.types") else getattr(answer, "data", ()):
            if isinstance(view, View) and not type(view).__name__.startswith("Parsed"):
                kind: Any = type(view)
                try:
                    if kind.model_validate_json(view.to_json()) != view:
                        wrong[f"{kind.__name__} is another once validated"] += 1
                except pydantic.ValidationError as error:
                    if kind.__name__ not in REFUSED:
                        wrong[f"{kind.__name__}: {error}"] += 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Answer, "_request_id", property(known.fget, check))
        yield
    assert not wrong


@pytest.fixture(scope="session")
def wire(service: LocalService) -> Iterator[Wire]:
    wire = Wire(service)
    yield wire
    wire.pool.clear()


@pytest.fixture
def own() -> Iterator[tuple[OpenAI, Store]]:
    """A service that nobody else uses, and its store."""
    with LocalService() as service, OpenAI(base_url=service.url, api_key="any", max_retries=0) as client:
        yield client, store_of(service)


def store_of(service: LocalService) -> Store:
    assert service._server is not None
    store: Store = service._server._app.state.service.store
    return store
