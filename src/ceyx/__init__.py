"""OpenAI and Azure OpenAI: the public names of the `openai` package, loaded when touched, and the module as a client.

>>> import ceyx
>>> ceyx.OpenAI().chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])

The module itself is a client, too, made of its settings when first used: `ceyx.api_key = ...`, then `ceyx.chat...`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ceyx.version import VERSION as VERSION

__version__ = VERSION
__title__ = "ceyx"
NoneType = type(None)

# Settings of the module's own client; a changed one takes effect on the next call. None leaves it to the environment.
api_key: str | None = None
admin_api_key: str | None = None
organization: str | None = None
project: str | None = None
webhook_secret: str | None = None
base_url: str | None = None
timeout: Any = ...
max_retries: int = 2
default_headers: Any = None
default_query: Any = None
http_client: Any = None
api_type: Literal["openai", "azure", "azure_ad"] | None = None
api_version: str | None = None
azure_endpoint: str | None = None
azure_ad_token: str | None = None
azure_ad_token_provider: Any = None

if TYPE_CHECKING:
    from ceyx import auth as auth, structured as structured, types as types
    from ceyx.client import (
        AsyncAzureOpenAI as AsyncAzureOpenAI,
        AsyncOpenAI as AsyncOpenAI,
        AzureOpenAI as AzureOpenAI,
        OpenAI as OpenAI,
    )
    from ceyx.errors import (
        APIConnectionError as APIConnectionError,
        APIError as APIError,
        APIResponseValidationError as APIResponseValidationError,
        APIStatusError as APIStatusError,
        APITimeoutError as APITimeoutError,
        AuthenticationError as AuthenticationError,
        BadRequestError as BadRequestError,
        ConflictError as ConflictError,
        ContentFilterError as ContentFilterError,
        ContentFilterFinishReasonError as ContentFilterFinishReasonError,
        DeadlineExceededError as DeadlineExceededError,
        DeploymentsUnavailableError as DeploymentsUnavailableError,
        InternalServerError as InternalServerError,
        InvalidWebhookSignatureError as InvalidWebhookSignatureError,
        LengthFinishReasonError as LengthFinishReasonError,
        MutuallyExclusiveAuthError as MutuallyExclusiveAuthError,
        NotFoundError as NotFoundError,
        OAuthError as OAuthError,
        OpenAIError as OpenAIError,
        PermissionDeniedError as PermissionDeniedError,
        ProtocolError as ProtocolError,
        RateLimitError as RateLimitError,
        StreamTruncatedError as StreamTruncatedError,
        SubjectTokenProviderError as SubjectTokenProviderError,
        UnprocessableEntityError as UnprocessableEntityError,
        UnsupportedByVersionError as UnsupportedByVersionError,
    )
    from ceyx.http_clients import (
        DefaultAioHttpClient as DefaultAioHttpClient,
        DefaultAsyncHttpx2Client as DefaultAsyncHttpx2Client,
        DefaultAsyncHttpxClient as DefaultAsyncHttpxClient,
        DefaultHttpx2Client as DefaultHttpx2Client,
        DefaultHttpxClient as DefaultHttpxClient,
        file_from_path as file_from_path,
    )
    from ceyx.options import Residency
    from ceyx.resolving import DEFAULT_MAX_RETRIES as DEFAULT_MAX_RETRIES
    from ceyx.resources import (
        Audio,
        Batches,
        Beta,
        Chat,
        Completions,
        Containers,
        Conversations,
        Embeddings,
        Evals,
        Files,
        FineTuning,
        Images,
        Models,
        Moderations,
        Responses,
        Uploads,
        VectorStores,
        Webhooks,
    )
    from ceyx.response import APIResponse as APIResponse, AsyncAPIResponse as AsyncAPIResponse, RawResponse as RawResponse
    from ceyx.router import Deployment as Deployment, Router as Router
    from ceyx.streaming import AsyncStream as AsyncStream, Stream as Stream
    from ceyx.structured import (
        pydantic_function_tool as pydantic_function_tool,
        pydantic_responses_function_tool as pydantic_responses_function_tool,
    )
    from ceyx.types.binary_content import HttpxBinaryResponseContent as HttpxBinaryResponseContent
    from ceyx.wire.call import Omit as Omit, Options, omit as omit
    from ceyx.wire.message import DEFAULT_TIMEOUT as DEFAULT_TIMEOUT, Timeout as Timeout
    from ceyx.wire.retry import RetryBudget as RetryBudget
    from ceyx.wire.view import View

    Client = OpenAI
    AsyncClient = AsyncOpenAI
    NotGiven = Omit
    NOT_GIVEN = omit
    not_given = omit
    RequestOptions = Options
    BaseModel = View
    DataResidency = Residency
    audio: Audio
    batches: Batches
    beta: Beta
    chat: Chat
    completions: Completions
    containers: Containers
    conversations: Conversations
    embeddings: Embeddings
    evals: Evals
    files: Files
    fine_tuning: FineTuning
    images: Images
    models: Models
    moderations: Moderations
    responses: Responses
    uploads: Uploads
    vector_stores: VectorStores
    webhooks: Webhooks
else:
    _HOMES = {
        "client": ("OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI"),
        "errors": (
            "APIConnectionError", "APIError", "APIResponseValidationError", "APIStatusError", "APITimeoutError",
            "AuthenticationError", "BadRequestError", "ConflictError", "ContentFilterError", "ContentFilterFinishReasonError",
            "DeadlineExceededError", "DeploymentsUnavailableError", "InternalServerError", "InvalidWebhookSignatureError",
            "LengthFinishReasonError", "MutuallyExclusiveAuthError", "NotFoundError", "OAuthError", "OpenAIError",
            "PermissionDeniedError", "ProtocolError", "RateLimitError", "StreamTruncatedError", "SubjectTokenProviderError",
            "UnprocessableEntityError", "UnsupportedByVersionError",
        ),
        "http_clients": (
            "DefaultAioHttpClient", "DefaultAsyncHttpx2Client", "DefaultAsyncHttpxClient", "DefaultHttpx2Client",
            "DefaultHttpxClient", "file_from_path",
        ),
        "response": ("APIResponse", "AsyncAPIResponse", "RawResponse"),
        "resolving": ("DEFAULT_MAX_RETRIES",),
        "router": ("Deployment", "Router"),
        "streaming": ("AsyncStream", "Stream"),
        "structured": ("pydantic_function_tool", "pydantic_responses_function_tool"),
        "types.binary_content": ("HttpxBinaryResponseContent",),
        "wire.call": ("Omit", "omit"),
        "wire.message": ("DEFAULT_TIMEOUT", "Timeout"),
        "wire.retry": ("RetryBudget",),
    }  # fmt: skip
    _HOME = {name: (module, name) for module, names in _HOMES.items() for name in names}
    _HOME |= {
        "AsyncClient": ("client", "AsyncOpenAI"),
        "BaseModel": ("wire.view", "View"),
        "Client": ("client", "OpenAI"),
        "DataResidency": ("options", "Residency"),
        "NOT_GIVEN": ("wire.call", "omit"),
        "NotGiven": ("wire.call", "Omit"),
        "RequestOptions": ("wire.call", "Options"),
        "not_given": ("wire.call", "omit"),
    }
    _SUBMODULES = frozenset({"auth", "errors", "logs", "pagination", "router", "structured", "types"})
    _RESOURCES = frozenset((
        "audio", "batches", "beta", "chat", "completions", "containers", "conversations", "embeddings",
        "evals", "files", "fine_tuning", "images", "models", "moderations", "responses", "uploads", "vector_stores", "webhooks",
    ))  # fmt: skip

    def __getattr__(name):
        from importlib import import_module

        if name in _RESOURCES:
            from ceyx.module_client import Late

            return Late(name)
        if name in _HOME:
            module, attribute = _HOME[name]
            value = globals()[name] = getattr(import_module(f"ceyx.{module}"), attribute)
            return value
        if name in _SUBMODULES:
            return import_module(f"ceyx.{name}")
        raise AttributeError(f"module 'ceyx' has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *_HOME, *_RESOURCES, *_SUBMODULES})
