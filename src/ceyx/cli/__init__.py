"""The command line's way in: `ceyx`, and `python -m ceyx`. Imports nothing that the command it is given does not need."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ceyx.version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and give its exit code; `ceyx.cli.failures.Exit` lists them."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["--version"], ["-V"]):
        sys.stdout.write(f"ceyx {VERSION}\n")
        return 0
    try:
        from ceyx.cli.app import app
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("typer", "click", "rich", "shellingham"):
            raise
        sys.stderr.write(f"ceyx: the command line needs {error.name}, which is not installed: pip install 'ceyx[cli]'\n")
        return 4
    except KeyboardInterrupt:
        return 130
    try:
        app(given or ["--help"], prog_name="ceyx")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
