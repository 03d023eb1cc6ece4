"""The clients: what each needs, how its packages are got, and how it is started. All that is got or built is below `.clients/`.

Packages come from where the machine's own pip, npm, go and mvn are told to look, in the versions that the manifests pin. A client
that was got ready is not got again until its manifest, its sources or its toolchain are others.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from hashlib import sha256
from pathlib import Path

from ceyx.service.tls import TRUST

SOURCES = Path(__file__).parent
PLAYED = SOURCES.parent.parent / ".clients"
SECONDS_TO_PREPARE = 540
PYTHON = SOURCES / "python"
JAVASCRIPT = SOURCES / "javascript"


class Unprepared(Exception):
    """A client could not be got, or built."""


class Client(ABC):
    """One client, of one version."""

    by_tls = False
    """Whether it speaks TLS all the time."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def place(self) -> Path:
        """Where it is got ready, and played."""
        return PLAYED / re.sub(r"[^\w.]+", "-", self.name)

    @abstractmethod
    def missing(self) -> str:
        """Why it cannot be played here, or nothing."""

    @abstractmethod
    def toolchain(self) -> str:
        """What it is played with, and that one's version."""

    @abstractmethod
    def read(self) -> list[Path]:
        """The files that decide whether it has to be got ready anew."""

    @abstractmethod
    def commands(self) -> list[tuple[list[str], Path, dict[str, str]]]:
        """What gets it ready: commands, where they run, and their variables."""

    @abstractmethod
    def starts(self, ca_file: Path) -> tuple[list[str], dict[str, str]]:
        """What plays it, and the variables by which it trusts an authority."""

    def prepare(self) -> None:
        """Gets it ready. Raises Unprepared."""
        done = self.place / "prepared"
        state = sha256("\n".join((self.toolchain(), str(self.place), *(each.read_text() for each in self.read()))).encode())
        if done.exists() and done.read_text() == state.hexdigest():
            return
        done.unlink(missing_ok=True)
        self.place.mkdir(parents=True, exist_ok=True)
        for command, where, variables in self.commands():
            _output(command, where, variables)
        done.write_text(state.hexdigest())


class Python(Client):
    """A package of PyPI, in an environment of its own."""

    def __init__(self, name: str, manifest: str, program: str) -> None:
        super().__init__(name)
        self.manifest = PYTHON / manifest
        self.program = PYTHON / program

    def missing(self) -> str:
        return ""  # it is what this runs with

    def toolchain(self) -> str:
        return "Python {}.{}.{}".format(*sys.version_info)

    def read(self) -> list[Path]:
        return [self.manifest]

    def commands(self) -> list[tuple[list[str], Path, dict[str, str]]]:
        install = [str(self.place / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        return [
            ([sys.executable, "-m", "venv", "--clear", str(self.place / "venv")], self.place, {}),
            ([*install, "--requirement", str(self.manifest)], self.place, {}),
        ]

    def starts(self, ca_file: Path) -> tuple[list[str], dict[str, str]]:
        return [str(self.place / "venv/bin/python"), "-W", "ignore", str(self.program)], _trust("Python", ca_file)


class Node(Client):
    """A package of npm; those of one manifest share what was installed."""

    def __init__(self, name: str, program: str) -> None:
        super().__init__(name)
        self.program = program

    @property
    def place(self) -> Path:
        return PLAYED / "javascript"  # programs see the packages of the folders that they are in

    def missing(self) -> str:
        if missing := _missing("node", "npm"):
            return missing
        found = int(self.toolchain().split("v")[1].split(".")[0])
        return "" if found >= 20 else f"it needs Node.js 20, and this is {found}"

    def toolchain(self) -> str:
        return f"Node.js {_output(['node', '--version']).strip()}"

    def read(self) -> list[Path]:
        return [JAVASCRIPT / "package.json", JAVASCRIPT / "package-lock.json"]

    def commands(self) -> list[tuple[list[str], Path, dict[str, str]]]:
        for file in self.read():
            shutil.copy(file, self.place)
        return [(["npm", "ci", "--no-fund", "--no-audit", "--no-progress", "--loglevel=error"], self.place, {})]

    def starts(self, ca_file: Path) -> tuple[list[str], dict[str, str]]:
        for file in JAVASCRIPT.glob("*.mjs"):
            shutil.copy(file, self.place)
        return ["node", self.program], _trust("Node.js", ca_file)


class Go(Client):
    """A module of Go."""

    by_tls = True

    def __init__(self, name: str, folder: str) -> None:
        super().__init__(name)
        self.folder = SOURCES / "go" / folder

    def missing(self) -> str:
        if missing := _missing("go"):
            return missing
        needed = re.search(r"^go (\S+)$", (self.folder / "go.mod").read_text(), re.MULTILINE)
        assert needed is not None
        found = _output(["go", "env", "GOVERSION"]).strip().removeprefix("go")
        return "" if _numbers(found) >= _numbers(needed[1]) else f"it needs Go {needed[1]}, and this is {found}"

    def toolchain(self) -> str:
        return f"Go {_output(['go', 'env', 'GOVERSION']).strip().removeprefix('go')}"

    def read(self) -> list[Path]:
        return sorted([*self.folder.iterdir(), *self.folder.parent.glob("report/*")])

    def commands(self) -> list[tuple[list[str], Path, dict[str, str]]]:
        here = {"GOMODCACHE": str(PLAYED / "go/modules"), "GOCACHE": str(PLAYED / "go/built"), "GOTOOLCHAIN": "local"}
        # Modules are read-only unless told, and then `rm -r` cannot remove them.
        return [(["go", "build", "-modcacherw", "-mod=readonly", "-o", str(self.place / "client"), "."], self.folder, here)]

    def starts(self, ca_file: Path) -> tuple[list[str], dict[str, str]]:
        return [str(self.place / "client")], _trust("Go", ca_file)


class Java(Client):
    """An artifact of Maven."""

    by_tls = True

    def missing(self) -> str:
        if missing := _missing("java", "javac", "keytool", "mvn"):
            return missing
        found = self.toolchain().removeprefix("Java ")
        return "" if _numbers(found) >= (17,) else f"it needs Java 17, and this is {found}"

    def toolchain(self) -> str:
        return f"Java {_output(['javac', '-version']).split()[-1]}"

    def read(self) -> list[Path]:
        return [SOURCES / "java/pom.xml", *sorted(SOURCES.glob("java/src/main/java/*.java"))]

    def commands(self) -> list[tuple[list[str], Path, dict[str, str]]]:
        maven = ["mvn", "--batch-mode", "--quiet", f"-Dmaven.repo.local={PLAYED / 'maven'}", f"-Dtarget={self.place}"]
        goals = ["compile", "dependency:build-classpath", f"-Dmdep.outputFile={self.place / 'classpath'}"]
        return [([*maven, *goals], SOURCES / "java", {})]

    def starts(self, ca_file: Path) -> tuple[list[str], dict[str, str]]:
        command, more = next((command, more) for language, command, more in TRUST if language == "Java")
        store, *options = shlex.split(command.format(ca=ca_file)), *re.findall(r"-D\S+", more)
        (self.place / "ceyx.p12").unlink(missing_ok=True)
        _output(store, self.place)
        classes = os.pathsep.join((str(self.place / "classes"), (self.place / "classpath").read_text().strip()))
        return ["java", *options, "-cp", classes, "Client"], {}


def _trust(language: str, ca_file: Path) -> dict[str, str]:
    """The variable that `ceyx serve --tls` tells users of this language to set."""
    command = next(command for each, command, _ in TRUST if each == language)
    name, _, value = command.format(ca=ca_file).partition("=")
    return {name: value}


def _missing(*programs: str) -> str:
    missing = [program for program in programs if shutil.which(program) is None]
    return f"not installed here: {', '.join(missing)}" if missing else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def _output(command: list[str], where: Path | None = None, variables: dict[str, str] | None = None) -> str:
    """What a command writes. Raises Unprepared if it fails."""
    environment = {**os.environ, **(variables or {})}
    try:
        run = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, timeout=SECONDS_TO_PREPARE)
    except subprocess.TimeoutExpired:
        raise Unprepared(f"{shlex.join(command)} took longer than {SECONDS_TO_PREPARE} seconds") from None
    if run.returncode:
        raise Unprepared(f"{shlex.join(command)} ended with {run.returncode}: {(run.stdout + run.stderr)[-2000:].strip()}")
    return run.stdout


def _pinned(manifest: str, pattern: str) -> str:
    found = re.search(pattern, (SOURCES / manifest).read_text())
    assert found is not None, f"{manifest} pins nothing like {pattern}"
    return found[1]


def _python(package: str, manifest: str, program: str) -> Python:
    version = _pinned(f"python/{manifest}", rf"(?m)^{package}==(.+)$")
    return Python(f"PyPI {package} {version}", manifest, program)


def _node(package: str, program: str) -> Node:
    version = _pinned("javascript/package.json", f'"{package}": "(.+)"')
    return Node(f"npm {package} {version}", program)


def _go(folder: str) -> Go:
    version = _pinned(f"go/{folder}/go.mod", r"/azopenai v(.+)")
    return Go(f"Go azopenai {version}", folder)


def _java(artifact: str) -> Java:
    version = _pinned("java/pom.xml", rf"<artifactId>{artifact}</artifactId>\s*<version>(.+)</version>")
    return Java(f"Maven {artifact} {version}")


CLIENTS: list[Client] = [
    _python("openai", "openai-2.txt", "openai_package.py"),
    _python("openai", "openai-3.txt", "openai_package.py"),
    _python("litellm", "litellm.txt", "litellm_package.py"),
    _node("openai", "openai.mjs"),
    _node("@langchain/openai", "langchain.mjs"),
    _go("azopenai-0.7"),
    _go("azopenai"),
    _java("azure-ai-openai"),
]
