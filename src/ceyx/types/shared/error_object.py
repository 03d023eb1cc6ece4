"""The error object of an answer."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = ["ErrorObject"]


class MisalignmentSteer(View):
    """How the request may go on."""

    message: str


class Misalignment(View):
    """Why a request was blocked as not being what its user wants."""

    detailed_explanation: str | None = None
    error_type: (
        str
        | Literal[
            "potentially_unintended_data_transfer",
            "potentially_unintended_data_access",
            "potentially_unintended_destructive_activity",
            "other",
        ]
        | None
    ) = None
    review_target: str | None = None
    """Names the review, for going on with it all the same."""
    steer: MisalignmentSteer | None = None


class ErrorObject(View):
    """What went wrong, in the API's own words."""

    code: str | None = None
    message: str
    param: str | None = None
    """The parameter at fault."""
    type: str
    misalignment: Misalignment | None = None
