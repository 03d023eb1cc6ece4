"""The rows of files, one file after another. A line that cannot be read is a row with an error, in its place among the others."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO, TextIO

import msgspec

from ceyx.bulk.rows import places
from ceyx.bulk.rows.formats import Compression, Format, compression_of, format_of
from ceyx.bulk.rows.places import STDIN, shown
from ceyx.bulk.rows.row import InputError, Row

MOST = 64 * 1024 * 1024  # bytes of a row, as of an answer


def read(names: Sequence[str], chosen: Format | None = None) -> Iterator[Row]:
    """The rows of these files, one file after another."""
    formats: list[Format] = [format_of(name, chosen) for name in names]
    return chain.from_iterable(_of_file(name, format) for name, format in zip(names, formats, strict=True))


def about(names: Sequence[str], chosen: Format | None = None) -> int | None:
    """About how many rows there are: as Parquet says, or the lines of files, counted; None where that means to read it twice."""
    rows = 0
    for name in names:
        format = format_of(name, chosen)
        if format == "parquet" and name != STDIN:
            from ceyx.bulk.rows.parquet import count

            rows += count(name)
            continue
        if name == STDIN or places.is_url(name) or compression_of(name, format):
            return None
        with places.opened(name) as file:
            while block := file.read(1 << 20):
                rows += block.count(b"\n")
    return rows


def _of_file(name: str, format: Format) -> Iterator[Row]:
    try:
        if format == "parquet":
            from ceyx.bulk.rows.parquet import rows_of

            yield from rows_of(name)
            return
        with places.opened(name) as file:
            compression = compression_of(name, format)
            # A pipe is read as it fills: a second buffer would wait until it is full itself.
            plain: Any = file
            if compression is not None or name != STDIN:
                plain = io.BufferedReader(decompressed(file, compression, name), 1 << 17)
            if format == "jsonl":
                yield from _jsonl(plain)
            else:
                with io.TextIOWrapper(plain, "utf-8-sig", errors="surrogateescape", newline="") as text:
                    yield from _csv(text, shown(name), "," if format == "csv" else "\t")
    except InputError:
        raise
    except Exception as error:  # a disk, a network, or what is compressed badly, each with errors of its own
        raise InputError(f"cannot read {shown(name)}: {error or type(error).__name__}") from error


def decompressed(file: BinaryIO, by: Compression | None, name: str) -> Any:
    """What is in a compressed file."""
    if by == "gz":
        return gzip.GzipFile(fileobj=file, mode="rb")
    if by == "bz2":
        return bz2.BZ2File(file, "rb")
    if by == "xz":
        return lzma.LZMAFile(file, "rb")
    return file if by is None else zstd(name).ZstdFile(file, "rb")


def zstd(name: str) -> Any:
    """Python's module for zstd. It is in the standard library from 3.14 on."""
    from importlib import import_module

    for module in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(module)
        except ModuleNotFoundError:
            continue
    raise InputError(f"{shown(name)} needs the package backports.zstd: pip install 'ceyx[zstd]'")


def _jsonl(file: io.BufferedReader) -> Iterator[Row]:
    first = True
    while line := file.readline(MOST + 1):
        if len(line) > MOST:
            while not line.endswith(b"\n") and (line := file.readline(MOST)):
                pass
            yield Row({}, f"the line is longer than {MOST} bytes")
            continue
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        if line := line.strip():
            yield _of_json(line)


def _of_json(line: bytes) -> Row:
    try:
        values = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Row({}, f"the line is no JSON: {error}")
    if not isinstance(values, dict):
        return Row({}, f"the line is {_spoken(values)}; a row is a JSON object")
    return Row(values)


def _spoken(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return f"JSON for {names.get(type(value), 'a number')}"


def _csv(text: TextIO, name: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), MOST))  # 128 KiB is less than prompts are long
    lines = csv.reader(text, strict=True, delimiter=delimiter)
    try:
        columns = next(lines, [])
    except csv.Error as error:
        raise InputError(f"{name} is no CSV: {error}") from None
    if any(map(_is_no_text, columns)):
        raise InputError(f"the first line of {name}, which names its columns, is no UTF-8; save the file as UTF-8")
    if len(set(columns)) < len(columns):
        raise InputError(f"{name} has two columns of one name among {', '.join(map(repr, columns))}; its first line names them")
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row({}, f"the row is no CSV: {error}")
            continue
        if not cells:  # an empty line
            continue
        values = dict(zip(columns, cells, strict=False))
        if len(cells) != len(columns):
            yield Row(_as_text(values), f"the row has {len(cells)} cells, and there are {len(columns)} columns")
        elif any(not cell.isascii() and _is_no_text(cell) for cell in cells):
            yield Row(_as_text(values), "the row is no UTF-8; save the file as UTF-8")
        else:
            yield Row(values)


def _as_text(values: dict[str, str]) -> dict[str, str]:
    """What there is of a row, so that it can be found again; bytes that are no text are marked."""
    return {name: cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name, cell in values.items()}


def _is_no_text(cell: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in cell)
