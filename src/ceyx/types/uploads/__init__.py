# ruff: noqa: F403
"""The nouns of an upload's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.uploads.upload_part import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "upload_part")
