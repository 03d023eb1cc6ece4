"""`ceyx doctor`: what is configured, what wins and why, and what is wrong, each with its next step."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ceyx.cli import terminal
from ceyx.cli.endpoint import Provider, Wanted
from ceyx.cli.failures import Exit, Failure, reported
from ceyx.cli.wanting import APIVersion, BaseURL

if TYPE_CHECKING:
    from ceyx.doctor.finding import Report

EXAMPLES = """\b
Examples:
  ceyx doctor
  ceyx doctor --no-call                 (asks no model: costs nothing)
  ceyx doctor --offline                 (sends nothing at all)
  ceyx doctor --identity                (DefaultAzureCredential, not a key)
  ceyx doctor --router deployments.toml (each deployment of the file)
  ceyx doctor --json                    (for programs)

\b
It shows no key and no token, so its output can be handed on; it does show
addresses, names of deployments, and ids of tenant and application.

\b
Exit codes: 0 healthy, 1 the API refused, 2 wrong usage, 3 no connection,
4 configuration or credentials, 130 interrupted.
"""
_CODES = {"api": Exit.API, "connection": Exit.CONNECTION, "configuration": Exit.CONFIGURATION}


def doctor(
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", "--deployment", metavar="NAME", help="Model, or deployment on Azure; else as ceyx chat has it."
        ),
    ] = None,
    provider: Annotated[
        Provider | None,
        typer.Option("--provider", metavar="azure|openai|local", help="Whom to examine, where both are configured."),
    ] = None,
    base_url: BaseURL = None,
    azure_endpoint: Annotated[
        str | None,
        typer.Option("--azure-endpoint", "--endpoint", metavar="URL", help="An Azure resource. Else AZURE_OPENAI_ENDPOINT."),
    ] = None,
    api_version: APIVersion = None,
    identity: Annotated[
        bool,
        typer.Option("--identity", help="Use DefaultAzureCredential, whatever key is set. Without a key, that is done anyway."),
    ] = False,
    router: Annotated[
        Path | None,
        typer.Option("--router", metavar="FILE", help="Examine each deployment of a TOML file, as Router.read() has it."),
    ] = None,
    no_call: Annotated[bool, typer.Option("--no-call", help="Ask no model, which would cost a token or so.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Send nothing at all.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.01, help="The longest that each step may take.")
    ] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Tell what is configured, what wins and why, and what is wrong, with the next step for each thing that is.

    Goes the way of a call, step by step: environment, address, api-version, proxy, name, connection, certificate, clock,
    credentials, role, deployment, and one call for one token.
    """
    with reported(), ExitStack() as closing:
        terminal.lenient()
        if router is not None and (provider or base_url or azure_endpoint or identity):
            raise Failure("--router FILE says where to go and who calls; leave out the options that do, too", Exit.USAGE)
        quiet_azure()
        from ceyx.cli.findings import Page
        from ceyx.cli.visit import Visit
        from ceyx.doctor.finding import Examined, Report

        wanted = Wanted(provider, model, base_url, azure_endpoint, api_version)
        visit = Visit(wanted, identity, not (no_call or offline), offline, timeout, closing)
        page = Page(quiet=as_json)
        checks = tuple(page.shown(visit.machine(router)))
        examined = tuple(Examined(name, tuple(page.shown(found, name))) for name, found in visit.deployments())
        report = Report(checks, examined)
        code = exit_code(report)
        if as_json:
            sys.stdout.write(json.dumps({**report.as_dict(), "exit_code": code}, ensure_ascii=False) + "\n")
        else:
            page.end(report)
        if code:
            raise SystemExit(code)


def exit_code(report: Report) -> int:
    """The code that stands for the first thing that failed: what comes after it may follow from it."""
    first = report.first_failure
    return int(Exit.OK if first is None else _CODES[first.kind or "api"])


def quiet_azure() -> None:
    """What a credential has to say is in its error; without a handler, it would be on standard error as well."""
    import logging

    logging.getLogger("azure").addHandler(logging.NullHandler())
