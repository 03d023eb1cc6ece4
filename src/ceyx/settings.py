"""A client's settings, and what follows from them for every call: headers, query string, and what is fit to be sent at all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from copy import copy
from math import inf
from typing import TYPE_CHECKING, Any

from ceyx import dialect as dialects, identity
from ceyx.version import VERSION
from ceyx.wire.call import Omit
from ceyx.wire.message import SECRET_HEADERS, Policy, Request, Timeout, public
from ceyx.wire.query import encoded
from ceyx.wire.retry import RetryBudget

if TYPE_CHECKING:
    from ceyx.auth import WorkloadIdentity
    from ceyx.logs import Detail, HTTPLogging
    from ceyx.options import OnContentFilter, StreamEnd

USER_AGENT = f"ceyx/{VERSION}"


OF_NO_REQUEST = {"timeout", "deadline", "max_retries", "budget", "log"}  # what is in no header, no URL and no policy


class Settings:
    """A client's settings, resolved; shared by its copies until changed. Never changed in place.

    `head` and `bare` are the headers of calls with and without a body, `suffix` the query string of calls without one, `policy`
    what counts as an answer, `checked_version` the api-version that calls are held against before they are sent, if any.
    """

    __slots__ = (
        "admin_api_key",
        "api_key",
        "bare",
        "budget",
        "check_api_version",
        "checked_version",
        "content_filter",
        "deadline",
        "default_headers",
        "default_query",
        "dialect",
        "head",
        "log",
        "max_retries",
        "organization",
        "policy",
        "project",
        "response_limit",
        "retry_answered",
        "stream_end",
        "suffix",
        "timeout",
        "tokens",
        "webhook_secret",
        "websocket_base_url",
        "workload_identity",
    )
    admin_api_key: identity.Secret | None
    api_key: identity.Secret | None
    tokens: identity.Tokens | None
    dialect: dialects.Dialect
    timeout: Timeout
    deadline: float | None
    max_retries: int
    budget: RetryBudget | None
    organization: str | None
    project: str | None
    webhook_secret: identity.Secret | None
    websocket_base_url: str | None
    workload_identity: WorkloadIdentity | None
    default_headers: dict[str, str | Omit]
    default_query: dict[str, object]
    log: HTTPLogging | None
    stream_end: StreamEnd | None
    content_filter: OnContentFilter
    retry_answered: bool
    response_limit: int | None
    check_api_version: bool | None
    policy: Policy
    checked_version: str | None
    head: dict[str, str]
    bare: dict[str, str]
    suffix: str

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self._derive()

    def _derive(self) -> None:
        self.suffix = encoded({**self.dialect.query, **self.default_query})
        of_provider = dialects.is_of_provider(self.dialect.origin)
        checks = of_provider if self.check_api_version is None else self.check_api_version
        dated = checks and isinstance(self.dialect, dialects.AzureDeployments)
        self.checked_version = str({**self.dialect.query, **self.default_query}["api-version"]) if dated else None
        end = self.stream_end or ("strict" if of_provider else "lenient")
        self.policy = Policy(end, self.content_filter, self.retry_answered, self.response_limit)
        bare: dict[str, str] = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": USER_AGENT}
        if self.organization:
            bare["openai-organization"] = checked_header("openai-organization", self.organization)
        if self.project:
            bare["openai-project"] = checked_header("openai-project", self.project)
        header, scheme = self.key_header
        if self.tokens is not None:
            bare[header] = identity.Issued("")  # the place of the token that each try asks for
        elif self.api_key:  # an empty one is for servers that want none
            bare[header] = identity.Secret(scheme + self.api_key)
        bare = merged(bare, self.default_headers)
        self.bare, self.head = bare, {"content-type": "application/json", **bare}

    def replaced(self, **changes: Any) -> Settings:
        """These settings with some changed."""
        other = object.__new__(Settings)
        for name in self.__slots__:
            setattr(other, name, changes[name] if name in changes else getattr(self, name))
        if not changes.keys() <= OF_NO_REQUEST:
            other._derive()
        return other

    @property
    def key_header(self) -> tuple[str, str]:
        """The header that authenticates, and what stands before the key or token in it."""
        if self.tokens is not None and not self.tokens.are_keys:
            return "authorization", "Bearer "
        return self.dialect.key_header, self.dialect.key_scheme

    def tokens_for(self, request: Request) -> identity.Tokens | None:
        """Where the token for a request comes from; None where it needs none, or the user sends that header himself."""
        if self.tokens is None or type(request.headers.get(self.key_header[0])) is not identity.Issued:
            return None
        return self.tokens

    def authorize(self, request: Request, token: identity.Secret) -> None:
        """Put a token into a request."""
        header, scheme = self.key_header
        request.headers[header] = identity.Issued(scheme + token)


def portable(settings: Settings) -> dict[str, Any]:
    """The fields of `settings` that a pickle may carry: no secret is among them."""
    left_out = {"head", "bare", "suffix", "policy", "checked_version", "api_key", "admin_api_key", "webhook_secret"}
    fields = {name: getattr(settings, name) for name in Settings.__slots__ if name not in left_out}
    fields["default_headers"], fields["default_query"] = public(settings.default_headers), public(settings.default_query)
    fields["dialect"] = copy(settings.dialect)
    fields["dialect"].query = public(settings.dialect.query)
    if settings.tokens is not None and (settings.tokens.fixed or settings.workload_identity is not None):
        fields["tokens"] = None
    return fields


def merged(headers: dict[str, str], more: Mapping[str, str | Omit | None]) -> dict[str, str]:
    """`headers` (names in lower case) with `more` laid over them; None or `omit` removes one."""
    result = dict(headers)
    for name, value in more.items():
        name = name.lower()
        if value is None or isinstance(value, Omit):
            result.pop(name, None)
        else:
            checked = checked_header(name, value)
            result[name] = identity.Secret(checked) if name in SECRET_HEADERS else checked
    return result


_token = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+").fullmatch  # RFC 9110, 5.6.2
_breaks = re.compile(r"[\r\n\0]").search


def checked_header(name: str, value: str) -> str:
    """`value`, if it can be sent as this header: no other header can be smuggled in it."""
    if not isinstance(value, str):
        raise TypeError(f"the header {name!r} is a {type(value).__name__}; give a string")
    if not _token(name):
        raise ValueError(f"{name!r} is no name of a header")
    if name in ("content-length", "transfer-encoding"):
        # A proxy that believed it, and not ours, would read a second request out of the body (RFC 9112, 11.2).
        raise ValueError(f"the header {name!r} follows from the body, and is not yours to give; leave it out")
    if _breaks(value):
        raise ValueError(f"the value of the header {name!r} holds a line end or NUL, which would end the header; remove it")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as error:
        where = f"{error.object[error.start]!r} at {error.start}"
        raise ValueError(f"the value of the header {name!r} holds {where}, which no header can carry; encode it") from None
    return value


# ---- checks of what users give


def parsed_headers(text: str) -> dict[str, str | Omit]:
    """OPENAI_CUSTOM_HEADERS: `Name: value`, one a line."""
    headers: dict[str, str | Omit] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("OPENAI_CUSTOM_HEADERS has a line without a colon; it holds `Name: value`, one a line")
        headers[name.strip().lower()] = value.strip()
    return headers


def checked_retries(value: Any) -> int:
    if value is None or isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"max_retries is a whole number, got {value!r}; 0 disables retries, a large number allows many")
    if value < 0:
        raise ValueError(f"max_retries is {value}; it cannot be negative")
    return value


def checked_deadline(value: Any) -> float | None:
    if value is not None and not (isinstance(value, int | float) and value > 0):
        raise ValueError(f"a deadline is a positive number of seconds for the whole call, or None; got {value!r}")
    return None if value == inf else value


def checked_limit(value: Any) -> int | None:
    if value is not None and not (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        raise ValueError(f"response_limit is a positive number of bytes, or None for the defaults; got {value!r}")
    return value


def one_of(name: str, *choices: object) -> Callable[[Any], Any]:
    """The check of an argument that takes these words."""

    def check(value: Any) -> Any:
        if value is not None and not any(value is choice or (value == choice and isinstance(choice, str)) for choice in choices):
            raise ValueError(f"{name} is {value!r}; there are {', '.join(map(repr, choices))}")
        return value

    return check


def checked_headers(headers: Mapping[str, Any]) -> dict[str, str | Omit]:
    return {
        name.lower(): value if isinstance(value, Omit) else checked_header(name.lower(), value) for name, value in headers.items()
    }


def checked_identity(value: Any) -> WorkloadIdentity | None:
    if value is None:
        return None
    from ceyx.auth import checked

    return checked(value)


_LOG_VARIABLES = ("AZURE_HTTP_LOG_DETAIL_LEVEL", "AZURE_LOG_LEVEL", "AZURE_SDK_GO_LOGGING", "CEYX_LOG", "OPENAI_LOG")


def logging_of(given: HTTPLogging | Detail | None) -> HTTPLogging | None:
    """What to log: what was given, else what the environment says. Without either, `logging` is not even imported."""
    if given is None and not any(name in os.environ for name in _LOG_VARIABLES):
        return None
    from ceyx import logs

    environment = logs.from_environment()
    if given is None:
        return environment
    chosen = given if isinstance(given, logs.HTTPLogging) else logs.HTTPLogging(given)
    return None if chosen.detail == "none" else chosen
