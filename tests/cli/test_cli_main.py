"""`ceyx` itself: help, version, what it imports, and what it says where an extra is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from commands import ceyx, environment
from typer.testing import CliRunner

from ceyx.cli import main
from ceyx.cli.app import app
from ceyx.version import VERSION


def test_the_command_that_is_installed_is_this_one() -> None:
    (command,) = entry_points(group="console_scripts", name="ceyx")
    assert command.load() is main


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"ceyx {VERSION}\n"
    assert CliRunner().invoke(app, arguments).output == f"ceyx {VERSION}\n"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_the_commands(arguments: list[str]) -> None:
    done = ceyx(*arguments)
    assert done.returncode == 0 and not done.stderr
    assert "chat" in done.stdout and "serve" in done.stdout


@pytest.mark.parametrize("command", ["chat", "serve", "run", "runs"])
def test_help_of_a_command_teaches(command: str) -> None:
    shown = ceyx(command, "--help").stdout
    examples = shown.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert 3 <= len(examples) <= 10 and all(f"ceyx {command}" in line for line in examples)
    assert max(map(len, shown.splitlines())) <= 80


def test_chat_has_no_option_for_keys_and_says_why() -> None:
    shown = ceyx("chat", "--help").stdout
    assert "--api-key" not in shown and "no option for keys" in shown


def test_help_and_version_import_nothing_heavy() -> None:
    heavy = ("asyncio", "urllib3", "msgspec", "uvicorn", "starlette", "rich", "ceyx.client", "ceyx.service")
    for arguments, also in ((["--version"], ("typer",)), (["chat", "--help"], ())):
        program = f"import sys; from ceyx.cli import main; main({arguments!r}); print(*sys.modules, file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True)
        assert not set(done.stderr.split()) & {*heavy, *also}


MISSING = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from ceyx.cli import main
sys.exit(main({arguments!r}))
"""


def without(module: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """`ceyx` where `module` is not installed."""
    program = [sys.executable, "-c", MISSING.format(module=module, arguments=arguments)]
    return subprocess.run(program, capture_output=True, text=True, env=environment(), stdin=subprocess.DEVNULL, check=False)


@pytest.mark.parametrize(
    ("module", "arguments", "install"),
    [
        ("typer", ["chat", "Hello"], "pip install 'ceyx[cli]'"),
        ("uvicorn", ["chat", "Hello"], "pip install 'ceyx[service]'"),
        ("starlette", ["serve"], "pip install 'ceyx[service]'"),
    ],
)
def test_a_missing_extra_is_named(module: str, arguments: list[str], install: str) -> None:
    done = without(module, arguments)
    assert done.returncode == 4 and install in done.stderr and len(done.stderr.splitlines()) == 1
