"""What is examined: the local service with a key, one that plays Entra ID over TLS, and servers that speak bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ceyx.service import LocalService, Settings
from ceyx.service.identity.entra import Entra

KEY = "a-planted-key-of-the-service"
NO_ROLE = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(autouse=True)
def nothing_configured(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxy and no bundle of this machine either."""
    proxies = [name for each in ("https", "http", "all", "no") for name in (f"{each}_proxy", f"{each}_proxy".upper())]
    for name in (*proxies, "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "IDENTITY_ENDPOINT"):
        environment.delenv(name, raising=False)
    return environment


@pytest.fixture(scope="session")
def keyed() -> Iterator[LocalService]:
    with LocalService(
        Settings(keys=frozenset({KEY}), faults={"gpt-4": "stall;seconds=0.15", "gpt-4-turbo": "status;code=500"})
    ) as it:
        yield it


@pytest.fixture(scope="session")
def entra() -> Iterator[LocalService]:
    with LocalService(Settings(entra=Entra(without_role=frozenset({NO_ROLE})), tls=True)) as it:
        yield it


@pytest.fixture
def machine(nothing_configured: pytest.MonkeyPatch, entra: LocalService) -> pytest.MonkeyPatch:
    """A machine with a managed identity, that trusts the service."""
    nothing_configured.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", entra.azure_endpoint)
    nothing_configured.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        nothing_configured.setenv(name, entra.ca_file)
    return nothing_configured
