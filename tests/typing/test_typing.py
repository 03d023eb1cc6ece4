"""Both type checkers over `api.py`: an error on each line marked so, and on no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

API = Path(__file__).with_name("api.py")
ROOT = API.parent.parent.parent
TOOLS = Path(sys.executable).parent

LINES = API.read_text().splitlines()
MARKED = {number for number, line in enumerate(LINES, 1) if line.endswith("# E")}


def judge(errors: Iterable[tuple[str, int, str]]) -> None:
    """Fails with every error nobody wanted, and every wanted one that is missing."""
    found = [(Path(file).name, line, message) for file, line, message in errors]
    stray = [f"{file}:{line}: {message}" for file, line, message in found if file != API.name or line not in MARKED]
    missed = [
        f"line {number} is no error: {LINES[number - 1].strip()}" for number in sorted(MARKED - {line for _, line, _ in found})
    ]
    assert not stray + missed, "\n".join(stray + missed)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.stdout


def test_lines_are_marked() -> None:
    assert len(MARKED) > 40


def test_mypy() -> None:
    lines = run(TOOLS / "mypy", "--strict", "--output=json", API).splitlines()
    made = [json.loads(line) for line in lines if line.startswith("{")]
    judge((one["file"], one["line"], one["message"]) for one in made if one["severity"] == "error")


def test_pyright(tmp_path: Path) -> None:
    project = tmp_path / "pyrightconfig.json"  # one of its own, as that of the project leaves out `api.py`
    api = os.path.relpath(API, tmp_path)
    here = {
        "include": [api],
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
