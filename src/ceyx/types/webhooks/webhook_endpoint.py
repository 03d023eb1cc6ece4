"""Webhook endpoints: the URLs of yours that events are sent to, and what they are made and changed with."""

from __future__ import annotations

from typing import Literal, Required

from ceyx.wire.call import Omit, Options
from ceyx.wire.typed_dict import TypedDict
from ceyx.wire.view import Answer

__all__ = [
    "DeletedWebhookEndpoint", "WebhookCreateParams", "WebhookEndpoint", "WebhookEndpointList", "WebhookEndpointTestResult",
    "WebhookEndpointWithSecret", "WebhookEventTypeList", "WebhookListParams", "WebhookRotateSecretParams",
    "WebhookTestParams", "WebhookUpdateParams",
]  # fmt: skip

EventType = Literal[
    "batch.completed", "batch.failed", "batch.expired", "batch.cancelled", "response.completed", "response.failed",
    "response.cancelled", "response.incomplete", "eval.run.succeeded", "eval.run.failed", "eval.run.canceled",
    "fine_tuning.job.succeeded", "fine_tuning.job.failed", "fine_tuning.job.cancelled", "realtime.call.incoming",
    "video.completed", "video.failed", "agent.environment.ready", "agent.environment.failed", "agent.environment.suspended",
    "agent.environment.expired", "agent.session.created", "agent.session.action_required", "agent.session.in_progress",
    "agent.session.idle", "agent.session.failed", "safety.alert.created",
]  # fmt: skip


class WebhookEndpoint(Answer):
    """A URL of yours that events are sent to."""

    id: str
    created_at: int
    """Unix time, in seconds."""
    event_types: list[str]
    name: str
    object: Literal["webhook_endpoint"]
    signing_secret_hint: str | None = None
    """The secret, masked."""
    url: str
    updated_at: int | None = None
    """Unix time, in seconds, when it or its secret was last changed."""


class WebhookEndpointWithSecret(WebhookEndpoint):
    """A new endpoint, or one with a new secret. The secret comes this once; its repr is masked."""

    signing_secret: str

    def __repr__(self) -> str:
        shown = type(self).wrap({**self._fields(), "signing_secret": "**********"})
        return super(WebhookEndpointWithSecret, shown).__repr__()


class WebhookEndpointList(Answer):
    """A page of endpoints."""

    data: list[WebhookEndpoint]
    first_id: str | None = None
    has_more: bool
    last_id: str | None = None
    object: Literal["list"]


class WebhookEndpointTestResult(Answer):
    """What an endpoint answered to a test."""

    event_type: str
    object: Literal["webhook_endpoint.test"]
    status_code: int
    success: Literal[True]
    webhook_endpoint_id: str


class DeletedWebhookEndpoint(Answer):
    """Says that an endpoint is gone."""

    id: str
    deleted: bool
    object: Literal["webhook_endpoint.deleted"]


class WebhookEventTypeList(Answer):
    """The types of events that there are."""

    data: list[str]
    object: Literal["list"]


class WebhookCreateParams(TypedDict, total=False):
    """A new endpoint."""

    event_types: Required[list[EventType]]
    """The events to send there."""
    name: Required[str]
    url: Required[str]
    """Over HTTPS."""


class WebhookUpdateParams(TypedDict, total=False):
    """What is to be different; the rest stays."""

    event_types: list[EventType] | Omit
    """The events to send there, all of them."""
    name: str | Omit
    url: str | Omit


class WebhookListParams(TypedDict, total=False):
    """Endpoints, all or some."""

    after: str | Omit | None
    """The id of the last one of the page before."""
    limit: int | Omit
    """How many a page holds."""


class WebhookRotateSecretParams(TypedDict, total=False):
    """A new secret."""

    keep_old_secret_active_for_24_hours: bool | Omit
    """True signs with the old one, too, for a day; by default it ends at once."""


class WebhookTestParams(TypedDict, total=False):
    """An event to try an endpoint with."""

    event_type: Required[EventType]


class Create(WebhookCreateParams, Options):
    """`webhooks.create`."""


class Update(WebhookUpdateParams, Options):
    """`webhooks.update`."""


class List(WebhookListParams, Options):
    """`webhooks.list`."""


class RotateSecret(WebhookRotateSecretParams, Options):
    """`webhooks.rotate_secret`."""


class Test(WebhookTestParams, Options):
    """`webhooks.test`."""
