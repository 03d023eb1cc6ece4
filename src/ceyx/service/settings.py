"""What a service is told before it starts: its deployments, the keys it accepts, the region it claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ceyx.service.catalogue import DEPLOYMENTS, Model, model_named
from ceyx.service.identity.entra import Entra

if TYPE_CHECKING:
    from ceyx.service.engines import Spec
    from ceyx.service.faults.triggers import Rule
    from ceyx.service.filtering import ContentFilter
    from ceyx.service.latency import Latency
    from ceyx.service.limits import Limit


@dataclass(frozen=True)
class Settings:
    """The service's settings. Without any: well-known deployments, and every credential is accepted."""

    deployments: Mapping[str, str] = field(default_factory=dict)
    """Deployment or model name -> model, or model@version, beside the well-known ones (and before them)."""
    keys: frozenset[str] = field(default=frozenset(), repr=False)
    """Keys and tokens that are accepted; empty: any, and none."""
    region: str = "Local"
    """What Azure answers say in `x-ms-region`."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Deployment or model name, or * for every request -> the fault that happens to it, such as "stall;seconds=5"."""
    scenario: str | Path | None = None
    """A TOML file of rules for faults; they come before `faults`. Read when the settings are made."""
    store: str | Path | None = None
    """The file that holds what the service remembers (files, batches, ...) over a restart; None: it forgets."""
    entra: Entra | None = None
    """Whether the Azure paths take tokens of Entra ID, which the service then issues and verifies: `Entra()`.
    Keys are accepted there only if `keys` has some."""
    tls: bool = False
    """Whether to speak TLS, with a certificate of an authority made for the occasion."""
    ca_file: str | Path | None = None
    """Where to write the certificate of that authority, which clients must trust; None: a temporary file. Implies `tls`."""
    engines: Mapping[str, Spec] = field(default_factory=dict)
    """Deployment or model name, or * for all others -> the engine that answers, such as "script:replies.yaml"; without one, the
    local engine. `ceyx.service.engines` says how an engine is written."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """Deployment or model name, or * for all others -> what it may be asked in a minute; without, nothing is refused."""
    latency: Mapping[str, Latency] = field(default_factory=dict)
    """Deployment or model name, or * for all others -> how long its answers take; without, no longer than they must."""
    content_filter: Mapping[str, ContentFilter | None] = field(default_factory=dict)
    """Deployment or model name, or * for all others -> what Azure's content filter finds; without, or None, nothing."""
    batch_seconds: float = 0.0
    """How long a batch is in progress; 0: no longer than its lines take."""
    exact_usage: bool = False
    """Whether the tokens of chats, completions, embeddings and responses are those of the models' own tables, which are loaded at
    the start; else they are estimated."""
    obfuscation: bool = False
    """Whether the events of streams are padded, unless a request says `include_obfuscation` false. Else only those are where one
    says true."""
    control: bool = True
    """Whether a service may be controlled while it runs, under /_ceyx/."""
    more_rules: tuple[Rule, ...] = ()
    """Rules for faults as they are; they come after those of `scenario`, and before `faults`."""
    rules: tuple[Rule, ...] = field(init=False, repr=False, default=())
    """What `scenario`, `more_rules` and `faults` come to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "deployments", {**DEPLOYMENTS, **self.deployments})
        object.__setattr__(self, "keys", frozenset((self.keys,) if isinstance(self.keys, str) else self.keys))
        object.__setattr__(self, "tls", self.tls or self.ca_file is not None)
        if self.faults or self.scenario is not None:
            from ceyx.service.faults.triggers import of_deployments, scenario

            ruled = () if self.scenario is None else scenario(self.scenario)
            object.__setattr__(self, "rules", (*ruled, *self.more_rules, *of_deployments(self.faults)))
        elif self.more_rules:
            object.__setattr__(self, "rules", self.more_rules)

    @classmethod
    def of(
        cls,
        deployments: Iterable[str] = (),
        *,
        keys: Iterable[str] = (),
        region: str = "Local",
        faults: Iterable[str] = (),
        scenario: str | Path | None = None,
        store: str | Path | None = None,
        entra: bool = False,
        tls: bool = False,
        ca_file: str | Path | None = None,
        exact_usage: bool = False,
        engines: Iterable[str] = (),
        config: str | Path | None = None,
    ) -> Self:
        """Settings from deployments written NAME=MODEL, faults DEPLOYMENT=FAULT and engines DEPLOYMENT=ENGINE, as on a command
        line. They add to those of `config`, a file, and go before them.

        Raises ValueError for one written otherwise, and for a file that is wrong; OSError for a scenario that cannot be read.
        """
        named: dict[str, str] = {}
        faulty: dict[str, str] = {}
        for text in deployments:
            name, equals, model = (part.strip() for part in text.partition("="))
            if not (name and equals and model):
                raise ValueError(f"a deployment is written NAME=MODEL, such as prod=gpt-4o; got {text!r}")
            named[name] = model
        for text in faults:
            name, equals, fault = (part.strip() for part in text.partition("="))
            if not (name and equals and fault) or name in faulty:
                wrong = "is given twice" if name in faulty else "is not that"
                message = f"a fault is written DEPLOYMENT=FAULT, such as prod=stall or '*=status;code=429'; {text!r} {wrong}"
                raise ValueError(message)
            faulty[name] = fault
        answering: dict[str, Spec] = {}
        for text in engines:
            name, equals, spec = (part.strip() for part in text.partition("="))
            if not (name and equals and spec):
                raise ValueError(f"an engine is written DEPLOYMENT=ENGINE, such as prod=script:replies.yaml; got {text!r}")
            answering[name] = spec
        accepted = frozenset((keys,) if isinstance(keys, str) else keys)
        base = cls()
        if config is not None:
            from ceyx.service.config import arguments_of

            base = cls(**arguments_of(config))
        return replace(
            base,
            deployments={**base.deployments, **named},
            keys=base.keys | accepted,
            region=base.region if region == "Local" else region,
            faults={**base.faults, **faulty},
            scenario=scenario or base.scenario,
            store=store or base.store,
            entra=base.entra or (Entra() if entra else None),
            tls=base.tls or tls,
            ca_file=ca_file or base.ca_file,
            exact_usage=base.exact_usage or exact_usage,
            engines={**base.engines, **answering},
        )

    def model(self, name: str) -> Model | None:
        """The model behind a deployment or model name; None where there is none of that name."""
        model = self.deployments.get(name)
        if model is None:
            return None
        id, at, version = model.partition("@")
        if not at:
            return model_named(model)
        found = model_named(id)
        # Azure's versions of most models are dates; those that are mere numbers are in no name.
        return replace(found, snapshot=f"{id}-{version}") if len(version) > 3 else found
