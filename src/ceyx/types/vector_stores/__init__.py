# ruff: noqa: F403
"""The nouns of files in vector stores; the stores themselves are in `ceyx.types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.vector_stores.file_batch_create_params import *
    from ceyx.types.vector_stores.vector_store_file import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "file_batch_create_params", "vector_store_file")
