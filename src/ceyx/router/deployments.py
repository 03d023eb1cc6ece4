"""What users say of a deployment: where it is, who calls, what it is called there, and when it is to be asked.

Leaves to `routes.py` what follows from that, and to the environment what is not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from ceyx.dialect import provider_at
from ceyx.identity import Secret
from ceyx.options import SECRETS, Provider, refuse_unknown
from ceyx.wire.endpoint import shown
from ceyx.wire.message import TimeoutLike, redacted

Policy = Literal["ordered", "weighted", "least_busy", "latency"]


class RoutingFields(TypedDict, total=False):
    """What is said of a deployment beside where it is and who calls."""

    name: str
    """What states, errors and logs call it. Defaults to host and deployment, such as "contoso/gpt-4o"."""
    model: str | None
    """What the model of calls is called there, for deployments of OpenAI and of `/openai/v1`: sent in place of the call's."""
    models: str | Sequence[str] | Mapping[str, str] | None
    """The models of calls that it serves; a mapping also says what each is called there. Defaults to all."""
    priority: int
    """The lowest is asked first, others when all with a lower one cannot be. Defaults to 0."""
    weight: float
    """Its share among those of the same priority, for "weighted" and "least_busy". Defaults to 1."""
    requests_per_minute: float | None
    """What it may be asked, at most, by a router whose `limiter` counts. By default, what its answers say."""
    tokens_per_minute: float | None
    api_type: Literal["azure", "openai"] | None
    """Whose protocol it speaks, where its other arguments do not tell."""
    api_key_env: str | None
    """The environment variable that holds the key: in place of `api_key` in files, and for clients that are pickled."""


class DeploymentOptions(RoutingFields, total=False):
    """What a `Deployment` is made with. What is left out is as the client has it, or else the environment."""

    azure_endpoint: str | None
    azure_deployment: str | None
    api_version: str | None
    base_url: object | None
    """The address of OpenAI or a server like it; or of a gateway to Azure, whose path holds /openai: on other hosts than Azure's
    own that is for Azure clients, unless `api_type` says otherwise."""
    api_key: str | Provider | None
    azure_ad_token: str | None
    azure_ad_token_provider: Provider | None
    credential: Any
    credential_scope: str | None
    check_api_version: bool | None
    organization: str | None
    project: str | None
    timeout: float | TimeoutLike | None
    default_headers: Mapping[str, str] | None
    default_query: Mapping[str, object] | None


OF_AZURE = (  # what is said of deployments there only
    "azure_endpoint",
    "azure_deployment",
    "api_version",
    "azure_ad_token",
    "azure_ad_token_provider",
    "credential",
    "credential_scope",
    "check_api_version",
)


class Deployment:
    """One place that can answer: `Deployment(azure_endpoint=..., azure_deployment=..., api_key=..., priority=0)`.

    Arguments: `ceyx.router.deployments.DeploymentOptions`. Its repr shows no secret, and a pickle of it carries none: give
    `api_key_env` to have the key found again.
    """

    name: str
    models: frozenset[str] | None
    names: Mapping[str, str]
    """What models are called there, where that is another name."""
    model: str | None
    priority: int
    weight: float
    requests_per_minute: float | None
    tokens_per_minute: float | None
    options: dict[str, Any]
    """The other arguments, those of clients."""

    @shown
    def __init__(self, **given: Unpack[DeploymentOptions]) -> None:
        held: Any = given
        for name in SECRETS:
            if isinstance(held.get(name), str):
                held[name] = Secret(held[name])  # in place: what error reporters show of our frames is masked
        options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        refuse_unknown(options, DeploymentOptions, "Deployment")
        if options.get("api_type") not in (None, "azure", "openai"):
            raise ValueError(f"api_type is {options['api_type']!r}; there are 'azure' and 'openai'")
        if "api_key_env" in options and "api_key" in options:
            raise ValueError("api_key and api_key_env are both given; one of them says where the key is")
        models = options.pop("models", None)
        self.models = None if models is None else frozenset([models] if isinstance(models, str) else models)
        self.names = dict(models) if isinstance(models, Mapping) else {}
        self.model = options.pop("model", None)
        self.priority, self.weight = options.pop("priority", 0), options.pop("weight", 1)
        if isinstance(self.priority, bool) or not isinstance(self.priority, int):
            raise TypeError(f"priority is a whole number, the lowest asked first; got {self.priority!r}")
        if isinstance(self.weight, bool) or not (isinstance(self.weight, int | float) and 0 <= self.weight < float("inf")):
            raise ValueError(f"weight is a number of 0 or more, its share of the calls; got {self.weight!r}")
        self.requests_per_minute = _rate("requests_per_minute", options)
        self.tokens_per_minute = _rate("tokens_per_minute", options)
        self.name = str(options.pop("name", "") or _named(options, self.model))
        self.options = options

    @property
    def limited(self) -> bool:
        return self.requests_per_minute is not None or self.tokens_per_minute is not None

    @property
    def on_azure(self) -> bool | None:
        """Whether it speaks Azure's dialect; None where its own arguments do not tell, so that the client's kind does."""
        if said := self.options.get("api_type"):
            return bool(said == "azure")
        if any(name in self.options for name in OF_AZURE):
            return True
        if (address := self.options.get("base_url")) is None:
            return None
        parts = urlsplit(str(address))
        if provider_at(str(address)) == "Azure" or "/deployments/" in parts.path:
            return True
        # Gateways to Azure have such paths, and so have servers of OpenAI's protocol: Groq, Gemini.
        return None if "/openai" in parts.path else False

    def serves(self, model: str | None) -> bool:
        return self.models is None or model is None or model in self.models

    def __repr__(self) -> str:
        if "options" not in self.__dict__:  # a debugger or error reporter may ask before
            return "<Deployment (not made)>"
        options = {name: value for name, value in self.options.items() if name not in SECRETS}
        for name in ("default_headers", "default_query"):
            if name in options:
                options[name] = redacted(options[name])
        held = "".join(f", {name}={value!r}" for name, value in options.items())
        return f"Deployment(name={self.name!r}, priority={self.priority}{held})"

    def __copy__(self) -> Self:
        """With its key, which only pickles are without."""
        other = object.__new__(type(self))
        other.__dict__.update({**self.__dict__, "options": dict(self.options)})
        return other

    def __deepcopy__(self, memo: object) -> Self:
        return self.__copy__()  # whoever calls is the same: credentials have locks and connections

    def __getstate__(self) -> dict[str, Any]:
        from ceyx.wire.message import public

        options = {name: value for name, value in self.options.items() if name not in SECRETS}
        for name in ("default_headers", "default_query"):
            if name in options:
                options[name] = public(options[name])
        if "credential" in options:
            from ceyx.credentials import portable

            options["credential"] = portable(options["credential"])
        return {**self.__dict__, "options": options}


def _rate(name: str, options: dict[str, Any]) -> float | None:
    given = options.pop(name, None)
    if given is not None and (isinstance(given, bool) or not (isinstance(given, int | float) and 0 < given < float("inf"))):
        raise ValueError(f"{name} is a number above 0; got {given!r}")
    return given


def _named(options: Mapping[str, Any], model: str | None) -> str:
    """A name for one that was given none."""
    address = str(options.get("azure_endpoint") or options.get("base_url") or "")
    parts = urlsplit(address if "://" in address else f"//{address}")
    host = parts.hostname or ""
    if found := re.fullmatch(r"([^.]+)\.(?:openai|cognitiveservices|services\.ai)\.azure\.\w+", host):
        host = found[1]
    elif parts.port:  # of a local server, where it is the port that tells
        host = f"{host}:{parts.port}"
    below = re.search(r"/deployments/([^/]+)", parts.path)
    deployment = options.get("azure_deployment") or (below and below[1]) or model
    return "/".join(part for part in (host, deployment) if part) or "default"


def checked(given: Any) -> tuple[Deployment, ...]:
    """The deployments of a list of them, or of mappings with their arguments. Raises ValueError for none, or two of one name."""
    if isinstance(given, str | Mapping | Deployment):
        raise TypeError(f"deployments is a list of Deployment, got {type(given).__name__}; Router.read() reads a file of them")
    each = tuple(one if isinstance(one, Deployment) else Deployment(**one) for one in given)
    if not each:
        raise ValueError("deployments is empty; give one Deployment at least")
    names = [one.name for one in each]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two deployments are called {twice[0]!r}; give each a name= of its own")
    return each


def in_file(path: str | Path) -> tuple[tuple[Deployment, ...], dict[str, Any]]:
    """The deployments of a TOML file, each a table `[[deployment]]`, and what it says beside them. Raises ValueError."""
    import tomllib

    with Path(path).open("rb") as file:
        try:
            said = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path} is no TOML: {error}") from None
    tables = said.pop("deployment", None)
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"{path} names no deployments; each is a table [[deployment]]")
    return checked(tables), said
