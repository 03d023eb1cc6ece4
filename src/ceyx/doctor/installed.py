"""What is installed: ceyx, Python, and the packages of each extra; what is missing, and what that would be for.

The packages and versions that an extra needs are those of ceyx's own metadata; this module knows what an extra is good for.
"""

from __future__ import annotations

import platform
import re
from importlib import metadata
from typing import Any, NamedTuple

from ceyx.doctor.finding import Finding, ok, warning
from ceyx.version import VERSION

FOR = {
    "": "the clients",
    "azure": "Entra ID credentials",
    "httpx": "trio, and an http_client of your own",
    "service": "the local service",
    "tls": "the local service with TLS",
    "cli": "the command line",
    "numpy": "embeddings as arrays",
    "prices": "what calls cost",
    "tokens": "exact counts of tokens",
    "langchain": "LangChain",
    "bulk": "prompts over data sets",
    "ray": "bulk on Ray",
    "otel": "OpenTelemetry",
}
_requirement = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?(?:;(.*))?")
_extra = re.compile(r"extra == ['\"]([\w-]+)['\"]")


class Package(NamedTuple):
    name: str
    needed: str
    """The versions that will do: `>=1.19,<2`."""
    version: str | None
    """The one that is there."""

    @property
    def fits(self) -> bool:
        return self.version is not None and _within(self.version, self.needed)


def installed() -> Finding:
    """The versions, by extra. A package that is there in a version that will not do is a warning; what is missing is not."""
    extras = by_extra()
    missing = {name: [one.name for one in packages if one.version is None] for name, packages in extras.items()}
    wrong = [one for packages in extras.values() for one in packages if one.version is not None and not one.fits]
    there = [f"{one.name} {one.version}" for one in dict.fromkeys(one for each in extras.values() for one in each) if one.version]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    summary = f"ceyx {VERSION} on {python}, {platform.system()}"
    lines = [", ".join(there)]
    for name, packages in missing.items():
        if packages:
            lines.append(f"not installed: {', '.join(packages)}, for {FOR.get(name, name)} (pip install 'ceyx[{name}]')")
    facts: dict[str, Any] = {
        "ceyx": VERSION,
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": {one.name: one.version for each in extras.values() for one in each},
        "missing_extras": [name for name, packages in missing.items() if packages],
    }
    if wrong:
        names = dict.fromkeys(f"{one.name} {one.version} (needed: {one.needed})" for one in wrong)
        command = " ".join(dict.fromkeys(f"'{one.name}{one.needed}'" for one in wrong))
        return warning(
            f"{summary}; of another version than is needed: {', '.join(names)}", f"pip install {command}", *lines, **facts
        )
    return ok(summary, *lines, **facts)


def by_extra() -> dict[str, list[Package]]:
    """The packages of each extra, less "all"; those that ceyx cannot do without come first, under an empty name."""
    try:
        required = metadata.requires("ceyx") or []
    except metadata.PackageNotFoundError:  # run from its source
        required = []
    found: dict[str, list[Package]] = {"": []}
    for text in required:
        parts = _requirement.match(text)
        if parts is None or parts[1] == "ceyx":
            continue
        extra = _extra.search(parts[3] or "")
        if parts[3] and extra is None:
            continue  # for other versions of Python
        if (name := extra[1] if extra else "") != "all":
            found.setdefault(name, []).append(Package(parts[1], parts[2].strip(), _version(parts[1])))
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _within(version: str, bounds: str) -> bool:
    """Whether a version is within bounds such as `>=1.19,<2`; what is written in another way counts as kept."""
    for bound in filter(None, map(str.strip, bounds.split(","))):
        if bound.startswith(">=") and _numbers(version) < _numbers(bound[2:]):
            return False
        if bound.startswith("<") and not bound.startswith("<=") and _numbers(version) >= _numbers(bound[1:]):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\s*(\d+(?:\.\d+)*)", version)
    numbers = [int(part) for part in found[1].split(".")] if found else []
    while numbers and numbers[-1] == 0:  # 2 and 2.0 are one version
        numbers.pop()
    return tuple(numbers)
