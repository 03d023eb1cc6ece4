"""What listings are asked with: which page, how long, in which order."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.call import Omit
from ceyx.wire.typed_dict import TypedDict


class Page(TypedDict, total=False):
    """A page of a listing."""

    after: str | Omit
    """The id of the last one of the page before."""
    limit: int | Omit
    """How many a page holds: mostly 1 to 100, 20 by default."""


class OrderedPage(Page, total=False):
    """A page of a listing by time."""

    order: Literal["asc", "desc"] | Omit
    """Oldest first (`asc`) or newest first (`desc`)."""


class TwoWayPage(OrderedPage, total=False):
    """A page of a listing by time that can be gone through backwards, too."""

    before: str | Omit
    """The id of the first one of the page after."""
