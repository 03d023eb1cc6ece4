"""Models as the API lists them."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Answer

__all__ = ["Model", "ModelDeleted"]


class Model(Answer):
    """A model that can be asked for by its id."""

    id: str
    created: int
    """Unix time, in seconds."""
    object: Literal["model"]
    owned_by: str
    shutdown_date: str | None = None
    """The day the model is switched off; None where none is announced."""


class ModelDeleted(Answer):
    """Says that a fine-tuned model is gone."""

    id: str
    deleted: bool
    object: str
