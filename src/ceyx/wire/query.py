"""Query strings as the API reads them: lists as `name[]=`, objects as `name[key]=`, and nothing for what is not given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from ceyx.wire.call import Omit


def encoded(query: Mapping[str, Any]) -> str:
    return "&".join(f"{quote_plus(name, safe='[]')}={quote_plus(text)}" for name, text in pairs(query))


def pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values as text; forms have them, too."""
    for name, value in query.items():
        if isinstance(value, Mapping):
            yield from pairs({f"{name}[{key}]": inner for key, inner in value.items()})
        elif isinstance(value, list | tuple | set):
            for item in value:
                yield from pairs({f"{name}[]": item})
        elif isinstance(value, bool):
            yield name, str(value).lower()
        elif not (value is None or isinstance(value, Omit)):
            yield name, str(value)
