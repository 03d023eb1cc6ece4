"""What no finding may show: the keys and tokens that are known here, and whatever looks like one."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ceyx.doctor.finding import Finding
from ceyx.wire.message import SECRET_HEADERS, Request, public

SHORTEST = 6  # a placeholder such as "local" is no secret, and a word that texts hold
MASK = "[secret]"
MOST_LINES = 20
# By their names: what variables hold that are nobody's business, ours or not.
_secret_name = re.compile(r"(?:^|_)(?:KEYS?|(?<!FILE_)TOKEN|SECRET|PASSWORD|PWD|PASSPHRASE)$", re.IGNORECASE).search
_look_secret = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|\bsk-[\w-]{12,}"  # a key of OpenAI
    r"|\b[0-9a-fA-F]{32}\b|\b[0-9A-Za-z]{84}\b"  # keys of Azure, of old and of now
)
_login = re.compile(r"(://)[^/@\s'\"]+@")


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return _secret_name(name) is not None


class Secrets:
    """The secrets of one examination. Whatever it says goes through `cleaned`."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._known: set[str] = set()
        for name, value in environ.items():
            if is_secret(name):
                self.add(value, *re.split(r"[,\s]+", value))
            elif name.lower().endswith("_proxy") or "://" in value:
                self.add_of_url(value)
        for line in environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines():
            name, _, value = line.partition(":")
            self.add_header(name.strip().lower(), value)

    def add(self, *secrets: str | None) -> None:
        for secret in secrets:
            stripped = (secret or "").strip().strip("'\"")
            if len(stripped) >= SHORTEST:
                self._known.add(stripped)

    def add_header(self, name: str, value: str) -> None:
        if name in SECRET_HEADERS or not public({name: value}):
            self.add(value, value.strip().partition(" ")[2])

    def add_of_url(self, url: str) -> None:
        """The login of a URL; a proxy's address may have one without a scheme."""
        login, at, _ = url.rpartition("://")[2].partition("/")[0].rpartition("@")
        if at:
            user, _, password = login.partition(":")
            for secret in (password, user) if password else (user,):
                self.add(secret, unquote(secret))
            self.add(b64encode(unquote(login).encode()).decode())  # as a header has it (RFC 7617)

    def add_of_client(self, settings: Any, network: Mapping[str, Any]) -> None:
        """What a client holds."""
        self.add(settings.api_key, settings.admin_api_key, settings.webhook_secret)
        for name, value in settings.bare.items():
            self.add_header(name, str(value))
        query = {**settings.dialect.query, **settings.default_query}
        self.add(*(str(value) for name, value in query.items() if not public({name: value})))
        if isinstance(proxy := network.get("proxy"), str):
            self.add_of_url(proxy)

    def cleaned(self, text: str) -> str:
        """`text`, with a mask in place of each secret."""
        text = _login.sub(r"\1", text)
        for secret in sorted(self._known, key=len, reverse=True):  # a part of one may be another
            text = text.replace(secret, MASK)
            if text.endswith("…") or "… (" in text:  # what others say is cut, perhaps within a secret
                for length in range(len(secret) - 1, SHORTEST - 1, -1):
                    text = text.replace(f"{secret[:length]}…", f"{MASK}…")
        return _look_secret.sub(MASK, text)

    def cleaned_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.cleaned(value)
        if isinstance(value, Mapping):
            return {name: self.cleaned_value(one) for name, one in value.items()}
        return [self.cleaned_value(one) for one in value] if isinstance(value, list | tuple) else value

    def cleaned_finding(self, finding: Finding) -> Finding:
        step = finding.next_step
        return replace(
            finding,
            summary=_cut(self.cleaned(finding.summary), 600),
            lines=tuple(_cut(self.cleaned(line), 400) for line in finding.lines[:MOST_LINES]),
            next_step=None if step is None else self.cleaned(step),
            facts=self.cleaned_value(finding.facts),
        )


def _cut(text: str, length: int) -> str:
    """`text`, which may be a server's or a credential's, as a part of a page; to be cut only once its secrets are masked."""
    return text if len(text) <= length else f"{text[:length]}…"


class Telling:
    """The tokens of a client, each of which is told to `tell` before it is used: a server may quote the one that it refuses."""

    def __init__(self, tokens: Any, tell: Callable[[str], None]) -> None:
        self._tokens, self._tell = tokens, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokens, name)

    def get(self, seconds: float | None = None) -> Any:
        token = self._tokens.get(seconds)
        self._tell(token)
        return token


def shown_address(text: str) -> str:
    """An address as it was written, less what may be secret in it: a login, and keys in the query."""
    address, question_mark, query = _login.sub(r"\1", text).partition("?")
    return Request("GET", address, question_mark + query, {}, None).shown_url
