"""Containers: machines in which models run code."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Answer, View

__all__ = ["ContainerCreateResponse", "ContainerListResponse", "ContainerRetrieveResponse"]


class ExpiresAfter(View):
    """When a container that is not used goes away."""

    anchor: Literal["last_active_at"] | None = None
    minutes: int | None = None


class NetworkPolicy(View):
    """What a container reaches over the network."""

    type: Literal["allowlist", "disabled"]
    allowed_domains: list[str] | None = None


class Container(Answer):
    """A machine in which models run code."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    name: str
    object: str
    status: str
    """Such as `running` or `deleted`."""
    expires_after: ExpiresAfter | None = None
    last_active_at: int | None = None
    """Unix time, in seconds."""
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = None
    network_policy: NetworkPolicy | None = None


ContainerCreateResponse = Container
ContainerRetrieveResponse = Container
ContainerListResponse = Container
