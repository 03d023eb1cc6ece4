"""What is compared: `openai` and ceyx (`packages.py`), the bare transport (`floor.py`), and models for LangChain (`models.py`).

All are asked the same questions. Knows nothing of measuring; `client.py` does that.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

HOMES: Final = {
    "openai": "packages",
    "ceyx": "packages",
    "floor": "floor",
    "langchain_openai": "models",
    "ceyx.langchain": "models",
    "langchain_core": "models",
}
"""In which module here each subject is."""

MODEL: Final = "gpt-4o"
MESSAGES: Final = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "How does a kingfisher catch a fish?"},
]
TEXTS: Final = [f"text number {number}" for number in range(100)]


class Blocking(Protocol):
    """A blocking client of one base URL."""

    def request(self) -> Any:
        """A chat completion, its text looked at."""
        ...

    def stream(self) -> int:
        """How many chunks with text a streamed chat completion had."""
        ...

    def embed(self) -> float:
        """A number that every vector of an embedding reply had a part in."""
        ...


class Asyncio(Protocol):
    """An asyncio client of one base URL."""

    async def request(self) -> Any:
        """A chat completion, its text looked at."""
        ...

    async def stream(self) -> int:
        """How many chunks with text a streamed chat completion had."""
        ...
