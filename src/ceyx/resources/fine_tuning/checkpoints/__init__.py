"""Who may use a checkpoint."""

from ceyx.resources.fine_tuning.checkpoints.checkpoints import AsyncCheckpoints as AsyncCheckpoints, Checkpoints as Checkpoints
from ceyx.resources.fine_tuning.checkpoints.permissions import AsyncPermissions as AsyncPermissions, Permissions as Permissions
