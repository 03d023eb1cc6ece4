"""Texts as vectors, and how alike they are: the cosine of two vectors of length one is the sum of their products."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, whose vectors follow the words, not the meaning
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

texts = ["The king of the birds is the eagle.", "The eagle is called the king of all birds.", "Compilers translate programs."]

with OpenAI() as client:
    answer = client.embeddings.create(model="text-embedding-3-small", input=texts, dimensions=256)

first, *others = (item.embedding for item in answer.data)
print(f"{len(answer.data)} vectors of {len(first)} numbers, {answer.usage.total_tokens} tokens")
for text, vector in zip(texts[1:], others, strict=True):
    print(f"{sum(a * b for a, b in zip(first, vector, strict=True)):.2f}  {text}")
