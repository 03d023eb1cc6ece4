"""`ceyx serve`: the local service in the foreground."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.answering import engine_of
from ceyx.cli.endpoint import variable
from ceyx.cli.failures import Exit, Failure, reported

if TYPE_CHECKING:
    from ceyx.service import Settings

EXAMPLES = """\b
Examples:
  ceyx serve
  ceyx serve --port 0 --json            (a free port, told in a line of JSON)
  ceyx serve --deployment prod=gpt-4o   (prod is a deployment of gpt-4o)
  ceyx serve --fault 'prod=stall;seconds=5'     (prod is slow)
  ceyx serve --tls --entra              (https, and tokens of Entra ID)
  ceyx serve --engine '*=script:replies.yaml'   (says what you wrote)
  ceyx serve --forward http://127.0.0.1:11434/v1 -d gpt-4o=llama3.2
  ceyx serve --record calls.jsonl --upstream https://api.openai.com/v1
  ceyx serve --replay calls.jsonl       (then answers from there)
  ceyx serve --config ceyx.yaml         (all of this in a file, and more)

\b
Then, in another terminal:
  export OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=local
  ceyx chat "Hello"
"""


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; an address that other machines reach needs keys.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="PORT", min=0, max=65535, help="Where to listen; 0: any free port.")
    ] = 8080,
    api_key: Annotated[
        list[str] | None,
        typer.Option(
            "--api-key",
            metavar="KEY",
            help="A key to accept; may be given again. CEYX_SERVE_KEYS holds more, and shows in no list of processes. "
            "Without any, every key is accepted.",
        ),
    ] = None,
    deployment: Annotated[
        list[str] | None,
        typer.Option("--deployment", "-d", metavar="NAME=MODEL", help="A deployment to have; may be given again."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            help="All settings in YAML, TOML or JSON: deployments with engines, limits, latency and filters, keys, faults. "
            "Options add to it, and go before it.",
        ),
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            "-e",
            metavar="DEPLOYMENT=ENGINE",
            help="Who answers for a deployment or model, or * for all: local, script:FILE, replay:FILE, record:FILE or "
            "forward:URL; may be given again.",
        ),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            metavar="FILE",
            help="Write down what --upstream answers, without secrets, and ask it only for what is not there yet. A folder gets "
            "a file for each deployment.",
        ),
    ] = None,
    upstream: Annotated[
        str | None,
        typer.Option(
            "--upstream",
            metavar="URL",
            help="Who answers while it records: a base URL, or the endpoint of an Azure resource. OPENAI_API_KEY or "
            "AZURE_OPENAI_API_KEY has the provider's key.",
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            metavar="FILE",
            help="Answer from a recording (or a folder of some); refuse what is not there, and say why.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="With --replay, give each recorded answer once.")] = False,
    forward: Annotated[
        str | None,
        typer.Option(
            "--forward",
            metavar="URL",
            help="Have somebody else answer who speaks OpenAI's protocol, such as a model server on this machine; the model is "
            "asked for by the name that --deployment gives.",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="DEPLOYMENT=FAULT",
            help="What goes wrong for a deployment or model, or * for all requests; may be given again. A request's header "
            "x-ceyx-fault goes before it.",
        ),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", help="A scenario: rules in TOML for which requests go wrong, and how."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="FILE", help="Where files, batches and the like survive a restart; else they do not."),
    ] = None,
    exact_usage: Annotated[
        bool,
        typer.Option(
            "--exact-usage", help="Count tokens by the models' own tables, not by estimate: pip install 'ceyx[tokens]'."
        ),
    ] = False,
    entra: Annotated[
        bool,
        typer.Option(
            "--entra", help="Have Azure's paths take tokens of Entra ID, issued here and verified; keys only with --api-key."
        ),
    ] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS, with a throw-away authority; says what must trust it.")] = False,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            "--ca-file", metavar="FILE", help="Where to write the authority's certificate, and --tls. Else a temporary file."
        ),
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Show every fault and its parameters, and end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say where it listens in a line of JSON, for programs; list faults as JSON.")
    ] = False,
    ready_file: Annotated[
        Path | None,
        typer.Option(
            "--ready-file",
            metavar="FILE",
            help="Write there, once it listens, the line of JSON that --json writes; gone again when it ends.",
        ),
    ] = None,
) -> None:
    """Answer as OpenAI and Azure OpenAI do, on this machine and from no model, until Ctrl-C.

    For programs that are written, tested or shown without a network, a key or a bill. Its answers say what they are, and are
    the same for the same question.
    """
    with reported(), ExitStack() as closing:
        try:
            from ceyx.service import Settings, serve as listen
            from ceyx.service.engines import EngineError
        except ModuleNotFoundError as error:
            raise Failure(str(error), Exit.CONFIGURATION) from error
        if list_faults:
            from ceyx.cli.fault_list import show

            return show(as_json)
        keys = [*(api_key or ()), *filter(None, re.split(r"[,\s]+", variable("CEYX_SERVE_KEYS") or ""))]
        try:
            more: Any = {"scenario": faults, "store": store, "entra": entra, "tls": tls, "ca_file": ca_file}
            more |= {"exact_usage": exact_usage, "engines": engine or (), "config": config}
            settings = Settings.of(deployment or (), keys=keys, faults=fault or (), **more)
        except ValueError as error:
            raise Failure(str(error), Exit.USAGE) from error
        except OSError as error:
            raise Failure(f"{faults} cannot be read: {error.strerror}; give --faults a TOML file", Exit.USAGE) from error

        if (spec := engine_of(record, upstream, replay, strict, forward)) is not None:
            settings = replace(settings, engines={**settings.engines, "*": spec})
        if settings.tls and settings.ca_file is None:
            settings = replace(settings, ca_file=Path(closing.enter_context(TemporaryDirectory(prefix="ceyx-serve-"))) / "ca.pem")

        def ready(address: str) -> None:
            if ready_file is not None:
                closing.callback(ready_file.unlink, missing_ok=True)
                written = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
                written.write_text(json.dumps(where(address, settings)) + "\n")
                written.replace(ready_file)  # at once: who waits for it must not find half of it
            announce(address, settings, as_json)

        try:
            listen(settings, host, port, ready, allow_remote=True)
        except EngineError as error:
            raise Failure(str(error), Exit.USAGE) from error
        except ValueError as error:
            message = f"{host} can be reached by other machines, so keys are needed: set CEYX_SERVE_KEYS, or leave out --host"
            raise Failure(message, Exit.USAGE) from error
        except ModuleNotFoundError as error:  # trustme, the tables of tokens
            raise Failure(str(error), Exit.CONFIGURATION) from error
        except OSError as error:
            raise Failure(error.strerror or str(error), Exit.CONFIGURATION) from error


def announce(address: str, settings: Settings, as_json: bool) -> None:
    """Says where the service listens; to a person also what to set, so that OpenAI's and Azure's users get there."""
    guarded = bool(settings.keys)
    ca_file = _ca_file(settings)
    if as_json:
        sys.stdout.write(json.dumps(where(address, settings)) + "\n")
    else:
        sys.stdout.write(f"ceyx answers at {address}/v1 (Ctrl-C stops it)\n")
        if settings.control:
            sys.stdout.write(f"What comes and goes is shown at {address}/_ceyx/\n")
        if ca_file is not None:
            sys.stdout.write(trust(ca_file))
        if terminal.is_terminal(sys.stdout):
            key = "<one of your keys>" if guarded else "local"
            azure = f"export AZURE_OPENAI_ENDPOINT={address} OPENAI_API_VERSION=2024-10-21"
            lines = [f"export OPENAI_BASE_URL={address}/v1 OPENAI_API_KEY={key}"]
            if settings.entra is None:
                lines.append(f"{azure} AZURE_OPENAI_API_KEY={key}")
            else:
                lines += [azure, f"export AZURE_POD_IDENTITY_AUTHORITY_HOST={address}   # a managed identity, of this machine"]
                if ca_file is not None:  # azure-identity asks authorities by TLS only
                    lines.append(f"export AZURE_AUTHORITY_HOST={address} AZURE_TENANT_ID={settings.entra.tenant}")
            for line in lines:
                sys.stdout.write(terminal.styled(f"  {line}", terminal.DIM, sys.stdout) + "\n")
    sys.stdout.flush()


def where(address: str, settings: Settings) -> dict[str, object]:
    """Where the service listens, for programs."""
    told: dict[str, object] = {"url": f"{address}/v1", "azure_endpoint": address, "needs_key": bool(settings.keys)}
    if settings.control:
        told["page"] = f"{address}/_ceyx/"
    if settings.entra is not None:
        told |= {"authority_host": address, "tenant_id": settings.entra.tenant}
    if (ca_file := _ca_file(settings)) is not None:
        told["ca_file"] = ca_file
    return told


def _ca_file(settings: Settings) -> str | None:
    return None if settings.ca_file is None else str(Path(settings.ca_file).absolute())


def trust(ca_file: str) -> str:
    """What makes programs in each language trust the authority."""
    from ceyx.service.tls import TRUST

    lines = [f"Its certificates are of the throw-away authority in {ca_file}, which programs trust by:"]
    for language, command, more in TRUST:
        lines.append(f"  {language:8} {command.format(ca=ca_file)}{f'  ({more.format(ca=ca_file)})' if more else ''}")
    return "\n".join(lines) + "\n"
