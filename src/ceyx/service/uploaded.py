"""Bodies that come as a form with files: the fields as one checked object, and the files beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from ceyx.service.bodies import Body, read
from ceyx.service.errors import Refusal, bad_request
from ceyx.service.forms import nested, parts

LARGEST_FILE = 25 * 1024 * 1024
_LARGEST_FORM = 4 * LARGEST_FILE
_MOST_FILES = 50


class Upload(Struct):
    """A file as it came."""

    name: str
    content_type: str
    content: bytes


class WithFiles(Body, kw_only=True):
    """A body with files, by the name of their field."""

    files: dict[str, list[Upload]] = msgspec.field(default_factory=dict, name="/files")  # a name that no field of a body has

    def file(self, name: str) -> Upload:
        """The one file of a field. Raises Refusal where there is none."""
        if not (found := self.files.get(name)):
            raise bad_request(f"Missing required parameter: '{name}'; it is a file.", name, "missing_required_parameter")
        return found[0]


F = TypeVar("F", bound=WithFiles)


def form_of(kind: type[F]) -> Callable[[Request], Awaitable[F]]:
    """What reads a form of this kind. It raises Refusal for any other body, and for a file that is too large."""
    decoder: Any = msgspec.json.Decoder(kind, strict=False)  # the values of a form are text

    async def reader(request: Request) -> F:
        fields: list[tuple[str, str]] = []
        files: dict[str, list[Upload]] = {}
        async for part in parts(request, _LARGEST_FORM):
            name = part.name.partition("[")[0]
            if part.filename is None:
                fields.append((part.name, await part.text()))
            elif sum(map(len, files.values())) >= _MOST_FILES:
                raise bad_request(f"More than {_MOST_FILES} files came.", name)
            else:
                content = await part.read(_LARGEST_FORM)
                if len(content) > LARGEST_FILE:
                    raise Refusal(413, f"Maximum content size limit ({LARGEST_FILE}) exceeded ({len(content)} bytes read)")
                files.setdefault(name, []).append(Upload(part.filename, part.content_type, content))
        body: F = read(decoder, msgspec.json.encode(nested(fields)))
        body.files = files
        return body

    return reader
