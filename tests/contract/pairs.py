"""Clients of both packages for one server, asked alike: what a call sends, and what it makes of the answer."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from answers import answer
from recorder import Recorder, Sent

import ceyx

Ask = Callable[[Any, Any], Any]
"""(client, package) -> what the call gives."""
AZURE = {"api_version": "2024-10-21", "api_key": "azure-key"}
SURFACES: dict[str, tuple[str, dict[str, Any]]] = {
    "OpenAI": ("OpenAI", {}),
    "Azure": ("AzureOpenAI", {"azure_endpoint": "{origin}"}),
    "Azure v1": ("OpenAI", {"base_url": "{origin}/openai/v1/", "default_query": {"api-version": "preview"}}),
    "Azure deployment": ("AzureOpenAI", {"azure_endpoint": "{origin}", "azure_deployment": "my deployment"}),
    # What clients can be told, for which a few calls do.
    "organization and project": ("OpenAI", {"organization": "org-1", "project": "proj-1"}),
    "headers and query": (
        "OpenAI",
        {"default_headers": {"X-Own": "0", "X-Own-Default": "d"}, "default_query": {"v": "1", "list": ["a", "b"]}},
    ),
    "base with a slash": ("OpenAI", {"base_url": "{origin}/deep/er/v1/"}),
    "key from a callable": ("OpenAI", {"api_key": lambda: "sk-called"}),
    "Azure with a slash": ("AzureOpenAI", {"azure_endpoint": "{origin}/"}),
    "Azure base URL": ("AzureOpenAI", {"base_url": "{origin}/gateway/openai"}),
    "Azure token": ("AzureOpenAI", {"azure_endpoint": "{origin}", "api_key": None, "azure_ad_token": "entra"}),
    "Azure token provider": (
        "AzureOpenAI",
        {"azure_endpoint": "{origin}", "api_key": None, "azure_ad_token_provider": lambda: "entra-provided"},
    ),
    "Azure headers and query": (
        "AzureOpenAI",
        {"azure_endpoint": "{origin}", "default_headers": {"X-Own-A": "a"}, "default_query": {"q": "1"}},
    ),
}
WHOLE = ("OpenAI", "Azure", "Azure v1")
"""The surfaces on which everything is compared."""


class Came(NamedTuple):
    """What came of a call."""

    sent: list[Sent]
    gave: Any
    raised: str | None


async def _later(key: Callable[[], str]) -> str:
    return key()


class Clients:
    """Both packages' clients, each made once."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._made: dict[Any, Any] = {}
        self._runner = asyncio.Runner()

    def client(self, package: Any, surface: str, awaits: bool) -> Any:
        if (package, surface, awaits) not in self._made:
            kind, options = SURFACES[surface]
            least = AZURE if "Azure" in kind else {"base_url": "{origin}/v1", "api_key": "sk-key"}
            given = {
                name: value.format(origin=self.recorder.origin) if isinstance(value, str) else value
                for name, value in {"max_retries": 0, **least, **options}.items()
            }
            if callable(given["api_key"]) and awaits:
                given["api_key"] = partial(_later, given["api_key"])
            self._made[package, surface, awaits] = getattr(package, f"Async{kind}" if awaits else kind)(**given)
        return self._made[package, surface, awaits]

    def came(self, package: Any, surface: str, awaits: bool, ask: Ask, turn: int = 0) -> Came:
        """What comes of asking so; streams and raw responses are read to their end."""

        async def awaited() -> Any:
            given = ask(client, package)
            given = await given if inspect.isawaitable(given) else given
            given = given.parse() if hasattr(given, "parse") else given
            return [event async for event in given] if "Stream" in type(given).__name__ else given

        client = self.client(package, surface, awaits)
        self.recorder.sent.clear()
        self.recorder.answer = partial(answer, turn=turn)
        raised, given = None, None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                if awaits:
                    given = self._runner.run(awaited())
                else:
                    given = ask(client, package)
                    given = given.parse() if hasattr(given, "parse") else given
                    given = list(given) if "Stream" in type(given).__name__ else given
        except Exception as error:  # noqa: BLE001  # which one it is, is compared
            raised = f"{type(error).__name__}: {error}"
        return Came(list(self.recorder.sent), given, raised)

    def close(self) -> None:
        for (_, _, awaits), client in self._made.items():
            if awaits:
                self._runner.run(client.close())
            else:
                client.close()
        self._runner.close()


def unlike(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where an answer of ours reads otherwise than that of `openai`: in attributes, items, values, or exported types."""
    if isinstance(theirs, list | tuple):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return [f"{path}: {ours!r:.80}, not {theirs!r:.80}"]
        return [
            text
            for place, (one, other) in enumerate(zip(ours, theirs, strict=True))
            for text in unlike(one, other, f"{path}[{place}]")
        ]
    if isinstance(theirs, dict):
        if not isinstance(ours, dict) or ours.keys() != theirs.keys():
            return [f"{path}: {ours!r:.80}, not {theirs!r:.80}"]
        return [text for key in theirs for text in unlike(ours[key], theirs[key], f"{path}{{{key}}}")]
    if hasattr(theirs, "iter_bytes"):
        return [] if ours.content == theirs.content else [f"{path}: {ours.content!r:.80}, not {theirs.content!r:.80}"]
    if not hasattr(theirs, "model_fields_set"):
        return [] if ours == theirs and type(ours) is type(theirs) else [f"{path}: {ours!r:.80}, not {theirs!r:.80}"]
    found = (
        [] if is_counterpart(type(ours), type(theirs)) else [f"{path}: a {type(ours).__name__}, not a {type(theirs).__name__}"]
    )
    for name in type(theirs).model_fields:
        at = f"{path}.{name}".lstrip(".")
        if not hasattr(ours, name):
            found.append(f"{at} is missing")
        else:
            found += unlike(getattr(ours, name), getattr(theirs, name), at)
    return found


def is_counterpart(ours: type, theirs: type) -> bool:
    """Whether `ours` is what ceyx has under the address where `openai` exports `theirs`; true of what it does not export."""
    group = theirs.__module__.removeprefix("openai.types").rpartition(".")[0]
    name = theirs.__name__.partition("[")[0]
    home: Any = ceyx.types
    for part in group.split(".")[1:]:
        home = getattr(home, part, None)
    counterpart = getattr(home, name, None) if theirs.__module__.startswith("openai.types") else None
    return not isinstance(counterpart, type) or issubclass(ours, counterpart)
