"""Rows in and out: JSONL and CSV, files and standard input, a row at a time, in order; a file is written whole or not at all.

A line that cannot be read is a row with an error, in its place among the others.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from glob import glob, has_magic
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TextIO, cast, get_args

import msgspec

Format = Literal["jsonl", "csv"]
STDIN = "-"
MOST = 64 * 1024 * 1024  # bytes of a row, as of an answer
_BY_ENDING: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


class InputError(ValueError):
    """The input, or the place for the output, is not there or cannot be what it is said to be."""


class Row(NamedTuple):
    """A row of the input, or why there is none in its place."""

    values: dict[str, Any]
    error: str | None = None


def files(given: Iterable[str]) -> list[str]:
    """The files that these names and patterns stand for, those of a pattern in the order of their names."""
    found: list[str] = []
    for name in given:
        if name == STDIN or Path(name).is_file():
            found.append(name)
        elif has_magic(name) and (matching := glob(name, recursive=True)):  # noqa: PTH207  it takes absolute patterns, too
            found += sorted(matching)
        else:
            raise InputError(f"there is no file {name}; give a JSONL or CSV file, a pattern for several, or - for standard input")
    return found


def format_of(name: str, chosen: Format | None = None) -> Format:
    """How a file is written: as chosen, or as its name ends; standard input and output are JSONL unless chosen."""
    if chosen is not None:
        return chosen
    if name == STDIN:
        return "jsonl"
    if (format := _BY_ENDING.get(Path(name).suffix.lower())) is None:
        raise InputError(f"{name} ends in none of {', '.join(_BY_ENDING)}; choose its format: {', '.join(get_args(Format))}")
    return format


def named(format: str) -> Format:
    """The format of this name."""
    for each in get_args(Format):
        if each == format.lower():
            return cast("Format", each)
    raise InputError(f"there is no format {format!r}; there are {', '.join(get_args(Format))}")


def read(names: Sequence[str], chosen: Format | None = None) -> Iterator[Row]:
    """The rows of these files, one file after another."""
    formats: list[Format] = [format_of(name, chosen) for name in names]
    return chain.from_iterable(_of_file(name, format) for name, format in zip(names, formats, strict=True))


def about(names: Sequence[str]) -> int | None:
    """About how many rows there are: their lines, counted; None for standard input."""
    if STDIN in names:
        return None
    lines = 0
    for name in names:
        with Path(name).open("rb") as file:
            while block := file.read(1 << 20):
                lines += block.count(b"\n")
    return lines


def _of_file(name: str, format: Format) -> Iterator[Row]:
    try:
        # A descriptor of its own: Python would wait for a reader of sys.stdin when it ends.
        file = os.fdopen(os.dup(sys.stdin.fileno()), "rb") if name == STDIN else Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error
    if format == "jsonl":
        with file:
            yield from _jsonl(file)
    else:
        with io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
            yield from _csv(text, name)


def _jsonl(file: BinaryIO) -> Iterator[Row]:
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


def _csv(text: TextIO, name: str) -> Iterator[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), MOST))  # 128 KiB is less than prompts are long
    lines = csv.reader(text, strict=True)
    try:
        columns = next(lines, [])
    except csv.Error as error:
        raise InputError(f"{name} is no CSV: {error}") from None
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
            yield Row({}, f"the row has {len(cells)} cells, and there are {len(columns)} columns")
        elif any(not cell.isascii() and _is_no_text(cell) for cell in cells):
            yield Row({}, "the row is no UTF-8; save the file as UTF-8")
        else:
            yield Row(values)


def _is_no_text(cell: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in cell)


# ---- out


def write(
    name: str, rows: Iterable[Mapping[str, Any]], columns: Callable[[], Sequence[str]], chosen: Format | None = None
) -> None:
    """Write all rows, so that the file is there whole or as it was before; to standard output, as they come.

    `columns` tells the columns of a CSV, which only those need.
    """
    format = format_of(name, chosen)
    if name == STDIN:
        _written(sys.stdout.buffer, rows, format, columns)
        sys.stdout.buffer.flush()
        return
    path = Path(name).resolve()  # a link stays one
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            _written(file, rows, format, columns)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _written(file: BinaryIO, rows: Iterable[Mapping[str, Any]], format: Format, columns: Callable[[], Sequence[str]]) -> None:
    if format == "jsonl":
        for row in rows:
            file.write(msgspec.json.encode(row) + b"\n")
        return
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    lines = csv.DictWriter(text, list(columns()))
    lines.writeheader()
    for row in rows:
        lines.writerow({column: _cell(value) for column, value in row.items()})
    text.detach()


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
