"""`ceyx serve`: the local service in the foreground."""

from __future__ import annotations

import json
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.endpoint import variable
from ceyx.cli.failures import Exit, Failure, reported

if TYPE_CHECKING:
    from ceyx.service import Settings

EXAMPLES = """\b
Examples:
  ceyx serve
  ceyx serve --port 0 --json            (a free port, told in a line of JSON)
  ceyx serve --deployment prod=gpt-4o   (prod is a deployment of gpt-4o)
  CEYX_SERVE_KEYS=one,two ceyx serve    (accepts these keys only)
  ceyx serve --store state.db           (state survives a restart)
  ceyx serve --fault 'prod=stall;seconds=5'   (prod is slow)
  ceyx serve --tls --entra              (https, and tokens of Entra ID)
  ceyx serve --list-faults              (all that can go wrong, on order)

\b
Then, in another terminal:
  export OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=local
  ceyx chat "Hello"
"""


def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="An address of this machine's loopback.")] = "127.0.0.1",
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
) -> None:
    """Answer as OpenAI and Azure OpenAI do, on this machine and from no model, until Ctrl-C.

    For programs that are written, tested or shown without a network, a key or a bill. Its answers say what they are, and are
    the same for the same question.
    """
    with reported(), ExitStack() as closing:
        try:
            from ceyx.service import Settings, serve as listen
        except ModuleNotFoundError as error:
            raise Failure(str(error), Exit.CONFIGURATION) from error
        if list_faults:
            from ceyx.cli.fault_list import show

            return show(as_json)
        keys = [*(api_key or ()), *filter(None, re.split(r"[,\s]+", variable("CEYX_SERVE_KEYS") or ""))]
        if tls and ca_file is None:
            ca_file = Path(closing.enter_context(TemporaryDirectory(prefix="ceyx-serve-"))) / "ca.pem"
        try:
            more: Any = {"scenario": faults, "store": store, "entra": entra, "tls": tls, "ca_file": ca_file}
            settings = Settings.of(deployment or (), keys=keys, faults=fault or (), **more)
        except ValueError as error:
            raise Failure(str(error), Exit.USAGE) from error
        except OSError as error:
            raise Failure(f"{faults} cannot be read: {error.strerror}; give --faults a TOML file", Exit.USAGE) from error

        def ready(address: str) -> None:
            announce(address, settings, as_json)

        try:
            listen(settings, host, port, ready)
        except ValueError as error:
            message = f"{host} can be reached by other machines, and ceyx serve is for this one; leave out --host"
            raise Failure(message, Exit.USAGE) from error
        except ModuleNotFoundError as error:  # trustme
            raise Failure(str(error), Exit.CONFIGURATION) from error
        except OSError as error:
            raise Failure(error.strerror or str(error), Exit.CONFIGURATION) from error


def announce(address: str, settings: Settings, as_json: bool) -> None:
    """Say where the service listens; to a person also what to set, so that OpenAI's and Azure's users get there."""
    guarded = bool(settings.keys)
    ca_file = None if settings.ca_file is None else str(Path(settings.ca_file).absolute())
    if as_json:
        where: dict[str, object] = {"url": f"{address}/v1", "azure_endpoint": address, "needs_key": guarded}
        if settings.entra is not None:
            where |= {"authority_host": address, "tenant_id": settings.entra.tenant}
        if ca_file is not None:
            where["ca_file"] = ca_file
        sys.stdout.write(json.dumps(where) + "\n")
    else:
        sys.stdout.write(f"ceyx answers at {address}/v1 (Ctrl-C stops it)\n")
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


def trust(ca_file: str) -> str:
    """What makes programs in each language trust the authority."""
    from ceyx.service.tls import TRUST

    lines = [f"Its certificates are of the throw-away authority in {ca_file}, which programs trust by:"]
    for language, command, more in TRUST:
        lines.append(f"  {language:8} {command.format(ca=ca_file)}{f'  ({more.format(ca=ca_file)})' if more else ''}")
    return "\n".join(lines) + "\n"
