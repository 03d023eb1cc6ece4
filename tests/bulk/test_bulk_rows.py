"""Rows in and out: every line of the input has its row, whatever it holds, and a file of output is whole or as it was."""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ceyx.bulk import rows
from ceyx.bulk.rows import InputError, Row, reading

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def read(path: Path) -> list[Row]:
    return list(rows.read([str(path)]))


@given(st.lists(st.dictionaries(text, text | st.integers(-(2**53), 2**53) | st.none() | st.lists(text, max_size=2), max_size=3)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jsonl_comes_back_as_it_was_written(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    rows.write(str(path), lambda: values)
    assert read(path) == [Row(each) for each in values]


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@given(st.lists(st.fixed_dictionaries({"a": text, "b,c": text}), min_size=1))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_and_tsv_come_back_as_they_were_written(tmp_path_factory, ending, values):
    path = tmp_path_factory.mktemp("rows") / f"a.{ending}"
    rows.write(str(path), lambda: values)
    assert read(path) == [Row(each) for each in values]


def test_every_bad_line_is_a_row_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST", 60)
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
    kept = [row.values for row in found if row.error is not None]  # so that they can be found again
    assert kept == [{"a": "1"}, {"a": "1", "b": "2"}, {"a": "�", "b": "2"}, {}]


@pytest.mark.parametrize(("text", "encoding"), [("text\na\n", "utf-16"), ("Wörter,Wörter\na,b\n", "latin-1")])
def test_columns_of_another_encoding_are_refused(tmp_path, text, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match=r"first line of .*, which names its columns, is no UTF-8"):
        read(path)


def test_a_cell_may_be_long(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"a\n{'x' * 200_000}\n")
    assert len(read(path)[0].values["a"]) == 200_000


def test_files_and_patterns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.jsonl", "a.jsonl", "[x].csv"):
        Path(name).write_text('{"n":1}\n')
    assert rows.files(["*.jsonl", "[x].csv", "-"]) == ["a.jsonl", "b.jsonl", "[x].csv", "-"]
    assert rows.files([f"file://{tmp_path}/*.jsonl"]) == [f"{tmp_path}/a.jsonl", f"{tmp_path}/b.jsonl"]
    assert rows.about(["a.jsonl", "b.jsonl"]) == 2 and rows.about(["a.jsonl", "-"]) is None
    assert len(list(rows.read(["a.jsonl", "b.jsonl"]))) == 2
    for missing in ("c.jsonl", "*.json"):
        with pytest.raises(InputError, match="there is no file"):
            rows.files([missing])
    with pytest.raises(InputError, match="is a folder; give the files in it by a pattern"):
        rows.files([str(tmp_path)])


def test_files_with_different_columns(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a":1}\n')
    (tmp_path / "b.csv").write_text("b\n2\n")
    names = rows.files([f"{tmp_path}/*"])
    assert [row.values for row in rows.read(names)] == [{"a": 1}, {"b": "2"}]
    rows.write(str(tmp_path / "out.csv"), lambda: (row.values for row in rows.read(names)))
    assert (tmp_path / "out.csv").read_text().split() == ["a,b", "1,", ",2"]


@pytest.mark.parametrize(
    ("name", "said"), [("a.txt", "ends in none of"), ("a", "choose its format"), ("a.gz", "ends in none of")]
)
def test_formats_that_are_not_read(name, said):
    with pytest.raises(InputError, match=said):
        rows.format_of(name)
    assert rows.format_of(name, "csv") == "csv"


def test_two_columns_of_one_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,a\n1,2\n")
    with pytest.raises(InputError, match="two columns of one name"):
        read(path)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.jsonl.gz", "out.csv.zst", "out.parquet"])
def test_output_that_breaks_off_leaves_what_was_there(tmp_path, name):
    path = tmp_path / name
    path.write_text("before")

    def broken():
        yield {"a": 1}
        raise KeyError

    with pytest.raises(KeyError):
        rows.write(str(path), broken)
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_what_csv_cannot_hold_is_json_in_it(tmp_path):
    path = tmp_path / "out.csv"
    rows.write(str(path), lambda: [{"a": {"b": 1}, "c": None}, {"a": 1.5}], kinds={"c": "text"})
    assert list(csv.reader(path.read_text().splitlines())) == [["a", "c"], ['{"b":1}', ""], ["1.5", ""]]
    assert json.loads(next(csv.DictReader(path.read_text().splitlines()))["a"]) == {"b": 1}


def test_the_columns_of_the_job_come_last(tmp_path):
    path = tmp_path / "out.csv"
    rows.write(str(path), lambda: [{"a": 1, "answer": "x"}, {"b": 2, "answer": "y"}], kinds={"answer": "text"})
    assert path.read_text().splitlines()[0] == "a,b,answer"


# ---- compressed


@pytest.mark.parametrize("format", ["jsonl", "csv"])
@pytest.mark.parametrize("ending", ["gz", "zst", "bz2", "xz"])
def test_compressed_files_come_back(tmp_path, format, ending):
    path = tmp_path / f"a.{format}.{ending}"
    values = [{"a": f"row {n}", "b": "é"} for n in range(3000)]
    rows.write(str(path), lambda: values)
    assert path.stat().st_size < 20_000
    assert read(path) == [Row(each) for each in values]
    assert rows.about([str(path)]) is None


def test_a_compressed_file_that_is_cut_or_none_is_told(tmp_path):
    whole = gzip.compress(os.urandom(5000).hex().encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-2000])
    (tmp_path / "none.jsonl.gz").write_bytes(b'{"a":1}\n')
    for name in ("cut", "none"):
        with pytest.raises(InputError, match=rf"cannot read .*{name}\.jsonl\.gz"):
            read(tmp_path / f"{name}.jsonl.gz")


def test_parts_of_gzip_one_after_another_are_one_file(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"a":2}\n'))
    assert [row.values for row in read(tmp_path / "a.jsonl.gz")] == [{"a": 1}, {"a": 2}]


# ---- at URLs


@pytest.fixture
def memory() -> Iterator[str]:
    """An address in fsspec's file system in memory."""
    import fsspec

    yield "memory://bulk"
    fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.gz", "out.parquet"])
def test_urls_are_written_and_read(memory, name):
    values = [{"a": f"row {n}"} for n in range(100)]
    rows.writable(f"{memory}/{name}")
    rows.write(f"{memory}/{name}", lambda: values)
    assert rows.files([f"{memory}/{name}"]) == [f"{memory}/{name}"]
    assert [row.values for row in rows.read([f"{memory}/{name}"])] == values


def test_patterns_over_urls(memory):
    for name in ("b.jsonl", "a.jsonl", "c.csv"):
        rows.write(f"{memory}/{name}", lambda name=name: [{"from": name}])
    found = rows.files([f"{memory}/*.jsonl"])
    assert [row.values["from"] for row in rows.read(found)] == ["a.jsonl", "b.jsonl"]
    with pytest.raises(InputError, match="there is nothing at memory://bulk/x"):
        rows.files([f"{memory}/x*"])
    with pytest.raises(InputError, match=r"there is nothing at memory://bulk/y\.csv"):
        rows.files([f"{memory}/y.csv"])


def test_an_upload_happens_at_the_end_and_whole(memory):
    import fsspec

    rows.write(f"{memory}/out.jsonl", lambda: [{"a": "before"}])

    def broken():
        yield {"a": 1}
        raise KeyError

    with pytest.raises(KeyError):
        rows.write(f"{memory}/out.jsonl", broken)
    assert [row.values for row in rows.read([f"{memory}/out.jsonl"])] == [{"a": "before"}]
    assert fsspec.filesystem("memory").ls("/bulk", detail=False) == ["/bulk/out.jsonl"]


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(InputError, match="needs the package s3fs: pip install s3fs"):
        rows.files(["s3://bucket/*.parquet"])
    with pytest.raises(InputError, match="needs the package s3fs"):
        rows.writable("s3://bucket/out.jsonl")
    with pytest.raises(InputError, match=r"cannot reach nosuch://x/a\.csv"):
        rows.files(["nosuch://x/a.csv"])
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(InputError, match=r"needs the package backports\.zstd"):
        rows.writable("out.jsonl.zst")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'ceyx\[parquet\]'"):
        rows.writable("out.parquet")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError, match=r"pip install 'ceyx\[fsspec\]'"):
        rows.files(["memory://x/a.csv"])


def test_what_an_address_hides_is_not_shown():
    assert rows.shown("sftp://me:secret@host/a.csv") == "sftp://…@host/a.csv"
    assert rows.shown("https://host/a.csv?sig=secret") == "https://host/a.csv"


@pytest.mark.parametrize(
    ("out", "ledger"),
    [
        ("a/out.csv", "a/out.csv.ledger"),
        ("s3://bucket/deep/out.parquet", "out.parquet.ledger"),
        ("file:///jobs/out.csv", "/jobs/out.csv.ledger"),
    ],
)
def test_where_the_ledger_is(out, ledger):
    assert rows.ledger_beside(out) == Path(ledger)


def test_outputs_that_cannot_be(tmp_path):
    for name, said in [
        (f"{tmp_path}/no/out.csv", "there is no folder"),
        ("-", None),
        ("out.parquet.gz", "compressed inside"),
        (str(tmp_path / "a.csv"), "is a folder"),
    ]:
        if said is None:
            rows.writable(name)
            continue
        (tmp_path / "a.csv").mkdir(exist_ok=True)
        with pytest.raises(InputError, match=said):
            rows.writable(name)
    with pytest.raises(InputError, match="not to standard output"):
        rows.writable("-", "parquet")
