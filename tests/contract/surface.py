"""What of the `openai` package is compared: its methods, found by walking its resources, less what is left out and why."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cached_property
from typing import Any, get_type_hints

import openai

# ---- what ceyx has not; the raw verbs (`client.post(...)`) reach all of it

WEBSOCKETS = "over WebSockets, which ceyx does not speak"
ASSISTANTS = "the retired assistants API"
PREVIEW = "a preview that is open to few, and changes"
LEFT_OUT = {
    "admin": "the administration of an organisation, which programs that call models do not do",
    "beta.agents": PREVIEW,
    "beta.assistants": ASSISTANTS,
    "beta.chatkit": PREVIEW,
    "beta.realtime": WEBSOCKETS,
    "beta.responses": "`client.responses` under its old address",
    "beta.threads": ASSISTANTS,
    "content_provenance_checks": PREVIEW,
    "decisions": PREVIEW,
    "live": WEBSOCKETS,
    "realtime": WEBSOCKETS,
    "responses.connect": WEBSOCKETS,
    "safety": PREVIEW,
    "skills": PREVIEW,
    "videos": "deprecated, and closed from September 2026",
}
# Parameters that `openai` has not, by method; "" is every one.
OURS_TOO: dict[str, set[str]] = {
    "": {"deadline"},
    "chat.completions.create": {"data_sources", "engine", "user_security_context"},
    "completions.create": {"engine"},
    "embeddings.create": {"input_type"},
}
for _name in ("parse", "stream"):
    OURS_TOO[f"chat.completions.{_name}"] = {*OURS_TOO["chat.completions.create"], "strict"}
    OURS_TOO[f"responses.{_name}"] = {"strict"}
# Parameters that ceyx has not, by method, and why.
NOT_OURS = {"responses.parse": {"stream": "a stream is no one answer to parse: `responses.stream` gives both"}}
OPTIONS = {"extra_headers", "extra_query", "extra_body", "timeout"}


def is_left_out(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in LEFT_OUT)


def methods(resource: Any, path: str = "") -> Iterator[str]:
    """The path of each public method below a resource of `openai`, as `files.create`."""
    for name, made in inspect.getmembers_static(type(resource)):
        below = f"{path}.{name}".lstrip(".")
        if not name.startswith(("_", "with_")) and not is_left_out(below):
            if isinstance(made, cached_property):
                yield from methods(getattr(resource, name), below)
            elif path and inspect.isfunction(made):  # those of the client itself are compared by tests/test_drop_in.py
                yield below


def at(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def parameters(client: Any, path: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(at(client, path)).parameters)


# Of several ways to call them, these are one.
NEEDED = {
    "audio.voices.create": ("audio_sample", "consent"),
    "images.edit": ("model",),  # ceyx asks for it on Azure, where it is part of the path
    "images.generate": ("model",),
    "uploads.upload_file_chunked": ("filename", "bytes"),
}


def needed(client: Any, path: str) -> list[str]:
    """The parameters that a method cannot do without."""
    return [name for name, one in parameters(client, path).items() if one.default is one.empty or name in NEEDED.get(path, ())]


def hints(path: str) -> dict[str, Any]:
    """The types of a method's parameters, and of what it gives, in the `openai` package."""
    return get_type_hints(at(OPENAI, path), include_extras=True)


OPENAI = openai.OpenAI(api_key="k", base_url="http://127.0.0.1:1")
METHODS = list(methods(OPENAI))
# Methods that give no answer of a server.
UNCALLED = {
    "webhooks.unwrap": "sends nothing; see tests/resources/test_webhooks.py",
    "webhooks.verify_signature": "sends nothing; see tests/resources/test_webhooks.py",
    "chat.completions.stream": "gives events of its own, from which tests/streams takes apart what both packages make",
    "responses.stream": "gives events of its own, from which tests/streams takes apart what both packages make",
}
SENDING = [path for path in METHODS if path.removeprefix("beta.") not in UNCALLED]
