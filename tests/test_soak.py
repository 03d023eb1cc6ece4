"""A small soak of both clients, and that it would tell: of a wrong answer, and of counts that do not match."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))  # the benchmarks are no part of the package

from benchmarks.soak import report  # noqa: E402
from benchmarks.soak.book import Book, reconciled  # noqa: E402
from benchmarks.soak.calls import ANSWER, CANCELLED, STREAMED, WHOLE, Call, Ended, Fault, call, complaint  # noqa: E402
from benchmarks.soak.figures import Figures  # noqa: E402
from ceyx.errors import APITimeoutError, StreamTruncatedError  # noqa: E402
from ceyx.service.faults.catalogue import CATALOGUE, parse  # noqa: E402
from ceyx.types.chat import ChatCompletion  # noqa: E402


def test_a_small_soak_finds_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "--requests", "400", "--client"]
    running = [
        subprocess.Popen([*command, client], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        for client in ("async", "sync")
    ]
    said = [process.communicate(timeout=120)[0] for process in running]  # of both, so that none is left running
    assert [process.returncode for process in running] == [0, 0], said
    assert all("| 400 " in each for each in said)


def test_a_call_follows_from_its_number() -> None:
    made = [call(7, number, 0.1, cancels=True) for number in range(3000)]
    assert made == [call(7, number, 0.1, cancels=True) for number in range(3000)]
    assert len({each.prompt for each in made}) == len({each.id for each in made}) == 3000
    assert 200 < sum(each.fault is not None for each in made) < 400
    assert {each.leaves for each in made} == {"", "cancels", "closes", "drops"}
    assert not any(each.ends == (CANCELLED,) for each in (call(7, number, 0.1, cancels=False) for number in range(3000)))


PLAIN = Call(1, "soak-1-1", "amber", True)
CUT = Call(1, "soak-1-1", "amber", True, Fault("cut", "StreamTruncatedError"))


def cut(held: str) -> StreamTruncatedError:
    partial = ChatCompletion.wrap({"choices": [{"index": 0, "message": {"role": "assistant", "content": held}}]})
    return StreamTruncatedError("ended early", partial=partial)


@pytest.mark.parametrize(
    ("asked", "ended", "said"),
    [
        (PLAIN, Ended(ANSWER, PLAIN.answer), None),
        (PLAIN, Ended(ANSWER, PLAIN.answer.replace("amber", "birch")), "should have had"),
        (PLAIN, Ended(ANSWER, PLAIN.answer[:40]), "should have had"),
        (PLAIN, Ended("ValueError", "", ValueError("no")), "none of ours"),
        (PLAIN, Ended("APITimeoutError", "", APITimeoutError()), "should have ended in the answer"),
        (PLAIN, Ended(CANCELLED), "should have ended in the answer"),
        (CUT, Ended("StreamTruncatedError", "This is", cut("This is")), None),
        (CUT, Ended("StreamTruncatedError", "That is", cut("That is")), "the beginning"),
        (CUT, Ended("StreamTruncatedError", "This is", cut("This")), "its error holds"),
        (CUT, Ended(ANSWER, CUT.answer[:40]), "should have ended in StreamTruncatedError"),
    ],
)
def test_a_wrong_ending_is_told(asked: Call, ended: Ended, said: str | None) -> None:
    assert (wrong := complaint(asked, ended)) == said or (wrong and said and said in wrong)


def counted(book: Book) -> dict[str, Any]:
    """What a service would have counted that saw each call of the book once."""
    arrived = {book.call(number).id: 1 for number in range(book.requests)}
    calls = {"arrived": arrived, "answered_again": {}}
    return {
        "requests": len(arrived),
        "answers": {"200": len(arrived)},
        "clean": {"200": len(arrived)},
        "faults": {},
        "calls": calls,
    }


def sent(book: Book, number: int) -> None:
    asked = book.call(number)
    book.tries[number] += 1
    book.close(asked, Ended(asked.ends[0], asked.answer))


@pytest.mark.parametrize(
    "odd", ["", "lost", "doubled", "unseen", "again", "fault", "not clean", "stranger", "no end", "two ends"]
)
def test_counts_that_do_not_match_are_told(odd: str) -> None:
    book = Book(1, 0, 10, cancels=False)
    for number in range(10):
        sent(book, number)
    said = counted(book)
    id = book.call(4).id
    if odd == "lost":
        book.ended[4] = 0
    elif odd == "doubled":
        said["calls"]["arrived"][id] = 2
    elif odd == "unseen":
        del said["calls"]["arrived"][id]
    elif odd == "again":
        said["calls"]["answered_again"][id] = 2
    elif odd == "fault":
        said["faults"]["cut"] = 1
    elif odd == "not clean":
        said["clean"]["200"] = 9
    elif odd == "stranger":
        said["requests"] = 11
    elif odd == "no end":
        book.ended[4] = 0
    elif odd == "two ends":
        sent(book, 4)
    book.once()
    rows = reconciled(book, said)
    assert all(row.holds is not False for row in (report.ended(book), *rows)) is (odd == "")


def figures(**odd: Any) -> Figures:
    usual: dict[str, Any] = {
        "rss": 60.0,
        "trimmed": 50.0,
        "blocks": 1000,
        "files": 5,
        "connections": 0,
        "threads": 1,
        "tasks": 0,
        "open": 0,
    }
    return Figures(**{**usual, "ours": Counter(Timeout=1), **odd})


@pytest.mark.parametrize(
    ("odd", "place"),
    [
        ({}, 1),
        ({"trimmed": 53.0}, 2),
        ({"blocks": 1100}, 2),
        ({"ours": Counter(Timeout=1, Request=1)}, 3),
        ({"connections": 101}, 2),
        ({"files": 6}, 4),
        ({"threads": 2}, 3),
        ({"tasks": 1}, 3),
        ({"open": 1}, 2),
    ],
)
def test_what_is_left_behind_is_told(odd: dict[str, Any], place: int) -> None:
    taken = [figures(), figures(), figures(), figures(), figures()]
    taken[place] = figures(**odd)
    assert all(row.holds is not False for row in report.held(taken, 100_000, 100)) is (not odd)


def test_the_mix_has_nearly_every_fault() -> None:
    """Left out are what only calls with tools meet, and what differs between the clients' own libraries."""
    for fault in WHOLE:
        assert parse(fault.text).fault.suits(streams=False)
    for fault in STREAMED:
        assert parse(fault.text).fault.suits(streams=True)
    assert CATALOGUE.keys() - {fault.name for fault in (*WHOLE, *STREAMED)} == {
        "surplus",
        "tool-cut",
        "tool-repeats",
    }
