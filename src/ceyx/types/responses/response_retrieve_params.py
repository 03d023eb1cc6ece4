"""What is asked about a stored response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required

from ceyx.types.page_params import OrderedPage
from ceyx.types.responses.response import ResponseIncludable
from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict

__all__ = ["InputItemListParams", "ResponseRetrieveParams"]


class ResponseRetrieveParamsBase(TypedDict, total=False):
    """Everything but `stream`."""

    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""
    include_obfuscation: bool | Omit
    """Pads events to hide their length from who watches the line, true by default."""
    starting_after: int | Omit
    """With `stream=True`: only what came after the event of this `sequence_number`."""


class ResponseRetrieveParamsNonStreaming(ResponseRetrieveParamsBase, total=False):
    """Asks for the response as it stands."""

    stream: Literal[False] | Omit
    """True gives the events of a response that is or was streamed; false by default."""


class ResponseRetrieveParamsStreaming(ResponseRetrieveParamsBase):
    """Asks for the events of a response, those still to come included."""

    stream: Required[Literal[True]]
    """Give the events."""


ResponseRetrieveParams = ResponseRetrieveParamsNonStreaming | ResponseRetrieveParamsStreaming


class RetrieveWhole(ResponseRetrieveParamsNonStreaming, Options):
    """`retrieve` for the response as it stands."""


class RetrieveStreamed(ResponseRetrieveParamsStreaming, Options):
    """`retrieve` for the events."""


class RetrieveEither(ResponseRetrieveParamsBase, Options, total=False):
    """`retrieve` where only the running program knows which of the two."""

    stream: Required[bool | Omit]
    """Whether to give the events."""


class InputItemListParams(OrderedPage, total=False):
    """The items a response was asked with."""

    include: Sequence[ResponseIncludable] | Omit
    """What is left out otherwise."""


class ListInputItems(InputItemListParams, Options):
    """`input_items.list`."""
