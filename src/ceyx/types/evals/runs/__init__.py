# ruff: noqa: F403
"""The rows of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.evals.runs.output_item_list_response import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "output_item_list_response")
