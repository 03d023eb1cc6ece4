# ruff: noqa: F403
"""The nouns of files in containers; the containers themselves are in `ceyx.types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.containers.file_create_response import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "file_create_response")
