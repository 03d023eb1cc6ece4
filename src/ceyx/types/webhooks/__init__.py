"""The nouns of webhooks: endpoints of yours, and the events they get."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.webhooks.unwrap_webhook_event import (
        AgentEnvironmentExpiredWebhookEvent as AgentEnvironmentExpiredWebhookEvent,
        AgentEnvironmentFailedWebhookEvent as AgentEnvironmentFailedWebhookEvent,
        AgentEnvironmentReadyWebhookEvent as AgentEnvironmentReadyWebhookEvent,
        AgentEnvironmentSuspendedWebhookEvent as AgentEnvironmentSuspendedWebhookEvent,
        AgentSessionActionRequiredWebhookEvent as AgentSessionActionRequiredWebhookEvent,
        AgentSessionCreatedWebhookEvent as AgentSessionCreatedWebhookEvent,
        AgentSessionFailedWebhookEvent as AgentSessionFailedWebhookEvent,
        AgentSessionIdleWebhookEvent as AgentSessionIdleWebhookEvent,
        AgentSessionInProgressWebhookEvent as AgentSessionInProgressWebhookEvent,
        BatchCancelledWebhookEvent as BatchCancelledWebhookEvent,
        BatchCompletedWebhookEvent as BatchCompletedWebhookEvent,
        BatchExpiredWebhookEvent as BatchExpiredWebhookEvent,
        BatchFailedWebhookEvent as BatchFailedWebhookEvent,
        EvalRunCanceledWebhookEvent as EvalRunCanceledWebhookEvent,
        EvalRunFailedWebhookEvent as EvalRunFailedWebhookEvent,
        EvalRunSucceededWebhookEvent as EvalRunSucceededWebhookEvent,
        FineTuningJobCancelledWebhookEvent as FineTuningJobCancelledWebhookEvent,
        FineTuningJobFailedWebhookEvent as FineTuningJobFailedWebhookEvent,
        FineTuningJobSucceededWebhookEvent as FineTuningJobSucceededWebhookEvent,
        LiveCallIncomingWebhookEvent as LiveCallIncomingWebhookEvent,
        LiveTransportConnectedWebhookEvent as LiveTransportConnectedWebhookEvent,
        LiveTransportIncomingWebhookEvent as LiveTransportIncomingWebhookEvent,
        RealtimeCallIncomingWebhookEvent as RealtimeCallIncomingWebhookEvent,
        ResponseCancelledWebhookEvent as ResponseCancelledWebhookEvent,
        ResponseCompletedWebhookEvent as ResponseCompletedWebhookEvent,
        ResponseFailedWebhookEvent as ResponseFailedWebhookEvent,
        ResponseIncompleteWebhookEvent as ResponseIncompleteWebhookEvent,
        SafetyAlertCreatedWebhookEvent as SafetyAlertCreatedWebhookEvent,
        SafetyDeactivationIssuedWebhookEvent as SafetyDeactivationIssuedWebhookEvent,
        SafetyIdentifierBlockedWebhookEvent as SafetyIdentifierBlockedWebhookEvent,
        SafetyOrgAlertCreatedWebhookEvent as SafetyOrgAlertCreatedWebhookEvent,
        SafetyWarningIssuedWebhookEvent as SafetyWarningIssuedWebhookEvent,
        UnwrapWebhookEvent as UnwrapWebhookEvent,
    )
    from ceyx.types.webhooks.webhook_endpoint import (
        DeletedWebhookEndpoint as DeletedWebhookEndpoint,
        WebhookCreateParams as WebhookCreateParams,
        WebhookEndpoint as WebhookEndpoint,
        WebhookEndpointList as WebhookEndpointList,
        WebhookEndpointTestResult as WebhookEndpointTestResult,
        WebhookEndpointWithSecret as WebhookEndpointWithSecret,
        WebhookEventTypeList as WebhookEventTypeList,
        WebhookListParams as WebhookListParams,
        WebhookRotateSecretParams as WebhookRotateSecretParams,
        WebhookTestParams as WebhookTestParams,
        WebhookUpdateParams as WebhookUpdateParams,
    )
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(__name__, "unwrap_webhook_event", "webhook_endpoint")
