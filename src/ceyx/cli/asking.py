"""What `ceyx run` asks of each row, as a job: of which kind, and with what, by the options."""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceyx.cli.failures import Exit, Failure
from ceyx.cli.question import response_format

if TYPE_CHECKING:
    from ceyx.bulk import AnyJob

_named = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*").fullmatch


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say what is asked. One of the first four is given."""

    prompt: str | None = None
    messages: str | None = None
    embed: str | None = None
    transcribe: str | None = None
    system: str | None = None
    image: str | None = None
    tools: Path | None = None
    schema: str | None = None
    dimensions: int | None = None
    max_tokens: int | None = None
    answer: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def job(self, model: str) -> AnyJob:
        """The job. Raises Failure for options that do not go together."""
        ways = {"--prompt": self.prompt, "--messages": self.messages, "--embed": self.embed, "--transcribe": self.transcribe}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) != 1:
            found = f"{' and '.join(given)} are several" if given else "nothing is asked"
            raise Failure(f"{found}; give one of {', '.join(ways)}", Exit.USAGE)
        for name, needs in _NEEDS.items():
            if getattr(self, name) is not None and given[0] not in needs:
                option = f"--{name.replace('_', '-')}"
                raise Failure(f"{option} goes with {' or '.join(needs)}, not with {given[0]}", Exit.USAGE)
        try:
            return self._made(model, {} if self.answer is None else {"answer": self.answer})
        except ValueError as error:
            raise Failure(str(error), Exit.USAGE) from error

    def _made(self, model: str, named: dict[str, Any]) -> AnyJob:
        from ceyx.bulk import EmbeddingJob, Job, TranscriptionJob

        if self.embed is not None:
            return EmbeddingJob(model, self.embed, dimensions=self.dimensions, params=self.params, **named)
        if self.transcribe is not None:
            return TranscriptionJob(model, self.transcribe, params=self.params, **named)
        params = self.params if self.max_tokens is None else {**self.params, _limit_of(model): self.max_tokens}
        return Job(
            model,
            self.prompt,
            messages=self.messages,
            system=self.system,
            images=self.image,
            tools=tools_in(self.tools),
            schema=None if self.schema is None else shape_of(self.schema),
            params=params,
            **named,
        )


_CHAT = ("--prompt", "--messages")
_NEEDS = {
    "system": _CHAT,
    "image": ("--prompt",),
    "tools": _CHAT,
    "schema": _CHAT,
    "max_tokens": _CHAT,
    "dimensions": ("--embed",),
}


def _limit_of(model: str) -> str:
    """What the longest answer is called: models that reason know the new name only, many servers the old one only."""
    from ceyx.families import family_of

    family = family_of(model)
    return "max_completion_tokens" if family is not None and family.reasons else "max_tokens"


def shape_of(given: str) -> Any:
    """The shape of answers: a file with a JSON schema, or a class as `module:Class`, looked for from the current folder on."""
    if Path(given).exists() or not _named(given):
        return response_format(False, Path(given))
    module, _, name = given.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise Failure(f"cannot find the class {given} for --schema: {error}", Exit.USAGE) from error
    return found


def tools_in(path: Path | None) -> list[dict[str, Any]]:
    """The tools of a file: a JSON list of them, or one. Raises Failure for what is none."""
    if path is None:
        return []
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read the tools {path}: {error.strerror}", Exit.USAGE) from error
    except ValueError as error:
        raise Failure(f"the tools {path} are not JSON: {error}", Exit.USAGE) from error
    tools = content if isinstance(content, list) else [content]
    for tool in tools:
        if not isinstance(tool, dict) or "type" not in tool:
            example = '{"type": "function", "function": {"name": …, "parameters": …}}'
            raise Failure(f"{path} holds {json.dumps(tool)[:60]}, which is no tool; one is {example}", Exit.USAGE)
    return tools
