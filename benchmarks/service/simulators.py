"""Who is measured: how each is installed, and started so that it says what it is told to.

The service is the one of this repository. The others are installed into a folder of their own, at the versions named here, by
the package managers of their registries.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

AIMOCK: Final = "1.43.0"
LLM_KATAN: Final = "0.22.0"
MODEL: Final = "gpt-4o"


class Missing(Exception):
    """A simulator cannot be had here, for this reason."""


@dataclass(frozen=True)
class Simulator:
    """A program that answers in place of a provider."""

    name: str
    installed: Callable[[Path], str]
    """Makes it ready in a folder; the version that is there. Raises Missing."""
    command: Callable[[Path, str, int, int], list[str]]
    """What starts it, from its folder, what it is to say, its port, and the milliseconds between the chunks of a stream."""
    says: str
    """How it is told what to say, for the page."""


def _ceyx(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    from importlib.metadata import version

    return version("ceyx")


def _serve(folder: Path, text: str, port: int, pause: int) -> list[str]:
    script = folder / "script.json"
    script.write_text(json.dumps({"replies": [{"reply": text}]}))
    deployment: dict[str, object] = {"engine": f"script:{script}"}
    if pause:
        deployment["latency"] = {"tokens_per_second": 1000 / pause}
    config = folder / f"config-{pause}.json"
    config.write_text(json.dumps({"deployments": {"*": deployment}}))
    return [str(Path(sys.executable).with_name("ceyx")), "serve", "--port", str(port), "--config", str(config)]


def _npm(folder: Path) -> str:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")
    if not (folder / "node_modules/@copilotkit/aimock/package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        _run(["npm", "install", *options, f"@copilotkit/aimock@{AIMOCK}"])
    return AIMOCK


def _llmock(folder: Path, text: str, port: int, pause: int) -> list[str]:
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": [{"match": {}, "response": {"content": text}}]}))
    command = [str(folder / "node_modules/.bin/llmock"), "--port", str(port), "--fixtures", str(fixtures)]
    return [*command, "--log-level", "silent", "--chunk-size", "4", "--latency", str(pause)]


def _pip(folder: Path) -> str:
    python = folder / "bin/python"
    if not (folder / "bin/llm-katan").exists():
        venv.create(folder, with_pip=True)
        _run([str(python), "-m", "pip", "install", "--quiet", f"llm-katan=={LLM_KATAN}"])
    return LLM_KATAN


def _katan(folder: Path, _text: str, port: int, pause: int) -> list[str]:
    command = [str(folder / "bin/llm-katan"), "--model", MODEL, "--backend", "echo", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error", "--disable-dashboard", "--stats-file", str(folder / "stats.json")]
    return [*command, "--itl-ms", str(pause)]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise Missing(f"{' '.join(command[:3])} … ended with status {done.returncode}: {said}")


SIMULATORS: Final = (
    Simulator("ceyx", _ceyx, _serve, "a script"),
    Simulator("aimock", _npm, _llmock, "a fixture, in pieces of four characters (npm `@copilotkit/aimock`)"),
    Simulator("llm-katan", _pip, _katan, "its echo, which is in pieces of four characters too, less its dashboard"),
)
