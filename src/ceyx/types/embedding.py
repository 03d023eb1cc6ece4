"""One embedding. It travels as base64 of float32 and stays so until somebody reads it; numpy is imported only if asked for."""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ceyx.wire.view import View

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["Embedding"]


class _Unpacked:
    """Reads `embedding` the first time; from then on the value in the instance's own store is found before this one."""

    def __get__(self, view: Embedding | None, owner: object = None) -> Any:
        if view is None:
            return self
        packed: str | bytes | None = getattr(view, "_packed", None)
        if packed is None and "embedding" not in view.__dict__:  # a second thread may have read it just now
            raise AttributeError(f"{type(view).__name__!r} object has no attribute 'embedding'")
        if packed is None:
            return view.__dict__["embedding"]
        kept = view.__dict__.setdefault("embedding", _listed(floats_in(packed)))
        try:
            del view._packed
        except AttributeError:  # that second thread again
            pass
        return kept


class Embedding(View):
    """The vector of one input."""

    if TYPE_CHECKING:
        _packed: str | bytes = ""  # base64, or its bytes, that nobody has read yet; while it is set, the store has no `embedding`
    else:
        __slots__ = ("_packed",)

    embedding: list[float]
    """The vector; asked for with `encoding_format="base64"`, the text as it was sent."""
    index: int
    """Which of the inputs this is."""
    object: Literal["embedding"]

    if not TYPE_CHECKING:
        embedding = _Unpacked()

    def to_numpy(self) -> NDArray[numpy.float32]:
        """The vector as a float32 array of its own. Raises ModuleNotFoundError where numpy is not installed."""
        np: Any = numpy_or_why()
        values: Any = self.__dict__.get("embedding")
        if values is None:
            values = getattr(self, "_packed", None) or self.embedding
        if isinstance(values, str | bytes):
            return np.frombuffer(floats_in(values), "<f4").astype("f4")  # type: ignore[no-any-return]  # a copy can be written to
        return np.array(values, "f4")  # type: ignore[no-any-return]

    def _pack(self) -> None:
        """Leave a vector that came as base64 as it is until it is read."""
        if type(self.__dict__.get("embedding")) in (str, bytes):
            self._packed = self.__dict__.pop("embedding")

    def _fields(self) -> dict[str, Any]:
        if hasattr(self, "_packed"):
            self.embedding  # noqa: B018  # reading it stores it
        return self.__dict__


def floats_in(packed: str | bytes) -> bytes:
    """The float32 values, little-endian, that text holds in base64, or bytes as they are. ValueError where they do not."""
    try:
        values = packed if isinstance(packed, bytes) else msgspec.convert(packed, bytes)  # a quarter of the time of binascii
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise ValueError(f"an embedding is base64 of float32 values, got {packed[:20]!r} ({error})") from None
    if len(values) % 4:
        raise ValueError(f"an embedding is base64 of float32 values, 4 bytes each; got {len(values)} bytes")
    return values


def _listed(values: bytes) -> list[float]:
    if sys.byteorder == "big":
        swapped = array("f", values)
        swapped.byteswap()
        return swapped.tolist()
    floats: Any = memoryview(values).cast("f")  # which takes two thirds of the time of an array
    return floats.tolist()  # type: ignore[no-any-return]


def numpy_or_why() -> Any:
    try:
        import numpy as np
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ModuleNotFoundError("arrays need numpy: pip install 'ceyx[numpy]'", name="numpy") from None
    return np
