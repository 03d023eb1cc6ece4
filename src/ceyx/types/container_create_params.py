"""What containers are made and listed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.types.page_params import OrderedPage
from ceyx.types.responses.container_auto_param import (
    ContainerNetworkPolicyAllowlistParam,
    ContainerNetworkPolicyDisabledParam,
    InlineSkillParam,
    SkillReferenceParam,
)
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["ContainerCreateParams", "ContainerListParams"]

NetworkPolicy = ContainerNetworkPolicyDisabledParam | ContainerNetworkPolicyAllowlistParam
Skill = SkillReferenceParam | InlineSkillParam


class ExpiresAfter(TypedDict, total=False):
    """When a container that is not used goes away."""

    anchor: Required[Literal["last_active_at"]]
    minutes: Required[int]


class ContainerCreateParams(TypedDict, total=False):
    """A new container."""

    name: Required[str]
    expires_after: ExpiresAfter | Omit
    """When it goes away if it is not used."""
    file_ids: Sequence[str] | Omit
    """Uploaded files to copy into it."""
    memory_limit: Literal["1g", "4g", "16g", "64g"] | Omit
    """`1g` by default."""
    network_policy: NetworkPolicy | Omit
    """What it reaches over the network."""
    skills: Iterable[Skill] | Omit
    """Skills to put in, by their ids or as they are."""


class ContainerListParams(OrderedPage, total=False):
    """Containers, all or some."""

    name: str | Omit
    """Only those of this name."""


class Create(ContainerCreateParams, Options):
    """`containers.create`."""


class List(ContainerListParams, Options):
    """`containers.list`."""
