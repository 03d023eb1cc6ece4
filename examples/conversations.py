"""A conversation that the server remembers: responses add to it, and its items can be read."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()

conversation = client.conversations.create(metadata={"user": "ann"}, items=[{"role": "user", "content": "My name is Ann."}])
for question in ("What is my name?", "How is it spelled?"):
    client.responses.create(model="gpt-4o", input=question, conversation=conversation.id)
for item in client.conversations.items.list(conversation.id, order="asc"):
    print(f"{item.role}: {item.content[0].text}")
print(f"deleted: {client.conversations.delete(conversation.id).deleted}")

client.close()
