"""Chat: the group, and its completions."""

from ceyx.resources.chat.chat import AsyncChat as AsyncChat, Chat as Chat
from ceyx.resources.chat.completions import AsyncCompletions as AsyncCompletions, Completions as Completions
