"""Rows on their way to the workers, and back into the ledger: each once, few at a time, and nobody waits for what is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st

from ceyx.bulk import Job, Ledger, LedgerError, Progress
from ceyx.bulk.feed import AHEAD, Feed
from ceyx.bulk.keeping import Keeper
from ceyx.bulk.ledger import Item
from ceyx.bulk.rows import InputError, Row

JOB = Job(model="gpt-4o-mini", prompt="Say {text}")


def rows(count: int) -> Iterator[Row]:
    return (Row({"text": f"row {n}"}) for n in range(1, count + 1))


@pytest.fixture(autouse=True)
def uncounted(monkeypatch) -> None:
    """Tokens say nothing here, and their table takes a second to load."""
    monkeypatch.setattr(Job, "tokens", lambda *_: 3)


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        yield ledger


def feed(ledger: Ledger, given: Iterator[Row], workers: int) -> Feed:
    return Feed(given, JOB, ledger, Progress(), workers, True)


async def taken(of: Feed, pauses: bool) -> list[int]:
    found = []
    while (group := await of.next()) is not None:
        found.append(group[0].item.position)
        if pauses and len(found) % 7 == 0:
            await asyncio.sleep(0)
    return found


@pytest.mark.parametrize("workers", [1, 2, 7, 50])
async def test_each_row_goes_to_one_worker(ledger, workers):
    of = feed(ledger, rows(500), workers)
    found = await asyncio.wait_for(asyncio.gather(*(taken(of, number % 2 == 0) for number in range(workers))), 20)
    assert sorted(position for each in found for position in each) == list(range(1, 501))


async def test_no_more_is_read_than_there_is_room_for(ledger):
    read = 0

    def counted() -> Iterator[Row]:
        nonlocal read
        for row in rows(10_000):
            read += 1
            yield row

    of = feed(ledger, counted(), 4)
    await of.next()
    for _ in range(20):
        await asyncio.sleep(0.005)
    assert AHEAD * 4 <= read <= AHEAD * 4 + 2
    of.close()


async def test_a_row_is_there_as_soon_as_it_is_read(ledger):
    typed = threading.Semaphore(0)

    def slow() -> Iterator[Row]:
        for row in rows(3):
            typed.acquire()
            yield row

    of = feed(ledger, slow(), 8)
    waiting = [asyncio.create_task(of.next()) for _ in range(8)]
    for count in range(1, 4):
        typed.release()
        for _ in range(400):
            await asyncio.sleep(0.005)
            if sum(task.done() for task in waiting) == count:
                break
        assert sum(task.done() for task in waiting) == count or count == 3
    ended = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert sum(group is not None for group in ended) == 3


async def test_who_waits_and_is_cancelled_takes_nothing(ledger):
    typed = threading.Semaphore(0)

    def slow() -> Iterator[Row]:
        typed.acquire()
        yield from rows(1)

    of = feed(ledger, slow(), 2)
    first, second = asyncio.create_task(of.next()), asyncio.create_task(of.next())
    await asyncio.sleep(0)
    first.cancel()
    typed.release()
    group = await asyncio.wait_for(second, 5)
    assert group is not None and group[0].item.position == 1


async def test_what_reading_raises_is_raised_to_all_after_the_rows_before_it(ledger):
    def broken() -> Iterator[Row]:
        yield from rows(3)
        raise InputError("the disk is gone")

    of = feed(ledger, broken(), 4)
    assert [(await of.next() or [])[0].item.position for _ in range(3)] == [1, 2, 3]
    for _ in range(2):
        with pytest.raises(InputError, match="the disk is gone"):
            await of.next()


# ---- back


@given(st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=4), min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_what_is_kept_is_committed_when_it_returns(tmp_path_factory, hand_ins):
    path = tmp_path_factory.mktemp("keeping") / "x.ledger"

    async def keep(keeper: Keeper, ledger: Ledger, positions: list[int]) -> None:
        items = [Item(position, b"i", "done") for position in positions]
        await keeper.keep(items)
        assert set(positions) <= {item.position for item in ledger.items()}

    async def all_of_them(ledger: Ledger) -> None:
        keeper = Keeper(ledger)
        await asyncio.gather(*(keep(keeper, ledger, positions) for positions in hand_ins))

    with Ledger(path, JOB) as ledger:
        asyncio.run(all_of_them(ledger))
        assert {item.position for item in ledger.items()} == {position for each in hand_ins for position in each}


async def test_many_are_kept_in_few_transactions(ledger, monkeypatch):
    commits = 0
    commit = Ledger._commit

    def counted(self: Ledger, work: list) -> None:
        nonlocal commits
        commits += 1
        commit(self, work)

    monkeypatch.setattr(Ledger, "_commit", counted)
    keeper = Keeper(ledger)
    await asyncio.gather(*(keeper.keep([Item(n, b"i", "sent")]) for n in range(1, 201)))
    assert commits == 1 and len(list(ledger.items())) == 200


async def test_who_is_cancelled_has_it_kept_all_the_same(tmp_path):
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        keeper = Keeper(ledger)
        tasks = [asyncio.create_task(keeper.keep([Item(n, b"i", "done")])) for n in (1, 2)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        keeper.flush()
    with Ledger(tmp_path / "x.ledger", JOB) as ledger:
        assert [item.position for item in ledger.items()] == [1, 2]


async def test_a_full_disk_is_told_to_all_who_wait(ledger):
    keeper = Keeper(ledger)
    await keeper.keep([Item(1, b"i", "done")])
    ledger._connection.execute("PRAGMA max_page_count = 1")
    said = await asyncio.gather(
        *(keeper.keep([Item(n, b"i", "sent", row=b"x" * 100_000)]) for n in (2, 3)), return_exceptions=True
    )
    assert all(isinstance(each, LedgerError) and "full" in str(each) for each in said)
    with pytest.raises(LedgerError):
        await keeper.keep([Item(4, b"i", "sent")])


async def test_what_is_handed_in_is_told_of_once_it_is_committed(ledger):
    keeper, told = Keeper(ledger), []
    keeper.hand_in([Item(1, b"i", "done")], lambda error: told.append((error, [item.position for item in ledger.items()])))
    assert told == []
    await keeper.keep()
    assert told == [(None, [1])]
