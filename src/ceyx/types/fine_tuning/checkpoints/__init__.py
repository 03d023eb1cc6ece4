# ruff: noqa: F403
"""Who may use a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.checkpoints.permission_create_response import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "permission_create_response")
