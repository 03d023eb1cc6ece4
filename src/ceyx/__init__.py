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
    from ceyx import types as types
    from ceyx.client import AsyncAzureOpenAI as AsyncAzureOpenAI
    from ceyx.client import AsyncOpenAI as AsyncOpenAI
    from ceyx.client import AzureOpenAI as AzureOpenAI
    from ceyx.client import OpenAI as OpenAI
    from ceyx.errors import APIConnectionError as APIConnectionError
    from ceyx.errors import APIError as APIError
    from ceyx.errors import APIResponseValidationError as APIResponseValidationError
    from ceyx.errors import APIStatusError as APIStatusError
    from ceyx.errors import APITimeoutError as APITimeoutError
    from ceyx.errors import AuthenticationError as AuthenticationError
    from ceyx.errors import BadRequestError as BadRequestError
    from ceyx.errors import ConflictError as ConflictError
    from ceyx.errors import ContentFilterFinishReasonError as ContentFilterFinishReasonError
    from ceyx.errors import DeadlineExceededError as DeadlineExceededError
    from ceyx.errors import InternalServerError as InternalServerError
    from ceyx.errors import InvalidWebhookSignatureError as InvalidWebhookSignatureError
    from ceyx.errors import LengthFinishReasonError as LengthFinishReasonError
    from ceyx.errors import MutuallyExclusiveAuthError as MutuallyExclusiveAuthError
    from ceyx.errors import NotFoundError as NotFoundError
    from ceyx.errors import OAuthError as OAuthError
    from ceyx.errors import OpenAIError as OpenAIError
    from ceyx.errors import PermissionDeniedError as PermissionDeniedError
    from ceyx.errors import ProtocolError as ProtocolError
    from ceyx.errors import RateLimitError as RateLimitError
    from ceyx.errors import UnprocessableEntityError as UnprocessableEntityError
    from ceyx.resources.chat import Chat
    from ceyx.resources.completions import Completions
    from ceyx.resources.embeddings import Embeddings
    from ceyx.resources.models import Models
    from ceyx.response import APIResponse as APIResponse
    from ceyx.response import AsyncAPIResponse as AsyncAPIResponse
    from ceyx.response import RawResponse as RawResponse
    from ceyx.settings import DEFAULT_MAX_RETRIES as DEFAULT_MAX_RETRIES
    from ceyx.streaming import AsyncStream as AsyncStream
    from ceyx.streaming import Stream as Stream
    from ceyx.wire.call import Omit as Omit
    from ceyx.wire.call import Options as RequestOptions
    from ceyx.wire.call import omit as omit
    from ceyx.wire.message import DEFAULT_TIMEOUT as DEFAULT_TIMEOUT
    from ceyx.wire.message import Timeout as Timeout
    from ceyx.wire.retry import RetryBudget as RetryBudget
    from ceyx.wire.view import View as BaseModel

    Client = OpenAI
    AsyncClient = AsyncOpenAI
    NotGiven = Omit
    NOT_GIVEN = omit
    not_given = omit
    RequestOptions = RequestOptions
    BaseModel = BaseModel
    chat: Chat
    completions: Completions
    embeddings: Embeddings
    models: Models
else:
    _HOMES = {
        "client": ("OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI"),
        "errors": (
            "APIConnectionError", "APIError", "APIResponseValidationError", "APIStatusError", "APITimeoutError",
            "AuthenticationError", "BadRequestError", "ConflictError", "ContentFilterFinishReasonError",
            "DeadlineExceededError", "InternalServerError", "InvalidWebhookSignatureError", "LengthFinishReasonError",
            "MutuallyExclusiveAuthError", "NotFoundError", "OAuthError", "OpenAIError", "PermissionDeniedError",
            "ProtocolError", "RateLimitError", "UnprocessableEntityError",
        ),
        "response": ("APIResponse", "AsyncAPIResponse", "RawResponse"),
        "settings": ("DEFAULT_MAX_RETRIES",),
        "streaming": ("AsyncStream", "Stream"),
        "wire.call": ("Omit", "omit"),
        "wire.message": ("DEFAULT_TIMEOUT", "Timeout"),
        "wire.retry": ("RetryBudget",),
    }  # fmt: skip
    _HOME = {name: (module, name) for module, names in _HOMES.items() for name in names}
    _HOME |= {
        "AsyncClient": ("client", "AsyncOpenAI"),
        "BaseModel": ("wire.view", "View"),
        "Client": ("client", "OpenAI"),
        "NOT_GIVEN": ("wire.call", "omit"),
        "NotGiven": ("wire.call", "Omit"),
        "RequestOptions": ("wire.call", "Options"),
        "not_given": ("wire.call", "omit"),
    }
    _SUBMODULES = frozenset({"errors", "logs", "pagination", "types"})
    _RESOURCES = frozenset({"chat", "completions", "embeddings", "models"})

    def __getattr__(name):
        from importlib import import_module

        if name in _RESOURCES:
            from ceyx.module_client import current

            return getattr(current(), name)
        if name in _HOME:
            module, attribute = _HOME[name]
            value = globals()[name] = getattr(import_module(f"ceyx.{module}"), attribute)
            return value
        if name in _SUBMODULES:
            return import_module(f"ceyx.{name}")
        raise AttributeError(f"module 'ceyx' has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *_HOME, *_RESOURCES, *_SUBMODULES})
