"""Access tokens: made, and read again. JWTs with the claims that Entra ID's have, signed with a key that this process alone has.

They are signed with HMAC: whoever gets a token treats it as opaque, and only the service that issued it verifies it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from secrets import token_bytes
from time import time
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import msgspec

SYSTEM_ASSIGNED = "c0ffee00-0000-4000-8000-00000000000a"
"""The client id of the identity that a machine has without choosing one."""
OWN_CLIENT = "c0ffee00-0000-4000-8000-00000000000b"
"""The client id of the service itself, for the requests that it makes of itself."""


class Token(NamedTuple):
    """A token as it was issued; times are in seconds since 1970."""

    text: str
    audience: str
    client: str
    issued_at: int
    expires_on: int


class Unacceptable(Exception):
    """A token that was not issued here, or not for now."""


@dataclass(slots=True)
class Issuer:
    """Issues tokens, and reads them: those of another process, or another start of the service, are not its own."""

    clock: Callable[[], float] = time
    _key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    _serial: count[int] = field(default_factory=lambda: count(1))
    _revoked: int = 0

    def issue(self, audience: str, client: str, tenant: str, seconds: int) -> Token:
        """A token for `audience` (a resource, without /.default) that says it is `client` of `tenant`."""
        now = int(self.clock())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "appid": client,
            "appidacr": "1",
            "idtyp": "app",
            "oid": principal_of(client),
            "sub": principal_of(client),
            "tid": tenant,
            "uti": f"ceyx-{next(self._serial)}",
            "ver": "1.0",
        }
        signed = f"{_encoded({'typ': 'JWT', 'alg': 'HS256', 'kid': 'ceyx-local'})}.{_encoded(claims)}"
        return Token(f"{signed}.{self._signature(signed)}", audience, client, now, now + seconds)

    def read(self, text: str) -> dict[str, Any]:
        """The claims of a token. Raises Unacceptable for one that is not ours, has expired, or was damaged."""
        signed, _, signature = text.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise Unacceptable("it was not issued by this service")
        claims: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(f"{signed.partition('.')[2]}=="))
        if claims["exp"] <= self.clock():
            raise Unacceptable(f"it expired {self.clock() - claims['exp']:.0f} s ago")
        return claims

    def revoke(self) -> int:
        """From now on the tokens that were issued so far are revoked; gives how many those are."""
        self._revoked = next(self._serial)
        return self._revoked - 1

    def is_revoked(self, claims: dict[str, Any]) -> bool:
        return int(claims["uti"].removeprefix("ceyx-")) < self._revoked

    def _signature(self, signed: str) -> str:
        return _text(hmac.digest(self._key, signed.encode(), sha256))


def principal_of(client: str) -> str:
    """The object id of a client's principal: the same at every start."""
    return str(uuid5(NAMESPACE_URL, f"ceyx:principal:{client.lower()}"))


def _encoded(part: object) -> str:
    return _text(msgspec.json.encode(part))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
