"""The commands, put together. Leaves what they do to a module each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ceyx.cli.chat import EXAMPLES as CHAT_EXAMPLES, chat
from ceyx.cli.doctor import EXAMPLES as DOCTOR_EXAMPLES, doctor
from ceyx.cli.run import EXAMPLES as RUN_EXAMPLES, run
from ceyx.cli.runs import EXAMPLES as RUNS_EXAMPLES, app as runs
from ceyx.cli.serve import EXAMPLES as SERVE_EXAMPLES, serve
from ceyx.version import VERSION

# Plain help: drawing boxes would cost every `--help` a tenth of a second.
app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=CHAT_EXAMPLES)(chat)
app.command(epilog=RUN_EXAMPLES, short_help="Ask a model about each row of a file.")(run)
app.add_typer(runs, name="runs", epilog=RUNS_EXAMPLES, short_help="List the jobs of ceyx run, and report on them.")
app.command(epilog=SERVE_EXAMPLES, short_help="Answer as OpenAI and Azure do, locally, from no model.")(serve)
app.command(epilog=DOCTOR_EXAMPLES, short_help="Tell what is configured, and what is wrong.")(doctor)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"ceyx {VERSION}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """OpenAI and Azure OpenAI on the command line, and a local service to stand in for them.

    Try: ceyx chat "Translate to French: I love programming."
    """
