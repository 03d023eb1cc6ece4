"""Parquet, by pyarrow: a piece of a row group at a time, both ways.

In between, values are what JSON has: times, dates and decimals are text as Arrow writes it, durations are seconds, bytes are
base64, maps with keys of text are objects, and a number that is none, or infinite, is null. Going back, columns that came from
Parquet get their types again; of others, a column of nothing but booleans, whole numbers or numbers has that type, and any else
is text, with JSON for what is no text.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import time
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

from ceyx.bulk.rows import places
from ceyx.bulk.rows.formats import format_of
from ceyx.bulk.rows.places import STDIN, shown
from ceyx.bulk.rows.row import InputError, Row

AT_ONCE = 1024  # rows that are made Python's, or Arrow's, at once; fewer where they are large
BYTES_AT_ONCE = 8 << 20
GROUP_BYTES, GROUP_ROWS = 16 << 20, 100_000  # of a row group that is written
LARGEST = 2**63

Convert = Callable[[Any], Any]


class UnfitError(Exception):
    """A value is not of the type of its column."""


def arrow(name: str) -> Any:
    """The package pyarrow, which is asked for on behalf of this file."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise InputError(f"{shown(name)} is Parquet, which needs the package pyarrow: pip install 'ceyx[parquet]'") from error
    return pyarrow


# ---- in


def rows_of(name: str) -> Iterator[Row]:
    """The rows of a file."""
    with _opened(name) as file:
        made = [_Column(field.type) for field in file.schema_arrow]
        for column, field in zip(made, file.schema_arrow, strict=True):
            if column.readable is None:
                raise InputError(
                    f"{shown(name)} has a column {field.name!r} of {field.type}, which JSON has nothing for; leave it out"
                )
        names = file.schema_arrow.names
        if len(set(names)) < len(names):
            raise InputError(f"{shown(name)} has two columns of one name among {', '.join(map(repr, names))}")
        for batch in file.iter_batches(_at_once(file.metadata)):
            values = [column.read(each) for column, each in zip(made, batch.columns, strict=True)]
            if not names:
                yield from (Row({}) for _ in range(batch.num_rows))
            for cells in zip(*values, strict=True):
                yield Row(dict(zip(names, cells, strict=True)))


def count(name: str) -> int:
    """How many rows a file has, by what it says at its end."""
    with _opened(name) as file:
        rows: int = file.metadata.num_rows
        return rows


@contextmanager
def _opened(name: str) -> Iterator[Any]:
    if name == STDIN:
        raise InputError("Parquet is read from a file, as its end comes first; name one")
    pyarrow = arrow(name)
    with places.opened(name) as bytes_of_it:
        try:
            file = pyarrow.parquet.ParquetFile(bytes_of_it, pre_buffer=False, buffer_size=1 << 18)
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(f"{shown(name)} is no Parquet: {error}") from error
        with file:
            yield file


def _at_once(metadata: Any) -> int:
    rows, size = metadata.num_rows, sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    return int(min(AT_ONCE, max(BYTES_AT_ONCE * rows // max(size, 1), 1)))


# ---- out


def schema_of(rows: Callable[[], Iterable[Mapping[str, Any]]], kinds: Mapping[str, str], like: Sequence[str]) -> Any:
    """The columns of the output and their types."""
    pyarrow = arrow("the output")
    known = {"text": pyarrow.string(), "whole": pyarrow.int64(), "number": pyarrow.float64()}
    known["vector"] = pyarrow.list_(pyarrow.float32())
    fields = _fields_like(like)
    if fields is None:
        fields = [(name, known.get(kind) or pyarrow.bool_()) for name, kind in _found_in(rows(), kinds)]
    fields = [field for field in fields if field[0] not in kinds]
    return pyarrow.schema([*fields, *((name, known[kind]) for name, kind in kinds.items())])


def _fields_like(names: Sequence[str]) -> list[tuple[str, Any]] | None:
    """The columns of these files, if these are Parquet all of them and go together."""
    schemas = []
    for name in names:
        try:
            if format_of(name) != "parquet":
                return None
        except InputError:
            return None
        with _opened(name) as file:
            schemas.append(file.schema_arrow.remove_metadata())
    if not schemas:
        return None
    pyarrow = arrow(names[0])
    try:
        whole = pyarrow.unify_schemas(schemas, promote_options="permissive")
    except pyarrow.ArrowException:
        return None
    return [(field.name, field.type) for field in whole]


def _found_in(rows: Iterable[Mapping[str, Any]], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """The kind of each column that is not known, by all its values."""
    types: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            if name not in known:
                kind = type(value)
                if kind is int and not -LARGEST <= value < LARGEST:
                    kind = str
                types.setdefault(name, set()).add(kind)
    return [(name, _kind(found - {type(None)})) for name, found in types.items()]


def _kind(found: set[type]) -> str:
    if not found or not found <= {bool, int, float}:
        return "text"
    if found == {bool}:
        return "boolean"
    if bool in found:
        return "text"
    return "whole" if found == {int} else "number"


def write(file: BinaryIO, rows: Iterable[Mapping[str, Any]], schema: Any) -> None:
    """Write all rows with columns of these types. Raises UnfitError for a value that is not of its column's."""
    pyarrow = arrow("the output")
    columns = {field.name: _Column(field.type) for field in schema}
    waiting: list[Any] = []
    rows = iter(rows)
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while piece := list(islice(rows, AT_ONCE)):
            try:
                arrays = [column.written([row.get(name) for row in piece]) for name, column in columns.items()]
            except (pyarrow.ArrowException, ValueError, TypeError, AttributeError, OverflowError) as error:
                raise UnfitError(str(error)) from error
            waiting.append(pyarrow.RecordBatch.from_arrays(arrays, schema=schema))
            if sum(each.nbytes for each in waiting) >= GROUP_BYTES or sum(each.num_rows for each in waiting) >= GROUP_ROWS:
                writer.write_table(pyarrow.Table.from_batches(waiting))
                waiting = []
        if waiting:
            writer.write_table(pyarrow.Table.from_batches(waiting))


# ---- types


class _Column:
    """How the values of a column become JSON's, and those its own again."""

    def __init__(self, type: Any) -> None:
        self._arrow = arrow("the output")
        self.type = type
        extended = isinstance(type, self._arrow.BaseExtensionType)
        self._bare = type.storage_type if extended else type
        self.readable, self._stored = _readable(self._bare), _stored(self._bare)
        """The types of what Python is given, and of what is made of what Python has; None where there is none."""
        self._out, self._in = _outward(self._bare), _inward(self._bare)
        if extended and type.extension_name == "arrow.uuid":
            self._out, self._in = lambda value: str(UUID(bytes=value)), lambda value: UUID(value).bytes
        self._finite = self._arrow.types.is_floating(self._bare)
        self._text = self._arrow.types.is_string(self._bare)

    def read(self, array: Any) -> list[Any]:
        if self._bare is not self.type:
            array = array.storage
        if self._finite:
            compute = self._arrow.compute
            array = compute.if_else(compute.is_finite(array), array, self._arrow.scalar(None, array.type))
        if self.readable != array.type:
            array = array.cast(self.readable)
        values: list[Any] = array.to_pylist()
        out = self._out
        return values if out is None else [None if value is None else out(value) for value in values]

    def written(self, values: list[Any]) -> Any:
        if self._text:
            values = [
                value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode() for value in values
            ]
        elif (into := self._in) is not None:
            values = [None if value is None else into(value) for value in values]
        array = self._arrow.array(values, self._stored)
        if self._stored != self._bare:
            array = array.cast(self._bare)
        return array if self._bare is self.type else self._arrow.ExtensionArray.from_storage(self.type, array)


def _readable(type: Any) -> Any:
    """The type that values are cast to on their way to Python; None where there is none."""
    from pyarrow import types

    if types.is_dictionary(type):
        return _readable(type.value_type)
    if types.is_duration(type):
        return _whole(type)
    if _is_told_by_text(type) or types.is_time(type):
        return arrow("the output").string()
    if types.is_interval(type) or types.is_union(type):
        return None
    return _of_parts(type, _readable)


def _stored(type: Any) -> Any:
    """The type that Python's values are made to, before they are cast to their own. (Arrow casts what a null struct holds, too,
    so parts are made what they are at once.)"""
    from pyarrow import types

    if types.is_dictionary(type):
        return _stored(type.value_type)
    if types.is_duration(type) or types.is_time(type):
        return _whole(type)
    return arrow("the output").string() if _is_told_by_text(type) else type


def _is_told_by_text(type: Any) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(type) or types.is_date(type) or types.is_decimal(type))


def _whole(type: Any) -> Any:
    pyarrow = arrow("the output")
    return pyarrow.int32() if type.bit_width == 32 else pyarrow.int64()


def _of_parts(type: Any, of: Callable[[Any], Any]) -> Any:
    """The same list, struct or map of other parts; None if a part has no type."""
    pyarrow = arrow("the output")
    types = pyarrow.types
    if types.is_fixed_size_list(type):
        part = of(type.value_type)
        return None if part is None else pyarrow.list_(type.value_field.with_type(part), type.list_size)
    if types.is_list(type) or types.is_large_list(type):
        part = of(type.value_type)
        like = pyarrow.large_list if types.is_large_list(type) else pyarrow.list_
        return None if part is None else like(type.value_field.with_type(part))
    if types.is_map(type):
        key, item = of(type.key_type), of(type.item_type)
        return None if key is None or item is None else pyarrow.map_(key, type.item_field.with_type(item))
    if types.is_struct(type):
        parts = [of(field.type) for field in type]
        if any(part is None for part in parts):
            return None
        return pyarrow.struct([field.with_type(part) for field, part in zip(type, parts, strict=True)])
    return type


def _outward(type: Any) -> Convert | None:
    """What is still to be done to a value from Arrow; None for nothing."""
    from pyarrow import types

    if types.is_dictionary(type):
        return _outward(type.value_type)
    if _is_bytes(type):
        return lambda value: b64encode(value).decode()
    if types.is_duration(type):
        per_second = _PER_SECOND[type.unit]
        return lambda value: value / per_second
    return _nested(type, _outward, dict)


def _inward(type: Any) -> Convert | None:
    """The opposite."""
    from pyarrow import types

    if types.is_dictionary(type):
        return _inward(type.value_type)
    if _is_told_by_text(type):
        return None
    if _is_bytes(type):
        return b64decode
    if types.is_duration(type):
        per_second = _PER_SECOND[type.unit]
        return lambda value: round(value * per_second)
    if types.is_time(type):
        per_second = _PER_SECOND[type.unit]
        return lambda value: _since_midnight(value, per_second)
    return _nested(type, _inward_of_part, lambda value: list(value.items()) if isinstance(value, dict) else value)


def _inward_of_part(type: Any) -> Convert | None:
    from pyarrow import types

    if types.is_decimal(type):
        return Decimal
    if _is_told_by_text(type):
        text = arrow("the output").string()
        scalar = arrow("the output").scalar
        return lambda value: scalar(value, text).cast(type).value
    return _inward(type)


_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _since_midnight(text: str, per_second: int) -> int:
    whole, _, part = text.partition(".")
    at = time.fromisoformat(whole)
    return (at.hour * 3600 + at.minute * 60 + at.second) * per_second + int(part.ljust(9, "0")) * per_second // 10**9


def _is_bytes(type: Any) -> bool:
    from pyarrow import types

    return bool(
        types.is_binary(type) or types.is_large_binary(type) or types.is_fixed_size_binary(type) or types.is_binary_view(type)
    )


def _nested(type: Any, of: Callable[[Any], Convert | None], of_map: Convert) -> Convert | None:
    from pyarrow import types

    if types.is_list(type) or types.is_large_list(type) or types.is_fixed_size_list(type):
        part = of(type.value_type)
        return None if part is None else lambda value: [None if each is None else part(each) for each in value]
    if types.is_struct(type):
        parts = {field.name: convert for field in type if (convert := of(field.type)) is not None}
        return (lambda value: {**value, **_each(value, parts)}) if parts else None
    if types.is_map(type):
        key, item = of(type.key_type), of(type.item_type)
        by_text = types.is_string(_readable(type.key_type))

        def of_pairs(value: Any) -> Any:
            if key is None and item is None:
                return of_map(value) if by_text else value
            if isinstance(value, dict):
                value = value.items()
            pairs = [(k if key is None else key(k), v if item is None or v is None else item(v)) for k, v in value]
            return of_map(pairs) if by_text else pairs

        return of_pairs
    return None


def _each(value: Mapping[str, Any], parts: Mapping[str, Convert]) -> dict[str, Any]:
    return {name: convert(value[name]) for name, convert in parts.items() if value.get(name) is not None}
