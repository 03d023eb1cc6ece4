# ruff: noqa: F403
"""The nouns of conversations: what is asked (TypedDicts) and what comes back (views).

Its modules say in `__all__` what is offered here; there are too many names to list them twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceyx.types.conversations.conversation import *
    from ceyx.types.conversations.conversation_create_params import *
    from ceyx.types.conversations.conversation_item import *
    from ceyx.types.conversations.item_create_params import *
    from ceyx.types.conversations.message import *
else:
    from ceyx.lazy import lazily

    __getattr__, __dir__ = lazily(
        __name__, "conversation", "conversation_create_params", "conversation_item", "item_create_params", "message",
    )  # fmt: skip
