"""The cases, what one unit of each is, and what ceyx promises for it: data, read by the runner, the clients and the report.

A suite is the cases of one page: the clients beside `openai`, and the models for LangChain beside `langchain_openai`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Does = Literal["request", "tools", "stream", "embed", "keep", "snippet"]


@dataclass(frozen=True)
class Row:
    """One figure of a case, a line of the table, and the promises about it."""

    title: str
    unit: str
    figure: str = "cpu_us_per_unit"
    ratio: float | None = None
    """At least this many times less than the reference."""
    most: float | None = None
    """At most this much."""
    added: float | None = None
    """At most this much more than the floor."""


@dataclass(frozen=True)
class Case:
    """One thing to do, and the figures it gives."""

    name: str
    rows: tuple[Row, ...]
    does: Does
    replies: str = "chat"
    """Which replies to ask the server for: the first segment of the path."""
    at_once: int | None = None
    """How many requests are under way at any moment in one event loop; None is a blocking client."""
    secure: bool = False
    repeats: bool = True
    """Whether another round can give another figure: memory kept does not depend on what else the machine does."""
    of: tuple[str, ...] | None = None
    """The columns it is measured for; None is all."""


@dataclass(frozen=True)
class Suite:
    """Cases that make one table."""

    name: str
    title: str
    subjects: Mapping[str, str]
    """The names of the subjects by the heads of their columns: the reference, ceyx, the floor."""
    cases: tuple[Case, ...]
    packages: tuple[str, ...]
    """Those whose versions the page tells."""
    compared: str
    """What the page says of the subjects."""
    page: str
    """The file that a full run writes."""

    @property
    def reference(self) -> str:
        """The head of the column that ceyx is compared with."""
        return next(iter(self.subjects))


SHORT: Final = 3
"""How many times the rounds there are of a whole process, which is over before a machine has quietened down."""
REQUEST: Final = "us a request"
CHUNK: Final = "us a chunk"


def _request(name: str, title: str, at_once: int | None, ratio: float | None = None, *, secure: bool = False) -> Case:
    return Case(name, (Row(title, REQUEST, ratio=ratio, added=30),), "request", at_once=at_once, secure=secure)


def _stream(name: str, title: str, replies: str, at_once: int | None, ratio: float, added: float | None = None) -> Case:
    return Case(name, (Row(title, CHUNK, ratio=ratio, added=added),), "stream", replies, at_once)


def _first(name: str, title: str, memory: float) -> Case:
    cpu = Row(f"whole process with one request, {title}", "ms", "cpu_ms")
    return Case(name, (cpu, Row(f"its peak memory, {title}", "MB", "peak_mb", most=memory)), "snippet")


_CLIENTS: Final = (
    _request("sync", "request, sync", None, 5),
    _request("async-1", "request, async, 1 at once", 1),
    _request("async-50", "request, async, 50 at once", 50, 11),
    _request("async-200", "request, async, 200 at once", 200, 10),
    _request("tls-sync", "request over TLS, sync", None, secure=True),
    _request("tls-async-50", "request over TLS, async, 50 at once", 50, secure=True),
    _stream("burst-sync", "stream in a burst, sync", "burst", None, 17, 2.5),
    _stream("burst-async", "stream in a burst, async", "burst", 1, 17, 2.5),
    # What one wake-up of the process costs drowns a difference of 2.5 us here, so no promise about the floor.
    _stream("paced-sync", "stream, 1 ms between chunks, sync", "paced", None, 3.5),
    _stream("paced-async", "stream, 1 ms between chunks, async", "paced", 1, 2.5),
    Case("embeddings", (Row("embeddings, 100 of 1,536 numbers, sync", "ms a call", "cpu_ms_per_unit"),), "embed", "embeddings"),
    Case("bare", (Row("Python itself", "ms", "cpu_ms"),), "snippet", of=("floor",)),
    Case("construct-sync", (Row("import and construct, sync", "ms", "cpu_ms", ratio=7, most=70),), "snippet"),
    Case("construct-async", (Row("import and construct, async", "ms", "cpu_ms", ratio=7, most=70),), "snippet"),
    _first("first-sync", "sync", 32),
    _first("first-async", "async", 42),
    Case("retained", (Row("a completion kept", "KiB", "kib_per_unit", most=2.6),), "keep", repeats=False),
)

MODELS: Final = ("langchain_openai", "ceyx")
"""The columns of those that ask a server; langchain-core by itself asks none."""


def _make(name: str, made: str) -> Case:
    return Case(f"langchain-{name}", (Row(f"import and make, {made}", "ms", "cpu_ms", added=60),), "snippet")


_LANGCHAIN: Final = (
    Case("langchain-sync", (Row("invoke", REQUEST, ratio=4),), "request"),
    Case("langchain-async-1", (Row("ainvoke, 1 at once", REQUEST),), "request", at_once=1),
    Case("langchain-async-50", (Row("ainvoke, 50 at once", REQUEST, ratio=7.5),), "request", at_once=50),
    Case("langchain-tools", (Row("invoke with two tools bound, one called", REQUEST),), "tools", "tools", of=MODELS),
    Case("langchain-burst-sync", (Row("stream in a burst", CHUNK, ratio=4),), "stream", "burst"),
    Case("langchain-burst-async", (Row("astream in a burst", CHUNK, ratio=4.5),), "stream", "burst", at_once=1),
    Case(
        "langchain-embeddings",
        (Row("embed_documents, 100 of 1,536 numbers", "ms a call", "cpu_ms_per_unit", ratio=3),),
        "embed",
        "embeddings",
        of=MODELS,
    ),
    _make("chat", "ChatOpenAI"),
    _make("azure", "AzureChatOpenAI"),
    _make("embedder", "OpenAIEmbeddings"),
    Case(
        "langchain-first",
        (Row("whole process with one invoke", "ms", "cpu_ms"), Row("its peak memory", "MB", "peak_mb")),
        "snippet",
    ),
    Case("langchain-retained", (Row("an AIMessage kept", "KiB", "kib_per_unit"),), "keep", repeats=False, of=MODELS),
)

SUITES: Final = (
    Suite(
        "clients",
        "What a call costs the process that makes it",
        {"openai": "openai", "ceyx": "ceyx", "floor": "floor"},
        _CLIENTS,
        ("openai", "httpx2", "ceyx", "urllib3", "aiohttp", "msgspec"),
        """\
- Subjects: `openai` as installed by default; ceyx; and the floor, which is urllib3 (sync) or aiohttp (async) used plainly with
  msgspec for JSON: no errors, retries, options, types or rules of event streams. ceyx is built on both, so what it costs
  above the floor is its own.""",
        "results.md",
    ),
    Suite(
        "langchain",
        "What a call of a LangChain model costs the process that makes it",
        {"langchain_openai": "langchain_openai", "ceyx": "ceyx.langchain", "floor": "langchain_core"},
        _LANGCHAIN,
        ("langchain-core", "langchain-openai", "openai", "ceyx"),
        """\
- Subjects: `langchain_openai`; `ceyx.langchain`; and the floor, which is langchain-core alone: a `BaseChatModel` whose
  answer lies ready, in whole or in chunks, and which asks no server; of imports, that of `BaseChatModel`. What both models
  cost above it is their own, network included.
- Embeddings are asked for with `check_embedding_ctx_length=False`, as `langchain_openai` would fetch the table to count
  tokens with.""",
        "results-langchain.md",
    ),
)
BY_NAME: Final = {case.name: case for suite in SUITES for case in suite.cases}
