"""docs/api.md, made from the signatures and from calls in plan mode: `python tests/test_api_page.py` writes it anew."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from calls import ALL, CLIENT, Endpoint, at

from ceyx.wire.call import Call, Pages

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
HEAD = """# Every method

All of them are methods of every client: `client.files.create(...)` with `OpenAI` and `AzureOpenAI`,
`await client.files.create(...)` with `AsyncOpenAI` and `AsyncAzureOpenAI`, and `ceyx.files.create(...)` without one.
`with_raw_response` before the last name gives the response with its headers, `with_streaming_response` one whose body is not read
yet, and `plan` the call, which is not sent ([more](client.md)). `help(client.files.create)` lists the parameters of a method.

Paths are below the base URL. With a dated `api_version`, Azure has those that name a model below `/deployments/{model}`
([more](azure.md)). After … come more requests, which depend on the answers. Pages are iterated over, and go on to
the next one by themselves. Any other path is reached by `client.get`, `post`, `put`, `patch` and `delete`.

This page is made from the code: `python tests/test_api_page.py` writes it, and a test fails where it is out of date.
"""
SEVERAL = " …"  # and more requests, which depend on the answers


def render() -> str:
    rows = sorted([*map(row, ALL), *unsent()], key=lambda one: one[0].split(".")[0])
    text = HEAD
    for group, members in groupby(rows, key=lambda one: one[0].split(".")[0]):
        text += f"\n## {group}\n\n| method | request | gives | |\n|---|---|---|---|\n"
        text += "".join(f"| `{name}` | {request} | {gives} | {what} |\n" for name, request, gives, what in members)
    return text


def row(endpoint: Endpoint) -> tuple[str, str, str, str]:
    call, more = planned(endpoint)
    ids = {name for name, one in endpoint.parameters.items() if one.annotation is str}
    path = "/".join(f"{{{part}}}" if part in ids else part for part in call.path.split("/"))
    what = inspect.getdoc(endpoint.made) or ""
    return endpoint.name, f"`{call.method} {path}`{more}", gives(endpoint, call), first_sentence(what)


def planned(endpoint: Endpoint) -> tuple[Call[Any], str]:
    """The call of an endpoint, or the first of several."""
    if re.match(r"(Call|Pages)\[(?!Parsed)", endpoint.written):
        return endpoint.call(CLIENT), ""
    resource = at(endpoint.name.rpartition(".")[0])
    resource._opened = lambda managers, call, state: call
    asked = {name: SAMPLES.get(name, name) for name, one in endpoint.parameters.items() if one.default is one.empty}
    first = [
        asked.pop(name) for name, one in endpoint.parameters.items() if name in asked and one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    made = getattr(resource, endpoint.name.rpartition(".")[2])(*first, **(asked | EXTRA.get(endpoint.name, {})))
    if isinstance(made, Call):
        return made, ""
    step = next(made)
    while not isinstance(step, Call):
        step = step.call if hasattr(step, "call") else next(iter(step.calls))
    return step, SEVERAL


SAMPLES: dict[str, Any] = {"messages": [], "file": b"", "files": [b""]}
EXTRA: dict[str, dict[str, Any]] = {
    "responses.stream": {"input": "", "model": ""},  # or a `response_id`, to go on with it
    "uploads.upload_file_chunked": {"filename": "name"},
}


def gives(endpoint: Endpoint, call: Call[Any]) -> str:
    """What it gives, in the names of `ceyx.types`."""
    inner = endpoint.written.partition("[")[2][:-1]
    if inner == "Any":
        return "by `response_format`" + (", or events with `stream=True`" if "stream" in endpoint.parameters else "")
    if endpoint.written.startswith("Opens"):
        return f"`{inner.partition('[')[0]}`, a context manager"
    if isinstance(call, Pages) and endpoint.written.startswith("Pages"):
        return f"pages of `{inner}`"
    return f"`{inner}`" + (", or events with `stream=True`" if "stream" in endpoint.parameters else "")


def first_sentence(text: str) -> str:
    """The first sentence, in a cell of a table."""
    first = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[a-z0-9`)])\. ", first)[0].rstrip(".").replace("|", "\\|")


def unsent() -> Iterator[tuple[str, str, str, str]]:
    """Methods that work on what the server sent by itself."""
    for name in ("unwrap", "verify_signature"):
        method = getattr(CLIENT.webhooks, name)
        given = inspect.get_annotations(method.__func__)["return"]
        yield f"webhooks.{name}", "nothing is sent", f"`{given}`", first_sentence(inspect.getdoc(method) or "")


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(), "run `python tests/test_api_page.py`"


def test_the_page_has_every_method() -> None:
    text = PAGE.read_text()
    assert len(ALL) > 120
    assert not [endpoint.name for endpoint in ALL if f"| `{endpoint.name}` | `" not in text]
    assert "| `files.retrieve` | `GET /files/{file_id}` | `FileObject` | What is known of a file |" in text
    assert "| `vector_stores.files.upload_and_poll` | `POST /files` … | `VectorStoreFile` |" in text


if __name__ == "__main__":
    PAGE.write_text(render())
