"""Responses: the group, the items they were asked with, and the counting of tokens."""

from ceyx.resources.responses.input_items import AsyncInputItems as AsyncInputItems, InputItems as InputItems
from ceyx.resources.responses.input_tokens import AsyncInputTokens as AsyncInputTokens, InputTokens as InputTokens
from ceyx.resources.responses.responses import AsyncResponses as AsyncResponses, Responses as Responses
