"""Side by side with the `openai` package, over its whole surface: every call sends the same, and reads the answer alike."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from answers import ROUTES
from by_hand import BY_HAND, SOME
from generated import CALLS
from pairs import SURFACES, WHOLE, Ask, Clients, unlike
from recorder import Recorder
from surface import LEFT_OUT, METHODS, NOT_OURS, OPENAI, OURS_TOO, SENDING, at, parameters

import ceyx
from ceyx.dialect import BELOW_DEPLOYMENT

# Methods whose requests name a deployment in their path; where the client has one, `openai` sends all others there, too.
DEPLOYED = [one.name for one in ROUTES if any(one.method == method and one.path.fullmatch(at) for method, at in BELOW_DEPLOYMENT)]
# Where an answer reads otherwise on purpose, by the method (or call) and the attribute.
OTHERWISE = {
    ("chat.completions.parse", "choices[].message.tool_calls"): "`openai` drops calls of custom tools, with a log line",
}
# Calls that `openai` lets pass.
REFUSED = {"responses.parse-all-2": "an answer that a content filter cut is no answer to parse, as in chat"}
awaited = pytest.mark.parametrize("awaits", [False, True], ids=["sync", "async"])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with Recorder() as recorder:
        made = Clients(recorder)
        yield made
        made.close()


# ---- signatures


def test_the_whole_surface_is_compared() -> None:
    assert len(METHODS) > 130
    assert set(LEFT_OUT) <= {*dir(OPENAI), *(f"beta.{name}" for name in dir(OPENAI.beta)), "responses.connect"}


@awaited
@pytest.mark.parametrize("path", METHODS)
def test_methods_and_parameters(path: str, awaits: bool) -> None:
    kind, ours_too = "AsyncOpenAI" if awaits else "OpenAI", OURS_TOO[""] | OURS_TOO.get(path.removeprefix("beta."), set())
    found: list[dict[str, Any]] = []
    for package in (ceyx, openai):
        every = parameters(getattr(package, kind)(api_key="k"), path)  # AttributeError names what is missing
        found.append({name: (one.kind, one.default is one.empty) for name, one in every.items() if name not in ours_too})
    missing = sorted(found[1].keys() - found[0].keys())
    assert missing == sorted(NOT_OURS.get(path, ())), "parameters of `openai`, and those that ceyx leaves out"
    found[1] = {name: one for name, one in found[1].items() if name not in missing}
    assert found[0] == found[1]


@pytest.mark.parametrize("path", METHODS)
def test_what_is_awaited_is_awaited(path: str) -> None:
    theirs, ours = (at(package.AsyncOpenAI(api_key="k"), path) for package in (openai, ceyx))
    if "Async" not in str(inspect.signature(theirs).return_annotation):  # listings and streams, which are awaitable all the same
        assert inspect.iscoroutinefunction(inspect.unwrap(theirs)) == inspect.iscoroutinefunction(ours)


# ---- requests and answers


def cases() -> Iterator[Any]:
    for surface in WHOLE:
        yield from (pytest.param(surface, name, id=f"{surface}-{name}") for name in (*CALLS, *BY_HAND))
    yield from (
        pytest.param("Azure deployment", name, id=f"Azure deployment-{name}")
        for name in CALLS
        if name.partition("-")[0] in DEPLOYED
    )
    for surface in SURFACES:
        if surface not in WHOLE:
            yield from (pytest.param(surface, name, id=f"{surface}-{name}") for name in SOME)


def compared(clients: Clients, surface: str, awaits: bool, name: str, ask: Ask, turn: int = 0) -> None:
    theirs, ours = (clients.came(package, surface, awaits, ask, turn) for package in (openai, ceyx))
    assert [one._asdict() for one in ours.sent] == [one._asdict() for one in theirs.sent] != []
    assert theirs.raised is None
    assert (ours.raised is not None) is (name in REFUSED), ours.raised
    if ours.raised is None:
        method = name.removeprefix("beta.").partition("-")[0]
        found = unlike(ours.gave, theirs.gave)
        wrong = [text for text in found if (method, re.sub(r"\d", "", text).partition(":")[0]) not in OTHERWISE]
        assert not wrong, "\n".join(wrong)


@awaited
@pytest.mark.parametrize(("surface", "name"), list(cases()))
def test_the_same_request_and_the_same_answer(surface: str, name: str, awaits: bool, clients: Clients) -> None:
    if name in CALLS:
        compared(clients, surface, awaits, name, *CALLS[name])
    else:
        compared(clients, surface, awaits, name, BY_HAND[name])


@awaited
@pytest.mark.parametrize("path", SENDING)
def test_raw_responses(path: str, awaits: bool, clients: Clients) -> None:
    """`with_raw_response` gives what the call itself gives, and what it came in."""
    group, _, name = path.rpartition(".")
    if not hasattr(at(OPENAI, f"{group}.with_raw_response"), name):
        return  # flows, which give no one response
    call = CALLS[f"{path}-least-0"]
    plain = clients.came(ceyx, "OpenAI", awaits, call.ask)

    def raw(client: Any, package: Any) -> Any:
        return call.ask(_Raw(client, group), package)

    compared(clients, "OpenAI", awaits, path, raw)
    assert clients.came(ceyx, "OpenAI", awaits, raw).sent == plain.sent


class _Raw:
    """A client whose group of this name is the raw one."""

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._groups = client, group.split(".")

    def __getattr__(self, name: str) -> Any:
        first, *rest = self._groups
        inner = getattr(self._client, name)
        return _Raw(inner, ".".join(rest)) if rest else inner.with_raw_response if name == first else inner


def test_differences_that_there_are_none_any_more(clients: Clients) -> None:
    for name in REFUSED:
        call = CALLS[name]
        assert clients.came(ceyx, "OpenAI", False, *call).raised
    for method, attribute in OTHERWISE:
        came = [clients.came(package, "OpenAI", False, *CALLS[f"{method}-least-0"]) for package in (ceyx, openai)]
        assert any(re.sub(r"\d", "", text).startswith(attribute) for text in unlike(came[0].gave, came[1].gave))
