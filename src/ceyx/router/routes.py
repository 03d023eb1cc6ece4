"""A client's own view of a router: for each deployment, the settings with which it asks it.

A deployment has what its own arguments say, then what the client's do, then what the environment has. Keys of the client are for
deployments of the client's own kind, and of one provider: none for Azure goes to OpenAI, nor one of theirs to somebody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, Self

from ceyx.dialect import provider_at
from ceyx.errors import OpenAIError
from ceyx.options import ADDRESS, AUTHENTICATING, ROUTING, WAYS_TO_AUTHENTICATE
from ceyx.resolving import changed, env, for_azure, for_openai, restored
from ceyx.router.choosing import Router, router_of
from ceyx.router.deployments import OF_AZURE, Deployment
from ceyx.router.flow import Clocks, NoTokenError, Trip
from ceyx.settings import Settings, portable
from ceyx.wire.call import Call

# What a client says for its deployments whatever their kind: how to call, and nothing about who calls and where.
_FOR_ALL = (
    "timeout", "deadline", "max_retries", "retry_budget", "retry_answered", "stream_end", "content_filter", "response_limit",
    "http_logging", "http_client",
)  # fmt: skip
_IN_SETTINGS = ("api_key", "tokens", "dialect", "workload_identity", "admin_api_key")


class Route:
    """A deployment as one client asks it. `place` says whose it is: deployments of one place share what is stored there."""

    __slots__ = ("azure", "deployment", "name", "place", "priority", "settings", "weight")

    def __init__(self, deployment: Deployment, settings: Settings, azure: bool) -> None:
        self.deployment, self.settings, self.azure = deployment, settings, azure
        self.name, self.priority, self.weight = deployment.name, deployment.priority, deployment.weight
        dialect = settings.dialect
        self.place = dialect.origin + dialect.prefix.removesuffix("/v1").removesuffix("/openai")
        if not azure:  # where one address serves everyone, it is the key that tells whose things are asked for
            options = deployment.options
            key = options.get("api_key") if isinstance(options.get("api_key"), str) else options.get("api_key_env")
            self.place += f" {hash((key, settings.organization, settings.project))}"

    def name_of(self, model: Any) -> Any:
        """What a model is called there."""
        own = self.deployment
        return own.names.get(model) or own.model or getattr(self.settings.dialect, "deployment", None) or model


class TokensOf:
    """The tokens of one deployment. Where none is to be had, that is an error of the deployment, so that the next is asked."""

    def __init__(self, tokens: Any, name: str) -> None:
        self._tokens, self._name = tokens, name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._tokens, attribute)

    def __reduce__(self) -> Any:
        return TokensOf, (self._tokens, self._name)

    def get(self, seconds: float | None = None) -> Any:
        try:
            return self._tokens.get(seconds)
        except (TimeoutError, TypeError):  # of the deadline, and of the program
            raise
        except Exception as error:  # whatever a credential raises
            raise self._none(error) from error

    async def aget(self, transport: Any) -> Any:
        try:
            return await self._tokens.aget(transport)
        except (TimeoutError, TypeError):
            raise
        except Exception as error:
            raise self._none(error) from error

    def _none(self, error: Exception) -> NoTokenError:
        return NoTokenError(f"deployment {self._name!r}: no token: {type(error).__name__}: {error}")


class Routes:
    """The deployments of one client."""

    def __init__(self, router: Router, each: tuple[Route, ...]) -> None:
        self.router, self.each = router, each

    @classmethod
    def of(cls, given: Mapping[str, Any], azure: bool, awaits: bool) -> Self:
        """Those that the client's arguments name.

        Raises OpenAIError or ValueError, naming the deployment, for one that lacks credentials or an address.
        """
        router = router_of(given)
        if given.get("workload_identity") is not None:
            raise OpenAIError("workload_identity is for a client without deployments; give each its key or credential")
        routes = [_route(one, given, azure, awaits) for one in router.deployments]
        _check_providers(routes)
        budget = routes[0].settings.budget  # one for all
        for route in routes:
            route.settings = route.settings.replaced(budget=budget, tokens=_of(route))
        return cls(router, tuple(routes))

    @property
    def first(self) -> Settings:
        """The settings that stand for the client where it is asked for its address or its headers."""
        return self.each[0].settings

    def changed(self, changes: Mapping[str, Any], awaits: bool) -> Routes:
        """For a copy of the client. Addresses and credentials are not the client's, so it cannot change them."""
        for name in (*ADDRESS, *AUTHENTICATING, *ROUTING):
            if changes.get(name) is not None:
                raise OpenAIError(f"{name} cannot be changed of a client with several deployments; make another client")
        settings = [changed(route.settings, changes, route.azure, awaits) for route in self.each]
        return self._with(settings)

    def replaced(self, **changes: Any) -> Routes:
        if held := changes.keys() & set(_IN_SETTINGS):
            raise OpenAIError(
                f"{min(held)} cannot be set on a client with several deployments: each has its own; make another one"
            )
        return self._with([route.settings.replaced(**changes) for route in self.each])

    def _with(self, settings: list[Settings]) -> Routes:
        new = [Route(route.deployment, own, route.azure) for route, own in zip(self.each, settings, strict=True)]
        return Routes(self.router, tuple(new))

    def portable(self) -> tuple[Router, list[tuple[dict[str, Any], bool]]]:
        """What a pickle carries: no secret is among it."""
        return self.router, [(portable(route.settings), route.azure) for route in self.each]

    @classmethod
    def restored(cls, held: tuple[Router, list[tuple[dict[str, Any], bool]]], awaits: bool) -> Self:
        """From what `portable` gave; keys come from the environment. OpenAIError where it has none."""
        router, fields = held
        each = []
        for deployment, (of_one, azure) in zip(router.deployments, fields, strict=True):
            try:
                each.append(Route(deployment, restored(of_one, azure, awaits, _key_in_environment(deployment)), azure))
            except OpenAIError as error:
                raise _about(deployment, error) from None
        _check_providers(each)
        return cls(router, tuple(each))

    def attempts(
        self, call: Call[Any], request_for: Callable[..., Any], unread: bool, jitter: Callable[[], float]
    ) -> Generator[Any, Any, tuple[Any, int]]:
        """The flow of a call over these deployments."""
        log = self.first.log
        on_retry = None if log is None else log.retry
        clocks = Clocks(time.monotonic, time.time, jitter)
        return Trip(call, self.each, self.router, request_for, unread, clocks, on_retry).go()


def _route(deployment: Deployment, given: Mapping[str, Any], azure: bool, awaits: bool) -> Route:
    own = {name: value for name, value in deployment.options.items() if name not in ("api_type", "api_key_env")}
    own |= _key_in_environment(deployment)
    said = deployment.on_azure
    kind = azure if said is None else said
    inherited = {name: value for name, value in given.items() if name not in ROUTING}
    if kind is not azure:
        inherited = {name: inherited[name] for name in _FOR_ALL if name in inherited}
    if any(name in own for name in ("azure_endpoint", "base_url")):
        inherited = {name: value for name, value in inherited.items() if name not in ADDRESS or name == "api_version"}
    if any(name in own for name in WAYS_TO_AUTHENTICATE):
        inherited = {name: value for name, value in inherited.items() if name not in AUTHENTICATING}
    for name in ("default_headers", "default_query"):
        if name in own:
            own[name] = {**(inherited.get(name) or {}), **own[name]}
    if not kind and (wrong := next((name for name in OF_AZURE if name in own), None)):
        raise ValueError(f"deployment {deployment.name!r}: {wrong} is for deployments on Azure, and this one is not")
    try:
        return Route(deployment, (for_azure if kind else for_openai)({**inherited, **own}, awaits), kind)
    except (OpenAIError, ValueError, TypeError) as error:
        raise _about(deployment, error) from None


def _check_providers(routes: list[Route]) -> None:
    """OpenAIError where a key that is not a deployment's own would be sent to one provider and to somebody else, too."""
    sharing: dict[bool, Route] = {}
    for route in routes:
        if any(name in route.deployment.options for name in (*WAYS_TO_AUTHENTICATE, "api_key_env")):
            continue
        other = sharing.setdefault(route.azure, route)
        here, there = route.settings.dialect.origin, other.settings.dialect.origin
        if provider_at(here) != provider_at(there):
            raise OpenAIError(
                f"deployments {other.name!r} ({there}) and {route.name!r} ({here}) "
                "have no key of their own, and are not of one provider, so one of them would be sent a key that is not for it; "
                "give each its api_key=, api_key_env= or credential= (api_key='' where none is wanted)"
            )


def _of(route: Route) -> Any:
    tokens = route.settings.tokens
    return tokens if tokens is None or tokens.fixed else TokensOf(tokens, route.name)


def _key_in_environment(deployment: Deployment) -> dict[str, Any]:
    variable = deployment.options.get("api_key_env")
    if variable is None:
        return {}
    if (found := env(variable)) is None:
        raise OpenAIError(
            f"deployment {deployment.name!r}: its key should be in the environment variable {variable}, which is not set"
        )
    from ceyx.identity import Secret

    return {"api_key": Secret(found)}


def _about(deployment: Deployment, error: Any) -> Any:
    """`error`, naming the deployment that it is about."""
    return type(error)(f"deployment {deployment.name!r}: {error}")
