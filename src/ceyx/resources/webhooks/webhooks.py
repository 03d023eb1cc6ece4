"""Webhooks: the endpoints they are sent to, and what to do with one that came in."""

from __future__ import annotations

import json
from time import time
from typing import TYPE_CHECKING, Any, Unpack

from ceyx.resources.required import complete
from ceyx.resources.webhooks.event_types import EventTypes
from ceyx.types.webhooks.unwrap_webhook_event import UnwrapWebhookEvent
from ceyx.types.webhooks.webhook_endpoint import (
    DeletedWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointTestResult,
    WebhookEndpointWithSecret,
)
from ceyx.wire.call import Call, Options, Pages, segment
from ceyx.wire.endpoint import Async, Mode, Plan, Raw, Resource, Streaming, asynchronous, child, endpoint, paginated
from ceyx.wire.webhook import HeadersLike, verify
from ceyx.wire.wrapping import wrapper

if TYPE_CHECKING:
    from ceyx.types.webhooks.webhook_endpoint import Create, List, RotateSecret, Test, Update

PARAMETERS = "ceyx.types.webhooks.webhook_endpoint"
_event: Any = wrapper(UnwrapWebhookEvent)


class Webhooks(Resource[Mode]):
    plan: Webhooks[Plan]
    with_raw_response: Webhooks[Raw[Mode]]
    with_streaming_response: Webhooks[Streaming[Mode]]

    @child
    def event_types(self) -> EventTypes[Mode]:
        return self._child(EventTypes[Mode])

    # -- one that came in; nothing is sent, so this is not awaited on async clients either

    def unwrap(self, payload: str | bytes, headers: HeadersLike, *, secret: str | None = None) -> UnwrapWebhookEvent:
        """The event in a request that came in, once `verify_signature` holds for it.

        An event of a type that this version has never heard of is a plain view. Raises ValueError for what is no event.
        """
        self.verify_signature(payload, headers, secret=secret)
        data = json.loads(payload)
        if not isinstance(data, dict) or not isinstance(data.get("type"), str):
            raise ValueError("the webhook is signed as it should be, but its body is no event: a JSON object with a `type`")
        event: UnwrapWebhookEvent = _event(data)
        return event

    def verify_signature(
        self, payload: str | bytes, headers: HeadersLike, *, secret: str | None = None, tolerance: int = 300
    ) -> None:
        """Raises InvalidWebhookSignatureError unless the server sent this request, at most `tolerance` seconds ago.

        `payload` is the body as it came in, before any parsing. `secret` is by default the client's `webhook_secret`.
        """
        secret = self._client.webhook_secret if secret is None else secret
        if not secret:
            raise ValueError("no webhook secret: pass secret= here, webhook_secret= to the client, or set OPENAI_WEBHOOK_SECRET")
        verify(payload, headers, secret, tolerance=tolerance, now=time())

    # -- endpoints

    @endpoint
    def create(self, **params: Unpack[Create]) -> Call[WebhookEndpointWithSecret]:
        """Have events sent to a URL of yours; keep the secret that comes back, as it comes this once.

        Parameters: `ceyx.types.webhooks.WebhookCreateParams`.
        """
        complete(params, "event_types", "name", "url")
        return self._run(Call("POST", "/webhook_endpoints", WebhookEndpointWithSecret.wrap, params))

    @endpoint
    def retrieve(self, webhook_endpoint_id: str, **options: Unpack[Options]) -> Call[WebhookEndpoint]:
        """What is known of an endpoint."""
        return self._run(Call("GET", _path(webhook_endpoint_id), WebhookEndpoint.wrap, options))

    @endpoint
    def update(self, webhook_endpoint_id: str, **params: Unpack[Update]) -> Call[WebhookEndpoint]:
        """Change URL, name or events of an endpoint. Parameters: `ceyx.types.webhooks.WebhookUpdateParams`."""
        return self._run(Call("POST", _path(webhook_endpoint_id), WebhookEndpoint.wrap, params))

    @paginated
    def list(self, **params: Unpack[List]) -> Pages[WebhookEndpoint]:
        """The endpoints, all or some. Parameters: `ceyx.types.webhooks.WebhookListParams`."""
        return self._run(Pages("/webhook_endpoints", WebhookEndpoint.wrap, params))

    @endpoint
    def delete(self, webhook_endpoint_id: str, **options: Unpack[Options]) -> Call[DeletedWebhookEndpoint]:
        """Have no more events sent to an endpoint."""
        return self._run(Call("DELETE", _path(webhook_endpoint_id), DeletedWebhookEndpoint.wrap, options))

    @endpoint
    def rotate_secret(self, webhook_endpoint_id: str, **params: Unpack[RotateSecret]) -> Call[WebhookEndpointWithSecret]:
        """Give an endpoint a new secret. Parameters: `ceyx.types.webhooks.WebhookRotateSecretParams`."""
        path = f"{_path(webhook_endpoint_id)}/rotate_secret"
        return self._run(Call("POST", path, WebhookEndpointWithSecret.wrap, params))

    @endpoint
    def test(self, webhook_endpoint_id: str, **params: Unpack[Test]) -> Call[WebhookEndpointTestResult]:
        """Have an event of a type sent to an endpoint, to see what it answers."""
        complete(params, "event_type")
        return self._run(Call("POST", f"{_path(webhook_endpoint_id)}/test", WebhookEndpointTestResult.wrap, params))


def _path(webhook_endpoint_id: str) -> str:
    return f"/webhook_endpoints/{segment(webhook_endpoint_id)}"


if TYPE_CHECKING:
    AsyncWebhooks = Webhooks[Async]
else:
    AsyncWebhooks = asynchronous(Webhooks)
