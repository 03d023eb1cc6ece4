"""All requests that a service saw, row by row: its own log keeps only the last, so it is read while they come."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any, Self
from urllib.request import urlopen

from ceyx.service import LocalService


def told(service: LocalService, path: str) -> dict[str, Any]:
    """What the service says of itself."""
    with urlopen(f"{service.url.removesuffix('/v1')}/_ceyx/{path}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


class RequestLog:
    """The requests by number, from when it is entered until it is left; `missed` of them came too fast."""

    def __init__(self, service: LocalService) -> None:
        self._service = service
        self._found: dict[int, dict[str, Any]] = {}
        self._over = 0
        """All requests up to this number are over."""
        self.missed = 0
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._reader.join()
        self._look()
        self.missed = self.count - len(self._found)

    def prompts(self) -> Counter[str]:
        """How often each prompt was asked."""
        return Counter(each["body"]["messages"][-1]["content"] for each in self._found.values() if each["body"])

    @property
    def count(self) -> int:
        return told(self._service, "counters")["requests"]

    @property
    def unread(self) -> int:
        """Requests that came and were not read to their end, as who asked was gone."""
        return sum(not each["body"] for each in self._found.values())

    def _read(self) -> None:
        while not self._ended.wait(0.05):
            self._look()

    def _look(self) -> None:
        for each in told(self._service, f"requests?after={self._over}&limit=500")["requests"]:
            self._found[each["number"]] = each
        while self._found.get(self._over + 1, {}).get("seconds") is not None:
            self._over += 1
