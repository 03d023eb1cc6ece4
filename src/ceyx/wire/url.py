"""Addresses that are strings, and can be asked for their parts."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

AZURE = (
    r"(?:(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)"
    r"|api\.cognitive\.(?:microsoft\.com|azure\.us|azure\.cn))"
)
"""A pattern for the hosts of Azure's resources in all clouds, less the name of the resource (or of its region) and the dot."""


class URL(str):
    """An address: the string that it is, with the attributes that httpx gives one."""

    __slots__ = ()

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(str(self))

    @property
    def scheme(self) -> str:
        return self._parts.scheme

    @property
    def host(self) -> str:
        """The name or number, in lower case; an empty string where there is none."""
        return self._parts.hostname or ""

    @property
    def port(self) -> int | None:
        """None for the one that the scheme stands for."""
        port = self._parts.port
        return None if port == {"http": 80, "https": 443}.get(self.scheme) else port

    @property
    def path(self) -> str:
        return self._parts.path

    @property
    def netloc(self) -> bytes:
        """Host and port, in bytes as httpx has it."""
        return self._parts.netloc.encode("ascii")

    @property
    def query(self) -> bytes:
        """What follows the question mark, in bytes as httpx has it."""
        return self._parts.query.encode("ascii")

    @property
    def raw_path(self) -> bytes:
        """Path and query, in bytes as httpx has it."""
        return b"?".join(filter(None, (self.path.encode("ascii"), self.query)))
