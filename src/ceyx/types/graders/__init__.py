# ruff: noqa: F403
"""Graders: each gives an answer a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.graders.grader_inputs import *
    from ceyx.types.graders.grader_inputs_param import *
    from ceyx.types.graders.multi_grader import *
    from ceyx.types.graders.multi_grader_param import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "grader_inputs", "grader_inputs_param", "multi_grader", "multi_grader_param")
