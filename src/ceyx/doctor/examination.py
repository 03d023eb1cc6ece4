"""The checks in their order, each with those it depends on, and the examination that goes through them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from ceyx.client import AzureOpenAI, OpenAI
from ceyx.doctor import address, answering, calling, network
from ceyx.doctor.case import Case, bounded
from ceyx.doctor.finding import Examined, Finding, Report, failed, skipped
from ceyx.doctor.installed import installed
from ceyx.doctor.secrets import Secrets, Telling


class Check(NamedTuple):
    name: str
    of: Callable[[Case], Finding]
    needs: tuple[str, ...] = ()
    """The checks without whose success this one would tell nothing new."""
    sends: bool = True
    """Whether something goes out for it."""


CHECKS = (
    Check("endpoint", address.endpoint, sends=False),
    Check("api-version", address.api_version, sends=False),
    Check("proxy", network.proxy, sends=False),
    Check("dns", network.dns, ("endpoint", "proxy")),
    Check("connection", network.connection, ("dns",)),
    Check("tls", network.tls, ("connection",)),
    Check("http", answering.http, ("tls",)),
    Check("clock", answering.clock, ("http",)),
    Check("auth", answering.auth, ("http",)),
    Check("role", answering.role, ("auth",)),
    Check("deployment", calling.deployment, ("api-version", "auth", "role")),
    Check("call", calling.call, ("deployment",)),
    Check("latency", calling.latency, ("connection",)),
)
NAMES = tuple(check.name for check in CHECKS)


def findings(case: Case, secrets: Secrets, *, offline: bool = False) -> Iterator[Finding]:
    """What each check finds, as it is done. One that needs a check that failed is skipped, and says so."""
    secrets.add_of_client(case.settings, case.client._network)
    if (tokens := case.settings.tokens) is not None:
        case.client._set(tokens=Telling(tokens, secrets.add))
    blocked: dict[str, str] = {}
    try:
        for check in CHECKS:
            cause = next((blocked[name] for name in check.needs if name in blocked), None)
            if cause is not None:
                blocked[check.name] = cause
                found = skipped(f"not tried, as {cause} failed")
            elif offline and check.sends:
                found = skipped("nothing is sent (--offline)")
            else:
                found = _found(check, case)
                if found.status == "failed":
                    blocked[check.name] = check.name
            yield secrets.cleaned_finding(replace(found, check=check.name))
    finally:
        case.close()


def _found(check: Check, case: Case) -> Finding:
    try:
        return check.of(case)
    except Exception as error:  # noqa: BLE001  one check that breaks must not hide what the others find
        said = " ".join(str(error).split())
        return failed("api", f"the check itself failed: {type(error).__name__}: {said}", "please report this, with this output")


def examine(
    client: OpenAI, model: str | None = None, *, call: bool = True, offline: bool = False, timeout: float = 10.0
) -> Report:
    """All that is found of a blocking client, and of each of its deployments.

    `model` is asked for one token, unless `call` is False; with `offline` nothing is sent at all. Each step may take `timeout`
    seconds. Raises TypeError for an asynchronous client: make a blocking one with the same arguments.
    """
    if not isinstance(client, OpenAI):
        raise TypeError(f"examine() takes OpenAI or AzureOpenAI, got {type(client).__name__}; give a blocking client")
    secrets = Secrets(os.environ)
    examined = []
    for name, case in cases(client, model, call=call, timeout=timeout):
        found = tuple(findings(case, secrets, offline=offline))
        examined.append(Examined(secrets.cleaned(name), found))
    return Report((secrets.cleaned_finding(replace(installed(), check="installed")),), tuple(examined))


def cases(client: OpenAI, model: str | None, *, call: bool, timeout: float) -> Iterator[tuple[str, Case]]:
    """A case for the client, or for each of its deployments, by name."""
    if client._routes is None:
        case = Case(bounded(client, timeout), _model_of(client, model), timeout, call)
        yield name_of(case), case
        return
    for route in client._routes.each:
        alone = object.__new__(AzureOpenAI if route.azure else OpenAI)
        alone._made(route.settings, client._network, client._transport)
        source = route.deployment.options.get("api_key_env")
        yield route.name, Case(bounded(alone, timeout), route.name_of(model), timeout, call, source)


def _model_of(client: OpenAI, model: str | None) -> str | None:
    fixed: Any = getattr(client._settings.dialect, "deployment", None)
    return fixed or model


def name_of(case: Case) -> str:
    """What an address is called that has no name of its own."""
    return f"{case.host}/{case.model}" if case.model else case.host
