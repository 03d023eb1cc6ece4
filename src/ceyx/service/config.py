"""One file that says everything a service is told: deployments with their engines, limits, latency and filters; keys, Entra ID,
TLS, faults, the store. In YAML, TOML or JSON; `docs/service-config.md` has every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ceyx.service import engines
from ceyx.service.documents import Table, checked, read
from ceyx.service.engines import Spec
from ceyx.service.faults.catalogue import parse
from ceyx.service.faults.triggers import Rule, rule
from ceyx.service.filtering import ContentFilter
from ceyx.service.identity.entra import Entra
from ceyx.service.latency import latency_of
from ceyx.service.limits import limit_of
from ceyx.service.settings import Settings


def settings_of(path: str | Path) -> Settings:
    """The settings that a file means. Raises DocumentError, which says where it is wrong, and what belongs there."""
    return Settings(**arguments_of(path))


def arguments_of(path: str | Path) -> dict[str, Any]:
    """The same, as the arguments of Settings. Raises DocumentError, which says where it is wrong, and what belongs there."""
    table = read(path).table
    named: dict[str, dict[str, Any]] = {"engines": {}, "limits": {}, "latency": {}, "content_filter": {}, "faults": {}}
    deployments: dict[str, str] = {}
    deployed = table.table("deployments")
    for name in list(deployed.values):
        if isinstance(deployed.take(name), str):
            deployments[name] = deployed.text(name)
            continue
        here = deployed.table(name)
        here.only("model", "version", "engine", "limits", "latency", "content_filter", "fault")
        if model := here.text("model"):
            version = here.take("version", str, int)
            deployments[name] = model if version is None else f"{model}@{version}"
        elif name != "*" and (here.take("version") is not None or name not in Settings().deployments):
            raise here.error(f"model is missing; say which model {name!r} is a deployment of, such as model: gpt-4o")
        _of_deployment(here, name, named)
    rules: list[Rule] = []
    if isinstance(table.take("faults"), dict):
        of_all = table.table("faults")
        named["faults"] = {name: _fault(of_all, name) for name in of_all.values} | named["faults"]
    else:
        rules = [_rule(each, place) for place, each in enumerate(table.tables("faults"), 1)]
    more: dict[str, Any] = {
        "keys": frozenset(table.texts("keys")),
        "region": table.text("region", "Local"),
        "store": table.file("store"),
        "tls": table.flag("tls"),
        "ca_file": table.file("ca_file"),
        "batch_seconds": table.number("batch_seconds", 0, 0.0),
        "exact_usage": table.flag("exact_usage"),
        "obfuscation": table.flag("obfuscation"),
        "control": table.flag("control", True),
        "entra": _entra(table),
    }
    table.done()
    return {"deployments": deployments, **named, **more, "more_rules": tuple(rules)}


def _of_deployment(here: Table, name: str, named: dict[str, dict[str, Any]]) -> None:
    """What is said of one deployment, put where settings have it."""
    if (spec := here.take("engine", str, dict)) is not None:
        named["engines"][name] = engine_of(here, spec)
    if "limits" in here:
        named["limits"][name] = limit_of(here.table("limits"))
    if "latency" in here:
        named["latency"][name] = latency_of(here, "latency")
    filters = here.take("content_filter", bool, dict)
    if isinstance(filters, dict):
        named["content_filter"][name] = _filter(here.table("content_filter"))
    elif filters is not None:
        named["content_filter"][name] = ContentFilter() if filters else None
    if "fault" in here:
        named["faults"][name] = _fault(here, "fault")


def engine_of(here: Table, spec: str | Mapping[str, Any]) -> Spec:
    """An engine as it is written in a table; the files it names are looked for where the document is."""
    name, main, options = checked(here, "engine", lambda: engines.named(spec))
    if name == "local":
        return "local"
    option = engines.main_option(name)
    if main:
        options = {option: main, **options}
    for each in engines.files_of(name):
        if isinstance(options.get(each), str):
            options[each] = str(here.path(options[each], "engine"))
    return {"engine": name, **options}


def _filter(here: Table) -> ContentFilter:
    listed = here.table("words")
    words = {category: listed.texts(category) for category in listed.values}
    severity, later = here.text("severity", "high"), here.flag("asynchronous")
    here.done()
    return checked(here, "", lambda: ContentFilter(words, severity, later))


def _entra(table: Table) -> Entra | None:
    given = table.take("entra", bool, dict)
    if not isinstance(given, dict):
        return Entra() if given else None
    here = table.table("entra")
    secrets = here.table("secrets")
    named: dict[str, Any] = {"secrets": {client: secrets.text(client) for client in secrets.values}}
    named["without_role"] = frozenset(here.texts("without_role"))
    named["managed"] = here.flag("managed", True)
    if tenant := here.text("tenant"):
        named["tenant"] = tenant
    if seconds := here.whole("token_seconds", 1):
        named["token_seconds"] = seconds
    if "audiences" in here:
        named["audiences"] = frozenset(here.texts("audiences"))
    here.done()
    return checked(here, "", lambda: Entra(**named))


def _rule(here: Table, seed: int) -> Rule:
    return checked(here, "", lambda: rule(here.values, seed))


def _fault(here: Table, name: str) -> str:
    text = here.text(name)
    checked(here, name, lambda: parse(text))
    return text
