"""Tokens of Entra ID: from a credential object, and from a workload's own identity.

Leaves to `wire/scope.py` what a token must be for, to `identity.py` how tokens are kept, and to azure-identity, or whoever made
the credential, how they are got.
"""

from __future__ import annotations

import re
from base64 import b64decode
from copy import copy
from functools import partial
from importlib.util import find_spec
from typing import Any

from ceyx.errors import OpenAIError
from ceyx.identity import Secret, Tokens, is_coroutine_function, key

WORKLOAD_VARIABLES = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE")


def from_credential(credential: Any, scope: str, awaits: bool) -> Tokens | Secret:
    """Tokens from a credential object: anything with `get_token(scope)`, or with a `key`."""
    if isinstance(fixed := getattr(credential, "key", None), str):  # azure.core.credentials.AzureKeyCredential
        return key(fixed, "the key of credential=")
    name = type(credential).__name__
    get_token = getattr(credential, "get_token", None)
    if get_token is None:
        raise TypeError(f"credential= is a {name}, which has no get_token(); pass one of azure-identity's credentials")
    asynchronous = is_coroutine_function(get_token)
    if asynchronous and not awaits:
        raise TypeError(f"{name} is asynchronous; use azure.identity's blocking one here, or AsyncAzureOpenAI")
    return CredentialTokens(credential, scope, asynchronous)


class CredentialTokens(Tokens):
    """Tokens from `credential`, which is told what the API asks for when it refuses one."""

    def __init__(self, credential: Any, scope: str, asynchronous: bool) -> None:
        super().__init__(self._asked, type(credential).__name__, awaits=asynchronous)
        self._credential, self._scope, self._asynchronous = credential, scope, asynchronous
        self._claims: str | None = None

    def __reduce__(self) -> Any:
        return CredentialTokens, (portable(self._credential), self._scope, self._asynchronous)

    def _asked(self) -> Any:
        claims, self._claims = self._claims, None
        if hasattr(type(self._credential), "get_token_info"):  # it also says when to ask again; a mock has any name but here
            return self._credential.get_token_info(self._scope, options={"claims": claims} if claims else {})
        return self._credential.get_token(self._scope, **({"claims": claims} if claims else {}))

    def _set_aside(self, token: str, answer: Any) -> None:
        super()._set_aside(token, answer)
        # Credentials keep tokens, too, and would give the same one again, did we not say what is wrong with it.
        self._claims = claims_asked_for(answer.headers.get("www-authenticate") or "")


# Those of azure-identity that are made with a secret; the others ask somebody else for theirs.
_HOLDING_SECRETS = frozenset({
    "ClientSecretCredential", "CertificateCredential", "UsernamePasswordCredential", "OnBehalfOfCredential",
    "AuthorizationCodeCredential", "AzurePipelinesCredential",
})  # fmt: skip


class _Remade:
    """In a pickle, what is made anew where it is loaded."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __reduce__(self) -> Any:
        return self._kind, ()


def portable(credential: Any) -> Any:
    """`credential` as a pickle may carry it: without what it has read from the environment, which it reads again where it is
    loaded. OpenAIError for one of azure-identity that was given a secret; those of others are for their authors to pickle."""
    kind = type(credential)
    if not kind.__module__.startswith("azure.identity"):
        return credential
    if kind.__name__ in _HOLDING_SECRETS:
        raise OpenAIError(
            f"a {kind.__name__} holds a secret, which no pickle may carry: make the client where it is used, or give it "
            "credential=EnvironmentCredential(), which finds the secret there"
        )
    if kind.__name__ == "EnvironmentCredential":
        return _Remade(kind)
    if isinstance(chain := getattr(credential, "credentials", None), tuple):  # ChainedTokenCredential, DefaultAzureCredential
        credential = copy(credential)
        credential.credentials, credential._successful_credential = tuple(map(portable, chain)), None
    return credential


_claims = re.compile(r'\bclaims="([A-Za-z0-9+/_=-]+)"').search


def claims_asked_for(challenge: str) -> str | None:
    """The claims that a WWW-Authenticate header asks for, as JSON (Microsoft's claims challenge); None where it asks for none."""
    if (found := _claims(challenge)) is None:
        return None
    text = found[1].replace("-", "+").replace("_", "/")
    try:
        return b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None


def from_workload(scope: str) -> Tokens:
    """Tokens for the workload that the environment describes, as Kubernetes has it. OpenAIError without azure-identity."""
    if not has_azure_identity():
        raise OpenAIError(
            f"{', '.join(WORKLOAD_VARIABLES)} describe a workload identity, which needs azure-identity, and that is not "
            "installed: pip install 'ceyx[azure]'; or pass api_key="
        )
    return Tokens(partial(_workload_token, scope), "the workload identity of the environment", awaits=False)


def has_azure_identity() -> bool:
    try:
        return find_spec("azure.identity") is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def _workload_token(scope: str) -> Any:
    """A token, by a credential that is made for it: one an hour needs no cache, and nothing is left to be closed or pickled."""
    from azure.identity import WorkloadIdentityCredential

    # The authority is the environment's to name, in private clouds as well; the public one need not be asked about it.
    with WorkloadIdentityCredential(disable_instance_discovery=True) as credential:
        return credential.get_token_info(scope)
