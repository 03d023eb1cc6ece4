"""How often Python looks for circles while a run lasts, and after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ceyx.bulk.collecting import fewer_collections


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_it_looks_more_seldom_the_more_is_on_its_way_and_then_as_before() -> None:
    with fewer_collections(100):
        some = gc.get_threshold()[0]
    with fewer_collections(1000):
        assert gc.get_threshold()[0] > 4 * some > 700
    assert gc.get_threshold() == (700, 10, 10)


def test_what_raises_leaves_it_as_it_was() -> None:
    with pytest.raises(KeyError), fewer_collections(1):
        raise KeyError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [(0, 10, 10), (500_000, 5, 5)], ids=["never", "seldom"])
def test_who_chose_to_look_more_seldom_keeps_that(chosen: tuple[int, int, int]) -> None:
    gc.set_threshold(*chosen)
    with fewer_collections(100):
        assert gc.get_threshold() == chosen
    assert gc.get_threshold() == chosen


def test_who_chooses_during_a_run_keeps_that_as_well() -> None:
    with fewer_collections(100):
        gc.set_threshold(900, 10, 10)
    assert gc.get_threshold() == (900, 10, 10)


def test_two_runs_at_once() -> None:
    first, second = fewer_collections(100), fewer_collections(100)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 10)
