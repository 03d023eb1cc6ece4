# ruff: noqa: F403
"""The nouns of webhooks: endpoints of yours, and the events they get."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.webhooks.unwrap_webhook_event import *
    from ceyx.types.webhooks.webhook_endpoint import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "unwrap_webhook_event", "webhook_endpoint")
