"""What a token of Entra ID must be for, by the address that it is sent to: the service has a name of its own in each cloud."""

from __future__ import annotations

# The name of the service by the end of a host, gateways included; the first is also for every other host.
SCOPES = {
    (".azure.com", ".azure-api.net"): "https://cognitiveservices.azure.com/.default",
    (".azure.us", ".azure-api.us"): "https://cognitiveservices.azure.us/.default",
    (".azure.cn", ".azure-api.cn"): "https://cognitiveservices.azure.cn/.default",
}
# Resources take that and this one, as their refusal says (azure-sdk-for-net#50872); projects of Foundry take this one only
# (microsoft/agent-framework#7201).
PROJECT_SCOPE = "https://ai.azure.com/.default"


def scope_for(host: str, path: str) -> str:
    """What a token for this address must be for, unless `credential_scope` says otherwise."""
    host = host.lower()
    if host.endswith(".services.ai.azure.com") and "/api/projects/" in f"{path}/":
        return PROJECT_SCOPE
    return next((scope for ends, scope in SCOPES.items() if host.endswith(ends)), next(iter(SCOPES.values())))
