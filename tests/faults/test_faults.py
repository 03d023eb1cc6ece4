"""The table, row by row, on every transport, and the page that is written from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drives import OURS, Drive
from page import PAGE, rendered
from table import CASES, Case

from ceyx.service import LocalService

ROWS = [(case, name) for case in CASES for name in case.drives or OURS]


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.mark.parametrize(("case", "name"), ROWS, ids=[f"{case.number}-{name}" for case, name in ROWS])
def test_a_fault(case: Case, name: str, service: LocalService) -> None:
    drive = Drive(name, service)
    case.check(case.run(drive), drive)


def test_the_page_says_what_the_table_says() -> None:
    text = PAGE.read_text()
    assert rendered(text) == text, "write the page anew: python -m benchmarks.faults --page"


def test_numbers_are_given_once() -> None:
    assert len({case.number for case in CASES}) == len(CASES)
