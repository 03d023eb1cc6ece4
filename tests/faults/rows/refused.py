"""What Azure refuses before a model sees it: each error says what to do about it."""

from __future__ import annotations

from cases import Case, gives, raises, whole

# Number, what goes wrong, its name among the service's, the error, what is said to do.
_FOR_GOOD = (
    ("76", "401, the key is wrong", "wrong-key", "AuthenticationError", "Keys and Endpoint"),
    ("76b", "401, the token is wrong", "bad-token", "AuthenticationError", "https://cognitiveservices.azure.com/.default"),
    (
        "76c",
        "401, the identity's role does not allow it",
        "no-role",
        "AuthenticationError",
        "'Cognitive Services OpenAI User'",
    ),
    ("76d", "401, the identity has no role at all", "no-access", "AuthenticationError", "'Cognitive Services OpenAI User'"),
    ("76e", "400, the token is of another tenant", "wrong-tenant", "BadRequestError", "az login --tenant"),
    ("76f", "400, a token at a region's endpoint", "no-subdomain", "BadRequestError", "https://<name>.openai.azure.com"),
    ("76g", "403, the resource takes no keys", "keys-disabled", "PermissionDeniedError", "credential=DefaultAzureCredential()"),
    ("76h", "403, the firewall", "firewall", "PermissionDeniedError", "allow yours under Networking"),
    ("76i", "403, a private endpoint only", "private", "PermissionDeniedError", "by its private address"),
    ("76j", "403, the resource is blocked", "blocked", "PermissionDeniedError", "Azure's support"),
    ("76k", "404, there is no such path", "path", "NotFoundError", "endpoint, deployment and api-version"),
    ("76l", "404, there is no such deployment", "deployment", "NotFoundError", "azure_deployment=<name>"),
    (
        "76m",
        "400, its model does something else",
        "operation",
        "BadRequestError",
        "whose model serves this operation",
    ),
)

REFUSED = (
    *(
        Case(
            number,
            f"Azure: {title}",
            f"{error} at once, which says: `{said}`",
            whole(f"azure;kind={kind}", azure=True, max_retries=2),
            raises(error, said, retryable=False),
        )
        for number, title, kind, error, said in _FOR_GOOD
    ),
    Case(
        "76n",
        "Azure: 429, the region is short of capacity, once",
        "backs off, and asks again",
        whole("azure;kind=capacity;times=1", azure=True, max_retries=2),
        gives("Say hello", requests=2),
    ),
)
