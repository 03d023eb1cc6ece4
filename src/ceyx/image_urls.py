"""Images as models take them: by their URL, or a local file's content as a data URL. Fetches nothing."""

from __future__ import annotations

import base64
import re
from pathlib import Path

# By their first bytes: the formats that OpenAI and Azure take. A name says less than what is inside.
_FORMATS = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def image_url(source: str) -> str:
    """The URL of an image: as it is, or of a local file's content. Raises ValueError for a file that is no image."""
    if source.startswith(("http://", "https://", "data:")):
        return source
    try:
        content = Path(source).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read the image {source}: {error.strerror}") from error
    for kind, beginning in _FORMATS.items():
        if beginning.match(content):
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
    raise ValueError(f"{source} is no PNG, JPEG, GIF or WebP image, which are the ones that models see")
