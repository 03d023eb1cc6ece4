"""What a webhook tells: an event of each type, and the union of them all."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import View

__all__ = [
    "AgentEnvironmentExpiredWebhookEvent", "AgentEnvironmentFailedWebhookEvent", "AgentEnvironmentReadyWebhookEvent",
    "AgentEnvironmentSuspendedWebhookEvent", "AgentSessionActionRequiredWebhookEvent", "AgentSessionCreatedWebhookEvent",
    "AgentSessionFailedWebhookEvent", "AgentSessionIdleWebhookEvent", "AgentSessionInProgressWebhookEvent",
    "BatchCancelledWebhookEvent", "BatchCompletedWebhookEvent", "BatchExpiredWebhookEvent", "BatchFailedWebhookEvent",
    "EvalRunCanceledWebhookEvent", "EvalRunFailedWebhookEvent", "EvalRunSucceededWebhookEvent",
    "FineTuningJobCancelledWebhookEvent", "FineTuningJobFailedWebhookEvent", "FineTuningJobSucceededWebhookEvent",
    "LiveCallIncomingWebhookEvent", "LiveTransportConnectedWebhookEvent", "LiveTransportIncomingWebhookEvent",
    "RealtimeCallIncomingWebhookEvent", "ResponseCancelledWebhookEvent", "ResponseCompletedWebhookEvent",
    "ResponseFailedWebhookEvent", "ResponseIncompleteWebhookEvent", "SafetyAlertCreatedWebhookEvent",
    "SafetyDeactivationIssuedWebhookEvent", "SafetyIdentifierBlockedWebhookEvent", "SafetyOrgAlertCreatedWebhookEvent",
    "SafetyWarningIssuedWebhookEvent", "UnwrapWebhookEvent",
]  # fmt: skip


class Subject(View):
    """What the event is about."""

    id: str


Data = Subject  # the name it has at `openai`, in the modules of most events


class Session(View):
    """A session of an agent."""

    id: str
    environment_type: str
    """`none`, `openai_hosted` or `self_hosted`."""
    environment_id: str | None = None


class Connect(View):
    """How an environment of your own connects."""

    remote_url: str


class SessionCreated(Session):
    """A new session of an agent."""

    connect: Connect | None = None


class RequiredAction(View):
    """What is waited for; the session itself says more."""

    type: Literal["computer_use_approval_request", "mcp_approval_request", "function_call", "environment_connection"]


class SessionWaiting(View):
    """A session of an agent that waits."""

    id: str
    required_action: RequiredAction


class SipHeader(View):
    """A header of the call; who calls chose what it says."""

    name: str
    value: str


class _Call(View):
    sip_headers: list[SipHeader]
    sip_media_security: Literal["rtp", "srtp"] | str | None = None
    """Whether the sound is encrypted (`srtp`); None where that is not known."""


class RealtimeCall(_Call):
    """A telephone call."""

    call_id: str
    """What to accept or reject it by."""


class LiveCall(_Call):
    """A telephone call."""

    session_id: str
    """What to accept or reject it by."""


class LiveTransport(LiveCall):
    """A telephone call."""

    type: Literal["sip"]


class LiveConnection(View):
    """A session."""

    session_id: str
    type: Literal["webrtc"]


class Blocked(View):
    """Whose request was blocked, and why."""

    safety_category: str
    """Such as `bio` or `cyber`."""
    safety_identifier: str
    model: str | None = None
    project_id: str | None = None
    request_id: str | None = None


class Event(View):
    """What all events have."""

    id: str
    """The same for each attempt to deliver it."""
    created_at: int
    """Unix time, in seconds."""
    object: Literal["event"] | None = None


class SubjectEvent(Event):
    """An event that tells no more than what it is about."""

    data: Subject


class AgentEnvironmentExpiredWebhookEvent(SubjectEvent):
    type: Literal["agent.environment.expired"]


class AgentEnvironmentFailedWebhookEvent(SubjectEvent):
    type: Literal["agent.environment.failed"]


class AgentEnvironmentReadyWebhookEvent(SubjectEvent):
    type: Literal["agent.environment.ready"]


class AgentEnvironmentSuspendedWebhookEvent(SubjectEvent):
    type: Literal["agent.environment.suspended"]


class AgentSessionActionRequiredWebhookEvent(Event):
    data: SessionWaiting
    type: Literal["agent.session.action_required"]


class AgentSessionCreatedWebhookEvent(Event):
    data: SessionCreated
    type: Literal["agent.session.created"]


class AgentSessionFailedWebhookEvent(Event):
    data: Session
    type: Literal["agent.session.failed"]


class AgentSessionIdleWebhookEvent(Event):
    data: Session
    type: Literal["agent.session.idle"]


class AgentSessionInProgressWebhookEvent(Event):
    data: Session
    type: Literal["agent.session.in_progress"]


class BatchCancelledWebhookEvent(SubjectEvent):
    type: Literal["batch.cancelled"]


class BatchCompletedWebhookEvent(SubjectEvent):
    type: Literal["batch.completed"]


class BatchExpiredWebhookEvent(SubjectEvent):
    type: Literal["batch.expired"]


class BatchFailedWebhookEvent(SubjectEvent):
    type: Literal["batch.failed"]


class EvalRunCanceledWebhookEvent(SubjectEvent):
    type: Literal["eval.run.canceled"]


class EvalRunFailedWebhookEvent(SubjectEvent):
    type: Literal["eval.run.failed"]


class EvalRunSucceededWebhookEvent(SubjectEvent):
    type: Literal["eval.run.succeeded"]


class FineTuningJobCancelledWebhookEvent(SubjectEvent):
    type: Literal["fine_tuning.job.cancelled"]


class FineTuningJobFailedWebhookEvent(SubjectEvent):
    type: Literal["fine_tuning.job.failed"]


class FineTuningJobSucceededWebhookEvent(SubjectEvent):
    type: Literal["fine_tuning.job.succeeded"]


class LiveCallIncomingWebhookEvent(Event):
    data: LiveCall
    type: Literal["live.call.incoming"]


class LiveTransportConnectedWebhookEvent(Event):
    data: LiveConnection
    type: Literal["live.transport.connected"]


class LiveTransportIncomingWebhookEvent(Event):
    data: LiveTransport
    type: Literal["live.transport.incoming"]


class RealtimeCallIncomingWebhookEvent(Event):
    data: RealtimeCall
    type: Literal["realtime.call.incoming"]


class ResponseCancelledWebhookEvent(SubjectEvent):
    type: Literal["response.cancelled"]


class ResponseCompletedWebhookEvent(SubjectEvent):
    type: Literal["response.completed"]


class ResponseFailedWebhookEvent(SubjectEvent):
    type: Literal["response.failed"]


class ResponseIncompleteWebhookEvent(SubjectEvent):
    type: Literal["response.incomplete"]


class SafetyAlertCreatedWebhookEvent(SubjectEvent):
    type: Literal["safety.alert.created"]


class SafetyDeactivationIssuedWebhookEvent(SubjectEvent):
    type: Literal["safety.deactivation_issued"]


class SafetyIdentifierBlockedWebhookEvent(Event):
    data: Blocked
    type: Literal["safety_identifier.blocked"]


class SafetyOrgAlertCreatedWebhookEvent(SubjectEvent):
    type: Literal["safety.org_alert.created"]


class SafetyWarningIssuedWebhookEvent(SubjectEvent):
    type: Literal["safety.warning_issued"]


UnwrapWebhookEvent = (
    AgentEnvironmentExpiredWebhookEvent | AgentEnvironmentFailedWebhookEvent | AgentEnvironmentReadyWebhookEvent |
    AgentEnvironmentSuspendedWebhookEvent | AgentSessionActionRequiredWebhookEvent | AgentSessionCreatedWebhookEvent |
    AgentSessionFailedWebhookEvent | AgentSessionIdleWebhookEvent | AgentSessionInProgressWebhookEvent |
    BatchCancelledWebhookEvent | BatchCompletedWebhookEvent | BatchExpiredWebhookEvent | BatchFailedWebhookEvent |
    EvalRunCanceledWebhookEvent | EvalRunFailedWebhookEvent | EvalRunSucceededWebhookEvent |
    FineTuningJobCancelledWebhookEvent | FineTuningJobFailedWebhookEvent | FineTuningJobSucceededWebhookEvent |
    LiveCallIncomingWebhookEvent | LiveTransportConnectedWebhookEvent | LiveTransportIncomingWebhookEvent |
    RealtimeCallIncomingWebhookEvent | ResponseCancelledWebhookEvent | ResponseCompletedWebhookEvent |
    ResponseFailedWebhookEvent | ResponseIncompleteWebhookEvent | SafetyAlertCreatedWebhookEvent |
    SafetyDeactivationIssuedWebhookEvent | SafetyIdentifierBlockedWebhookEvent | SafetyOrgAlertCreatedWebhookEvent |
    SafetyWarningIssuedWebhookEvent
)  # fmt: skip
