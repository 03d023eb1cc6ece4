"""What the six classes for LangChain share: whom to call, as whom, and how; and the clients made of it, when they are needed.

Knows the names and environment variables of `langchain_openai`. What is asked of a model is for the classes themselves to say;
`azure.py` has what Azure adds.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from inspect import iscoroutinefunction
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from ceyx.options import SECRETS
from ceyx.wire.message import Timeout, public, redacted

if TYPE_CHECKING:
    from langchain_core.utils._gateway import GatewayConfig

BUILT = ConfigDict(defer_build=False)
CLIENTS = ("client", "async_client", "root_client", "root_async_client")
_CONNECTING = ("proxy", "verify", "cert", "socket_options")  # what decides whether two clients can use the same connections
_SHARED = ("http_client", "http_async_client", "rate_limiter", "cache", "credential", "deployments", *CLIENTS)  # by copies


class Connected(BaseModel):
    """The fields of a connection, and the clients that have it.

    A class says in `_resource` what of a client it calls, such as "chat.completions", and in `_other_names` which more names its
    fields go by. `client` and `async_client` are that resource; `root_client` and `root_async_client` the clients. All four
    may be given or set, and are made on first use otherwise; models with the same proxy and certificates share connections.
    """

    # Building a class costs 5 ms of an import. Bases need not be built; the classes that one makes models of are, by `BUILT`.
    model_config = ConfigDict(populate_by_name=True, protected_namespaces=(), arbitrary_types_allowed=True, defer_build=True)
    _resource: ClassVar[str]
    _other_names: ClassVar[Mapping[str, str]] = {"api_base": "openai_api_base"}
    _takes_extra: ClassVar[bool] = True
    """Whether arguments that are no fields go to `model_kwargs`, with a warning, as in `langchain_openai`."""

    openai_api_key: SecretStr | Callable[[], str] | Callable[[], Awaitable[str]] | None = Field(default=None, alias="api_key")
    """The key, or a callable that gives one, which may be asynchronous. Else OPENAI_API_KEY."""
    openai_api_base: str | None = Field(default=None, alias="base_url")
    """The API's address. Else OPENAI_API_BASE, else OPENAI_BASE_URL, else that of OpenAI."""
    openai_organization: str | None = Field(default=None, alias="organization")
    """Sent as `OpenAI-Organization`. Else OPENAI_ORG_ID or OPENAI_ORGANIZATION."""
    openai_proxy: str | None = None
    """The proxy's URL. Else OPENAI_PROXY, else HTTPS_PROXY and its like."""
    request_timeout: float | tuple[float, float] | Any | None = Field(default=None, alias="timeout")
    """Seconds for each phase of a request, (connect, read), or a Timeout of ceyx or httpx. None leaves it at 600 s."""
    max_retries: int | None = None
    """How often a request is tried again. Defaults to 2."""
    default_headers: Mapping[str, str] | None = None
    default_query: Mapping[str, object] | None = None
    http_client: Any | None = Field(default=None, exclude=True)
    """An httpx2 or httpx client to send with, in place of our own connections."""
    http_async_client: Any | None = Field(default=None, exclude=True)
    """As `http_client`, for what is awaited."""
    deployments: Sequence[Any] | None = Field(default=None, exclude=True)
    """*ceyx*: several places to ask, as one: for regions, capacity and failover. See `ceyx.router`."""
    client_options: Mapping[str, Any] | None = Field(default=None, exclude=True)
    """*ceyx*: what else the clients are made with, see `ceyx.options`: deadline, verify, cert, stream_end, http_logging, …"""

    def __init__(self, *args: Any, **given: Any) -> None:
        clients = {name: given.pop(name) for name in CLIENTS if name in given}
        super().__init__(*args, **given)
        self._have_clients_made()
        vars(self).update({name: client for name, client in clients.items() if client is not None})
        if not any(self.__dict__.get(name) for name in CLIENTS):
            self._check()

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """A field that a class adds is not another name of one it inherits, such as `api_base` in classes for other servers."""
        super().__pydantic_init_subclass__(**options)
        inherited = {name for base in cls.__bases__ if issubclass(base, BaseModel) for name in base.model_fields}
        if clashing := cls._other_names.keys() & (cls.model_fields.keys() - inherited):
            cls._other_names = {other: name for other, name in cls._other_names.items() if other not in clashing}

    # -- what is given

    @model_validator(mode="before")
    @classmethod
    def _sorted_out(cls, values: Any) -> Any:
        """Other names become fields' own, and what is no field goes to `model_kwargs`, with a warning."""
        if not isinstance(values, dict):
            return values
        values = dict(values)
        names = _names_of(cls)
        for other, name in cls._other_names.items():
            if other in values:
                _refuse_two(cls, name, other, values)
                values[name] = values.pop(other)
        if not cls._takes_extra:
            return values
        if values.keys() <= names and not values.get("model_kwargs"):
            return values
        extra: dict[str, Any] = dict(values.get("model_kwargs") or {})
        for name in [name for name in values if name not in names]:
            if name in extra:
                raise ValueError(f"Found {name} supplied twice: as an argument, and in model_kwargs; give it once")
            _warn(f"WARNING! {name} is not default parameter of {cls.__name__}, and goes to model_kwargs; check that it is meant")
            extra[name] = values.pop(name)
        if misplaced := names & extra.keys():
            shown = ", ".join(sorted(misplaced))
            _warn(f"Parameters {{{shown}}} should be specified explicitly; they were given within model_kwargs")
            for name in misplaced:
                if name in values:
                    raise ValueError(f"Found {name} supplied twice: as an argument, and in model_kwargs; give it once")
                values[name] = extra.pop(name)
        values["model_kwargs"] = extra
        return values

    @model_validator(mode="after")
    def _have_no_clients(self) -> Self:
        """Have the clients be None for now, as classes for other servers make theirs in `validate_environment` if they are."""
        self._leave_clients_unmade()
        return self

    def _leave_clients_unmade(self) -> None:
        for name in CLIENTS:
            vars(self).setdefault(name, None)

    def _have_clients_made(self) -> None:
        """Have the clients that are still None be made when they are needed."""
        found = vars(self)
        for name in (*CLIENTS, "_origin", "_of_provider"):
            if name.startswith("_") or found.get(name) is None:
                found.pop(name, None)

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        """What is not given comes from the environment; classes for other servers, which have another, override this."""
        self._from_environment()
        if self.openai_proxy and (self.http_client is not None or self.http_async_client is not None):
            raise ValueError(
                "Cannot specify 'openai_proxy' if one of 'http_client'/'http_async_client' is already specified; "
                "have that client use the proxy, or leave it out"
            )
        return self

    def _from_environment(self) -> None:
        """Fill in what is not given. Also after unpickling, as a pickle carries no key."""
        found = _gateway(self.openai_api_base, self.openai_api_key)
        self.openai_api_base, self.openai_api_key = found
        self.openai_organization = self.openai_organization or variable("OPENAI_ORG_ID", "OPENAI_ORGANIZATION")
        self.openai_proxy = self.openai_proxy or variable("OPENAI_PROXY")

    def _check(self) -> None:
        """Have the errors of a connection, such as a missing key, come from the constructor."""
        _ = self.root_client if self._can_block() else self.root_async_client

    # -- the clients

    @cached_property
    def root_client(self) -> Any:
        """The blocking client; None where only an asynchronous callable gives keys."""
        return self._made(awaits=False) if self._can_block() else None

    @cached_property
    def root_async_client(self) -> Any:
        """The client that is awaited."""
        return self._made(awaits=True)

    @cached_property
    def client(self) -> Any:
        """What blocking calls are made on; it has `create`."""
        return None if self.root_client is None else attrgetter(self._resource)(self.root_client)

    @cached_property
    def async_client(self) -> Any:
        """What awaited calls are made on; it has `create`."""
        return attrgetter(self._resource)(self.root_async_client)

    def _can_block(self) -> bool:
        key: Any = self.openai_api_key
        return not (iscoroutinefunction(key) or (callable(key) and iscoroutinefunction(type(key).__call__)))

    def _ensure_sync_client_available(self) -> None:
        if self.client is None:
            raise ValueError(
                "Sync client is not available: the key or token comes from an asynchronous callable only. Use ainvoke, astream "
                "and their like, or give a string or a callable that blocks"
            )

    def _made(self, *, awaits: bool) -> Any:
        """A client of this connection, which shares the network of others of its kind."""
        options = {**self._options(awaits), **(self.client_options or {})}
        client = self._kind(awaits)(**options)
        return client if options.get("http_client") is not None else _sharing(client, options, awaits)

    def _kind(self, awaits: bool) -> type[Any]:
        from ceyx.client import AsyncOpenAI, OpenAI

        return AsyncOpenAI if awaits else OpenAI

    def _options(self, awaits: bool) -> dict[str, Any]:
        """What a client is made with: what is None is left to the client."""
        options: dict[str, Any] = {
            "api_key": revealed(self.openai_api_key),
            "base_url": self.openai_api_base,
            "organization": self.openai_organization,
            "proxy": self.openai_proxy,
            "default_headers": self.default_headers,
            "default_query": self.default_query,
            "http_client": self.http_async_client if awaits else self.http_client,
            "timeout": _timeout(self.request_timeout),
            "max_retries": self.max_retries,
            "deployments": self.deployments,
        }
        return {name: value for name, value in options.items() if value is not None}

    @cached_property
    def _origin(self) -> str:
        """The server that answers; empty where only what is called was given, and no client."""
        made = vars(self)
        if not made.get("root_client") and not made.get("root_async_client") and (made.get("client") or made.get("async_client")):
            return ""
        client = made.get("root_async_client") or self.root_client or self.root_async_client
        return "/".join(str(getattr(client, "base_url", "")).split("/", 3)[:3])

    @cached_property
    def _of_provider(self) -> bool:
        """Whether OpenAI or Azure itself answers."""
        from ceyx.dialect import is_of_provider

        return is_of_provider(self._origin)

    # -- being kept, copied and shown

    def __getstate__(self) -> dict[Any, Any]:
        """Holds no secret, no client and no connection: keys are looked up again where it is loaded."""
        state = dict(super().__getstate__())
        known = type(self).model_fields
        fields = {
            name: kept(name, value)
            for name, value in state["__dict__"].items()
            if name in known and not isinstance(value, SecretStr)
        }
        return {**state, "__dict__": fields}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        for name, field in type(self).model_fields.items():
            if name not in self.__dict__:  # a secret, which may have a variable of its own
                default = field.get_default(call_default_factory=True, validated_data={})
                vars(self)[name] = None if field.is_required() else default
        self._leave_clients_unmade()
        complete: Any = self.validate_environment
        complete()
        self._have_clients_made()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A copy that shares what was given to it for sharing: clients, caches, rate limiters."""
        memo = {} if memo is None else memo
        kept = {name: self.__dict__[name] for name in _SHARED if self.__dict__.get(name) is not None}
        memo.update({id(value): value for value in kept.values()})
        copy = type(self).__new__(type(self))
        fields = {name: deepcopy(value, memo) for name, value in self.__dict__.items()}
        state = {**BaseModel.__getstate__(self), "__dict__": fields}
        state["__pydantic_private__"] = deepcopy(state.get("__pydantic_private__"), memo)
        state["__pydantic_fields_set__"] = set(state["__pydantic_fields_set__"])
        BaseModel.__setstate__(copy, state)
        return copy

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            if name in ("profile", *CLIENTS):
                continue
            yield name, shown(name, value)


def kept(name: str | None, value: Any) -> Any:
    """The value of a field, fit to be written down: less every secret in it."""
    if name in ("default_headers", "default_query") and value:
        return public(value)
    if name == "openai_proxy" and value:
        return _without_password(value)
    if name == "client_options" and value:
        return _without_keys(value)
    if name == "deployments" and value:
        return [_without_keys(one) if isinstance(one, Mapping) else one for one in value]
    return None if isinstance(value, SecretStr) else value


def shown(name: str | None, value: Any) -> Any:
    """The value of a field, fit for a log: as `kept`, but that one sees that there is something."""
    if name in ("default_headers", "default_query") and value:
        return redacted(value)
    return value if isinstance(value, SecretStr) else kept(name, value)


def _without_keys(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in SECRETS}


def _without_password(proxy: str) -> str:
    return f"{proxy.partition('://')[0]}://{proxy.rpartition('@')[2]}" if "@" in proxy else proxy


def revealed(secret: Any) -> Any:
    """The text of a secret; callables and None as they are."""
    return secret.get_secret_value() if isinstance(secret, SecretStr) else secret


def secret_from(*names: str) -> SecretStr | None:
    """The first of these environment variables that is set."""
    value = variable(*names)
    return None if value is None else SecretStr(value)


def variable(*names: str) -> str | None:
    """The first of these environment variables that is set, without white space around it."""
    return next((value for name in names if (value := (os.environ.get(name) or "").strip())), None)


def _gateway(base: str | None, key: Any) -> tuple[str | None, Any]:
    """Address and key, from the environment where they are not given; LANGSMITH_GATEWAY is langchain-core's to explain."""
    if "LANGSMITH_GATEWAY" in os.environ:
        from langchain_core.utils._gateway import _resolve_gateway_config as resolve

        found: GatewayConfig = resolve(
            base_url=base, api_key=key, provider_path="openai/v1", base_url_env="OPENAI_API_BASE", api_key_env="OPENAI_API_KEY"
        )
        return found.base_url, found.api_key
    return base or variable("OPENAI_API_BASE"), secret_from("OPENAI_API_KEY") if key is None else key


def _timeout(value: Any) -> Any:
    """A timeout as our clients take it; a tuple is (connect, read), or that with write and pool, as httpx has it."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    connect, read, write, pool = [*value, value[-1], value[-1]][:4]
    return Timeout(connect=connect, read=read, write=write, pool=pool)


def _names_of(cls: type[BaseModel]) -> set[str]:
    return {*cls.model_fields, *(field.alias for field in cls.model_fields.values() if field.alias)}


def _refuse_two(cls: type[BaseModel], name: str, other: str, values: Mapping[str, Any]) -> None:
    if any(known in values for known in (name, cls.model_fields[name].alias)):
        raise ValueError(f"{other} is another name of {name}, and both were given to {cls.__name__}; give one")


def _warn(message: str) -> None:
    """A warning at the line that made the model: past this module, pydantic and langchain-core."""
    import sys

    level, frame = 1, sys._getframe(1)
    ours = ("ceyx", "pydantic", "langchain_core")
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ours:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level + 1)


_networks: dict[Any, Any] = {}


def _sharing(client: Any, options: Mapping[str, Any], awaits: bool) -> Any:
    """`client`, with the network of those made like it, so that a model made for each request needs no new connections."""
    how = (awaits, os.getpid(), *(options.get(name) for name in _CONNECTING))
    try:
        network = _networks.get(how)
    except TypeError:  # a certificate given as something that is no key of a dict
        return client
    if network is None or network.closed:
        _networks[how] = network = client._transport
    client._transport = network
    return client
