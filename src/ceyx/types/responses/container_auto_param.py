"""Where tools run code: containers, what these may reach, and the skills in them; as it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Required

from ceyx.wire.typed_dict import TypedDict

__all__ = [
    "ContainerAutoParam", "ContainerNetworkPolicyAllowlistParam", "ContainerNetworkPolicyDisabledParam",
    "ContainerNetworkPolicyDomainSecretParam", "ContainerReferenceParam", "InlineSkillParam", "InlineSkillSourceParam",
    "LocalEnvironmentParam", "LocalSkillParam", "SkillReferenceParam",
]  # fmt: skip


class ContainerNetworkPolicyDisabledParam(TypedDict, total=False):
    """No network."""

    type: Required[Literal["disabled"]]


class ContainerNetworkPolicyDomainSecretParam(TypedDict, total=False):
    """A secret that is put into requests to one host, unseen by the model."""

    domain: Required[str]
    name: Required[str]
    """What the code in the container calls it."""
    value: Required[str]


class ContainerNetworkPolicyAllowlistParam(TypedDict, total=False):
    """Some hosts only."""

    allowed_domains: Required[Sequence[str]]
    type: Required[Literal["allowlist"]]
    domain_secrets: Iterable[ContainerNetworkPolicyDomainSecretParam]


class SkillReferenceParam(TypedDict, total=False):
    """A skill that is stored at the provider."""

    skill_id: Required[str]
    type: Required[Literal["skill_reference"]]
    version: str
    """A number or `latest`; the skill's default version if not given."""


class InlineSkillSourceParam(TypedDict, total=False):
    """The files of a skill."""

    data: Required[str]
    """Base64 of a zip archive."""
    media_type: Required[Literal["application/zip"]]
    type: Required[Literal["base64"]]


class InlineSkillParam(TypedDict, total=False):
    """A skill that comes with the request."""

    description: Required[str]
    name: Required[str]
    source: Required[InlineSkillSourceParam]
    type: Required[Literal["inline"]]


class LocalSkillParam(TypedDict, total=False):
    """A skill on the machine where the commands run."""

    description: Required[str]
    name: Required[str]
    path: Required[str]
    """The directory that holds it."""


class LocalEnvironmentParam(TypedDict, total=False):
    """The caller's own machine: the caller runs what is asked."""

    type: Required[Literal["local"]]
    skills: Iterable[LocalSkillParam]


class ContainerReferenceParam(TypedDict, total=False):
    """A container that exists already."""

    container_id: Required[str]
    type: Required[Literal["container_reference"]]


NetworkPolicy = ContainerNetworkPolicyDisabledParam | ContainerNetworkPolicyAllowlistParam
Skill = SkillReferenceParam | InlineSkillParam


class ContainerAutoParam(TypedDict, total=False):
    """A container that is made for the request."""

    type: Required[Literal["container_auto"]]
    file_ids: Sequence[str]
    """Uploaded files that the code in it may read."""
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None
    network_policy: NetworkPolicy
    skills: Iterable[Skill]
