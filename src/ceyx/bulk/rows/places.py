"""Where files are: on this machine, on standard input and output, or at a URL, which fsspec and its packages know how to reach.

A file is replaced whole or not at all: here it is renamed, elsewhere it is uploaded once it is complete.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ceyx.bulk.rows.row import InputError

STDIN = "-"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")


def is_url(name: str) -> bool:
    """Whether a name is of a place that fsspec has to reach."""
    return _URL.match(name) is not None and not name.lower().startswith("file://")


def shown(name: str) -> str:
    """The name without what only its owner may know: a password before the host, a signature after the path."""
    if not is_url(name):
        return name
    return re.sub(r"://[^/@]*@", "://…@", name.partition("?")[0] if name.startswith("http") else name)


def path_of(name: str) -> Path:
    """The path on this machine, which may be given as a file:// URL."""
    return Path(url2pathname(urlsplit(name).path)) if name.lower().startswith("file://") else Path(name)


def same(one: str, other: str) -> bool:
    """Whether two names are of one file."""
    if STDIN in (one, other) or is_url(one) or is_url(other):
        return one == other != STDIN
    return path_of(one).resolve() == path_of(other).resolve()


def ledger_beside(out: str) -> Path:
    """Where the ledger of an output is: beside it, and of one that is elsewhere, in the working directory."""
    if is_url(out):
        return Path(out.partition("?")[0].rstrip("/").rpartition("/")[2] + ".ledger")
    path = path_of(out)
    return path.with_name(f"{path.name}.ledger")


def files(given: Iterable[str]) -> list[str]:
    """The files that these names and patterns stand for, those of a pattern in the order of their names."""
    found: list[str] = []
    for name in given:
        if is_url(name):
            found += _at(name)
            continue
        name = name if name == STDIN else str(path_of(name))
        if name == STDIN or Path(name).is_file():
            found.append(name)
        elif has_magic(name) and (matching := glob(name, recursive=True)):  # noqa: PTH207  it takes absolute patterns, too
            found += sorted(matching)
        elif Path(name).is_dir():
            raise InputError(f"{name} is a folder; give the files in it by a pattern, such as '{name.rstrip('/')}/*.parquet'")
        else:
            raise InputError(f"there is no file {name}; give a file, a pattern for several, a URL, or - for standard input")
    return found


def _at(url: str) -> list[str]:
    system, path = filesystem(url)
    try:
        # A question mark is part of many a web address.
        if not has_magic(path) or (url.startswith("http") and not has_magic(path.replace("?", ""))):
            there = [url] if system.exists(path) else []
        else:
            there = sorted(system.unstrip_protocol(each) for each in system.glob(path))
    except Exception as error:  # each store has errors of its own
        raise InputError(f"cannot look for {shown(url)}: {_said(error)}") from error
    if not there:
        raise InputError(f"there is nothing at {shown(url)}")
    return there


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it. Credentials are those that its package finds by itself."""
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import known_implementations
    except ModuleNotFoundError as error:
        raise InputError(f"{shown(url)} needs the package fsspec: pip install 'ceyx[fsspec]'") from error
    try:
        system, path = url_to_fs(url)
    except ImportError as error:
        protocol = re.split(r"::|://", url)[0]
        home = known_implementations.get(protocol, {}).get("class", "").partition(".")[0]
        package = f"the package {home}: pip install {home}" if home not in ("", "fsspec") else f"another package: {error}"
        raise InputError(f"{shown(url)} needs {package}") from error
    except Exception as error:  # each store has errors of its own
        raise InputError(f"cannot reach {shown(url)}: {_said(error)}") from error
    return system, path


def opened(name: str) -> BinaryIO:
    """The bytes of a file, from its start."""
    if is_url(name):
        system, path = filesystem(name)
        try:
            return cast("BinaryIO", system.open(path, "rb"))
        except Exception as error:  # each store has errors of its own
            raise InputError(f"cannot read {shown(name)}: {_said(error)}") from error
    try:
        # A descriptor of its own: Python would wait for a reader of sys.stdin when it ends.
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb") if name == STDIN else path_of(name).open("rb")
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from error


@contextmanager
def replacing(name: str) -> Iterator[BinaryIO]:
    """A file to write all of, which takes the place of this one when the block ends, and leaves no trace if that raises.

    Raises OSError where there is no room or no right to write.
    """
    if is_url(name):
        system, there = filesystem(name)
        handle, unfinished = tempfile.mkstemp(prefix="ceyx-")
        path = Path(unfinished)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            try:
                system.put_file(unfinished, there)
            except Exception as error:  # each store has errors of its own
                raise OSError(errno.EIO, _said(error)) from error
        finally:
            path.unlink(missing_ok=True)
        return
    path = path_of(name).resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
