# ruff: noqa: F403
"""The nouns of runs of evaluations; the evaluations themselves are in `ceyx.types`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.evals import runs as runs
    from ceyx.types.evals.run_create_params import *
    from ceyx.types.evals.run_create_response import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "run_create_params", "run_create_response", packages=("runs",))
