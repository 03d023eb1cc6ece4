"""What a response was asked with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Unpack

from ceyx.types.responses.response_item import ResponseItem
from ceyx.wire.call import Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, paginated
from ceyx.wire.view import Wrap
from ceyx.wire.wrapping import wrapper

if TYPE_CHECKING:
    from ceyx.types.responses.response_retrieve_params import ListInputItems

PARAMETERS = "ceyx.types.responses.response_retrieve_params"


class InputItems(Resource[Mode]):
    plan: InputItems[Plan]
    with_raw_response: InputItems[Raw[Mode]]
    with_streaming_response: InputItems[Streaming[Mode]]

    @paginated
    def list(self, response_id: str, **params: Unpack[ListInputItems]) -> Pages[ResponseItem]:
        """The items a response was asked with, those of the responses it continues included.

        Parameters: `ceyx.types.responses.InputItemListParams`.
        """
        return self._run(Pages(f"/responses/{segment(response_id)}/input_items", item(), params))


@cache
def item() -> Wrap:
    """How to view an item. Worked out when first called: there are thirty kinds."""
    wrap = wrapper(ResponseItem)
    assert wrap is not None
    return wrap


if TYPE_CHECKING:
    AsyncInputItems = InputItems[Async]
else:
    AsyncInputItems = asynchronous(InputItems)
