"""Ways to meet a fault: each of our transports, and the `openai` package, by the same steps."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import openai

import ceyx
from ceyx.service import LocalService

ASK: Any = [{"role": "user", "content": "Say hello"}]
OURS = ("urllib3", "aiohttp", "httpx2", "httpx2 async")
OWN = ("urllib3", "aiohttp")  # where what is asked about is no matter of ours with a client that the user made
THEIRS = ("openai", "openai async")
PATIENCE = 15.0  # seconds after which a call counts as one that hangs
KNOWN_TO_OPENAI = {
    *("max_retries", "timeout", "default_headers", "base_url", "api_key", "azure_endpoint", "api_version", "http_client"),
}


@dataclass
class Outcome:
    """What came of it, for whoever called."""

    text: str = ""
    """What was given out: of a stream, the pieces joined."""
    note: str = ""
    """What else there is to say, in the words of the row."""
    value: Any = None
    error: BaseException | None = None
    requests: int = 0
    """How often the call arrived at the service."""
    seconds: float = 0.0
    grown: float = 0.0
    """MB by which the peak of memory was above what there was before; nan where the system does not tell."""
    hung: bool = False


@dataclass
class Drive:
    """A way to the service, for one test."""

    name: str
    service: LocalService
    call: str = field(default_factory=lambda: uuid4().hex)

    @property
    def ours(self) -> bool:
        return self.name in OURS

    @property
    def awaits(self) -> bool:
        return self.name in ("aiohttp", "httpx2 async", "openai async")

    def client(self, *, fault: str = "", azure: bool = False, **options: Any) -> Any:
        """A client whose calls meet `fault`. Options that only ours has are left out of the others'."""
        headers = {
            "x-ceyx-request": self.call,
            **({"x-ceyx-fault": fault} if fault else {}),
            **options.pop("default_headers", {}),
        }
        given: dict[str, Any] = {"api_key": "sk-test", "max_retries": 0, "timeout": 5, **options, "default_headers": headers}
        if azure:
            given = {"azure_endpoint": self.service.azure_endpoint, "api_version": "2024-10-21", **given}
        else:
            given.setdefault("base_url", self.service.url)
        if not self.ours:
            connecting = {name: given[name] for name in ("proxy", "verify") if name in given}
            given = {name: value for name, value in given.items() if name in KNOWN_TO_OPENAI}
            if connecting:
                kind = openai.DefaultAsyncHttpxClient if self.awaits else openai.DefaultHttpxClient
                given["http_client"] = kind(**connecting)
        elif self.name.startswith("httpx2") and not {"proxy", "verify", "http_client"} & given.keys():
            given["http_client"] = (httpx2.AsyncClient if self.awaits else httpx2.Client)(trust_env=False)
        library: Any = ceyx if self.ours else openai
        name = f"{'Async' if self.awaits else ''}{'Azure' if azure else ''}OpenAI"
        return getattr(library, name)(**given)

    def run(self, work: Callable[[Any], Any], **options: Any) -> Outcome:
        """Gives `work` a client, and what it returns, awaited where it must be, to the outcome."""
        outcome = Outcome()

        async def awaited() -> Any:
            async with self.client(**options) as client:
                made = work(client)
                return await made if inspect.isawaitable(made) else made

        def attempt() -> None:
            try:
                if self.awaits:
                    outcome.value = asyncio.run(awaited())
                else:
                    with self.client(**options) as client:
                        outcome.value = work(client)
            except BaseException as error:  # noqa: BLE001  # whatever it is, it is what is asked about
                outcome.error = error

        thread = threading.Thread(target=attempt, daemon=True)
        before, started = reset_peak(), time.monotonic()
        thread.start()
        thread.join(PATIENCE)
        outcome.hung, outcome.seconds = thread.is_alive(), time.monotonic() - started
        outcome.grown = (peak() - before) / 1e6
        outcome.requests = self.arrived()
        if isinstance(outcome.value, str) and not outcome.text:
            outcome.text = outcome.value
        return outcome

    def whole(self, fault: str = "", params: Any = None, **options: Any) -> Outcome:
        """A chat completion, whole."""
        asked = {"model": "gpt-4o", "messages": ASK, **(params or {})}
        outcome = self.run(lambda client: client.chat.completions.create(**asked), fault=fault, **options)
        if (choices := getattr(outcome.value, "choices", None)) and outcome.error is None:
            outcome.text = choices[0].message.content or ""
        return outcome

    def stream(self, fault: str = "", params: Any = None, **options: Any) -> Outcome:
        """A chat completion in parts; `text` is what came of it, `value` the chunks."""
        pieces: list[str] = []
        chunks: list[Any] = []
        asked = {"model": "gpt-4o", "messages": ASK, "stream": True, **(params or {})}

        def take(chunk: Any) -> None:
            chunks.append(chunk)
            pieces.extend(choice.delta.content or "" for choice in getattr(chunk, "choices", None) or ())

        async def awaited(client: Any) -> None:
            async for chunk in await client.chat.completions.create(**asked):
                take(chunk)

        def blocking(client: Any) -> None:
            for chunk in client.chat.completions.create(**asked):
                take(chunk)

        outcome = self.run(awaited if self.awaits else blocking, fault=fault, **options)
        outcome.text, outcome.value = "".join(pieces), chunks
        return outcome

    def arrived(self) -> int:
        """How many requests of this test the service has had."""
        return int(self._counters()["calls"]["arrived"].get(self.call, 0))

    def counted(self, name: str) -> int:
        return int(self._counters()[name])

    def _counters(self) -> Any:
        with urllib.request.urlopen(f"{self.service.url.removesuffix('/v1')}/_ceyx/counters?calls=all") as answer:
            return json.load(answer)


STATUS = Path("/proc/self/status")


def _status(name: str) -> float:
    if not STATUS.exists():
        return float("nan")
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return float(line.split()[1]) * 1024


def reset_peak() -> float:
    """Bytes in memory now, from where the peak is counted again."""
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak() -> float:
    return _status("VmHWM")
