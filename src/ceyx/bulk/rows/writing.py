"""Rows written to a file, so that it is there whole or as it was before; to standard output, as they come."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, BinaryIO, Literal

import msgspec

from ceyx.bulk.rows import places
from ceyx.bulk.rows.formats import Compression, Format, compression_of, format_of
from ceyx.bulk.rows.places import STDIN, is_url, path_of
from ceyx.bulk.rows.reading import zstd
from ceyx.bulk.rows.row import InputError

Values = Mapping[str, Any]
Kind = Literal["text", "whole", "number", "vector"]
"""What a column holds: text, and anything that is none of the others as JSON; whole numbers; numbers; lists of numbers."""


def writable(name: str, chosen: Format | None = None) -> None:
    """Raises InputError where the output cannot be written as it is asked for: before anything is paid for."""
    format = format_of(name, chosen)
    if compression_of(name, format) == "zst":
        zstd(name)
    if format == "parquet":
        from ceyx.bulk.rows.parquet import arrow

        arrow(name)
    if name == STDIN:
        if format == "parquet":
            raise InputError("Parquet is written to a file, not to standard output; name one")
    elif is_url(name):
        places.filesystem(name)
    elif not (folder := path_of(name).parent).is_dir():
        raise InputError(f"there is no folder {folder}; make it, or give the output another place")
    elif path_of(name).is_dir():
        raise InputError(f"{name} is a folder; name a file for the output")


def write(
    name: str,
    rows: Callable[[], Iterable[Values]],
    chosen: Format | None = None,
    *,
    kinds: Mapping[str, Kind] | None = None,
    like: Sequence[str] = (),
) -> None:
    """Write all rows. `rows` gives them anew each time: formats that name columns first go through them twice.

    `kinds` are the columns that come last, and what they hold; of the others, Parquet keeps the types that they have in the
    files `like`, if these are Parquet all of them, and else finds out. Raises OSError where it cannot be written.
    """
    format = format_of(name, chosen)
    if format == "parquet":
        from ceyx.bulk.rows import parquet

        try:
            schema = parquet.schema_of(rows, kinds or {}, like)
            with places.replacing(name) as file:
                parquet.write(file, rows(), schema)
        except parquet.UnfitError:  # a column of these files is not what it was when its rows were asked
            with places.replacing(name) as file:
                parquet.write(file, rows(), parquet.schema_of(rows, kinds or {}, ()))
        return
    columns = [] if format == "jsonl" else columns_of(rows(), kinds or {})
    if name == STDIN:
        _written(sys.stdout.buffer, rows(), format, columns)
        sys.stdout.buffer.flush()
        return
    with ExitStack() as stack:
        file = stack.enter_context(places.replacing(name))
        compressing = _compressing(file, compression_of(name, format), name)
        _written(file if compressing is None else stack.enter_context(compressing), rows(), format, columns)


def columns_of(rows: Iterable[Values], last: Iterable[str]) -> list[str]:
    """The columns of all rows, in the order in which they are first met, and then those that come last."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(row))
    ending = dict.fromkeys(last)
    return [*(column for column in found if column not in ending), *ending]


def _compressing(file: BinaryIO, by: Compression | None, name: str) -> Any:
    if by == "gz":
        return gzip.GzipFile("", "wb", fileobj=file, mtime=0, compresslevel=6)  # the same bytes for the same rows
    if by == "bz2":
        return bz2.BZ2File(file, "wb")
    if by == "xz":
        return lzma.LZMAFile(file, "wb")
    return None if by is None else zstd(name).ZstdFile(file, "wb")


def _written(file: BinaryIO, rows: Iterable[Values], format: Format, columns: Sequence[str]) -> None:
    if format == "jsonl":
        encoder, line = msgspec.json.Encoder(), bytearray()
        for row in rows:
            encoder.encode_into(row, line)
            line += b"\n"
            file.write(line)
        return
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    lines = csv.DictWriter(text, columns, delimiter="," if format == "csv" else "\t")
    lines.writeheader()
    for row in rows:
        lines.writerow({column: _cell(value) for column, value in row.items()})
    text.detach()


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
