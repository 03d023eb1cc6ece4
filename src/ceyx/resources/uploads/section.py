"""A stretch of a file as a file of its own, so that a part of it is sent from the disk and never held whole."""

from __future__ import annotations

import io
import os
from typing import IO


class Section(io.RawIOBase):
    """The `size` bytes of `file` from `start` on. Sections of one file are read one at a time."""

    def __init__(self, file: IO[bytes] | io.RawIOBase, start: int, size: int) -> None:
        self._file, self._start, self._size = file, start, size
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        left = self._size - self._place
        self._file.seek(self._start + self._place)
        piece = self._file.read(left if size < 0 else min(size, left)) or b""
        self._place += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
