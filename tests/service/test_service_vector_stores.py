"""Vector stores: files go in, are cut and searched, filtered, failed, taken out; alone and in batches."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec
import openai
import pytest
from hypothesis import given, strategies as st

from ceyx import AsyncOpenAI, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from ceyx.service import LocalService, Settings
from ceyx.service.searching import checked, chunked, matches
from ceyx.service.store import Store
from ceyx.service.tokens import pieces

BIRDS = b"The kingfisher is a small blue bird that dives for fish. It lives beside slow rivers and nests in their banks."
BREAD = b"Bake the bread for forty minutes in a hot oven. The dough has to rest overnight before."
TAXES = b"Quarterly revenue is reported to the tax office. Invoices are kept for ten years."


def upload(client: Any, content: bytes, name: str = "a.txt") -> str:
    return str(client.files.create(file=(name, content), purpose="assistants").id)


def filled(client: Any, *contents: bytes, **fields: Any) -> Any:
    """A vector store with these files, searchable."""
    files = [upload(client, content, f"{number}.txt") for number, content in enumerate(contents)]
    return settled(client, client.vector_stores.create(file_ids=files, **fields))


def settled(client: Any, made: Any) -> Any:
    until = monotonic() + 20
    while made.status == "in_progress":
        assert monotonic() < until, made
        sleep(0.01)
        made = client.vector_stores.retrieve(made.id)
    return made


def test_a_store_from_beginning_to_end(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    made = client.vector_stores.create(name="Notes", metadata={"a": "b"})
    assert made.id.startswith("vs_") and made.status == "completed" and made.usage_bytes == 0
    assert (made.name, made.metadata, made.file_counts.total) == ("Notes", {"a": "b"}, 0)
    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=made.id, file=("birds.txt", BIRDS), poll_interval_ms=10, attributes={"year": 2024}
    )
    assert (file.status, file.last_error, file.attributes) == ("completed", None, {"year": 2024})
    assert file.chunking_strategy.static.max_chunk_size_tokens == 800  # type: ignore[union-attr]
    found = client.vector_stores.search(made.id, query="Where does the kingfisher live?").data
    assert [each.file_id for each in found] == [file.id] and found[0].content[0].text == BIRDS.decode()
    assert (found[0].filename, found[0].attributes) == ("birds.txt", {"year": 2024}) and 0 < found[0].score <= 1
    text = client.vector_stores.files.content(file.id, vector_store_id=made.id).data
    assert [(each.type, each.text) for each in text] == [("text", BIRDS.decode())]
    made = client.vector_stores.retrieve(made.id)
    assert made.usage_bytes == file.usage_bytes > len(BIRDS) and made.file_counts.completed == 1
    changed = client.vector_stores.update(made.id, name="Renamed")
    assert (changed.name, changed.metadata) == ("Renamed", {"a": "b"})
    assert client.vector_stores.delete(made.id).deleted
    with pytest.raises(NotFoundError, match="No vector store found"):
        client.vector_stores.retrieve(made.id)
    assert client.files.retrieve(file.id).bytes == len(BIRDS)
    assert store._rows("SELECT DISTINCT id FROM contents") == [(file.id,)] and store.page("chunks", parent=made.id) == ([], False)


def test_what_fits_best_is_first(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = filled(client, BIRDS, BREAD, TAXES)
    assert made.file_counts.completed == made.file_counts.total == 3

    def found(query: Any, **fields: Any) -> list[str]:
        return [each.filename for each in client.vector_stores.search(made.id, query=query, **fields).data]

    assert found("a blue bird by the river")[0] == "0.txt"
    assert found("how long do I bake bread?")[0] == "1.txt"
    assert found("reporting revenue")[0] == "2.txt" and len(found("anything")) == 3
    assert set(found(["a blue bird", "baking bread"], max_num_results=2)) == {"0.txt", "1.txt"}
    page = client.vector_stores.search(made.id, query="a blue bird by the river")
    scores = [each.score for each in page.data]
    assert scores == sorted(scores, reverse=True)
    assert found("a blue bird by the river", ranking_options={"score_threshold": scores[1]}) == ["0.txt", page.data[1].filename]
    assert found("x", ranking_options={"score_threshold": 1.0}) == []
    raw = client.post(f"/vector_stores/{made.id}/search", cast_to=dict, body={"query": "What is the tax?", "rewrite_query": True})
    assert raw["search_query"] == ["tax"] and raw["object"] == "vector_store.search_results.page"


def test_filters(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    for year, kind in ((2023, "memo"), (2024, "memo"), (2025, "letter")):
        file = upload(client, BIRDS, f"{year}.txt")
        attributes: Any = {"year": year, "kind": kind}
        client.vector_stores.files.create_and_poll(file, vector_store_id=made.id, attributes=attributes, poll_interval_ms=10)
    newer: Any = {"type": "gte", "key": "year", "value": 2024}
    memo: Any = {"type": "eq", "key": "kind", "value": "memo"}

    def years(filters: Any) -> list[str]:
        return sorted(each.filename[:4] for each in client.vector_stores.search(made.id, query="bird", filters=filters))

    assert years(newer) == ["2024", "2025"]
    assert years({"type": "and", "filters": [newer, memo]}) == ["2024"]
    assert years({"type": "or", "filters": [newer, {"type": "and", "filters": [memo]}]}) == ["2023", "2024", "2025"]
    assert years({"type": "in", "key": "year", "value": [2023, 2025]}) == ["2023", "2025"]
    client.vector_stores.files.update(file, vector_store_id=made.id, attributes={"kind": "memo"})
    assert years(newer) == ["2024"] and years(memo) == ["2023", "2024", "2025"]
    for wrong in ({"type": "eq"}, {"type": "like", "key": "a", "value": "b"}, {"type": "in", "key": "a", "value": 1}, {}):
        with pytest.raises(BadRequestError, match="Invalid 'filters'"):
            years(wrong)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"type": "ne", "key": "a", "value": 1}, True),
        ({"type": "ne", "key": "none", "value": 1}, True),
        ({"type": "eq", "key": "none", "value": 1}, False),
        ({"type": "eq", "key": "flag", "value": 1}, False),
        ({"type": "eq", "key": "flag", "value": True}, True),
        ({"type": "lt", "key": "a", "value": 2.5}, True),
        ({"type": "gt", "key": "a", "value": 2}, False),
        ({"type": "lte", "key": "s", "value": "x"}, True),
        ({"type": "gt", "key": "s", "value": 1}, False),
        ({"type": "nin", "key": "a", "value": [2, 3]}, False),
        ({"type": "and", "filters": []}, True),
        ({"type": "or", "filters": []}, False),
    ],
)
def test_what_a_filter_means(filters: dict[str, Any], expected: bool) -> None:
    checked(filters)
    assert matches(filters, {"a": 2, "s": "x", "flag": True}) is expected


def test_filters_have_a_depth() -> None:
    filters: dict[str, Any] = {"type": "and", "filters": []}
    for _ in range(2000):
        filters = {"type": "and", "filters": [filters]}
    with pytest.raises(msgspec.ValidationError, match="deep"):
        checked(filters)


@given(st.text(max_size=3000), st.integers(100, 300), st.integers(0, 50))
def test_chunks_cover_the_text(text: str, size: int, overlap: int) -> None:
    tokens = pieces(text)
    chunks = chunked(text, size, overlap)
    starts = [number * (size - overlap) for number in range(len(chunks))]
    assert chunks == ["".join(tokens[start : start + size]) for start in starts]
    assert starts[-1] + size >= len(tokens) and (len(starts) == 1 or starts[-2] + size < len(tokens))


def test_long_files_are_found_by_their_parts(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    filler = b"The meeting was long and nothing was decided about the matter. " * 60
    made = client.vector_stores.create()
    file = upload(client, filler + BIRDS + filler)
    strategy: Any = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 20}}
    client.vector_stores.files.create_and_poll(file, vector_store_id=made.id, chunking_strategy=strategy, poll_interval_ms=10)
    first, *others = client.vector_stores.search(made.id, query="kingfisher blue bird dives", max_num_results=50).data
    assert "kingfisher" in first.content[0].text and len(pieces(first.content[0].text)) == 100 and len(others) > 10


def test_what_is_no_text_fails(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    for content, code in (
        (b"\x89PNG\r\n\x1a\n\0\0", "unsupported_file"),
        (b"a\0b", "unsupported_file"),
        (b" \n", "invalid_file"),
    ):
        file = client.vector_stores.files.upload_and_poll(vector_store_id=made.id, file=content, poll_interval_ms=10)
        assert file.status == "failed" and file.last_error is not None and file.last_error.code == code
    wide = client.vector_stores.files.upload_and_poll(
        vector_store_id=made.id, file="Straße".encode("utf-16"), poll_interval_ms=10
    )
    assert wide.status == "completed"
    assert client.vector_stores.search(made.id, query="Straße").data[0].content[0].text == "Straße"
    counted = client.vector_stores.retrieve(made.id).file_counts
    assert (counted.completed, counted.failed, counted.total) == (1, 3, 4)
    assert len(client.vector_stores.files.list(made.id, filter="failed").data) == 3


def test_batches(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    before = upload(client, TAXES)
    batch = client.vector_stores.file_batches.upload_and_poll(
        made.id, files=[("b.txt", BIRDS), ("c.txt", BREAD), ("d", b"\0")], file_ids=[before], poll_interval_ms=10
    )
    assert (batch.status, batch.file_counts.completed, batch.file_counts.failed) == ("completed", 3, 1)
    listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=made.id, order="asc", limit=3)
    listed_ids = [file.id for file in listed]
    assert listed_ids[0] == before and len(listed_ids) == 4
    other = client.vector_stores.file_batches.create_and_poll(
        made.id, files=[{"file_id": before, "attributes": {"a": True}}], poll_interval_ms=10
    )
    assert other.status == "completed"
    assert client.vector_stores.files.retrieve(before, vector_store_id=made.id).attributes == {"a": True}
    assert client.vector_stores.retrieve(made.id).file_counts.total == 4
    with pytest.raises(BadRequestError, match="either"):
        client.vector_stores.file_batches.create(made.id)
    with pytest.raises(NotFoundError):
        client.vector_stores.file_batches.retrieve(batch.id, vector_store_id=client.vector_stores.create().id)


def test_cancelling_a_batch(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    long = b" ".join(b"word%d" % number for number in range(60_000))
    files = [upload(client, long) for _ in range(4)]
    batch = client.vector_stores.file_batches.create(made.id, file_ids=files)
    assert batch.status == "in_progress" and batch.file_counts.in_progress == 4
    batch = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=made.id)
    assert batch.status == "cancelled" and batch.file_counts.cancelled > 0 and batch.file_counts.in_progress == 0
    with pytest.raises(BadRequestError, match="in progress"):
        client.vector_stores.file_batches.cancel(batch.id, vector_store_id=made.id)
    assert client.vector_stores.retrieve(made.id).status == "completed"


def test_clients_are_told_when_to_ask_again(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    long = upload(client, b" ".join(b"v%d" % n for n in range(100_000)))
    batch = client.vector_stores.file_batches.create(made.id, file_ids=[long])
    files, batches = client.vector_stores.files.with_raw_response, client.vector_stores.file_batches.with_raw_response
    for raw in (files.retrieve(long, vector_store_id=made.id), batches.retrieve(batch.id, vector_store_id=made.id)):
        assert raw.parse().status == "in_progress" and raw.headers["openai-poll-after-ms"] == "20"
    short = upload(client, b"w")
    client.vector_stores.delete(made.id)
    made = client.vector_stores.create()
    client.vector_stores.files.create_and_poll(short, vector_store_id=made.id)
    assert "openai-poll-after-ms" not in files.retrieve(short, vector_store_id=made.id).headers


def test_taking_out(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = filled(client, BIRDS, BREAD)
    first, second = (file.id for file in client.vector_stores.files.list(made.id, order="asc"))
    assert client.vector_stores.files.delete(first, vector_store_id=made.id).deleted
    with pytest.raises(NotFoundError, match="No file in this vector store"):
        client.vector_stores.files.retrieve(first, vector_store_id=made.id)
    assert [each.file_id for each in client.vector_stores.search(made.id, query="bird").data] == [second]
    client.files.delete(second)
    assert client.vector_stores.retrieve(made.id).file_counts.total == 0


def test_what_is_refused(own: tuple[OpenAI, Store]) -> None:
    client, _ = own
    made = client.vector_stores.create()
    wide: Any = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}}
    small: Any = {"type": "static", "static": {"max_chunk_size_tokens": 99, "chunk_overlap_tokens": 0}}
    file = upload(client, BIRDS)
    for call, param in (
        (lambda: client.vector_stores.files.create(made.id, file_id=file, chunking_strategy=wide), "chunking_strategy"),
        (lambda: client.vector_stores.files.create(made.id, file_id=file, chunking_strategy=small), "chunking_strategy"),
        (lambda: client.vector_stores.files.create(made.id, file_id=file, attributes={"a": "b" * 513}), "attributes"),
        (lambda: client.vector_stores.files.create(made.id, file_id=file, attributes={"a": []}), "attributes"),  # type: ignore[dict-item]
        (lambda: client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 0}), "expires_after"),
        (lambda: client.vector_stores.search(made.id, query=""), "query"),
        (lambda: client.vector_stores.search(made.id, query=[]), "query"),
        (lambda: client.vector_stores.search(made.id, query="x", max_num_results=51), "max_num_results"),
        (lambda: client.vector_stores.files.list(made.id, filter="done"), "filter"),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadRequestError) as refused:
            call()
        assert str(refused.value.param).startswith(param), refused.value
    with pytest.raises(NotFoundError) as missing:
        client.vector_stores.create(file_ids=["file-none"])
    assert missing.value.param == "file_ids" and len(client.vector_stores.list().data) == 1


def test_expiry_and_listing(own: tuple[OpenAI, Store]) -> None:
    client, store = own
    made = client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})
    other = client.vector_stores.create()
    assert made.expires_at == (made.last_active_at or 0) + 24 * 3600 and other.expires_at is None
    store.update("vector_store", made.id, last_active_at=1)
    assert [(each.id, each.status) for each in client.vector_stores.list()] == [(other.id, "completed"), (made.id, "expired")]
    with pytest.raises(BadRequestError, match="is expired"):
        client.vector_stores.search(made.id, query="x")
    assert [each.id for each in client.vector_stores.list(before=made.id).data] == [other.id]


def test_stores_survive_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "state.db")
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        made = filled(client, BIRDS)
        waiting = client.vector_stores.create(file_ids=[upload(client, b" ".join(b"w%d" % n for n in range(50_000)))])
        assert waiting.status == "in_progress"
    with LocalService(settings) as service, OpenAI(base_url=service.url, api_key="any") as client:
        assert client.vector_stores.search(made.id, query="bird").data[0].content[0].text == BIRDS.decode()
        assert settled(client, client.vector_stores.retrieve(waiting.id)).file_counts.completed == 1


def test_azure_and_the_openai_package(service: LocalService) -> None:
    with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2025-04-01-preview") as azure:
        assert filled(azure, BIRDS).file_counts.completed == 1
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        made = client.vector_stores.create(name="Notes")
        file = client.vector_stores.files.upload_and_poll(vector_store_id=made.id, file=("a.txt", BIRDS), poll_interval_ms=10)
        assert file.status == "completed"
        (found,) = client.vector_stores.search(made.id, query="bird").data
        assert found.file_id == file.id
        batch = client.vector_stores.file_batches.upload_and_poll(made.id, files=[("b.txt", BREAD)], poll_interval_ms=10)
        assert batch.file_counts.completed == 1


def test_async(service: LocalService) -> None:
    async def run() -> list[str]:
        async with AsyncOpenAI(base_url=service.url, api_key="any") as client:
            made = await client.vector_stores.create()
            files: Any = [("a.txt", BIRDS), ("b.txt", BREAD)]
            await client.vector_stores.file_batches.upload_and_poll(made.id, files=files, poll_interval_ms=10)
            return [found.filename async for found in await client.vector_stores.search(made.id, query="oven dough")]

    assert asyncio.run(run()) == ["b.txt", "a.txt"]
