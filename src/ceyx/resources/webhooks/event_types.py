"""The types of events that webhooks can be sent for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ceyx.types.webhooks.webhook_endpoint import WebhookEventTypeList
from ceyx.wire.call import Call, Options
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, endpoint


class EventTypes(Resource[Mode]):
    plan: EventTypes[Plan]
    with_raw_response: EventTypes[Raw[Mode]]
    with_streaming_response: EventTypes[Streaming[Mode]]

    @endpoint
    def list(self, **options: Unpack[Options]) -> Call[WebhookEventTypeList]:
        """The types of events that this project can get."""
        return self._run(Call("GET", "/webhook_event_types", WebhookEventTypeList.wrap, options))


if TYPE_CHECKING:
    AsyncEventTypes = EventTypes[Async]
else:
    AsyncEventTypes = asynchronous(EventTypes)
