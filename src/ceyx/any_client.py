"""What all four clients share: settings, copies, and the part of a call that needs no I/O."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from ceyx.errors import OpenAIError
from ceyx.identity import Secret, key
from ceyx.options import CONNECTING, ROUTING, SECRETS, ClientOptions, CopyOptions, refuse_unknown
from ceyx.resolving import changed, for_azure, for_openai, restored
from ceyx.resources.tree import Tree
from ceyx.settings import Settings, checked_retries, portable
from ceyx.transport.base import Connecting
from ceyx.wire.call import Pause
from ceyx.wire.endpoint import Mode, Resource, asynchronous, child, planned, shown
from ceyx.wire.message import Request, Timeout
from ceyx.wire.retry import attempts
from ceyx.wire.url import URL

if TYPE_CHECKING:
    from ceyx.auth import WorkloadIdentity
    from ceyx.exchange import request_for
    from ceyx.router import Router
    from ceyx.router.routes import Routes
    from ceyx.wire.call import Call
else:

    def request_for(*of):
        """Stands in until the first call, which imports what encodes: a client that is only made need not."""
        global request_for
        from ceyx.exchange import request_for

        return request_for(*of)


class AnyClient(Tree[Mode]):
    """A client without a network: `OpenAI` and `AsyncOpenAI` add how to send."""

    _settings: Settings
    _transport: Any
    _routes: Routes | None = None
    _azure: ClassVar[bool] = False
    _accepts: ClassVar[Any] = ClientOptions

    @shown
    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        self._begin(options)

    def _begin(self, options: Any) -> None:
        given: dict[str, Any] = options
        for name in SECRETS:
            if isinstance(given.get(name), str):
                given[name] = Secret(given[name])  # in place: what error reporters show of our frames is masked
        refuse_unknown(given, self._accepts, type(self).__name__)
        if any(given.get(name) is not None for name in ROUTING):
            from ceyx.router.routes import Routes

            self._routes = Routes.of(given, self._azure, self._awaits)
            self._made(self._routes.first, given)
        else:
            self._made((for_azure if self._azure else for_openai)(given, self._awaits), given)

    def _made(self, settings: Settings, network: Mapping[str, Any], transport: Any = None) -> None:
        self._client, self._run = self, self._send
        self._network = {name: network[name] for name in CONNECTING if network.get(name) is not None}
        if "http_client" in self._network:
            for name in [name for name, value in self._network.items() if name != "http_client" and value is not True]:
                raise OpenAIError(f"{name} has no effect beside http_client, which has its own connections; set it up there")
        if settings.workload_identity is not None and (transport is None or settings.tokens is None):
            from ceyx.auth import ExchangedTokens

            settings = settings.replaced(tokens=ExchangedTokens(settings.workload_identity, self._connecting()))
        self._settings = settings
        self._transport = transport or self._connect()

    @abstractmethod
    def _connect(self) -> Any:
        """The network of this kind of client."""

    def _connecting(self) -> Connecting:
        given = self._network
        return Connecting(given.get("verify", True), given.get("cert"), given.get("proxy"), given.get("socket_options"))

    @abstractmethod
    def _send(self, work: Any) -> Any:
        """What becomes of a call that an endpoint has built."""

    if not TYPE_CHECKING:
        plan = child(lambda self: Tree(self, planned))
        with_raw_response = child(lambda self: (asynchronous(Tree) if self._awaits else Tree)(self, self._raw))
        with_streaming_response = child(lambda self: Tree(self, self._streaming))

    # -- copies

    @shown
    def copy(self, **changes: Unpack[CopyOptions]) -> Self:
        """A client that differs in these settings and, unless they say otherwise, shares the connections of this one.

        `default_headers` and `default_query` are laid over those there are; `set_default_headers` and
        `set_default_query` replace them.
        """
        given: dict[str, Any] = dict(changes)
        refuse_unknown(given, CopyOptions, "copy")
        network = {name: given[name] for name in CONNECTING if given.get(name) is not None}
        other = object.__new__(type(self))
        if self._routes is None:
            if routing := next((name for name in ROUTING if given.get(name) is not None), None):
                raise OpenAIError(f"{routing} is for making clients; give it to {type(self).__name__}()")
            settings, routes = changed(self._settings, given, self._azure, self._awaits), None
        else:
            routes = self._routes.changed(given, self._awaits)
            settings = routes.first
        if type(self).__module__ != "ceyx.client":  # a user's class: what it keeps on itself, but for our resources
            theirs = {name: value for name, value in vars(self).items() if not isinstance(value, Resource)}
            other.__dict__.update(theirs)
        other._routes = routes
        kept = {} if "http_client" in network else self._network  # which takes the place of all of them
        other._made(settings, {**kept, **network}, None if network else self._transport)
        return other

    with_options = copy

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __reduce__(self) -> Any:
        """A pickled client holds no secret and no connection: it looks its key up again where it is loaded."""
        network = dict(self._network)
        if (proxy := network.get("proxy")) and "@" in proxy:
            network["proxy"] = f"{proxy.partition('://')[0]}://{proxy.rpartition('@')[2]}"
        routes = () if self._routes is None else (self._routes.portable(),)
        return _unpickled, (type(self), portable(self._settings), network, *routes)

    def __repr__(self) -> str:
        if self._routes is not None:
            return f"<{type(self).__name__} {', '.join(route.name for route in self._routes.each)}>"
        made = "_settings" in self.__dict__  # a debugger or error reporter may ask before
        return f"<{type(self).__name__} {self._settings.dialect.base_url if made else '(not made)'}>"

    # -- settings, as `openai` names them

    def _set(self, **changes: Any) -> None:
        if self._routes is None:
            self._settings = self._settings.replaced(**changes)
        else:
            self._routes = self._routes.replaced(**changes)
            self._settings = self._routes.first

    @property
    def api_key(self) -> str:
        """The key; an empty string where tokens are used."""
        return self._settings.api_key or ""

    @api_key.setter
    def api_key(self, value: str) -> None:
        self._set(api_key=key(value, "api_key"), tokens=None, workload_identity=None)

    @property
    def workload_identity(self) -> WorkloadIdentity | None:
        return self._settings.workload_identity

    @property
    def websocket_base_url(self) -> str | None:
        return self._settings.websocket_base_url

    @property
    def base_url(self) -> URL:
        """Where calls go; ends with a slash."""
        return URL(self._settings.dialect.base_url)

    @base_url.setter
    def base_url(self, value: object) -> None:
        if self._routes is not None:
            self._routes.changed({"base_url": value}, self._awaits)  # which says that each has its own
        self._settings = changed(self._settings, {"base_url": value}, self._azure, self._awaits)

    @property
    def timeout(self) -> Timeout:
        return self._settings.timeout

    @timeout.setter
    def timeout(self, value: float | Timeout | None) -> None:
        self._set(timeout=Timeout.of(value))

    @property
    def max_retries(self) -> int:
        return self._settings.max_retries

    @max_retries.setter
    def max_retries(self, value: int) -> None:
        self._set(max_retries=checked_retries(value))

    @property
    def organization(self) -> str | None:
        return self._settings.organization

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._set(organization=value)

    @property
    def project(self) -> str | None:
        return self._settings.project

    @project.setter
    def project(self, value: str | None) -> None:
        self._set(project=value)

    @property
    def webhook_secret(self) -> str | None:
        return self._settings.webhook_secret

    @property
    def admin_api_key(self) -> str | None:
        return self._settings.admin_api_key

    @property
    def custom_auth(self) -> None:
        """Always None: what `openai` calls so is a matter of httpx."""

    @property
    def user_agent(self) -> str:
        return self._settings.bare.get("user-agent", "")

    @property
    def auth_headers(self) -> dict[str, str]:
        """The header with the key, which shows stars; empty where a token is asked for on every call."""
        header, _ = self._settings.key_header
        value = self._settings.bare.get(header)
        return {header.title(): value} if value else {}

    @property
    def default_headers(self) -> dict[str, str]:
        """The headers of every call; the key among them shows stars."""
        return dict(self._settings.head)

    @property
    def default_query(self) -> dict[str, object]:
        return {**self._settings.dialect.query, **self._settings.default_query}

    @property
    def router(self) -> Router:
        """What this client knows of its deployments: `client.router.state()`. AttributeError of a client that has one address."""
        if self._routes is None:
            raise AttributeError(f"this {type(self).__name__} has no router, as it has no deployments=")
        return self._routes.router

    def is_closed(self) -> bool:
        """Whether `close` was called on this client, or on one that shares its connections."""
        return bool(self._transport.closed)

    # -- calls

    def _attempts(self, work: Call[Any], unread: bool = False) -> Generator[Request | Pause, Any, tuple[Any, int]]:
        if self._routes is not None:
            return self._routes.attempts(work, request_for, unread, _random)
        settings = self._settings
        tokens = settings.tokens
        return attempts(
            request_for(work, settings, unread),
            settings.max_retries,
            budget=settings.budget,
            now=time.monotonic,
            wall=time.time,
            jitter=_random,
            on_retry=None if settings.log is None else settings.log.retry,
            refused=None if tokens is None else tokens.refused,
        )


class OnAzure:
    """What other libraries read of the Azure clients of `openai`."""

    _settings: Settings

    @property
    def _api_version(self) -> str | None:
        version = self._settings.dialect.query.get("api-version")
        return None if version is None else str(version)

    @property
    def _azure_deployment(self) -> str | None:
        return getattr(self._settings.dialect, "deployment", None)

    @property
    def _azure_endpoint(self) -> URL:
        """The resource's address: all that stands before `/openai`."""
        dialect = self._settings.dialect
        return URL(dialect.origin + dialect.prefix.removesuffix("/v1").removesuffix("/openai"))


def _random() -> float:
    from random import random  # a retry needs it; an import of ceyx does not

    return random()


def _unpickled(kind: type[AnyClient[Any]], fields: dict[str, Any], network: dict[str, Any], held: Any = None) -> Any:
    client = kind.__new__(kind)
    try:
        if held is not None:
            from ceyx.router.routes import Routes

            client._routes = Routes.restored(held, kind._awaits)
        client._made(restored(fields, kind._azure, kind._awaits) if client._routes is None else client._routes.first, network)
    except OpenAIError as error:
        raise OpenAIError(f"this {kind.__name__} was pickled, and a pickle carries no key: {error}") from None
    return client
