"""Rows in and out: JSONL, CSV, TSV and Parquet, compressed or not, here or at a URL; in order, few of them in memory at a time.

`row.py` says what a row is, `formats.py` how a file is written, `places.py` where it is; `reading.py`, `writing.py` and
`parquet.py` go between these.
"""

from __future__ import annotations

from ceyx.bulk.rows.formats import Format, format_of, named
from ceyx.bulk.rows.places import STDIN, files, is_url, ledger_beside, same, shown
from ceyx.bulk.rows.reading import about, read
from ceyx.bulk.rows.row import InputError, Row
from ceyx.bulk.rows.writing import Kind, writable, write

__all__ = [
    "STDIN",
    "Format",
    "InputError",
    "Kind",
    "Row",
    "about",
    "files",
    "format_of",
    "is_url",
    "ledger_beside",
    "named",
    "read",
    "same",
    "shown",
    "writable",
    "write",
]
