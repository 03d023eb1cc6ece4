"""What a service is told before it starts: its deployments, the keys it accepts, the region it claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from ceyx.service.catalogue import DEPLOYMENTS, Model, model_named


@dataclass(frozen=True)
class Settings:
    """The service's settings. Without any: well-known deployments, and every credential is accepted."""

    deployments: Mapping[str, str] = field(default_factory=dict)
    """Deployment or model name -> model, beside the well-known ones (and before them)."""
    keys: frozenset[str] = field(default=frozenset(), repr=False)
    """Keys and tokens that are accepted; empty: any, and none."""
    region: str = "Local"
    """What Azure answers say in `x-ms-region`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "deployments", {**DEPLOYMENTS, **self.deployments})
        object.__setattr__(self, "keys", frozenset((self.keys,) if isinstance(self.keys, str) else self.keys))

    @classmethod
    def of(cls, deployments: Iterable[str] = (), *, keys: Iterable[str] = (), region: str = "Local") -> Self:
        """Settings from deployments written NAME=MODEL, as on a command line. Raises ValueError for one written otherwise."""
        named: dict[str, str] = {}
        for text in deployments:
            name, equals, model = (part.strip() for part in text.partition("="))
            if not (name and equals and model):
                raise ValueError(f"a deployment is written NAME=MODEL, such as prod=gpt-4o; got {text!r}")
            named[name] = model
        return cls(named, frozenset((keys,) if isinstance(keys, str) else keys), region)

    def model(self, name: str) -> Model | None:
        """The model behind a deployment or model name; None where there is none of that name."""
        model = self.deployments.get(name)
        return None if model is None else model_named(model)
