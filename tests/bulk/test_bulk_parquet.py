"""Parquet in and out: every type as JSON and back, little of a file in memory, the output's own types."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceyx.bulk import rows
from ceyx.bulk.rows import InputError

WHEN = dt.datetime(2026, 11, 21, 8, 30, 0, 120000)
COLUMNS: dict[str, tuple[Any, list[Any], Any]] = {
    # type, values, and what the first of them is as JSON
    "bool": (pa.bool_(), [True, False, None], True),
    "int8": (pa.int8(), [-1, 2, None], -1),
    "uint64": (pa.uint64(), [2**64 - 1, 0, None], 2**64 - 1),
    "float32": (pa.float32(), [0.1, -1.5, None], 0.10000000149011612),
    "text": (pa.string(), ["é", "", None], "é"),
    "large text": (pa.large_string(), ["é", "", None], "é"),
    "bytes": (pa.binary(), [b"\xff\x00", b"", None], "/wA="),
    "fixed bytes": (pa.binary(2), [b"\xff\x00", b"ab", None], "/wA="),
    "timestamp": (pa.timestamp("us"), [WHEN, WHEN, None], "2026-11-21 08:30:00.120000"),
    "nanoseconds": (pa.timestamp("ns", "UTC"), [1, 2, None], "1970-01-01 00:00:00.000000001Z"),
    "local": (pa.timestamp("ms", "Europe/Berlin"), [0, 1, None], "1970-01-01 01:00:00.000+0100"),
    "date": (pa.date32(), [WHEN.date(), WHEN.date(), None], "2026-11-21"),
    "time": (pa.time64("us"), [WHEN.time(), dt.time(23, 59, 59), None], "08:30:00.120000"),
    "short time": (pa.time32("s"), [5, 86399, None], "00:00:05.000"),
    "duration": (pa.duration("ms"), [1500, -1, None], 1.5),
    "decimal": (pa.decimal128(10, 2), [decimal.Decimal("1.50"), decimal.Decimal("-0.01"), None], "1.50"),
    "category": (pa.dictionary(pa.int8(), pa.string()), ["a", "b", None], "a"),
    "list": (pa.list_(pa.int32()), [[1, None], [], None], [1, None]),
    "list of bytes": (pa.large_list(pa.binary()), [[b"\xff\x00", None], [], None], ["/wA=", None]),
    "vector": (pa.list_(pa.float32(), 2), [[0.5, 1.5], [2.0, 0.0], None], [0.5, 1.5]),
    "struct": (
        pa.struct([("at", pa.timestamp("us")), ("raw", pa.binary())]),
        [{"at": WHEN, "raw": b"\xff\x00"}, {"at": None, "raw": None}, None],
        {"at": "2026-11-21 08:30:00.120000", "raw": "/wA="},
    ),
    "deep": (
        pa.list_(pa.struct([("when", pa.list_(pa.date32())), ("much", pa.decimal128(6, 3))])),
        [[{"when": [WHEN.date()], "much": decimal.Decimal("0.125")}], [], None],
        [{"when": ["2026-11-21"], "much": "0.125"}],
    ),
    "map": (pa.map_(pa.string(), pa.date32()), [[("k", WHEN.date())], [], None], {"k": "2026-11-21"}),
    "map of numbers": (pa.map_(pa.int32(), pa.binary()), [[(1, b"\xff\x00")], [], None], [[1, "/wA="]]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_type_is_json_in_between_and_itself_again(tmp_path, name):
    if name == "vector" and int(pa.__version__.split(".")[0]) < 26:
        pytest.skip("older ones of pyarrow cannot read lists of a fixed size beside null")
    type, values, first = COLUMNS[name]
    there, back = str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")
    pq.write_table(pa.table({name: pa.array(values, type)}), there)
    found = [row.values for row in rows.read([there])]
    assert json.loads(json.dumps(found[0][name])) == first
    assert found[2][name] is None
    rows.write(back, lambda: found, like=[there])
    whole, again = pq.read_table(there), pq.read_table(back)
    assert again.schema.field(name).type == whole.schema.field(name).type
    assert again.column(name).equals(whole.column(name))


def test_uuids_are_text(tmp_path):
    some = uuid.uuid4()
    table = pa.table({"id": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([some.bytes, None], pa.binary(16)))})
    pq.write_table(table, tmp_path / "in.parquet")
    found = [row.values for row in rows.read([str(tmp_path / "in.parquet")])]
    assert found[0]["id"] == str(some) and found[1]["id"] is None
    rows.write(str(tmp_path / "out.parquet"), lambda: found, like=[str(tmp_path / "in.parquet")])
    assert pq.read_table(tmp_path / "out.parquet").equals(pq.read_table(tmp_path / "in.parquet"))


def test_what_is_no_number_is_null(tmp_path):
    pq.write_table(pa.table({"x": [float("nan"), float("inf"), 1.0]}), tmp_path / "in.parquet")
    assert [row.values["x"] for row in rows.read([str(tmp_path / "in.parquet")])] == [None, None, 1.0]


def test_the_output_has_types_of_its_own(tmp_path):
    out = str(tmp_path / "out.parquet")
    given = [
        {"n": 1, "mixed": 1, "x": 1, "flag": True, "big": 2**70, "answer": {"label": "a"}, "ceyx_attempts": 1, "ceyx_cost": 0.5},
        {"n": 2, "mixed": "two", "x": 0.5, "flag": False, "tags": ["a"], "answer": "plain", "ceyx_attempts": 2},
        {"n": None, "answer": None, "ceyx_attempts": None},
    ]
    rows.write(out, lambda: given, kinds={"answer": "text", "ceyx_attempts": "whole", "ceyx_cost": "number"})
    table = pq.read_table(out)
    assert {field.name: str(field.type) for field in table.schema} == {
        "n": "int64",
        "mixed": "string",
        "x": "double",
        "flag": "bool",
        "big": "string",
        "tags": "string",
        "answer": "string",
        "ceyx_attempts": "int64",
        "ceyx_cost": "double",
    }
    assert table.column("answer").to_pylist() == ['{"label":"a"}', "plain", None]
    assert table.column("tags").to_pylist() == [None, '["a"]', None] and table.column("mixed").to_pylist() == ["1", "two", None]


def test_the_types_are_there_without_a_row(tmp_path):
    rows.write(str(tmp_path / "out.parquet"), list, kinds={"answer": "vector", "ceyx_cost": "number"})
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.num_rows == 0 and str(table.schema.field("answer").type).startswith("list<") and len(table.schema) == 2


def test_files_of_several_schemas(tmp_path):
    pq.write_table(pa.table({"a": pa.array([1], pa.int32()), "when": pa.array([WHEN])}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": pa.array([2**40], pa.int64()), "b": ["x"]}), tmp_path / "2.parquet")
    names = rows.files([str(tmp_path / "*.parquet")])
    found = [row.values for row in rows.read(names)]
    assert found[1] == {"a": 2**40, "b": "x"}
    rows.write(str(tmp_path / "out.parquet"), lambda: found, like=names)
    table = pq.read_table(tmp_path / "out.parquet")
    assert [str(field.type) for field in table.schema] == ["int64", "timestamp[us]", "string"]
    assert table.to_pylist() == [{"a": 1, "when": WHEN, "b": None}, {"a": 2**40, "when": None, "b": "x"}]


def test_files_whose_types_do_not_go_together_and_rows_that_changed(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [[1]]}), tmp_path / "2.parquet")
    for like, given in ([["1", "2"], [{"a": 1}, {"a": [1]}]], [["1"], [{"a": 1}, {"a": "no number"}]]):
        out = str(tmp_path / "out.parquet")
        rows.write(out, lambda given=given: given, like=[str(tmp_path / f"{name}.parquet") for name in like])
        assert pq.read_table(out).schema.field("a").type == pa.string()


def test_little_of_a_file_is_read_at_once(tmp_path):
    path = tmp_path / "in.parquet"
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as writer:
        for start in range(0, 40_000, 10_000):
            writer.write_table(pa.table({"text": [f"row {n} " + "x" * 2000 for n in range(start, start + 10_000)]}))
    assert rows.about([str(path)]) == 40_000
    before = pa.total_allocated_bytes()
    most = 0
    for position, row in enumerate(rows.read([str(path)])):
        most = max(most, pa.total_allocated_bytes() - before)
        assert position or row.values["text"].startswith("row 0 ")
    assert position == 39_999 and most < 30 << 20  # of 80 MB


def test_what_is_no_parquet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.parquet").write_text("no")
    with pytest.raises(InputError, match=r"a\.parquet is no Parquet"):
        list(rows.read(["a.parquet"]))
    with pytest.raises(InputError, match="read from a file"):
        list(rows.read(["-"], "parquet"))
