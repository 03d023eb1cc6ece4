"""What a service knows of Entra ID before it starts: the directory of its resource, how long tokens live, who lacks the role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ceyx.wire.scope import PROJECT_SCOPE, SCOPES

TENANT = "c0ffee00-0000-4000-8000-000000000001"
AUDIENCES = frozenset(scope.removesuffix("/.default") for scope in (*SCOPES.values(), PROJECT_SCOPE))
"""What Azure OpenAI's tokens may be for."""


@dataclass(frozen=True)
class Entra:
    """Who may call the Azure paths of a service by tokens that it issues itself."""

    tenant: str = TENANT
    """The directory that the resource belongs to: tokens of any other are issued, and refused."""
    token_seconds: int = 3600
    """How long a token is good for."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Client id -> secret of those that may have tokens by a secret; empty: any client, and any secret."""
    without_role: frozenset[str] = frozenset()
    """The client ids of those that get tokens and may not use them."""
    managed: bool = True
    """Whether the machine has managed identities."""
    audiences: frozenset[str] = AUDIENCES
    """What tokens may be for, to be accepted."""

    def __post_init__(self) -> None:
        if self.token_seconds < 1:
            raise ValueError(f"token_seconds is {self.token_seconds}; a token is good for one second at least")
        if not self.audiences:
            raise ValueError("audiences is empty, so no token could be accepted; leave it out for those of Azure OpenAI")
        object.__setattr__(self, "without_role", frozenset(self.without_role))
        object.__setattr__(self, "audiences", frozenset(each.rstrip("/") for each in self.audiences))
