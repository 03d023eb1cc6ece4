"""How many tokens a text or a conversation is, counted here and not by a server; nothing is ever fetched.

Exact where a model's table is at hand, and an estimate without one, as well as for what providers do not document: tools, sound,
newer images. Each `Count` says which it is.
"""

from __future__ import annotations

from ceyx.tokens.prompts import count_messages
from ceyx.tokens.text import Count, Tokenizer, count, encoding_of, token_ids, tokenizer

__all__ = ["Count", "Tokenizer", "count", "count_messages", "encoding_of", "token_ids", "tokenizer"]
