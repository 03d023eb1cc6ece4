"""What is asked: words, piped text, images and the shape of the answer, as the messages and parameters of a chat completion."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ceyx.cli import terminal
from ceyx.cli.failures import Exit, Failure
from ceyx.image_urls import image_url as url_of

Message = dict[str, Any]


def prompt_of(words: Iterable[str] | None, piped: str | None) -> str | None:
    """The question from the words of the command line and the text piped in; None where there is neither.

    Beside words, the text stands in a fence, so that the model can tell what it is asked from what it is asked about.
    """
    asked = " ".join(words or ()).strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = (piped or "").strip("\n")
    if not text.strip():
        return asked or None
    if not asked:
        return text
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{asked}\n\n{fence}\n{text}\n{fence}"


def piped() -> str | None:
    """What standard input holds; None where it is a terminal. Raises Failure for what is no text."""
    if sys.stdin is None or terminal.is_terminal(sys.stdin):
        return None
    data = sys.stdin.buffer.read()
    if b"\0" in data:
        raise Failure("standard input holds no text; give an image by --image FILE", Exit.USAGE)
    return data.decode("utf-8-sig", "replace")


def user_message(text: str, images: Iterable[str] = ()) -> Message:
    """The message that asks `text`, with images in front of it."""
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in images]
    return {"role": "user", "content": [*parts, {"type": "text", "text": text}] if parts else text}


def image_url(source: str) -> str:
    """The URL of an image: as it is, or of a local file's content. Raises Failure for a file that is no image."""
    try:
        return url_of(source)
    except ValueError as error:
        raise Failure(str(error), Exit.USAGE) from error


def response_format(as_json: bool, schema: Path | None) -> dict[str, Any] | None:
    """The shape that is asked for; None for plain text. Raises Failure for a file that holds no JSON schema."""
    if schema is None:
        return {"type": "json_object"} if as_json else None
    try:
        content = json.loads(schema.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read the schema {schema}: {error.strerror}", Exit.USAGE) from error
    except ValueError as error:
        raise Failure(f"the schema {schema} is not JSON: {error}", Exit.USAGE) from error
    if not isinstance(content, dict):
        raise Failure(f'the schema {schema} is no JSON object, as in {{"type": "object", …}}', Exit.USAGE)
    if isinstance(content.get("schema"), dict) and "name" in content:
        return {"type": "json_schema", "json_schema": content}
    name = re.sub(r"[^a-zA-Z0-9_-]+", "_", str(content.get("title") or schema.stem))[:64]
    return {"type": "json_schema", "json_schema": {"name": name or "answer", "schema": content}}


def messages_for(system: str | None, turns: list[Message], params: dict[str, Any]) -> list[Message]:
    """The whole conversation. JSON mode wants to be told of in words, too: APIs refuse it otherwise."""
    instructions = [system] if system else []
    if params.get("response_format") == {"type": "json_object"} and "json" not in str([system, turns]).lower():
        instructions.append("Answer with one JSON object.")
    return [*([{"role": "system", "content": "\n\n".join(instructions)}] if instructions else []), *turns]
