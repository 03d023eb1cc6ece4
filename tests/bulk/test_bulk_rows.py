"""Rows in and out: every line of the input has its row, whatever it holds, and a file of output is whole or as it was."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ceyx.bulk import rows
from ceyx.bulk.rows import InputError, Row

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def read(path: Path) -> list[Row]:
    return list(rows.read([str(path)]))


@given(st.lists(st.dictionaries(text, text | st.integers(-(2**53), 2**53) | st.none() | st.lists(text, max_size=2), max_size=3)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jsonl_comes_back_as_it_was_written(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    rows.write(str(path), values, list)
    assert read(path) == [Row(each) for each in values]


@given(st.lists(st.fixed_dictionaries({"a": text, "b,c": text}), min_size=1))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_comes_back_as_it_was_written(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    rows.write(str(path), values, lambda: ["a", "b,c"])
    assert read(path) == [Row(each) for each in values]


def test_every_bad_line_is_a_row_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "MOST", 60)
    path = tmp_path / "a.jsonl"
    lines = [b'\xef\xbb\xbf{"n":1}', b"nope", b"[1]", b"", b'{"t":"\xff"}', b'{"t":"' + b"x" * 200 + b'"}', b"  ", b'{"n":2}']
    path.write_bytes(b"\r\n".join(lines))
    found = read(path)
    assert [row.values for row in found if row.error is None] == [{"n": 1}, {"n": 2}]
    errors = [row.error or "" for row in found[1:-1]]
    assert [error.split(":")[0] for error in errors] == [
        "the line is no JSON",
        "the line is JSON for a list; a row is a JSON object",
        "the line is no JSON",
        "the line is longer than 60 bytes",
    ]


def test_bad_rows_of_csv(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\n1,"two\nlines"\n1\n1,2,3\n\xff,2\n"x"y,2\n\n3,4\n')
    found = read(path)
    assert [row.values for row in found if row.error is None] == [{"a": "1", "b": "two\nlines"}, {"a": "3", "b": "4"}]
    bad = [row.error or "" for row in found if row.error is not None]
    assert len(bad) == 4 and "1 cells" in bad[0] and "3 cells" in bad[1] and "no UTF-8" in bad[2] and "no CSV" in bad[3]


def test_a_cell_may_be_long(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"a\n{'x' * 200_000}\n")
    assert len(read(path)[0].values["a"]) == 200_000


def test_files_and_patterns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.jsonl", "a.jsonl", "[x].csv"):
        Path(name).write_text('{"n":1}\n')
    assert rows.files(["*.jsonl", "[x].csv", "-"]) == ["a.jsonl", "b.jsonl", "[x].csv", "-"]
    assert rows.about(["a.jsonl", "b.jsonl"]) == 2 and rows.about(["a.jsonl", "-"]) is None
    assert len(list(rows.read(["a.jsonl", "b.jsonl"]))) == 2
    for missing in ("c.jsonl", "*.json"):
        with pytest.raises(InputError, match="there is no file"):
            rows.files([missing])


@pytest.mark.parametrize(("name", "said"), [("a.parquet", "ends in none of"), ("a", "choose its format")])
def test_formats_that_are_not_read(name, said):
    with pytest.raises(InputError, match=said):
        rows.format_of(name)
    assert rows.format_of(name, "csv") == "csv"


def test_two_columns_of_one_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,a\n1,2\n")
    with pytest.raises(InputError, match="two columns of one name"):
        read(path)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_output_that_breaks_off_leaves_what_was_there(tmp_path, name):
    path = tmp_path / name
    path.write_text("before")

    def broken():
        yield {"a": 1}
        raise KeyError

    with pytest.raises(KeyError):
        rows.write(str(path), broken(), lambda: ["a"])
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_what_csv_cannot_hold_is_json_in_it(tmp_path):
    path = tmp_path / "out.csv"
    rows.write(str(path), [{"a": {"b": 1}, "c": None}, {"a": 1.5}], lambda: ["a", "c"])
    assert list(csv.reader(path.read_text().splitlines())) == [["a", "c"], ['{"b":1}', ""], ["1.5", ""]]
    assert json.loads(next(csv.DictReader(path.read_text().splitlines()))["a"]) == {"b": 1}
