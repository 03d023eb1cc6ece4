"""Permissions: which other projects may use a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.page_params import Page
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import Answer

__all__ = [
    "PermissionCreateParams", "PermissionCreateResponse", "PermissionDeleteResponse", "PermissionListParams",
    "PermissionListResponse", "PermissionRetrieveParams", "PermissionRetrieveResponse",
]  # fmt: skip


class Permission(Answer):
    """A project that may use a checkpoint."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    object: Literal["checkpoint.permission"]
    project_id: str


PermissionCreateResponse = Permission
PermissionListResponse = Permission
Data = Permission


class PermissionRetrieveResponse(Answer):
    """A page of permissions."""

    data: list[Permission]
    has_more: bool
    object: Literal["list"]
    first_id: str | None = None
    last_id: str | None = None


class PermissionDeleteResponse(Answer):
    """Says that a permission is gone."""

    id: str
    deleted: bool
    object: Literal["checkpoint.permission"]


class PermissionCreateParams(TypedDict, total=False):
    """Projects that may use a checkpoint from now on."""

    project_ids: Required[Sequence[str]]


class PermissionListParams(Page, total=False):
    """The permissions of a checkpoint, all or some."""

    order: Literal["ascending", "descending"] | Omit
    """By time."""
    project_id: str | Omit
    """Only those of this project."""


PermissionRetrieveParams = PermissionListParams


class Create(PermissionCreateParams, Options):
    """`permissions.create`."""


class List(PermissionListParams, Options):
    """`permissions.list` and `permissions.retrieve`."""
