"""Where tools run code: containers, what these may reach, and the skills in them; as it comes back."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = [
    "ContainerAuto", "ContainerNetworkPolicyAllowlist", "ContainerNetworkPolicyDisabled", "ContainerNetworkPolicyDomainSecret",
    "ContainerReference", "InlineSkill", "InlineSkillSource", "LocalEnvironment", "LocalSkill", "ResponseContainerReference",
    "ResponseLocalEnvironment", "SkillReference",
]  # fmt: skip


class ContainerNetworkPolicyDisabled(View):
    """No network."""

    type: Literal["disabled"]


class ContainerNetworkPolicyDomainSecret(View):
    """A secret that is put into requests to one host, unseen by the model."""

    domain: str
    name: str
    value: str


class ContainerNetworkPolicyAllowlist(View):
    """Some hosts only."""

    allowed_domains: list[str]
    type: Literal["allowlist"]
    domain_secrets: list[ContainerNetworkPolicyDomainSecret] | None = None


class SkillReference(View):
    """A skill that is stored at the provider."""

    skill_id: str
    type: Literal["skill_reference"]
    version: str | None = None


class InlineSkillSource(View):
    """The files of a skill."""

    data: str
    media_type: Literal["application/zip"]
    type: Literal["base64"]


class InlineSkill(View):
    """A skill that comes with the request."""

    description: str
    name: str
    source: InlineSkillSource
    type: Literal["inline"]


class LocalSkill(View):
    """A skill on the machine where the commands run."""

    description: str
    name: str
    path: str


class LocalEnvironment(View):
    """The caller's own machine: the caller runs what is asked."""

    type: Literal["local"]
    skills: list[LocalSkill] | None = None


class ContainerReference(View):
    """A container that exists already."""

    container_id: str
    type: Literal["container_reference"]


NetworkPolicy = ContainerNetworkPolicyDisabled | ContainerNetworkPolicyAllowlist
Skill = SkillReference | InlineSkill


class ContainerAuto(View):
    """A container that is made for the request."""

    type: Literal["container_auto"]
    file_ids: list[str] | None = None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = None
    network_policy: NetworkPolicy | None = None
    skills: list[Skill] | None = None


class ResponseLocalEnvironment(View):
    """The caller's own machine."""

    type: Literal["local"]


ResponseContainerReference = ContainerReference
