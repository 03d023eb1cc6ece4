"""What endpoints say when a parameter they cannot do without is missing."""

from __future__ import annotations

import warnings
from typing import Any


def complete(params: Any, *names: str, fixed_model: bool = True) -> None:
    """Raises TypeError for names missing in `params`. `engine`, the deprecated name of `model`, is taken for it.

    `fixed_model` is False where one of them is the model, and the client has no deployment that says which. Endpoints whose
    calls are frequent look for the names themselves first.
    """
    if "model" not in params and "engine" in params:
        warnings.warn("engine= is deprecated; pass model=", DeprecationWarning, stacklevel=3)
        params["model"] = params.pop("engine")
    missing = [name for name in names if name not in params and not (name == "model" and fixed_model)]
    if missing:
        raise TypeError(f"missing required argument{'s' if len(missing) > 1 else ''}: {', '.join(map(repr, missing))}")
