"""Who sent a webhook: its signature (Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`), without a clock."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any, Protocol

from ceyx.errors import InvalidWebhookSignatureError


class HeadersLike(Protocol):
    """Headers as any web framework has them; the case of names does not matter."""

    def items(self) -> Iterable[tuple[str, Any]]: ...


def verify(payload: str | bytes, headers: HeadersLike, secret: str, *, tolerance: float, now: float) -> None:
    """Raises InvalidWebhookSignatureError unless a header signs `payload` with `secret`, within `tolerance` seconds of `now`.

    Secrets begin with `whsec_`, which base64 follows; another one is taken for the key itself. ValueError for no base64.
    """
    key = signing_key(secret)
    given = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    try:
        signatures, timestamp, event = (given[f"webhook-{name}"] for name in ("signature", "timestamp", "id"))
    except KeyError as missing:
        raise InvalidWebhookSignatureError(
            f"the request has no {missing} header, so it is no webhook; pass the headers as they came in"
        ) from None
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise InvalidWebhookSignatureError(
            f"the webhook-timestamp header is {timestamp[:40]!r}; a webhook has Unix time in seconds there"
        )
    age = int(now) - int(timestamp)
    if abs(age) > tolerance:
        raise InvalidWebhookSignatureError(
            f"the webhook is too {'old' if age > 0 else 'new'}: its timestamp lies {abs(age)} seconds "
            f"{'back' if age > 0 else 'ahead'}, and {tolerance} are allowed; see this machine's clock, or pass tolerance="
        )
    body = encoded(payload) if isinstance(payload, str) else payload
    expected = b64encode(hmac.digest(key, encoded(f"{event}.{timestamp}.") + body, "sha256"))
    # Every one is compared, in a time that says nothing of them: while a secret is replaced there are two.
    matches = [hmac.compare_digest(expected, encoded(one.removeprefix("v1,"))) for one in signatures.split()]
    if not any(matches):
        raise InvalidWebhookSignatureError(
            f"none of the {len(matches)} signatures of webhook {event[:80]!r} matches its body; see that the secret is that of "
            "this endpoint, and that the body is passed as it came in, byte for byte"
        )


def encoded(text: str) -> bytes:
    """`text` as bytes, whatever it holds: what is no text will not match, and should not be another error."""
    return text.encode("utf-8", "surrogatepass")


def signing_key(secret: str) -> bytes:
    """The key in a secret. Raises ValueError, which does not show it, where `whsec_` is not followed by base64."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return b64decode(secret[6:].strip(), validate=True)
    except ValueError:
        raise ValueError("the webhook secret begins with whsec_, but what follows is no base64; see how it was copied") from None
