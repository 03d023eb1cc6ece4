"""How a file is written, told by the ending of its name: the format, and what it is compressed with."""

from __future__ import annotations

from typing import Literal, cast, get_args

from ceyx.bulk.rows.places import STDIN, shown
from ceyx.bulk.rows.row import InputError

Format = Literal["jsonl", "csv", "tsv", "parquet"]
Compression = Literal["gz", "zst", "bz2", "xz"]

_BY_ENDING: dict[str, Format] = {
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "csv": "csv",
    "tsv": "tsv",
    "parquet": "parquet",
    "pq": "parquet",
}


def format_of(name: str, chosen: Format | None = None) -> Format:
    """How a file is written: as chosen, or as its name ends; standard input and output are JSONL unless chosen."""
    if chosen is not None:
        return chosen
    if name == STDIN:
        return "jsonl"
    stem, _, ending = _bare(name).rpartition(".")
    if ending in get_args(Compression):
        ending = stem.rpartition(".")[2]
    if (format := _BY_ENDING.get(ending)) is None:
        endings = ", ".join(f".{each}" for each in _BY_ENDING)
        raise InputError(f"{shown(name)} ends in none of {endings}; choose its format: {', '.join(get_args(Format))}")
    return format


def compression_of(name: str, format: Format) -> Compression | None:
    """What the whole file is compressed with. (Parquet compresses its pages itself.)"""
    ending = _bare(name).rpartition(".")[2]
    if ending not in get_args(Compression):
        return None
    if format == "parquet":
        raise InputError(f"{shown(name)} is Parquet, which is compressed inside; leave .{ending} off the name")
    return cast("Compression", ending)


def named(format: str) -> Format:
    """The format of this name."""
    for each in get_args(Format):
        if each == format.lower():
            return cast("Format", each)
    raise InputError(f"there is no format {format!r}; there are {', '.join(get_args(Format))}")


def _bare(name: str) -> str:
    """The last part of a name, in small letters; of a URL, without the query that signs it."""
    if "://" in name:
        name = name.partition("?")[0]
    return name.replace("\\", "/").rpartition("/")[2].lower()
