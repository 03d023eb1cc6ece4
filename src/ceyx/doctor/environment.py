"""What the environment configures: which variables are set, which of them the client goes by, and why the others do not count.

Which wins is not decided again here: a variable is used where what it holds is what the client has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ceyx.dialect import AzureDeployments, parsed
from ceyx.doctor.finding import Finding, failed, ok, warning
from ceyx.doctor.secrets import is_secret, shown_address
from ceyx.settings import Settings

# In the order in which they are shown: where to, which version, who, what.
VARIABLES = (
    "OPENAI_API_TYPE",
    "AZURE_OPENAI_ENDPOINT",
    "OPENAI_BASE_URL",
    "OPENAI_API_VERSION",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_ADMIN_KEY",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_CUSTOM_HEADERS",
    "CEYX_MODEL",
    "AZURE_OPENAI_DEPLOYMENT",
    "OPENAI_MODEL",
)
OF_MODEL = ("CEYX_MODEL", "AZURE_OPENAI_DEPLOYMENT", "OPENAI_MODEL")
OF_IDENTITY = (  # which azure-identity reads
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_TOKEN_CREDENTIALS",
    "IDENTITY_ENDPOINT",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
)
# What other programs and older guides call them, and the clients do not read.
MEANT = {
    "AZURE_OPENAI_API_VERSION": "OPENAI_API_VERSION",
    "AZURE_API_VERSION": "OPENAI_API_VERSION",
    "AZURE_OPENAI_KEY": "AZURE_OPENAI_API_KEY",
    "AZURE_API_KEY": "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_BASE_URL": "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_API_BASE": "AZURE_OPENAI_ENDPOINT",
    "AZURE_API_BASE": "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_DEPLOYMENT_NAME": "AZURE_OPENAI_DEPLOYMENT",
    "AZURE_OPENAI_CHAT_DEPLOYMENT_NAME": "AZURE_OPENAI_DEPLOYMENT",
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "OPENAI_KEY": "OPENAI_API_KEY",
    "OPENAI_ORGANIZATION": "OPENAI_ORG_ID",
}
_placeholder = re.compile(r"<.*>|\.{3,}|…|your[-_ ].*|changeme|x{6,}", re.IGNORECASE).fullmatch


class Chosen(NamedTuple):
    """What the environment led to: the client's settings, its model, and who said that it is Azure or OpenAI."""

    settings: Settings | None
    azure: bool | None
    """None where that could not be decided."""
    model: str | None
    why: str
    note: str = ""
    """How the client came by what authenticates it, where that needs a word."""


def configuration(chosen: Chosen, problem: str | None = None, environ: Mapping[str, str] = os.environ) -> Finding:
    """The finding for the environment; `problem` is why no client could be made of it."""
    given = {name: environ[name] for name in (*VARIABLES, *OF_IDENTITY) if environ.get(name, "").strip()}
    also = {name: environ[name] for name in MEANT if environ.get(name, "").strip()}
    notes = {name: _note(name, value.strip(), chosen, given) for name, value in given.items()}
    notes |= {name: f"not read by the clients: that is {MEANT[name]}" for name in also}
    rows = [(name, _shown(name, value), notes[name]) for name, value in {**given, **also}.items()]
    width = max((len(name) for name, _, _ in rows), default=0)
    lines = [f"{name.ljust(width)}  {value}{f' ({note})' if note else ''}" for name, value, note in rows]
    if chosen.note:
        lines.append(chosen.note)
    facts: dict[str, Any] = {
        "provider": {True: "azure", False: "openai", None: None}[chosen.azure],
        "why": chosen.why,
        "variables": {name: {"value": value, "note": note} for name, value, note in rows},
        "model": chosen.model,
    }
    steps = [f"rename {name}: {meant} is what is read" for name, meant in MEANT.items() if name in also and meant not in given]
    steps += filter(None, (_odd(name, value) for name, value in given.items()))
    if problem is not None:
        said, _, step = problem.rpartition("; ")
        return failed(
            "configuration", said or problem, "; ".join([*steps, step if said else "see docs/doctor.md"]), *lines, **facts
        )
    kind = "Azure OpenAI" if chosen.azure else "OpenAI, or a server that speaks as it does"
    summary = f"{kind}, as {chosen.why}"
    if steps:
        return warning(summary, "; ".join(steps), *lines, **facts)
    return ok(summary, *lines, **facts)


def _shown(name: str, value: str) -> str:
    if is_secret(name):
        return f"set, {len(value.strip()):,} characters"
    if name == "OPENAI_CUSTOM_HEADERS":
        return ", ".join(line.partition(":")[0].strip() for line in value.strip().splitlines())
    return shown_address(value.strip()) if "://" in value else value.strip()


def _odd(name: str, value: str) -> str | None:
    """What is wrong with how a value was written."""
    text = value.strip()
    if text[:1] == text[-1:] and text[:1] in "'\"" and len(text) > 1:
        return f"{name} begins and ends with a quotation mark, which is part of it; take them away"
    if _placeholder(text):
        return f"{name} holds a placeholder; put the real value there"
    return None


def _note(name: str, value: str, chosen: Chosen, given: Mapping[str, str]) -> str:
    """Whether the client goes by a variable, or why it does not."""
    settings = chosen.settings
    if settings is None or name in ("OPENAI_API_TYPE", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
        return ""
    if name in ("AZURE_OPENAI_ENDPOINT", "OPENAI_BASE_URL"):
        return _of_address(name, value, chosen)
    if name == "OPENAI_API_VERSION":
        if not chosen.azure:
            return "not used: it is for Azure"
        if not isinstance(settings.dialect, AzureDeployments):
            return "not used: v1 needs none"
        return (
            "used" if settings.dialect.query.get("api-version") == value else "not used: an option or the address names another"
        )
    if name in ("AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"):
        return _of_key(name, value, chosen, given)
    if name == "OPENAI_ADMIN_KEY":
        return "for /organization only"
    if name in OF_IDENTITY:
        uses = settings.tokens is not None and not settings.tokens.fixed
        return "for azure-identity" if uses else "not used: no credential of azure-identity is asked"
    if name == "AZURE_OPENAI_DEPLOYMENT" and not chosen.azure:
        return "not used: it is for Azure"
    if chosen.model == value:
        return "used"
    wins = next(
        (one for one in OF_MODEL if one != name and given.get(one, "").strip() == chosen.model), "an option or the address"
    )
    return f"not used: {wins} wins"


def _of_address(name: str, value: str, chosen: Chosen) -> str:
    assert chosen.settings is not None
    if name == "AZURE_OPENAI_ENDPOINT" and not chosen.azure:
        return "not used: it is for Azure"
    try:
        same = parsed(value, name).origin == chosen.settings.dialect.origin
    except ValueError:
        same = False
    if same and not (chosen.azure and name == "OPENAI_BASE_URL"):
        return "used"
    return "not used: it is for OpenAI" if chosen.azure and name == "OPENAI_BASE_URL" else "not used: an option wins"


def _of_key(name: str, value: str, chosen: Chosen, given: Mapping[str, str]) -> str:
    settings = chosen.settings
    assert settings is not None
    tokens = settings.tokens
    if tokens is not None and tokens.fixed and name == tokens._name:
        return "used"
    if tokens is None and settings.api_key == value and name.startswith("AZURE_") == chosen.azure:
        return "used"
    if name.startswith("AZURE_") != chosen.azure:
        return f"not used: it is for {'OpenAI' if chosen.azure else 'Azure'}"
    if name == "AZURE_OPENAI_API_KEY" and "AZURE_OPENAI_AD_TOKEN" in given:
        return "not used: AZURE_OPENAI_AD_TOKEN wins"
    return "not used: an option wins"
