"""Which other projects may use a checkpoint."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Unpack

from ceyx.resources.required import complete
from ceyx.types.fine_tuning.checkpoints.permission_create_response import (
    Permission,
    PermissionDeleteResponse,
    PermissionRetrieveResponse,
)
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint, paginated

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.checkpoints.permission_create_response import Create, List

PARAMETERS = "ceyx.types.fine_tuning.checkpoints.permission_create_response"


class Permissions(Resource[Mode]):
    """These calls need an admin API key."""

    plan: Permissions[Plan]
    with_raw_response: Permissions[Raw[Mode]]
    with_streaming_response: Permissions[Streaming[Mode]]

    @paginated
    def create(self, fine_tuned_model_checkpoint: str, **params: Unpack[Create]) -> Pages[Permission]:
        """Let projects use a checkpoint: the permissions, all on one page."""
        complete(params, "project_ids")
        return self._run(Pages(_path(fine_tuned_model_checkpoint), Permission.wrap, params, cursor=False, method="POST"))

    @endpoint
    def retrieve(self, fine_tuned_model_checkpoint: str, **params: Unpack[List]) -> Call[PermissionRetrieveResponse]:
        """Deprecated, use `list`: one page of the permissions of a checkpoint."""
        warnings.warn("permissions.retrieve is deprecated; use list", DeprecationWarning, stacklevel=3 if self._awaits else 2)
        return self._run(Call("GET", _path(fine_tuned_model_checkpoint), PermissionRetrieveResponse.wrap, params))

    @paginated
    def list(self, fine_tuned_model_checkpoint: str, **params: Unpack[List]) -> Pages[Permission]:
        """The permissions of a checkpoint, all or some. Parameters: `ceyx.types.fine_tuning.checkpoints.PermissionListParams`."""
        return self._run(Pages(_path(fine_tuned_model_checkpoint), Permission.wrap, params))

    @endpoint
    def delete(
        self, permission_id: str, *, fine_tuned_model_checkpoint: str, **options: Unpack[Options]
    ) -> Call[PermissionDeleteResponse]:
        """Take a permission back."""
        path = f"{_path(fine_tuned_model_checkpoint)}/{segment(permission_id)}"
        return self._run(Call("DELETE", path, PermissionDeleteResponse.wrap, options))


def _path(checkpoint: str) -> str:
    return f"/fine_tuning/checkpoints/{segment(checkpoint)}/permissions"


if TYPE_CHECKING:
    AsyncPermissions = Permissions[Async]
else:
    AsyncPermissions = asynchronous(Permissions)
