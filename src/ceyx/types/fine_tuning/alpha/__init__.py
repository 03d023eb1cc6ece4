# ruff: noqa: F403
"""Graders tried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.fine_tuning.alpha.grader_run_response import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "grader_run_response")
