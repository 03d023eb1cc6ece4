"""The store: objects in order, pages, contents in pieces, in memory and in a file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from ceyx.service.store import PIECE_BYTES, Store, StoreError


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.db" if request.param == "file" else None)
    yield store
    store.close()


def filled(store: Store, count: int = 5) -> Store:
    for number in range(count):
        store.put("thing", f"t{number}", {"id": f"t{number}", "even": number % 2 == 0})
    return store


def ids(page: tuple[list[dict[str, object]], bool]) -> tuple[str, bool]:
    return " ".join(str(each["id"]) for each in page[0]), page[1]


def test_objects_come_back_as_copies(store: Store) -> None:
    store.put("thing", "a", {"id": "a", "list": [1]})
    got = store.get("thing", "a")
    assert got == {"id": "a", "list": [1]}
    got["list"].append(2)
    assert store.get("thing", "a") == {"id": "a", "list": [1]}
    assert store.get("thing", "b") is None and store.get("other", "a") is None


def test_pages_in_both_orders(store: Store) -> None:
    filled(store)
    assert ids(store.page("thing")) == ("t4 t3 t2 t1 t0", False)
    assert ids(store.page("thing", order="asc", limit=2)) == ("t0 t1", True)
    assert ids(store.page("thing", order="asc", after="t1", limit=2)) == ("t2 t3", True)
    assert ids(store.page("thing", order="asc", after="t3", limit=2)) == ("t4", False)
    assert ids(store.page("thing", after="t3", limit=2)) == ("t2 t1", True)
    assert ids(store.page("thing", before="t1", limit=2)) == ("t3 t2", True)
    assert ids(store.page("thing", before="t3", limit=2)) == ("t4", False)
    assert ids(store.page("thing", order="asc", before="t2")) == ("t0 t1", False)
    assert ids(store.page("thing", order="asc", after="t0", before="t3")) == ("t1 t2", False)
    assert ids(store.page("thing", limit=None)) == ("t4 t3 t2 t1 t0", False)
    assert ids(store.page("nothing")) == ("", False)


def test_a_condition_counts_before_the_limit(store: Store) -> None:
    filled(store)
    assert ids(store.page("thing", where=lambda each: each["even"], limit=2)) == ("t4 t2", True)
    assert ids(store.page("thing", where=lambda each: each["even"], limit=3)) == ("t4 t2 t0", False)


def test_an_unknown_cursor(store: Store) -> None:
    filled(store)
    with pytest.raises(KeyError, match="t9"):
        store.page("thing", after="t9")
    with pytest.raises(KeyError):
        store.page("thing", parent="elsewhere", after="t1")


def test_replacing_keeps_place_and_parent(store: Store) -> None:
    filled(store, 3)
    store.put("child", "c", {"id": "c"}, parent="t0")
    store.put("thing", "t1", {"id": "t1", "new": True})
    store.put("child", "c", {"id": "c", "new": True})
    assert ids(store.page("thing")) == ("t2 t1 t0", False)
    assert store.page("child", parent="t0")[0] == [{"id": "c", "new": True}]


def test_updating(store: Store) -> None:
    filled(store, 1)
    assert store.update("thing", "t0", even=None, more=1) == {"id": "t0", "even": None, "more": 1} == store.get("thing", "t0")
    assert store.update("thing", "t1", more=1) is None and store.get("thing", "t1") is None


def test_deleting_while_paging(store: Store) -> None:
    filled(store)
    page, more = store.page("thing", limit=2)
    assert [store.delete("thing", each["id"]) for each in page] == [True, True] and more
    assert store.delete("thing", "t4") is False
    assert ids(store.page("thing", after="t3", limit=2)) == ("t2 t1", True)
    store.put("thing", "t4", {"id": "t4"})
    assert ids(store.page("thing")) == ("t4 t2 t1 t0", False)


def test_one_put_again_after_it_was_deleted_is_the_newest(store: Store) -> None:
    filled(store, 3)
    store.delete("thing", "t0")
    store.put("thing", "t0", {"id": "t0"}, parent="t1")
    store.put("thing", "t5", {"id": "t5"}, parent="t1")
    assert ids(store.page("thing", parent="t1")) == ("t5 t0", False)


def test_families(store: Store) -> None:
    filled(store, 2)
    for kind in ("leaf", "twig"):
        store.put(kind, "l0", {"id": "l0"}, parent="t0")
        store.put(kind, "l1", {"id": "l1"}, parent="t1")
    assert ids(store.page("leaf", parent="t0")) == ("l0", False) and ids(store.page("leaf")) == ("", False)
    store.delete_children("t0")
    assert [store.get(kind, "l0") for kind in ("leaf", "twig")] == [None, None]
    assert ids(store.page("leaf", parent="t1")) == ("l1", False)


def test_contents(store: Store) -> None:
    large = bytes(range(256)) * (PIECE_BYTES // 100)
    assert store.put_content("a", iter([b"one ", b"", b"two"])) == 7
    assert store.put_content("b", [large, b"end"]) == len(large) + 3
    assert store.read("a") == b"one two"
    assert store.read("b") == large + b"end"
    assert max(map(len, store.content("b"))) == PIECE_BYTES
    assert store.put_content("a", [b"three"]) == 5 and store.read("a") == b"three"
    assert store.add_content("a", b" four") == 5 and store.read("a") == b"three four"
    store.move_content("b", "a")
    assert store.read("a") == b"three four" + large + b"end" and store.read("b") == b""
    store.delete_content("a")
    assert store.read("a") == b"" and list(store.content("nothing")) == []


def test_content_that_breaks_off_is_not_kept(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.put_content("a", broken())
    assert store.read("a") == b""


def test_reading_while_writing(store: Store) -> None:
    store.put_content("a", [b"1", b"2"])
    pieces = store.content("a")
    assert next(pieces) == b"1"
    store.put("thing", "t", {})
    store.add_content("a", b"3")
    assert list(pieces) == [b"2", b"3"]


def test_clearing(store: Store) -> None:
    filled(store).put_content("a", [b"1"])
    store.clear()
    assert store.page("thing") == ([], False) and store.read("a") == b""


def test_several_threads(store: Store) -> None:
    store.put("count", "n", {"n": 0})

    def work(name: int) -> None:
        for number in range(50):
            store.put("thing", f"{name}-{number}", {"id": f"{name}-{number}"})
            with store._lock:
                now = store.get("count", "n")
                store.update("count", "n", n=(now or {})["n"] + 1)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.page("thing", limit=None)[0]) == 200 and store.get("count", "n") == {"n": 200}


def test_a_file_survives(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = filled(Store(path), 2)
    first.put_content("t0", [b"bytes"])
    first.delete("thing", "t1")
    first.close()
    second = Store(str(path))
    assert ids(second.page("thing", after="t1")) == ("t0", False) and second.read("t0") == b"bytes"
    second.close()
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"]


def test_without_a_file_nothing_survives() -> None:
    store = filled(Store())
    store.close()
    store.close()
    assert store.page("thing") == ([], False)
    store.close()


def test_files_that_cannot_be_stores(tmp_path: Path) -> None:
    text, other, late = tmp_path / "text", tmp_path / "other", tmp_path / "late"
    text.write_text("This is not a database. " * 100)
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE theirs (a)")
    made.close()
    Store(late).close()
    with sqlite3.connect(late) as made:
        made.execute("PRAGMA user_version = 9")
    made.close()
    for path, said in (
        (text, "text cannot be the store: it holds something else; give the name of a new file"),
        (other, "other is a database of another program; give"),
        (late, r"late is a database of another version of ceyx \(its layout is 9\)"),
        (tmp_path / "no" / "where", "where cannot be opened as a store: unable to open"),
    ):
        with pytest.raises(StoreError, match=said):
            Store(path)


def test_a_file_is_of_one_service(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    with pytest.raises(StoreError, match="another service has it open"):
        Store(tmp_path / "state.db")
    store.close()
    Store(tmp_path / "state.db").close()


@given(
    st.lists(st.sampled_from("abcdef"), max_size=30),
    st.integers(1, 4),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_joined_are_everything(puts_and_deletes: list[str], limit: int, order: str) -> None:
    store = Store()
    live: list[str] = []
    for id in puts_and_deletes:
        if id in live:
            live.remove(id)
            assert store.delete("thing", id)
        else:
            live.append(id)
            store.put("thing", id, {"id": id})
    seen: list[str] = []
    more = True
    while more:
        page, more = store.page("thing", after=seen[-1] if seen else None, limit=limit, order=order)
        seen += [each["id"] for each in page]
    assert seen == (live if order == "asc" else live[::-1])
    store.close()
