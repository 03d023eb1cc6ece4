"""What `ceyx doctor` examines: the client that the options and the environment make, or each deployment of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from ceyx.cli.endpoint import DEFAULT_MODEL, Provider, Wanted, client_for, decided, model_of, options_for, stand_in
from ceyx.cli.failures import Exit, Failure
from ceyx.client import AzureOpenAI, OpenAI
from ceyx.credentials import has_azure_identity
from ceyx.doctor.case import Case
from ceyx.doctor.environment import Chosen, configuration
from ceyx.doctor.examination import cases, findings
from ceyx.doctor.finding import Finding, failed, ok
from ceyx.doctor.installed import installed
from ceyx.doctor.secrets import Secrets
from ceyx.errors import OpenAIError
from ceyx.router import Router


class Visit:
    """One run: what is configured, then the cases that follow from it. Clients live as long as `closing`."""

    def __init__(self, wanted: Wanted, identity: bool, calls: bool, offline: bool, timeout: float, closing: ExitStack) -> None:
        self._wanted, self._identity, self._calls, self._offline, self._timeout = wanted, identity, calls, offline, timeout
        self._closing = closing
        self._secrets = Secrets(os.environ)
        self._cases: list[tuple[str, Case | Finding]] = []

    def machine(self, router: Path | None) -> list[Finding]:
        """What is found before any server is asked. Raises Failure for options that contradict each other."""
        configured = self._configured() if router is None else self._routed(router)
        found = {"installed": installed(), "configuration": configured}
        return [self._secrets.cleaned_finding(replace(one, check=name)) for name, one in found.items()]

    def deployments(self) -> Iterator[tuple[str, Iterator[Finding]]]:
        """The name of each address or deployment, and its findings, which are made as they are asked for."""
        for name, case in self._cases:
            if isinstance(case, Case):
                found = findings(case, self._secrets, offline=self._offline)
            else:
                found = iter([self._secrets.cleaned_finding(replace(case, check="configuration"))])
            yield self._secrets.cleaned(name), found

    # -- one address

    def _configured(self) -> Finding:
        wanted = self._wanted
        chosen = Chosen(None, None, wanted.model, "nothing decides it")
        try:
            provider, why = decided(wanted)
            chosen = chosen._replace(azure=provider is Provider.azure, why=why)
            if provider is Provider.local and wanted.provider is None:
                raise Failure(NOTHING, Exit.CONFIGURATION)
            client, note = self._client(provider)
        except Failure as failure:
            if failure.code is Exit.USAGE:
                raise
            return configuration(chosen, str(failure))
        try:
            model: str | None = model_of(provider, wanted)
        except Failure:
            model = None  # the check of deployments says so, and which there are
        chosen = chosen._replace(settings=client._settings, model=model, note=note)
        for name, case in cases(client, model, call=self._calls, timeout=self._timeout):
            case.note_of_key = "the local stand-in" if provider is Provider.local else _source(chosen)
            self._cases.append((name, case))
        return configuration(chosen)

    def _client(self, provider: Provider) -> tuple[OpenAI, str]:
        """A client as `ceyx chat` makes it, or with DefaultAzureCredential, and why that was."""
        if self._identity and provider is not Provider.azure:
            raise Failure("--identity is for Azure; add --provider azure", Exit.USAGE)
        if provider is Provider.local:
            url = self._closing.enter_context(stand_in(self._wanted.model or DEFAULT_MODEL))
            return self._closing.enter_context(client_for(Provider.openai, base_url=url, api_key="local")), ""
        options = options_for(provider, self._wanted)
        if self._identity:
            return self._with_default_credential(options), "DefaultAzureCredential is used, as --identity says"
        try:
            return self._closing.enter_context(client_for(provider, **options)), ""
        except Failure as failure:
            lacks = provider is Provider.azure and isinstance(failure.__cause__, OpenAIError)
            if not lacks or not has_azure_identity():
                step = "; or pip install 'ceyx[azure]', to have DefaultAzureCredential tried"
                raise Failure(f"{failure}{step if lacks else ''}", failure.code) from failure
            try:
                return self._with_default_credential(options), WITHOUT_KEY
            except Failure:
                raise failure from None

    def _with_default_credential(self, options: dict[str, Any]) -> OpenAI:
        if not has_azure_identity():
            raise Failure("azure-identity is not installed; pip install 'ceyx[azure]'", Exit.CONFIGURATION)
        from azure.identity import DefaultAzureCredential

        credential = self._closing.enter_context(DefaultAzureCredential())
        return self._closing.enter_context(client_for(Provider.azure, credential=credential, **options))

    # -- those of a file

    def _routed(self, path: Path) -> Finding:
        try:
            router = Router.read(path)
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}; give --router a TOML file", Exit.USAGE) from error
        except (ValueError, TypeError, OpenAIError) as error:
            return failed("configuration", f"{path}: {error}", "see docs/routing.md for what such a file holds")
        for one in router.deployments:
            self._secrets.add(*(str(one.options.get(name) or "") for name in ("api_key", "azure_ad_token")))
            on_azure = one.on_azure is not False
            more: Any = {"api_version": self._wanted.api_version} if on_azure else {}
            try:
                client = self._closing.enter_context((AzureOpenAI if on_azure else OpenAI)(deployments=[one], **more))
                self._cases += cases(client, self._wanted.model, call=self._calls, timeout=self._timeout)
            except (OpenAIError, ValueError, TypeError) as error:  # the others may be well
                said, _, step = str(error).rpartition("; ")
                self._cases.append((one.name, failed("configuration", said or step, step if said else "see docs/routing.md")))
        names = ", ".join(f"{one.name} (priority {one.priority})" for one in router.deployments)
        many = len(router.deployments)
        return ok(f"{many} deployment{'s' * (many != 1)} in {path}, policy {router.policy}", names, policy=router.policy)


NOTHING = (
    "nothing is configured, so `ceyx chat` is answered by a local stand-in; set OPENAI_API_KEY, or AZURE_OPENAI_ENDPOINT and a "
    "key or an identity, or examine the stand-in with --provider local"
)
WITHOUT_KEY = (
    "no key and no token is set, so DefaultAzureCredential is tried; a program does by credential=DefaultAzureCredential()"
)


def _source(chosen: Chosen) -> str | None:
    """The variable that the key is from."""
    name = "AZURE_OPENAI_API_KEY" if chosen.azure else "OPENAI_API_KEY"
    key = None if chosen.settings is None else chosen.settings.api_key
    return name if key and os.environ.get(name, "").strip() == key else None
