"""Webhooks: what came in, the endpoints it comes to, and the types of events."""

from ceyx.resources.webhooks.event_types import AsyncEventTypes as AsyncEventTypes, EventTypes as EventTypes
from ceyx.resources.webhooks.webhooks import AsyncWebhooks as AsyncWebhooks, Webhooks as Webhooks
