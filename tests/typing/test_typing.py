"""Both type checkers over the files `api*.py`: an error on each line marked so, and on no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TOOLS = Path(sys.executable).parent

LINES = {(api.name, number): line for api in HERE.glob("api*.py") for number, line in enumerate(api.read_text().splitlines(), 1)}
MARKED = {place for place, line in LINES.items() if line.endswith("# E")}
APIS = sorted(HERE / name for name in {name for name, _ in LINES})


def judge(errors: Iterable[tuple[str, int, str]]) -> None:
    """Fails with every error nobody wanted, and every wanted one that is missing."""
    found = [(Path(file).name, line, message) for file, line, message in errors]
    stray = [f"{file}:{line}: {message}" for file, line, message in found if (file, line) not in MARKED]
    silent = sorted(MARKED - {(file, line) for file, line, _ in found})
    missed = [f"{file}:{line}: no error: {LINES[file, line].strip()}" for file, line in silent]
    assert not stray + missed, "\n".join(stray + missed)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.stdout


def test_lines_are_marked() -> None:
    assert len(MARKED) > 40


def test_mypy() -> None:
    lines = run(TOOLS / "mypy", "--strict", "--output=json", *APIS).splitlines()
    made = [json.loads(line) for line in lines if line.startswith("{")]
    judge((one["file"], one["line"], one["message"]) for one in made if one["severity"] == "error")


def test_pyright(tmp_path: Path) -> None:
    project = tmp_path / "pyrightconfig.json"  # one of its own, as that of the project leaves these files out
    here = {
        "include": [os.path.relpath(api, tmp_path) for api in APIS],
        "typeCheckingMode": "strict",
        "reportPrivateUsage": False,  # `_request_id` is public; its name is that of `openai`
        "extraPaths": [str(ROOT / "src")],
        "pythonVersion": "3.11",
    }
    project.write_text(json.dumps(here))
    made = json.loads(run(TOOLS / "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", project))[
        "generalDiagnostics"
    ]
    judge((one["file"], one["range"]["start"]["line"] + 1, one["message"]) for one in made if one["severity"] == "error")
