"""A certificate as it came over the wire, read without being trusted: whose it is, who made it, until when (RFC 5280, 4.1).

The standard library shows those only that it has verified, and those that it has not are the ones of interest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

_COMMON_NAME, _ORGANIZATION, _ALTERNATIVE_NAMES = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x1d\x11"
_OID, _UTC_TIME = 0x06, 0x17


@dataclass(frozen=True, slots=True)
class Certificate:
    """What of a certificate people can judge."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """The hosts that it is for."""
    begins: datetime
    ends: datetime


def read(der: bytes) -> Certificate:
    """The certificate that `der` holds. Raises ValueError for what is none."""
    try:
        ((_, whole),) = _parts(der)
        _, signed = next(_parts(whole))
        fields = [field for field in _parts(signed) if field[0] != 0xA0]  # its version
        _, _, issuer, validity, subject = (content for _, content in fields[:5])
        begins, ends = (_time(kind, text) for kind, text in _parts(validity))
        return Certificate(_named(subject), _named(issuer), tuple(_alternatives(fields)), begins, ends)
    except (IndexError, StopIteration, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"no certificate can be read ({error})") from None


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The tag and content of each value in a row of DER."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(data[at : at + octets], "big"), at + octets
        if at + length > len(data):
            raise ValueError("it is cut")
        yield tag, data[at : at + length]
        at += length


def _named(name: bytes) -> str:
    """A name for people: the common name, and the organization where that is another."""
    found: dict[bytes, str] = {}
    for _, each in _parts(name):
        for _, pair in _parts(each):
            (_, kind), (_, text) = _parts(pair)
            found.setdefault(kind, text.decode("utf-8", "replace"))
    common, organization = found.get(_COMMON_NAME), found.get(_ORGANIZATION)
    if common and organization and organization not in common:
        return f"{common} ({organization})"
    return common or organization or "nobody named"


def _time(kind: int, text: bytes) -> datetime:
    digits = text.decode("ascii").removesuffix("Z")
    if kind == _UTC_TIME:  # of two digits for the year: from 1950 to 2049
        digits = ("20" if int(digits[:2]) < 50 else "19") + digits
    return datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _alternatives(fields: list[tuple[int, bytes]]) -> Iterator[str]:
    for tag, explicit in fields:
        if tag != 0xA3:  # the extensions
            continue
        for _, extensions in _parts(explicit):
            for _, extension in _parts(extensions):
                parts = list(_parts(extension))
                if parts[0] == (_OID, _ALTERNATIVE_NAMES):
                    yield from _hosts(parts[-1][1])


def _hosts(value: bytes) -> Iterator[str]:
    for _, names in _parts(value):
        for kind, name in _parts(names):
            if kind == 0x82:
                yield name.decode("ascii", "replace")
            elif kind == 0x87 and len(name) in (4, 16):
                yield str(ip_address(name))
