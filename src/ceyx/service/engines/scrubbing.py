"""What a recording must not hold, and what stands there instead: keys, tokens, cookies, the ids of organizations.

The same text is always scrubbed to the same, so requests can be compared once they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

import msgspec

from ceyx.service.engines import EngineError
from ceyx.wire.message import SECRET_HEADERS, public, redacted

SCRUBBED = "SCRUBBED"

# Keys and tokens by what they look like (GitHub's secret scanning knows them by the same marks), then the ids of accounts, and
# the signatures that addresses carry. What stands in the first group is kept.
_PATTERNS = (
    rb"(\bsk-)(?!SCRUBBED)[A-Za-z0-9_*-]{12,}",
    rb"(\bBearer )(?!SCRUBBED)[A-Za-z0-9._~+/=-]{20,}",
    rb"(\b)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    rb"(\b)[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}",
    rb"(\borg-)(?!SCRUBBED)[A-Za-z0-9]{10,}",
    rb"(\bproj_)(?!SCRUBBED)[A-Za-z0-9]{10,}",
    rb"([?&](?:sig|signature|subscription-key|api-key|api_key|key|token|access_token)=)(?!SCRUBBED)[^&\s\"'\\]+",
)
NAMED = {"emails": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"}
"""What is scrubbed only where asked for by name: a program may be about it."""

_FIELDS = frozenset(
    [
        "authorization",
        "api_key",
        "api-key",
        "apikey",
        "x-api-key",
        "password",
        "client_secret",
        "access_token",
        "refresh_token",
        "id_token",
        "cookie",
    ]
)
_event = re.compile(rb"^data: ?(\{.*\})\r?$", re.MULTILINE)
_SAID = frozenset(("arguments", "code", "content", "delta", "input", "reasoning", "reasoning_content", "refusal", "text"))
"""Fields of events that texts come in, bit by bit."""
_ORGANIZATION = frozenset(("openai-organization", "openai-project"))


class Scrubber:
    """Takes secrets out. `more` are names (`emails`) and regular expressions for what else to take."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        patterns: list[bytes] = [*_PATTERNS]
        for text in more:
            pattern = NAMED.get(text, text)
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"scrub has {text!r}, which is neither {', '.join(NAMED)} nor a regular expression: {error}"
                raise EngineError(message) from None
            patterns.append(b"()(?:%b)" % pattern.encode())
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._known: dict[str, re.Pattern[bytes]] = {}

    def knows(self, secrets: Iterable[str]) -> None:
        """From now on takes these out, too, wherever they are."""
        for secret in secrets:
            if len(secret) >= 8 and secret not in self._known:
                self._known[secret] = re.compile(b"()" + re.escape(secret.encode()))

    def text(self, text: str) -> str:
        return self.pieces([text.encode("utf-8", "surrogatepass")])[0].decode("utf-8", "surrogatepass")

    def pieces(self, pieces: list[bytes]) -> list[bytes]:
        """As many pieces, less their secrets, of which one may lie across several."""
        whole, ends = _joined(pieces)
        # What is known by heart comes last: who knows less then still has most things scrubbed to the same.
        for pattern in (*self._patterns, *self._known.values()):
            found = [(match.end(1), match.end(), SCRUBBED.encode()) for match in pattern.finditer(whole)]
            whole, ends = _replaced(whole, ends, found)
        return _parted(whole, ends)

    def events(self, pieces: list[bytes]) -> list[bytes]:
        """As `pieces`, of a stream of events. A secret that is said bit by bit, in many of them, is found as well."""
        whole, ends = _joined(pieces)
        read: list[tuple[int, int, Any, Any]] = []
        said: dict[tuple[Any, ...], list[tuple[dict[str, Any], str]]] = {}
        for match in _event.finditer(whole):
            try:
                decoded = msgspec.json.decode(match[1])
            except ValueError:
                continue
            scrubbed = self.value(decoded)
            read.append((match.start(1), match.end(1), decoded, scrubbed))
            about = tuple(scrubbed.get(name) for name in ("type", "item_id", "output_index", "content_index"))
            for place, holder, name in _bits(scrubbed):
                said.setdefault((*about, *place), []).append((holder, name))
        for bits in said.values():
            texts = [holder[name].encode("utf-8", "surrogatepass") for holder, name in bits]
            for (holder, name), text in zip(bits, self.pieces(texts), strict=True):
                holder[name] = text.decode("utf-8", "surrogatepass")
        changed = [(start, end, msgspec.json.encode(new)) for start, end, old, new in read if new != old]
        return self.pieces(_parted(*_replaced(whole, ends, changed)))

    def value(self, value: Any) -> Any:
        """A decoded JSON value: all of its texts, and whole what is named as a secret."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            return {self.text(name): self._field(name, each) for name, each in value.items()}
        return value

    def _field(self, name: str, value: Any) -> Any:
        if name.lower() in _FIELDS and isinstance(value, str):
            return SCRUBBED
        if name == "headers" and isinstance(value, dict):  # what a tool of the provider's is to show its own server
            return {each: self.value(text) if each in public({each: ""}) else SCRUBBED for each, text in value.items()}
        return self.value(value)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        hidden = SECRET_HEADERS | _ORGANIZATION
        shown = redacted(headers)
        return {name: SCRUBBED if name.lower() in hidden else self.text(value) for name, value in shown.items()}

    def query(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(name, self.text(value) if name in public({name: value}) else SCRUBBED) for name, value in pairs]

    def body(self, content: bytes) -> bytes:
        """A body of JSON, which is read, since secrets hide behind names and escapes there; or any other, as it is."""
        try:
            decoded = msgspec.json.decode(content)
        except ValueError:
            return self.pieces([content])[0]
        scrubbed = self.value(decoded)
        return content if scrubbed == decoded else msgspec.json.encode(scrubbed)


def _bits(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], dict[str, Any], str]]:
    """The texts of an event that continue those of the events before it: where each stands, what holds it, and its name there."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _bits(each, (*place, each.get("index", number) if isinstance(each, dict) else number))
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str) and name in _SAID:
                yield (*place, name), value, name
            else:
                yield from _bits(each, (*place, name))


def _joined(pieces: list[bytes]) -> tuple[bytes, list[int]]:
    """The pieces as one, and where each of them ends."""
    return b"".join(pieces), list(accumulate(map(len, pieces)))


def _parted(whole: bytes, ends: list[int]) -> list[bytes]:
    return [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _replaced(whole: bytes, ends: list[int], found: Iterable[tuple[int, int, bytes]]) -> tuple[bytes, list[int]]:
    """`whole` with something else where `found` says, in order, and the places of its pieces' ends in that."""
    parts, moved = list[bytes](), list(ends)
    last = shift = 0
    for start, stop, new in found:
        parts += [whole[last:start], new]
        last = stop
        shrinks = stop - start - len(new)
        for place, end in enumerate(ends):
            if end >= stop:
                moved[place] = end - shift - shrinks
            elif end > start:  # inside of it: the piece ends where it begins
                moved[place] = start - shift
        shift += shrinks
    return b"".join((*parts, whole[last:])), moved
