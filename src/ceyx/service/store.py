"""What the service remembers: JSON objects by kind and id, in the order they were made, and the contents of files in pieces.

One SQLite database holds both: a file that survives restarts, or a temporary one that SQLite keeps in memory while it is small
and on disk when it is not. What an object means, and which of them belong together, is for the routes to know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Literal, TypeAlias

import msgspec

Stored: TypeAlias = dict[str, Any]
PIECE_BYTES = 256 * 1024
"""The most that is held of a file's content at a time."""

_MADE_BY_US = 0x63657978  # "ceyx", where SQLite keeps the mark of who made a file
_LAYOUT = 1
_TABLES = """
    CREATE TABLE objects (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        parent TEXT NOT NULL,
        object BLOB,
        UNIQUE (kind, id)
    );
    CREATE INDEX families ON objects (kind, parent, place);
    CREATE INDEX parents ON objects (parent) WHERE parent != '';
    CREATE TABLE pieces (piece INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE contents (
        id TEXT NOT NULL,
        place INTEGER NOT NULL,
        piece INTEGER NOT NULL,
        PRIMARY KEY (id, place)
    ) WITHOUT ROWID;
"""


class StoreError(OSError):
    """The file of a store cannot be used: it says why, and what to do."""


class Store:
    """Objects and contents, from any thread.

    Calls are short (microseconds to a millisecond), so an event loop may make them itself. An object that is given back is a
    copy: change it and `put` it again, or `update` it.

        store.put("file", "file-1", {"id": "file-1", "bytes": 5})
        store.put_content("file-1", [b"Hello"])
        files, more = store.page("file", limit=10)
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """With a `path`, what is put survives. Raises StoreError for a file that cannot be the store."""
        self.path = None if path is None else Path(path)
        self.on_status: Callable[[str, str, str], None] | None = None
        """Told the kind, id and new status of each object that comes to another by `update`."""
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None if path is None else _opened(Path(path))

    # -- objects

    def put(self, kind: str, id: str, object: Stored, parent: str = "") -> None:
        """Keeps `object`. One of this kind and id is replaced, and stays in its place and with its parent."""
        raw = msgspec.json.encode(object)
        with self._lock:
            if not self._changed("UPDATE objects SET object = ? WHERE kind = ? AND id = ? AND object IS NOT NULL", raw, kind, id):
                self._changed("REPLACE INTO objects (kind, id, parent, object) VALUES (?, ?, ?, ?)", kind, id, parent, raw)

    def get(self, kind: str, id: str) -> Stored | None:
        """The object, or None."""
        rows = self._rows("SELECT object FROM objects WHERE kind = ? AND id = ? AND object IS NOT NULL", kind, id)
        return msgspec.json.decode(rows[0][0]) if rows else None

    def update(self, kind: str, id: str, **fields: Any) -> Stored | None:
        """The object with these fields put in place of its own, at once for all threads; None where there is no such object."""
        with self._lock:
            found = self.get(kind, id)
            before = None if found is None else found.get("status")
            if found is not None:
                found.update(fields)
                self.put(kind, id, found)
        if found is not None and self.on_status is not None and "status" in fields and before != found["status"]:
            self.on_status(kind, id, found["status"])
        return found

    def delete(self, kind: str, id: str) -> bool:
        """Forgets an object; whether there was one. Its place stays known, so a `page` after it can still be asked for."""
        return bool(self._changed("UPDATE objects SET object = NULL WHERE kind = ? AND id = ? AND object IS NOT NULL", kind, id))

    def delete_children(self, parent: str) -> None:
        """Forgets all objects, of every kind, that were put with this parent."""
        self._changed("UPDATE objects SET object = NULL WHERE parent = ?", parent)

    def page(
        self,
        kind: str,
        *,
        parent: str = "",
        after: str | None = None,
        before: str | None = None,
        limit: int | None = 20,
        order: Literal["asc", "desc"] | str = "desc",
        where: Callable[[Stored], bool] | None = None,
    ) -> tuple[list[Stored], bool]:
        """Up to `limit` objects of a parent (None: all), and whether there are more in that direction.

        `order` is that of creation: "desc" begins with the newest. `after` and `before` are ids, in the order asked for: the
        page begins right after the one, or ends right before the other. `where` chooses among the objects, before the limit.
        Raises KeyError for an `after` or `before` of which this kind and parent never had an object.
        """
        newest_first = order != "asc"
        backwards = before is not None and after is None  # read from `before` away, then turned round
        conditions, values = "kind = ? AND parent = ? AND object IS NOT NULL", [kind, parent]
        for cursor, follows in ((after, True), (before, False)):
            if cursor is not None:
                conditions += f" AND place {'<' if follows is newest_first else '>'} ?"
                values.append(str(self._place(kind, parent, cursor)))
        downwards = newest_first is not backwards
        statement = f"SELECT object FROM objects WHERE {conditions} ORDER BY place {'DESC' if downwards else 'ASC'}"
        found: list[Stored] = []
        more = False
        with self._lock:
            for (raw,) in self._open().execute(statement, values):
                each = msgspec.json.decode(raw)
                if where is None or where(each):
                    if limit is not None and len(found) >= limit:
                        more = True
                        break
                    found.append(each)
        return (found[::-1] if backwards else found), more

    def _place(self, kind: str, parent: str, id: str) -> int:
        rows = self._rows("SELECT place FROM objects WHERE kind = ? AND parent = ? AND id = ?", kind, parent, id)
        if not rows:
            raise KeyError(id)
        return int(rows[0][0])

    # -- contents

    def put_content(self, id: str, pieces: Iterable[bytes]) -> int:
        """Keeps the bytes of a file in place of those it had; how many there are. Nothing is left of one that breaks off."""
        self.delete_content(id)
        try:
            return sum(self.add_content(id, piece) for piece in pieces)
        except BaseException:
            self.delete_content(id)
            raise

    def add_content(self, id: str, piece: bytes) -> int:
        """Appends to the bytes of a file, for content that arrives bit by bit; how many were appended."""
        with self._transaction() as connection:
            place = self._last_place(id)
            for start in range(0, len(piece), PIECE_BYTES):
                place += 1
                added = connection.execute("INSERT INTO pieces (bytes) VALUES (?)", (piece[start : start + PIECE_BYTES],))
                connection.execute("INSERT INTO contents VALUES (?, ?, ?)", (id, place, added.lastrowid))
        return len(piece)

    def content(self, id: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces that are read as they are asked for; nothing where there are none."""
        place = 0
        following = (
            "SELECT place, bytes FROM contents JOIN pieces USING (piece) WHERE id = ? AND place > ? ORDER BY place LIMIT 1"
        )
        while rows := self._rows(following, id, place):
            ((place, piece),) = rows
            yield piece

    def read(self, id: str) -> bytes:
        """All the bytes of a file; b"" where there are none."""
        return b"".join(self.content(id))

    def move_content(self, id: str, to: str) -> None:
        """Appends the bytes of one file to another's, and takes them from the first; no byte is copied for it."""
        with self._transaction():
            self._changed("UPDATE contents SET id = ?, place = place + ? WHERE id = ?", to, self._last_place(to), id)

    def delete_content(self, id: str) -> None:
        """Forgets the bytes of a file."""
        with self._transaction():
            self._changed("DELETE FROM pieces WHERE piece IN (SELECT piece FROM contents WHERE id = ?)", id)
            self._changed("DELETE FROM contents WHERE id = ?", id)

    def _last_place(self, id: str) -> int:
        ((last,),) = self._rows("SELECT ifnull(max(place), 0) FROM contents WHERE id = ?", id)
        return int(last)

    # -- all of it

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            for table in ("objects", "contents", "pieces"):
                self._changed(f"DELETE FROM {table}")

    def close(self) -> None:
        """Gives the file free. What a store without a file held is gone; one that is used again begins anew."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __repr__(self) -> str:
        return f"<Store {'in memory' if self.path is None else self.path}>"

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _opened(self.path)
        return self._connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is done within."""
        with self._lock:
            connection = self._open()
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._open().execute(statement, values).fetchall()

    def _changed(self, statement: str, *values: Any) -> int:
        """How many rows a statement changed."""
        with self._lock:
            return self._open().execute(statement, values).rowcount


def _opened(path: Path | None) -> sqlite3.Connection:
    try:
        # An empty name is a temporary database, which SQLite itself deletes.
        connection = sqlite3.connect(path or "", timeout=0.2, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be opened as a store: {error}; see that its folder exists and may be written") from None
    try:
        if path is None:
            connection.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;")
        else:
            # Of one service only: two would run the same jobs twice.
            connection.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        _check_layout(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path} cannot be the store: {_reason(error)}") from None
    except StoreError:
        connection.close()
        raise
    return connection


def _check_layout(connection: sqlite3.Connection, path: Path | None) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_master")
        ((made_by,),) = connection.execute("PRAGMA application_id")
        ((layout,),) = connection.execute("PRAGMA user_version")
        if tables and (made_by != _MADE_BY_US or layout != _LAYOUT):
            whose = f"of another version of ceyx (its layout is {layout})" if made_by == _MADE_BY_US else "of another program"
            raise StoreError(f"{path} is a database {whose}; give the name of a new file")
        if not tables:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_MADE_BY_US}")
            connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _reason(error: sqlite3.Error) -> str:
    match str(error):
        case "database is locked":
            return "another service has it open; stop that one, or give another file"
        case "file is not a database":
            return "it holds something else; give the name of a new file"
        case other:
            return f"{other}; see that it and its folder may be written"
