"""Where `ceyx run` makes its calls, if not here at one address: at several deployments, on a Ray cluster, beside other runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceyx.cli.endpoint import DEFAULT_MODEL, Provider, Wanted, addressed, variable
from ceyx.cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ceyx.bulk import OnRay

ENGINES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class Spread:
    """The options that say so."""

    deployments: Path | None = None
    limits: str | None = None
    engine: str = "local"
    actors: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        """Raises Failure for options that do not go together."""
        if self.engine not in ENGINES:
            raise Failure(f"there is no engine {self.engine!r}; there are {' and '.join(ENGINES)}", Exit.USAGE)
        if self.engine == "local" and (self.actors is not None or self.address is not None):
            raise Failure(f"--{'address' if self.actors is None else 'actors'} goes with --engine ray", Exit.USAGE)
        if self.engine == "ray" and self.deployments is not None:
            raise Failure("--deployments is read here, and --engine ray asks elsewhere; leave one of them out", Exit.USAGE)
        if self.limits is not None:
            from ceyx.bulk.redis_address import connectable

            try:
                connectable(self.limits)
            except ValueError as error:
                raise Failure(f"--limits: {error}", Exit.USAGE) from error

    def __bool__(self) -> bool:
        return self != Spread()

    @contextmanager
    def asked(self, wanted: Wanted, workers: int) -> Iterator[tuple[Provider, dict[str, Any], str]]:
        """Who is asked, what the client is made with, and the model: as `endpoint.addressed`."""
        if self.deployments is None:
            with addressed(wanted) as found:
                yield found
            return
        if wanted.base_url or wanted.azure_endpoint:
            raise Failure("--deployments says where to ask; leave out --base-url and --azure-endpoint", Exit.USAGE)
        model = wanted.model or variable("CEYX_MODEL") or variable("OPENAI_MODEL") or DEFAULT_MODEL
        options: dict[str, Any] = {"router": self._router(self.deployments, model, workers)}
        azure = wanted.provider is Provider.azure or any(one.on_azure for one in options["router"].deployments)
        if azure and wanted.api_version is not None:
            options["api_version"] = wanted.api_version
        if wanted.timeout is not None:
            options["timeout"] = wanted.timeout
        yield Provider.azure if azure else Provider.openai, options, model

    def _router(self, file: Path, model: str, workers: int) -> Any:
        from ceyx import Router
        from ceyx.bulk import DeploymentLimits

        try:
            limits = DeploymentLimits(in_flight=workers, model=model, shared=self.limits)
            router = Router.read(file, limiter=limits)
        except (OSError, ValueError, TypeError) as error:
            raise Failure(str(error), Exit.CONFIGURATION) from error
        if not any(one.serves(model) for one in router.deployments):
            raise Failure(f"no deployment in {file} serves {model!r}; give --model another name", Exit.CONFIGURATION)
        return router

    def on_ray(self, who: Provider, options: dict[str, Any]) -> OnRay | None:
        """The cluster; None where calls are made here. Raises Failure where Ray is not installed."""
        if self.engine != "ray":
            return None
        from ceyx.bulk import OnRay
        from ceyx.bulk.caller import client_with
        from ceyx.bulk.ray import installed

        try:
            installed()
        except ModuleNotFoundError as error:
            raise Failure(str(error), Exit.CONFIGURATION) from error
        given = {name: value for name, value in options.items() if value is not None}
        return OnRay(self.actors or 2, self.address, partial(client_with, who is Provider.azure, given))
