"""What answers, chosen for each deployment: the seam between the routes, which know the protocols, and who has something to say.

Without a word in `Settings.engines` the local engine answers, which the routes ask themselves. Any other is an `Engine`, and has
a module of its own here, imported when a deployment names it:

    Settings(engines={"prod": "script:replies.yaml", "*": {"engine": "forward", "url": "http://127.0.0.1:11434/v1"}})

An engine's module has the name of its main option, `MAIN` (what stands behind the colon), the names of those options that are
paths, `FILES` (a configuration file has them relative to itself), and

    def engine(options: Mapping[str, Any]) -> Engine: ...

which raises EngineError for options it cannot use; `options` are those of the table, less `engine`. It is called once for each
service and specification, when the service starts; deployments with equal specifications share the engine.

A request reaches `Engine.answer` once it has passed credential, api-version, the deployment's existence, the types of the body
and the deployment's limits. `ask.raw` are the bytes of its body (of a form, too), `ask.body` what they mean, `ask.request` has
method, path, query and headers, `ask.operation.path` says what is asked for (`chat/completions`, `audio/speech`),
`ask.deployment` and `ask.surface` of whom. The engine then

- returns a Response of its own (any status; a stream is a StreamingResponse): it is sent as it is, once the headers that every
  answer carries were added where the engine set none;
- or has the route say what it wants said: `return await ask.saying(Reply(text="Hello"))`, whole or in a stream, as asked;
- or returns None: it is not its to answer, and the local engine does;
- or raises Refusal.

A few routes that belong to no deployment (files, batches, stored responses, lists of models) are answered by the service itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from starlette.responses import Response

    from ceyx.service.gate import Ask

NAMES = ("local", "script", "replay", "record", "forward")


class Engine(Protocol):
    """Who answers for a deployment. All calls come from the service's event loop."""

    any_model: bool
    """Whether, named for *, it takes names that are no deployment of the service, and kinds that their models are not."""

    async def answer(self, ask: Ask) -> Response | None:
        """The answer, or None: then the local engine answers."""
        ...

    def reset(self) -> None:
        """Begins anew, as after the start: what was counted is forgotten."""
        ...

    def close(self) -> None:
        """Gives everything free; called once, after the service's loop has ended."""
        ...


Spec: TypeAlias = str | Mapping[str, Any] | Engine
"""An engine as settings have it: NAME, NAME:MAIN, a table with `engine` and its options, or an Engine itself."""


class EngineError(ValueError):
    """An engine is named that is none, or told what it cannot use."""


def named(spec: str | Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The name of the engine that a specification means, its main option (empty: none) and the others. Raises EngineError."""
    options = {} if isinstance(spec, str) else dict(spec)
    text = spec if isinstance(spec, str) else options.pop("engine", None)
    name, colon, main = text.partition(":") if isinstance(text, str) else ("", "", "")
    if name not in NAMES:
        raise EngineError(f"{text!r} is no engine; write one of {', '.join(NAMES)}, such as script:replies.yaml")
    if name == "local" and (colon or options):
        raise EngineError(f"the engine local takes nothing; got {main or ', '.join(options)!r}")
    return name, main, options


def made(specs: Mapping[str, Spec]) -> dict[str, Engine | None]:
    """The engines of deployments (and of *); None is the local one. Raises EngineError, which names the deployment."""
    engines: dict[str, Engine | None] = {}
    known: list[tuple[str | Mapping[str, Any], Engine | None]] = []
    try:
        for deployment, spec in specs.items():
            if isinstance(spec, str | Mapping):
                there = [engine for other, engine in known if other == spec]
                if not there:
                    try:
                        there = [_made(spec)]
                    except EngineError as error:
                        raise EngineError(f"the engine of {deployment}: {error}") from None
                    known.append((spec, there[0]))
                engines[deployment] = there[0]
            else:
                engines[deployment] = spec
    except BaseException:
        close(engines)
        raise
    return engines


def main_option(name: str) -> str:
    """The name of an engine's main option."""
    return str(import_module(f"{__name__}.{name}").MAIN)


def files_of(name: str) -> tuple[str, ...]:
    """The names of an engine's options that are paths."""
    return tuple(import_module(f"{__name__}.{name}").FILES)


def _made(spec: str | Mapping[str, Any]) -> Engine | None:
    name, main, options = named(spec)
    if name == "local":
        return None
    module = import_module(f"{__name__}.{name}")
    if main:
        if module.MAIN in options:
            raise EngineError(f"{module.MAIN} is given twice, as {main!r} and as {options[module.MAIN]!r}")
        options[module.MAIN] = main
    engine: Engine = module.engine(options)
    return engine


def distinct(engines: Mapping[str, Engine | None]) -> list[Engine]:
    """Each engine once."""
    return list({id(engine): engine for engine in engines.values() if engine is not None}.values())


def close(engines: Mapping[str, Engine | None]) -> None:
    for engine in distinct(engines):
        engine.close()
