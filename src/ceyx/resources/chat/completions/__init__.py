"""Chat completions, and the messages of those that are stored."""

from ceyx.resources.chat.completions.completions import AsyncCompletions as AsyncCompletions, Completions as Completions
from ceyx.resources.chat.completions.messages import AsyncMessages as AsyncMessages, Messages as Messages
